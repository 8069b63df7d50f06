//! Cleartext messages (RFC 9580, section 7) and ASCII armor (section 6).

use super::draft::{Draft, Place};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A cleartext message as it grows. The text is taken as it is to be signed; the
/// signatures cover its canonical form.
#[derive(Debug, Clone)]
pub struct Frame {
    text: String,
    headers: Vec<String>,
    packets: Vec<u8>,
}

impl Frame {
    /// A message with this text and no signature yet. `text` has no line break at its
    /// end.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            headers: Vec::new(),
            packets: Vec::new(),
        }
    }

    /// One more signature, and the `Hash` header that it needs.
    #[must_use]
    pub fn signed(self, draft: &Draft<'_>) -> Self {
        let packet = draft.over(Place::Data(&self.canonical()));
        self.with(draft, packet)
    }

    /// The same, with another last octet in the values of the signature.
    #[must_use]
    pub fn signed_wrongly(self, draft: &Draft<'_>) -> Self {
        let mut packet = draft.over(Place::Data(&self.canonical()));
        if let Some(last) = packet.last_mut() {
            *last ^= 1;
        }
        self.with(draft, packet)
    }

    fn with(self, draft: &Draft<'_>, packet: Vec<u8>) -> Self {
        let header = format!("Hash: {}", draft.uses());
        let mut frame = self.raw(&packet);
        if !frame.headers.contains(&header) {
            frame.headers.push(header);
        }
        frame
    }

    /// These header lines and no others.
    #[must_use]
    pub fn headers(mut self, lines: &[&str]) -> Self {
        self.headers = lines.iter().map(|line| (*line).to_owned()).collect();
        self
    }

    /// Any bytes in the signature block.
    #[must_use]
    pub fn raw(mut self, packets: &[u8]) -> Self {
        self.packets.extend_from_slice(packets);
        self
    }

    /// What is hashed: no blanks at the end of a line, every line ended by CR LF.
    fn canonical(&self) -> Vec<u8> {
        let lines: Vec<_> = self
            .text
            .split('\n')
            .map(|line| line.trim_end_matches([' ', '\t', '\r']))
            .collect();
        lines.join("\r\n").into_bytes()
    }

    /// The message, ended by a line break.
    pub fn message(&self) -> String {
        self.unsigned_message() + &armor("SIGNATURE", &self.packets)
    }

    /// The message up to its signatures.
    pub fn unsigned_message(&self) -> String {
        let mut message = "-----BEGIN PGP SIGNED MESSAGE-----\n".to_owned();
        for header in &self.headers {
            message.push_str(header);
            message.push('\n');
        }
        message.push('\n');
        for line in self.text.split('\n') {
            if line.starts_with('-') {
                message.push_str("- ");
            }
            message.push_str(line);
            message.push('\n');
        }
        message
    }
}

/// Bytes in ASCII armor, with a checksum.
pub fn armor(label: &str, bytes: &[u8]) -> String {
    let mut text = format!("-----BEGIN PGP {label}-----\n\n");
    let base64 = STANDARD.encode(bytes);
    for line in base64.as_bytes().chunks(64) {
        text.extend(line.iter().map(|letter| char::from(*letter)));
        text.push('\n');
    }
    let crc = crc24(bytes).to_be_bytes();
    text + &format!(
        "={}\n-----END PGP {label}-----\n",
        STANDARD.encode(&crc[1..])
    )
}

/// The checksum of section 6.1.1.
fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00B7_04CE_u32;
    for octet in bytes {
        crc ^= u32::from(*octet) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
    }
    crc
}
