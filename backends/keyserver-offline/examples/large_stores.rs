//! What questions to large stores cost: makes stores of 1,000 and 100,000 certificates in
//! each form, and prints the median of several runs.
//!
//! ```sh
//! cargo run --release -p sifseal-keyserver-offline --example large_stores [NUMBER...]
//! ```
//!
//! The certificates are one real certificate with other key values and names: their
//! signatures are good for nothing, but are as long as real ones.

use sifseal_core::openpgp::framing::{Packet, tag, write};
use sifseal_core::openpgp::{Certificate, Fingerprint, Key, KeyHandle};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec, Keyserver, Nobody, SearchQuery};
use sifseal_core::{Context, Result, Timestamp};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_keyserver_offline::{OfflineKeyserver, bundle};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

static NOT_CANCELLED: AtomicBool = AtomicBool::new(false);

/// An hour from now, so that files which were just written are settled.
fn context() -> Context<'static> {
    Context {
        now: Timestamp::now().plus(3600),
        deadline: None,
        cancelled: &NOT_CANCELLED,
        ui: &Nobody,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, place, key] = &arguments[..]
        && word == "ask"
    {
        let handle = KeyHandle::Fingerprint(key.parse()?);
        let found = open(Path::new(place)).fetch(&context(), &handle)?;
        return found.map(drop).ok_or_else(|| "not found".into());
    }
    let mut numbers = Vec::new();
    for argument in &arguments {
        numbers.push(argument.parse()?);
    }
    if numbers.is_empty() {
        numbers = vec![1_000, 100_000];
    }
    for number in numbers {
        measure(number)?;
    }
    Ok(())
}

fn measure(number: u32) -> Result<(), Box<dyn Error>> {
    let root = tempfile::tempdir()?;
    let model = model()?;
    let certificates: Vec<_> = (0..number).filter_map(|own| variant(&model, own)).collect();
    println!(
        "{} certificates of {} bytes",
        certificates.len(),
        model.bytes.len()
    );
    for (form, place) in stores(root.path(), &certificates)? {
        report(form, &place, &certificates)?;
    }
    Ok(())
}

fn report(form: &str, place: &Path, certificates: &[Certificate]) -> Result<(), Box<dyn Error>> {
    let cx = context();
    let middle = &certificates[certificates.len() / 2];
    let subkey = KeyHandle::KeyId(middle.outline.subkeys[0].key_id());
    let unknown = KeyHandle::Fingerprint(Fingerprint::V4([0x55; 20]));
    let number = middle.outline.user_ids[0].clone();
    let address = SearchQuery::Text(number.split(['<', '>']).nth(1).unwrap_or("").to_owned());

    let first = timed(|| open(place).fetch(&cx, &subkey));
    let anew = open(place);
    anew.fetch(&cx, &subkey)?;
    let process = median(7, || ask_in_a_process(place, &middle.fingerprint()));
    let loading = median(7, || timed(|| open(place).fetch(&cx, &subkey)));
    let warm = median(15, || timed(|| anew.fetch(&cx, &subkey)));
    let checking = median(15, || timed(|| anew.fetch(&cx, &unknown)));
    let searching = median(15, || timed(|| anew.search(&cx, &address)));
    touch_one(form, place, middle)?;
    let refreshed = timed(|| open(place).fetch(&cx, &subkey));
    let publishing = {
        let armored = RpgpEngine.armor(&Key::Certificate(model()?))?;
        timed(|| open(place).publish(&cx, armored.expose()))
    };
    println!(
        "  {form:<22} first {first:>9.1?}  process {process:>9.1?}  loaded {loading:>9.1?}  warm {warm:>9.1?}  \
         check alone {checking:>9.1?}  address {searching:>9.1?}  after a change {refreshed:>9.1?}  publish {publishing:>9.1?}"
    );
    Ok(())
}

fn open(place: &Path) -> OfflineKeyserver {
    OfflineKeyserver::open(place.to_owned(), Arc::new(RpgpEngine), None)
}

fn ask_in_a_process(place: &Path, key: &Fingerprint) -> Duration {
    timed(|| {
        let program = std::env::current_exe()?;
        let status = Command::new(program)
            .arg("ask")
            .arg(place)
            .arg(key.to_string())
            .status()?;
        if status.success() {
            Ok::<_, Box<dyn Error>>(())
        } else {
            Err("the child found nothing".into())
        }
    })
}

fn timed<T, E: std::fmt::Debug>(work: impl FnOnce() -> Result<T, E>) -> Duration {
    let start = Instant::now();
    let result = work();
    let elapsed = start.elapsed();
    if let Err(error) = result {
        eprintln!("  failed: {error:?}");
    }
    elapsed
}

fn median(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<_> = (0..runs).map(|_| run()).collect();
    times.sort_unstable();
    times[runs / 2]
}

fn touch_one(form: &str, place: &Path, certificate: &Certificate) -> Result<(), Box<dyn Error>> {
    let path = match form {
        "certificate directory" => in_cert_d(place, certificate),
        "directory" => in_directory(place, certificate),
        _ => place.to_owned(),
    };
    let aside = place.with_extension("aside");
    fs::copy(&path, &aside)?;
    Ok(fs::rename(aside, path)?)
}

fn in_directory(place: &Path, certificate: &Certificate) -> PathBuf {
    place.join(format!("{}.pgp", certificate.fingerprint()))
}

fn in_cert_d(place: &Path, certificate: &Certificate) -> PathBuf {
    let digits = certificate.fingerprint().to_string().to_lowercase();
    place.join(&digits[..2]).join(&digits[2..])
}

fn stores(
    root: &Path,
    certificates: &[Certificate],
) -> Result<[(&'static str, PathBuf); 3], Box<dyn Error>> {
    let [directory, cert_d, file] =
        ["directory", "pgp.cert.d", "bundle.pgp"].map(|name| root.join(name));
    fs::create_dir(&directory)?;
    for certificate in certificates {
        fs::write(in_directory(&directory, certificate), &certificate.bytes)?;
        let path = in_cert_d(&cert_d, certificate);
        fs::create_dir_all(path.parent().unwrap_or(&cert_d))?;
        fs::write(path, &certificate.bytes)?;
    }
    fs::write(&file, bundle(&RpgpEngine, certificates)?)?;
    Ok([
        ("directory", directory),
        ("certificate directory", cert_d),
        ("bundle", file),
    ])
}

fn model() -> Result<Certificate> {
    let spec = KeySpec {
        user_id: "Number 000000 <000000@example.com>".to_owned(),
        algorithm: KeyAlgorithm::Ed25519,
        expires_after: None,
    };
    RpgpEngine.certificate_of(&RpgpEngine.generate(&context(), &spec, None)?)
}

/// The certificate with other values in its keys, and with the number in its name.
fn variant(model: &Certificate, number: u32) -> Option<Certificate> {
    let mut bytes = Vec::with_capacity(model.bytes.len());
    let mut rest = &model.bytes[..];
    while let Some(packet) = Packet::first(rest) {
        let mut body = packet.body.to_vec();
        if packet.is_key() {
            // The first octets of the point lie behind the curve's name in both keys.
            body.get_mut(20..24)?.copy_from_slice(&number.to_be_bytes());
        } else if packet.tag == tag::USER_ID {
            body = format!("Number {number:06} <{number:06}@example.com>").into_bytes();
        }
        write(packet.tag, &body, &mut bytes);
        rest = rest.get(packet.raw.len()..)?;
    }
    match RpgpEngine.read_keys(&bytes).keys.pop()? {
        Key::Certificate(certificate) => Some(certificate),
        Key::Secret(_) => None,
    }
}
