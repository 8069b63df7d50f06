//! An implementation behind the adapter protocol: one process a question.

use super::description::{Description, Deviation};
use super::{
    Answer, Implementation, Info, KeyFile, Server, Session, SignQuestion, Told, Verdict,
    VerifyQuestion,
};
use crate::plain_file;
use crate::scenario::FEATURES;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use sifseal_core::Shown;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How much of what a process prints is kept: enough for a message and a trace.
const KEPT: usize = 4096;

/// How much `info` may print.
const LARGEST_INFO: usize = 1 << 20;

/// An executable that speaks the adapter protocol.
#[derive(Debug)]
pub struct Adapter {
    program: PathBuf,
    environment: Vec<(String, OsString)>,
    deviations: Vec<Deviation>,
    info: Info,
    patience: Duration,
}

/// What `info` prints.
#[derive(Debug, serde::Deserialize)]
struct Printed {
    name: String,
    version: String,
    features: Vec<String>,
}

impl Adapter {
    /// Reads an adapter's folder, builds it if it says how, and asks who it is.
    ///
    /// `out` is a folder for what is built; each call gets `patience`.
    ///
    /// # Errors
    /// In words: it is not there, does not build, or gives no proper answer. An
    /// implementation that is not installed is such an error too.
    pub fn open(folder: &Path, out: &Path, patience: Duration) -> Result<Self, String> {
        let description = Description::read(folder)?;
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let out = out.join(&description.name);
        std::fs::create_dir_all(&out).map_err(|error| error.to_string())?;
        if let Some(build) = &description.build {
            run_build(build, &folder, &out)?;
        }
        let handed_on = |name: &String| Some((name.clone(), std::env::var_os(name)?));
        let mut environment: Vec<_> = description
            .environment
            .iter()
            .filter_map(handed_on)
            .collect();
        environment.push(("OUT".to_owned(), out.into_os_string()));
        let mut adapter = Self {
            program: folder.join(&description.run),
            environment,
            deviations: description.deviation,
            info: Info {
                name: description.name,
                version: String::new(),
                homepage: description.homepage,
                features: Vec::new(),
            },
            patience,
        };
        adapter.ask_who_it_is()?;
        Ok(adapter)
    }

    fn ask_who_it_is(&mut self) -> Result<(), String> {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let ended = self.call(scratch.path(), &["info".into()], LARGEST_INFO);
        if ended.verdict() != Verdict::Accepted {
            let name = &self.info.name;
            let why = ended.stderr.trim();
            return Err(format!("{name}: `info` ended with {}: {why}", ended.how()));
        }
        let printed: Printed = serde_json::from_str(&ended.stdout).map_err(|error| {
            format!("{}: `info` printed no proper JSON: {error}", self.info.name)
        })?;
        if printed.name != self.info.name {
            let (told, name) = (printed.name, &self.info.name);
            return Err(format!("{name}: `info` gives another name, {told}"));
        }
        // A slip of the pen would keep the suite from asking, and look like modesty.
        let unknown = |feature: &&String| !FEATURES.contains(&feature.as_str());
        if let Some(feature) = printed.features.iter().find(unknown) {
            let name = &self.info.name;
            let feature = Shown::new(feature);
            return Err(format!(
                "{name}: `info` names a feature that does not exist, {feature}"
            ));
        }
        self.info.version = printed.version;
        self.info.features = printed.features;
        Ok(())
    }

    fn call(&self, scratch: &Path, words: &[OsString], kept: usize) -> Ended {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .current_dir(scratch)
            .env_clear()
            .env("HOME", scratch)
            .env("SIFSEAL_SCRATCH", scratch)
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        run(command, self.patience, kept)
    }
}

fn run_build(build: &[String], folder: &Path, out: &Path) -> Result<(), String> {
    let text = out.to_string_lossy();
    let mut words = build.iter().map(|word| word.replace("$OUT", &text));
    let program = words.next().ok_or("the command that builds it is empty")?;
    let output = Command::new(&program)
        .args(words)
        .current_dir(folder)
        .env("OUT", out)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: it does not build: {said}", folder.display()))
}

impl Implementation for Adapter {
    fn info(&self) -> &Info {
        &self.info
    }

    fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    fn begin(&self, scratch: &Path) -> Result<Box<dyn Session + '_>, String> {
        Ok(Box::new(Calls {
            adapter: self,
            scratch: scratch.to_owned(),
            count: 0,
        }))
    }
}

/// The calls of one scenario.
#[derive(Debug)]
struct Calls<'a> {
    adapter: &'a Adapter,
    scratch: PathBuf,
    count: u32,
}

impl Calls<'_> {
    fn ask(&self, words: Vec<OsString>) -> Answer {
        let ended = self.adapter.call(&self.scratch, &words, KEPT);
        let verb = std::iter::once(self.adapter.info.name.clone());
        let words = words.iter().map(|word| word.to_string_lossy().into_owned());
        Answer {
            verdict: ended.verdict(),
            told: None,
            call: verb.chain(words).collect(),
            exit: ended.status.and_then(|status| status.code()),
            stdout: ended.stdout,
            stderr: ended.stderr,
            took: ended.took,
        }
    }
}

fn file_or_none(file: Option<&Path>) -> OsString {
    file.map_or_else(|| "-".into(), |file| file.as_os_str().to_owned())
}

