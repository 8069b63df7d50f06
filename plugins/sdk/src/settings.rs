//! What the configuration has for a plugin.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_plugin_protocol::Params;

/// The table `[plugin.config]` of the configuration, as it stands there.
///
/// Two tables `[[plugin]]` with the same file and different settings are two instances;
/// each has a process, or a copy of the library, for itself.
#[derive(Debug, Clone, Default)]
pub struct Settings(Params);

impl Settings {
    /// Reads the settings into a type of yours.
    ///
    /// # Errors
    /// `Config`, saying which setting is missing or wrong.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(self.0.expose()).map_err(|error| {
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
        let value = self.0.expose().get(name).and_then(Value::as_str);
        value.ok_or_else(|| {
            let what = format!("the plugin needs the setting `{name}`, a text");
            Error::new(ErrorKind::Config, what)
                .hint("it goes into the table [plugin.config] of the configuration")
        })
    }
}

impl From<Map<String, Value>> for Settings {
    fn from(settings: Map<String, Value>) -> Self {
        Self(settings.into())
    }
}

impl From<Params> for Settings {
    fn from(settings: Params) -> Self {
        Self(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pin_among_the_settings_is_in_no_log() {
        let settings: Params = [("pin".to_owned(), json!("271828"))].into_iter().collect();
        let settings = Settings::from(settings);
        assert_eq!(settings.text("pin").unwrap(), "271828");
        assert!(!format!("{settings:?}").contains("271828"));
    }
}
