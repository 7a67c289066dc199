//! `upline close`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::write_new;
use crate::cli::output::{NewDirectory, SECRET};
use crate::cli::point::day;
use crate::cli::progress;
use crate::cli::report::{Format, Print};
use crate::cli::screen::note;
use crate::cli::signing::Signer;
use crate::commands::snapshots;
use std::path::{Path, PathBuf};
use upline_answers::closings as answers;
use upline_core::event::Position;
use upline_core::time::Day;
use upline_ledger::close::{Closing, EvidenceFile, Progress, Without};
use upline_ledger::{Ledger, LedgerError};

/// Close a month: check everything, close the period, and write the evidence into a folder
///
/// Refuses while anything is red: a check of upline verify, a trial balance that is not 0.00, an exception that
/// nobody settled, a carrier without a statement, deposits that differ from one. The evidence is as of the day and as known when it was closed: closing again writes the same.
#[derive(clap::Args)]
pub struct Close {
    /// The last day of the period: from then on no entry is dated on or before it
    #[arg(long, value_name = "DATE", value_parser = day)]
    through: Day,
    /// The key that signs the checkpoint of the evidence, made by upline key
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true)]
    key: PathBuf,
    /// A new folder for the evidence [default: closed-DATE]
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
    /// Close without the statement of a carrier, or the deposits of a statement; the reason stays in the evidence. May be
    /// given several times
    #[arg(long, value_name = "CARRIER|N=REASON", value_parser = without)]
    without: Vec<Without>,
    /// Check only; change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Close {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let signer = Signer::open(&self.key)?;
        let folder =
            self.evidence.clone().unwrap_or_else(|| PathBuf::from(format!("closed-{}", self.through)));
        if folder.exists() {
            return Err(FileWrong::ThereChoose("--evidence").of(&folder));
        }
        if self.dry_run {
            let ledger = context.open()?;
            signer.check(&ledger)?;
            let closing = with_bar(ledger.position(), |progress| {
                ledger.check_close(self.through, &self.without, progress)
            })?;
            return self.tell(&ledger, &closing, None, context.format);
        }
        let mut ledger = context.open_to_record()?;
        let _answering = context.answer_meanwhile(&ledger);
        signer.check(&ledger)?;
        let closing = self.close(&mut ledger)?;
        // What was closed was green then; its evidence can be had again while the ledger is sound.
        let wrote = match closing.closed_at {
            Some(position) if closing.red() == 0 => {
                signer.note(&ledger, position)?;
                write(&folder, &ledger.evidence(self.through, position, signer.key())?)?;
                Some(folder.display().to_string())
            }
            _ => None,
        };
        self.tell(&ledger, &closing, wrote.as_deref(), context.format)
    }

    /// Prints what was looked at, and where the evidence is.
    fn tell(
        &self,
        ledger: &Ledger,
        closing: &Closing,
        wrote: Option<&str>,
        format: Format,
    ) -> Result<(), Failure> {
        let title = self.title(closing);
        answers::closing(ledger, self.through, closing, wrote, title).print(format)?;
        if let Some(folder) = wrote {
            note(&format!("The evidence is in {folder}."));
        }
        if closing.red() == 0 { Ok(()) } else { Err(Failure::Refused) }
    }

    /// Checks, and closes where nothing is red.
    fn close(&self, ledger: &mut Ledger) -> Result<Closing, LedgerError> {
        let closing =
            with_bar(ledger.position(), |progress| ledger.close(self.through, &self.without, progress))?;
        if closing.closed_at.is_some() && closing.before.is_none() {
            snapshots::store(ledger);
        }
        Ok(closing)
    }

    fn title(&self, closing: &Closing) -> String {
        let through = self.through;
        match (closing.before, closing.red()) {
            (Some(position), _) => format!("The period through {through} was closed at position {position}"),
            (None, 0) if self.dry_run => format!("The period through {through} can be closed"),
            (None, 0) => format!("The period through {through} is closed"),
            (None, 1) => format!("The period through {through} is not closed: one of these is red"),
            (None, red) => format!("The period through {through} is not closed: {red} of these are red"),
        }
    }
}

fn without(text: &str) -> Result<Without, String> {
    let message = "say of which carrier or statement, and why, without a semicolon: C1=\"it pays in July\"";
    Without::parse(text).ok_or_else(|| message.to_owned())
}

/// Shows how far the checks are.
fn with_bar(
    events: Position,
    work: impl FnOnce(&mut Progress<'_>) -> Result<Closing, LedgerError>,
) -> Result<Closing, LedgerError> {
    let bar = progress::bar("", Some(events), "verifying {msg} [{bar:40}] {pos}/{len}");
    let closing = work(&mut |what: &'static str, done, all| {
        bar.set_message(what);
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    closing
}

/// Writes the evidence into a folder, which appears whole or not at all.
fn write(folder: &Path, files: &[EvidenceFile]) -> Result<(), Failure> {
    let place = NewDirectory::create(folder)?;
    for file in files {
        write_new(&place.partial().join(file.name), &file.text, SECRET)?;
    }
    place.place()
}
