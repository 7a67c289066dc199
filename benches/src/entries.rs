//! What the alternatives are given: the entries of a ledger, out of its log.

use crate::book::Book;
use crate::measure::Result;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::names::{Code, ProducerId};
use upline_core::posting::{Account, Posting};
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::{OpenOptions, open_log_to_read};
use upline_views::balance::{BalanceRow, Balances, By};
use upline_views::{Seen, scan};

/// How many figures a producer has: payable, unearned, debt, leads, reserve, in this order.
pub const FIGURES: usize = 5;

/// The figures of a producer, in cents, each in its natural sign.
pub type Figures = [i64; FIGURES];

/// A producer's figure changed by an amount on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of which event.
    pub position: Position,
    /// On which day it counts.
    pub dated: Day,
    /// Whose figure.
    pub producer: ProducerId,
    /// Which, from 0.
    pub figure: usize,
    /// By how much, in cents.
    pub amount: i64,
}

/// The figure that an account is part of, with the sign in which it is shown. None for one of no producer,
/// and for claims between producers.
fn figure(account: Account) -> Option<(ProducerId, usize, i64)> {
    match account {
        Account::Payable(producer, _) => Some((producer, 0, -1)),
        Account::Unearned(producer, _, _) => Some((producer, 1, 1)),
        Account::Debt(producer, _, _) => Some((producer, 2, 1)),
        Account::Leads(producer) => Some((producer, 3, 1)),
        Account::Reserve(producer) => Some((producer, 4, -1)),
        _ => None,
    }
}

/// Hands over every event of a ledger up to a position, with what was known of names by then.
pub fn each_event(
    ledger: &Path,
    through: Position,
    mut each: impl FnMut(&Seen<'_>) -> Result<()>,
) -> Result<ReferenceData> {
    let mut failed = Ok(());
    let mut until_it_fails = |seen: &Seen<'_>| {
        if failed.is_ok() {
            failed = each(seen);
        }
    };
    let reference = scan(&*open_log_to_read(ledger, &OpenOptions::default())?, through, &mut until_it_fails)?;
    failed?;
    Ok(reference)
}

/// Hands over every entry of a ledger.
pub fn each_entry(book: &Book, mut each: impl FnMut(Entry) -> Result<()>) -> Result<()> {
    each_event(&book.ledger, Position::MAX, |seen| {
        let Seen { reference, position, postings, .. } = *seen;
        for posting in postings {
            let (debit, credit) = reference.accounts(posting).ok_or("a posting names what nobody knows")?;
            for (account, side) in [(debit, 1), (credit, -1)] {
                let Some((producer, figure, sign)) = figure(account) else { continue };
                let amount = posting.amount.0 * side * sign;
                each(Entry { position, dated: posting.dated, producer, figure, amount })?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// How many facts of a book make so many entries; all where it has no more.
pub fn facts_for_entries(book: &Book, wanted: u64) -> Result<u64> {
    let (mut facts, mut entries) = (0, 0);
    each_event(&book.ledger, Position::MAX, |seen| {
        let Seen { reference, event, postings, .. } = *seen;
        facts += u64::from(entries < wanted && event.cause().is_none());
        let accounts = postings.iter().filter_map(|posting| reference.accounts(posting));
        entries +=
            accounts.flat_map(|(debit, credit)| [figure(debit), figure(credit)]).flatten().count() as u64;
        Ok(())
    })?;
    Ok(facts)
}

/// All balances as of a day by the slow way, that adds up posting by posting: what every other answer is
/// compared with. And the names of producers, by their ids.
pub fn balances(book: &Book, as_of: Day) -> Result<(Vec<BalanceRow>, Vec<Code>)> {
    let mut balances = Balances::new(AsOf { effective: as_of, known: Position::MAX }, By::Producer);
    let reference =
        scan(&*open_log_to_read(&book.ledger, &OpenOptions::default())?, Position::MAX, &mut balances)?;
    let names = reference.producers().iter().map(|(_, code)| code.clone()).collect();
    Ok((balances.rows(&reference), names))
}

/// The entries of a book as CSV, made once.
pub fn csv(book: &Book) -> Result<PathBuf> {
    let path = book.dir.join("entries.csv");
    if path.exists() {
        return Ok(path);
    }
    made_whole(&path, |out| {
        writeln!(out, "position,dated,producer,figure,amount")?;
        each_entry(book, |e| {
            let Entry { position, dated, producer, figure, amount } = e;
            Ok(writeln!(out, "{position},{},{},{figure},{amount}", dated.0, producer.0)?)
        })
    })?;
    Ok(path)
}

/// The entries of a book as a journal of hledger: a transaction for each event and day. Made once.
pub fn journal(book: &Book) -> Result<PathBuf> {
    let path = book.dir.join("entries.journal");
    if path.exists() {
        return Ok(path);
    }
    made_whole(&path, |out| {
        each_event(&book.ledger, Position::MAX, |seen| {
            let Seen { reference, position, event, postings, .. } = *seen;
            let mut postings: Vec<&Posting> = postings.iter().collect();
            postings.sort_by_key(|posting| posting.dated);
            for of_a_day in postings.chunk_by(|a, b| a.dated == b.dated) {
                let dated = of_a_day.first().map_or(event.on, |posting| posting.dated);
                writeln!(out, "{dated} ({position}) {}", event.body.type_name())?;
                for posting in of_a_day {
                    let (debit, credit) = reference.accounts(posting).ok_or("no accounts")?;
                    for (account, sign) in [(debit, 1), (credit, -1)] {
                        let name = reference.account_name(account).ok_or("an account without a name")?;
                        let amount = upline_core::money::Cents(sign * posting.amount.0);
                        writeln!(out, "    {name}  {amount}")?;
                    }
                }
                writeln!(out)?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(path)
}

/// Writes a file under another name first, so that one of this name is whole.
pub fn made_whole(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
    write(&mut out)?;
    out.flush()?;
    Ok(std::fs::rename(unfinished, path)?)
}
