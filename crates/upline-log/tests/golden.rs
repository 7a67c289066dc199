//! The bytes of every event type and version, for ever. A line here is never changed: what changes is
//! written in a new version, and the old one goes on being read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{bytes_of, check, code, event, hex, posting, rate};
use upline_core::chain::{AdvanceTerms, FrozenChain, FrozenPlace};
use upline_core::coverage::{CoverageDecision, Reason, Tier};
use upline_core::event::Identity;
use upline_core::fact::*;
use upline_core::grid::*;
use upline_core::money::Cents;
use upline_core::names::*;
use upline_core::persistency::*;
use upline_core::posting::{Party, Posting, PostingKind};
use upline_core::time::{Day, Moment};
use upline_log::{Block, DiskLog, Encoder, EventLog, Tip};
use upline_store::Directory;
use uuid::Uuid;

const ADVANCE: AdvanceTerms = AdvanceTerms { months: 9, cap: Some(Cents(150_000)) };

#[test]
fn carrier_added() {
    check(
        event(Body::CarrierAdded(CarrierAdded { carrier: code("C1") })),
        &[],
        "0101fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102433100",
    );
}

#[test]
fn producer_added() {
    let body = Body::ProducerAdded(ProducerAdded { producer: code("A001"), kind: ProducerKind::Agent });
    let id = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    let mut event = event(body);
    event.identity = Identity::Given(id);
    event.origin = None;
    event.remarks = Some(Box::new(Remarks {
        source: Some("portal".to_owned()),
        note: None,
        actor: Some("müller".to_owned()),
    }));
    check(
        event,
        &[],
        "0201fd6a5e3c1f30ab0c0000010106706f7274616c0001076dc3bc6c6c65720100112233445566778899aabbccddeefffb36a104413030310400",
    );
}

#[test]
fn grid_published() {
    let band = |years: &str, r: &str| Band { years: Span::parse(years).unwrap(), rate: rate(r) };
    let row = |reason, months: &str, rule: &str| ChargebackRow {
        reason,
        months: Span::parse(months).unwrap(),
        rule: Rule::parse(rule).unwrap(),
    };
    let grid = Grid {
        carrier: CarrierId(0),
        product: code("FE"),
        line: Some(LineOfBusiness::FinalExpense),
        levels: vec![
            (code("110"), vec![band("1", "1.10"), band("2-10", "0.05")]),
            (code("120"), vec![band("1", "1.20"), band("2+", "0.025")]),
        ],
        chargeback: vec![
            row(StopReason::Lapse, "0-12", "pro_rata"),
            row(StopReason::Death, "0+", "none"),
            row(StopReason::Surrender, "0-6", "percent:0.70"),
            row(StopReason::FreeLook, "0+", "full"),
        ],
        chargeback_months: ChargebackMonths::Paid,
    };
    check(
        event(Body::GridPublished(Box::new(grid))),
        &[],
        "0301fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1000246450101020331313002010101160102010a0a020331323002010101180102003203040100010c010300000302000106040e010800000200",
    );
}

#[test]
fn producer_contracted() {
    let body = Body::ProducerContracted(ProducerContracted {
        producer: ProducerId(2),
        carrier: CarrierId(0),
        level: code("110"),
        upline: Some(ProducerId(1)),
        advance: ADVANCE,
    });
    check(
        event(body),
        &[],
        "0401fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102000331313001010901fce093040000",
    );
}

#[test]
fn contract_changed() {
    let body = |level, upline, advance| {
        event(Body::ContractChanged(ContractChanged {
            producer: ProducerId(2),
            carrier: CarrierId(0),
            level,
            upline,
            advance,
        }))
    };
    check(
        body(Some(code("120")), Some(Some(ProducerId(300))), None),
        &[],
        "0501fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10200010331323002fb2c010000",
    );
    check(
        body(None, Some(None), Some(ADVANCE)),
        &[],
        "0501fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102000001010901fce093040000",
    );
    let none = AdvanceTerms { months: 0, cap: None };
    check(
        body(None, None, Some(none)),
        &[],
        "0501fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10200000001000000",
    );
}

#[test]
fn persistency_defined() {
    let terms = Definition {
        basis: Basis::Premium,
        from_months: 13,
        to_months: 25,
        survive: Survival::InForce,
        exclude: vec![StopReason::Death, StopReason::NotTaken],
    };
    check(
        event(Body::PersistencyDefined(PersistencyDefined { definition: code("P13"), terms })),
        &[],
        "0601fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a103503133020d190202030700",
    );
}

