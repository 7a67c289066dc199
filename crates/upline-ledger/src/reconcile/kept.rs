//! The files of statements beside the log, and what the log says of them.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use upline_core::event::Position;
use upline_core::names::Code;
use upline_core::reconcile::Expected;
use upline_core::reference_data::ReferenceData;
use upline_core::statement::StatementReceived;
use upline_core::time::Day;
use upline_log::LogError;
use upline_store::files::{file, keep_file};
use upline_views::carrier_statements::CarrierStatements;
use upline_views::expected::Expectations;
use upline_views::scan;

impl Ledger {
    /// The statements and decisions up to a position, with the names that were known there.
    pub fn carrier_statements(
        &self,
        known: Position,
    ) -> Result<(ReferenceData, CarrierStatements), LedgerError> {
        let mut statements = CarrierStatements::default();
        let reference = scan(&*self.log, known, &mut statements)?;
        Ok((reference, statements))
    }

    /// What is expected of carriers, as known at a position; of each is said whether its statements show earned and
    /// offset lines apart, and from which day on it is asked.
    pub fn expected(
        &self,
        known: Position,
        carriers: HashMap<Code, (bool, Day)>,
    ) -> Result<Vec<Expected>, LedgerError> {
        if carriers.is_empty() {
            return Ok(Vec::new());
        }
        let mut expectations = Expectations::of(carriers);
        let reference = scan(&*self.log, known, &mut expectations)?;
        Ok(expectations.rows(&reference))
    }

    /// Keeps a statement or a profile, durably, and returns its SHA-256.
    pub(super) fn keep_file(&self, bytes: &[u8]) -> Result<Code, LedgerError> {
        let name = keep_file(self.dir().ok_or(LedgerError::KeepsNoFiles)?, bytes)?;
        let no_name = || LogError::damaged("a hash is no name of a file", format!("at {name}"));
        Ok(Code::parse(&name).ok_or_else(no_name)?)
    }

    /// The profiles that statements were read through, the latest version of each: its code, its version and its
    /// SHA-256.
    pub fn kept_profiles(&self) -> Result<Vec<(Code, u32, Code)>, LedgerError> {
        let (_, statements) = self.carrier_statements(self.position())?;
        let mut latest: BTreeMap<Code, (u32, Code)> = BTreeMap::new();
        for one in statements.received {
            let StatementReceived { profile, version, profile_file, .. } = one.statement;
            let known = latest.entry(profile).or_insert((version, profile_file.clone()));
            if version >= known.0 {
                *known = (version, profile_file);
            }
        }
        Ok(latest.into_iter().map(|(code, (version, file))| (code, version, file)).collect())
    }

    /// The text of the latest version of a profile that a statement was read through.
    pub fn kept_profile(&self, code: &Code) -> Result<Option<Vec<u8>>, LedgerError> {
        let known = self.kept_profiles()?.into_iter().find(|(known, ..)| known == code);
        known.map(|(.., file)| self.kept_file(&file)).transpose()
    }

    /// A statement or a profile that is kept.
    pub fn kept_file(&self, name: &Code) -> Result<Vec<u8>, LedgerError> {
        Ok(file(self.dir().ok_or(LedgerError::KeepsNoFiles)?, name.as_str())?)
    }
}
