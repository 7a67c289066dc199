//! Questions about many days at once, for charts and for the clocks of a page.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::queries::producer_id;
use std::collections::BTreeMap;
use upline_core::as_of::{AsOf, in_force};
use upline_core::event::Position;
use upline_core::names::Code;
use upline_core::persistency::Tally;
use upline_core::refusal::RefusalCode;
use upline_core::time::{Day, Month};
use upline_views::balance::{By, Figures};
use upline_views::persistency::Scope;
use upline_views::times::{MonthOfPolicies, PolicyMonths, Times};
use upline_views::{replay_premium_histories, scan};

impl Ledger {
    /// Where the two clocks can stand, of what is known at a position.
    pub fn times(&self, known: Position) -> Result<Times, LedgerError> {
        let mut times = Times::default();
        scan(&*self.log, known, &mut times)?;
        Ok(times)
    }

    /// What happened to policies month by month, up to a point.
    pub fn policy_months(&self, at: AsOf) -> Result<BTreeMap<Month, MonthOfPolicies>, LedgerError> {
        let mut months = PolicyMonths::new(at);
        scan(&*self.log, at.known, &mut months)?;
        Ok(months.months)
    }

    /// The figures of a producer, or of everybody together, at several points.
    pub fn figures_at(&self, points: &[AsOf], of: Option<&Code>) -> Result<Vec<Figures>, LedgerError> {
        let figures = |at: &AsOf| {
            let rows = self.balances(*at, By::Producer, of)?;
            Ok(rows.iter().fold(Figures::default(), |sum, row| sum.plus(&row.figures)))
        };
        points.iter().map(figures).collect()
    }

    /// The persistency on several days by a definition, with what is known at a position: of what a producer wrote, or of
    /// the whole book with each policy once.
    pub fn persistency_on(
        &self,
        days: &[Day],
        known: Position,
        definition: &Code,
        of: Option<&Code>,
    ) -> Result<Vec<(Day, Tally)>, LedgerError> {
        let (reference, histories) = replay_premium_histories(&*self.log, known)?;
        of.map(|code| producer_id(&reference, code)).transpose()?;
        let versions = reference.definition(definition).unwrap_or(&[]);
        let mut answer = Vec::new();
        for day in days {
            let at = AsOf { effective: *day, known };
            let Some(row) = in_force(versions, at) else { continue };
            let tally = match of {
                Some(code) => {
                    let rows = histories.measure(&reference, at, &row.terms, Scope::Own, None)?;
                    rows.into_iter().find(|(producer, _)| producer == code).map(|(_, tally)| tally)
                }
                None => Some(histories.whole(at, &row.terms)?),
            };
            answer.push((*day, tally.unwrap_or_default()));
        }
        if answer.is_empty() && versions.is_empty() {
            let message = format!("persistency definition {definition} was never defined");
            return Err(LedgerError::unknown(RefusalCode::UnknownDefinition, "definition", message));
        }
        Ok(answer)
    }
}
