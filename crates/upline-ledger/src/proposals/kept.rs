//! The contents that wait beside the log, against what the log commits to.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::proposals::{Content, ProposalError};
use upline_core::book::{self, Book};
use upline_core::fact::Action;
use upline_core::names::Code;
use upline_store::{DirectoryKey, ProposalEntry, Proposals};
use upline_views::proposals::Proposed;

/// What is kept of proposals, and the key that it is checked by.
#[derive(Default)]
pub(super) struct Kept {
    proposals: Proposals,
    key: Option<DirectoryKey>,
}

impl Kept {
    /// What was proposed, where what is kept is that.
    pub fn content(&self, proposed: &Proposed) -> Result<Content, ProposalError> {
        let lost = || ProposalError::Lost(proposed.id.clone());
        let entry = self.entry(&proposed.id).ok_or_else(lost)?;
        let text = entry.content.as_deref().ok_or_else(lost)?;
        let own = self.key.as_ref().and_then(|key| key.proposal_commitment(text));
        let content = Content::read(text).filter(|_| own.as_ref() == Some(&proposed.commitment));
        content
            .filter(|content| content.action() == proposed.action)
            .ok_or_else(|| ProposalError::Differs(proposed.id.clone()))
    }

    pub fn entry(&self, id: &Code) -> Option<&ProposalEntry> {
        self.proposals.get(id.as_str())
    }
}

/// Leaves only what a book knows of, and of decided changes of accounts no detail. Says whether that was not so.
pub(super) fn clean(proposals: &mut Proposals, book: &Book) -> bool {
    let before = proposals.entries().count();
    proposals.retain(|entry| known(book, entry).is_some());
    let unknown = proposals.entries().count() < before;
    let decided =
        |proposed: &book::Proposed| proposed.action == Action::BankChange && proposed.decided.is_some();
    proposals.erase(|entry| known(book, entry).is_some_and(decided)) || unknown
}

/// What a book knows of an entry.
pub(super) fn known<'b>(book: &'b Book, entry: &ProposalEntry) -> Option<&'b book::Proposed> {
    book.proposal(&Code::parse(&entry.id)?)
}

impl Ledger {
    /// What is kept of proposals.
    pub(super) fn kept_proposals(&self) -> Result<Kept, LedgerError> {
        let Some(dir) = self.dir() else { return Ok(Kept::default()) };
        Ok(Kept { proposals: Proposals::open(dir)?.unwrap_or_default(), key: DirectoryKey::open(dir)? })
    }

    /// Erases what is kept and need not be, once a decision is recorded. Where it cannot, the next change of the file
    /// does: what is recorded is recorded.
    pub(super) fn clean_proposals(&self) {
        let clean = || -> Result<(), LedgerError> {
            let Some(dir) = self.dir() else { return Ok(()) };
            let Some(mut proposals) = Proposals::open(dir)? else { return Ok(()) };
            let cleaned = self.with_decider(|decider| Ok(clean(&mut proposals, decider.book())))?;
            if cleaned {
                proposals.save_to(dir)?;
            }
            Ok(())
        };
        if let Err(error) = clean() {
            tracing::warn!(%error, "what was proposed and is decided is still kept");
        }
    }

    /// Erases the account at a bank that is proposed for a producer; says whether there was any.
    pub(crate) fn erase_proposed_bank(&self, producer: &Code) -> Result<bool, LedgerError> {
        let Some(dir) = self.dir() else { return Ok(false) };
        let Some(mut proposals) = Proposals::open(dir)? else { return Ok(false) };
        let of = |entry: &ProposalEntry| entry.producer.as_deref() == Some(producer.as_str());
        let erased = proposals.erase(of);
        if erased {
            proposals.save_to(dir)?;
        }
        Ok(erased)
    }

    /// What is kept of proposals against what the log commits to: how many there are, and what is wrong, in sentences.
    /// `None` where nothing was ever proposed.
    pub(crate) fn checked_proposals(&self) -> Result<Option<(u64, Vec<String>)>, LedgerError> {
        let proposals = self.proposals_as_recorded(self.position())?;
        let kept = self.kept_proposals()?;
        if proposals.all.is_empty() && kept.proposals.entries().next().is_none() {
            return Ok(None);
        }
        let differs = |proposed: &Proposed| match kept.content(proposed) {
            Err(error @ ProposalError::Differs(_)) => Some(error.to_string()),
            _ => None,
        };
        let wrong = proposals.all.iter().filter_map(differs).collect();
        Ok(Some((proposals.all.len() as u64, wrong)))
    }
}
