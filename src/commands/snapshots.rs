//! `upline snapshots`, and storing them after facts were recorded.

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::progress;
use crate::cli::report::{Cell, Print, Report};
use crate::cli::screen::note;
use upline_core::event::Position;
use upline_ledger::{Ledger, LedgerError};

/// The snapshots from which balances are answered; recording makes them automatically
///
/// They are derived from the log and may be removed at any time: answers stay the same and take longer.
#[derive(clap::Args)]
pub struct Snapshots {
    /// Make all of them again
    #[arg(long, alias = "anew")]
    rebuild: bool,
}

impl Snapshots {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if self.rebuild {
            let ledger = context.open_to_record()?;
            let count = with_bar(ledger.position(), |progress| ledger.renew_snapshots(progress))?;
            let snapshots = if count == 1 { "snapshot is" } else { "snapshots are" };
            note(&format!("{count} {snapshots} stored."));
            return Ok(());
        }
        let ledger = context.open()?;
        let rows = ledger
            .stored_snapshots()
            .into_iter()
            .map(|(last, bytes)| vec![Cell::Count(last), Cell::Count(bytes)]);
        Report {
            title: format!("Snapshots of {} events", ledger.position()),
            columns: vec!["position", "bytes"],
            rows: rows.collect(),
            nothing: "There are none yet: each covers 65536 events.",
            ..Report::default()
        }
        .print(context.format)
    }
}

/// Stores the snapshots that have come to be needed. Where that fails nothing is lost, and a note says so.
pub fn store(ledger: &Ledger) {
    if let Some((last, now)) = ledger.ahead_of_clock() {
        note(&format!(
            "The last fact is recorded as of {last}, and this machine's clock says {now}: until it passes that time, \
             all that is recorded is stamped {last}."
        ));
    }
    let stored = with_bar(ledger.position(), |progress| ledger.store_snapshots(progress));
    if let Err(error) = stored {
        note(&format!("upline: recorded, but without its snapshots, so that questions take longer: {error}"));
    }
}

/// Shows how far the log is read.
fn with_bar(
    events: Position,
    work: impl FnOnce(&mut (dyn FnMut(Position) + Send)) -> Result<u64, LedgerError>,
) -> Result<u64, LedgerError> {
    let bar = progress::bar("storing snapshots", Some(events), "{msg} [{bar:30}] {pos}/{len} events");
    let done = work(&mut |at| bar.set_position(at));
    bar.finish_and_clear();
    done
}
