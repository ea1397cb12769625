//! The requirements, the facts they rely on, and the judge.
