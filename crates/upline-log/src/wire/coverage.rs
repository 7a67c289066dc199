//! Persistency definitions, coverage plans and decisions as bytes.

use super::{Wire, cents, code, list, policy, producer, rate, word, write_list, write_rate};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::coverage::Tier;
use upline_core::fact::{
    CoverageDecision, CoverageEnrolled, CoveragePlan, CoverageWithdrawn, PersistencyDefined,
};
use upline_core::names::ById;
use upline_core::persistency::{Definition, Tally, Weight};

impl Wire for PersistencyDefined {
    fn write(&self, out: &mut Out<'_>) -> Written {
        let PersistencyDefined { definition, terms } = self;
        out.put((definition.as_str(), terms.basis.to_number(), terms.from_months, terms.to_months))?;
        out.put(terms.survive.to_number())?;
        write_list(out, &terms.exclude, |out, reason| out.put(reason.to_number()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        let definition = code(from)?;
        let terms = Definition {
            basis: word(from)?,
            from_months: from.get()?,
            to_months: from.get()?,
            survive: word(from)?,
            exclude: list(from, word)?,
        };
        Ok(PersistencyDefined { definition, terms })
    }
}

impl Wire for CoveragePlan<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.plan.as_str(), self.definition.as_str(), self.payer.0))?;
        write_list(out, &self.tiers, |out, tier| write_tier(out, *tier))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CoveragePlan {
            plan: code(from)?,
            definition: code(from)?,
            payer: producer(from)?,
            tiers: list(from, read_tier)?,
        })
    }
}

impl Wire for CoverageEnrolled<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.plan.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CoverageEnrolled { producer: producer(from)?, plan: code(from)? })
    }
}

impl Wire for CoverageWithdrawn<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.producer.0, self.plan.as_str()))
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(CoverageWithdrawn { producer: producer(from)?, plan: code(from)? })
    }
}

impl Wire for CoverageDecision<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.policy.0, self.producer.0, self.side, self.stop))?;
        out.put((self.chargeback.0, self.covered.0, self.payer.0))?;
        out.put((self.plan.as_str(), self.plan_version))?;
        out.put((self.definition.as_str(), self.definition_version, self.basis.to_number()))?;
        let tally = &self.persistency;
        out.put((tally.cohort, tally.surviving))?;
        write_weight(out, tally.cohort_weight)?;
        write_weight(out, tally.surviving_weight)?;
        out.put(u8::from(self.tier.is_some()))?;
        self.tier.map_or(Ok(()), |tier| write_tier(out, tier))?;
        out.put(self.reason.to_number())
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
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
}

fn write_tier(out: &mut Out<'_>, tier: Tier) -> Written {
    write_rate(out, tier.above)?;
    write_rate(out, tier.cover)
}

fn read_tier(from: &mut In<'_>) -> Read<Tier> {
    Ok(Tier { above: rate(from)?, cover: rate(from)? })
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
