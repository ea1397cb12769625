//! Every part of an SRP session that the inputs of a case lead to.

use num_integer::Integer as _;

use super::error::VectorError;
use super::inputs::Inputs;
use super::values::{Side, Value, Values, first_two};
use crate::srp::modexp::modpow;
use crate::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Hash, IntForm, KRule, PoolId, ProofInput, Salt,
    SrpError, URule, claim, client_public, client_session_with_x, derive_key, multiplier,
    parse_base64, private_key_x, proof_m1, proof_m2, scrambler, server_public, server_session,
    signed_bytes, to_hex,
};

impl Values {
    /// Every part of a session that the inputs lead to. A value that is given stands in for its computation, so that a
    /// case may begin anywhere.
    pub(super) fn srp(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let mut d = inputs.dialect()?;
        if let Some(k) = inputs.int("k")? {
            d.k = KRule::Constant(k);
        }
        self.int("k", multiplier(&d));

        let scope = match (inputs.get("scope"), inputs.get("pool_id")) {
            (None, Some(id)) => {
                let id = PoolId::parse(id)
                    .map_err(|error| inputs.fault("pool_id", error.to_string()))?;
                self.text("scope", id.name().to_owned());
                id.name().to_owned()
            }
            (scope, _) => scope.unwrap_or_default().to_owned(),
        };
        let user = inputs.get("user");
        let salt = inputs.salt()?;
        let mut x = inputs.int("x")?;
        if let (Some(user), Some(password)) = (user, inputs.password()?) {
            let credentials = Credentials {
                scope: &scope,
                user,
                password: &password,
            };
            // Without a salt there is no x, but there is an inner hash.
            let any_salt = Salt::from_bytes(&[]);
            let made = private_key_x(&d, &credentials, salt.as_ref().unwrap_or(&any_salt));
            self.octets("inner", made.inner);
            if salt.is_some() {
                self.int("x", made.x.clone());
                x = Some(made.x);
            }
        }
        let v = match (&x, inputs.int("v")?) {
            (Some(x), None) => Some(modpow(&d.group.g, x, &d.group.n)),
            (_, given) => given,
        };
        if let Some(v) = &v {
            self.int("v", v.clone());
            self.digits("v", v);
        }

        let (a, b) = (inputs.int("a")?, inputs.int("b")?);
        let mut a_pub = inputs.int("A")?;
        if let Some(a) = &a {
            let made =
                client_public(&d, a).map_err(|error| inputs.fault("a", error.to_string()))?;
            self.int("A", made.clone());
            a_pub.get_or_insert(made);
        }
        let mut b_pub = inputs.int("B")?;
        if let (Some(v), Some(b)) = (&v, &b) {
            let made = server_public(&d, v, b);
            self.int("B", made.clone());
            self.text(
                "B_wire_octets",
                IntForm::Padded.bytes(&made, &d.group.n).len().to_string(),
            );
            b_pub.get_or_insert(made);
        }
        for (name, value) in [("A", &a_pub), ("B", &b_pub)] {
            if let Some(value) = value {
                self.digits(name, value);
                self.lead(name, value, &d.group.n);
            }
        }
        self.refusals(&d, a_pub.as_ref(), b_pub.as_ref());

        let mut u = inputs.int("u")?;
        if let (None, Some(a_pub), Some(b_pub)) = (&u, &a_pub, &b_pub) {
            let made = scrambler(&d, a_pub, b_pub)
                .map_err(|error| inputs.fault("A", error.to_string()))?;
            self.int("u", made.clone());
            self.0.entry("u_lead".into()).or_default().push((
                "",
                Value::Octets(IntForm::Fixed(32).bytes(&made, &made)[..2].to_vec()),
            ));
            u = Some(made);
        }
        // From here on u is given: a case may hash an A that is not g^a.
        let given_u = Dialect {
            u: u.clone().map_or_else(|| d.u.clone(), URule::Constant),
            ..d.clone()
        };
        let mut s = inputs.int("S")?;
        let mut key = inputs.octets("K")?;
        if let (Some(_), Some(x), Some(a), Some(b_pub)) = (&u, &x, &a, &b_pub)
            && let Ok(client) = client_session_with_x(&given_u, x, a, b_pub)
        {
            let parity = if (a + &client.u * x).is_odd() {
                "odd"
            } else {
                "even"
            };
            self.text("parity", parity.to_owned());
            self.secret("client", &client.s, client.prk, &client.key, &d.group.n);
            s = Some(client.s);
            key = Some(client.key);
        }
        if let (Some(_), Some(v), Some(b), Some(a_pub)) = (&u, &v, &b, &a_pub)
            && let Ok(server) = server_session(&given_u, v, b, a_pub)
        {
            self.secret("server", &server.s, server.prk, &server.key, &d.group.n);
            s = Some(server.s);
            key = Some(server.key);
        }
        if let (None, Some(s), Some(u)) = (&key, &s, &u) {
            let derived = derive_key(&d, u, s);
            self.octets("K", derived.key.clone());
            key = Some(derived.key);
        }

        let Some(key) = key else { return Ok(()) };
        let mut m1 = inputs.octets("M1")?;
        if let (Some(a_pub), Some(b_pub)) = (&a_pub, &b_pub) {
            // Dialects that hash neither user nor salt publish proofs without them.
            let none = Salt::from_bytes(&[]);
            let zero = BigUint::ZERO;
            let proof = ProofInput {
                user: user.unwrap_or_default(),
                salt: salt.as_ref().unwrap_or(&none),
                a_pub,
                b_pub,
                s: s.as_ref().unwrap_or(&zero),
                key: &key,
            };
            if let Some(made) = proof_m1(&d, &proof) {
                self.octets("M1", made.clone());
                m1.get_or_insert(made);
            }
        }
        if let (Some(a_pub), Some(m1)) = (&a_pub, &m1)
            && let Some(m2) = proof_m2(&d, a_pub, m1, &key)
        {
            self.octets("M2", m2);
        }
        if let (Some(user), Some(block), Some(timestamp)) =
            (user, inputs.get("secret_block"), inputs.get("timestamp"))
        {
            let block = parse_base64(block)
                .map_err(|error| inputs.fault("secret_block", error.to_string()))?;
            let input = ClaimInput {
                scope: &scope,
                user,
                secret_block: &block,
                timestamp,
            };
            self.text("signature_b64", claim(&key, &input).signature_b64());
        }
        Ok(())
    }

