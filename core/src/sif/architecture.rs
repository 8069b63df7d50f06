//! Processor architectures, as the header and partitions name them.

use crate::{Error, ErrorKind, Result};
use std::fmt;
use std::str::FromStr;

/// A processor architecture, named as the Go toolchain does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Architecture {
    /// No architecture, or one that the format does not assign.
    Unknown,
    I386,
    Amd64,
    Arm,
    Arm64,
    Ppc64,
    Ppc64le,
    Mips,
    Mipsle,
    Mips64,
    Mips64le,
    S390x,
    Riscv64,
    Loong64,
}

impl Architecture {
    /// All that have a name, in the order of their numbers, from 1.
    pub const ALL: &'static [Self] = &[
        Self::I386,
        Self::Amd64,
        Self::Arm,
        Self::Arm64,
        Self::Ppc64,
        Self::Ppc64le,
        Self::Mips,
        Self::Mipsle,
        Self::Mips64,
        Self::Mips64le,
        Self::S390x,
        Self::Riscv64,
        Self::Loong64,
    ];

    /// The number that the two digits in the file stand for; 0 for unknown.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The architecture with this number.
    pub fn from_number(number: u8) -> Self {
        number
            .checked_sub(1)
            .and_then(|index| Self::ALL.get(usize::from(index)))
            .copied()
            .unwrap_or(Self::Unknown)
    }

    /// The architecture that this program was built for.
    pub fn host() -> Self {
        let little = cfg!(target_endian = "little");
        match std::env::consts::ARCH {
            "x86" => Self::I386,
            "x86_64" => Self::Amd64,
            "arm" => Self::Arm,
            "aarch64" => Self::Arm64,
            "powerpc64" if little => Self::Ppc64le,
            "powerpc64" => Self::Ppc64,
            "mips" if little => Self::Mipsle,
            "mips" => Self::Mips,
            "mips64" if little => Self::Mips64le,
            "mips64" => Self::Mips64,
            "s390x" => Self::S390x,
            "riscv64" => Self::Riscv64,
            "loongarch64" => Self::Loong64,
            _ => Self::Unknown,
        }
    }

    /// The field in the file: two decimal digits and a NUL.
    pub(super) fn to_field(self) -> [u8; 3] {
        let number = self.number();
        [b'0' + number / 10, b'0' + number % 10, 0]
    }

    pub(super) fn from_field(field: [u8; 3]) -> Self {
        Self::ALL
            .iter()
            .copied()
            .find(|own| own.to_field() == field)
            .unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unknown => "unknown",
            Self::I386 => "386",
            Self::Amd64 => "amd64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::Ppc64 => "ppc64",
            Self::Ppc64le => "ppc64le",
            Self::Mips => "mips",
            Self::Mipsle => "mipsle",
            Self::Mips64 => "mips64",
            Self::Mips64le => "mips64le",
            Self::S390x => "s390x",
            Self::Riscv64 => "riscv64",
            Self::Loong64 => "loong64",
        })
    }
}

impl FromStr for Architecture {
    type Err = Error;

    /// Reads the name that `Display` prints.
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|own| own.to_string() == text)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Malformed,
                    format!("unknown architecture: {text}"),
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirteen_architectures_are_numbered_from_one() {
        for (number, architecture) in (1u8..).zip(Architecture::ALL) {
            assert_eq!(architecture.number(), number);
            assert_eq!(Architecture::from_number(number), *architecture);
            assert_eq!(
                architecture.to_string().parse::<Architecture>().unwrap(),
                *architecture
            );
        }
        assert_eq!(Architecture::ALL.len(), 13);
        assert_eq!(Architecture::from_number(0), Architecture::Unknown);
        assert_eq!(Architecture::from_number(14), Architecture::Unknown);
    }

    #[test]
    fn the_field_is_two_digits_and_a_nul() {
        assert_eq!(Architecture::Unknown.to_field(), *b"00\0");
        assert_eq!(Architecture::Amd64.to_field(), *b"02\0");
        assert_eq!(Architecture::Mips64le.to_field(), *b"10\0");
        assert_eq!(Architecture::from_field(*b"13\0"), Architecture::Loong64);
        assert_eq!(Architecture::from_field(*b"2\0\0"), Architecture::Unknown);
        assert_eq!(Architecture::from_field([0xff; 3]), Architecture::Unknown);
    }
}
