//! The selector as a program of its own.

fn main() -> std::process::ExitCode {
    selector::main()
}
