//! The command line of Upline: one file a command, no rules of commission.

mod cli;
mod commands;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use clap::parser::ValueSource;
use cli::context::Context;
use cli::failure::Failure;
use cli::report::Format;
use signal_hook::consts::SIGXFSZ;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use upline_ledger::OpenOptions;

/// The heading of the options that every command has.
const EVERYWHERE: &str = "Options of every command";

/// A commission ledger for insurance distribution: immutable events, and balances, persistency and
/// overrides as of any date, as known at any time.
#[derive(Parser)]
#[command(
    name = "upline",
    version,
    max_term_width = 110,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Args {
    /// The directory of the ledger
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "UPLINE_LEDGER", hide_env_values = true, default_value = "ledger", value_name = "DIR")]
    ledger: PathBuf,
    /// How answers are printed; `json` is the stable contract for programs
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// How long to wait, in seconds, for another upline that has the ledger open
    #[arg(long, global = true, help_heading = EVERYWHERE, default_value_t = 10, value_name = "SECONDS")]
    wait: u64,
    /// Record though the machine's clock, or a trusted recorded_at, is a day or more from the last recorded time
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    accept_clock: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(commands::init::Init),
    Import(commands::import::Import),
    Record(commands::record::Record),
    Balance(commands::balance::Balance),
    Accounts(commands::accounts::Accounts),
    Persistency(commands::persistency::Persistency),
    Overrides(commands::overrides::Overrides),
    Coverage(commands::coverage::Coverage),
    Explain(commands::explain::Explain),
    Statement(commands::statement::Statement),
    Tax(commands::tax::Tax),
    Changes(commands::changes::Changes),
    Chain(commands::chain::Chain),
    Downline(commands::downline::Downline),
    Find(commands::find::Find),
    Reconcile(commands::reconcile::Reconcile),
    Resolve(commands::resolve::Resolve),
    Receivables(commands::receivables::Receivables),
    Payout(commands::payout::Payout),
    Proposals(commands::proposals::Proposals),
    Propose(commands::propose::Propose),
    Approve(commands::decide::Approve),
    Reject(commands::decide::Reject),
    Withdraw(commands::decide::Withdraw),
    Close(commands::close::Close),
    Log(commands::log::Log),
    Export(commands::export::Export),
    Directory(commands::directory::Directory),
    Verify(commands::verify::Verify),
    Key(commands::key::Key),
    Checkpoint(commands::checkpoint::Checkpoint),
    Prove(commands::prove::Prove),
    Backup(commands::backup::Backup),
    Restore(commands::restore::Restore),
    Copy(commands::copy::Copy),
    Salvage(commands::salvage::Salvage),
    Snapshots(commands::snapshots::Snapshots),
    Generate(commands::generate::Generate),
    Demo(commands::demo::Demo),
    Serve(commands::serve::Serve),
    User(commands::user::User),
    Token(commands::token::Token),
    Webhook(commands::webhook::Webhook),
    Help(commands::help::Help),
}

fn main() -> ExitCode {
    cli::allocator::reserve_little();
    // Whatever a ledger, an export or a backup holds is nobody else's business.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    // A file that may not grow any further is an error that says so, not the end of the program.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    log();
    let matches = Args::command().get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let (dir, words) = (args.ledger.clone(), words(&matches));
    ExitCode::from(done(args, &matches, dir, words))
}

/// Begins the program's own log, on stderr: lines for people, or as JSON. Neither names anybody nor says an amount.
fn log() {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("UPLINE_LOG"))
        .with_ansi(false)
        .with_writer(|| cli::screen::TraceOut);
    if std::env::var_os("UPLINE_LOG_FORMAT").is_some_and(|format| format == "json") {
        lines.json().flatten_event(true).init();
    } else {
        lines.init();
    }
}

