//! Taking a statement in.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::{Incoming, ReadStatement, ReconcileError, Reconciled};
use std::collections::BTreeSet;
use upline_core::event::Position;
use upline_core::fact::{Body, Fact, Remarks};
use upline_core::names::Code;
use upline_core::refusal::RefusalCode;
use upline_core::statement::StatementReceived;
use upline_formats::carrier_statement::{CarrierStatement, StatementLine};
use upline_views::carrier_statements::{CarrierStatements, Received};

/// What taking a statement in came to.
#[derive(Clone, Debug)]
pub struct TakenIn {
    /// The statement, and what became of its lines.
    pub reconciled: Reconciled,
    /// Whether it was received before, and nothing changes.
    pub before: bool,
    /// The reading of the same file that it takes the place of.
    pub instead_of: Option<Position>,
}

impl Ledger {
    /// What taking a statement in would come to. Records nothing, and needs no writer.
    pub fn preview_statement(&self, read: ReadStatement) -> Result<TakenIn, LedgerError> {
        let (_, known) = self.carrier_statements(self.position())?;
        match received_before(&read, &known) {
            Some(before) => self.taken_before(before),
            None => self.would_take(&read, &known),
        }
    }

    /// Takes a statement in: keeps its file and its profile beside the log, and records the receipt. The same file
    /// again changes nothing.
    pub fn receive_statement(&mut self, read: ReadStatement) -> Result<TakenIn, LedgerError> {
        let (_, known) = self.carrier_statements(self.position())?;
        self.bring_back(&read, &known)?;
        if let Some(before) = received_before(&read, &known) {
            return self.taken_before(before);
        }
        let mut taken = self.would_take(&read, &known)?;
        let receipt = StatementReceived {
            file: self.keep_file(&read.bytes)?,
            profile: read.profile.code.clone(),
            version: read.profile.version,
            profile_file: self.keep_file(&read.profile_text)?,
            period: read.period,
            lines: u32::try_from(read.statement.lines.len()).unwrap_or(u32::MAX),
            total: read.statement.total,
            replaces: replaced(&read, &known)?,
        };
        let remarks = Some(Box::new(Remarks { source: Some(read.name), ..Remarks::default() }));
        let body = Body::StatementReceived(Box::new(receipt));
        let fact = Fact { id: None, on: read.on, recorded_at: None, remarks, personal: None, body };
        // A receipt moves no money, so nothing else is expected than before it.
        taken.reconciled.incoming.position = self.record_all(vec![fact])?.first().copied();
        Ok(taken)
    }

    /// Keeps again what was kept of this statement and is lost.
    fn bring_back(&self, read: &ReadStatement, known: &CarrierStatements) -> Result<(), LedgerError> {
        for (wanted, bytes) in [(&read.file, &read.bytes), (&read.profile_file, &read.profile_text)] {
            let mut all = known.received.iter().map(|one| &one.statement);
            if all.any(|one| one.file == *wanted || one.profile_file == *wanted) {
                self.keep_file(bytes)?;
            }
        }
        Ok(())
    }

    fn taken_before(&self, before: &Received) -> Result<TakenIn, LedgerError> {
        let reconciled = self.reconciled_statement(before.position)?;
        Ok(TakenIn { reconciled, before: true, instead_of: None })
    }

    /// The report of a statement that was not received yet, or why it cannot be.
    fn would_take(&self, read: &ReadStatement, known: &CarrierStatements) -> Result<TakenIn, LedgerError> {
        let reference = self.reference_data(self.position())?;
        let mut carriers = read.profile.carriers();
        if let Some(carrier) = carriers.find(|carrier| reference.carriers().find(*carrier).is_none()) {
            let message = format!("carrier {carrier} of {} was never added", read.profile.code);
            return Err(LedgerError::unknown(RefusalCode::UnknownCarrier, "carrier", message));
        }
        let replaces = replaced(read, known)?;
        let mut others = self.read_again(known)?;
        others.retain(|one| one.file != read.file && replaces.as_ref() != Some(&one.file));
        fits(read, known, &others)?;
        let new = Incoming {
            position: None,
            file: read.file.clone(),
            profile: read.profile.clone(),
            statement: read.statement.clone(),
            from: read.period.first(),
            through: read.on,
            replaces: replaces.clone(),
        };
        let mut all = self.reconciled_with(self.position(), Some(new))?.into_iter();
        let reconciled = all.find(|one| one.incoming.position.is_none());
        let reconciled = reconciled.ok_or(ReconcileError::UnknownStatement(0))?;
        let taken = |one: &&Received| {
            one.statement.file == read.file || replaces.as_ref() == Some(&one.statement.file)
        };
        let instead_of = known.received.iter().find(taken);
        Ok(TakenIn { reconciled, before: false, instead_of: instead_of.map(|one| one.position) })
    }
}

/// The SHA-256 of the file whose place a statement takes.
fn replaced(read: &ReadStatement, known: &CarrierStatements) -> Result<Option<Code>, ReconcileError> {
    let Some(position) = read.replaces else { return Ok(None) };
    let one = known.received.iter().find(|one| one.position == position);
    let one = one.ok_or_else(|| {
        let replaced = |by| ReconcileError::Replaced { position, by };
        known.instead_of(position).map_or(ReconcileError::UnknownStatement(position), replaced)
    })?;
    Ok(Some(one.statement.file.clone()).filter(|file| *file != read.file))
}

/// The receipt of the same reading of the same file.
fn received_before<'a>(read: &ReadStatement, known: &'a CarrierStatements) -> Option<&'a Received> {
    known.received.iter().find(|known| {
        let one = &known.statement;
        (&one.file, &one.profile_file, one.period, known.on)
            == (&read.file, &read.profile_file, read.period, read.on)
    })
}

/// Whether a statement goes with those that were received: one that is the same in another file is a mistake, and so is
/// a profile that changed without a new version, or that shows other lines of a carrier than before.
fn fits(read: &ReadStatement, known: &CarrierStatements, others: &[Incoming]) -> Result<(), ReconcileError> {
    let (code, version) = (&read.profile.code, read.profile.version);
    let changed = |one: &&Received| {
        let one = &one.statement;
        (&one.profile, one.version) == (code, version) && one.profile_file != read.profile_file
    };
    if let Some(one) = known.received.iter().find(changed) {
        return Err(ReconcileError::ProfileChanged { code: code.clone(), version, position: one.position });
    }
    for other in others {
        let position = other.position.unwrap_or_default();
        let carriers: BTreeSet<&Code> = other.profile.carriers().collect();
        let shared = read.profile.carriers().find(|carrier| carriers.contains(carrier));
        if let Some(carrier) = shared.filter(|_| other.profile.shows != read.profile.shows) {
            let (code, carrier) = (code.clone(), carrier.clone());
            return Err(ReconcileError::ShownOtherwise { code, carrier, position });
        }
        let lines = |of: &CarrierStatement| {
            of.lines.iter().cloned().map(|line| StatementLine { line: 0, ..line }).collect::<Vec<_>>()
        };
        if !read.statement.lines.is_empty() && lines(&read.statement) == lines(&other.statement) {
            return Err(ReconcileError::SameLines { name: read.name.clone(), position });
        }
    }
    Ok(())
}
