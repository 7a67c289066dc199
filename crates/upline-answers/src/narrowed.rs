//! The questions whose answers depend on who asks: each is narrowed to whom the asker may see, for every front door alike.
//!
//! **Correctness.** A producer that the asker may not see is refused before anything is looked up; rows of others are
//! left out, and sums over them too. A policy in which the asker has no part is told like one that does not exist.

use crate::Reader;
use crate::point::Point;
use crate::report::{Cell, Report};
use crate::scope::{NotSeen, Scope};
use crate::{balance, coverage, downline, explain, overrides, persistency};
use upline_core::names::{Code, PolicyName};
use upline_core::time::Day;
use upline_ledger::Ledger;
use upline_views::balance::By;
use upline_views::persistency::Scope as Counting;

/// A ledger at a point, as somebody may see it.
#[derive(Clone, Copy)]
pub struct Narrowed<'a> {
    pub ledger: &'a Ledger,
    pub point: Point,
    pub scope: &'a Scope,
}

impl Narrowed<'_> {
    fn sees_everybody(&self) -> bool {
        *self.scope == Scope::Everybody
    }

    /// What producers are due and owe.
    pub fn balance(&self, by: By, of: Option<&Code>) -> Result<Report, NotSeen> {
        self.scope.check(of)?;
        Ok(self.scope.narrow(balance::balance(self.ledger, &self.point, by, of)?, "producer"))
    }

    /// How many of the policies that were written are still being paid for.
    pub fn persistency(
        &self,
        definition: &Code,
        counting: Counting,
        of: Option<&Code>,
        carrier: Option<&Code>,
    ) -> Result<Report, NotSeen> {
        self.scope.check(of)?;
        let report = persistency::persistency(self.ledger, &self.point, definition, counting, of, carrier)?;
        Ok(self.scope.narrow(report, "producer"))
    }

    /// What uplines earn over writing producers.
    pub fn overrides(&self, from: Option<Day>, of: Option<&Code>) -> Result<Report, NotSeen> {
        self.scope.check(of)?;
        Ok(self.scope.narrow(overrides::overrides(self.ledger, &self.point, from, of)?, "upline"))
    }

    /// The decisions about covering chargebacks.
    pub fn coverage(&self, of: Option<&Code>, explain: bool) -> Result<Report, NotSeen> {
        self.scope.check(of)?;
        let decided = coverage::coverage(self.ledger, &self.point, of, explain)?;
        Ok(self.scope.narrow(decided.report, "producer"))
    }

    /// The entries of a policy.
    pub fn entries(&self, policy: &PolicyName, of: Option<&Code>, reader: Reader) -> Result<Report, NotSeen> {
        self.scope.check(of)?;
        let reader = if self.sees_everybody() { reader } else { Reader::Programs };
        let explained = explain::explain(self.ledger, &self.point, policy, of, reader);
        if self.sees_everybody() {
            return Ok(explained?.report);
        }
        let mut report = self.scope.narrow(explained.map_err(|_| NotSeen::NotThere)?.report, "producer");
        if report.rows.is_empty() {
            return Err(NotSeen::NotThere);
        }
        // What went to suspense for others is not theirs.
        report.closing.clear();
        Ok(report)
    }

    /// The hierarchy below a producer.
    pub fn downline(&self, top: &Code, carrier: &Code, reader: Reader) -> Result<Report, NotSeen> {
        self.scope.check(Some(top))?;
        let reader = if self.sees_everybody() { reader } else { Reader::Programs };
        let report = downline::downline(self.ledger, &self.point, top, carrier, reader)?;
        let mut report = self.scope.narrow(report, "producer");
        if !self.sees_everybody() {
            // The upline of the first is somebody else.
            let upline = report.columns.iter().position(|name| *name == "upline");
            for row in &mut report.rows {
                let Some(cell) = upline.and_then(|upline| row.get_mut(upline)) else { continue };
                let is_seen = match &*cell {
                    Cell::Text(name) => Code::parse(name).is_some_and(|code| self.scope.sees(&code)),
                    _ => true,
                };
                if !is_seen {
                    *cell = Cell::Null;
                }
            }
        }
        Ok(report)
    }
}
