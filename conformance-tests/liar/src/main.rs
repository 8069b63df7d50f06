//! The liar as a program. What lies on the level of lines is here, before the sdk has a
//! say: the variable `LIAR_LIE` says which.

use serde_json::{Value, json};
use std::io::{BufRead, Write, stdin, stdout};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    match std::env::var("LIAR_LIE").unwrap_or_default().as_str() {
        "exit" => {
            eprintln!("no licence found");
            ExitCode::from(3)
        }
        "hang" => loop {
            std::thread::park();
        },
        // A child that holds the pipes open, and a parent that never answers.
        "hang-with-a-child" => {
            let child = Command::new("/bin/sleep").arg("100000").spawn();
            let _ = child.and_then(|mut child| child.wait());
            ExitCode::SUCCESS
        }
        "flood" => loop {
            if stdout().write_all(&[b'x'; 1 << 16]).is_err() {
                return ExitCode::FAILURE;
            }
        },
        "ten-million-keys" => answer(|request| match request["method"].as_str() {
            Some("find") => many_keys(),
            Some("describe") => described(request, "1.0").to_string(),
            _ => {
                let failure = json!({"kind": "unsupported", "message": "unknown"});
                json!({"id": request["id"], "error": failure}).to_string()
            }
        }),
        "flood-standard-error" => loop {
            if std::io::stderr().write_all(&[b'x'; 1 << 16]).is_err() {
                return ExitCode::FAILURE;
            }
        },
        "garbage" => answer(|_| "hello, I am a plugin".to_owned()),
        "other-number" => answer(|_| json!({"id": 77, "ok": {}}).to_string()),
        "twice" => answer(|request| format!("{0}\n{0}", described(request, "1.0"))),
        "other-protocol" => answer(|request| described(request, "2.0").to_string()),
        "later-protocol" => answer(|request| described(request, "1.9").to_string()),
        "intolerant" => answer(|request| described(request, "1.0").to_string()),
        "deaf" => answer(|_| json!({"id": 0, "error": error("I do not understand")}).to_string()),
        // Its answer comes when nobody waits any more.
        "late" => {
            let mut line = String::new();
            let _ = stdin().lock().read_line(&mut line);
            std::thread::sleep(std::time::Duration::from_secs(1000));
            ExitCode::SUCCESS
        }
        "escapes" => answer(|request| {
            let id = request["id"].clone();
            json!({"id": id, "error": error("\u{1b}[2Kall is well")}).to_string()
        }),
        _ => liar::main(),
    }
}

fn answer(reply: impl Fn(&Value) -> String) -> ExitCode {
    for line in stdin().lock().lines().map_while(Result::ok) {
        let request = serde_json::from_str(&line).unwrap_or_default();
        println!("{}", reply(&request));
    }
    ExitCode::SUCCESS
}

/// Writes them one by one, for as long as somebody reads.
fn many_keys() -> String {
    let mut to = stdout();
    let _ = to.write_all(b"{\"id\":3,\"ok\":{\"keys\":[");
    for _ in 0..10_000_000 {
        if to.write_all(b"{\"certificate\":\"\"},").is_err() {
            break;
        }
    }
    "{}]}}".to_owned()
}

fn described(request: &Value, protocol: &str) -> Value {
    let who = json!({
        "name": "liar", "version": "1", "protocol": protocol, "provides": ["key-store"],
    });
    json!({"id": request["id"], "ok": who})
}

fn error(message: &str) -> Value {
    json!({"kind": "backend", "message": message})
}
