//! Which features a scenario needs, told from its steps and keys.

use super::{Scenario, Selection, Step};
use crate::keys::Keys;
use std::collections::BTreeSet;

impl Scenario {
    /// The features that an implementation needs for this scenario, in alphabetical order.
    pub fn features(&self) -> Vec<String> {
        let mut needs: BTreeSet<String> = self.needs.iter().cloned().collect();
        for key in &self.trusts {
            key_needs(key, &mut needs);
        }
        for step in &self.steps {
            match step {
                // Who lacks what this needs is spared it.
                Step::Sign(sign) if sign.or_by_hand => key_needs(&sign.key, &mut needs),
                _ => step_needs(step, &mut needs),
            }
        }
        needs.into_iter().collect()
    }

    /// Those that signing needs, where nobody is spared it.
    pub fn signing_features(&self) -> Vec<String> {
        let mut needs = BTreeSet::new();
        for step in &self.steps {
            if let Step::Sign(_) = step {
                step_needs(step, &mut needs);
            }
        }
        needs.into_iter().collect()
    }

    /// Those of them that everything but signing needs.
    pub fn verifying_features(&self) -> Vec<String> {
        let signing = |need: &String| need.starts_with("sign.");
        let all = self.features();
        all.into_iter().filter(|need| !signing(need)).collect()
    }
}

fn step_needs(step: &Step, needs: &mut BTreeSet<String>) {
    let mut need = |feature: &str| {
        needs.insert(feature.to_owned());
    };
    match step {
        Step::Sign(sign) => {
            need(match sign.select {
                Selection::Group(_) => "sign.group",
                Selection::Objects(ref ids) if ids.len() > 1 => "sign.objects",
                Selection::Objects(_) => "sign.object",
                _ => "sign.default",
            });
            if sign.hash.is_some() {
                need("sign.hash");
            }
            if sign.plugin.is_some() {
                need("sign.plugin");
            }
            if let Some(entry) = Keys::entry(&sign.key) {
                entry.sign_needs.iter().copied().for_each(need);
            }
            key_needs(&sign.key, needs);
        }
        Step::Verify(verify) => {
            need(verifying(&verify.select));
            for (option, feature) in [
                (verify.at.is_some(), "verify.at"),
                (verify.judge.is_some(), "verify.judge"),
                (!verify.signed_by.is_empty(), "verify.signed-by"),
                (verify.require.is_some(), "verify.require"),
            ] {
                if option {
                    need(feature);
                }
            }
        }
        Step::Serve(serve) => {
            let is_plain = serve.status.is_none()
                && serve.body.is_none()
                && serve.below.is_none()
                && !serve.hang_up
                && !serve.no_login;
            need(if is_plain { "fetch" } else { "fetch.hkp" });
            if serve.below.is_some() {
                need("fetch.path");
            }
            for key in &serve.keys {
                key_needs(key, needs);
            }
        }
        Step::Import(import) => key_needs(&import.key, needs),
        // Asking for a key whose kind is not known is no harm.
        Step::FetchKey(_) => need("fetch"),
        // What the suite signs has to be read; that is up to the keys that are trusted.
        _ => {}
    }
}

fn verifying(selection: &Selection) -> &'static str {
    match selection {
        Selection::Default => "verify.default",
        Selection::Group(_) => "verify.group",
        Selection::Objects(ids) if ids.len() > 1 => "verify.objects",
        Selection::Objects(_) => "verify.object",
        Selection::Legacy => "verify.legacy",
        Selection::LegacyGroup(_) => "verify.legacy-group",
        Selection::LegacyObject(_) => "verify.legacy-object",
        Selection::LegacyAll => "verify.legacy-all",
    }
}

fn key_needs(key: &str, needs: &mut BTreeSet<String>) {
    if let Some(entry) = Keys::entry(key) {
        needs.extend(entry.needs.iter().map(|need| (*need).to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Library, Sign};

    #[test]
    fn who_only_verifies_is_asked_about_everything_that_is_covered() {
        let library = Library::built_in().unwrap();
        let mut tampering = library
            .scenarios
            .iter()
            .filter(|one| one.group == "tampering");
        let signs = |feature: &String| feature.starts_with("sign.");
        let spared = tampering.find(|scenario| scenario.features().iter().any(signs));
        assert_eq!(spared.map(|scenario| &scenario.id), None);
    }

    #[test]
    fn the_suite_signs_in_nobodys_place_what_it_cannot_sign_the_same() {
        let by_hand = |more: &str| {
            let step = format!("key = \"ada\"\nor-by-hand = true\n{more}");
            toml::from_str::<Sign>(&step).unwrap().by_hand().is_some()
        };
        assert!(by_hand("") && by_hand("select = \"group:2\""));
        for other in [
            "hash = \"sha512\"",
            "expect = \"refuse\"",
            "select = \"object:1\"",
        ] {
            assert!(!by_hand(other), "{other}");
        }
    }
}
