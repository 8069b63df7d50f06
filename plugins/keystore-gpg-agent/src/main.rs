//! The plugin as a program of its own.

fn main() -> std::process::ExitCode {
    sifseal_keystore_gpg_agent::main()
}
