//! Cognito's own dialect against the vectors V0 to V5: every intermediate by name.

use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Hash, Salt, Timestamp, claim, client_public,
    client_session, device_verifier, multiplier, parse_base64, parse_hex, secret_hash,
    server_public, server_session, signed_bytes, to_hex, verifier,
};

#[test]
fn v0_the_public_vector_of_alexrudd_holds_in_every_intermediate() {
    let d = Dialect::cognito();
    let a = int("499602d2");
    let salt = Salt::from_hex("499602d2").unwrap();
    let session = client_session(&d, &TEST_USER, &a, &salt, &int("499602d2")).unwrap();
    assert_eq!(
        to_hex(&session.k),
        "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6",
        "k"
    );
    assert_eq!(
        hex32(&session.u),
        "0c98b195a479d1a7c70c99dd680f34f5805fe686d0bc716549ff2ed895aa9111",
        "u"
    );
    assert_eq!(
        hex32(&session.x),
        "190cd48a339804ad34ec1dcec62d92d70e86a45c80eb123c3f57bcd4b619fecf",
        "x"
    );
    assert_eq!(hex(&session.key), "d96cde6c95dda17175c1293140c5a81f", "K");
    let timestamp = Timestamp::from_unix(1_531_220_460);
    assert_eq!(
        timestamp.as_str(),
        "Tue Jul 10 11:01:00 UTC 2018",
        "timestamp"
    );
    let claim = claim(
        &session.key,
        &ClaimInput {
            scope: "myPool",
            user: "test",
            secret_block: b"secretssecrestssecrets",
            timestamp: timestamp.as_str(),
        },
    );
    assert_eq!(
        claim.signature_b64(),
        "tdvQu/Li/qWl8Nni0aFPs+MwY4rvKZm0kSMrGIMSUHk=",
        "signature"
    );
    assert_eq!(
        secret_hash("clientSecret", "test", "123abd"),
        "LoIX/oPJWZzFYv8liJYRo+CHv16FNDY10JlZEDjL3Vg=",
        "secret hash"
    );
}

#[test]
fn v1_holds_in_every_intermediate_of_both_sides() {
    let (client, server) = both_sides("Passw0rd!");
    let a_text = to_hex(&client.a_pub);
    assert_eq!(a_text.len(), 767, "digits of A");
    assert_eq!(
        sha256_text(&a_text),
        "a38fb1d51d94bab67b85bfa082a654a1fee9b9a6ce0dc7223591727069d90d80",
        "A"
    );
    assert_eq!(
        sha256_text(&to_hex(&client.b_pub)),
        "678d907f732b827f79f0aa58acfe3e1e2611b8c7c23ca774216e9bf7e7cfba7c",
        "B"
    );
    assert_eq!(
        hex32(&client.x),
        "8811cb9896938d8ea7b69863137664cdf90034efc07b3f099f9053f8c391ab71",
        "x"
    );
    assert_eq!(
        hex32(&client.u),
        "8f608ba96c2bd2af451af98e53222bc515fad81a8dac31bc2eca909b3c619b2c",
        "u"
    );
    assert_eq!(
        sha256_text(&to_hex(&client.s)),
        "0a5059efbbfb2c38f42be298ad475a4e2ae194acbd87df7a6edd8e7839e81f05",
        "S"
    );
    assert_eq!(
        hex(client.prk.as_deref().unwrap()),
        "40ebdddb0c8a5bdcb61d533640f60351f74b04864a686c88a459568ca4c75757",
        "PRK"
    );
    assert_eq!(server.s, client.s, "S of the server");
    assert_eq!(server.prk, client.prk, "PRK of the server");
}

