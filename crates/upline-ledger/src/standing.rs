//! Where the producers stand in their coverage plans: what would be decided about a chargeback now.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::coverage::{Tier, tier_passed};
use upline_core::names::Code;
use upline_core::persistency::{Basis, Tally};
use upline_core::time::Day;
use upline_views::persistency::Scope;
use upline_views::replay_premium_histories;

/// What would be decided about a chargeback of a producer.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub producer: Code,
    /// The plan that it is enrolled in.
    pub plan: Code,
    pub definition: Code,
    pub basis: Basis,
    /// Its persistency by the plan's definition.
    pub persistency: Tally,
    /// The tier that it passes.
    pub tier: Option<Tier>,
    /// How many policies that survive it can lose until it does not pass that tier any more. Of plans that count
    /// policies.
    pub to_lose: Option<u64>,
    /// The next tier, and how many more policies of the same cohort would have to survive for it, where as many could.
    pub next: Option<(Tier, Option<u64>)>,
}

impl Ledger {
    /// Where every producer stands that is enrolled in a plan at a point, sorted by producer.
    pub fn coverage_standing(&self, at: AsOf) -> Result<Vec<Standing>, LedgerError> {
        let (reference, histories) = replay_premium_histories(&*self.log, at.known)?;
        let mut measured: BTreeMap<(Code, Day), Vec<(Code, Tally)>> = BTreeMap::new();
        let mut standings = Vec::new();
        for (id, producer) in reference.producers().iter() {
            let Some(row) = reference.plan_on(id, at.effective) else { continue };
            let plan = &row.plan;
            let Some(definition) = reference.definition_on(&plan.definition, at.effective) else { continue };
            let key = (plan.definition.clone(), definition.on);
            if !measured.contains_key(&key) {
                let rows = histories.measure(&reference, at, &definition.terms, Scope::Own, None)?;
                measured.insert(key.clone(), rows);
            }
            let rows = measured.get(&key).map_or(&[][..], Vec::as_slice);
            let found = rows.binary_search_by(|(code, _)| code.cmp(producer)).ok();
            let persistency = found.and_then(|at| rows.get(at)).map(|(_, tally)| *tally).unwrap_or_default();
            let tier = tier_passed(&plan.tiers, &persistency);
            let basis = definition.terms.basis;
            let higher = plan.tiers.iter().filter(|next| tier.is_none_or(|tier| next.above > tier.above));
            let next = higher.min_by_key(|tier| tier.above).copied();
            let counts = basis == Basis::Count;
            standings.push(Standing {
                producer: producer.clone(),
                plan: plan.plan.clone(),
                definition: plan.definition.clone(),
                basis,
                persistency,
                tier,
                to_lose: tier.filter(|_| counts).and_then(|tier| persistency.to_lose(tier.above)),
                next: next.map(|next| {
                    (next, Some(next).filter(|_| counts).and_then(|next| persistency.to_reach(next.above)))
                }),
            });
        }
        standings.sort_by(|a, b| a.producer.cmp(&b.producer));
        Ok(standings)
    }
}
