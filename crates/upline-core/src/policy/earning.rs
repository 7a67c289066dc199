//! What premiums earn and what is advanced on them, to the cent (rules §§4–5), and how an assigned place divides it
//! (pay.md §4).

use crate::policy::policy_state::PayeeState;
use crate::policy::premium_status::{Overflow, YearChange};
use crate::terms::chain::{Part, Terms};
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

/// What a producer keeps of a figure of its place.
pub(crate) fn kept(figure: Cents, keeps: Rate) -> Option<Cents> {
    portion(figure, keeps, Rate::ONE, 1, 1)
}

/// What an assigned place has earned so far by the formula, whatever stops took back; by place through all sides. Empty
/// where nothing is assigned.
pub(crate) type Figures = Vec<Cents>;

/// Adds to every payee what the change of a policy year's premium earns it: F(i,k) − F(i,k−1) (rules §4). While nothing
/// is earned only the figures of assigned places go on.
pub(crate) fn earn(
    terms: &Terms,
    payees: &mut [PayeeState],
    figures: &mut Figures,
    change: YearChange,
    earning: bool,
) -> Option<()> {
    let mut payees = payees.iter_mut();
    let mut figures = figures.iter_mut();
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
        let mut seats = side.places.seats().iter();
        for &rate in side.places.rates(change.year) {
            let state = payees.next()?;
            let mut amount = Cents::ZERO;
            if rate != below_rate {
                let here = moved(rate)?;
                amount = here.checked_sub(below)?;
                (below, below_rate) = (here, rate);
            }
            let figure = figures.next();
            if let (Part::Kept(keeps), Some(figure)) = (seats.next()?.part, figure) {
                seats.next()?;
                let to = payees.next()?;
                let before = kept(*figure, keeps)?;
                *figure = figure.checked_add(amount)?;
                let own = kept(*figure, keeps)?.checked_sub(before)?;
                if earning {
                    state.earned = state.earned.checked_add(own)?;
                    to.earned = to.earned.checked_add(amount.checked_sub(own)?)?;
                }
            } else if earning {
                state.earned = state.earned.checked_add(amount)?;
            }
        }
    }
    Some(())
}
