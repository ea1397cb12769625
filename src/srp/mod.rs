//! Secure Remote Password as Cognito and its relatives compute it.
