//! The methods: for each what it is asked with, and what it answers.

use crate::binary::{Binary, SecretText};
use crate::envelope::{Resume, typed};
use crate::version::Version;
use crate::words;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm, KeyHandle, Protection};
use sifseal_core::traits::{KeyPart, KeyQuery, RawSignature, SearchHit, SearchQuery};
use sifseal_core::{Error, ErrorKind, Result, Timestamp};

/// The parameters of one method.
pub trait Method: Serialize + DeserializeOwned {
    /// Its name in messages.
    const NAME: &'static str;

    /// What it answers.
    type Answer: Serialize + DeserializeOwned;

    /// The parameters out of a message.
    ///
    /// # Errors
    /// `Malformed`, saying what is wrong with them.
    fn from_params(params: Map<String, Value>) -> Result<Self> {
        typed("wrong parameters", Value::Object(params))
    }

    /// The parameters for a message.
    ///
    /// # Errors
    /// Cannot happen with values of this crate.
    fn to_params(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(params)) => Ok(params),
            _ => Err(Error::new(ErrorKind::Malformed, "no parameters")),
        }
    }

    /// The answer out of a message.
    ///
    /// # Errors
    /// `Malformed`, saying what is wrong with it.
    fn answer(value: Value) -> Result<Self::Answer> {
        typed(&format!("a wrong answer to `{}`", Self::NAME), value)
    }
}

macro_rules! methods {
    ($($name:literal: $params:ty => $answer:ty;)+) => {
        $(impl Method for $params {
            const NAME: &'static str = $name;
            type Answer = $answer;
        })+
    };
}

methods! {
    "describe": Describe => Described;
    "find": Find => FoundKeys;
    "signer": SignerOf => KeyToSign;
    "sign": Sign => RawValues;
    "fetch": Fetch => Fetched;
    "search": Search => SearchHits;
    "publish": Publish => Published;
    "select": Select => Selections;
    "resume": Resume => Value;
}

/// The first request of all: who are you? Nobody is asked and nothing opened for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Describe {
    /// The highest version that the host speaks.
    pub protocol: Version,
    /// The host's name and version, for logs.
    #[serde(default)]
    pub host: String,
    /// What the configuration has for the plugin; `{}` if nothing.
    #[serde(default)]
    pub config: Map<String, Value>,
}

/// Who a plugin is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// What it calls itself.
    pub name: String,
    /// Its own version.
    #[serde(default)]
    pub version: String,
    /// The version of the protocol that holds from now on.
    pub protocol: Version,
    /// What it can be.
    pub provides: Vec<Ability>,
}

/// What a plugin can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// It has keys: `find`, `signer`, `sign`.
    KeyStore,
    /// It has certificates of others: `fetch`, `search`, `publish`.
    Keyserver,
    /// It chooses objects: `select`.
    ObjectSelector,
    /// Something of a later version.
    #[serde(other)]
    Other,
}

impl Ability {
    /// What it is in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::KeyStore => "key store",
            Self::Keyserver => "keyserver",
            Self::ObjectSelector => "object selector",
            Self::Other => "something of a later version",
        }
    }

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyStore => "key-store",
            Self::Keyserver => "keyserver",
            Self::ObjectSelector => "object-selector",
            Self::Other => "other",
        }
    }
}

/// Which keys are there? The answer may hold more than was asked for; the host chooses
/// itself. Finding never unlocks and never asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// Certificates, or keys to sign with.
    pub part: Part,
    /// Which.
    pub query: Query,
}

/// Which half of a key store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Certificates.
    Public,
    /// Keys to sign with.
    Secret,
}

impl From<KeyPart> for Part {
    fn from(part: KeyPart) -> Self {
        match part {
            KeyPart::Public => Self::Public,
            KeyPart::Secret => Self::Secret,
        }
    }
}

impl From<Part> for KeyPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Public => Self::Public,
            Part::Secret => Self::Secret,
        }
    }
}

