//! Which outcomes a scenario allows, written from the published facts alone.