/// The words of this command, with those that the environment says written out.
fn words(matches: &clap::ArgMatches) -> Vec<OsString> {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let Some((name, of_command)) = matches.subcommand() else { return words };
    let command = Args::command();
    let Some(command) = command.find_subcommand(name) else { return words };
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let from_environment = of_command.value_source(id) == Some(ValueSource::EnvVariable);
        if let (true, Some(long), Ok(Some(values))) =
            (from_environment, argument.get_long(), of_command.try_get_raw(id))
        {
            for value in values {
                words.extend([OsString::from(format!("--{long}")), value.to_owned()]);
            }
        }
    }
    words
}

/// Runs a command for who asked another process: by its words, on the ledger of this directory.
fn run(words: &[OsString], dir: &Path) -> u8 {
    // The environment is that of the asker, which has written it out.
    let matches = without_environment(Args::command()).try_get_matches_from(words);
    match matches.and_then(|matches| Ok((Args::from_arg_matches(&matches)?, matches))) {
        Ok((args, matches)) => done(args, &matches, dir.to_owned(), words.to_vec()),
        Err(error) => Failure::Arguments(error.to_string()).tell(dir),
    }
}

fn without_environment(command: clap::Command) -> clap::Command {
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    let command = command.mut_args(|argument| argument.env(None::<&str>));
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_environment))
}

/// Does a command, and gives its exit code.
fn done(args: Args, matches: &clap::ArgMatches, dir: PathBuf, words: Vec<OsString>) -> u8 {
    let who = matches.subcommand_name().unwrap_or_default().to_owned();
    let options = OpenOptions { wait: Duration::from_secs(args.wait), who };
    let Args { format, accept_clock, command, .. } = args;
    let context = Context { dir, format, options, accept_clock, words };
    match command.run(&context) {
        Ok(()) => 0,
        Err(failure) => failure.tell(&context.dir),
    }
}

impl Command {
    fn run(self, context: &Context) -> Result<(), Failure> {
        if !matches!(self, Command::Statement(_)) {
            context.format.refuse_pages()?;
        }
        match self {
            Command::Init(command) => command.run(context),
            Command::Import(command) => command.run(context),
            Command::Balance(command) => command.run(context),
            Command::Accounts(command) => command.run(context),
            Command::Reconcile(command) => command.run(context),
            Command::Resolve(command) => command.run(context),
            Command::Receivables(command) => command.run(context),
            Command::Close(command) => command.run(context),
            Command::Payout(command) => command.run(context),
            Command::Proposals(command) => command.run(context),
            Command::Propose(command) => command.run(context),
            Command::Approve(command) => command.run(context),
            Command::Reject(command) => command.run(context),
            Command::Withdraw(command) => command.run(context),
            Command::Persistency(command) => command.run(context),
            Command::Overrides(command) => command.run(context),
            Command::Coverage(command) => command.run(context),
            Command::Explain(command) => command.run(context),
            Command::Statement(command) => command.run(context),
            Command::Tax(command) => command.run(context),
            Command::Changes(command) => command.run(context),
            Command::Record(command) => command.run(context),
            Command::Chain(command) => command.run(context),
            Command::Downline(command) => command.run(context),
            Command::Find(command) => command.run(context),
            Command::Directory(command) => command.run(context),
            Command::Log(command) => command.run(context),
            Command::Export(command) => command.run(context),
            Command::Verify(command) => command.run(context),
            Command::Key(command) => command.run(context),
            Command::Checkpoint(command) => command.run(context),
            Command::Prove(command) => command.run(context),
            Command::Backup(command) => command.run(context),
            Command::Restore(command) => command.run(context),
            Command::Copy(command) => command.run(context),
            Command::Salvage(command) => command.run(context),
            Command::Snapshots(command) => command.run(context),
            Command::Generate(command) => command.run(context),
            Command::Demo(command) => command.run(context),
            Command::Serve(command) => command.run(context),
            Command::User(command) => command.run(context),
            Command::Token(command) => command.run(context),
            Command::Webhook(command) => command.run(context),
            Command::Help(command) => command.run(Args::command()),
        }
    }
}
