//! Consumers of the runner's events.
