//! The verbs of scenarios.
//!
//! `import`, `sign`, `verify` and `fetch-key` are asked of the implementation; `serve`
//! starts a keyserver; all others are done to the image by the suite.

use super::{PluginConduct, Selection};
use crate::image::change::Place;
use crate::image::statement::DigestName;
use serde::Deserialize;

/// One step of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Step {
    /// The implementation is given a key.
    Import(Import),
    /// The implementation signs the image.
    Sign(Sign),
    /// The implementation verifies the image.
    Verify(Verify),
    /// The implementation fetches a certificate from the keyserver.
    FetchKey(FetchKey),
    /// A keyserver begins to answer.
    Serve(Serve),
    /// The suite signs.
    SignByHand(Box<SignByHand>),
    /// The suite signs as old programs did.
    SignLegacyByHand(SignLegacyByHand),
    /// The suite signs in the form that is not OpenPGP.
    SignAsDsse(SignAsDsse),
    /// An object joins the image.
    AddObject(AddObject),
    /// An object goes.
    DeleteObject(DeleteObject),
    /// Another partition becomes the primary one.
    SetPrimary(SetPrimary),
    /// Bytes change.
    Change(ChangeBytes),
    /// The file is cut off.
    Cut(Cut),
    /// Bytes come behind the end of the file.
    Append(Append),
}

/// What is expected of an implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// It does what it is asked; a verification accepts.
    Accept,
    /// It does not.
    Refuse,
    /// Nobody is wrong here.
    Either,
}

fn accept() -> Expect {
    Expect::Accept
}

/// Which part of a key is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportPart {
    /// The certificate.
    #[default]
    Certificate,
    /// The transferable secret key.
    Secret,
}

/// The implementation is given a key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Import {
    /// Which.
    pub key: String,
    /// Which part of it.
    #[serde(default)]
    pub part: ImportPart,
    /// Whether it takes it.
    #[serde(default = "accept")]
    pub expect: Expect,
}

/// The implementation signs the image. It is given the secret key first.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sign {
    /// With which key.
    pub key: String,
    /// Over what.
    #[serde(default)]
    pub select: Selection,
    /// With which hash in the OpenPGP signature, if that is said.
    pub hash: Option<String>,
    /// With this passphrase instead of the right one.
    pub passphrase: Option<String>,
    /// By a plugin that holds the key, and does this.
    pub plugin: Option<PluginConduct>,
    /// True if the suite signs for who cannot: then the scenario is about verifying, and
    /// who only verifies is asked it, too.
    #[serde(default)]
    pub or_by_hand: bool,
    /// Whether it does.
    #[serde(default = "accept")]
    pub expect: Expect,
}

/// The implementation verifies the image.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Verify {
    /// What.
    #[serde(default)]
    pub select: Selection,
    /// As if it were then: RFC 3339.
    pub at: Option<String>,
    /// `signing` or `now`: when keys are judged.
    pub judge: Option<String>,
    /// Keys whose signatures decide.
    #[serde(default)]
    pub signed_by: Vec<String>,
    /// How many of them: `any`, `all`, or a number.
    pub require: Option<String>,
    /// Whether it accepts.
    pub expect: Expect,
    /// Why not: one of the reasons that are told must be among these.
    #[serde(default)]
    pub because: Vec<String>,
    /// Whose signatures count, where it accepts and tells that.
    pub signers: Option<Vec<String>>,
}

/// The implementation fetches a certificate from the keyserver.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FetchKey {
    /// Whose.
    pub key: String,
    /// Whether it takes what it gets.
    #[serde(default = "accept")]
    pub expect: Expect,
}

/// A keyserver begins to answer; another `serve` replaces its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Serve {
    /// The certificates in its answer, whatever it is asked for.
    #[serde(default)]
    pub keys: Vec<String>,
    /// An HTTP status other than 200, or 404 if there are no keys.
    pub status: Option<u16>,
    /// Another body than the certificates in armor.
    pub body: Option<String>,
    /// True to hang up in the middle of the answer.
    #[serde(default)]
    pub hang_up: bool,
    /// The path below which it answers, `/keys` say; there is nothing beside it.
    pub below: Option<String>,
    /// True to answer nobody who sends a login.
    #[serde(default)]
    pub no_login: bool,
}

