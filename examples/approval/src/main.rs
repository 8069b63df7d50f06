//! The key backend as a program of its own.

fn main() -> std::process::ExitCode {
    approval::main()
}
