//! What the command does.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::runtime;

use super::judging::{Judging, both};
use super::{log, welcome};
use crate::cli::error::CliError;
use crate::cli::input::{LARGEST_OTHER, read_text};
use crate::cli::interrupt::Signals;
use crate::exit_code::ExitCode;
use crate::local::{LocalCognito, LocalCognitoError, LocalSettings};
use crate::model::{HostName, Local, LocalIssuer};
use crate::pool::{Issuer, PoolsSettings, SigningKeys};
use crate::process_group;
use crate::report::Save;

/// The flags of `serve`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ServeArguments {
    /// What is served, as --print-sample shows it; - is the standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Port to listen on; 0 lets the system choose
    #[arg(long, value_name = "N", default_value_t = 9229)]
    port: u16,
    /// IP to listen on; loopback keeps others out
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Another name of this machine for browsers; repeatable
    #[arg(long = "allow-host", value_name = "NAME")]
    allow_hosts: Vec<HostName>,
    /// `iss` of tokens: endpoint, service or a URL; wins over the file
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<LocalIssuer>,
    /// Where functions are asked that an ARN names; wins over the file
    #[arg(long, value_name = "URL")]
    lambda_endpoint: Option<String>,
    /// Print a file that explains each setting, and end
    #[arg(long)]
    print_sample: bool,
    /// Judge whatever signs in; the exit code tells what came of it
    #[arg(long)]
    judge: bool,
    /// Keep the transcripts of sign-ins that break a rule, for `judge`
    #[arg(long, value_name = "DIR", requires = "judge")]
    save: Option<PathBuf>,
    /// Say where it listens, what --judge finds, and nothing else
    #[arg(long, short)]
    quiet: bool,
}

/// Carries `serve` out: until a signal ends it.
///
/// # Errors
/// When the file can't be served, or nothing can be listened on.
pub fn run(arguments: &ServeArguments) -> Result<ExitCode, CliError> {
    if arguments.print_sample {
        let mut out = io::stdout().lock();
        out.write_all(SAMPLE.as_bytes())?;
        out.flush()?;
        return Ok(ExitCode::Conforms);
    }
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve(arguments));
    // A function that is still being asked is not waited for.
    runtime.shutdown_timeout(GRACE);
    outcome
}

async fn serve(arguments: &ServeArguments) -> Result<ExitCode, CliError> {
    let ready = Path::new("the sample");
    let (path, text) = match &arguments.file {
        Some(path) => (path.as_path(), read_text(path, LARGEST_OTHER)?),
        None => (ready, SAMPLE.to_owned()),
    };
    let local = Local::read(&text).map_err(|source| CliError::Local {
        path: path.to_owned(),
        source,
    })?;
    let judging = match (arguments.judge, &arguments.save) {
        (false, _) => None,
        (true, None) => Some(Judging::start(None)?),
        (true, Some(folder)) => Some(Judging::start(Some(Save::begin(folder, "serve")?))?),
    };
    // Listened for before anybody is told that it runs, so that no signal is missed.
    let mut signals = Signals::listen()?;
    let worlds = local.worlds.clone();
    let cognito = LocalCognito::start_with(worlds, settings(arguments, &local, judging.as_ref()))
        .await
        .map_err(|error| not_started(error, path))?;
    if !arguments.address.is_loopback() {
        let mut stderr = anstream::stderr().lock();
        writeln!(
            stderr,
            "warning: whoever reaches {} can sign in as anybody, and read every code at /_local/messages",
            cognito.local_addr()
        )?;
    }
    let page = welcome::Page {
        endpoint: cognito.endpoint(),
        worlds: &local.worlds,
        shows_secrets: arguments.file.is_none(),
    };
    let told = if arguments.quiet {
        page.listening()
    } else {
        page.whole()
    };
    {
        let mut out = anstream::stdout().lock();
        out.write_all(told.as_bytes())?;
        out.flush()?;
    }
    signals.next().await;
    tokio::spawn(signals.end_at_another(Instant::now()));
    cognito.stop().await;
    // Who waits for a function is on a thread that nothing unwinds.
    process_group::kill_all();
    Ok(match judging {
        Some(judging) => judging.finish()?,
        None => ExitCode::Conforms,
    })
}

fn settings(arguments: &ServeArguments, local: &Local, judging: Option<&Judging>) -> LocalSettings {
    let issuer = arguments.issuer.as_ref().unwrap_or(&local.issuer);
    let endpoint = arguments.lambda_endpoint.as_ref();
    let mut pools = PoolsSettings {
        keys: SigningKeys::generate(),
        issuer: match issuer {
            LocalIssuer::Endpoint => Issuer::Endpoint,
            LocalIssuer::Service => Issuer::Service,
            LocalIssuer::Url(url) => Issuer::Url(url.clone()),
        },
        functions: local.functions.clone(),
        lambda_endpoint: endpoint.or(local.lambda_endpoint.as_ref()).cloned(),
        judged: judging.is_some(),
        ..PoolsSettings::default()
    };
    if let Some(first) = local.worlds.first() {
        pools.region.clone_from(&first.pool.region);
        pools.seed = first.seed;
    }
    LocalSettings {
        address: SocketAddr::new(arguments.address, arguments.port),
        allow_hosts: [&arguments.allow_hosts[..], &local.allow_hosts].concat(),
        pools,
        observer: match ((!arguments.quiet).then(log::observer), judging) {
            (Some(log), Some(judging)) => Some(both(log, judging.observer())),
            (log, judging) => log.or(judging.map(Judging::observer)),
        },
    }
}

