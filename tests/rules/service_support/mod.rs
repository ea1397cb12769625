//! Wrong services, and wrong transcripts.

pub mod edits;
pub mod scenario;
pub mod services;
