//! The reference client: the application's side of every flow.
