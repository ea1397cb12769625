//! The engine for any processor, in safe Rust.
//!
//! | file | answers |
//! |---|---|
//! | `field` | what the windows and combs ask of it |
//! | `number` | the digits of a number, and how columns become digits |
//! | `rows` | the loop in which the time is spent |
//! | `product` | the columns of a product and of a square |
//! | `reduce` | how R and multiples of N are taken off again |

mod field;
mod number;
mod product;
mod reduce;
mod rows;

pub(super) use field::Portable;
