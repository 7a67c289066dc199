//! What carriers owe a period before it is closed: a statement of each, and the deposits of the statements (pay.md §6).

use super::{CloseError, Light, Shine};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::Reconciled;
use std::collections::{BTreeMap, BTreeSet};
use upline_core::as_of::AsOf;
use upline_core::names::Code;
use upline_core::time::Day;

/// A statement counts for a period where it ends in these last days of it, or later.
const LAST_DAYS: i32 = 7;

/// How a note of a closing begins that says what it goes without.
const BEGINS: &str = "without ";

/// What a period is closed without, and why: the statement of a carrier, or the deposits of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// The code of the carrier, or the number of the statement.
    pub what: Code,
    pub reason: String,
}

impl Without {
    /// Reads `CARRIER=REASON` or `N=REASON`. A reason is a sentence without a semicolon, which parts the reasons of a
    /// closing.
    pub fn parse(text: &str) -> Option<Without> {
        let (what, reason) = text.split_once('=')?;
        let (what, reason) = (Code::parse(what.trim())?, reason.trim());
        let whole = !reason.is_empty() && !reason.contains([';', '\n', '\r']);
        whole.then(|| Without { what, reason: reason.to_owned() })
    }

    /// The note of a closing.
    pub(super) fn note(all: &[Without]) -> Option<String> {
        let all: Vec<String> = all.iter().map(|one| format!("{}={}", one.what, one.reason)).collect();
        (!all.is_empty()).then(|| format!("{BEGINS}{}", all.join("; ")))
    }

    /// What the note of a closing says that it went without.
    pub(super) fn of_note(note: &str) -> Vec<Without> {
        let all = note.strip_prefix(BEGINS).unwrap_or_default();
        all.split("; ").filter_map(Without::parse).collect()
    }
}

impl Ledger {
    /// Carriers of whom something was expected in the period and no statement came, statements that deposits do not make
    /// up for, and what is gone without.
    pub(super) fn of_carriers(
        &self,
        through: Day,
        all: &[Reconciled],
        without: &[Without],
    ) -> Result<Vec<Light>, LedgerError> {
        let known = self.position();
        let before = self.closings(known)?.before(through);
        let matched = self.matched(known, None, true)?;
        let in_period = |due: Day| due <= through && before.is_none_or(|before| due > before);
        let expected = matched.expected.iter().filter(|item| in_period(item.due));
        let mut missing: BTreeSet<&Code> = expected.map(|item| &item.policy.carrier).collect();
        for one in all.iter().filter(|one| one.incoming.through.0 > through.0 - LAST_DAYS) {
            one.incoming.profile.carriers().for_each(|carrier| {
                missing.remove(carrier);
            });
        }
        let mut asked: BTreeMap<Code, (&'static str, String)> = BTreeMap::new();
        for carrier in missing {
            let detail = format!(
                "{carrier} had expected amounts in the period, and no statement of it ends in the last week of the period or later"
            );
            asked.insert(carrier.clone(), ("statements", detail));
        }
        for one in self.unpaid_statements(through)? {
            let number = one.to_string();
            if let Some(what) = Code::parse(&number) {
                let detail = format!(
                    "the deposits of statement {one} differ from its total; upline receivables --by statement shows them"
                );
                asked.insert(what, ("deposits", detail));
            }
        }
        if let Some(needless) = without.iter().find(|one| !asked.contains_key(&one.what)) {
            return Err(CloseError::Needless(needless.what.clone()).into());
        }
        let light = |(what, (check, detail)): (Code, (&'static str, String))| match without
            .iter()
            .find(|one| one.what == what)
        {
            Some(one) => {
                let detail = format!("{detail}; closed without: {}", one.reason);
                Light { check, shine: Shine::Note, detail }
            }
            None => {
                let detail = format!("{detail}; --without {what}=REASON says why");
                Light { check, shine: Shine::Red, detail }
            }
        };
        Ok(asked.into_iter().map(light).collect())
    }

    /// The statements through a day whose deposits differ from their totals, whenever those came in: of each carrier
    /// from the first that a deposit names on.
    fn unpaid_statements(&self, through: Day) -> Result<BTreeSet<u64>, LedgerError> {
        let mut named: BTreeSet<Code> = BTreeSet::new();
        let mut unpaid = BTreeSet::new();
        // By their days.
        for row in self.statements_paid(AsOf { effective: Day::LAST, known: self.position() })? {
            if row.named {
                named.insert(row.carrier.clone());
            }
            if row.day <= through && row.total != row.deposited && named.contains(&row.carrier) {
                unpaid.insert(row.statement);
            }
        }
        Ok(unpaid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_a_closing_goes_without() {
        let all: Vec<Without> = ["C1=it pays in July", "30 = a wire = of 2.00"]
            .iter()
            .filter_map(|text| Without::parse(text))
            .collect();
        assert_eq!(all.len(), 2);
        let note = Without::note(&all);
        assert_eq!(note.as_deref(), Some("without C1=it pays in July; 30=a wire = of 2.00"));
        assert_eq!(Without::of_note(note.as_deref().unwrap_or_default()), all);
        assert_eq!(Without::of_note("books of January"), []);
        assert_eq!(Without::note(&[]), None);
        for wrong in ["C1", "C1=", "=why", "C1=a; b"] {
            assert_eq!(Without::parse(wrong), None, "{wrong}");
        }
    }
}
