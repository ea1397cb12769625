//! The engine for any processor, in safe Rust.
//!
//! | file | answers |
//! |---|---|
//! | `field` | what the windows and combs ask of it |
//! | `number` | the digits of a number, and how columns become digits |
//! | `rows` | the loop in which the time is spent |
//! | `columns` | how the columns of a product are kept, in halves |
//! | `reduce` | how R and multiples of N are taken off again |
//! | `product` | a product and a square |

mod columns;
mod field;
mod number;
mod product;
mod reduce;
mod rows;

pub(super) use field::Portable;
