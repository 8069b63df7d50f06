//! What every test has at hand: two people's certificates, an image, and a keyserver
//! that is in order.

use crate::scripted::{Reply, Request, Server, reply};
use sifseal_conformance_tests::workshop::{NOW, Workshop, asking, new_key, sign_with};
use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::traits::{Engine, KeyAlgorithm};
use sifseal_engine_rpgp::RpgpEngine;
use std::sync::LazyLock;

/// Made once: nothing here is changed by a test.
pub(crate) static STOCK: LazyLock<Stock> = LazyLock::new(Stock::new);

pub(crate) struct Stock {
    /// In the person's ring.
    pub(crate) ada: Certificate,
    /// The signer of the image, whom the person does not know.
    pub(crate) bob: Certificate,
    /// Somebody else.
    pub(crate) mallory: Certificate,
    /// The bytes of the image.
    pub(crate) image: Vec<u8>,
}

impl Stock {
    fn new() -> Self {
        let engine = RpgpEngine;
        let key = |user_id| new_key(&engine, user_id, KeyAlgorithm::Ed25519).unwrap();
        let bob = key("Bob <bob@example.com>");
        let workshop = Workshop::new();
        let image = workshop.image("a.sif", 1).unwrap();
        sign_with(&engine, &image, &bob, &asking(&[], &[]), NOW).unwrap();
        Self {
            ada: engine
                .certificate_of(&key("Ada <ada@example.com>"))
                .unwrap(),
            bob: engine.certificate_of(&bob).unwrap(),
            mallory: engine
                .certificate_of(&key("Mallory <m@example.com>"))
                .unwrap(),
            image: std::fs::read(image).unwrap(),
        }
    }
}

pub(crate) fn armored(certificate: &Certificate) -> Vec<u8> {
    let armored = RpgpEngine.armor(&Key::Certificate(certificate.clone()));
    armored.unwrap().expose().to_vec()
}

/// A keyserver that has Ada and Bob, and takes what it is given.
pub(crate) fn good_server() -> Server {
    Server::new(|request| answer(request, &[&STOCK.ada, &STOCK.bob]))
}

/// What a keyserver with these certificates says.
pub(crate) fn answer(request: &Request, certificates: &[&Certificate]) -> Reply {
    if request.method == "POST" {
        return reply(200, "Thank you.\n");
    }
    if request.target.contains("op=index") {
        let rows = certificates.iter().map(|certificate| {
            let user_id = certificate.outline.user_ids[0].replace(' ', "%20");
            let fingerprint = certificate.fingerprint();
            format!("pub:{fingerprint}:22:256:1700000000::\nuid:{user_id}:1700000000::\n")
        });
        let rows: String = rows.collect();
        return reply(200, format!("info:1:{}\n{rows}", certificates.len()));
    }
    let asked_for = |certificate: &&&Certificate| {
        let fingerprint = certificate.fingerprint().to_string();
        let id = &fingerprint[24..];
        request.target.ends_with(&format!("0x{fingerprint}"))
            || request.target.ends_with(&format!("0x{id}"))
    };
    match certificates.iter().find(asked_for) {
        Some(certificate) => reply(200, armored(certificate)),
        None => reply(404, "Not Found"),
    }
}
