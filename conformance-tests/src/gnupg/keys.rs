//! Keys made by GnuPG, and what it prints of a message.

use super::Gpg;
use crate::process;

impl Gpg {
    /// The status lines that it prints when it verifies a message.
    pub fn verify(&self, message: &str) -> String {
        let output = self.try_run(&["--status-fd", "1", "--verify"], message.as_bytes());
        process::text(&output.stdout)
    }

    /// Makes a key pair by GnuPG's own words: an algorithm as `rsa2048`, and what
    /// the primary key is for, as `cert,sign`. No passphrase if it is empty.
    pub fn quick_generate(&self, user_id: &str, algorithm: &str, usage: &str, passphrase: &str) {
        self.run(
            &[
                "--passphrase",
                passphrase,
                "--quick-gen-key",
                user_id,
                algorithm,
                usage,
                "never",
            ],
            b"",
        );
    }

    /// Makes a key pair that signs, with a subkey that encrypts: `rsa` or `ed25519`.
    pub fn generate(&self, algorithm: &str, passphrase: &str) {
        let protection = match passphrase {
            "" => "%no-protection".to_owned(),
            some => format!("Passphrase: {some}"),
        };
        let parameters = match algorithm {
            "rsa" => "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048",
            _ => {
                "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: cv25519"
            }
        };
        let script = format!(
            "{parameters}\n{protection}\nName-Real: Grace\nName-Email: grace@example.com\nExpire-Date: 0\n%commit\n"
        );
        self.run(&["--gen-key"], script.as_bytes());
    }

    /// The revocation that it made along with a key, to be imported one day.
    ///
    /// # Panics
    /// If there is none.
    #[allow(clippy::expect_used)]
    pub fn ready_revocation(&self, fingerprint: &str) -> Vec<u8> {
        let folder = self.home.path().join("openpgp-revocs.d");
        let text = std::fs::read_to_string(folder.join(format!("{fingerprint}.rev")));
        // A colon before the armor guards against accidents.
        let text = text.expect("a revocation").replace("\n:---", "\n---");
        text.into_bytes()
    }

    /// All public keys.
    pub fn public_keys(&self) -> Vec<u8> {
        self.run(&["--export"], b"")
    }

    /// All secret keys, locked as they are.
    pub fn secret_keys(&self, passphrase: &str) -> Vec<u8> {
        self.run(&["--passphrase", passphrase, "--export-secret-keys"], b"")
    }
}
