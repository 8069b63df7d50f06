//! The words that scenarios and adapters share: reasons and features. A scenario with a word
//! that nobody knows would never be failed, or never be run.

/// Why an image is refused, as `docs/conformance.md` lists it.
pub const REASONS: &[&str] = &[
    "back-signature-missing",
    "bad-signature",
    "data-changed",
    "descriptor-changed",
    "format-not-recognised",
    "group-data-changed",
    "hash-header-mismatch",
    "hash-unsupported",
    "header-changed",
    "key-cannot-sign",
    "key-expired",
    "key-not-bound",
    "key-revoked",
    "legacy-signature",
    "no-signature",
    "not-a-text-signature",
    "not-legacy-signature",
    "not-one-signature",
    "not-openpgp",
    "not-signed-by",
    "not-there",
    "object-not-signed",
    "object-without-group",
    "only-legacy-signatures",
    "only-modern-signatures",
    "primary-ambiguous",
    "signature-before-key",
    "signature-expired",
    "signature-from-the-future",
    "signature-malformed",
    "signature-undated",
    "signed-object-missing",
    "signer-mismatch",
    "too-few-signers",
    "unknown-critical",
    "unknown-signer",
    "unreadable",
    "unsupported-algorithm",
    "weak-hash",
    "weak-key",
    "weak-self-signature",
];

/// What an implementation may be able to do, as `docs/adapter-protocol.md` lists it.
pub const FEATURES: &[&str] = &[
    "fetch",
    "fetch.hkp",
    "fetch.path",
    "key.ed25519",
    "key.ed448",
    "key.p256",
    "key.rfc9580",
    "key.rsa",
    "key.v6",
    "report.reasons",
    "sign.default",
    "sign.group",
    "sign.hash",
    "sign.locked",
    "sign.object",
    "sign.objects",
    "sign.plugin",
    "sign.subkey",
    "verify.at",
    "verify.default",
    "verify.group",
    "verify.judge",
    "verify.legacy",
    "verify.legacy-all",
    "verify.legacy-group",
    "verify.legacy-object",
    "verify.object",
    "verify.objects",
    "verify.require",
    "verify.signed-by",
];

/// How many weaknesses of the reference are on record: `W-1` and so on.
const WEAKNESSES: u32 = 29;

/// True for `W-1` to `W-29`.
pub(super) fn is_weakness(name: &str) -> bool {
    let number = name.strip_prefix("W-").and_then(|text| text.parse().ok());
    number.is_some_and(|number: u32| (1..=WEAKNESSES).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(file: &str, begin: &str, end: &str) -> Vec<String> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let text = std::fs::read_to_string(path.join(file)).unwrap();
        let from = text.find(begin).unwrap();
        let to = text[from..].find(end).map_or(text.len(), |end| from + end);
        let rows = text[from..to]
            .lines()
            .filter_map(|line| line.trim().strip_prefix("| `"));
        let mut words: Vec<_> = rows
            .flat_map(|row| {
                // The first column, in backticks; what follows is prose.
                let cell = row.split('|').next().unwrap_or_default();
                let words = cell.split(", ").map(|word| word.trim().trim_matches('`'));
                words.map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        words.sort();
        words
    }

    #[test]
    fn the_documents_list_the_same_words() {
        assert_eq!(
            table("conformance.md", "## Reasons", "\n## In our own tests"),
            REASONS
        );
        assert_eq!(
            table("adapter-protocol.md", "| feature |", "\n## Signing by"),
            FEATURES
        );
        let mut conducts = super::super::PluginConduct::ALL.map(|conduct| conduct.to_string());
        conducts.sort();
        assert_eq!(
            table("adapter-protocol.md", "| conduct |", "\n## The report"),
            conducts
        );
    }

    #[test]
    fn keys_need_features_that_there_are() {
        for entry in crate::keys::Keys::table() {
            for need in entry.needs.iter().chain(entry.sign_needs) {
                assert!(FEATURES.contains(need), "{}: {need}", entry.name);
            }
        }
    }
}
