//! The whole step of either side, for one sign-in or for many side by side.
//!
//! A step is a row of stages, each of which makes one power for every sign-in that nobody refused so far, and goes on with
//! it. So the powers of many sign-ins are made together, and one sign-in is a batch of one.
//!
//! | step | powers, in their order | what lies between |
//! |---|---|---|
//! | client | `g^a`, `g^x`, `(B − k·g^x)^(a + u·x)` | B and A are checked; u, base and exponent; at last the key |
//! | server, challenge | `g^b` | B |
//! | server, proof | `v^u`, `(A · v^u)^b` | A is checked; u, base; at last the key |

use num_bigint::BigUint;

use super::dialect::Dialect;
use super::error::SrpError;
use super::modexp::{Engine, Power};
use super::salt::Salt;
use super::session::{
    ClientSession, Credentials, DerivedKey, PrivateKey, ServerSession, blinded, derive_key,
    multiplier, private_key_x, refuse_a, refuse_b, residue, scrambler, server_public, unblinded,
};

/// What a client's step is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientInput<'a> {
    /// Who signs in.
    pub credentials: Credentials<'a>,
    /// The client's private value.
    pub a: &'a BigUint,
    /// The salt, as received.
    pub salt: &'a Salt,
    /// The server's public value B, as received.
    pub b_pub: &'a BigUint,
}

/// What a server's public value is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeInput<'a> {
    /// The verifier.
    pub v: &'a BigUint,
    /// The server's private value.
    pub b: &'a BigUint,
}

/// What a server's session is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerInput<'a> {
    /// The verifier.
    pub v: &'a BigUint,
    /// The server's private value.
    pub b: &'a BigUint,
    /// The client's public value A, as received.
    pub a_pub: &'a BigUint,
    /// The server's public value B, as sent: [`server_public`] of v and b.
    pub b_pub: &'a BigUint,
}

/// The client's whole computation from a password: `A = g^a`, `S = (B − k·g^x)^(a + u·x)`, and the key.
///
/// # Errors
/// [`SrpError`] for A ≡ 0, B ≡ 0 and u = 0, unless the dialect's [`Checks`](super::Checks) let them pass.
pub fn client_session(
    d: &Dialect,
    c: &Credentials<'_>,
    a: &BigUint,
    salt: &Salt,
    b_pub: &BigUint,
) -> Result<ClientSession, SrpError> {
    let input = ClientInput {
        credentials: *c,
        a,
        salt,
        b_pub,
    };
    only(client_sessions(Engine::current(), d, &[input]))
}

/// The client's computation from a private key x that was made elsewhere.
///
/// # Errors
/// As [`client_session`].
pub fn client_session_with_x(
    d: &Dialect,
    x: &BigUint,
    a: &BigUint,
    b_pub: &BigUint,
) -> Result<ClientSession, SrpError> {
    let start = refuse_b(d, b_pub).map(|()| ClientStart {
        private: PrivateKey {
            inner: Vec::new(),
            x: x.clone(),
        },
        a,
        b_pub,
    });
    only(finish_clients(Engine::current(), d, vec![start]))
}

