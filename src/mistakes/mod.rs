//! Known wrong variants: they name causes, mutate references and explain.
