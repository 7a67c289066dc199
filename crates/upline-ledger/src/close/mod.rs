//! Closing a period: everything is checked, the period is closed, and its evidence is had as files.
//!
//! # Correctness
//! A period is closed only while nothing is red. The evidence follows from the log alone, as of the day and as known
//! when the period was closed: whoever asks for it again, years later, gets the same bytes.

mod carriers;
mod evidence;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::{Reconciled, State};
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, Remarks, names_nobody};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::time::Day;
use upline_formats::checkpoint::NotOne;
use upline_formats::table::TableError;
use upline_views::{Seen, scan};

pub use carriers::Without;
pub use evidence::EvidenceFile;

/// One thing that is looked at before a period is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Light {
    /// Its stable name.
    pub check: &'static str,
    /// How it looks.
    pub shine: Shine,
    /// What was looked at, or what is wrong.
    pub detail: String,
}

/// How a [`Light`] looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shine {
    /// As it should.
    Green,
    /// Nothing wrong, but somebody may want to know before it is too late.
    Note,
    /// So that the period cannot be closed.
    Red,
}

impl Shine {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Shine::Green => "green",
            Shine::Note => "note",
            Shine::Red => "red",
        }
    }
}

/// What closing a period came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What was looked at.
    pub lights: Vec<Light>,
    /// Where it had been closed before.
    pub before: Option<Position>,
    /// Where it is closed, now or before.
    pub closed_at: Option<Position>,
}

impl Closing {
    /// How many lights are red.
    pub fn red(&self) -> usize {
        self.lights.iter().filter(|light| light.shine == Shine::Red).count()
    }
}

/// Why a period is not closed, or its evidence is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// Its last day is to come.
    #[error("{0} is not over yet")]
    NotOver(Day),
    /// It is to be closed without something that it does not lack.
    #[error(
        "the period lacks nothing of {0}: --without names a carrier whose statement is missing, or a statement \
         whose deposits differ"
    )]
    Needless(Code),
    /// Its checkpoint cannot be signed.
    #[error(transparent)]
    Unsigned(#[from] NotOne),
    /// A file of the evidence cannot be put together.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl CloseError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            CloseError::NotOver(_) => "dates",
            CloseError::Needless(_) => "without",
            CloseError::Unsigned(_) => "unsigned",
            CloseError::Table(_) => "table",
        }
    }
}

/// Hears of each check as it begins, with a share of the work done.
pub type Progress<'a> = dyn FnMut(&'static str, u64, u64) + 'a;

impl Ledger {
    /// Looks whether the period through a day can be closed, without what it is to be closed without. Records nothing, and
    /// needs no writer.
    pub fn check_close(
        &self,
        through: Day,
        without: &[Without],
        progress: &mut Progress<'_>,
    ) -> Result<Closing, LedgerError> {
        let mut closing = self.looked_at(through, without, progress)?;
        if closing.before.is_none() {
            closing.lights.extend(self.unpaid(through)?);
        }
        Ok(closing)
    }

    /// Closes the period through a day, unless something is red or it is closed already. What it is closed without is in
    /// the note of the closing.
    pub fn close(
        &mut self,
        through: Day,
        without: &[Without],
        progress: &mut Progress<'_>,
    ) -> Result<Closing, LedgerError> {
        let mut closing = self.looked_at(through, without, progress)?;
        if closing.before.is_some() {
            return Ok(closing);
        }
        // Asked for what is unpaid, and needed to record.
        self.load_decider()?;
        closing.lights.extend(self.unpaid(through)?);
        if closing.red() == 0 {
            let note = Without::note(without);
            let remarks = note.map(|note| Box::new(Remarks { note: Some(note), ..Remarks::default() }));
            let body = Body::PeriodClosed;
            let fact = Fact { id: None, on: through, recorded_at: None, remarks, personal: None, body };
            closing.closed_at = self.record_all(vec![fact])?.first().copied();
        }
        Ok(closing)
    }

