//! Proposing: what is proposed is checked as if it were done now, and kept.

use crate::banks::BanksOrder;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::proposals::kept::{clean, known};
use crate::proposals::{Content, Proposal, ProposalError, Proposed};
use crate::resolve::Resolving;
use upline_core::fact::{ActionProposed, Body, Fact, Remarks, names_nobody};
use upline_core::names::Code;
use upline_core::reference_data::Unknown;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::statement::Resolution;
use upline_formats::fact::parse_json_line;
use upline_store::{DirectoryKey, PROPOSAL_BYTES_MAX, ProposalEntry, Proposals};

/// How much of a commitment names its proposal, in hexadecimal digits.
const ID_DIGITS: usize = 16;

impl Ledger {
    /// Proposes something. What could not be done now is refused now.
    pub fn propose(&mut self, proposal: &Proposal, actor: &str) -> Result<Proposed, LedgerError> {
        let dir = self.dir().ok_or(LedgerError::KeepsNoFiles)?.to_owned();
        if names_nobody(actor) {
            return Err(ProposalError::Nobody.into());
        }
        // Asked for what would be done, and needed to record.
        self.load_decider()?;
        let content = self.content_of(proposal, actor)?;
        let text = content.write(self.position()).ok_or(ProposalError::Amount)?;
        if text.len() > PROPOSAL_BYTES_MAX {
            return Err(ProposalError::TooLarge.into());
        }
        let (action, end) = (content.action(), self.position());
        let commitment =
            DirectoryKey::open_or_create(&dir)?.proposal_commitment(&text).ok_or(Unknown(end))?;
        let digits = commitment.as_str().get(..ID_DIGITS).unwrap_or_default();
        let id = Code::parse(&format!("{}-{digits}", action.as_str())).ok_or(Unknown(end))?;
        let before = Proposals::open(&dir)?;
        let mut after = before.clone().unwrap_or_default();
        let mut saved = false;
        let proposed = self.commit_whole(|_, deciding| {
            let at = deciding.recorded_at()?;
            let note = match proposal {
                Proposal::WriteOff { note, .. } => note.clone(),
                _ => None,
            };
            let remarks =
                Some(Box::new(Remarks { note, actor: Some(actor.to_owned()), ..Remarks::default() }));
            let body = ActionProposed { proposal: id.clone(), action, commitment };
            let body = Body::ActionProposed(Box::new(body));
            let fact = Fact { id: None, on: at.day(), recorded_at: None, remarks, personal: None, body };
            let position = deciding.another(fact)?;
            let book = deciding.decider.book();
            clean(&mut after, book);
            after.make_room(|entry| known(book, entry).is_some_and(|known| known.decided.is_some()));
            let by = book.proposal(&id).map(|proposed| proposed.by.clone()).unwrap_or_default();
            after.add(ProposalEntry {
                id: id.to_string(),
                proposed_by: by,
                proposed_at: at.to_string(),
                producer: match &content {
                    Content::BankChange { producer, .. } => Some(producer.to_string()),
                    _ => None,
                },
                content: Some(text),
            });
            // Before it is recorded, so that what is recorded can be decided.
            saved = true;
            after.save_to(&dir)?;
            Ok(Proposed { id, position })
        });
        if proposed.is_err() && saved {
            // What is kept and not recorded counts for nothing; why it is not is told.
            let _ = before.unwrap_or_default().save_to(&dir);
        }
        proposed
    }

    /// What a proposal comes to now, where it could be done now.
    fn content_of(&self, proposal: &Proposal, actor: &str) -> Result<Content, LedgerError> {
        match proposal {
            Proposal::PayRun { through } => {
                self.check_pay(*through, None)?;
                let rows = self.payout(*through)?;
                if rows.iter().all(|row| row.split.is_nothing()) {
                    return Err(ProposalError::Nothing("nobody would be paid").into());
                }
                Ok(Content::PayRun { through: *through, rows })
            }
            Proposal::BankChange { producer, bank, hold_days, shared } => {
                if *hold_days == Some(0) {
                    let message = "an account that changes waits for 1 to 255 days";
                    return Err(Refusal::of(RefusalCode::Malformed, "hold_days", message).into());
                }
                self.with_decider(|decider| Ok(self.check_bank(decider.book().reference_data(), producer)?))?;
                let content = Content::BankChange {
                    producer: producer.clone(),
                    bank: bank.clone(),
                    hold_days: *hold_days,
                    shared: *shared,
                };
                if let Some(order) = bank_order(&content, actor, actor) {
                    self.check_shared(&order)?;
                }
                Ok(content)
            }
            Proposal::Restatement { facts } => {
                if facts.is_empty() {
                    return Err(ProposalError::Nothing("no fact is proposed").into());
                }
                let facts = (1..).zip(facts).map(|(number, line)| restatement(number, line));
                let facts = facts.collect::<Result<Vec<Fact>, LedgerError>>()?;
                self.with_decider(|decider| decider.dry_run(&facts))?;
                Ok(Content::Restatement { facts })
            }
            Proposal::WriteOff { exceptions, note, on } => {
                if exceptions.is_empty() {
                    return Err(ProposalError::Nothing("no exception is named").into());
                }
                let on = on.unwrap_or_else(|| self.today());
                self.resolution(&Resolving {
                    exceptions: exceptions.clone(),
                    reason: Resolution::WrittenOff,
                    by: actor.to_owned(),
                    note: note.clone(),
                    on: Some(on),
                })?;
                Ok(Content::WriteOff { exceptions: exceptions.clone(), on })
            }
        }
    }
}

/// The order that a change of an account comes to.
pub(super) fn bank_order(content: &Content, actor: &str, approved_by: &str) -> Option<BanksOrder> {
    let Content::BankChange { producer, bank, hold_days, shared } = content else { return None };
    Some(BanksOrder {
        banks: vec![(producer.clone(), bank.clone())],
        actor: actor.to_owned(),
        approved_by: approved_by.to_owned(),
        hold_days: *hold_days,
        shared: *shared,
    })
}

/// A line of a restatement. Who says it and why goes with the proposal; nothing that can name people is kept beside it.
fn restatement(number: usize, line: &str) -> Result<Fact, LedgerError> {
    let fact = parse_json_line(line.as_bytes())?;
    let remarks = fact.remarks.as_deref();
    let what = match &fact.body {
        Body::PolicyRestated(_) if fact.id.is_some() => "one with an id",
        Body::PolicyRestated(_) if fact.recorded_at.is_some() => "one with a time of recording",
        Body::PolicyRestated(_) if remarks.is_some_and(|said| said.note.is_some()) => "one with a note",
        Body::PolicyRestated(_) if remarks.is_some_and(|said| said.actor.is_some()) => "one with an actor",
        Body::PolicyRestated(_) => return Ok(fact),
        other => other.type_name(),
    };
    Err(ProposalError::NoRestatement { number, what: what.to_owned() }.into())
}
