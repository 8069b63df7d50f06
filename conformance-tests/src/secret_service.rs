//! A D-Bus session of a test's own with GNOME Keyring in it, without a desktop.
//!
//! A [`Bus`] is one message bus over a socket in a folder of its own, which is also
//! the home of whoever talks on it. It starts nothing by itself: a daemon that is
//! killed stays dead until the test starts another [`Daemon`] over the same files.
//! Both end with their values, and a daemon that lost its test ends with its bus.
//!
//! Libraries find the bus through the environment, which a test cannot change for
//! itself. [`on_a_bus`] therefore runs a test once more, as a process on a bus.

use crate::process;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The variable by which libraries find the bus.
const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// Set for a test that was started on a bus: the home on it.
const HOME_ON_BUS: &str = "SIFSEAL_TEST_BUS_HOME";

/// The password of every keyring here.
const PASSWORD: &str = "test";

/// How long a daemon may take to be there. It takes 60 ms.
const PATIENCE: Duration = Duration::from_secs(30);

/// A message bus with nobody on it.
#[derive(Debug)]
pub struct Bus {
    child: Child,
    address: String,
    home: tempfile::TempDir,
}

impl Bus {
    /// Starts a bus.
    ///
    /// # Panics
    /// If there is no `dbus-daemon`.
    #[allow(clippy::expect_used)]
    pub fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let config = home.path().join("bus.conf");
        // No service directories: nothing is started behind the test's back.
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#,
            home.path().display()
        );
        std::fs::write(&config, text).expect("a configuration for the bus");
        let mut child = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It complains about limits that it may not raise.
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon starts");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("the address of the bus");
        Self {
            child,
            address: address.trim_end().to_owned(),
            home,
        }
    }

    /// The home of whoever talks on this bus.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Its address, for the variable `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What a daemon on this bus needs.
    pub fn seat(&self) -> Seat {
        Seat {
            address: self.address.clone(),
            home: self.home.path().to_owned(),
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A place on a bus: its address, and the home where a daemon keeps its files.
#[derive(Debug, Clone)]
pub struct Seat {
    address: String,
    home: PathBuf,
}

impl Seat {
    /// The place of this process, if [`on_a_bus`] started it.
    pub fn of_this_process() -> Option<Self> {
        Some(Self {
            address: std::env::var(ADDRESS).ok()?,
            home: std::env::var_os(HOME_ON_BUS)?.into(),
        })
    }

    /// The home on this bus.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Starts GNOME Keyring, its collection unlocked; made on the first start.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn unlocked(&self) -> Daemon {
        self.start(Some(PASSWORD))
    }

    /// Starts GNOME Keyring over the same files, and nobody unlocks it.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn locked(&self) -> Daemon {
        self.start(None)
    }

    #[allow(clippy::expect_used)]
    fn start(&self, password: Option<&str>) -> Daemon {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if password.is_some() {
            command.arg("--unlock");
        }
        let mut child = self
            .at_home(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon starts");
        if let (Some(password), Some(mut stdin)) = (password, child.stdin.take()) {
            // A line break would be part of it.
            write!(stdin, "{password}").expect("it reads the password");
        }
        let daemon = Daemon(child);
        await_daemon(|| self.owner().is_some());
        daemon
    }

    /// Runs a line of shell as a person in this place would, who has the keyring's
    /// password in `$PASSWORD`, and waits for the daemon that the line puts in the place of
    /// the one before. It ends with the bus.
    ///
    /// # Panics
    /// If the line fails, or no other daemon comes up.
    #[allow(clippy::expect_used)]
    pub fn start_another(&self, line: &str) {
        let before = self.owner();
        let mut command = Command::new("sh");
        command.args(["-c", line]).env("PASSWORD", PASSWORD);
        let status = self
            .at_home(&mut command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("a shell");
        assert!(status.success(), "{line}: {status}");
        await_daemon(|| self.owner().is_some_and(|now| Some(now) != before));
    }

    /// Who on the bus has the name of the Secret Service, by the number of the connection.
    fn owner(&self) -> Option<String> {
        let mut command = Command::new("dbus-send");
        command.args([
            "--session",
            "--dest=org.freedesktop.DBus",
            "--print-reply=literal",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.GetNameOwner",
            "string:org.freedesktop.secrets",
        ]);
        let output = process::run(self.at_home(&mut command), b"");
        let is_owned = output.status.success();
        is_owned.then(|| process::text(&output.stdout).trim().to_owned())
    }

    fn at_home<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env("HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.home)
            .env("XDG_DATA_HOME", self.home.join("data"))
            .env("XDG_CONFIG_HOME", self.home.join("config"))
            .env("XDG_CACHE_HOME", self.home.join("cache"))
            .env(ADDRESS, &self.address)
    }
}

fn await_daemon(is_there: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < PATIENCE, "GNOME Keyring does not come up");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// GNOME Keyring, as long as this value lives.
#[derive(Debug)]
pub struct Daemon(Child);

impl Daemon {
    /// Kills it without a warning, and waits until it is gone.
    pub fn kill(&mut self) {
        end(&mut self.0);
    }

    /// Its process, for a signal.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ends a process of ours; one that has ended already is only waited for.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Runs `body` in a process on a bus of its own: this test's process, started again
/// for this one test. `test` is its name.
///
/// # Panics
/// If the test fails there.
#[allow(clippy::expect_used)]
pub fn on_a_bus(test: &str, body: impl FnOnce(&Seat)) {
    if let Some(seat) = Seat::of_this_process() {
        return body(&seat);
    }
    let bus = Bus::start();
    let mut command = this_test(test);
    command
        .env(ADDRESS, bus.address())
        .env(HOME_ON_BUS, bus.home())
        .env("XDG_RUNTIME_DIR", bus.home());
    let output = process::run(&mut command, b"");
    let mut told = process::text(&output.stdout);
    let _ = write!(told, "{}", process::text(&output.stderr));
    assert!(output.status.success(), "on a bus:\n{told}");
    assert!(told.contains("1 passed"), "{test} was not found:\n{told}");
}

/// This test's program, to be run once more for this one test.
///
/// # Panics
/// If the program does not know its own path.
#[allow(clippy::expect_used)]
pub fn this_test(test: &str) -> Command {
    let program = std::env::current_exe().expect("a test knows its own path");
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command
}
