//! Bank details of producers: kept in the directory, committed to in the log.
//!
//! # Correctness
//! No detail is in the log, and none is used that the log does not commit to: whoever edits the directory pays nobody.
//! The directory is saved before the facts are stored; where that is cut off between the two, its details count for
//! nothing until they are set again.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::record::Deciding;
use std::collections::BTreeMap;
use upline_core::book::Book;
use upline_core::event::Position;
use upline_core::fact::{BankDetailsSet, Body, Fact, Remarks, names_nobody, same_person};
use upline_core::names::{Code, ProducerId};
use upline_core::reference_data::{ReferenceData, Unknown};
use upline_store::{Bank, Directory, DirectoryEntry, DirectoryKey};

/// Bank details that are to be set, and who answers for them.
#[derive(Clone, Debug)]
pub struct BanksOrder {
    /// Of each producer.
    pub banks: Vec<(Code, Bank)>,
    /// Who sets them.
    pub actor: String,
    /// Who approved them: somebody else.
    pub approved_by: String,
    /// For how many days nothing is paid to those that change; none: as long as usual.
    pub hold_days: Option<u8>,
    /// Whether it is known that several producers share an account.
    pub shared: bool,
}

/// What bank details are set with.
pub(crate) struct Setting {
    /// The key of the commitments.
    key: DirectoryKey,
    /// The directory without them.
    before: Directory,
}

/// What setting bank details came to: of how many producers they are new, others than before, or the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BanksSet {
    /// There were none.
    pub new: u64,
    /// There were others.
    pub changed: u64,
    /// They were there already.
    pub unchanged: u64,
}

/// Why bank details are not set, or not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    /// There is no such producer.
    #[error("producer {0} was never added")]
    UnknownProducer(Code),
    /// What was kept of it was erased.
    #[error("what was kept of producer {0} was erased, and nothing is kept of it again")]
    Erased(Code),
    /// Who sets them approves them.
    #[error("{0} sets the bank details and approves them: they are approved by somebody else")]
    SamePerson(String),
    /// Somebody is not named.
    #[error("say who sets the bank details, and who approved them")]
    Nobody,
    /// Several want their money at one account.
    #[error(
        "{}. Look whether that is right; --confirm-shared says that it is", .0.join("; ")
    )]
    Shared(Vec<String>),
}

impl BankError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BankError::UnknownProducer(_) => "unknown_producer",
            BankError::Erased(_) => "erased",
            BankError::SamePerson(_) => "same_person",
            BankError::Nobody => "nobody_named",
            BankError::Shared(_) => "shared_account",
        }
    }
}

/// How the bank details that are kept of a producer stand to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// The log commits to these, since this position.
    Holds(Code, Position),
    /// None are kept, and none have to be.
    Nothing,
    /// They are kept, and nobody approved them.
    NotApproved,
    /// They are not those that were approved.
    Differs(Position),
    /// They were set, and are lost.
    Lost(Position),
}

/// How the bank details of a producer stand to what a book commits to.
pub(crate) fn committed(
    book: &Book,
    id: ProducerId,
    producer: &Code,
    entry: Option<&DirectoryEntry>,
    key: Option<&DirectoryKey>,
) -> Committed {
    let (set, bank) = (book.payouts().bank(id), entry.and_then(|entry| entry.bank.as_ref()));
    let erased = entry.is_some_and(|entry| entry.erased);
    match (set, bank) {
        (None, None) => Committed::Nothing,
        (Some(_), None) if erased => Committed::Nothing,
        (Some(set), None) => Committed::Lost(set.position),
        (None, Some(_)) => Committed::NotApproved,
        (Some(set), Some(bank)) => {
            let own = key.and_then(|key| key.commitment(producer, bank));
            match own.filter(|own| *own == set.commitment) {
                Some(own) => Committed::Holds(own, set.position),
                None => Committed::Differs(set.position),
            }
        }
    }
}

/// What is wrong with the bank details in a directory, in sentences.
pub(crate) fn uncommitted(
    book: &Book,
    directory: &Directory,
    key: Option<&DirectoryKey>,
) -> (u64, Vec<String>) {
    let (mut sound, mut wrong) = (0, Vec::new());
    for (id, code) in book.reference_data().producers().iter() {
        match committed(book, id, code, directory.producer(code), key) {
            Committed::Nothing => {}
            Committed::Holds(..) => sound += 1,
            Committed::NotApproved => wrong.push(format!("those of {code} were never approved")),
            Committed::Differs(at) => wrong.push(format!("those of {code} are not the ones set at {at}")),
            Committed::Lost(at) => wrong.push(format!("those of {code}, set at {at}, are gone")),
        }
    }
    (sound, wrong)
}

impl Ledger {
    /// Whether bank details can be kept of a producer of this reference data. For who records.
    pub fn check_bank(&self, reference: &ReferenceData, producer: &Code) -> Result<(), BankError> {
        check_bank(&self.directory, reference, producer)
    }

