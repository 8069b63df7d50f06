//! An agent that is none: whoever listens on its socket says what they like.

use crate::support::{Desk, cx, signer};
use sifseal_plugin_sdk::traits::{RawSignature, Signer};
use sifseal_plugin_sdk::{Context, ErrorKind, Result};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// What a false agent does with a command; an error ends the conversation.
type Manner<'a> = &'a (dyn Fn(&str, &mut UnixStream) -> std::io::Result<()> + Sync);

/// A key whose agent is ours.
fn diverted(desk: &Desk) -> (UnixListener, Box<dyn Signer>) {
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    let socket = desk.gpg.home().join("false-agent");
    let signer = signer(&desk.store_with_socket(&socket), &desk.only_key()).unwrap();
    (UnixListener::bind(socket).unwrap(), signer)
}

/// One conversation of a signer with a false agent.
fn sign(
    listener: &UnixListener,
    signer: &dyn Signer,
    cx: &Context<'_>,
    manner: Manner<'_>,
) -> Result<RawSignature> {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let greeting = std::iter::once(Ok(String::new()));
            for line in greeting.chain(lines) {
                let Ok(line) = line else { return };
                if manner(&line, &mut stream).is_err() {
                    return;
                }
            }
        });
        signer.sign_digest(cx, signer.accepted_hashes()[0], &[7; 32])
    })
}

/// Says yes to everything, and this to `PKSIGN`.
fn answers(answer: &[u8]) -> impl Fn(&str, &mut UnixStream) -> std::io::Result<()> + Sync {
    move |command, stream| match command {
        "PKSIGN" => stream.write_all(answer),
        _ => stream.write_all(b"OK\n"),
    }
}

/// Says yes to everything, and this to `PKSIGN` until nobody listens any more.
fn repeats(piece: &[u8]) -> impl Fn(&str, &mut UnixStream) -> std::io::Result<()> + Sync {
    move |command, stream| match command {
        "PKSIGN" => loop {
            stream.write_all(piece)?;
        },
        _ => stream.write_all(b"OK\n"),
    }
}

#[test]
fn an_answer_is_put_together_from_its_pieces_whatever_stands_between_them() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let answer = b"S PROGRESS x\n# remark\nD (7:sig-val(5:eddsa(1:r32:%25%0a%0D\r\n\
        INQUIRE PINENTRY_LAUNCHED 7\nD ++++++++++\xFF\xFE\x00%00+++++++++++++++\n\
        D )(1:s32:----------------\nD ----------------)))\nOK\n";
    let raw = sign(&listener, &*signer, &cx(), &answers(answer)).unwrap();
    let r = b"%\n\r++++++++++\xFF\xFE\0\0+++++++++++++++";
    assert_eq!(raw, RawSignature::EdDsa([&r[..], &[b'-'; 32]].concat()));
}

#[test]
fn questions_that_are_the_persons_are_not_answered() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let manner = |command: &str, stream: &mut UnixStream| match command {
        "PKSIGN" => stream.write_all(b"INQUIRE PASSPHRASE\n"),
        "CAN" => stream.write_all(b"ERR 67109141 IPC call has been cancelled <GPG Agent>\n"),
        _ => stream.write_all(b"OK\n"),
    };
    let error = sign(&listener, &*signer, &cx(), &manner).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
}

#[test]
fn wishes_that_are_not_granted_do_no_harm_and_all_else_is_heard() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let forbids = |forbidden: &'static str| {
        move |command: &str, stream: &mut UnixStream| match command {
            "PKSIGN" => stream.write_all(b"ERR 67108881 No secret key <GPG Agent>\n"),
            _ if command.starts_with(forbidden) => {
                stream.write_all(b"ERR 67109115 Forbidden <GPG Agent>\n")
            }
            _ => stream.write_all(b"OK\n"),
        }
    };
    for (forbidden, kind) in [
        ("OPTION", ErrorKind::NotFound),
        ("SETKEYDESC", ErrorKind::NotFound),
        ("SIGKEY", ErrorKind::Denied),
        ("SETHASH", ErrorKind::Denied),
    ] {
        let error = sign(&listener, &*signer, &cx(), &forbids(forbidden)).unwrap_err();
        assert_eq!(error.kind(), kind, "{forbidden}: {error}");
    }
}