/// What is looked for; everything, if it is empty or of a kind that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Query {
    /// The fingerprint of a primary key or a subkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The 64-bit key ID of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl From<&KeyHandle> for Query {
    fn from(handle: &KeyHandle) -> Self {
        match handle {
            KeyHandle::Fingerprint(fingerprint) => Self {
                fingerprint: Some(fingerprint.to_string()),
                ..Self::default()
            },
            KeyHandle::KeyId(id) => Self {
                key_id: Some(id.to_string()),
                ..Self::default()
            },
        }
    }
}

impl From<&KeyQuery> for Query {
    fn from(query: &KeyQuery) -> Self {
        match query {
            KeyQuery::Handle(handle) => handle.into(),
            KeyQuery::Email(email) => Self {
                email: Some(email.clone()),
                ..Self::default()
            },
            // The host chooses itself from all.
            _ => Self::default(),
        }
    }
}

impl Query {
    /// The handle that is asked for, if it is one.
    ///
    /// # Errors
    /// `Malformed` if it is none.
    pub fn handle(&self) -> Result<Option<KeyHandle>> {
        match (&self.fingerprint, &self.key_id) {
            (Some(fingerprint), _) => Ok(Some(KeyHandle::Fingerprint(fingerprint.parse()?))),
            (None, Some(id)) => Ok(Some(KeyHandle::KeyId(id.parse()?))),
            (None, None) => Ok(None),
        }
    }

    /// As core says it.
    ///
    /// # Errors
    /// `Malformed` if a part of it is not what it should be.
    pub fn key_query(&self) -> Result<KeyQuery> {
        Ok(match (self.handle()?, &self.email) {
            (Some(handle), _) => KeyQuery::Handle(handle),
            (None, Some(email)) => KeyQuery::Email(email.clone()),
            (None, None) => KeyQuery::All,
        })
    }
}

/// The keys that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundKeys {
    /// At most [`MAX_KEYS`](crate::MAX_KEYS).
    pub keys: Vec<FoundKey>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundKey {
    /// The certificate, armored or not.
    pub certificate: Binary,
    /// How its secret is guarded, where keys to sign with are asked for.
    #[serde(default)]
    pub guard: Guard,
    /// Where its secret is, in a few words, if it is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl FoundKey {
    /// How it is guarded, as core says it; a plugin is told by its name where nothing
    /// better is known.
    pub fn protection(&self, plugin: &str) -> Protection {
        match self.guard {
            Guard::Open => Protection::Open,
            Guard::Passphrase => Protection::Passphrase,
            Guard::Elsewhere => {
                Protection::Elsewhere(self.place.clone().unwrap_or_else(|| plugin.to_owned()))
            }
        }
    }
}

/// How the secret of a key is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// It lies open.
    Open,
    /// By a passphrase.
    Passphrase,
    /// It is on a device or in a service; also whatever word is not known.
    #[default]
    #[serde(other)]
    Elsewhere,
}

/// Get ready to sign with the key of this primary fingerprint. Now the plugin may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerOf {
    /// The primary key's fingerprint.
    #[serde(with = "words::fingerprint")]
    pub primary: Fingerprint,
}

/// What signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyToSign {
    /// A key that the plugin signs with itself.
    Device {
        /// Its own fingerprint: of the primary key or of a signing subkey.
        #[serde(with = "words::fingerprint")]
        key: Fingerprint,
        /// The names of the hash algorithms that it takes, best first.
        hashes: Vec<String>,
    },
    /// The secret key itself, armored or not; the host unlocks it.
    Material {
        /// A transferable secret key (RFC 9580, section 10.2).
        secret_key: SecretText,
    },
}

