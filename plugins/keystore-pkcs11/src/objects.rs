//! Finding the objects of a key in a token.

use crate::failure::told;
use crate::settings::KeyName;
use crate::values::{self, NoValues};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use sifseal_plugin_sdk::openpgp::PublicValues;
use sifseal_plugin_sdk::{Error, ErrorKind, Result};

/// A key pair in a token.
#[derive(Debug)]
pub(crate) struct KeyPair {
    pub(crate) private: ObjectHandle,
    pub(crate) values: PublicValues,
    /// True if the token wants the PIN for each signature (`CKA_ALWAYS_AUTHENTICATE`).
    pub(crate) always_authenticates: bool,
}

/// Finds the key pair of this name, in a session that is logged in.
///
/// # Errors
/// `NotFound`, `Ambiguous`, or `Unsupported` for a kind of key that is not known here.
pub(crate) fn find(session: &Session, token: &str, name: &KeyName) -> Result<KeyPair> {
    let private = one(session, token, name, ObjectClass::PRIVATE_KEY)?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("there is no private {name}"))
            .at(token)
            .hint("`pkcs11-tool --module FILE --list-objects --login` lists what is there")
    })?;
    // Some tokens have the values of an RSA key in the private object alone.
    let public = one(session, token, name, ObjectClass::PUBLIC_KEY)?.unwrap_or(private);
    let values = values::read(session, public).map_err(|why| explained(why, token, name))?;
    let wanted = [AttributeType::AlwaysAuthenticate];
    // A token that does not know the attribute does not ask for more than a login.
    let attributes = session.get_attributes(private, &wanted).unwrap_or_default();
    Ok(KeyPair {
        private,
        values,
        always_authenticates: attributes.contains(&Attribute::AlwaysAuthenticate(true)),
    })
}

fn one(
    session: &Session,
    token: &str,
    name: &KeyName,
    class: ObjectClass,
) -> Result<Option<ObjectHandle>> {
    let mut template = vec![Attribute::Class(class)];
    template.extend(
        name.label
            .clone()
            .map(|label| Attribute::Label(label.into())),
    );
    template.extend(name.id.clone().map(Attribute::Id));
    let found = session.find_objects(&template);
    match found.map_err(|error| told(error, token, "cannot list its objects"))?[..] {
        [] => Ok(None),
        [object] => Ok(Some(object)),
        _ => Err(Error::new(
            ErrorKind::Ambiguous,
            format!("several objects are called {name}"),
        )
        .at(token)
        .hint("tell them apart by the setting `id`")),
    }
}

fn explained(why: NoValues, token: &str, name: &KeyName) -> Error {
    match why {
        NoValues::Module(error) => told(error, token, &format!("cannot read the public {name}"))
            .hint("the public key must stand beside the private one, with the same label or ID"),
        NoValues::Kind(kind) => Error::new(ErrorKind::Unsupported, format!("{name} is of {kind}"))
            .at(token)
            .hint("known are RSA, ECDSA on NIST's curves, and Ed25519"),
        NoValues::Malformed => Error::new(
            ErrorKind::Malformed,
            format!("the public {name} has no proper values"),
        )
        .at(token)
        .hint("the public key must stand beside the private one, with the same label or ID"),
    }
}
