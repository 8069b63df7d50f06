//! The user guide's flow, from nothing to a refusal, on an image made here: a key, a
//! signature over one object, one over the group, verification, a tampered byte.
//!
//! Builds the program `sifseal` and runs it as a person would, in a folder that goes
//! away at the end. Asks nothing, and ends with an error if a step goes otherwise
//! than it should.

use anyhow::{Context, Result, bail};
use sifseal_core::Timestamp;
use sifseal_core::sif::{Image, ObjectId};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const IMAGE: &str = "my_container.sif";

fn main() -> Result<()> {
    let program = build_program()?;
    let folder = tempfile::tempdir()?;
    let tour = Tour {
        program,
        home: folder.path().to_owned(),
    };
    sifseal_examples::make_image(&tour.home.join(IMAGE), Timestamp::now())?;
    std::fs::write(
        tour.home.join("passphrase"),
        "correct horse battery staple\n",
    )?;

    tour.say("A key pair. On a terminal the program would ask for all of this.")?;
    let ada = "key newpair --name Ada --email ada@example.com --comment tour \
               --algorithm ed25519 --passphrase-file passphrase";
    tour.run(ada, 0)?;
    tour.run("key list", 0)?;

    tour.say("The image has four objects in one group, and no signature yet.")?;
    tour.run(&format!("sif list {IMAGE}"), 0)?;
    tour.run(&format!("verify {IMAGE}"), 3)?;

    tour.say("A signature over one object verifies that object, and not the whole.")?;
    tour.run(
        &format!("sign --passphrase-file passphrase --sif-id 1 {IMAGE}"),
        0,
    )?;
    tour.run(&format!("verify --sif-id 1 {IMAGE}"), 0)?;
    tour.run(&format!("verify {IMAGE}"), 3)?;

    tour.say("A signature over the group verifies the container.")?;
    tour.run(
        &format!("sign --passphrase-file passphrase --group-id 1 {IMAGE}"),
        0,
    )?;
    tour.run(&format!("sif list {IMAGE}"), 0)?;
    tour.run(&format!("verify {IMAGE}"), 0)?;

    tour.say("One byte of the file system changes on the way to you.")?;
    tour.tamper()?;
    tour.run(&format!("verify {IMAGE}"), 3)?;
    tour.say("That is all. `sifseal help` tells the rest.")
}

/// Builds the program with the cargo that runs this one, and gives its path.
fn build_program() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--quiet",
            "--package",
            "sifseal",
            "--bin",
            "sifseal",
        ])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.output().context("cargo could not be run")?;
    if !output.status.success() {
        bail!("sifseal could not be built");
    }
    String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "sifseal")
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo did not say where it put the program")
}

struct Tour {
    program: PathBuf,
    home: PathBuf,
}

impl Tour {
    fn say(&self, text: &str) -> Result<()> {
        use std::io::Write as _;
        writeln!(std::io::stdout(), "\n# {text}\n")?;
        Ok(())
    }

    /// Shows a command, runs it, and insists on how it ends.
    fn run(&self, line: &str, expected: i32) -> Result<()> {
        use std::io::Write as _;
        writeln!(std::io::stdout(), "$ sifseal {line}")?;
        let status = Command::new(&self.program)
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", &self.home)
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .status()
            .context("the program could not be run")?;
        if status.code() != Some(expected) {
            bail!("`sifseal {line}` ended with {status} instead of {expected}");
        }
        Ok(())
    }

    /// Changes one bit in the middle of the root file system.
    fn tamper(&self) -> Result<()> {
        let path = self.home.join(IMAGE);
        let offset = middle_of_object(&path, 4)?;
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut byte = [0];
        file.read_exact_at(&mut byte, offset)?;
        file.write_all_at(&[byte[0] ^ 1], offset)?;
        Ok(())
    }
}

fn middle_of_object(path: &Path, id: u32) -> Result<u64> {
    let image = Image::open(path)?;
    let object = ObjectId::new(id)
        .and_then(|id| image.object(id))
        .context("the image has no such object")?;
    Ok(object.offset() + object.size() / 2)
}