    /// Sets the bank details of producers: of all, or of none where one cannot have any. What changes is a fact each,
    /// with a commitment to the details.
    pub fn set_banks(&mut self, order: &BanksOrder) -> Result<BanksSet, LedgerError> {
        if [&order.actor, &order.approved_by].into_iter().any(|name| names_nobody(name)) {
            return Err(BankError::Nobody.into());
        }
        if same_person(&order.actor, &order.approved_by) {
            return Err(BankError::SamePerson(order.actor.trim().to_owned()).into());
        }
        self.with_banks(order, |ledger, setting, deciding| ledger.decide_banks(order, setting, deciding))
    }

    /// Runs a use case that sets bank details among what else it does in its commit: they are in the directory while it
    /// decides, and as they were where it fails.
    pub(crate) fn with_banks<T, E: From<LedgerError>>(
        &mut self,
        order: &BanksOrder,
        use_case: impl FnOnce(&Ledger, &Setting, &mut Deciding<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let dir = self.dir().ok_or(LedgerError::KeepsNoFiles)?;
        let key = DirectoryKey::open_or_create(dir).map_err(LedgerError::from)?;
        let before = self.directory.clone();
        for (producer, bank) in &order.banks {
            self.directory.set_bank(producer, bank.clone());
        }
        let shared = shared(&self.directory, &order.banks).filter(|_| !order.shared);
        let set = match shared {
            Some(shared) => Err(LedgerError::from(BankError::Shared(shared)).into()),
            // The directory is saved with the names that come with the facts, before these are stored.
            None => {
                let setting = Setting { key, before: before.clone() };
                self.commit_whole(|ledger, deciding| use_case(ledger, &setting, deciding))
            }
        };
        if set.is_err() {
            // What was saved beside facts that are not stored would count for nothing; why they are not is told.
            let saved = !self.directory.is_changed();
            self.directory = before;
            if saved {
                let _ = self.directory.save();
            }
        }
        set
    }

    /// Whether these bank details could be set, as far as the directory knows.
    pub(crate) fn check_shared(&self, order: &BanksOrder) -> Result<(), BankError> {
        let mut directory = self.directory.clone();
        for (producer, bank) in &order.banks {
            directory.set_bank(producer, bank.clone());
        }
        match shared(&directory, &order.banks).filter(|_| !order.shared) {
            Some(shared) => Err(BankError::Shared(shared)),
            None => Ok(()),
        }
    }

    /// Decides bank details as part of a commit: a fact for each that changes.
    pub(crate) fn decide_banks(
        &self,
        order: &BanksOrder,
        setting: &Setting,
        deciding: &mut Deciding<'_>,
    ) -> Result<BanksSet, LedgerError> {
        let Setting { key, before } = setting;
        let on = deciding.recorded_at()?.day();
        let mut set = BanksSet::default();
        for (producer, bank) in &order.banks {
            let book = deciding.decider.book();
            check_bank(before, book.reference_data(), producer)?;
            let id = book.reference_data().producers().find(producer).ok_or(Unknown(book.position()))?;
            let known = book.payouts().bank(id).map(|account| &account.commitment);
            let kept = before.producer(producer).and_then(|entry| entry.bank.as_ref());
            let commitment = key.commitment(producer, bank).ok_or(Unknown(book.position()))?;
            match known {
                None => set.new += 1,
                Some(known) if *known == commitment && kept == Some(bank) => set.unchanged += 1,
                Some(_) => set.changed += 1,
            }
            if known == Some(&commitment) {
                continue;
            }
            let remarks = Remarks { actor: Some(order.actor.clone()), ..Remarks::default() };
            let body = Body::BankDetailsSet(Box::new(BankDetailsSet {
                producer: producer.clone(),
                commitment,
                approved_by: order.approved_by.clone(),
                hold_days: order.hold_days,
            }));
            let (remarks, recorded_at, personal) = (Some(Box::new(remarks)), None, None);
            deciding.another(Fact { id: None, on, recorded_at, remarks, personal, body })?;
        }
        Ok(set)
    }

    /// The key of the directory's commitments, where there is one.
    pub(crate) fn directory_key(&self) -> Result<Option<DirectoryKey>, LedgerError> {
        Ok(self.dir().map_or(Ok(None), DirectoryKey::open)?)
    }
}

fn check_bank(directory: &Directory, reference: &ReferenceData, producer: &Code) -> Result<(), BankError> {
    if reference.producers().find(producer).is_none() {
        return Err(BankError::UnknownProducer(producer.clone()));
    }
    if directory.producer(producer).is_some_and(|entry| entry.erased) {
        return Err(BankError::Erased(producer.clone()));
    }
    Ok(())
}

/// Which of these producers share an account with another, in sentences.
fn shared(directory: &Directory, banks: &[(Code, Bank)]) -> Option<Vec<String>> {
    let mut by_account: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for (kind, code, entry) in directory.entries() {
        if let Some(bank) = entry.bank.as_ref().filter(|_| kind == "producer") {
            by_account.entry((bank.routing.as_str(), bank.account.plain())).or_default().push(code);
        }
    }
    let touched = |who: &Vec<&str>| banks.iter().any(|(producer, _)| who.contains(&producer.as_str()));
    let sentences: Vec<String> = by_account
        .into_values()
        .filter(|who| who.len() > 1 && touched(who))
        .map(|who| format!("{} want their money at one account", who.join(" and ")))
        .collect();
    (!sentences.is_empty()).then_some(sentences)
}