fn not_started(error: LocalCognitoError, path: &Path) -> CliError {
    match error {
        LocalCognitoError::Listen { address, source } => CliError::Listen { address, source },
        source @ LocalCognitoError::Pool { .. } => CliError::Served {
            path: path.to_owned(),
            source,
        },
    }
}

const SAMPLE: &str = include_str!("sample.toml");
const GRACE: Duration = Duration::from_millis(500);
const AFTER_HELP: &str = "\
Without a file a ready pool is served: what --print-sample prints. Everything is in memory, and gone
when it stops: at Ctrl-C, SIGTERM or SIGHUP. A second signal ends it at once, with 3.

What the service would send by SMS or e-mail is shown on a log line, and at
  GET /_local/messages                    all of it, the latest first
  GET /_local/messages?username=NAME      what one person was sent
  GET /_local/health                      whether it runs

Whoever reads that, and every page in a browser, has to call this machine localhost, by an IP
address, or by a name that --allow-host or the file's allow_hosts tells, such as a container's. No
page can read /_local/, and what administrators do is not for pages from elsewhere.

With --judge every sign-in is judged by the rules for a port, whatever application makes it: no
shim is needed. A finding is printed as it happens; the same one again is only counted. Nobody saw
what the application was told to do or what a person typed, so rules about that do not apply, and
a refused proof is no finding unless a known mistake explains it with the right password. Mistakes
in x and k can't be told from a mistyped password here; `check --port` can. Passwords of fewer
than 12 characters are not searched for in what is sent: they can't be told from chance.

Examples:
  A pool to begin with
    cognito-conformance serve

  A pool of one's own
    cognito-conformance serve --print-sample > cognito.toml
    cognito-conformance serve cognito.toml

  In a script: a free port, and the line that names it
    cognito-conformance serve cognito.toml --port 0 --quiet

  An application's own tests, and whether it conforms
    cognito-conformance serve --judge --save findings

Exit codes:
  0 it was stopped by a signal; with --judge: what it judged conforms
  1 with --judge: findings   2 the file can't be served
  3 it can't listen there; with --judge: nothing was judged, or no proof was of the right password";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BuiltIn, Function, TriggerName};
    use crate::pool::Pools;

    #[test]
    fn the_sample_can_be_served() {
        let local = Local::read(SAMPLE).expect("the sample is right");
        let pools = Pools::new(PoolsSettings::default());
        for world in &local.worlds {
            pools
                .add(world.clone())
                .expect("the service would allow it");
        }
        let world = &local.worlds[0];
        assert_eq!(world.clients.len(), 2, "clients");
        let names: Vec<_> = world.users.iter().map(|user| &user.aliases[0]).collect();
        let expected = ["ada@example.com", "grace@example.com", "alan@example.com"];
        assert_eq!(names, expected, "users");
        assert_eq!(
            world.triggers.functions[&TriggerName::CreateAuthChallenge],
            Function::BuiltIn(BuiltIn::SentCode)
        );
    }

    /// A commented setting is code for who takes the comment sign away.
    #[test]
    fn what_the_sample_only_shows_is_right_too() {
        let shown = SAMPLE.lines().map(|line| {
            let is_setting = line.strip_prefix("#   ").is_some_and(|line| {
                line.starts_with('[')
                    || line.split_once(" = ").is_some_and(|(name, _)| is_key(name))
            });
            if is_setting { &line[4..] } else { line }
        });
        let mut text: Vec<_> = shown.collect();
        // A table must not swallow the settings after it.
        let table = text.iter().position(|line| *line == "[functions]");
        let table = text.remove(table.expect("a table of functions is shown"));
        let function = text.iter().position(|line| line.starts_with("my-function"));
        let function = text.remove(function.expect("with a function"));
        text.extend([table, function]);
        let local = Local::read(&text.join("\n")).expect("what is shown is right");
        let world = &local.worlds[0];
        assert_eq!(local.functions.len(), 1, "functions");
        assert!(local.lambda_endpoint.is_some(), "the lambda endpoint");
        assert_eq!(local.allow_hosts.len(), 2, "names of the machine");
        assert_eq!(world.seed, 1, "the seed");
        assert!(!world.steering.is_empty(), "steering");
        assert!(world.pool.devices.is_some(), "devices");
        assert!(world.triggers.migration.is_some(), "migration");
        assert_eq!(world.clients[0].rotation_grace_seconds, Some(0), "rotation");
        for line in SAMPLE.lines() {
            assert!(line.chars().count() <= 130, "{line}");
        }
    }

    fn is_key(text: &str) -> bool {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    }
}
