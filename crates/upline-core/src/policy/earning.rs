//! What premiums earn and what is advanced on them, to the cent (rules §§4–5).

use crate::policy::policy_state::PayeeState;
use crate::policy::premium_status::{Overflow, YearChange};
use crate::terms::chain::Terms;
use crate::vocabulary::money::Cents;
use crate::vocabulary::rate::{Rate, portion};

/// G(i, r, m): first-year commission on the annual premium for so many months, one side's share.
pub(crate) fn first_year(
    terms: &Terms,
    rate: Rate,
    months: u32,
    through: Rate,
    from: Rate,
) -> Result<Cents, Overflow> {
    let part = |share| portion(terms.annual_premium, rate, share, months, 12);
    part(through).and_then(|t| t.checked_sub(part(from)?)).ok_or(Overflow)
}

/// Adds to every payee what the change of a policy year's premium earns it: F(i,k) − F(i,k−1) (rules §4).
pub(crate) fn earn(terms: &Terms, payees: &mut [PayeeState], change: YearChange) -> Option<()> {
    let mut payees = payees.iter_mut();
    for side in &terms.sides {
        let moved = |rate: Rate| -> Option<Cents> {
            let to = |share: Rate| -> Option<Cents> {
                if share == Rate::ZERO {
                    return Some(Cents::ZERO);
                }
                portion(change.after, rate, share, 1, 1)?.checked_sub(portion(
                    change.before,
                    rate,
                    share,
                    1,
                    1,
                )?)
            };
            to(side.through)?.checked_sub(to(side.from)?)
        };
        let (mut below, mut below_rate) = (Cents::ZERO, Rate::ZERO);
        for &rate in side.places.rates(change.year) {
            let state = payees.next()?;
            if rate != below_rate {
                let here = moved(rate)?;
                state.earned = state.earned.checked_add(here.checked_sub(below)?)?;
                (below, below_rate) = (here, rate);
            }
        }
    }
    Some(())
}
