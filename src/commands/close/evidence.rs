//! The evidence of a closed period: a folder of files that follow from the log alone.

use crate::cli::failure::Failure;
use crate::cli::files::{PUBLIC, write_new};
use crate::cli::report::{Cell, Report};
use crate::commands::accounts;
use crate::commands::balance;
use crate::commands::reconcile::{failed, report};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::time::Day;
use upline_formats::checkpoint::SigningKey;
use upline_formats::reconciliation::{Reconciled, State, reconciliation};
use upline_ledger::closing::Closings;
use upline_ledger::{Ledger, sha256};
use upline_views::balance::By;

/// Writes the evidence of the period through a day that was closed at a position. The folder appears whole or not
/// at all.
pub fn write(
    ledger: &Ledger,
    through: Day,
    position: Position,
    key: &SigningKey,
    folder: &Path,
) -> Result<(), Failure> {
    let at = AsOf { effective: through, known: position };
    let mut all = reconciliation(ledger, position, None).map_err(failed)?;
    all.retain(|one| one.incoming.from <= through);
    let root = ledger.root_at(position)?;
    let checkpoint = key.sign(position, &root.0).map_err(|error| Failure::Because(error.to_string()))?;
    let files = [
        ("checkpoint.txt", checkpoint),
        ("trial-balance.csv", accounts::report(ledger, at)?.to_csv()?),
        ("balances.csv", balance::report(ledger, at, By::Producer, None)?.to_csv()?),
        ("reconciliation.csv", report::every_line(&all).to_csv()?),
        ("pay-run.csv", payouts(&ledger.closings(position)?, through).to_csv()?),
        ("statements.csv", statements(&all).to_csv()?),
    ];
    let mut sums = String::new();
    for (name, text) in &files {
        sums.push_str(&format!("{}  {name}\n", sha256(text.as_bytes())));
    }
    let mut partial: OsString = folder.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let cannot =
        |error: io::Error| Failure::Because(format!("{} cannot be written: {error}", folder.display()));
    // What an earlier attempt left is ours.
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial).map_err(cannot)?;
    for (name, text) in files.iter().map(|(name, text)| (*name, text)).chain([("SHA256SUMS", &sums)]) {
        write_new(&partial.join(name), text, PUBLIC)?;
    }
    fs::rename(&partial, folder).map_err(cannot)
}

/// The payouts since the period before.
fn payouts(closings: &Closings, through: Day) -> Report {
    let after = closings.before(through);
    let of_period = |dated: Day| dated <= through && after.is_none_or(|after| dated > after);
    let rows = closings.paid.iter().filter(|paid| of_period(paid.dated)).map(|paid| {
        let payout = &paid.payout;
        let cash = payout.cash().unwrap_or_default();
        let money = [payout.payable, payout.leads, payout.debt, payout.reserve, cash];
        let keys = [Cell::Count(paid.position), Cell::text(paid.on), Cell::text(&paid.producer)];
        keys.into_iter().chain(money.map(|amount| Cell::Money(amount.into()))).collect()
    });
    let columns = vec![
        "position",
        "on",
        "producer",
        "settled",
        "leads_recovered",
        "debt_recovered",
        "reserved",
        "paid",
    ];
    Report { columns, rows: rows.collect(), ..Report::default() }
}

/// The statements with the hashes of their files.
fn statements(all: &[Reconciled]) -> Report {
    let rows = all.iter().map(|one| {
        let (incoming, profile) = (&one.incoming, &one.incoming.profile);
        let open = one.rows.iter().filter(|row| row.state == State::Open).count();
        vec![
            Cell::Count(incoming.position.unwrap_or_default()),
            Cell::text(&profile.code),
            Cell::Count(profile.version.into()),
            Cell::text(incoming.from),
            Cell::text(incoming.through),
            Cell::Count(incoming.statement.lines.len() as u64),
            Cell::Money(incoming.statement.total.into()),
            Cell::Count(open as u64),
            Cell::text(&incoming.file),
        ]
    });
    let columns =
        vec!["position", "profile", "version", "from", "through", "lines", "total", "open", "sha256"];
    Report { columns, rows: rows.collect(), ..Report::default() }
}