/// The suite signs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SignByHand {
    /// With which key.
    pub key: String,
    /// Over what: `group:N` or `object:N,M`.
    #[serde(default = "group_1")]
    pub select: Selection,
    /// When: RFC 3339.
    pub date: Option<String>,
    /// The digests in the statement.
    #[serde(default)]
    pub digest: DigestName,
    /// The hash in the OpenPGP signature: `sha256`, also `md5`, `sha1`, ...
    pub hash: Option<String>,
    /// Parts whose digest in the statement is another's: `header`, `descriptor:N`, `data:N`.
    #[serde(default)]
    pub falsify: Vec<String>,
    /// Objects that the statement leaves out.
    #[serde(default)]
    pub omit: Vec<u32>,
    /// Parts whose digest in the statement is empty.
    #[serde(default)]
    pub leave_out: Vec<String>,
    /// Pairs of texts: the first is replaced in the statement before it is signed.
    #[serde(default)]
    pub replace: Vec<(String, String)>,
    /// The statement, whole, if it is another.
    pub text: Option<String>,
    /// Pairs of texts: the first is replaced in the message after it is signed.
    #[serde(default)]
    pub replace_in_message: Vec<(String, String)>,
    /// True if the values of the signature are wrong.
    #[serde(default)]
    pub spoil: bool,
    /// True if there is no signature behind the text.
    #[serde(default)]
    pub unsigned: bool,
    /// The key as whose signature this is given out.
    pub claims: Option<String>,
    /// A second signature in the same block, by this key.
    pub beside: Option<String>,
    /// The signature's type; 1, a text, if not said.
    pub kind: Option<u8>,
    /// For how many seconds the signature holds.
    pub expires_after: Option<u32>,
    /// True if the signature says nothing of when it was made.
    #[serde(default)]
    pub undated: bool,
    /// True if its date is in the area that the signature does not cover.
    #[serde(default)]
    pub date_not_covered: bool,
    /// True for a subpacket that is critical and that nobody knows.
    #[serde(default)]
    pub unknown_critical: bool,
    /// What the object is linked to: `none`, `group:N`, `object:N`.
    pub link: Option<String>,
    /// The group that the object joins.
    pub joins: Option<u32>,
    /// The key that the object's descriptor names; `none` for nobody.
    pub entity: Option<String>,
    /// The number of the hash in the object's descriptor.
    pub descriptor_hash: Option<i32>,
}

impl Step {
    /// What the suite does in the place of who cannot; `None` if it does nothing.
    pub fn by_hand(&self) -> Option<Self> {
        match self {
            Self::Sign(sign) => sign.by_hand(),
            _ => None,
        }
    }
}

impl Sign {
    /// What the suite does in its place; `None` if nobody but the implementation can.
    pub(super) fn by_hand(&self) -> Option<Step> {
        let select = match self.select {
            // Such a scenario has an image of one group.
            Selection::Default => group_1(),
            Selection::Group(_) => self.select.clone(),
            _ => return None,
        };
        let is_plain = self.hash.is_none() && self.passphrase.is_none() && self.plugin.is_none();
        (self.or_by_hand && is_plain && self.expect == Expect::Accept).then(|| {
            Step::SignByHand(Box::new(SignByHand {
                key: self.key.clone(),
                select,
                ..SignByHand::default()
            }))
        })
    }
}

fn group_1() -> Selection {
    Selection::Group(1)
}

/// The suite signs as old programs did.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SignLegacyByHand {
    /// With which key.
    pub key: String,
    /// Over what: `group:N` or `object:N`.
    pub select: Selection,
    /// When: RFC 3339.
    pub date: Option<String>,
    /// The digest; SHA-384 if not said, as old programs have it.
    pub digest: Option<DigestName>,
    /// The hash in the OpenPGP signature.
    pub hash: Option<String>,
    /// Pairs of texts: the first is replaced in the text before it is signed.
    #[serde(default)]
    pub replace: Vec<(String, String)>,
    /// True if the digest is another's.
    #[serde(default)]
    pub falsify: bool,
    /// True if the values of the signature are wrong.
    #[serde(default)]
    pub spoil: bool,
    /// The key that the object's descriptor names; `none` for nobody.
    pub entity: Option<String>,
    /// The number of the hash in the object's descriptor.
    pub descriptor_hash: Option<i32>,
}

/// The suite signs in the form that is not OpenPGP.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SignAsDsse {
    /// Over what.
    #[serde(default = "group_1")]
    pub select: Selection,
}

/// An object of plain bytes joins the image.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AddObject {
    /// The group that it joins; 0 for none.
    pub group: u32,
    /// Its bytes.
    #[serde(default)]
    pub text: String,
}

/// An object goes; its bytes stay in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeleteObject {
    /// Which.
    pub object: u32,
}

/// Another partition becomes the primary one.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SetPrimary {
    /// Which.
    pub object: u32,
}

/// Bytes change: the lowest bit of one, unless something else is to be written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChangeBytes {
    /// Where: `header.FIELD`, `descriptor:N.FIELD`, `slot:N.FIELD`, `data:N`.
    pub place: Place,
    /// From which byte of the place on.
    #[serde(default)]
    pub byte: usize,
    /// What to write, in hexadecimal digits.
    pub hex: Option<String>,
    /// What to write, as text.
    pub text: Option<String>,
    /// A number for the whole field, the lowest byte first.
    pub number: Option<i64>,
}

/// The file is cut off.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cut {
    /// How many bytes stay; if negative, how many go from the end.
    pub length: i64,
}

/// Bytes come behind the end of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Append {
    /// Which.
    pub text: String,
}
