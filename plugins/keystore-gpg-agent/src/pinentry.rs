//! What the person's pinentry needs to know to appear in front of them.
//!
//! gpg-agent starts it, perhaps hours after it was itself started elsewhere. So whoever
//! asks for a signature says on which terminal or screen the person sits, and in which
//! language they read; `gpg` does the same.

use std::path::PathBuf;

/// Variables of the environment that are options of gpg-agent by another name.
const OPTIONS: [(&str, &str); 4] = [
    ("TERM", "ttytype"),
    ("DISPLAY", "display"),
    ("XAUTHORITY", "xauthority"),
    ("PINENTRY_USER_DATA", "pinentry-user-data"),
];

/// Variables that gpg-agent takes as such and hands to pinentry.
const VARIABLES: [&str; 9] = [
    "WAYLAND_DISPLAY",
    "XDG_SESSION_TYPE",
    "DBUS_SESSION_BUS_ADDRESS",
    "QT_QPA_PLATFORM",
    "QT_IM_MODULE",
    "GTK_IM_MODULE",
    "XMODIFIERS",
    "PINENTRY_GEOM_HINT",
    "INSIDE_EMACS",
];

/// The longest value that is passed on: it must fit on a line with its name.
const MAX_VALUE: usize = 900;

/// Where pinentry finds the person, as options for gpg-agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pinentry {
    options: Vec<(String, String)>,
}

impl Pinentry {
    /// What an environment and the terminal of this process say. `GPG_TTY` is stronger
    /// than the terminal, as for `gpg`.
    pub fn of(variable: impl Fn(&str) -> Option<String>, terminal: Option<PathBuf>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let terminal = terminal.and_then(|path| path.into_os_string().into_string().ok());
        let locale = |category: &str| {
            let names = ["LC_ALL", category, "LANG"];
            names.into_iter().find_map(set)
        };
        let mut options = vec![
            ("ttyname".to_owned(), set("GPG_TTY").or(terminal)),
            ("lc-ctype".to_owned(), locale("LC_CTYPE")),
            ("lc-messages".to_owned(), locale("LC_MESSAGES")),
        ];
        options.extend(OPTIONS.map(|(name, option)| (option.to_owned(), set(name))));
        options.extend(VARIABLES.map(|name| (format!("putenv={name}"), set(name))));
        let known = |(name, value): (String, Option<String>)| Some((name, value?));
        let mut options: Vec<_> = options.into_iter().filter_map(known).collect();
        options.retain(|(_, value)| value.len() <= MAX_VALUE && !value.contains(char::is_control));
        Self { options }
    }

    /// The commands that tell gpg-agent.
    pub(crate) fn commands(&self) -> impl Iterator<Item = String> {
        let options = self.options.iter();
        options.map(|(name, value)| format!("OPTION {name}={value}"))
    }
}

/// The terminal that this process belongs to, whatever its input and output are: as a
/// program of its own, a plugin has pipes for both.
///
/// It is read off Linux's `/proc/self/stat` (proc(5), the field `tty_nr`); elsewhere the
/// person says it with `GPG_TTY`.
pub(crate) fn controlling_terminal() -> Option<PathBuf> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    terminal_in(&stat).filter(|path| path.exists())
}

fn terminal_in(stat: &str) -> Option<PathBuf> {
    // The name, in parentheses, may hold anything. After it: state, parent, group, session.
    let (_, fields) = stat.rsplit_once(") ")?;
    let device: i32 = fields.split(' ').nth(4)?.parse().ok()?;
    let device = device.cast_unsigned();
    let major = (device >> 8) & 0xFFF;
    let minor = (device & 0xFF) | ((device >> 12) & 0xFFF00);
    match (major, minor) {
        // Linux's list of devices: pseudo-terminals, then the console's.
        (136..=143, _) => Some(format!("/dev/pts/{}", (major - 136) * 256 + minor).into()),
        (4, 0..=63) => Some(format!("/dev/tty{minor}").into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(variables: &[(&str, &str)], terminal: Option<&str>) -> Vec<String> {
        let variable = |name: &str| {
            let mut all = variables.iter();
            let (_, value) = all.find(|(own, _)| *own == name)?;
            Some((*value).to_owned())
        };
        let pinentry = Pinentry::of(variable, terminal.map(PathBuf::from));
        pinentry.commands().collect()
    }

    #[test]
    fn pinentry_is_told_where_the_person_sits() {
        let told = commands(
            &[
                ("TERM", "xterm"),
                ("WAYLAND_DISPLAY", "wayland-0"),
                ("LANG", "de_DE.UTF-8"),
                ("LC_MESSAGES", "C"),
                ("DISPLAY", ""),
                ("PATH", "/bin"),
            ],
            Some("/dev/pts/3"),
        );
        assert_eq!(
            told,
            [
                "OPTION ttyname=/dev/pts/3",
                "OPTION lc-ctype=de_DE.UTF-8",
                "OPTION lc-messages=C",
                "OPTION ttytype=xterm",
                "OPTION putenv=WAYLAND_DISPLAY=wayland-0",
            ]
        );
    }

    #[test]
    fn the_person_may_name_another_terminal() {
        let told = commands(&[("GPG_TTY", "/dev/pts/9")], Some("/dev/pts/3"));
        assert_eq!(told, ["OPTION ttyname=/dev/pts/9"]);
        assert_eq!(commands(&[], None), [""; 0]);
    }

    #[test]
    fn a_variable_cannot_smuggle_in_a_command() {
        let long = "x".repeat(2000);
        let told = commands(&[("DISPLAY", ":0\nKILLAGENT"), ("TERM", &long)], None);
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn a_terminal_is_told_by_its_number() {
        let stat = |device: i32| format!("7 (a) b) S 1 2 3 {device} 5 0");
        let terminal = |device| terminal_in(&stat(device));
        assert_eq!(terminal(0), None);
        assert_eq!(terminal(-1), None);
        assert_eq!(terminal(136 << 8 | 3), Some("/dev/pts/3".into()));
        assert_eq!(
            terminal(136 << 8 | 0x10_0000 | 2),
            Some("/dev/pts/258".into())
        );
        assert_eq!(terminal(137 << 8 | 1), Some("/dev/pts/257".into()));
        assert_eq!(terminal(4 << 8 | 1), Some("/dev/tty1".into()));
        assert_eq!(terminal(4 << 8 | 64), None);
        assert_eq!(terminal_in("nonsense"), None);
    }
}
