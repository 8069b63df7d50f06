//! The plugin as a program of its own.

fn main() -> std::process::ExitCode {
    sifseal_keystore_pkcs11::main()
}
