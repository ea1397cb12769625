//! The command line of `cognito-conformance`; everything lives in the library.

fn main() -> std::process::ExitCode {
    cognito_conformance::cli::main().into()
}
