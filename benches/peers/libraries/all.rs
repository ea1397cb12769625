//! All of them, each ready for Cognito's group.

use cognito_conformance::srp::Group;

use super::aws_lc::{self, AwsLc};
use super::bignum::Function;
use super::crypto_bigint::{CryptoBigint, Timing};
use super::gmp::Gmp;
use super::library::Library;
use super::num_bigint::NumBigint;
use super::openssl::{self, OpenSsl};

/// The libraries, once for each of their functions.
pub struct Libraries {
    openssl: [OpenSsl; 3],
    /// Each power by the function that is fastest for it.
    openssl_mixed: OpenSsl,
    aws_lc: [AwsLc; 2],
    gmp: Gmp,
    crypto_bigint: [CryptoBigint; 2],
    /// What the others are compared with.
    pub num_bigint: NumBigint,
}

/// Something that is done with each library.
pub trait Visit<'a> {
    /// With this one.
    fn visit<L: Library>(&mut self, library: &'a L);
}

impl Libraries {
    /// All of them.
    pub fn new() -> Self {
        use Function::{ModExp, Mont, MontConsttime};
        let Group { n, g, .. } = &Group::cognito();
        Self {
            openssl: [ModExp, Mont, MontConsttime].map(|one| OpenSsl::new(n, g, one, one)),
            openssl_mixed: OpenSsl::new(n, g, Mont, ModExp),
            aws_lc: [Mont, MontConsttime].map(|one| AwsLc::new(n, g, one, one)),
            gmp: Gmp::new(n, g),
            crypto_bigint: [Timing::Variable, Timing::Constant]
                .map(|timing| CryptoBigint::new(n, g, timing)),
            num_bigint: NumBigint::new(n, g),
        }
    }

    /// Visits every function of every library.
    pub fn each<'a>(&'a self, visitor: &mut impl Visit<'a>) {
        self.openssl
            .iter()
            .for_each(|library| visitor.visit(library));
        self.others(visitor);
    }

    /// The same for whole steps, in which OpenSSL may use one function for g and another for other bases.
    pub fn each_for_steps<'a>(&'a self, visitor: &mut impl Visit<'a>) {
        self.openssl
            .iter()
            .for_each(|library| visitor.visit(library));
        visitor.visit(&self.openssl_mixed);
        self.others(visitor);
    }

    fn others<'a>(&'a self, visitor: &mut impl Visit<'a>) {
        self.aws_lc
            .iter()
            .for_each(|library| visitor.visit(library));
        visitor.visit(&self.gmp);
        self.crypto_bigint
            .iter()
            .for_each(|library| visitor.visit(library));
        visitor.visit(&self.num_bigint);
    }
}

/// The name of each library, and its version.
pub fn versions() -> Vec<(&'static str, String)> {
    vec![
        ("OpenSSL", openssl::version()),
        (
            "AWS-LC",
            format!(
                "{} (aws-lc-sys {})",
                aws_lc::version(),
                locked("aws-lc-sys")
            ),
        ),
        (
            "GMP",
            format!("{} (rug {}, its own build)", Gmp::version(), locked("rug")),
        ),
        ("crypto-bigint", locked("crypto-bigint")),
        ("num-bigint", locked("num-bigint")),
    ]
}

/// The version of a crate that this package depends on. The lock file names it where there are several.
fn locked(name: &str) -> String {
    let lock: toml::Table = LOCK.parse().expect("cargo writes a lock file in TOML");
    let packages = || lock["package"].as_array().into_iter().flatten();
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let is_called =
        |package: &&toml::Value, name: &str| text(package, "name").as_deref() == Some(name);
    let own = packages().find(|package| is_called(package, env!("CARGO_PKG_NAME")));
    own.and_then(|own| own.get("dependencies")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str)
        .find_map(|dependency| dependency.strip_prefix(name)?.strip_prefix(' '))
        .map(str::to_owned)
        .or_else(|| {
            text(
                packages().find(|package| is_called(package, name))?,
                "version",
            )
        })
        .unwrap_or_default()
}

const LOCK: &str = include_str!("../../../Cargo.lock");