#[test]
fn coverage_plan_published() {
    let plan = CoveragePlan {
        plan: code("GOLD"),
        definition: code("P13"),
        payer: ProducerId(1),
        tiers: vec![
            Tier { above: rate("0.85"), cover: rate("0.5") },
            Tier { above: rate("0.9"), cover: rate("1") },
        ],
    };
    check(
        event(Body::CoveragePlanPublished(Box::new(plan))),
        &[],
        "0701fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a104474f4c44035031330102aa020a011201020000",
    );
}

#[test]
fn coverage_enrolled() {
    check(
        event(Body::CoverageEnrolled(CoverageEnrolled { producer: ProducerId(2), plan: code("GOLD") })),
        &[],
        "0801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10204474f4c4400",
    );
}

#[test]
fn coverage_withdrawn() {
    check(
        event(Body::CoverageWithdrawn(CoverageWithdrawn { producer: ProducerId(2), plan: code("GOLD") })),
        &[],
        "0901fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10204474f4c4400",
    );
}

#[test]
fn policy_issued() {
    let place = |producer, level, advance| FrozenPlace {
        producer: ProducerId(producer),
        level: code(level),
        advance,
        assigned: None,
    };
    let policy = PolicyIssued {
        carrier: CarrierId(0),
        number: Code::parse_policy_number("P/77").unwrap(),
        product: code("FE"),
        annual_premium: Cents(120_000),
        mode: Mode::Monthly,
        writing: vec![
            Writing { producer: ProducerId(2), share: rate("0.6") },
            Writing { producer: ProducerId(3), share: rate("0.4") },
        ],
        state: Some("TX".to_owned()),
        issue_age: Some(67),
        frozen: FrozenChain {
            grid: GridId(4),
            sides: vec![
                vec![place(2, "110", ADVANCE), place(1, "120", AdvanceTerms::default())],
                vec![place(3, "110", AdvanceTerms { months: 6, cap: None })],
            ],
        },
    };
    let postings =
        [posting(70_000, PostingKind::Advance, 0, 59_400), posting(70_000, PostingKind::Advance, 2, 26_400)];
    check(
        event(Body::PolicyIssued(Box::new(policy))),
        &postings,
        "0a01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10004502f3737024645fc80a903000102020c0103080101025458014304020202033131300901fce093040001033132300000010303313130060002810001fc701101000102fc10d00100fb40ce",
    );
}

#[test]
fn premium_paid() {
    let paid = |amount, months| {
        event(Body::PremiumPaid(PremiumPaid { policy: PolicyId(70_000), amount: Cents(amount), months }))
    };
    let other_day = Posting {
        dated: Day::parse("2026-06-30").unwrap(),
        ..posting(70_000, PostingKind::EarnedBeyond, 1, -250)
    };
    let other_party =
        Posting { party: Party::Producer(ProducerId(9)), ..posting(70_000, PostingKind::Chargeback, 0, 100) };
    check(
        paid(10_000, None),
        &[
            posting(70_000, PostingKind::EarnedAgainst, 0, 11_000),
            posting(70_000, PostingKind::EarnedBeyond, 1, 500),
        ],
        "0b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1fc70110100fb204e000202000301fbf055fbe803",
    );
    check(
        paid(120, Some(3)),
        &[other_day, other_party],
        "0b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1fc70110100f001030283010c01002409fbf301c8",
    );
}

#[test]
fn premium_reversed() {
    let body = Body::PremiumReversed(PremiumReversed {
        policy: PolicyId(7),
        amount: Cents(10_000),
        months: Some(1),
        reason: Some(ReversalReason::Nsf),
    });
    check(
        event(body),
        &[posting(7, PostingKind::EarnedAgainst, 0, -11_000)],
        "0c01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107fb204e01010101010200fbef55",
    );
}

#[test]
fn policy_stopped() {
    let body = Body::PolicyStopped(PolicyStopped { policy: PolicyId(7), reason: StopReason::Lapse });
    check(
        event(body),
        &[posting(7, PostingKind::Chargeback, 0, 48_400)],
        "0d01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10701010400fc207a0100",
    );
}

#[test]
fn policy_reinstated() {
    let body = Body::PolicyReinstated(PolicyReinstated { policy: PolicyId(7) });
    check(
        event(body),
        &[posting(7, PostingKind::Chargeback, 0, -48_400)],
        "0e01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107010400fc1f7a0100",
    );
}