/// [`client_session`] of many in their order, by an engine of one's choice. A refused one takes nothing from the others.
pub fn client_sessions(
    engine: Engine,
    d: &Dialect,
    inputs: &[ClientInput<'_>],
) -> Vec<Result<ClientSession, SrpError>> {
    let starts = inputs.iter().map(|input| {
        // Before x: a refused B must not cost a hash of the password.
        refuse_b(d, input.b_pub)?;
        Ok(ClientStart {
            private: private_key_x(d, &input.credentials, input.salt),
            a: input.a,
            b_pub: input.b_pub,
        })
    });
    finish_clients(engine, d, starts.collect())
}

/// [`server_public`] of many in their order, by an engine of one's choice: `B = (k·v + g^b) mod N`.
pub fn server_publics(engine: Engine, d: &Dialect, inputs: &[ChallengeInput<'_>]) -> Vec<BigUint> {
    let exponents: Vec<&BigUint> = inputs.iter().map(|input| input.b).collect();
    let powers = engine.powers_of(&d.group.g, &exponents, &d.group.n);
    let publics = inputs.iter().zip(powers);
    publics
        .map(|(input, power)| blinded(d, input.v, power))
        .collect()
}

/// The server's whole computation: `B = k·v + g^b`, `S = (A · v^u)^b`, and the key.
///
/// # Errors
/// [`SrpError`] for A ≡ 0 and u = 0, unless the dialect's [`Checks`](super::Checks) let them pass.
pub fn server_session(
    d: &Dialect,
    v: &BigUint,
    b: &BigUint,
    a_pub: &BigUint,
) -> Result<ServerSession, SrpError> {
    // Before B: a refused A must not cost a power.
    refuse_a(d, a_pub)?;
    let b_pub = &server_public(d, v, b);
    server_session_with_public(d, &ServerInput { v, b, a_pub, b_pub })
}

/// The server's computation when B was made before, as a service's is when it gets to see a proof.
///
/// # Errors
/// As [`server_session`].
pub fn server_session_with_public(
    d: &Dialect,
    input: &ServerInput<'_>,
) -> Result<ServerSession, SrpError> {
    only(server_sessions(Engine::current(), d, &[*input]))
}

/// [`server_session_with_public`] of many in their order, by an engine of one's choice. A refused one takes nothing from
/// the others.
pub fn server_sessions(
    engine: Engine,
    d: &Dialect,
    inputs: &[ServerInput<'_>],
) -> Vec<Result<ServerSession, SrpError>> {
    let n = &d.group.n;
    let starts = inputs.iter().map(|&input| {
        refuse_a(d, input.a_pub)?;
        let u = scrambler(d, input.a_pub, input.b_pub)?;
        Ok((input, u))
    });
    let with_base = stage(
        starts.collect(),
        |starts| {
            let powers = starts.iter().map(|(input, u)| Power {
                base: input.v,
                exponent: u,
            });
            engine.modpow_batch(&powers.collect::<Vec<_>>(), n)
        },
        |(input, u), power| Ok((input, u, residue(input.a_pub * power, n))),
    );
    stage(
        with_base,
        |tasks| {
            let powers = tasks.iter().map(|(input, _, base)| Power {
                base,
                exponent: input.b,
            });
            engine.modpow_batch(&powers.collect::<Vec<_>>(), n)
        },
        |(input, u, _), s| {
            let DerivedKey { prk, key } = derive_key(d, &u, &s);
            Ok(ServerSession {
                k: multiplier(d),
                a_pub: input.a_pub.clone(),
                b_pub: input.b_pub.clone(),
                u,
                v: input.v.clone(),
                s,
                prk,
                key,
            })
        },
    )
}

/// A client whose B is legal.
struct ClientStart<'a> {
    private: PrivateKey,
    a: &'a BigUint,
    b_pub: &'a BigUint,
}

/// A client that has all but S.
struct ClientTask<'a> {
    start: ClientStart<'a>,
    k: BigUint,
    a_pub: BigUint,
    u: BigUint,
    v: BigUint,
    base: BigUint,
    exponent: BigUint,
}

fn finish_clients(
    engine: Engine,
    d: &Dialect,
    starts: Vec<Result<ClientStart<'_>, SrpError>>,
) -> Vec<Result<ClientSession, SrpError>> {
    let (n, g) = (&d.group.n, &d.group.g);
    let with_u = stage(
        starts,
        |starts| {
            let exponents: Vec<&BigUint> = starts.iter().map(|start| start.a).collect();
            engine.powers_of(g, &exponents, n)
        },
        |start, a_pub| {
            refuse_a(d, &a_pub)?;
            let u = scrambler(d, &a_pub, start.b_pub)?;
            Ok((start, a_pub, u))
        },
    );
    let with_base = stage(
        with_u,
        |starts| {
            let exponents: Vec<&BigUint> =
                starts.iter().map(|(start, ..)| &start.private.x).collect();
            engine.powers_of(g, &exponents, n)
        },
        |(start, a_pub, u), v| {
            let k = multiplier(d);
            Ok(ClientTask {
                base: unblinded(d, &k, &v, start.b_pub),
                exponent: start.a + &u * &start.private.x,
                start,
                k,
                a_pub,
                u,
                v,
            })
        },
    );
    stage(
        with_base,
        |tasks| {
            let powers = tasks.iter().map(|task| Power {
                base: &task.base,
                exponent: &task.exponent,
            });
            engine.modpow_batch(&powers.collect::<Vec<_>>(), n)
        },
        |task, s| {
            let DerivedKey { prk, key } = derive_key(d, &task.u, &s);
            let PrivateKey { inner, x } = task.start.private;
            Ok(ClientSession {
                k: task.k,
                a_pub: task.a_pub,
                b_pub: task.start.b_pub.clone(),
                u: task.u,
                inner,
                x,
                v: task.v,
                s,
                prk,
                key,
            })
        },
    )
}

/// Makes a power for each that was not refused, all together, and goes on with each of them.
fn stage<T, U>(
    items: Vec<Result<T, SrpError>>,
    powers: impl FnOnce(&[&T]) -> Vec<BigUint>,
    go_on: impl Fn(T, BigUint) -> Result<U, SrpError>,
) -> Vec<Result<U, SrpError>> {
    let legal: Vec<&T> = items.iter().filter_map(|item| item.as_ref().ok()).collect();
    let mut powers = powers(&legal).into_iter();
    let items = items.into_iter().map(|item| {
        let item = item?;
        let power = powers.next().expect("there is a power for each legal item");
        go_on(item, power)
    });
    items.collect()
}

fn only<T>(sessions: Vec<T>) -> T {
    let session = sessions.into_iter().next();
    session.expect("one input gives one session")
}
