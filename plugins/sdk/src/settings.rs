//! What the configuration has for a plugin.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sifseal_core::{Error, ErrorKind, Result};

/// The table `[plugin.config]` of the configuration, as it stands there.
///
/// Two tables `[[plugin]]` with the same file and different settings are two instances;
/// each has a process, or a copy of the library, for itself.
#[derive(Debug, Clone, Default)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// Reads the settings into a type of yours.
    ///
    /// # Errors
    /// `Config`, saying which setting is missing or wrong.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(Value::Object(self.0.clone())).map_err(|error| {
            Error::new(ErrorKind::Config, "the plugin's settings are wrong")
                .because(error.to_string())
                .hint("they stand in the table [plugin.config] of the configuration")
        })
    }

    /// One setting that is a text.
    ///
    /// # Errors
    /// `Config` if it is missing, or no text.
    pub fn text(&self, name: &str) -> Result<&str> {
        let value = self.0.get(name).and_then(Value::as_str);
        value.ok_or_else(|| {
            let what = format!("the plugin needs the setting `{name}`, a text");
            Error::new(ErrorKind::Config, what)
                .hint("it goes into the table [plugin.config] of the configuration")
        })
    }
}

impl From<Map<String, Value>> for Settings {
    fn from(settings: Map<String, Value>) -> Self {
        Self(settings)
    }
}
