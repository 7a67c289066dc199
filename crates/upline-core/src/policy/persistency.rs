//! Persistency: how many of the policies that were written are still being paid for (rules §7).

pub use crate::fact::persistency::{Basis, Definition, Ratio, Survival, Tally, Weight};

use crate::fact::grid::StopReason;
use crate::policy::premium_status::{Happening, Overflow, PolicyFact, PremiumStatus};
use crate::vocabulary::time::Day;

/// What became of a policy in a cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Not in the cohort: issue + X months lies ahead.
    TooYoung,
    /// Not in the cohort any more: issue + Y months has come.
    TooOld,
    /// Taken out by a stop for this reason.
    Excluded(StopReason),
    /// In the cohort, and it survives.
    Survives,
    /// In the cohort, and it does not survive.
    Fails,
}

impl Definition {
    /// What became of a policy as of a day, by its visible facts in effective order.
    pub fn membership(
        &self,
        as_of: Day,
        issue: Day,
        facts: impl Iterator<Item = PolicyFact>,
    ) -> Result<Membership, Overflow> {
        let mark = issue.plus_months(u32::from(self.from_months));
        if as_of < mark {
            return Ok(Membership::TooYoung);
        }
        if as_of >= issue.plus_months(u32::from(self.to_months)) {
            return Ok(Membership::TooOld);
        }
        let mut standing = PremiumStatus::default();
        let mut in_force_at_mark = true;
        let mut excluded = None;
        for fact in facts.take_while(|fact| fact.on <= as_of) {
            standing.step(fact.what, |_| ())?;
            if fact.on <= mark {
                in_force_at_mark = standing.in_force();
            }
            match fact.what {
                Happening::Stop(reason) if self.excludes(reason, fact.on <= mark) => {
                    excluded = excluded.or(Some(reason));
                }
                Happening::Reinstatement => excluded = None,
                _ => {}
            }
        }
        if let Some(reason) = excluded {
            return Ok(Membership::Excluded(reason));
        }
        let survives = match self.survive {
            Survival::PaidTo => standing.months() >= u32::from(self.from_months),
            Survival::InForce => in_force_at_mark,
        };
        Ok(if survives { Membership::Survives } else { Membership::Fails })
    }

    /// A listed reason excludes up to the mark; one that voids the policy excludes whenever it came.
    fn excludes(&self, reason: StopReason, by_mark: bool) -> bool {
        self.exclude.contains(&reason) && (by_mark || reason.voids())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::premium_status::Installment;
    use crate::vocabulary::money::Cents;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn fact(on: &str, what: Happening) -> PolicyFact {
        PolicyFact { on: day(on), position: 1, what, by_mode: false }
    }

    fn check(definition: &Definition, as_of: &str, facts: &[PolicyFact], expected: Membership) {
        let found = definition.membership(day(as_of), day("2025-05-01"), facts.iter().copied());
        assert_eq!(found, Ok(expected), "as of {as_of}: {facts:?}");
    }

    fn four_months(survive: Survival) -> Definition {
        let exclude = vec![StopReason::FreeLook, StopReason::Death];
        Definition { basis: Basis::Count, from_months: 4, to_months: 16, survive, exclude }
    }

    #[test]
    fn a_cohort_begins_at_x_months_and_ends_before_y() {
        let definition = four_months(Survival::InForce);
        for (as_of, expected) in [
            ("2025-08-31", Membership::TooYoung),
            ("2025-09-01", Membership::Survives),
            ("2026-08-31", Membership::Survives),
            ("2026-09-01", Membership::TooOld),
        ] {
            check(&definition, as_of, &[], expected);
        }
    }

    #[test]
    fn survival_is_measured_as_the_definition_says() {
        let paid = |months| Happening::Premium(Installment { amount: Cents(1), months });
        let lapse = fact("2025-09-01", Happening::Stop(StopReason::Lapse));
        let facts = [fact("2025-05-01", paid(4)), lapse];
        check(&four_months(Survival::PaidTo), "2025-10-01", &facts, Membership::Survives);
        check(&four_months(Survival::InForce), "2025-10-01", &facts, Membership::Fails);
        check(
            &four_months(Survival::PaidTo),
            "2025-10-01",
            &[fact("2025-05-01", paid(3))],
            Membership::Fails,
        );
    }

    #[test]
    fn a_listed_reason_excludes_up_to_the_mark_and_a_voiding_one_always() {
        let definition = four_months(Survival::InForce);
        let stopped = |on, reason| fact(on, Happening::Stop(reason));
        let death = Membership::Excluded(StopReason::Death);
        check(&definition, "2025-12-01", &[stopped("2025-09-01", StopReason::Death)], death);
        check(&definition, "2025-12-01", &[stopped("2025-09-02", StopReason::Death)], Membership::Survives);
        let free_look = Membership::Excluded(StopReason::FreeLook);
        check(&definition, "2025-12-01", &[stopped("2025-11-02", StopReason::FreeLook)], free_look);
        check(
            &definition,
            "2025-11-01",
            &[stopped("2025-11-02", StopReason::FreeLook)],
            Membership::Survives,
        );
        let back = fact("2025-07-01", Happening::Reinstatement);
        check(
            &definition,
            "2025-12-01",
            &[stopped("2025-06-01", StopReason::Death), back],
            Membership::Survives,
        );
    }
}
