//! Bank details of producers: kept in the directory, never in the log.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use upline_core::names::Code;
use upline_core::reference_data::ReferenceData;
use upline_store::{Bank, BankSet};

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

/// Why no bank details can be kept of a producer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    /// There is no such producer.
    #[error("producer {0} was never added")]
    UnknownProducer(Code),
    /// What was kept of it was erased.
    #[error("what was kept of producer {0} was erased, and nothing is kept of it again")]
    Erased(Code),
}

impl BankError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BankError::UnknownProducer(_) => "unknown_producer",
            BankError::Erased(_) => "erased",
        }
    }
}

impl Ledger {
    /// Whether bank details can be kept of a producer of this reference data. For who records.
    pub fn check_bank(&self, reference: &ReferenceData, producer: &Code) -> Result<(), BankError> {
        if reference.producers().find(producer).is_none() {
            return Err(BankError::UnknownProducer(producer.clone()));
        }
        if self.directory.producer(producer).is_some_and(|entry| entry.erased) {
            return Err(BankError::Erased(producer.clone()));
        }
        Ok(())
    }

    /// Sets the bank details of producers of this reference data: of all, or of none where one cannot have any.
    pub fn set_banks(
        &mut self,
        reference: &ReferenceData,
        banks: Vec<(Code, Bank)>,
    ) -> Result<BanksSet, LedgerError> {
        banks.iter().try_for_each(|(producer, _)| self.check_bank(reference, producer))?;
        let mut set = BanksSet::default();
        for (producer, bank) in banks {
            match self.directory.set_bank(&producer, bank) {
                Some(BankSet::New) => set.new += 1,
                Some(BankSet::Changed) => set.changed += 1,
                // An erased one was refused above.
                Some(BankSet::Unchanged) | None => set.unchanged += 1,
            }
        }
        if set.new + set.changed > 0 {
            self.directory.save()?;
        }
        Ok(set)
    }
}
