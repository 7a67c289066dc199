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

impl Ledger {
    /// Why no bank details can be kept of a producer of this reference data. For who records.
    pub fn bank_refusal(&self, reference: &ReferenceData, producer: &Code) -> Option<String> {
        if reference.producers().find(producer).is_none() {
            return Some(format!("producer {producer} was never added"));
        }
        let erased = self.directory.producer(producer).is_some_and(|entry| entry.erased);
        erased.then(|| {
            format!("what was kept of producer {producer} was erased, and nothing is kept of it again")
        })
    }

    /// Sets the bank details of producers of this reference data: of all, or of none where one cannot have any.
    pub fn set_banks(
        &mut self,
        reference: &ReferenceData,
        banks: Vec<(Code, Bank)>,
    ) -> Result<BanksSet, LedgerError> {
        if let Some(why) = banks.iter().find_map(|(producer, _)| self.bank_refusal(reference, producer)) {
            return Err(LedgerError::Question(why));
        }
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
