//! The reference user pool: the service's side of every flow.
