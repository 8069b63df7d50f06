//! `keyserver login` and `logout`. That a real server is asked, and over TLS alone, is
//! tested where there is one; here is what happens before that, and with the file.

use crate::world::{Ended, World};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const KEPT: &str = "home/.config/sifseal/credentials.toml";

fn with_login(url: &str) -> World {
    let world = World::new();
    world.write(
        KEPT,
        format!("[[login]]\nurl = '{url}'\ntoken = 'sesame'\n"),
    );
    fs::set_permissions(world.path(KEPT), Permissions::from_mode(0o600)).unwrap();
    world
}

fn logging_in(world: &World, url: &str) -> Ended {
    world.run_with(
        &format!("keyserver login --password-stdin {url}"),
        "sesame\n",
    )
}

#[test]
fn no_password_is_taken_that_could_not_be_sent_safely_w11() {
    let world = World::new().with("SIFSEAL_KEYSERVER", "");
    world
        .run("keyserver add --insecure https://127.0.0.1:1")
        .expect_done();
    for (url, words) in [
        ("http://127.0.0.1:1", "the connection is not encrypted"),
        ("hkp://127.0.0.1:1", "the connection is not encrypted"),
        ("https://127.0.0.1:1", "is not checked"),
    ] {
        for line in [
            format!("keyserver login {url}"),
            format!("keyserver login --username ada {url}"),
        ] {
            let refused = world
                .run_with(&line, "sesame\n")
                .expect_failure(&[url, words]);
            assert!(
                !refused.stderr.contains("Password"),
                "nobody is asked first: {refused:?}"
            );
        }
        logging_in(&world, url).expect_failure(&[url, words]);
    }
    let refused = logging_in(&world, "https://ada:hunter2@127.0.0.1:1");
    let refused = refused.expect_failure(&["no user name or password"]);
    assert!(!refused.stderr.contains("hunter2"));
    assert!(!world.path(KEPT).exists());
}

#[test]
fn a_login_that_the_server_did_not_confirm_is_not_kept() {
    let world = World::new();
    let refused = logging_in(&world, "https://127.0.0.1:1");
    let refused = refused.expect_failure(&["https://127.0.0.1:1: the connection was refused"]);
    assert!(!refused.stderr.contains("sesame"));
    assert!(
        refused.stderr.starts_with("FATAL: "),
        "and no empty line: {refused:?}"
    );
    assert!(!world.path(KEPT).exists());
}

#[test]
fn an_empty_password_or_nobody_to_ask_ends_it() {
    let world = World::new();
    let line = "keyserver login --password-stdin https://127.0.0.1:1";
    world
        .run_with(line, "\n")
        .expect_failure(&["empty password"]);
    let nobody = world.run_with(line, "").expect_failure(&["nobody to ask"]);
    assert!(nobody.stderr.contains("--password-stdin"));
    let asked = world.run("keyserver login https://127.0.0.1:1");
    assert!(asked.stderr.starts_with("Password / Token: "), "{asked:?}");
}

#[test]
fn a_login_is_listed_without_its_secret_and_forgotten() {
    let world = with_login("https://keys.example.org");
    let listed = world.run("remote list").expect_done().stdout;
    let table = "\nAuthenticated Logins\n=================================\n\n\
                 URI                       INSECURE\n\
                 https://keys.example.org  NO\n";
    assert!(listed.ends_with(table), "{listed}");
    let json = world.run("remote list --format json").expect_done();
    assert_eq!(json.json()["logins"][0]["uri"], "https://keys.example.org");
    assert!(!(listed + &json.stdout).contains("sesame"));

    let out = world
        .run("keyserver logout hkps://keys.example.org/")
        .expect_done();
    assert_eq!(out.stderr, "INFO:    Logout succeeded\n");
    assert!(
        !world
            .run("remote list")
            .expect_done()
            .stdout
            .contains("Logins")
    );
    let again = world.run("keyserver logout https://keys.example.org");
    again.expect_failure(&["there is no login for https://keys.example.org"]);
}

#[test]
fn logging_out_where_there_was_no_login_leaves_no_file() {
    let world = World::new();
    world
        .run("keyserver logout https://keys.example.org")
        .expect_failure(&["no login"]);
    assert!(!world.path(KEPT).exists());
}

#[test]
fn a_file_that_others_may_read_is_named_and_not_used() {
    let world = with_login("https://keys.example.org").with("SIFSEAL_KEYSERVER", "");
    fs::set_permissions(world.path(KEPT), Permissions::from_mode(0o640)).unwrap();
    let refused = world
        .run("key search Ada")
        .expect_failure(&["credentials.toml", "others may read"]);
    assert!(refused.stderr.contains("chmod 600 "), "{refused:?}");
}

#[test]
fn a_login_of_apptainers_is_not_ours_to_forget() {
    let world = World::new();
    let auth = "Credentials:\n- URI: https://keys.example.org\n  Auth: Bearer sesame\n";
    world.write("home/.apptainer/remote.yaml", auth);
    assert!(
        world
            .run("remote list")
            .expect_done()
            .stdout
            .contains("https://keys.example.org  NO\n")
    );
    let refused = world.run("keyserver logout https://keys.example.org");
    let refused = refused.expect_failure(&["no login"]);
    assert!(refused.stderr.contains("apptainer keyserver logout"));
    assert_eq!(world.read("home/.apptainer/remote.yaml"), auth.as_bytes());
}
