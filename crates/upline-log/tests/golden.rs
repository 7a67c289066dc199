//! The bytes of every event type and version, for ever. A line here is never changed: what changes is
//! written in a new version, and the old one goes on being read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{code, event, posting, rate};
use upline_core::chain::{AdvanceTerms, FrozenChain, FrozenPlace};
use upline_core::coverage::Tier;
use upline_core::event::{Event, Identity};
use upline_core::fact::*;
use upline_core::grid::*;
use upline_core::money::Cents;
use upline_core::names::*;
use upline_core::persistency::*;
use upline_core::posting::{Kind, Party, Posting};
use upline_core::time::{Day, Moment};
use upline_log::{Block, Encoder, Tip, event_bytes, event_from_bytes};
use uuid::Uuid;

fn check(event: Event, postings: &[Posting], golden: &str) {
    let bytes = event_bytes(&event, postings).unwrap();
    assert_eq!(hex(&bytes), golden, "{}", event.body.type_name());
    assert_eq!(event_from_bytes(&bytes_of(golden)).unwrap(), (event, postings.to_vec()));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

const ADVANCE: AdvanceTerms = AdvanceTerms { months: 9, cap: Some(Cents(150_000)) };

#[test]
fn carrier_added() {
    check(
        event(Body::CarrierAdded { carrier: code("C1") }),
        &[],
        "0101fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102433100",
    );
}

#[test]
fn producer_added() {
    let body = Body::ProducerAdded { producer: code("A001"), kind: ProducerKind::Agent };
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
        line: Some(Line::FinalExpense),
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
    };
    check(
        event(Body::GridPublished(Box::new(grid))),
        &[],
        "0301fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1000246450101020331313002010101160102010a0a020331323002010101180102003203040100010c010300000302000106040e010800000200",
    );
}

#[test]
fn producer_contracted() {
    let body = Body::ProducerContracted {
        producer: ProducerId(2),
        carrier: CarrierId(0),
        level: code("110"),
        upline: Some(ProducerId(1)),
        advance: ADVANCE,
    };
    check(
        event(body),
        &[],
        "0401fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102000331313001010901fce093040000",
    );
}

#[test]
fn contract_changed() {
    let body = |level, upline, advance| {
        event(Body::ContractChanged {
            producer: ProducerId(2),
            carrier: CarrierId(0),
            level,
            upline,
            advance,
        })
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
        event(Body::PersistencyDefined { definition: code("P13"), terms }),
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
        event(Body::CoverageEnrolled { producer: ProducerId(2), plan: code("GOLD") }),
        &[],
        "0801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10204474f4c4400",
    );
}

#[test]
fn coverage_withdrawn() {
    check(
        event(Body::CoverageWithdrawn { producer: ProducerId(2), plan: code("GOLD") }),
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
    let postings = [posting(Kind::Advance, 0, 59_400), posting(Kind::Advance, 2, 26_400)];
    check(
        event(Body::PolicyIssued(Box::new(policy))),
        &postings,
        "0a01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10004502f3737024645fc80a903000102020c0103080101025458014304020202033131300901fce09304000103313230000001030331313006000201000102fc10d00100fb40ce",
    );
}

#[test]
fn premium_paid() {
    let paid =
        |amount, months| event(Body::PremiumPaid { policy: PolicyId(70_000), amount: Cents(amount), months });
    let other_day =
        Posting { dated: Day::parse("2026-06-30").unwrap(), ..posting(Kind::EarnedBeyond, 1, -250) };
    let other_party = Posting { party: Party::Producer(ProducerId(9)), ..posting(Kind::Chargeback, 0, 100) };
    check(
        paid(10_000, None),
        &[posting(Kind::EarnedAgainst, 0, 11_000), posting(Kind::EarnedBeyond, 1, 500)],
        "0b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1fc70110100fb204e000202000301fbf055fbe803",
    );
    check(
        paid(120, Some(3)),
        &[other_day, other_party],
        "0b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1fc70110100f00103024301012409fbf301c8",
    );
}

#[test]
fn premium_reversed() {
    let body = Body::PremiumReversed {
        policy: PolicyId(7),
        amount: Cents(10_000),
        months: Some(1),
        reason: Some(ReversalReason::Nsf),
    };
    check(
        event(body),
        &[posting(Kind::EarnedAgainst, 0, -11_000)],
        "0c01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107fb204e01010101010200fbef55",
    );
}

#[test]
fn policy_stopped() {
    let body = Body::PolicyStopped { policy: PolicyId(7), reason: StopReason::Lapse };
    check(
        event(body),
        &[posting(Kind::Chargeback, 0, 48_400)],
        "0d01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10701010400fc207a0100",
    );
}

#[test]
fn policy_reinstated() {
    let body = Body::PolicyReinstated { policy: PolicyId(7) };
    check(
        event(body),
        &[posting(Kind::Chargeback, 0, -48_400)],
        "0e01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107010400fc1f7a0100",
    );
}

#[test]
fn chargeback_recorded() {
    let body = Body::ChargebackRecorded {
        policy: PolicyId(7),
        producer: ProducerId(2),
        amount: Cents(5_000),
        reason: "rewritten".to_owned(),
    };
    let posting =
        Posting { party: Party::Producer(ProducerId(2)), ..posting(Kind::CarrierChargeback, 0, 5_000) };
    check(
        event(body),
        &[posting],
        "0f01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10702fb10270972657772697474656e012502fb1027",
    );
}

#[test]
fn chargeback_assessed() {
    let body = |rule| Body::ChargebackAssessed {
        policy: PolicyId(7),
        producer: ProducerId(2),
        payee: 1,
        stop: 1_000_000,
        amount: Cents(48_400),
        rule,
        kept: Cents(11_000),
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

/// A block of one event, which compression would only make larger.
#[test]
fn a_block_that_is_not_compressed() {
    let golden = "55504c422fe88a7001000000010000002c000000352f9e0f98550600a772f7b43da6aa3c43614cf5b12f95549380afa090a6e187e9f7176e3e17db770e01fd6a5e3c1f30ab0c0001086a756c792e637376000100112233445566778899aabbccddeefffb36a10700";
    let mut event = event(Body::PolicyReinstated { policy: PolicyId(7) });
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