#[test]
fn chargeback_recorded() {
    let body = Body::ChargebackRecorded(ChargebackRecorded {
        policy: PolicyId(7),
        producer: ProducerId(2),
        amount: Cents(5_000),
        reason: "rewritten".to_owned(),
    });
    let posting = Posting {
        party: Party::Producer(ProducerId(2)),
        ..posting(7, PostingKind::CarrierChargeback, 0, 5_000)
    };
    check(
        event(body),
        &[posting],
        "0f01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10702fb10270972657772697474656e012502fb1027",
    );
}

#[test]
fn chargeback_assessed() {
    let body = |rule| {
        Body::ChargebackAssessed(ChargebackAssessed {
            policy: PolicyId(7),
            producer: ProducerId(2),
            payee: 1,
            stop: 1_000_000,
            amount: Cents(48_400),
            rule,
            kept: Cents(11_000),
        })
    };
    let mut assessed = event(body(Rule::ProRata));
    assessed.identity = Identity::Caused { by: 1_000_000, ordinal: 1 };
    check(
        assessed,
        &[],
        "1001fd6a5e3c1f30ab0c0001086a756c792e6373760003fc40420f0001fb36a1070201fc40420f00fc207a010001fbf05500",
    );
    check(
        event(body(Rule::Percent(rate("0.7")))),
        &[],
        "1001fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1070201fc40420f00fc207a0100040e01fbf05500",
    );
}

#[test]
fn agent_released() {
    let body = |carrier, vesting, debt, reason| {
        event(Body::AgentReleased(AgentReleased { producer: ProducerId(2), carrier, vesting, debt, reason }))
    };
    check(
        body(None, Vesting::Full, DebtTerms::Stays, None),
        &[],
        "1101fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020001010000",
    );
    check(
        body(Some(CarrierId(3)), Vesting::None, DebtTerms::RollsUp, Some("moved on".to_owned())),
        &[],
        "1101fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020103020201086d6f766564206f6e00",
    );
}

#[test]
fn debt_rolled_up() {
    check(
        event(Body::DebtRolledUp(DebtRolledUp { producer: ProducerId(2), carrier: CarrierId(3) })),
        &[],
        "1201fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020300",
    );
}

#[test]
fn policy_restated() {
    let link = |producer, level| ChainLink { producer: ProducerId(producer), level: code(level) };
    let restated = |chain| {
        let (producer, level) = (ProducerId(2), code("110"));
        let place = FrozenPlace { producer, level, advance: ADVANCE, assigned: None };
        event(Body::PolicyRestated(Box::new(PolicyRestated {
            policy: PolicyId(7),
            correction: code("FIX-1"),
            chain,
            issue: None,
            frozen: FrozenChain { grid: GridId(4), sides: vec![vec![place]] },
        })))
    };
    let chain = vec![vec![link(2, "110"), link(1, "120")], vec![link(3, "110")]];
    check(
        restated(RestatedChain::Places(chain)),
        &[posting(7, PostingKind::EarnedBeyond, 1, -500)],
        "1301fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107054649582d310102020203313130010331323001030331313004010102033131300901fce0930400010301fbe703",
    );
    check(
        restated(RestatedChain::Contracts),
        &[],
        "1301fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107054649582d310004010102033131300901fce093040000",
    );
}

#[test]
fn repayment_received() {
    let body = |carrier| {
        Body::RepaymentReceived(RepaymentReceived { producer: ProducerId(2), carrier, amount: Cents(48_400) })
    };
    let repaid = |kind, policy, carrier, cents| Posting {
        policy,
        party: Party::Contract(ProducerId(2), carrier),
        ..posting(7, kind, 0, cents)
    };
    let carrier = Some(CarrierId(3));
    check(
        event(body(carrier)),
        &[
            repaid(PostingKind::Repaid, Some(PolicyId(7)), carrier, 10_000),
            repaid(PostingKind::Repaid, Some(PolicyId(8)), carrier, 5_000),
            repaid(PostingKind::RepaidBeyond, None, carrier, 33_400),
        ],
        "1401fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020103fc207a010003eb0201030107eb0201030108ec02010302fb204efb1027fcf0040100",
    );
    check(
        event(body(None)),
        &[repaid(PostingKind::RepaidBeyond, None, None, 48_400)],
        "1401fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10200fc207a0100016c0200fc207a0100",
    );
}

#[test]
fn lead_line_set() {
    check(
        event(Body::LeadLineSet(LeadLineSet { producer: ProducerId(2), limit: Cents(100_000) })),
        &[],
        "1501fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102fc400d030000",
    );
}

fn leads(kind: PostingKind, cents: i64) -> Posting {
    Posting { policy: None, party: Party::Producer(ProducerId(2)), ..posting(0, kind, 0, cents) }
}

