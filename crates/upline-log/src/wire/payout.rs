//! Payouts and their terms as bytes.

use super::{cents, list, producer, rate, write_list, write_rate};
use crate::codec::{In, Out, Read, Written};
use upline_core::fact::{PayoutMade, PayoutTerms, ReserveTier};
use upline_core::names::ById;

pub(super) fn write_payout_terms(out: &mut Out<'_>, terms: &PayoutTerms) -> Written {
    out.put(terms.minimum.0)?;
    write_list(out, &terms.reserve, |out, tier| {
        out.put(tier.to.0)?;
        write_rate(out, tier.rate)
    })
}

pub(super) fn read_payout_terms(from: &mut In<'_>) -> Read<PayoutTerms> {
    let minimum = cents(from)?;
    let reserve = list(from, |from| Ok(ReserveTier { to: cents(from)?, rate: rate(from)? }))?;
    Ok(PayoutTerms { minimum, reserve })
}

pub(super) fn write_payout(out: &mut Out<'_>, payout: &PayoutMade<ById>) -> Written {
    out.put(payout.producer.0)?;
    out.put((payout.payable.0, payout.leads.0, payout.debt.0, payout.reserve.0))
}

pub(super) fn read_payout(from: &mut In<'_>) -> Read<PayoutMade<ById>> {
    Ok(PayoutMade {
        producer: producer(from)?,
        payable: cents(from)?,
        leads: cents(from)?,
        debt: cents(from)?,
        reserve: cents(from)?,
    })
}