#[test]
fn v1_to_v4_give_the_key_and_signature_of_both_sides() {
    for (name, password, key, signature, s_octets) in [
        (
            "V1",
            "Passw0rd!",
            "92a52233073d5081b40cd65f2372b4c1",
            "a3Abl9XjpVHUP2eXitqNrVRMdE0ZnelfSyi5pH79T9c=",
            384,
        ),
        (
            "V2",
            "Passw0rd!2",
            "494c7f8fd54fc703bf42cae27ae53b7e",
            "5VCwPYcqJAlVngBUg4JSmPn2wp3YwM2hiboxExdnel4=",
            385,
        ),
        (
            "V3",
            "Passw0rd!539",
            "71e37fbbabb5f85eee14224d85117225",
            "1bEeKhPA37BwLdh9KRo9+8N1tmHL3ZWNG41aoCEccpQ=",
            384,
        ),
        (
            "V4",
            "Passw0rd!575",
            "2006b42e6cd7b19c3b8f25b0a6b4f6be",
            "Sak02DVQqH0CZ/lzmrAuW+HbagdYWRI0rL8luSsh71o=",
            383,
        ),
    ] {
        let (client, server) = both_sides(password);
        assert_eq!(
            signed_bytes(&client.s).len(),
            s_octets,
            "{name}: octets of S"
        );
        assert_eq!(hex(&client.key), key, "{name}: K of the client");
        assert_eq!(hex(&server.key), key, "{name}: K of the server");
        let secret_block = parse_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let input = ClaimInput {
            scope: "TestPool1",
            user: "alice",
            secret_block: &secret_block,
            timestamp: "Tue Mar 5 09:07:03 UTC 2024",
        };
        assert_eq!(
            claim(&client.key, &input).signature_b64(),
            signature,
            "{name}: signature"
        );
    }
}

#[test]
fn v5_the_device_verifier_holds() {
    let salt = Salt::from_hex("9f1122334455667788aabbccddeeff00").unwrap();
    let made = device_verifier(
        "-ABCdef12",
        "us-east-1_6f7a2a9e-0d5f-4a0e-9a1c-2f7f5b1d2c3e",
        "4A1B0C5E-7F38-4C0A-9A7F-5E2F1D3C4B5A",
        &salt,
    );
    assert_eq!(made.salt_b64, "AJ8RIjNEVWZ3iKq7zN3u/wA=", "Salt");
    assert_eq!(
        hex32(&made.x),
        "dad68717c771046a98a9892f4db333c926b586f7284af54613ba0419bc603e14",
        "x"
    );
    assert!(
        made.verifier_b64.starts_with("KEtNsHK05GZO/1is/sbbKn4y"),
        "PasswordVerifier"
    );
    let octets = parse_base64(&made.verifier_b64).unwrap();
    assert_eq!(octets.len(), 384, "octets of the verifier");
    assert_eq!(
        hex(&Hash::Sha256.digest(&[&octets])),
        "0d52ac0cf4cf2775191b031227d94daf06244371577df27ee12f5a420cc61453",
        "verifier"
    );
}

#[test]
fn k_is_the_published_constant() {
    assert_eq!(
        multiplier(&Dialect::cognito()).to_string(),
        "37772559067617796309459009502931177628717927509759535181635788491848250400486",
        "k in decimal"
    );
}

fn both_sides(
    password: &str,
) -> (
    cognito_conformance::srp::ClientSession,
    cognito_conformance::srp::ServerSession,
) {
    let d = Dialect::cognito();
    let a = int(&"0123456789abcdef".repeat(16));
    let b = int(&"fedcba9876543210".repeat(16));
    let salt = Salt::from_hex("beb25379d1a8581eb5a727673a2441ee").expect("honest values");
    let credentials = Credentials {
        scope: "TestPool1",
        user: "alice",
        password: password.as_bytes(),
    };
    let v = verifier(&d, &credentials, &salt);
    let b_pub = server_public(&d, &v, &b);
    let a_pub = client_public(&d, &a).expect("honest values");
    let client = client_session(&d, &credentials, &a, &salt, &b_pub).expect("honest values");
    let server = server_session(&d, &v, &b, &a_pub).expect("honest values");
    assert_eq!(client.v, v, "v of {password}");
    (client, server)
}

fn int(text: &str) -> BigUint {
    parse_hex(text).expect("honest values")
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn hex32(value: &BigUint) -> String {
    format!("{:0>64}", to_hex(value))
}

fn sha256_text(text: &str) -> String {
    hex(&Hash::Sha256.digest(&[text.as_bytes()]))
}

const TEST_USER: Credentials<'static> = Credentials {
    scope: "myPool",
    user: "test",
    password: b"test",
};
