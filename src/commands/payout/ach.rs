//! The ACH file of a pay run.

use crate::cli::failure::Failure;
use crate::cli::failure::note;
use crate::cli::files::{SECRET, read, write_new};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use upline_core::fact::ProducerKind;
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_formats::nacha::{self, Credit, ORIGINATOR_BYTES_MAX, Originator};
use upline_ledger::Ledger;
use upline_ledger::pay::{PayRow, PayRun};

/// Where an ACH file goes, and who pays by it.
pub struct Ach {
    file: PathBuf,
    originator: Originator,
    pay_on: Option<Day>,
    modifier: char,
}

impl Ach {
    /// Reads who pays. The file must not be there yet.
    pub fn of(file: &Path, originator: &Path, pay_on: Option<Day>, modifier: char) -> Result<Ach, Failure> {
        if file.exists() {
            let message = format!("{} is there already: choose another name", file.display());
            return Err(Failure::Because(message));
        }
        let text = read(originator, ORIGINATOR_BYTES_MAX)?;
        let wrong = |error| Failure::Because(format!("{}: {error}", originator.display()));
        let originator = Originator::parse(&text).map_err(wrong)?;
        Ok(Ach { file: file.to_owned(), originator, pay_on, modifier })
    }

    /// Whether the file of a run can be written: to be known before the run is recorded.
    pub fn check(&self, ledger: &Ledger, rows: &[PayRow]) -> Result<(), Failure> {
        let paid = rows.iter().map(|row| (&row.producer, row.kind, row.split.paid));
        let credits = credits(ledger, paid)?;
        if credits.is_empty() {
            return Ok(());
        }
        if let Some(pay_on) = self.pay_on.filter(|pay_on| *pay_on < ledger.today()) {
            return Err(Failure::Because(format!("--pay-on {pay_on} is over")));
        }
        self.text(Day::FIRST, Moment(0), &credits, 0).map(drop)
    }

    /// Makes the file, empty and readable by its owner alone: that it can be written is known before a run is recorded.
    pub fn begin(&self) -> Result<(), Failure> {
        write_new(&self.file, "", SECRET)
    }

    /// Removes the file that [`Ach::begin`] made.
    pub fn abandon(&self) {
        // Should it stay, it is empty.
        let _ = fs::remove_file(&self.file);
    }

    /// Writes the file of a run that is recorded, into what [`Ach::begin`] made; where it cannot, removes that.
    pub fn write(&self, ledger: &Ledger, run: &PayRun) -> Result<(), Failure> {
        self.fill(ledger, run).inspect_err(|_| self.abandon())
    }

    fn fill(&self, ledger: &Ledger, run: &PayRun) -> Result<(), Failure> {
        let credits = credits(ledger, run.paid.iter().map(|(who, kind, cash)| (who, *kind, *cash)))?;
        if credits.is_empty() {
            note(&format!("Pay run {} pays nothing in cash; no file is written.", run.run));
            self.abandon();
            return Ok(());
        }
        let pay_on = self.pay_on.unwrap_or_else(|| run.recorded_at.day().next());
        if pay_on < run.recorded_at.day() {
            let message =
                format!("--pay-on {pay_on} is before {}, when the run was recorded", run.recorded_at.day());
            return Err(Failure::Because(message));
        }
        let text = self.text(pay_on, run.recorded_at, &credits, run.run)?;
        let fill = || -> io::Result<()> {
            let mut file = File::options().write(true).open(&self.file)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        fill().map_err(|error| {
            let (file, run) = (self.file.display(), run.run);
            Failure::Because(format!("{file} cannot be written: {error}; payout --run {run} writes it again"))
        })?;
        let mut total = Total::ZERO;
        credits.iter().for_each(|credit| total += credit.amount);
        note(&format!(
            "{} pays {} to {} on {pay_on}.",
            self.file.display(),
            total.separated(),
            if credits.len() == 1 { "1 producer".to_owned() } else { format!("{} producers", credits.len()) },
        ));
        Ok(())
    }

    fn text(&self, pay_on: Day, created: Moment, credits: &[Credit], run: u64) -> Result<String, Failure> {
        let reference = format!("RUN {run}");
        nacha::write(&self.originator, pay_on, created, self.modifier, credits, &reference)
            .map_err(|error| Failure::Because(error.to_string()))
    }
}

/// What everybody gets in cash, with its bank details. Nobody may be without.
fn credits<'a>(
    ledger: &Ledger,
    paid: impl Iterator<Item = (&'a Code, ProducerKind, Cents)>,
) -> Result<Vec<Credit>, Failure> {
    let directory = ledger.directory()?;
    let (mut credits, mut without) = (Vec::new(), Vec::new());
    for (producer, kind, amount) in paid.filter(|(.., amount)| amount.is_positive()) {
        let entry = directory.producer(producer);
        match entry.and_then(|entry| entry.bank.clone()) {
            Some(bank) => credits.push(Credit {
                producer: producer.clone(),
                name: entry.and_then(|entry| entry.name.clone()),
                bank,
                person: kind == ProducerKind::Agent,
                amount,
            }),
            None => without.push(producer.to_string()),
        }
    }
    if without.is_empty() {
        return Ok(credits);
    }
    Err(Failure::Because(format!(
        "no bank details are kept of {}: set them with upline directory --bank, hold their payouts with payout_held, \
         or pay without --nacha",
        without.join(", ")
    )))
}
