//! Which secret stores there are, and what each can do.

use sifseal_core::{Error, ErrorKind, Result};
use std::str::FromStr;

/// A kind of secret store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// The freedesktop Secret Service: GNOME Keyring, KWallet, KeePassXC.
    SecretService,
    /// The Linux kernel's keyrings: gone when the machine is switched off.
    Keyutils,
    /// The user's Keychain on macOS.
    Keychain,
    /// The Credential Manager of Windows.
    CredentialManager,
}

impl StoreKind {
    const ALL: [Self; 4] = [
        Self::SecretService,
        Self::Keyutils,
        Self::Keychain,
        Self::CredentialManager,
    ];

    /// The one that people expect on the system that this was built for.
    pub fn of_this_system() -> Self {
        if cfg!(target_os = "macos") {
            Self::Keychain
        } else if cfg!(windows) {
            Self::CredentialManager
        } else {
            Self::SecretService
        }
    }

    /// The name in the configuration.
    pub fn name(self) -> &'static str {
        self.capabilities().name
    }

    /// What it can do.
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::SecretService => Capabilities {
                name: "secret-service",
                title: "the Secret Service",
                // GNOME Keyring took a megabyte without complaint.
                largest_item: usize::MAX,
                searches: true,
                has_attributes: true,
                never_asks: false,
            },
            Self::Keyutils => Capabilities {
                name: "keyutils",
                title: "the kernel's keyrings",
                // A plain user has 20,000 bytes for everything (keyrings(7)). An
                // Ed25519 key takes about 1,300; an RSA key would take a third.
                largest_item: 4000,
                searches: false,
                has_attributes: false,
                never_asks: true,
            },
            Self::Keychain => Capabilities {
                name: "keychain",
                title: "the Keychain",
                largest_item: usize::MAX,
                searches: true,
                has_attributes: false,
                never_asks: false,
            },
            Self::CredentialManager => Capabilities {
                name: "credential-manager",
                title: "the Credential Manager",
                // CRED_MAX_CREDENTIAL_BLOB_SIZE in wincred.h.
                largest_item: 2560,
                searches: false,
                has_attributes: false,
                never_asks: true,
            },
        }
    }
}

impl FromStr for StoreKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::new(
                ErrorKind::Config,
                format!("there is no secret store `{name}`"),
            )
            .hint(format!("known are: {names}"))
        })
    }
}

/// What a secret store can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The name in the configuration, and of the files beside it.
    pub name: &'static str,
    /// What a person calls it, in the middle of a sentence.
    pub title: &'static str,
    /// How many bytes one item may have. A larger key is sealed into a file, and
    /// only the key to the seal is kept in the store.
    pub largest_item: usize,
    /// Whether its items can be searched by the service they belong to.
    pub searches: bool,
    /// Whether an item can have a label and attributes.
    pub has_attributes: bool,
    /// Whether asking for an item never makes it ask a person.
    pub never_asks: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_store_is_found_by_its_name_and_an_unknown_one_is_told_the_names() {
        for kind in StoreKind::ALL {
            assert_eq!(kind.name().parse::<StoreKind>().unwrap(), kind);
        }
        let error = "wallet".parse::<StoreKind>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.hint_text().unwrap().contains("secret-service"));
    }
}
