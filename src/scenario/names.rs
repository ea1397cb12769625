//! Names, ids and canaries of a scenario. They follow from its nonce, so that no two cases share one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::input::{PasswordText, TypedName};
use super::types::Scenario;

/// Everything in a scenario that has to be unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The region.
    pub region: String,
    /// The pool id.
    pub pool_id: String,
    /// The app client's id.
    pub client_id: String,
    /// The app client's secret, used if it has one.
    pub client_secret: String,
    /// What the person types.
    pub typed: String,
    /// The internal user name: a UUID in alias pools, else what the person types.
    pub internal: String,
    /// The user's `sub`.
    pub sub: String,
    /// The e-mail address.
    pub email: String,
    /// The phone number.
    pub phone: String,
    /// The right password: a canary.
    pub password: String,
    /// A wrong password: another canary.
    pub wrong_password: String,
    /// The password that replaces a temporary one: another canary.
    pub new_password: String,
    /// The internal name of another user of the pool.
    pub other_internal: String,
    /// The e-mail address of that user.
    pub other_email: String,
    /// The password of that user: another canary.
    pub other_password: String,
    /// The secret of the user's time-based codes, base32.
    pub totp_secret: String,
    /// The password of the user's first device, where it can be injected: 40 octets in base64.
    pub device_password: String,
    /// Its salt: 16 octets, hexadecimal.
    pub device_salt: String,
    /// The client's private value a, where it can be injected: 128 octets, hexadecimal, top bit set.
    pub a: String,
}

impl Names {
    /// The names of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(scenario.nonce);
        let region = ["us-east-1", "eu-west-1", "ap-southeast-2"][pick(&mut random, 3)].to_owned();
        let pool_id = format!("{region}_{}", letters(&mut random, POOL_LETTERS, 9));
        let client_id = letters(&mut random, LOWER, 26);
        let client_secret = letters(&mut random, LOWER, 52);
        let sub = uuid(&mut random);
        let uuid_name = uuid(&mut random);
        let tag = letters(&mut random, LOWER, 10);
        let email = format!("person+{tag}@example.com");
        let phone = format!("+1555{:07}", random.next_u32() % 10_000_000);
        let password = canary(scenario.password_text, &letters(&mut random, LOWER, 12));
        let wrong_password = format!("Wrong-{}", letters(&mut random, LOWER, 14));
        let new_password = format!("New-{}-9Z!", letters(&mut random, LOWER, 14));
        let other_internal = uuid(&mut random);
        let other_email = format!("other+{}@example.com", letters(&mut random, LOWER, 10));
        let mut a = [0; 128];
        random.fill_bytes(&mut a);
        a[0] |= 0x80;
        let (typed, internal) = match scenario.name {
            TypedName::Email => (email.clone(), uuid_name),
            TypedName::Phone => (phone.clone(), uuid_name),
            TypedName::Username => (format!("alice.{tag}"), format!("alice.{tag}")),
            TypedName::UnicodeUsername => (format!("Kaštanek.{tag}"), format!("Kaštanek.{tag}")),
            TypedName::Sub => (sub.clone(), uuid_name),
            TypedName::Empty => (String::new(), uuid_name),
        };
        let mut totp_secret = [0; 32];
        random.fill_bytes(&mut totp_secret);
        let mut device_password = [0; 40];
        random.fill_bytes(&mut device_password);
        let mut device_salt = [0; 16];
        random.fill_bytes(&mut device_salt);
        Self {
            region,
            pool_id,
            client_id,
            client_secret,
            typed,
            internal,
            sub,
            email,
            phone,
            password,
            wrong_password,
            new_password,
            other_internal,
            other_email,
            other_password: format!("Other-{}", letters(&mut random, LOWER, 14)),
            device_password: data_encoding::BASE64.encode(&device_password),
            device_salt: data_encoding::HEXLOWER.encode(&device_salt),
            totp_secret: data_encoding::BASE32_NOPAD.encode(&totp_secret),
            a: data_encoding::HEXLOWER.encode(&a),
        }
    }
}

impl Names {
    /// What the other user types: an e-mail address in pools with aliases.
    pub fn other_typed(&self) -> &str {
        match self.typed == self.internal {
            true => &self.other_internal,
            false => &self.other_email,
        }
    }

    /// What the person types when signing in again under another name of the kind; as before where the pool has no aliases.
    pub fn typed_as(&self, name: Option<TypedName>) -> &str {
        match name.filter(|_| self.typed != self.internal) {
            Some(TypedName::Email) => &self.email,
            Some(TypedName::Phone) => &self.phone,
            _ => &self.typed,
        }
    }
}

fn canary(text: PasswordText, tag: &str) -> String {
    match text {
        PasswordText::Ascii => format!("Canary-{tag}-7Q"),
        PasswordText::Symbols => format!("C\"{tag}\\&%+/=<>'$7Q"),
        PasswordText::Unicode => format!("Cañ\u{e9}e\u{301}-{tag}-£\u{1f511}7Q"),
        PasswordText::Long => format!("C{}7Q!-{tag}", "long-".repeat(21)),
    }
}

fn pick(random: &mut ChaCha8Rng, among: usize) -> usize {
    usize::try_from(random.next_u32()).unwrap_or(0) % among
}

fn letters(random: &mut ChaCha8Rng, alphabet: &[u8], count: usize) -> String {
    (0..count)
        .map(|_| char::from(alphabet[pick(random, alphabet.len())]))
        .collect()
}

fn uuid(random: &mut ChaCha8Rng) -> String {
    let mut octets = [0; 16];
    random.fill_bytes(&mut octets);
    uuid::Builder::from_random_bytes(octets)
        .into_uuid()
        .to_string()
}

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const POOL_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_the_nonce_alone() {
        let scenario = Scenario::plain("a", 7);
        assert_eq!(Names::of(&scenario), Names::of(&Scenario::plain("b", 7)));
        assert_ne!(
            Names::of(&scenario).pool_id,
            Names::of(&Scenario::plain("a", 8)).pool_id
        );
    }

    #[test]
    fn every_password_is_a_canary_of_at_least_twelve_characters() {
        for text in [
            PasswordText::Ascii,
            PasswordText::Symbols,
            PasswordText::Unicode,
            PasswordText::Long,
        ] {
            let names = Names::of(&Scenario {
                password_text: text,
                ..Scenario::plain("a", 7)
            });
            assert!(names.password.chars().count() >= 12, "{text:?}");
            assert!(names.password.chars().count() <= 256, "{text:?}");
        }
    }

    #[test]
    fn the_typed_name_differs_from_the_internal_one_in_alias_pools() {
        for name in [TypedName::Email, TypedName::Phone] {
            let names = Names::of(&Scenario {
                name,
                ..Scenario::plain("a", 7)
            });
            assert_ne!(names.typed, names.internal, "{name:?}");
        }
    }
}
