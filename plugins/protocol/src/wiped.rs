//! Memory that may hold a PIN or a secret key: wiped when it is given back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::io;
use zeroize::{Zeroize, Zeroizing};

/// What can be overwritten.
pub trait Wipe {
    /// Overwrites every text in it.
    fn wipe(&mut self);
}

impl Wipe for Value {
    fn wipe(&mut self) {
        match self {
            Self::String(text) => text.zeroize(),
            Self::Array(values) => values.iter_mut().for_each(Self::wipe),
            Self::Object(fields) => fields.wipe(),
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }
}

impl Wipe for Map<String, Value> {
    fn wipe(&mut self) {
        self.values_mut().for_each(Wipe::wipe);
    }
}

/// JSON of which nobody knows yet whether a secret is in it. Its texts are wiped when it is
/// dropped, and `Debug` shows nothing of them.
///
/// What cannot be wiped: a text with a backslash in it, which base64 has only from
/// whoever writes `\/` for `/`, lies for a moment in the JSON reader's own memory.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Discreet<T: Wipe>(T);

/// The parameters of a request.
pub type Params = Discreet<Map<String, Value>>;

/// An answer.
pub type Body = Discreet<Value>;

impl<T: Wipe> Discreet<T> {
    /// The JSON itself.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The JSON itself, to be added to.
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Wipe> From<T> for Discreet<T> {
    fn from(json: T) -> Self {
        Self(json)
    }
}

impl FromIterator<(String, Value)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl<T: Wipe> Drop for Discreet<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl<T: Wipe> fmt::Debug for Discreet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Discreet(…)")
    }
}

/// Bytes that leave nothing behind when they grow, as a `Vec` would.
#[derive(Default)]
pub(crate) struct Growing(Zeroizing<Vec<u8>>);

impl Growing {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let room = needed.max(2 * self.0.capacity());
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// Takes the first `len` bytes away.
    pub(crate) fn take(&mut self, len: usize) -> Zeroizing<Vec<u8>> {
        let rest = Zeroizing::new(self.0.split_off(len));
        std::mem::replace(&mut self.0, rest)
    }

    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_is_wiped_however_deep_it_lies() {
        let mut json = json!({"a": "1234", "b": [1, ["1234", {"c": "1234"}]], "d": null});
        json.wipe();
        assert_eq!(json, json!({"a": "", "b": [1, ["", {"c": ""}]], "d": null}));
    }

    #[test]
    fn bytes_that_grow_and_are_taken_stay_in_order() {
        let mut growing = Growing::default();
        for piece in [&b"12"[..], b"", b"345678901234567890", b"x"] {
            growing.extend(piece);
        }
        assert_eq!(growing.take(2).as_slice(), b"12");
        assert_eq!(growing.into_bytes().as_slice(), b"345678901234567890x");
    }
}