#[test]
fn lead_charged() {
    let body = Body::LeadCharged(LeadCharged { producer: ProducerId(2), amount: Cents(2_500) });
    check(
        event(body),
        &[leads(PostingKind::LeadsCharged, 2_500)],
        "1601fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102fb8813012902fb8813",
    );
}

#[test]
fn lead_credited() {
    let body = Body::LeadCredited(LeadCredited { producer: ProducerId(2), amount: Cents(2_500) });
    check(
        event(body),
        &[leads(PostingKind::LeadsCredited, 2_500)],
        "1701fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102fb8813012a02fb8813",
    );
}

#[test]
fn adjustment_posted() {
    let accounts = [
        (
            AdjustedAccount::Payable,
            PostingKind::AdjustedPayable,
            Some(CarrierId(3)),
            "1801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102010301fb5f0908474f4f4457494c4c076dc3bc6c6c6572016d020103fb5f09",
        ),
        (
            AdjustedAccount::Debt,
            PostingKind::AdjustedDebt,
            Some(CarrierId(3)),
            "1801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102010302fb5f0908474f4f4457494c4c076dc3bc6c6c6572016e020103fb5f09",
        ),
        (
            AdjustedAccount::Leads,
            PostingKind::AdjustedLeads,
            None,
            "1801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020003fb5f0908474f4f4457494c4c076dc3bc6c6c6572016f0200fb5f09",
        ),
        (
            AdjustedAccount::Reserve,
            PostingKind::AdjustedReserve,
            None,
            "1801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020004fb5f0908474f4f4457494c4c076dc3bc6c6c657201700200fb5f09",
        ),
    ];
    for (account, kind, carrier, golden) in accounts {
        let adjustment = AdjustmentPosted {
            producer: ProducerId(2),
            carrier,
            account,
            amount: Cents(-1_200),
            code: code("GOODWILL"),
            approved_by: "müller".to_owned(),
        };
        let party = Party::Contract(ProducerId(2), carrier);
        let posting = Posting { policy: None, party, ..posting(0, kind, 0, -1_200) };
        check(event(Body::AdjustmentPosted(Box::new(adjustment))), &[posting], golden);
    }
}

#[test]
fn period_closed() {
    check(event(Body::PeriodClosed), &[], "1901fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a100");
}

/// A premium of June that arrives after June was closed, and one that pays off what fell due otherwise.
#[test]
fn postings_after_a_closed_period() {
    let day = |text| Day::parse(text).unwrap();
    let moved = Posting { dated: day("2026-08-01"), ..posting(7, PostingKind::EarnedAgainst, 0, 100) };
    let both = Posting { due: day("2026-07-03"), ..moved };
    check(
        event(Body::PremiumPaid(PremiumPaid { policy: PolicyId(7), amount: Cents(100), months: None })),
        &[moved, both],
        "0b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107c8000282000c3e0082000c3e04c8c8",
    );
}

#[test]
fn chargeback_covered() {
    let decision = |side, covered, persistency, tier, reason| {
        let mut event = event(Body::ChargebackCovered(Box::new(CoverageDecision {
            policy: PolicyId(7),
            producer: ProducerId(2),
            side,
            stop: 1_000_000,
            chargeback: Cents(48_400),
            covered: Cents(covered),
            payer: ProducerId(1),
            plan: code("GOLD"),
            plan_version: 12,
            definition: code("P13"),
            definition_version: 11,
            basis: Basis::Count,
            persistency,
            tier,
            reason,
        })));
        event.identity = Identity::Caused { by: 1_000_000, ordinal: 2 };
        event
    };
    let mut nine_of_ten = Tally::default();
    (0..10).for_each(|n| nine_of_ten.count(n > 0, Weight::ONE));
    let tier = Tier { above: rate("0.85"), cover: rate("0.5") };
    let pair = Party::Pair(ProducerId(2), ProducerId(1));
    check(
        decision(Some(1), 24_200, nine_of_ten, Some(tier), Reason::Tier),
        &[Posting { party: pair, ..posting(7, PostingKind::Covered, 0, 24_200) }],
        "1a01fd6a5e3c1f30ab0c0001086a756c792e6373760003fc40420f0002fb36a107020101fc40420f00fc207a0100fb10bd0104474f4c440c035031330b010a090d01431e0fae6d7217caa00000000d0122ce41502f4d15699000000001aa020a010101460201fb10bd",
    );
    check(
        decision(None, 0, Tally::default(), None, Reason::NoCohort),
        &[],
        "1a01fd6a5e3c1f30ab0c0001086a756c792e6373760003fc40420f0002fb36a1070200fc40420f00fc207a0100000104474f4c440c035031330b0100000000000300",
    );
    // The largest weight that there is.
    let mut bytes = [0xff; 32];
    bytes[0] = 0x7f;
    let largest = Weight::from_bytes(bytes).unwrap();
    let tally =
        Tally { cohort: u64::MAX, surviving: 1, cohort_weight: largest, surviving_weight: Weight::ONE };
    check(
        decision(None, 0, tally, None, Reason::BelowTiers),
        &[],
        "1a01fd6a5e3c1f30ab0c0001086a756c792e6373760003fc40420f0002fb36a1070200fc40420f00fc207a0100000104474f4c440c035031330b01fdffffffffffffffff01207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0c204fce5e3e25026110000000000200",
    );
}

