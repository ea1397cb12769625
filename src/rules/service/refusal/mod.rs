//! What has to be refused.
//!
//! | file | answers |
//! |---|---|
//! | [`client`] | what an app client allows, and whether its secret is shown |
//! | [`user`] | who may sign in, and what of that is hidden |
//! | [`session`] | how long a Session lives |
//! | [`timestamp`] | when a claim was signed |
//! | [`binding`] | what a secret block, a Session and a name belong to |
//! | [`lockout`] | when failed attempts lock somebody out |

pub mod binding;
pub mod client;
pub mod lockout;
pub mod session;
pub mod timestamp;
pub mod user;
