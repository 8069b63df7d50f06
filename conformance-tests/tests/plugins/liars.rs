//! Plugins that do what no plugin may. Each is told by its name, with what it did; the
//! image stays as it was, and no process stays behind.

use crate::world::World;
use sifseal_conformance_tests::plugins::built_plugin;
use sifseal_core::traits::KeyAlgorithm;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A home with two keys, and the liar configured as `liar` in one of the ways to run.
struct Lying {
    world: World,
    before: Vec<u8>,
}

impl Lying {
    fn new(lie: &str, more: &str) -> Self {
        let built = built_plugin("liar");
        let file: PathBuf = match more.contains("library") {
            true => built.library,
            false => built.executable,
        };
        let world = World::new().with_env("SIFSEAL_KEYSTORE", "liar");
        world.key("ada", KeyAlgorithm::Ed25519);
        world.key("eve", KeyAlgorithm::Ed25519);
        let keys = world.path("keys");
        let settings = [("keys", keys.to_str().unwrap()), ("lie", lie)];
        let file = world.install(&file, "liar");
        world.configure("liar", &file, more, &settings);
        let before = world.image();
        Self { world, before }
    }

    /// Signs, and is refused with these words.
    #[track_caller]
    fn is_caught(&self, words: &[&str]) {
        let said = self.world.fails("sign --signer ada@example.com image.sif");
        for words in ["plugin liar: "].iter().chain(words) {
            assert!(said.contains(words), "{words:?} is not in {said}");
        }
        assert!(!said.contains('\u{1b}'), "{said:?}");
        assert!(
            self.world.image_now() == self.before,
            "the image has changed"
        );
        assert!(!self.world.has_processes(), "a process is left");
    }
}

const ISOLATED: &str = "carrier = \"library\"\nisolate = true";
const LIBRARY: &str = "carrier = \"library\"";
const QUICKLY: &str = "timeout = 1";

#[test]
fn an_honest_liar_signs() {
    for more in ["", ISOLATED, LIBRARY] {
        let honest = Lying::new("", more);
        honest.world.done("sign --signer ada@example.com image.sif");
        honest.world.done("verify image.sif");
    }
}

#[test]
fn a_plugin_that_panics_is_told_with_its_words() {
    for more in ["", ISOLATED, LIBRARY] {
        for lie in ["panic", "panic-in-find"] {
            Lying::new(lie, more).is_caught(&["the plugin panicked: I was told to"]);
        }
    }
}

/// Each question has the whole time of a request: without an end of them the request
/// would have none. And where no key is about to be used, nobody is asked anything.
#[test]
fn a_plugin_that_asks_without_end_or_where_it_may_not_is_ended() {
    for more in ["", ISOLATED, LIBRARY] {
        Lying::new("asks-without-end", more).is_caught(&["again and again"]);
        Lying::new("asks-in-find", more).is_caught(&["asks the person something in `find`"]);
    }
}

#[test]
fn a_plugin_that_ends_in_the_middle_is_told_with_how() {
    for more in ["", ISOLATED] {
        Lying::new("abort", more).is_caught(&["it ended before it answered", "signal: 6"]);
        Lying::new("exit", more).is_caught(&["it ended before it answered", "exit status: 0"]);
    }
}

#[test]
fn a_plugin_that_does_not_answer_is_ended_in_time() {
    for more in [
        QUICKLY.to_owned(),
        format!("{ISOLATED}\n{QUICKLY}"),
        format!("{LIBRARY}\n{QUICKLY}"),
    ] {
        Lying::new("hang", &more).is_caught(&["it did not answer within a second", "waiting for"]);
    }
}

#[test]
fn a_signature_that_is_none_of_the_key_is_never_written() {
    let verifies_not = "made a signature that does not verify";
    for more in ["", ISOLATED, LIBRARY] {
        for (engine, _) in World::engines() {
            let another = Lying::new("another-keys-signature", more);
            let another = Lying {
                world: another.world.with_env("SIFSEAL_ENGINE", engine),
                ..another
            };
            another.is_caught(&[verifies_not]);
        }
        Lying::new("signer-of-another-key", more).is_caught(&["which is no key of"]);
    }
}

