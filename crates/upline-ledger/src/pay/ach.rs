//! The ACH file of a pay run.

use crate::banks::{Committed, committed};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::pay::{PayError, PayRun};
use upline_core::book::Book;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, HoldReason, PaymentFileWritten, ProducerKind};
use upline_core::money::{Cents, Total};
use upline_core::names::Code;
use upline_core::premium_status::Overflow;
use upline_core::reference_data::Unknown;
use upline_core::time::{Day, Moment};
use upline_formats::nacha::{self, Credit, Originator};
use upline_store::sha256;

/// Who pays a run by an ACH file, and when.
#[derive(Clone, Debug)]
pub struct AchTerms {
    /// Who pays.
    pub originator: Originator,
    /// When the bank is to pay; without a day the one after the run is recorded.
    pub pay_on: Option<Day>,
    /// Tells files of one day apart.
    pub modifier: char,
    /// Whether it is known that somebody's account is the payer's own.
    pub shared: bool,
    /// Whether a run may be paid by another file than before.
    pub again: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AchFile {
    /// Its bytes.
    pub text: String,
    /// What it says, as the fact that it is recorded by.
    pub written: PaymentFileWritten,
}

impl Ledger {
    /// The file that pays a run as it stands in a book; `None` where the run pays nothing in cash. `at` is when the file
    /// is recorded.
    pub(super) fn ach_file(
        &self,
        book: &Book,
        terms: &AchTerms,
        run: &PayRun,
        at: Moment,
    ) -> Result<Option<AchFile>, LedgerError> {
        let recorded = run.recorded_at.day();
        let pay_on = terms.pay_on.unwrap_or_else(|| recorded.next());
        if pay_on < recorded {
            return Err(PayError::PayOnBeforeRun { pay_on, recorded }.into());
        }
        let (credits, commitments) = self.credits(book, terms, run, at.day())?;
        if credits.is_empty() {
            return Ok(None);
        }
        let reference = format!("RUN {}", run.run);
        let originator = &terms.originator;
        let text = nacha::write(originator, pay_on, run.recorded_at, terms.modifier, &credits, &reference)
            .map_err(PayError::from)?;
        let mut total = Total::ZERO;
        credits.iter().for_each(|credit| total += credit.amount);
        let hash = |text: &str| Code::parse(&sha256(text.as_bytes())).ok_or(Unknown(run.run));
        let written = PaymentFileWritten {
            run: run.run,
            file: hash(&text)?,
            pay_on,
            total: i64::try_from(total.0).map(Cents).map_err(|_| Overflow)?,
            credits: u32::try_from(credits.len()).map_err(|_| Overflow)?,
            originator: hash(&originator.canonical())?,
            accounts: hash(&commitments)?,
        };
        Ok(Some(AchFile { text, written }))
    }

    /// What everybody gets in cash, with bank details that the log commits to, and those commitments. Nobody may be
    /// without, or wait for a changed account.
    fn credits(
        &self,
        book: &Book,
        terms: &AchTerms,
        run: &PayRun,
        today: Day,
    ) -> Result<(Vec<Credit>, String), LedgerError> {
        let (directory, key) = (self.directory()?, self.directory_key()?);
        let (mut credits, mut commitments) = (Vec::new(), String::new());
        let (mut without, mut unsound, mut held, mut own) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (producer, kind, amount) in run.paid.iter().filter(|(.., amount)| amount.is_positive()) {
            let id = book.reference_data().producers().find(producer).ok_or(Unknown(run.run))?;
            let entry = directory.producer(producer);
            let commitment = match committed(book, id, producer, entry, key.as_ref()) {
                Committed::Holds(commitment, _) => commitment,
                Committed::Nothing | Committed::Lost(_) => {
                    without.push(producer.to_string());
                    continue;
                }
                Committed::NotApproved => {
                    unsound.push(format!("those of {producer} were never approved"));
                    continue;
                }
                Committed::Differs(at) => {
                    unsound.push(format!("those of {producer} are not the ones that were set at {at}"));
                    continue;
                }
            };
            if book.payouts().holds_on(id, today).contains(&HoldReason::BankChanged) {
                held.push(producer.to_string());
            }
            let Some(bank) = entry.and_then(|entry| entry.bank.clone()) else { continue };
            if terms.originator.pays_out_of(&bank) {
                own.push(producer.to_string());
            }
            commitments.push_str(&format!("{producer} {commitment}\n"));
            credits.push(Credit {
                producer: producer.clone(),
                name: entry.and_then(|entry| entry.name.clone()),
                bank,
                person: *kind == ProducerKind::Agent,
                amount: *amount,
            });
        }
        let refusal = [
            (!without.is_empty()).then_some(PayError::NoBankDetails(without)),
            (!unsound.is_empty()).then_some(PayError::BankUnsound(unsound)),
            (!held.is_empty()).then_some(PayError::BankHeld(held)),
            (!own.is_empty() && !terms.shared).then_some(PayError::OwnAccount(own)),
        ];
        match refusal.into_iter().flatten().next() {
            Some(refusal) => Err(refusal.into()),
            None => Ok((credits, commitments)),
        }
    }

    /// Writes the file of a run that is recorded again, and records that. Where it pays other accounts, on another day
    /// or by somebody else than before, that must be wanted.
    pub fn pay_again<E: From<LedgerError>>(
        &mut self,
        run: &PayRun,
        terms: &AchTerms,
        place: impl FnOnce(&AchFile) -> Result<(), E>,
    ) -> Result<Option<AchFile>, E> {
        let files = self.closings(self.position())?.files;
        let before = files.into_iter().rev().map(|(_, file)| file).find(|file| file.run == run.run);
        self.commit_whole(|ledger, deciding| {
            let at = deciding.recorded_at()?;
            let Some(file) = ledger.ach_file(deciding.decider.book(), terms, run, at)? else {
                return Ok(None);
            };
            if let Some(before) = before.filter(|_| !terms.again) {
                let changed = changed(&before, &file.written);
                if !changed.is_empty() {
                    return Err(LedgerError::from(PayError::OtherFile { run: run.run, changed }).into());
                }
            }
            deciding.another(written(&file, at))?;
            place(&file)?;
            Ok(Some(file))
        })
    }

    /// The run that a file pays, by its SHA-256.
    pub fn run_of_file(&self, text: &[u8]) -> Result<Option<Position>, LedgerError> {
        let hash = sha256(text);
        let files = self.closings(self.position())?.files;
        Ok(files.iter().find(|(_, file)| file.file.as_str() == hash).map(|(_, file)| file.run))
    }
}

/// The fact that a file was written.
pub(super) fn written(file: &AchFile, at: Moment) -> Fact {
    let body = Body::PaymentFileWritten(Box::new(file.written.clone()));
    Fact { id: None, on: at.day(), recorded_at: None, remarks: None, personal: None, body }
}

/// In what one file differs from the one before.
fn changed(before: &PaymentFileWritten, now: &PaymentFileWritten) -> Vec<&'static str> {
    let mut changed = Vec::new();
    if before.accounts != now.accounts {
        changed.push("other accounts");
    }
    if before.pay_on != now.pay_on {
        changed.push("another date");
    }
    if before.originator != now.originator {
        changed.push("another originator");
    }
    if changed.is_empty() && before.file != now.file {
        changed.push("other names, or another modifier");
    }
    changed
}
