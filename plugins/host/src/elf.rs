//! What a file is, by its first bytes: enough to say in plain words why the system would
//! not run it.

use sifseal_core::{Error, ErrorKind, Result};

/// The most that is looked at.
pub(crate) const HEAD: usize = 64;

/// `e_machine` of the processors that people have (`elf.h`), with the name that Rust
/// gives them.
const MACHINES: [(u16, &str); 8] = [
    (3, "x86"),
    (21, "powerpc64"),
    (22, "s390x"),
    (40, "arm"),
    (62, "x86_64"),
    (183, "aarch64"),
    (243, "riscv64"),
    (258, "loongarch64"),
];

const SHARED_OBJECT: u16 = 3;

/// Refuses what cannot be loaded as a shared library here.
///
/// # Errors
/// `Unsupported` for another kind of file or another processor.
pub(crate) fn check_library(head: &[u8]) -> Result<()> {
    let elf = Elf::read(head).ok_or_else(|| {
        wrong("it is no shared library").hint(
            "a plugin that is a program of its own has `carrier = \"executable\"`, or a name \
             that does not end in `.so`",
        )
    })?;
    elf.check_machine()?;
    match elf.kind {
        SHARED_OBJECT => Ok(()),
        _ => Err(wrong(
            "it is a program or an object file, and no shared library",
        )),
    }
}

/// Refuses what cannot be started here.
///
/// # Errors
/// `Unsupported` for another kind of file or another processor.
pub(crate) fn check_program(head: &[u8]) -> Result<()> {
    if head.starts_with(b"#!") {
        return Ok(());
    }
    let elf = Elf::read(head).ok_or_else(|| {
        wrong("it is no program").hint("a script begins with a line like `#!/usr/bin/env python3`")
    })?;
    elf.check_machine()
}

struct Elf {
    bits: u8,
    kind: u16,
    machine: u16,
}

impl Elf {
    fn read(head: &[u8]) -> Option<Self> {
        let rest = head.strip_prefix(b"\x7fELF")?;
        let (bits, order) = (*rest.first()?, *rest.get(1)?);
        let number = |at: usize| {
            let bytes: [u8; 2] = head.get(at..at + 2)?.try_into().ok()?;
            match order {
                1 => Some(u16::from_le_bytes(bytes)),
                2 => Some(u16::from_be_bytes(bytes)),
                _ => None,
            }
        };
        Some(Self {
            bits,
            kind: number(16)?,
            machine: number(18)?,
        })
    }

    fn check_machine(&self) -> Result<()> {
        let own = std::env::consts::ARCH;
        let known = MACHINES
            .iter()
            .find(|(machine, _)| *machine == self.machine);
        let bits = match self.bits {
            1 => 32,
            _ => 64,
        };
        let same = known.is_some_and(|(_, name)| *name == own) && bits == usize::BITS;
        if same {
            return Ok(());
        }
        let other = match known {
            Some((_, name)) => format!("{name} ({bits} bits)"),
            None => format!("another processor (machine {})", self.machine),
        };
        let what = format!("it was built for {other}, and this program for {own}");
        Err(wrong(&what))
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Our own kind of file, as another kind for another processor.
    fn head(machine: u16, kind: u16) -> Vec<u8> {
        let mut head = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
        head.resize(16, 0);
        head.extend(kind.to_le_bytes());
        head.extend(machine.to_le_bytes());
        head
    }

    fn own() -> u16 {
        let own = std::env::consts::ARCH;
        MACHINES.iter().find(|(_, name)| *name == own).unwrap().0
    }

    #[test]
    fn a_library_of_this_processor_is_fine_and_no_other_file_is() {
        check_library(&head(own(), 3)).unwrap();
        let refused = |head: &[u8]| check_library(head).unwrap_err().to_string();
        let other = if own() == 183 {
            (62, "x86_64")
        } else {
            (183, "aarch64")
        };
        assert!(refused(&head(other.0, 3)).contains(other.1));
        assert!(refused(&head(9999, 3)).contains("machine 9999"));
        assert!(refused(&head(own(), 2)).contains("a program"));
        for nonsense in [
            &b""[..],
            b"\x7fELF",
            b"#!/bin/sh\n",
            b"\x7fELF\x02\x07aaaaaaaaaaaaaaaa",
        ] {
            assert!(refused(nonsense).contains("no shared library"));
        }
    }

    #[test]
    fn a_program_is_native_or_a_script() {
        check_program(b"#!/usr/bin/env python3\n").unwrap();
        check_program(&head(own(), 2)).unwrap();
        assert!(check_program(b"print('hello')").is_err());
    }
}
