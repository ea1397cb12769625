//! Which commands there are.

use clap::{Parser, Subcommand};

use super::bench::BenchArguments;
use super::check::CheckArguments;
use super::explain::ExplainArguments;
use super::judge::JudgeArguments;
use super::list::ListArguments;
use super::replay::ReplayArguments;
use super::selftest::SelftestArguments;
use super::serve::ServeArguments;
use crate::srp::modexp::EngineName;

/// Conformance tests for ports of Amazon Cognito's sign-in
#[derive(Debug, Parser)]
#[command(
    name = "cognito-conformance",
    version,
    about = "Conformance tests for ports of Amazon Cognito's sign-in",
    after_help = AFTER_HELP,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Who computes powers: reference, portable or ifma (default: the fastest here)
    #[arg(long, global = true, value_name = "NAME", help_heading = "Arithmetic")]
    pub engine: Option<EngineName>,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play sign-ins against a port and judge what happened
    Check(CheckArguments),
    /// Prove that every rule can fail: play known mistakes and see who catches them
    Selftest(SelftestArguments),
    /// Judge transcripts from files
    Judge(JudgeArguments),
    /// Play one scenario again, and tell what happened step by step
    Replay(ReplayArguments),
    /// Measure a port's SRP, or the engines of this machine
    Bench(BenchArguments),
    /// Serve a local Cognito: the pool, for applications and their tests
    Serve(ServeArguments),
    /// List rules, mistakes, vectors, recordings, scenarios, rare values, cases or engines
    List(ListArguments),
    /// Explain a rule, a mistake, a rare value or an exit code
    Explain(ExplainArguments),
}

const AFTER_HELP: &str = "\
How it works:
  A scenario is played: a port on one side, a user pool on the other. What happened is kept as a
  transcript, and rules judge the transcript. Recordings of the real service are judged by the
  same rules.

Start here:
  cognito-conformance check                          the reference client: how a right run reads
  cognito-conformance check --port 'node shim.js'    a port behind a shim
  cognito-conformance list rules                     what is required
  cognito-conformance explain srp.claim              why, and who got it wrong before

Exit codes:
  0 conforms   1 findings   2 usage   3 could not run   4 the harness is at fault
  `cognito-conformance explain 3` tells more.

Environment:
  COGNITO_CONFORMANCE_ENGINE names an engine, as --engine does; the flag wins. `list engines` says
  which run here.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_no_help_is_wider_than_a_page() {
        let mut command = Arguments::command();
        command.clone().debug_assert();
        let mut helps = vec![command.render_help().to_string()];
        helps.extend(
            command
                .get_subcommands_mut()
                .map(|command| command.render_help().to_string()),
        );
        for line in helps.iter().flat_map(|help| help.lines()) {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