#[test]
fn debt_moved() {
    let (from, to) = (ProducerId(2), ProducerId(1));
    let body = Body::DebtMoved(DebtMoved { policy: PolicyId(7), from, to, amount: Cents(48_400) });
    let moved = |kind| Posting { party: Party::Pair(from, to), ..posting(7, kind, 0, 48_400) };
    check(
        event(body),
        &[moved(PostingKind::RolledUp), moved(PostingKind::Recourse)],
        "1b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1070201fc207a010002470201480201fc207a0100fc207a0100",
    );
}

#[test]
fn a_block_that_is_not_compressed() {
    let golden = "55504c422fe88a7001000000010000002c000000352f9e0f98550600a772f7b43da6aa3c43614cf5b12f95549380afa090a6e187e9f7176e3e17db770e01fd6a5e3c1f30ab0c0001086a756c792e637376000100112233445566778899aabbccddeefffb36a10700";
    let mut event = event(Body::PolicyReinstated(PolicyReinstated { policy: PolicyId(7) }));
    event.identity = Identity::Given(Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff));
    let mut encoder = Encoder::after(&Tip::default()).unwrap();
    encoder.push(&event, &[]).unwrap();
    let sealed = encoder.finish().unwrap();
    assert_eq!(hex(sealed[0].block().bytes()), golden);
    let block = Block::parse(1, bytes_of(golden)).unwrap();
    assert_eq!(block, *sealed[0].block());
    assert_eq!(block.decode().unwrap().last(), Some(&event));
}

/// A compressed block. Only read: another zstd may write it otherwise.
#[test]
fn a_block_that_is_compressed() {
    let golden = "55504c4222d32fb80101000003000000510000000300000000000000657cc8be97b49a8b8ab874f168e1ddee16f66cf29086f5c66fe4480707588c3768ada086daaf849a1f3979cbe895190dd16022063fa035690465fa7cad880a7628b52ffd2051e50100f4020e0102000001554761032dcfe9fb36a107000e0104000001aab89efcd2301606000001ffedcba9876543fb36a107000400b8a27de6029450802d";
    let block = Block::parse(1, bytes_of(golden)).unwrap();
    assert_eq!((block.count(), block.recorded_at()), (3, Some(Moment(3))));
    assert_eq!(block.root().to_string(), "206cdca5bde261a0d8ad57da5683811619de32bd6ee144c54891d85e52b056ef");
    let batch = block.decode().unwrap();
    let moments: Vec<i64> = batch.iter().map(|(event, _)| event.recorded_at.0).collect();
    assert_eq!(moments, [1, 2, 3]);
    let mut encoder = Encoder::after(&Tip::default()).unwrap();
    encoder.push_batch(&batch).unwrap();
    assert_eq!(encoder.tip(), block.tip());
}

/// A whole log with every type of event, made by `golden_ledger.rs` of upline-store in November 2026. The independent
/// decoder reads it too.
#[test]
fn a_whole_ledger() {
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden/ledger-1");
    for file in ["log", "tail", "acknowledged", "directory.jsonl"] {
        std::fs::copy(kept.join(file), temporary.path().join(file)).unwrap();
    }
    let log = DiskLog::open_to_read(temporary.path()).unwrap();
    assert_eq!(log.root().to_string(), "810e1473d28aa117e8cd532f950e5789fb19622a43f472d410f07ce993f8c9c3");
    let verified = log.verify(&mut |_| ()).unwrap();
    assert_eq!((verified.events, verified.blocks), (71, 4));
    let names = Directory::open(temporary.path()).unwrap();
    assert_eq!(names.get("producer", "A001").unwrap().name.as_deref(), Some("Ana Müller"));
    assert!(names.get("producer", "A002").unwrap().erased);
}
