//! The process's exit codes, which are public interface.

/// What the process tells its caller when it ends.
///
/// The numbers are part of the public interface and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything that was applicable conforms.
    Conforms = 0,
    /// At least one finding that no known-findings file explains, or such a file is stale.
    Findings = 1,
    /// The command line, or a file named on it, is wrong.
    Usage = 2,
    /// Nothing could be judged: the port never started, the filter matched nothing, or nothing was applicable.
    CouldNotRun = 3,
    /// The harness itself is at fault.
    HarnessFault = 4,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
