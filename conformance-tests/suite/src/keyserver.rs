//! A keyserver on loopback that gives one answer, right or wrong, to every proper question.
//!
//! It reads questions as strictly as servers in use do: a key is asked for by all the digits
//! of its fingerprint or key ID. Who leaves a zero out is told that there is no such key.

use crate::craft::armor;
use crate::keys::Keys;
use crate::scenario::Serve;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is answered now.
type Current = Arc<Mutex<Answers>>;

#[derive(Debug, Default)]
struct Answers {
    /// The path in front of the paths of HKP.
    below: String,
    /// True if nobody may send a login.
    no_login: bool,
    /// The answer to a proper question.
    answer: Vec<u8>,
}

/// A keyserver that answers until the value is dropped.
#[derive(Debug)]
pub struct Keyserver {
    address: SocketAddr,
    answer: Current,
}

/// The longest head of a request that is read.
const LONGEST_HEAD: u64 = 64 << 10;

impl Keyserver {
    /// Starts one that knows no key yet.
    ///
    /// # Errors
    /// There is no port, or no thread.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let answer = Current::default();
        let shared = Arc::clone(&answer);
        std::thread::Builder::new()
            .name("keyserver".to_owned())
            .spawn(move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    // The value that held the other end is gone.
                    if Arc::strong_count(&shared) == 1 {
                        break;
                    }
                    // Who does not ask properly gets no answer; the next one does.
                    let _ = answer_one(stream, &shared);
                }
            })?;
        Ok(Self { address, answer })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        let answers = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://{}{}", self.address, answers.below)
    }

    /// From now on it answers as a step says; the same certificates go into a folder.
    ///
    /// # Errors
    /// The step speaks of an unknown key, or the folder cannot be written.
    pub fn serve(&self, step: &Serve, keys: &Keys, folder: &Path) -> Result<(), String> {
        let problem = |error: std::io::Error| error.to_string();
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).map_err(problem)?;
        let mut armored = String::new();
        for name in &step.keys {
            let key = keys
                .get(name)
                .ok_or_else(|| format!("there is no key `{name}`"))?;
            let text = armor("PUBLIC KEY BLOCK", key.certificate());
            std::fs::write(folder.join(format!("{name}.asc")), &text).map_err(problem)?;
            armored.push_str(&text);
        }
        let body = step.body.clone().unwrap_or(armored);
        let status = step
            .status
            .unwrap_or(if body.is_empty() { 404 } else { 200 });
        let length = if step.hang_up {
            body.len() + 1000
        } else {
            body.len()
        };
        let answer = format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: application/pgp-keys\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Answers {
            below: step.below.clone().unwrap_or_default(),
            no_login: step.no_login,
            answer: answer.into_bytes(),
        };
        Ok(())
    }
}

impl Drop for Keyserver {
    fn drop(&mut self) {
        // The thread waits for a caller: it gets one, and sees that it is alone.
        self.answer = Current::default();
        let _ = TcpStream::connect(self.address);
    }
}

fn answer_one(stream: TcpStream, current: &Current) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new((&stream).take(LONGEST_HEAD));
    let mut question = String::new();
    lines.read_line(&mut question)?;
    let mut has_login = false;
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 && line.trim_end() != "" {
        has_login |= line.to_ascii_lowercase().starts_with("authorization:");
        line.clear();
    }
    let answer = {
        let answers = current.lock().unwrap_or_else(PoisonError::into_inner);
        match () {
            () if answers.no_login && has_login => refusal("401 Unauthorized"),
            () if asks_for_a_key(&question, &answers.below) => answers.answer.clone(),
            () => refusal("404 Not Found"),
        }
    };
    (&stream).write_all(&answer)
}

fn refusal(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// True for the first line of a request that gets one key by its whole fingerprint or key
/// ID: `/pks/lookup` with `op=get` and `search=0x` (draft-gallagher-openpgp-hkp, section 3.1).
fn asks_for_a_key(line: &str, below: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else {
        return false;
    };
    let Some((path, query)) = target.split_once('?') else {
        return false;
    };
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
    };
    let digits = value("search").and_then(|search| search.strip_prefix("0x"));
    let is_whole = |digits: &str| {
        [16, 40, 64].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    path.strip_prefix(below) == Some("/pks/lookup")
        && value("op") == Some("get")
        && digits.is_some_and(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_asked_for_by_all_of_its_digits() {
        let asks = |search: &str, below: &str| {
            let line = format!("GET {below}/pks/lookup?op=get&search={search}&options=mr HTTP/1.1");
            asks_for_a_key(&line, "")
        };
        assert!(asks("0x0123456789abcdef", ""));
        assert!(asks(&format!("0x{}", "0F".repeat(20)), ""));
        assert!(!asks("0x123456789abcdef", ""), "a zero is missing");
        assert!(!asks("ada%40example.org", ""));
        assert!(!asks("0x0123456789abcdef", "/keys"));
        assert!(!asks_for_a_key("GET / HTTP/1.0", ""));
        let line = "GET /keys/pks/lookup?op=get&search=0x0123456789abcdef HTTP/1.1";
        assert!(asks_for_a_key(line, "/keys"));
        assert!(!asks_for_a_key(
            &line.replace("op=get", "op=index"),
            "/keys"
        ));
    }
}
