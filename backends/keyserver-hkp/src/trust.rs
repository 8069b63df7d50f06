//! Whom to believe that a server is who it says it is.
//!
//! The roots are the system's, so that a site's own certificate authority, installed
//! the customary way, counts here as well. They are loaded as certificates
//! (`rustls-native-certs`) and not asked through the system's verifier
//! (`rustls-platform-verifier`), because only then can a file of the user's stand
//! beside them; on Linux both read the same files.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sifseal_core::{Error, ErrorKind, Result};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// The certificates that a configured file adds to the system's roots.
#[derive(Debug, Default)]
pub(crate) struct OwnRoots(Vec<CertificateDer<'static>>);

impl OwnRoots {
    /// Reads a PEM file with one or several certificates.
    ///
    /// # Errors
    /// As reading any file; `Malformed` if it has no certificates, or one that cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let pem = fs::read(path).map_err(|error| Error::io(path, error))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|_| unusable(path, "is not proper PEM"))?;
        if certificates.is_empty() {
            return Err(unusable(path, "has no certificates in it"));
        }
        // The HTTP library passes over what it cannot read; a person should know.
        for certificate in &certificates {
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|_| unusable(path, "has a certificate that cannot be read"))?;
        }
        Ok(Self(certificates))
    }
}

fn unusable(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("the file {what}"))
        .at(path.display())
        .hint("`ca_file` names certificates in PEM form (-----BEGIN CERTIFICATE-----)")
}

/// TLS 1.2 and 1.3, with ring; `insecure` verifies nothing.
///
/// # Errors
/// `Config` if there is no root at all: then no server could be believed.
pub(crate) fn tls(own: &OwnRoots, insecure: bool) -> Result<TlsConfig> {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if insecure {
        return Ok(tls.disable_verification(true).build());
    }
    // What cannot be read among the system's roots is as good as not installed.
    let system = rustls_native_certs::load_native_certs().certs;
    let roots: Vec<_> = system
        .iter()
        .chain(&own.0)
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    if roots.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            "this system has no root certificates by which to know a server",
        )
        .hint("install them (the package is often called ca-certificates), or name a file in `ca_file`"));
    }
    Ok(tls.root_certs(RootCerts::from(roots)).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str) -> Result<OwnRoots> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("site.pem");
        fs::write(&path, content).unwrap();
        OwnRoots::read(&path)
    }

    fn certificate(name: &str) -> String {
        let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        own.cert.pem()
    }

    #[test]
    fn a_bundle_gives_all_its_certificates() {
        let bundle = format!("# the site's\n{}\n{}", certificate("a"), certificate("b"));
        assert_eq!(read(&bundle).unwrap().0.len(), 2);
    }

    #[test]
    fn a_file_that_adds_nothing_is_an_error_and_no_silence() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for content in ["", "not PEM at all", broken] {
            let error = read(content).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(error.place().unwrap().ends_with("site.pem"));
            assert!(error.hint_text().unwrap().contains("ca_file"));
        }
        let error = OwnRoots::read(Path::new("/nonexistent/site.pem")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
