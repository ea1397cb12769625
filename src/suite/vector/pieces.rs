//! The pieces that SRP is made of, each on its own.

use num_bigint::{BigInt, Sign};

use super::error::VectorError;
use super::format::group_by_name;
use super::inputs::{Inputs, residue};
use super::values::Values;
use crate::srp::modexp::modpow;
use crate::srp::{
    BigUint, Dialect, Hash, IntForm, KRule, Mac, Timestamp, device_verifier, hkdf, multiplier,
    secret_hash, signed_bytes, signed_bytes_of,
};

impl Values {
    pub(super) fn device(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let salt = inputs
            .salt()?
            .ok_or_else(|| inputs.fault("salt", "is missing".to_owned()))?;
        let made = device_verifier(
            inputs.need("scope")?,
            inputs.need("user")?,
            inputs.need("password")?,
            &salt,
        );
        let octets = signed_bytes(&made.v);
        self.text("verifier_octets", octets.len().to_string());
        self.octets("verifier_sha256", Hash::Sha256.digest(&[&octets]));
        self.text("salt_b64", made.salt_b64);
        self.text("verifier_b64", made.verifier_b64);
        self.int("x", made.x);
        self.int("v", made.v);
        Ok(())
    }

    pub(super) fn secret_hash(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let hash = secret_hash(
            inputs.need("client_secret")?,
            inputs.need("username")?,
            inputs.need("client_id")?,
        );
        self.text("secret_hash_b64", hash);
        Ok(())
    }

    pub(super) fn hash(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let hash = inputs.hash()?;
        self.octets("digest", hash.digest(&[&inputs.need_octets("message")?]));
        Ok(())
    }

    pub(super) fn timestamp(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let unix = inputs.number("unix")?;
        let timestamp = Timestamp::from_unix(unix);
        let parsed = Timestamp::parse(timestamp.as_str())
            .map_err(|error| inputs.fault("unix", error.to_string()))?;
        self.text(
            "canonical",
            (parsed.canonical && parsed.unix == unix).to_string(),
        );
        self.text("timestamp", timestamp.as_str().to_owned());
        Ok(())
    }

    pub(super) fn modexp(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let modulus = inputs.need_int("mod")?;
        let base = residue(&inputs.need_signed("base")?, &modulus);
        self.int("r", modpow(&base, &inputs.need_int("exp")?, &modulus));
        Ok(())
    }

    pub(super) fn hkdf(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let mac = match inputs.get("hash") {
            None | Some("SHA-256") => Mac::Sha256,
            Some("SHA-1") => Mac::Sha1,
            Some("SHA-512") => Mac::Sha512,
            Some(other) => return Err(inputs.fault("hash", format!("no HMAC over {other}"))),
        };
        let length = usize::try_from(inputs.number("length")?)
            .map_err(|error| inputs.fault("length", error.to_string()))?;
        let (salt, ikm, info) = (
            inputs.need_octets("salt")?,
            inputs.need_octets("ikm")?,
            inputs.need_octets("info")?,
        );
        let output = hkdf(mac, &salt, &ikm, &info, length);
        self.octets("prk", output.prk);
        self.octets("okm", output.okm);
        Ok(())
    }

    pub(super) fn encoding(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        if let Some(dividend) = inputs.decimal("dividend")? {
            let divisor = inputs.decimal("divisor")?.unwrap_or_default();
            self.text(
                "remainder",
                residue(&dividend, divisor.magnitude()).to_string(),
            );
            return Ok(());
        }
        let number = match (inputs.decimal("decimal")?, inputs.int("hex")?) {
            (Some(number), _) => number,
            (None, Some(number)) => {
                self.text("decimal", number.to_string());
                BigInt::from(number)
            }
            (None, None) => return Err(inputs.fault("decimal", "is missing".to_owned())),
        };
        let octets = signed_bytes_of(&number);
        let without_sign = if number.sign() == Sign::Minus {
            octets.clone()
        } else {
            IntForm::Unsigned.bytes(number.magnitude(), &BigUint::ZERO)
        };
        self.octets("octets", octets);
        self.octets("octets_as_unsigned", without_sign);
        Ok(())
    }

    pub(super) fn group(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let name = inputs.need("group")?;
        let group = group_by_name(name)
            .ok_or_else(|| inputs.fault("group", format!("{name} is unknown")))?;
        self.int("N", group.n.clone());
        self.int("g", group.g.clone());
        self.text("bits", group.n.bits().to_string());
        // N is a safe prime 2q + 1: g generates either everything or the subgroup of order q.
        let q = (&group.n - 1_u8) >> 1_u8;
        let in_subgroup = modpow(&group.g, &q, &group.n) == BigUint::from(1_u8);
        self.text(
            "generates",
            if in_subgroup {
                "subgroup of order q"
            } else {
                "full group"
            }
            .to_owned(),
        );
        for (hash_name, hash) in [
            ("SHA-1", Hash::Sha1),
            ("SHA-256", Hash::Sha256),
            ("SHA-512", Hash::Sha512),
        ] {
            for (form_name, form) in [
                ("PAD", IntForm::Padded),
                ("MIN", IntForm::Unsigned),
                ("SIGNED", IntForm::Signed),
            ] {
                let mut d = Dialect::rfc5054(group.clone(), hash);
                d.k = KRule::Hash { n: form, g: form };
                self.int(&format!("k {hash_name} {form_name}"), multiplier(&d));
            }
        }
        Ok(())
    }
}
