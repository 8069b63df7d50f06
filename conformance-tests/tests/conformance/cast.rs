//! Who is asked: every combination of our backends, other implementations, and our program.

use sifseal_conformance::adapter::Implementation;
use sifseal_conformance_tests::adapters::{if_installed, sif_2_8, sif_go, sifseal};
use sifseal_conformance_tests::stack::{
    FileHome, GpgAgentHome, KeyHome, KeyserverKind, OsHome, Pkcs11Home, Stack,
};
use sifseal_conformance_tests::{engines, require_gpg, require_keyutils, require_softhsm};
use std::path::Path;
use std::sync::Arc;

/// Somebody who can be asked.
pub(crate) type Asked = Arc<dyn Implementation>;

/// Everybody.
pub(crate) struct Everybody {
    /// Each engine, each home of keys, each kind of keyserver.
    pub(crate) stacks: Vec<Asked>,
    /// Through the adapter protocol.
    pub(crate) adapters: Vec<Asked>,
}

impl Everybody {
    /// All that this machine has; what it lacks is told, or is a failure where it was
    /// required.
    pub(crate) fn on_this_machine(out: &Path) -> Self {
        let mut adapters: Vec<Asked> = Vec::new();
        let mut add = |adapter: Option<sifseal_conformance::adapter::Adapter>| {
            if let Some(adapter) = adapter {
                adapters.push(Arc::new(adapter));
            }
        };
        for engine in engines() {
            add(sifseal(engine.describe().name, out));
        }
        add(sif_go(out));
        add(sif_2_8(out));
        add(if_installed("apptainer", out));
        add(if_installed("singularity", out));
        Self {
            stacks: stacks(),
            adapters,
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Asked> {
        // Those first that differ most from each other.
        self.adapters.iter().chain(&self.stacks)
    }

    /// Who signs for whom. Everybody who goes through the adapter protocol and each engine
    /// with its keys in files, for each other; and the keys of devices for the other
    /// engine and for the Go library.
    pub(crate) fn pairs(&self) -> Vec<(&Asked, &Asked)> {
        let ours = |name: &str| self.stacks.iter().find(|stack| stack.info().name == name);
        let named = |name: &str| self.all().find(|who| who.info().name == name);
        let mut peers: Vec<&Asked> = ["rpgp+file+hkp", "sequoia+file+hkp"]
            .into_iter()
            .filter_map(ours)
            .collect();
        peers.extend(&self.adapters);
        let mut pairs: Vec<_> = peers
            .iter()
            .flat_map(|signer| peers.iter().map(|verifier| (*signer, *verifier)))
            .filter(|(signer, verifier)| !Arc::ptr_eq(signer, verifier))
            .collect();
        for signer in [
            "rpgp+gpg-agent+hkp",
            "sequoia+gpg-agent+hkp",
            "rpgp+pkcs11+hkp",
            "sequoia+pkcs11+hkp",
        ] {
            let other = match signer.starts_with("rpgp") {
                true => "sequoia+file+hkp",
                false => "rpgp+file+hkp",
            };
            for verifier in [other, "sif-go"] {
                pairs.extend(named(signer).zip(named(verifier)));
            }
        }
        pairs
    }
}

fn stacks() -> Vec<Asked> {
    let mut homes: Vec<Arc<dyn KeyHome>> = vec![Arc::new(FileHome)];
    if require_keyutils().is_some() {
        homes.push(Arc::new(OsHome::default()));
    }
    if require_gpg().is_some() {
        homes.push(Arc::new(GpgAgentHome));
    }
    if let Some(hsm) = require_softhsm() {
        homes.push(Arc::new(Pkcs11Home(hsm)));
    }
    let mut stacks: Vec<Asked> = Vec::new();
    for engine in engines() {
        for home in &homes {
            for keyserver in [KeyserverKind::Hkp, KeyserverKind::Offline] {
                let stack = Stack::new(Arc::clone(&engine), Arc::clone(home), keyserver);
                stacks.push(Arc::new(stack));
            }
        }
    }
    stacks
}