impl Session for Calls<'_> {
    fn import_key(&mut self, key: &KeyFile) -> Answer {
        let passphrase = file_or_none(key.passphrase.as_deref());
        self.ask(vec![
            "import-key".into(),
            key.file.clone().into(),
            passphrase,
        ])
    }

    fn sign(&mut self, image: &Path, question: &SignQuestion) -> Answer {
        let mut words: Vec<OsString> = vec![
            "sign".into(),
            image.into(),
            (&question.fingerprint).into(),
            question.selection.to_string().into(),
            file_or_none(question.passphrase.as_deref()),
        ];
        if let Some(hash) = &question.hash {
            words.extend(["--hash".into(), hash.into()]);
        }
        if let Some(conduct) = question.plugin {
            words.extend(["--plugin".into(), conduct.word().into()]);
        }
        self.ask(words)
    }

    fn verify(&mut self, image: &Path, question: &VerifyQuestion) -> Answer {
        self.count += 1;
        let report = self.scratch.join(format!("report-{}.json", self.count));
        let mut words: Vec<OsString> = vec![
            "verify".into(),
            image.into(),
            question.selection.to_string().into(),
            report.clone().into(),
        ];
        let signers = question
            .signed_by
            .iter()
            .map(|signer| ("--signed-by", Some(signer)));
        let options = [
            ("--at", question.at.as_ref()),
            ("--judge", question.judge.as_ref()),
        ]
        .into_iter()
        .chain(signers)
        .chain([("--require", question.require.as_ref())]);
        for (name, value) in options {
            if let Some(value) = value {
                words.extend([name.into(), value.into()]);
            }
        }
        let mut answer = self.ask(words);
        match read_report(&report) {
            Ok(told) => answer.told = told,
            Err(problem) => answer.verdict = Verdict::Broken(problem),
        }
        let contradicts = |told: &Told| told.accepted != (answer.verdict == Verdict::Accepted);
        if answer.told.as_ref().is_some_and(contradicts) && is_an_answer(&answer.verdict) {
            let what = "the report and the exit status contradict each other";
            answer.verdict = Verdict::Broken(what.to_owned());
        }
        answer
    }

    fn fetch_key(&mut self, server: &Server, fingerprint: &str) -> Answer {
        self.ask(vec![
            "fetch-key".into(),
            (&server.url).into(),
            fingerprint.into(),
        ])
    }
}

fn is_an_answer(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Broken(_) | Verdict::Unsupported)
}

fn read_report(path: &Path) -> Result<Option<Told>, String> {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let text = plain_file::read(path).map_err(|problem| format!("the report: {problem}"))?;
    let told = serde_json::from_slice(&text);
    told.map(Some)
        .map_err(|error| format!("the report is no proper JSON: {error}"))
}

/// How a process ended.
#[derive(Debug)]
struct Ended {
    /// Nothing if it did not end in time, or did not begin.
    status: Option<ExitStatus>,
    stdout: String,
    stderr: String,
    took: Duration,
    problem: Option<String>,
}

impl Ended {
    /// What the protocol makes of it.
    fn verdict(&self) -> Verdict {
        if self.problem.is_some() {
            return Verdict::Broken(self.how());
        }
        match self.status.and_then(|status| status.code()) {
            Some(0) => Verdict::Accepted,
            Some(3) => Verdict::Refused,
            Some(41) => Verdict::Unreadable,
            Some(37 | 69) => Verdict::Unsupported,
            _ => Verdict::Broken(self.how()),
        }
    }

    fn how(&self) -> String {
        match (&self.problem, self.status) {
            (Some(problem), _) => problem.clone(),
            (None, Some(status)) => status.to_string(),
            (None, None) => "no answer in time".to_owned(),
        }
    }
}

/// Runs a command in a process group of its own, and ends the whole group when its time is
/// up, and when it has ended itself.
fn run(mut command: Command, patience: Duration, kept: usize) -> Ended {
    let begun = Instant::now();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            return Ended {
                status: None,
                stdout: String::new(),
                stderr: String::new(),
                took: begun.elapsed(),
                problem: Some(format!("it cannot be run: {error}")),
            };
        }
    };
    let stdout = child.stdout.take().map(|pipe| read_beside(pipe, kept));
    let stderr = child.stderr.take().map(|pipe| read_beside(pipe, kept));
    let in_time = ends_before(&child, begun + patience);
    // Whatever it started goes with it; so the pipes end. The number is still its own,
    // because nobody has asked for its result yet.
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let status = child.wait().ok().filter(|_| in_time);
    let took = begun.elapsed();
    // A process that left the group may still hold a pipe, and write to it: it is not
    // waited for.
    let until = Instant::now() + Duration::from_secs(2);
    let text = |reader: Option<mpsc::Receiver<String>>| {
        let left = until.saturating_duration_since(Instant::now());
        reader.and_then(|reader| reader.recv_timeout(left).ok())
    };
    let (stdout, stderr) = (text(stdout), text(stderr));
    let lives_on = in_time && (stdout.is_none() || stderr.is_none());
    Ended {
        status,
        stdout: stdout.unwrap_or_default(),
        stderr: stderr.unwrap_or_default(),
        took,
        problem: lives_on
            .then(|| "a process that it started lives on, and can still answer".into()),
    }
}

/// True if a process ends before a point in time. It is left to be asked for its result.
fn ends_before(child: &Child, until: Instant) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    // Short at first, for the many that end at once.
    let mut pause = Duration::from_micros(500);
    loop {
        match waitid(WaitId::Pid(Pid::from_child(child)), options) {
            Ok(Some(_)) => return true,
            Ok(None) | Err(rustix::io::Errno::INTR) if Instant::now() < until => {
                std::thread::sleep(pause);
            }
            _ => return false,
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Reads a pipe to its end, and keeps the beginning.
fn read_beside(mut pipe: impl Read + Send + 'static, kept: usize) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut beginning = Vec::new();
        let mut part = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut part) {
            let room = kept - beginning.len();
            beginning.extend_from_slice(&part[..count.min(room)]);
        }
        let _ = sender.send(String::from_utf8_lossy(&beginning).into_owned());
    });
    receiver
}
