//! A keyserver on loopback that gives one answer to every question, right or wrong.

use crate::craft::armor;
use crate::keys::Keys;
use crate::scenario::Serve;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The answer that is given now.
type Current = Arc<Mutex<Vec<u8>>>;

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
                    let bytes = shared
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone();
                    // Who does not ask properly gets no answer; the next one does.
                    let _ = answer_one(stream, &bytes);
                }
            })?;
        Ok(Self { address, answer })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer.into_bytes();
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

fn answer_one(stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new((&stream).take(LONGEST_HEAD));
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 && line.trim_end() != "" {
        line.clear();
    }
    (&stream).write_all(answer)
}