/// Sign a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// As in [`SignerOf`].
    #[serde(with = "words::fingerprint")]
    pub primary: Fingerprint,
    /// As in [`KeyToSign::Device`].
    #[serde(with = "words::fingerprint")]
    pub key: Fingerprint,
    /// The hash algorithm.
    #[serde(with = "words::hash")]
    pub hash: HashAlgorithm,
    /// Of the length that `hash` makes.
    pub digest: Binary,
}

/// The values that a signature algorithm gives, big-endian, without any encoding around
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawValues {
    /// The integer *s* of PKCS#1 v1.5.
    Rsa(Binary),
    /// The integers of ECDSA.
    Ecdsa {
        /// The first one.
        r: Binary,
        /// The second one.
        s: Binary,
    },
    /// The 64 bytes of Ed25519 (or 114 of Ed448).
    Eddsa(Binary),
}

impl From<RawValues> for RawSignature {
    fn from(values: RawValues) -> Self {
        match values {
            RawValues::Rsa(s) => Self::Rsa(s.0),
            RawValues::Ecdsa { r, s } => Self::EcDsa { r: r.0, s: s.0 },
            RawValues::Eddsa(both) => Self::EdDsa(both.0),
        }
    }
}

impl TryFrom<RawSignature> for RawValues {
    type Error = Error;

    fn try_from(raw: RawSignature) -> Result<Self> {
        match raw {
            RawSignature::Rsa(s) => Ok(Self::Rsa(s.into())),
            RawSignature::EcDsa { r, s } => Ok(Self::Ecdsa {
                r: r.into(),
                s: s.into(),
            }),
            RawSignature::EdDsa(both) => Ok(Self::Eddsa(both.into())),
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                "the protocol has no word for this kind of signature",
            )),
        }
    }
}

/// Give the certificate that answers to a fingerprint or a key ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// One of the two.
    pub query: Query,
}

/// What a keyserver has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fetched {
    /// One certificate or several, armored or not; absent if it has none, which is no
    /// error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Binary>,
}

/// Search for keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// What for.
    #[serde(flatten)]
    pub query: SearchFor,
}

/// What is searched for: one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchFor {
    /// A fingerprint, or a key ID of 16 or 8 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A name, an e-mail address, or a part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&SearchQuery> for SearchFor {
    fn from(query: &SearchQuery) -> Self {
        match query {
            SearchQuery::Text(text) => Self {
                key: None,
                text: Some(text.clone()),
            },
            key => Self {
                key: Some(key.to_string().trim_start_matches("0x").to_owned()),
                text: None,
            },
        }
    }
}

impl SearchFor {
    /// As core says it.
    ///
    /// # Errors
    /// `Malformed` if it says nothing, or no key.
    pub fn search_query(self) -> Result<SearchQuery> {
        match (self.key, self.text) {
            (Some(key), _) => format!("0x{key}").parse(),
            (None, Some(text)) => Ok(SearchQuery::Text(text)),
            (None, None) => Err(Error::new(ErrorKind::Malformed, "nothing to search for")),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchHits {
    /// One for each key.
    pub hits: Vec<Hit>,
}

/// One key that a search found: claims, nothing checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The fingerprint, or what the server has in its place.
    pub key: String,
    /// OpenPGP's number of the algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<u8>,
    /// Length in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// When it was made, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// `r` revoked, `d` disabled, `e` expired.
    #[serde(default)]
    pub flags: String,
    /// User IDs.
    #[serde(default)]
    pub user_ids: Vec<String>,
}

impl From<SearchHit> for Hit {
    fn from(hit: SearchHit) -> Self {
        Self {
            key: hit.key,
            algorithm: hit.algorithm,
            bits: hit.bits,
            created: hit.created.map(|time| time.0),
            expires: hit.expires.map(|time| time.0),
            flags: hit.flags,
            user_ids: hit.user_ids,
        }
    }
}

impl From<Hit> for SearchHit {
    fn from(hit: Hit) -> Self {
        Self {
            fingerprint: hit.key.parse().ok(),
            key: hit.key,
            algorithm: hit.algorithm,
            bits: hit.bits,
            created: hit.created.map(Timestamp),
            expires: hit.expires.map(Timestamp),
            flags: hit.flags,
            user_ids: hit.user_ids,
        }
    }
}

/// Take this certificate and tell others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// In ASCII armor.
    pub certificate: Binary,
}

/// It was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Published {
    /// In the server's words.
    #[serde(default)]
    pub message: String,
}

