//! A decision about coverage as bytes.

use super::{cents, code, policy, producer, read_tier, word, write_tier};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::coverage::CoverageDecision;
use upline_core::names::ById;
use upline_core::persistency::{Tally, Weight};

pub(super) fn write_decision(out: &mut Out<'_>, decision: &CoverageDecision<ById>) -> Written {
    out.put((decision.policy.0, decision.producer.0, decision.side, decision.stop))?;
    out.put((decision.chargeback.0, decision.covered.0, decision.payer.0))?;
    out.put((decision.plan.as_str(), decision.plan_version))?;
    out.put((decision.definition.as_str(), decision.definition_version, decision.basis.to_number()))?;
    let tally = &decision.persistency;
    out.put((tally.cohort, tally.surviving))?;
    write_weight(out, tally.cohort_weight)?;
    write_weight(out, tally.surviving_weight)?;
    out.put(u8::from(decision.tier.is_some()))?;
    decision.tier.map_or(Ok(()), |tier| write_tier(out, tier))?;
    out.put(decision.reason.to_number())
}

pub(super) fn read_decision(from: &mut In<'_>) -> Read<CoverageDecision<ById>> {
    Ok(CoverageDecision {
        policy: policy(from)?,
        producer: producer(from)?,
        side: from.option()?,
        stop: from.get()?,
        chargeback: cents(from)?,
        covered: cents(from)?,
        payer: producer(from)?,
        plan: code(from)?,
        plan_version: from.get()?,
        definition: code(from)?,
        definition_version: from.get()?,
        basis: word(from)?,
        persistency: Tally {
            cohort: from.get()?,
            surviving: from.get()?,
            cohort_weight: read_weight(from)?,
            surviving_weight: read_weight(from)?,
        },
        tier: if from.some()? { Some(read_tier(from)?) } else { None },
        reason: word(from)?,
    })
}

/// A weight is how many bytes it has without the zeros in front, and these bytes, big endian.
fn write_weight(out: &mut Out<'_>, weight: Weight) -> Written {
    let bytes = weight.to_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    out.count(digits.len())?;
    digits.iter().try_for_each(|byte| out.put(*byte))
}

fn read_weight(from: &mut In<'_>) -> Read<Weight> {
    let malformed = Malformed::Field("a weight is none, or is not in its shortest form");
    let mut bytes = Weight::default().to_bytes();
    let count = from.count()?;
    let Some(digits) = bytes.len().checked_sub(count).and_then(|zeros| bytes.get_mut(zeros..)) else {
        return Err(malformed);
    };
    for byte in digits.iter_mut() {
        *byte = from.get()?;
    }
    if digits.first() == Some(&0) {
        return Err(malformed);
    }
    Weight::from_bytes(bytes).ok_or(malformed)
}
