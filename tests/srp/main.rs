//! The arithmetic: published and made vectors, properties, and every engine.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod batches;
mod deep_vectors;
mod edge_vectors;
mod engines;
mod made_vectors;
mod properties;
mod vectors;
