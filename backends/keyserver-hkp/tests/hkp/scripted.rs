//! A server on loopback that does what a script says, good or bad; a proxy; and a
//! certificate authority. Only the standard library and rustls.
//!
//! Threads are left to themselves: they wait for peers, and end with the process.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let same = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(same)
            .map(|(_, value)| value.as_str())
    }
}

/// What the server does about a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// An answer as it should be: status, headers, body.
    Proper(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, and then the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing, until the peer goes.
    Silence,
    /// These bytes, and then one `a` after the other, slowly.
    Drip(&'static str),
    /// These bytes again and again, as long as the peer takes them.
    Flood(&'static str, Vec<u8>),
}

pub(crate) fn reply(status: u16, body: impl AsRef<[u8]>) -> Reply {
    Reply::Proper(status, Vec::new(), body.as_ref().to_vec())
}

impl Reply {
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Proper(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

#[derive(Default)]
struct Record {
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
    flooded: AtomicU64,
}

/// The server.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    record: Arc<Record>,
}

impl Server {
    /// One that answers in the clear.
    pub(crate) fn new(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(script))
    }

    /// One that answers with TLS.
    pub(crate) fn tls(
        tls: Arc<ServerConfig>,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(tls), Arc::new(script))
    }

    /// One that gives these replies in order, and the last one ever after.
    pub(crate) fn in_order(replies: Vec<Reply>) -> Self {
        let next = AtomicUsize::new(0);
        Self::new(move |_| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            replies[at.min(replies.len() - 1)].clone()
        })
    }

    fn start(tls: Option<Arc<ServerConfig>>, script: Arc<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let theirs = record.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, script, record) = (tls.clone(), script.clone(), theirs.clone());
                record.connections.fetch_add(1, Ordering::Relaxed);
                thread::spawn(move || match tls {
                    None => serve(stream, &*script, &record),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        serve(StreamOwned::new(connection, stream), &*script, &record)
                    }
                });
            }
        });
        Self { at, record }
    }

    /// Its address with this scheme.
    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.at)
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.record.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.record.connections.load(Ordering::Relaxed)
    }

    /// Bytes of a [`Reply::Flood`] that the peer took.
    pub(crate) fn flooded(&self) -> u64 {
        self.record.flooded.load(Ordering::Relaxed)
    }
}

/// Requests on one connection until the peer goes or the script ends it.
fn serve(stream: impl Read + Write, script: &Script, record: &Record) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream)? {
        record.requests.lock().unwrap().push(request.clone());
        let out = stream.get_mut();
        match script(&request) {
            Reply::Proper(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                // In one piece: two would wait for each other (Nagle's algorithm).
                let head = format!("{head}\r\n").into_bytes();
                out.write_all(&[head, body].concat())?;
                out.flush()?;
            }
            Reply::Bytes(bytes) => {
                out.write_all(&bytes)?;
                return out.flush();
            }
            Reply::Silence => {
                return io::copy(&mut stream, &mut io::sink()).map(|_| ());
            }
            Reply::Drip(head) => {
                out.write_all(head.as_bytes())?;
                loop {
                    out.flush()?;
                    thread::sleep(Duration::from_millis(10));
                    out.write_all(b"a")?;
                }
            }
            Reply::Flood(head, chunk) => {
                out.write_all(head.as_bytes())?;
                loop {
                    out.write_all(&chunk)?;
                    let len = u64::try_from(chunk.len()).unwrap();
                    record.flooded.fetch_add(len, Ordering::Relaxed);
                }
            }
        }
    }
    Ok(())
}

fn read_request(stream: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut request = Request::default();
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    request.method = words.next().unwrap_or_default();
    request.target = words.next().unwrap_or_default();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                let pair = (name.to_owned(), value.trim().to_owned());
                request.headers.push(pair);
            }
            None => break,
        }
    }
    let len = request.header("content-length").map(str::parse::<usize>);
    request.body = vec![0; len.and_then(Result::ok).unwrap_or(0)];
    stream.read_exact(&mut request.body)?;
    Ok(Some(request))
}

/// A proxy that leads every connection to one server, whatever name it is asked for.
pub(crate) struct Proxy {
    pub(crate) at: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Proxy {
    /// One that is asked to `CONNECT`.
    pub(crate) fn http(server: &Server) -> Self {
        Self::start(server.at, |stream| {
            let request = read_request(stream)?.unwrap_or_default();
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            Ok(request)
        })
    }

    /// One that speaks SOCKS 5 (RFC 1928) and is told names.
    pub(crate) fn socks5(server: &Server) -> Self {
        Self::start(server.at, |stream| {
            let mut hello = [0; 2];
            stream.read_exact(&mut hello)?;
            stream.read_exact(&mut vec![0; hello[1].into()])?;
            stream.get_mut().write_all(&[5, 0])?;
            let mut head = [0; 5];
            stream.read_exact(&mut head)?;
            let mut name = vec![0; usize::from(head[4]) + 2];
            stream.read_exact(&mut name)?;
            let done = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            stream.get_mut().write_all(&done)?;
            let port = u16::from_be_bytes([name[name.len() - 2], name[name.len() - 1]]);
            name.truncate(name.len() - 2);
            Ok(Request {
                target: format!("{}:{port}", String::from_utf8_lossy(&name)),
                ..Request::default()
            })
        })
    }

    fn start(
        server: SocketAddr,
        greet: fn(&mut BufReader<TcpStream>) -> io::Result<Request>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let record = record.clone();
                thread::spawn(move || -> io::Result<()> {
                    let mut near = BufReader::new(stream);
                    record.lock().unwrap().push(greet(&mut near)?);
                    let near = near.into_inner();
                    let far = TcpStream::connect(server)?;
                    let (mut from, mut to) = (near.try_clone()?, far.try_clone()?);
                    thread::spawn(move || io::copy(&mut from, &mut to));
                    io::copy(&mut &far, &mut &near).map(|_| ())
                });
            }
        });
        Self { at, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

/// A certificate authority that nobody else knows.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    directory: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        // Two authorities of one name would be taken for each other.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("authority {number}");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ca.pem"), pem).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            directory,
        }
    }

    /// Its certificate in a file.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// What a server with this name needs.
    pub(crate) fn server(&self, name: &str) -> Arc<ServerConfig> {
        self.issue(CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// The same, with a certificate of long ago.
    pub(crate) fn expired_server(&self, name: &str) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        self.issue(params)
    }

    fn issue(&self, params: CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Arc::new(config.unwrap())
    }
}
