//! The command line of Upline: one file a command, no rules of commission.

mod accounts;
mod backup;
mod balance;
mod chain;
mod changes;
mod checkpoint;
mod close;
mod coverage;
mod demo;
mod directory;
mod downline;
mod explain;
mod export;
mod failure;
mod files;
mod generate;
mod import;
mod init;
mod key;
mod log;
mod overrides;
mod payout;
mod persistency;
mod point;
mod progress;
mod prove;
mod reconcile;
mod record;
mod report;
mod resolve;
mod restore;
mod salvage;
mod snapshots;
mod statement;
mod tax;
mod verify;

use clap::{Parser, Subcommand};

use report::Format;
use std::path::PathBuf;
use std::process::ExitCode;

/// The heading of the options that every command has.
const EVERYWHERE: &str = "Options of every command";

/// A commission ledger for insurance distribution: immutable events, and balances, persistency and
/// overrides as of any date, as known at any time.
#[derive(Parser)]
#[command(name = "upline", version, max_term_width = 110, arg_required_else_help = true)]
struct Args {
    /// The directory of the ledger
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "UPLINE_LEDGER", hide_env_values = true, default_value = "ledger", value_name = "DIR")]
    ledger: PathBuf,
    /// How answers are printed; `json` is the stable contract for programs
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Import(import::Import),
    Record(record::Record),
    Balance(balance::Balance),
    Accounts(accounts::Accounts),
    Persistency(persistency::Persistency),
    Overrides(overrides::Overrides),
    Coverage(coverage::Coverage),
    Explain(explain::Explain),
    Statement(statement::Statement),
    Tax(tax::Tax),
    Changes(changes::Changes),
    Chain(chain::Chain),
    Downline(downline::Downline),
    Reconcile(reconcile::Reconcile),
    Resolve(resolve::Resolve),
    Payout(payout::Payout),
    Close(close::Close),
    Log(log::Log),
    Export(export::Export),
    Directory(directory::Directory),
    Verify(verify::Verify),
    Key(key::Key),
    Checkpoint(checkpoint::Checkpoint),
    Prove(prove::Prove),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Salvage(salvage::Salvage),
    Snapshots(snapshots::Snapshots),
    Generate(generate::Generate),
    Demo(demo::Demo),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("UPLINE_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let args = Args::parse();
    let (dir, format) = (args.ledger.as_path(), args.format);
    if !matches!(args.command, Command::Statement(_)) {
        format.refuse_pages();
    }
    let done = match args.command {
        Command::Init(command) => command.run(dir),
        Command::Import(command) => command.run(dir, format),
        Command::Balance(command) => command.run(dir, format),
        Command::Accounts(command) => command.run(dir, format),
        Command::Reconcile(command) => command.run(dir, format),
        Command::Resolve(command) => command.run(dir),
        Command::Close(command) => command.run(dir, format),
        Command::Payout(command) => command.run(dir, format),
        Command::Persistency(command) => command.run(dir, format),
        Command::Overrides(command) => command.run(dir, format),
        Command::Coverage(command) => command.run(dir, format),
        Command::Explain(command) => command.run(dir, format),
        Command::Statement(command) => command.run(dir, format),
        Command::Tax(command) => command.run(dir, format),
        Command::Changes(command) => command.run(dir, format),
        Command::Record(command) => command.run(dir, format),
        Command::Chain(command) => command.run(dir, format),
        Command::Downline(command) => command.run(dir, format),
        Command::Directory(command) => command.run(dir, format),
        Command::Log(command) => command.run(dir),
        Command::Export(command) => command.run(dir, format),
        Command::Verify(command) => command.run(dir, format),
        Command::Key(command) => command.run(),
        Command::Checkpoint(command) => command.run(dir, format),
        Command::Prove(command) => command.run(dir),
        Command::Backup(command) => command.run(dir, format),
        Command::Restore(command) => command.run(dir, format),
        Command::Salvage(command) => command.run(dir, format),
        Command::Snapshots(command) => command.run(dir, format),
        Command::Generate(command) => command.run(),
        Command::Demo(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(dir),
    }
}
