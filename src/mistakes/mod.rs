//! Known wrong variants: they name causes, mutate references and explain.
//!
//! One file a family. What a family's file says of an issue is the fact in our own words; the issue is the source.

pub mod arithmetic;
pub mod mistake;

pub use mistake::{Edit, Mistake};

/// Every mistake of every family.
pub fn all() -> impl Iterator<Item = &'static Mistake> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The mistake of that id.
pub fn find(id: &str) -> Option<&'static Mistake> {
    all().find(|mistake| mistake.id == id)
}

const FAMILIES: &[&[Mistake]] = &[];