    /// What each side refuses, tried with a secret that doesn't matter.
    fn refusals(&mut self, d: &Dialect, a_pub: Option<&BigUint>, b_pub: Option<&BigUint>) {
        let secret = BigUint::from(2_u32);
        let refused = b_pub
            .and_then(|b_pub| client_session_with_x(d, &secret, &secret, b_pub).err())
            .or_else(|| a_pub.and_then(|a_pub| server_session(d, &secret, &secret, a_pub).err()));
        match refused {
            Some(SrpError::IllegalA { quotient }) => self.refused("A", quotient),
            Some(SrpError::IllegalB { quotient }) => self.refused("B", quotient),
            Some(SrpError::ZeroU) | None => {}
        }
    }

    fn refused(&mut self, name: &str, quotient: BigUint) {
        self.text("refused", name.to_owned());
        self.int("quotient", quotient);
    }

    fn secret(&mut self, side: Side, s: &BigUint, prk: Option<Vec<u8>>, key: &[u8], n: &BigUint) {
        let mut push = |name: &str, value| {
            self.0
                .entry(name.to_owned())
                .or_default()
                .push((side, value));
        };
        push("S", Value::Int(s.clone()));
        push("S_octets", Value::Text(signed_bytes(s).len().to_string()));
        push(
            "S_text_sha256",
            Value::Octets(Hash::Sha256.digest(&[to_hex(s).as_bytes()])),
        );
        push("S_lead", Value::Octets(first_two(s, n)));
        push("K", Value::Octets(key.to_vec()));
        if let Some(prk) = prk {
            push("prk", Value::Octets(prk));
        }
    }
}