/// Which objects of this image?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Select {
    /// The objects, ascending by ID.
    pub objects: Vec<TableObject>,
    /// The image's global header, its 128 bytes.
    pub header: Binary,
    /// The length of the image's file.
    pub file_size: u64,
}

/// One row of an image's descriptor table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableObject {
    /// Its number.
    pub id: u32,
    /// Its group, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// What it is, by the name that `sifseal sif list` shows.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Its name, often empty: text from a stranger.
    #[serde(default)]
    pub name: String,
    /// The bytes of its data.
    pub size: u64,
    /// The descriptor as it stands in the image, 585 bytes, for whoever needs more.
    pub descriptor: Binary,
}

/// What was chosen; at least one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selections {
    /// One signature, or one question, for each.
    pub selections: Vec<SelectedObjects>,
}

/// Objects of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedObjects {
    /// The group.
    pub group: u32,
    /// These objects of it; absent for the group as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<u32>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read<T: DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_guard_of_next_year_is_elsewhere() {
        let key = |value| read::<FoundKey>(json!({"certificate": "", "guard": value}));
        let guard = |value| key(value).protection("vault");
        assert_eq!(guard(json!("open")), Protection::Open);
        assert_eq!(guard(json!("passphrase")), Protection::Passphrase);
        let vault = Protection::Elsewhere("vault".to_owned());
        assert_eq!(guard(json!("elsewhere")), vault);
        assert_eq!(guard(json!("biometric")), vault);
        assert_eq!(
            read::<FoundKey>(json!({"certificate": ""})).protection("vault"),
            vault
        );
        let placed: FoundKey = read(json!({"certificate": "", "place": "slot 3"}));
        let slot = Protection::Elsewhere("slot 3".to_owned());
        assert_eq!(placed.protection("vault"), slot);
    }

    #[test]
    fn an_ability_of_next_year_is_no_error() {
        let described: Described = read(json!({
            "name": "n", "protocol": "1.7", "provides": ["key-store", "timestamps"]
        }));
        assert_eq!(described.provides, [Ability::KeyStore, Ability::Other]);
    }

    #[test]
    fn raw_values_are_written_as_the_page_says() {
        let r = || Binary(vec![1]);
        let written = |values: RawValues| serde_json::to_value(values).unwrap();
        assert_eq!(written(RawValues::Rsa(r())), json!({"rsa": "AQ=="}));
        assert_eq!(written(RawValues::Eddsa(r())), json!({"eddsa": "AQ=="}));
        assert_eq!(
            written(RawValues::Ecdsa { r: r(), s: r() }),
            json!({"ecdsa": {"r": "AQ==", "s": "AQ=="}})
        );
    }

    #[test]
    fn queries_mean_the_same_on_both_sides() {
        let fingerprint: Fingerprint = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84".parse().unwrap();
        for query in [
            KeyQuery::All,
            KeyQuery::Email("a@b".to_owned()),
            KeyQuery::Handle(KeyHandle::Fingerprint(fingerprint)),
            KeyQuery::Handle(KeyHandle::KeyId(fingerprint.key_id())),
        ] {
            assert_eq!(Query::from(&query).key_query().unwrap(), query);
        }
        for query in [
            SearchQuery::Key(KeyHandle::Fingerprint(fingerprint)),
            SearchQuery::ShortId([1, 2, 3, 4]),
            SearchQuery::Text("0x12".to_owned()),
        ] {
            assert_eq!(SearchFor::from(&query).search_query().unwrap(), query);
        }
    }
}
