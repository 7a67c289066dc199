//! The generated book: the same for the same seed, and acceptable line by line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use upline_core::fact::{
    AgentReleased, Body, CarrierAdded, ContractChanged, CoverageEnrolled, CoverageWithdrawn, Fact,
    LeadCharged, LeadCredited, LeadLineSet, PersistencyDefined, PolicyReinstated, PolicyStopped, PremiumPaid,
    PremiumReversed, ProducerAdded, ProducerContracted, RepaymentReceived,
};
use upline_core::grid::StopReason;
use upline_core::names::ByCode;
use upline_core::rate::Rate;
use upline_core::time::Day;
use upline_formats::fact::parse_json_line;
use upline_formats::generate::generate;
use upline_formats::source::{Format, Source};
use upline_testing::Recorded;

fn book(policies: u32, producers: u32, seed: u64) -> String {
    let mut out = Vec::new();
    let lines = generate(policies, producers, seed, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count() as u64, lines);
    text
}

fn facts(text: &str) -> Vec<Fact> {
    text.lines()
        .map(|line| parse_json_line(line.as_bytes()).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

#[test]
fn a_book_follows_from_its_seed() {
    assert_eq!(book(40, 12, 7), book(40, 12, 7));
    assert_ne!(book(40, 12, 7), book(40, 12, 8));
    // On every platform and in every later version: benchmarks and bug reports name books by their seeds.
    let (mut hash, text) = (0xcbf2_9ce4_8422_2325u64, book(300, 40, 42));
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    assert_eq!((text.lines().count(), hash), (13_116, 141_945_912_685_622_006));
}

#[test]
fn small_books_are_books_too() {
    for producers in [0, 1, 2, 3, 5, 7, 8] {
        let facts = facts(&book(30, producers, 1));
        check_acceptable(&facts);
        let issued = facts.iter().filter(|fact| matches!(fact.body, Body::PolicyIssued(_))).count();
        assert_eq!(issued, 30, "{producers}");
    }
    check_acceptable(&facts(&book(0, 20, 1)));
}

#[test]
fn a_book_has_what_happens_in_one() {
    let text = book(4_000, 150, 3);
    let facts = facts(&text);
    check_acceptable(&facts);
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    let mut reasons: BTreeSet<StopReason> = BTreeSet::new();
    let mut releases = BTreeSet::new();
    let (mut split, mut late, mut latest) = (0, 0, Day::FIRST);
    for fact in &facts {
        *types.entry(fact.body.type_name()).or_default() += 1;
        match &fact.body {
            Body::PolicyStopped(PolicyStopped { reason, .. }) => {
                reasons.insert(*reason);
            }
            Body::PolicyIssued(issued) if issued.writing.len() > 1 => split += 1,
            Body::AgentReleased(AgentReleased { vesting, debt, .. }) => {
                releases.insert((vesting.as_str(), debt.as_str()));
            }
            _ => {}
        }
        late += usize::from(fact.on < latest);
        latest = latest.max(fact.on);
    }
    for (name, least) in [
        ("carrier_added", 6),
        ("grid_published", 6),
        ("producer_added", 150),
        ("producer_contracted", 300),
        ("contract_changed", 50),
        ("persistency_defined", 2),
        ("coverage_plan_published", 1),
        ("coverage_enrolled", 30),
        ("coverage_withdrawn", 1),
        ("policy_issued", 4_000),
        ("premium_paid", 50_000),
        ("premium_reversed", 300),
        ("policy_lapsed", 500),
        ("policy_reinstated", 100),
        ("policy_terminated", 200),
        ("agent_released", 5),
        ("lead_line_set", 10),
        ("lead_charged", 200),
        ("lead_credited", 100),
        ("repayment_received", 20),
        ("adjustment_posted", 10),
    ] {
        assert!(types.get(name).is_some_and(|&count| count >= least), "{name}: {types:?}");
    }
    use StopReason::{Death, FreeLook, Lapse, NotTaken, Replaced, Surrender};
    assert_eq!(reasons, BTreeSet::from([Lapse, Surrender, Death, Replaced, NotTaken, FreeLook]));
    assert!(split > 100, "{split}");
    assert!(releases.len() >= 3, "{releases:?}");
    // What changes or closes what was said before is for the user to add.
    for never in ["period_closed", "policy_restated"] {
        assert_eq!(types.get(never), None);
    }
    let of_all = late * 1000 / facts.len();
    assert!((15..60).contains(&of_all), "{of_all} of a thousand lines are late");
    // No two lines say the same.
    let source = Source::new("book", Format::JsonLines, Box::new(std::io::Cursor::new(text))).unwrap();
    let ids: BTreeSet<_> = source.flat_map(Result::unwrap).map(|line| line.fact.unwrap().content).collect();
    assert_eq!(ids.len(), facts.len());
}

#[test]
fn the_rules_admit_every_line_in_its_order() {
    for (policies, producers, seed) in
        [(0, 20, 1), (30, 0, 1), (30, 2, 1), (30, 8, 1), (300, 60, 44), (500, 400, 9)]
    {
        let mut recorded = Recorded::default();
        for (line, fact) in (1..).zip(facts(&book(policies, producers, seed))) {
            if let Err(refusal) = recorded.record(&fact) {
                panic!("book {policies} {producers} {seed}, line {line}: {refusal}: {fact:?}");
            }
        }
    }
}

/// What the ledger would refuse, as far as it can be told from the lines in their order.
fn check_acceptable(facts: &[Fact]) {
    let mut carriers: HashMap<String, BTreeSet<String>> = HashMap::new();
    let mut products = BTreeSet::new();
    let mut producers = BTreeSet::new();
    // Producer and carrier: the day of the contract and the upline.
    let mut contracts: HashMap<(String, String), (Day, Option<String>)> = HashMap::new();
    let mut policies: HashMap<String, (Day, i64, u32, u8)> = HashMap::new();
    let mut named = BTreeSet::new();
    // The line for leads and what is owed, in cents.
    let mut leads: HashMap<String, (i64, i64)> = HashMap::new();
    for fact in facts {
        let on = fact.on;
        match &fact.body {
            Body::CarrierAdded(CarrierAdded { carrier }) => {
                assert!(carriers.insert(carrier.to_string(), BTreeSet::new()).is_none());
            }
            Body::ProducerAdded(ProducerAdded { producer, .. }) => {
                assert!(producers.insert(producer.to_string()))
            }
            Body::GridPublished(grid) => {
                let levels: BTreeSet<String> = grid.levels.iter().map(|(code, _)| code.to_string()).collect();
                let known = carriers.get_mut(grid.carrier.as_str()).unwrap();
                assert!(known.is_empty() || *known == levels);
                *known = levels;
                products.insert((grid.carrier.to_string(), grid.product.to_string()));
            }
            Body::ProducerContracted(ProducerContracted { producer, carrier, level, upline, .. }) => {
                assert!(producers.contains(producer.as_str()));
                assert!(carriers[carrier.as_str()].contains(level.as_str()));
                let upline = upline.as_ref().map(ToString::to_string);
                if let Some(upline) = &upline {
                    assert!(contracts[&(upline.clone(), carrier.to_string())].0 <= on);
                }
                let key = (producer.to_string(), carrier.to_string());
                assert!(contracts.insert(key, (on, upline)).is_none());
            }
            Body::ContractChanged(ContractChanged { producer, carrier, level, upline, .. }) => {
                if let Some(level) = level {
                    assert!(carriers[carrier.as_str()].contains(level.as_str()));
                }
                if let Some(upline) = upline {
                    let upline = upline.as_ref().unwrap().to_string();
                    assert!(contracts[&(upline.clone(), carrier.to_string())].0 <= on);
                    let contract = contracts.get_mut(&(producer.to_string(), carrier.to_string())).unwrap();
                    contract.1 = Some(upline);
                }
                check_chain(&contracts, producer.as_str(), carrier.as_str());
            }
            Body::PersistencyDefined(PersistencyDefined { definition, .. }) => {
                assert!(named.insert(definition.to_string()))
            }
            Body::CoveragePlanPublished(plan) => {
                assert!(named.contains(plan.definition.as_str()) && producers.contains(plan.payer.as_str()));
                assert!(named.insert(plan.plan.to_string()));
            }
            Body::CoverageEnrolled(CoverageEnrolled { producer, plan })
            | Body::CoverageWithdrawn(CoverageWithdrawn { producer, plan }) => {
                assert!(producers.contains(producer.as_str()) && named.contains(plan.as_str()));
            }
            Body::PolicyIssued(issued) => {
                assert!(products.contains(&(issued.carrier.to_string(), issued.product.to_string())));
                let sum = issued.writing.iter().fold(Rate::ZERO, |sum, w| sum.checked_add(w.share).unwrap());
                assert_eq!(sum, Rate::ONE);
                for side in &issued.writing {
                    let key = (side.producer.to_string(), issued.carrier.to_string());
                    assert!(contracts[&key].0 <= on);
                    check_chain(&contracts, side.producer.as_str(), issued.carrier.as_str());
                }
                let name = format!("{}/{}", issued.carrier, issued.number);
                assert!(policies.insert(name, (on, 0, 0, issued.mode.months())).is_none());
            }
            Body::PremiumPaid(PremiumPaid { policy, amount, months }) => {
                let (issued, paid, in_all, mode) = policies.get_mut(&policy.to_string()).unwrap();
                assert!(on >= *issued);
                *paid += amount.0;
                *in_all += u32::from(months.unwrap_or(*mode));
            }
            Body::PremiumReversed(PremiumReversed { policy, amount, months, .. }) => {
                let (issued, paid, in_all, mode) = policies.get_mut(&policy.to_string()).unwrap();
                assert!(on >= *issued);
                *paid -= amount.0;
                *in_all = in_all.checked_sub(u32::from(months.unwrap_or(*mode))).unwrap();
                assert!(*paid >= 0);
            }
            Body::PolicyStopped(PolicyStopped { policy, .. })
            | Body::PolicyReinstated(PolicyReinstated { policy }) => {
                assert!(on >= policies[&policy.to_string()].0);
            }
            Body::AgentReleased(AgentReleased { producer, carrier, .. }) => {
                let ends = |with: &str| carrier.as_ref().is_none_or(|carrier| carrier.as_str() == with);
                let before = contracts.len();
                contracts.retain(|(who, with), _| !(who == producer.as_str() && ends(with)));
                assert!(contracts.len() < before, "{producer} has no contract to be released from");
                // Nobody is left hanging.
                for ((who, with), (_, upline)) in &contracts {
                    let orphaned = ends(with) && upline.as_deref() == Some(producer.as_str());
                    assert!(!orphaned, "{who} stands under {producer}");
                }
            }
            Body::LeadLineSet(LeadLineSet { producer, limit }) => {
                assert!(producers.contains(producer.as_str()));
                leads.entry(producer.to_string()).or_default().0 = limit.0;
            }
            Body::LeadCharged(LeadCharged { producer, amount }) => {
                let (line, owed) = leads.get_mut(producer.as_str()).unwrap();
                *owed += amount.0;
                assert!(owed <= line);
            }
            Body::LeadCredited(LeadCredited { producer, amount }) => {
                let (_, owed) = leads.get_mut(producer.as_str()).unwrap();
                *owed -= amount.0;
                assert!(*owed >= 0);
            }
            Body::RepaymentReceived(RepaymentReceived { producer, carrier, .. }) => {
                assert!(producers.contains(producer.as_str()));
                assert!(carrier.as_ref().is_none_or(|carrier| carriers.contains_key(carrier.as_str())));
            }
            Body::AdjustmentPosted(adjustment) => {
                let carrier = adjustment.carrier.as_ref();
                assert!(producers.contains(adjustment.producer.as_str()));
                assert!(carrier.is_none_or(|carrier| carriers.contains_key(carrier.as_str())));
                let actor = fact.remarks.as_ref().unwrap().actor.as_ref().unwrap();
                assert_ne!(*actor, adjustment.approved_by);
            }
            other => unexpected(other),
        }
    }
}

fn check_chain(contracts: &HashMap<(String, String), (Day, Option<String>)>, from: &str, carrier: &str) {
    let mut at = from.to_string();
    for _ in 0..5 {
        match &contracts[&(at.clone(), carrier.to_string())].1 {
            Some(upline) => at.clone_from(upline),
            None => return,
        }
    }
    panic!("more than five levels above {from}");
}

fn unexpected(body: &Body<ByCode>) {
    panic!("{} is not generated", body.type_name());
}
