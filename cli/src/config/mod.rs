//! What is configured, and where each value comes from.
//!
//! Five layers, each over the one before: the defaults built in (for keyservers over
//! them what Apptainer's files say, see [`apptainer`]), the site's file
//! (`/etc/sifseal/config.toml`), the user's file (`~/.config/sifseal/config.toml`,
//! or the one that `--config` or `SIFSEAL_CONFIG` names), the environment, and
//! flags. The site's file can lock settings, which then no later layer changes.
//!
//! [`load`] reads the layers and gives a [`Config`]; nothing is looked up again
//! afterwards. The files are checked against one table of known keys
//! (`schema`), so that a misspelt key is an error and never silently ignored.

mod answer_limit;
pub mod apptainer;
pub mod credentials;
pub mod edit;
pub mod edit_plugins;
mod environment;
mod file;
mod layers;
pub mod login;
mod places;
mod plugin;
mod schema;
mod setting;

pub use answer_limit::AnswerLimit;
pub use environment::Environment;
pub use layers::{DEFAULT_KEYSERVER, Flags, load};
pub use places::{ConfigFile, Places, config_files};
pub use plugin::{PluginConfig, check_name, setting_as_json};
pub use setting::{Config, KeyProtection, KeyserverConfig, Origin, Setting};