    /// Everything but what is unpaid, and whether the period was closed before.
    fn looked_at(
        &self,
        through: Day,
        without: &[Without],
        progress: &mut Progress<'_>,
    ) -> Result<Closing, LedgerError> {
        if through > self.today() {
            return Err(CloseError::NotOver(through).into());
        }
        let closings = self.closings(self.position())?;
        let before = closings.of(through);
        let later = closings.closed.iter().find(|(_, closed)| *closed > through && before.is_none());
        if let Some((_, closed)) = later {
            let message = format!("the period through {closed} is closed already");
            return Err(Refusal::of(RefusalCode::ClosedPeriod, "through", message).into());
        }
        Ok(Closing { lights: self.lights(through, without, before, progress)?, before, closed_at: before })
    }

    /// Everything that must be green. What came after the period was closed is told, and no reason to keep its evidence
    /// back.
    fn lights(
        &self,
        through: Day,
        without: &[Without],
        before: Option<Position>,
        progress: &mut Progress<'_>,
    ) -> Result<Vec<Light>, LedgerError> {
        let mut lights = self.verified(progress)?;
        lights.push(self.trial_balance(through)?);
        let all = self.reconciliation(self.position())?;
        for one in all.iter().filter(|one| one.incoming.from <= through) {
            lights.push(match before {
                Some(closed) => since(closed, one, reconciled(one)),
                None => reconciled(one),
            });
        }
        if before.is_none() {
            lights.extend(self.of_carriers(through, &all, without)?);
        }
        lights.extend(self.without_actor(through)?);
        lights.extend(self.undecided()?);
        lights.extend(last_statements(&all, through, &lights));
        Ok(lights)
    }

    /// The checks of the whole ledger: those that do not hold, or that all do.
    fn verified(&self, progress: &mut Progress<'_>) -> Result<Vec<Light>, LedgerError> {
        let verification = self.verify(progress)?;
        let wrong = verification.checks.iter().filter(|check| !check.ok);
        let mut lights: Vec<Light> =
            wrong.map(|check| light("verify", false, format!("{}: {}", check.name, check.detail))).collect();
        if lights.is_empty() {
            let (checks, events) = (verification.checks.len(), verification.events);
            lights.push(light("verify", true, format!("all {checks} checks hold for {events} events")));
        }
        Ok(lights)
    }

    /// Adjustments of which nobody can say that somebody else approved them than who recorded them.
    fn without_actor(&self, through: Day) -> Result<Option<Light>, LedgerError> {
        let (mut closed, mut found) = (None, Vec::new());
        scan(&*self.log, self.position(), &mut |seen: &Seen<'_>| match &seen.event.body {
            Body::PeriodClosed if seen.event.on < through => closed = closed.max(Some(seen.event.on)),
            Body::AdjustmentPosted(_) => {
                let actor = seen.event.remarks.as_ref().and_then(|remarks| remarks.actor.as_ref());
                if actor.is_none_or(|actor| names_nobody(actor)) {
                    found.push((seen.event.on, seen.position));
                }
            }
            _ => {}
        })?;
        found.retain(|(on, _)| *on <= through && closed.is_none_or(|closed| *on > closed));
        let Some((_, first)) = found.first() else { return Ok(None) };
        let count =
            if found.len() == 1 { "1 adjustment".to_owned() } else { format!("{} adjustments", found.len()) };
        let detail =
            format!("{count} without an actor, the first at {first}: nobody can say who else approved");
        Ok(Some(Light { check: "approvals", shine: Shine::Note, detail }))
    }

    /// What was proposed and nobody decided about.
    fn undecided(&self) -> Result<Option<Light>, LedgerError> {
        let proposals = self.proposals_as_recorded(self.position())?;
        let mut open = proposals.open();
        let Some(first) = open.next() else { return Ok(None) };
        let count = match 1 + open.count() {
            1 => "1 proposal waits".to_owned(),
            many => format!("{many} proposals wait"),
        };
        let detail = format!("{count} for somebody to decide, the first {}", first.id);
        Ok(Some(Light { check: "proposals", shine: Shine::Note, detail }))
    }

    fn trial_balance(&self, through: Day) -> Result<Light, LedgerError> {
        let mut total = Total::ZERO;
        let accounts = self.accounts(AsOf { effective: through, known: self.position() })?;
        accounts.iter().for_each(|(_, sum)| total += *sum);
        let detail = format!("debits less credits of {} accounts are {total}", accounts.len());
        Ok(light("trial_balance", total.is_zero(), detail))
    }

    /// What is due and not paid out, which a run through this day can pay only before the period is closed.
    fn unpaid(&self, through: Day) -> Result<Option<Light>, LedgerError> {
        let mut total = Total::ZERO;
        let rows = self.payout(through)?;
        let moving: Vec<_> = rows.iter().filter(|row| !row.split.is_nothing()).collect();
        moving.iter().for_each(|row| total += row.split.paid);
        let who =
            if moving.len() == 1 { "1 producer".to_owned() } else { format!("{} producers", moving.len()) };
        let detail =
            format!("{who} would be paid {total}; upline payout --through {through} --commit pays them");
        Ok((!moving.is_empty()).then_some(Light { check: "pay_run", shine: Shine::Note, detail }))
    }
}

