//! The command line of `cognito-conformance`; everything lives in the library.

fn main() {}