#[test]
fn a_signature_of_another_length_or_kind_is_never_written() {
    for lie in [
        "empty-signature",
        "short-signature",
        "long-signature",
        "signature-of-another-kind",
    ] {
        for (engine, _) in World::engines() {
            let lying = Lying::new(lie, "");
            let world = lying.world.with_env("SIFSEAL_ENGINE", engine);
            Lying { world, ..lying }.is_caught(&[]);
        }
    }
}

#[test]
fn a_certificate_that_is_none_is_told_and_not_used() {
    let lying = Lying::new("garbage-certificate", "");
    let said = lying.world.fails("sign --signer ada@example.com image.sif");
    assert!(said.contains("plugin liar: "), "{said}");
    assert!(
        said.contains("the plugin's key 1 is no certificate"),
        "{said}"
    );
    assert!(lying.world.image_now() == lying.before);
    assert!(!lying.world.has_processes());
}

#[test]
fn ten_million_keys_are_too_many() {
    liar_in_lines("ten-million-keys", "", &["it wrote more than"]);
    for more in ["", ISOLATED] {
        let many = Lying::new("ten-thousand-and-one-keys", more);
        many.is_caught(&["at most 10000"]);
    }
}

#[test]
fn what_the_authors_code_prints_is_no_reply() {
    for more in ["", ISOLATED] {
        let printing = Lying::new("prints", more);
        printing
            .world
            .done("sign --signer ada@example.com image.sif");
    }
}

#[test]
fn neither_the_authors_code_nor_what_it_starts_reads_the_requests() {
    for more in [QUICKLY.to_owned(), format!("{ISOLATED}\n{QUICKLY}")] {
        let reading = Lying::new("reads", &more);
        reading
            .world
            .done("sign --signer ada@example.com image.sif");
    }
}

/// Its constructors run before it can be asked anything.
#[test]
fn a_library_that_hangs_while_it_is_loaded_is_ended_with_its_child() {
    let world = World::new().with_env("SIFSEAL_KEYSTORE", "liar");
    let (source, library) = (world.path("hang.c"), world.path("hang.so"));
    let hang = "#include <unistd.h>\n\
        __attribute__((constructor)) static void hang(void) { for (;;) pause(); }";
    fs::write(&source, hang).unwrap();
    let mut compiler = Command::new("cc");
    let built = compiler.args(["-shared", "-fPIC", "-o"]);
    assert!(built.args([&library, &source]).status().unwrap().success());
    world.configure("liar", &library, &format!("{ISOLATED}\n{QUICKLY}"), &[]);
    let before = world.image();
    let lying = Lying { world, before };
    lying.is_caught(&["it did not answer within a second"]);
}

/// They name the program's own files and the person's passphrases.
#[test]
fn a_plugin_in_a_process_of_its_own_is_given_none_of_our_variables() {
    for more in ["", ISOLATED] {
        let telling = Lying::new("tells-its-environment", more);
        telling.is_caught(&["it has []"]);
    }
}

/// Lies told in lines, by a program that never gets as far as the sdk.
#[track_caller]
fn liar_in_lines(lie: &str, more: &str, words: &[&str]) {
    let lying = Lying::new("", more);
    let world = lying.world.with_env("LIAR_LIE", lie);
    Lying { world, ..lying }.is_caught(words);
}

#[test]
fn a_program_that_ends_at_once_is_told_with_its_last_words() {
    liar_in_lines(
        "exit",
        "",
        &["exit status: 3", "it wrote: no licence found"],
    );
}

#[test]
fn a_program_that_never_answers_is_ended_with_what_it_started() {
    for lie in ["hang", "hang-with-a-child", "late"] {
        liar_in_lines(lie, QUICKLY, &["it did not answer within a second"]);
    }
}

#[test]
fn a_flood_is_stopped() {
    liar_in_lines("flood", "", &["without an end of line"]);
    liar_in_lines("flood-standard-error", QUICKLY, &["it did not answer"]);
}

#[test]
fn what_breaks_the_protocol_is_told_each_in_its_words() {
    for (lie, words) in [
        ("garbage", "what it wrote is no reply"),
        ("other-number", "it replied to a request that was not made"),
        ("twice", "it replied to a request that was not made"),
        ("other-protocol", "it wants version 2.0 of the protocol"),
        ("later-protocol", "it wants version 1.9 of the protocol"),
        ("intolerant", "it answered a method that does not exist"),
        ("deaf", "I do not understand"),
        ("escapes", "\\u{1b}[2Kall is well"),
    ] {
        liar_in_lines(lie, "", &[words]);
    }
}