#[test]
fn an_answer_that_never_ends_is_cut_off() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    for piece in [
        &b"a"[..],
        b"D aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        b"D \n",
        b"S PROGRESS\n",
        b"#\n",
        b"INQUIRE PINENTRY_LAUNCHED\n",
        b"INQUIRE NONSENSE\n",
    ] {
        let error = sign(&listener, &*signer, &cx(), &repeats(piece)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{piece:?}: {error}");
    }
}

#[test]
fn a_line_may_have_a_thousand_bytes_and_no_more() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    for (length, kind) in [(1000, ErrorKind::NotFound), (1002, ErrorKind::Malformed)] {
        let remark = format!("#{}\nERR 17 none\n", "a".repeat(length - 1));
        let manner = answers(remark.as_bytes());
        let error = sign(&listener, &*signer, &cx(), &manner).unwrap_err();
        assert_eq!(error.kind(), kind, "{length}: {error}");
    }
}

#[test]
fn an_answer_that_is_nonsense_is_refused() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let deep = [b"D ", &b"(".repeat(900)[..], b"\nOK\n"].concat();
    for answer in [
        &b"\n"[..],
        b"OK\n",
        b"HELLO\n",
        b"ERR\n",
        b"\xFF\xFE\x00\n",
        b"D %\nOK\n",
        b"D \nOK\n",
        b"D (7:sig-val\nOK\n",
        b"D (7:sig-val(5:eddsa(1:r99999999:a)))\nOK\n",
        b"D (7:sig-val(5:eddsa(1:r-1:a)))\nOK\n",
        b"D (7:sig-val(3:rsa(1:s4:aaaa)))\nOK\n",
        &deep,
    ] {
        let manner = answers(answer);
        let error = sign(&listener, &*signer, &cx(), &manner).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{answer:?}: {error}");
    }
}

#[test]
fn an_agent_that_leaves_in_the_middle_is_gone() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let whole = b"D (7:sig-val(5:eddsa(1:r1:a)(1:s1:b)))\nOK\n";
    for end in [0, 1, 20, whole.len() - 4, whole.len() - 1] {
        let manner = |command: &str, stream: &mut UnixStream| match command {
            "PKSIGN" => {
                stream.write_all(&whole[..end])?;
                stream.shutdown(std::net::Shutdown::Both)
            }
            _ => stream.write_all(b"OK\n"),
        };
        let error = sign(&listener, &*signer, &cx(), &manner).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{end}: {error}");
    }
}

#[test]
fn an_agent_that_says_nothing_or_too_little_is_left_at_the_deadline() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let silent_after = |last: &'static str| {
        move |command: &str, stream: &mut UnixStream| match command == last {
            true => stream.write_all(b"D (7:sig"),
            false => stream.write_all(b"OK\n"),
        }
    };
    for last in ["", "OPTION allow-pinentry-notify", "PKSIGN"] {
        let cx = Context {
            deadline: Some(Instant::now() + Duration::from_secs(1)),
            ..cx()
        };
        let error = sign(&listener, &*signer, &cx, &silent_after(last)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{last}: {error}");
    }
}

#[test]
fn an_agent_that_lets_nobody_in_is_told_of() {
    let Some(desk) = Desk::new() else { return };
    let (listener, signer) = diverted(&desk);
    let manner = |_: &str, stream: &mut UnixStream| stream.write_all(b"ERR 1 too many\n");
    let error = sign(&listener, &*signer, &cx(), &manner).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    assert!(error.to_string().ends_with(": too many"), "{error}");
}
