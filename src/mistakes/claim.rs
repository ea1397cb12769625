//! Mistakes in what is signed, and in the form in which it is: the key is right, the claim is not.

use std::borrow::Cow;

use super::mistake::{Edit, Mistake};
use crate::srp::{ClaimPart, ClaimRule, Dialect, TextForm};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "claim.pool-name-left-out",
        sentence: "the claim lacks the pool name, or the device's group key.",
        seen: &[],
        edit: Edit::Dialect(|d| {
            parts(
                d,
                &[ClaimPart::User, ClaimPart::Block, ClaimPart::Timestamp],
            )
        }),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.user-left-out",
        sentence: "the claim lacks the user, or the device's key.",
        seen: &[],
        edit: Edit::Dialect(|d| {
            parts(
                d,
                &[ClaimPart::Scope, ClaimPart::Block, ClaimPart::Timestamp],
            )
        }),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.block-left-out",
        sentence: "the claim lacks the secret block.",
        seen: &[],
        edit: Edit::Dialect(|d| {
            parts(
                d,
                &[ClaimPart::Scope, ClaimPart::User, ClaimPart::Timestamp],
            )
        }),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.timestamp-left-out",
        sentence: "the claim lacks the timestamp.",
        seen: &[],
        edit: Edit::Dialect(|d| parts(d, &[ClaimPart::Scope, ClaimPart::User, ClaimPart::Block])),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.user-before-pool-name",
        sentence: "the claim has the user in front of the pool name.",
        seen: &[],
        edit: Edit::Dialect(|d| {
            let order = &[
                ClaimPart::User,
                ClaimPart::Scope,
                ClaimPart::Block,
                ClaimPart::Timestamp,
            ];
            parts(d, order)
        }),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.timestamp-before-block",
        sentence: "the claim has the timestamp in front of the secret block.",
        seen: &[],
        edit: Edit::Dialect(|d| {
            let order = &[
                ClaimPart::Scope,
                ClaimPart::User,
                ClaimPart::Timestamp,
                ClaimPart::Block,
            ];
            parts(d, order)
        }),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.with-colons",
        sentence: "the parts of the claim are joined by colons.",
        seen: &[],
        edit: Edit::Dialect(|d| edited(d, |rule| rule.separator = Cow::Borrowed(":"))),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.over-hex-text",
        sentence: "the hexadecimal digits of the claim are signed instead of its octets.",
        seen: &[],
        edit: Edit::Dialect(|d| edited(d, |rule| rule.message = TextForm::HexText)),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.block-as-hex-text",
        sentence: "the claim has the hexadecimal digits of the secret block instead of its octets.",
        seen: &[],
        edit: Edit::Dialect(|d| edited(d, |rule| rule.block = TextForm::HexText)),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.by-hex-text-of-the-key",
        sentence: "the claim is signed with the hexadecimal digits of the key instead of its octets.",
        seen: &[],
        edit: Edit::Dialect(|d| edited(d, |rule| rule.key = TextForm::HexText)),
        caught_by: &["srp.claim", "device.claim"],
    },
    Mistake {
        id: "claim.signature-as-hex-text",
        sentence: "the hexadecimal digits of the signature are written in base64 instead of its octets.",
        seen: &[],
        edit: Edit::Dialect(|d| edited(d, |rule| rule.signature = TextForm::HexText)),
        caught_by: &["srp.claim", "device.claim"],
    },
];

fn parts(dialect: Dialect, order: &'static [ClaimPart]) -> Dialect {
    edited(dialect, |rule| rule.parts = Cow::Borrowed(order))
}

fn edited(mut dialect: Dialect, change: impl FnOnce(&mut ClaimRule)) -> Dialect {
    change(&mut dialect.claim);
    dialect
}
