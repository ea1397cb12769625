//! The inputs of a case, parsed.

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;

use super::error::VectorError;
use super::format::{Case, DialectRef, Under};
use crate::mistakes::arithmetic;
use crate::srp::{BigUint, Dialect, Hash, Salt, parse_hex};

/// The inputs of a case, as a bug would have them where there is one.
pub(super) struct Inputs<'a> {
    pub(super) case: &'a Case,
    pub(super) under: &'a Under,
}

impl<'a> Inputs<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.under
            .inputs
            .get(name)
            .or_else(|| self.case.inputs.get(name))
            .map(String::as_str)
    }

    pub(super) fn need(&self, name: &str) -> Result<&'a str, VectorError> {
        self.get(name)
            .ok_or_else(|| self.fault(name, "is missing".to_owned()))
    }

    pub(super) fn int(&self, name: &str) -> Result<Option<BigUint>, VectorError> {
        self.get(name)
            .map(parse_hex)
            .transpose()
            .map_err(|error| self.fault(name, error.to_string()))
    }

    pub(super) fn need_int(&self, name: &str) -> Result<BigUint, VectorError> {
        self.int(name)?
            .ok_or_else(|| self.fault(name, "is missing".to_owned()))
    }

    pub(super) fn need_signed(&self, name: &str) -> Result<BigInt, VectorError> {
        let text = self.need(name)?;
        let (sign, digits) = text
            .strip_prefix('-')
            .map_or((Sign::Plus, text), |digits| (Sign::Minus, digits));
        let magnitude = parse_hex(digits).map_err(|error| self.fault(name, error.to_string()))?;
        Ok(BigInt::from_biguint(sign, magnitude))
    }

    pub(super) fn decimal(&self, name: &str) -> Result<Option<BigInt>, VectorError> {
        self.get(name)
            .map(str::parse)
            .transpose()
            .map_err(|error: num_bigint::ParseBigIntError| self.fault(name, error.to_string()))
    }

    pub(super) fn number(&self, name: &str) -> Result<i64, VectorError> {
        self.need(name)?
            .parse()
            .map_err(|error: std::num::ParseIntError| self.fault(name, error.to_string()))
    }

    pub(super) fn octets(&self, name: &str) -> Result<Option<Vec<u8>>, VectorError> {
        self.get(name)
            .map(|text| data_encoding::HEXLOWER.decode(text.as_bytes()))
            .transpose()
            .map_err(|error| self.fault(name, error.to_string()))
    }

    pub(super) fn need_octets(&self, name: &str) -> Result<Vec<u8>, VectorError> {
        self.octets(name)?
            .ok_or_else(|| self.fault(name, "is missing".to_owned()))
    }

    pub(super) fn salt(&self) -> Result<Option<Salt>, VectorError> {
        self.get("salt")
            .map(Salt::from_hex)
            .transpose()
            .map_err(|error| self.fault("salt", error.to_string()))
    }

    pub(super) fn password(&self) -> Result<Option<Vec<u8>>, VectorError> {
        match self.get("password") {
            Some(text) => Ok(Some(text.as_bytes().to_vec())),
            None => self.octets("password_hex"),
        }
    }

    pub(super) fn hash(&self) -> Result<Hash, VectorError> {
        let name = self.need("hash")?;
        Hash::by_name(name).ok_or_else(|| self.fault("hash", format!("{name} is unknown")))
    }

    pub(super) fn dialect(&self) -> Result<Dialect, VectorError> {
        let dialect = self
            .case
            .dialect
            .as_ref()
            .and_then(DialectRef::resolve)
            .ok_or_else(|| self.fault("dialect", format!("{:?} is unknown", self.case.dialect)))?;
        match &self.under.mistake {
            None => Ok(dialect),
            Some(id) => {
                let mistake = arithmetic::arithmetic(id)
                    .ok_or_else(|| self.fault("mistake", format!("{id} is unknown")))?;
                Ok((mistake.edit)(dialect))
            }
        }
    }

    pub(super) fn fault(&self, input: &str, reason: String) -> VectorError {
        VectorError::Input {
            case: self.case.id.clone(),
            input: input.to_owned(),
            reason,
        }
    }
}

/// The least non-negative residue; zero modulo zero.
pub(super) fn residue(value: &BigInt, modulus: &BigUint) -> BigUint {
    if *modulus == BigUint::ZERO {
        return BigUint::ZERO;
    }
    value
        .mod_floor(&BigInt::from(modulus.clone()))
        .magnitude()
        .clone()
}