/// Carriers whose last statement ends before a day, but for those of whom that is said already.
fn last_statements(all: &[Reconciled], through: Day, said: &[Light]) -> Vec<Light> {
    let mut last: BTreeMap<&Code, Day> = BTreeMap::new();
    for one in all {
        for carrier in one.incoming.profile.carriers() {
            let day = last.entry(carrier).or_insert(one.incoming.through);
            *day = one.incoming.through.max(*day);
        }
    }
    let of = |carrier: &Code| format!("{carrier} ");
    let said = |carrier: &Code| {
        said.iter().any(|light| light.check == "statements" && light.detail.starts_with(&of(carrier)))
    };
    let late = last.into_iter().filter(|(carrier, day)| *day < through && !said(carrier));
    late.map(|(carrier, day)| {
        let detail = format!("the last statement of {carrier} is through {day}");
        Light { check: "statements", shine: Shine::Note, detail }
    })
    .collect()
}

fn light(check: &'static str, ok: bool, detail: String) -> Light {
    Light { check, shine: if ok { Shine::Green } else { Shine::Red }, detail }
}

/// How a statement looks once its period is closed: what came since then is only told.
fn since(closed: Position, one: &Reconciled, light: Light) -> Light {
    let late = one.incoming.position.is_some_and(|position| position > closed);
    if light.shine == Shine::Green && !late {
        return light;
    }
    let came = if late { "it came after the period was closed" } else { "since the period was closed" };
    Light { shine: Shine::Note, detail: format!("{}; {came}", light.detail), ..light }
}

/// A statement: its sums, and what of it is open.
fn reconciled(one: &Reconciled) -> Light {
    let number = one.incoming.position.unwrap_or_default();
    let name = format!("statement {number}");
    let open: Vec<_> = one.rows.iter().filter(|row| row.state == State::Open).collect();
    let conserved = one.is_conserved();
    let detail = match open.as_slice() {
        _ if !conserved => format!("{name}: its sums are not conserved"),
        [] => format!("{name}: {} rows, every exception is settled", one.rows.len()),
        [first, ..] => {
            let mut difference = Total::ZERO;
            open.iter().for_each(|row| difference += row.difference);
            format!(
                "{name}: {} open, {difference} in all, the first {number}/{} ({}); upline resolve settles them",
                if open.len() == 1 { "1 exception".to_owned() } else { format!("{} exceptions", open.len()) },
                first.exception,
                first.class.as_str().replace('_', " "),
            )
        }
    };
    light("reconciliation", conserved && open.is_empty(), detail)
}
