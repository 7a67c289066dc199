//! The bytes of payouts, of who is paid by whom and of statements, for ever: what an older version of Upline wrote
//! is what this one reads (docs/log-format.md).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::{check, code, event, posting, rate};
use upline_core::chain::{AdvanceTerms, FrozenChain, FrozenPlace};
use upline_core::fact::*;
use upline_core::grid::*;
use upline_core::money::Cents;
use upline_core::names::*;
use upline_core::posting::{Party, Posting, PostingKind};
use upline_core::rate::Rate;
use upline_core::statement::*;
use upline_core::time::{Day, Month};
use uuid::Uuid;

const ADVANCE: AdvanceTerms = AdvanceTerms { months: 9, cap: Some(Cents(150_000)) };

fn leads(kind: PostingKind, cents: i64) -> Posting {
    Posting { policy: None, party: Party::Producer(ProducerId(2)), ..posting(0, kind, 0, cents) }
}

#[test]
fn payout_terms_set() {
    let tier = |to, rate| ReserveTier { to: Cents(to), rate: Rate::parse(rate).unwrap() };
    let reserve = vec![tier(1_000_000, "0.2"), tier(2_000_000, "0.1")];
    let terms = PayoutTerms { minimum: Cents(2_500), reserve, ..PayoutTerms::default() };
    check(
        event(Body::PayoutTermsSet(PayoutTermsSet { producer: None, terms })),
        &[],
        "1c01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a100fb881302fc80841e000401fc00093d00020100",
    );
    let (producer, terms) = (Some(ProducerId(2)), PayoutTerms::default());
    check(
        event(Body::PayoutTermsSet(PayoutTermsSet { producer, terms })),
        &[],
        "1c01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10102000000",
    );
}

#[test]
fn payout_held_and_hold_lifted() {
    let producer = ProducerId(2);
    check(
        event(Body::PayoutHeld(PayoutHeld { producer, reason: HoldReason::Licence })),
        &[],
        "1d01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020100",
    );
    check(
        event(Body::HoldLifted(HoldLifted { producer, reason: HoldReason::Dispute })),
        &[],
        "1e01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020300",
    );
}

#[test]
fn payout_made() {
    let [payable, leads, debt, reserve] = [100_000, 10_000, 15_000, 15_000].map(Cents);
    let producer = ProducerId(2);
    let (paid_by, parts, returned) = (None, None, Cents(0));
    let body = PayoutMade { producer, payable, leads, debt, reserve, paid_by, parts, returned };
    let body = Body::PayoutMade(Box::new(body));
    let party = Party::Contract(producer, Some(CarrierId(3)));
    let debt = Posting { party, ..posting(7, PostingKind::PaidDebt, 0, 15_000) };
    let postings =
        [debt, self::leads(PostingKind::PaidLeads, 10_000), self::leads(PostingKind::Withheld, 15_000)];
    check(
        event(body),
        &[&postings[..], &[self::leads(PostingKind::PaidOut, 60_000)]].concat(),
        "1f01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102fc400d0300fb204efb3075fb307504f20201030107b1020233023402fb3075fb204efb3075fcc0d40100",
    );
}

#[test]
fn statement_received() {
    let file = code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let profile_file = code("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let (period, total) = (Month::parse("2026-06").unwrap(), Cents(-1_230));
    let (profile, version, lines) = (code("life"), 2, 17);
    let replaces = None;
    let body = StatementReceived { file, profile, version, profile_file, period, lines, total, replaces };
    check(
        event(Body::StatementReceived(Box::new(body))),
        &[],
        "2001fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a14065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535046c696665024062613738313662663866303163666561343134313430646535646165323232336230303336316133393631373761396362343130666636316632303031356164fbed0511fb9b0900",
    );
}

#[test]
fn exception_resolved() {
    let statement = code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let (exception, resolved_by) = (code("L17"), "Ann".to_owned());
    let (class, difference, reason) = (Class::Short, Cents(-1_100), Resolution::Claimed);
    let about = None;
    let body = ExceptionResolved { statement, exception, class, difference, reason, resolved_by, about };
    check(
        event(Body::ExceptionResolved(Box::new(body))),
        &[],
        "2101fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a14065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535034c313703fb97080303416e6e00",
    );
}

/// A block of one event, which compression would only make larger.
#[test]
fn who_is_paid_by_whom() {
    let (producer, carrier) = (ProducerId(2), CarrierId(3));
    check(
        event(Body::HouseSet(HouseSet { producer: Some(producer) })),
        &[],
        "2701fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1010200",
    );
    check(
        event(Body::HouseSet(HouseSet { producer: None })),
        &[],
        "2701fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10000",
    );
    let route = RouteSet { producer: None, carrier: Some(carrier), paid_by: PaidBy::Carrier };
    check(
        event(Body::RouteSet(route)),
        &[],
        "2801fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10001030200",
    );
    let (to, keeps) = (ProducerId(4), rate("0.6"));
    let assigned = CommissionAssigned { producer, carrier, to, keeps };
    check(
        event(Body::CommissionAssigned(assigned)),
        &[],
        "2901fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10203040c0100",
    );
    check(
        event(Body::AssignmentEnded(AssignmentEnded { producer, carrier })),
        &[],
        "2a01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020300",
    );
    check(
        event(Body::CarrierPays(CarrierPays { carrier, line: PaysLine::Chain })),
        &[],
        "2d01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1030200",
    );
}

#[test]
fn what_comes_along_comes_in_and_comes_back() {
    let (producer, carrier) = (ProducerId(2), CarrierId(3));
    let opening = OpeningPosted {
        producer,
        carrier: Some(carrier),
        policy: Some(PolicyId(7)),
        account: AdjustedAccount::Debt,
        amount: Cents(30_000),
    };
    let party = Party::Contract(producer, Some(carrier));
    let opened = Posting { party, ..posting(7, PostingKind::OpenedDebt, 0, 30_000) };
    check(
        event(Body::OpeningPosted(Box::new(opening))),
        &[opened],
        "2b01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1020103010702fb60ea0176020103fb60ea",
    );
    let returned = PayoutReturned {
        payout: PayoutName { position: 17, id: Uuid::from_u128(9), producer },
        code: code("R03"),
        amount: None,
    };
    let party = Party::Producer(producer);
    let back = Posting { party, policy: None, ..posting(7, PostingKind::Returned, 0, 500) };
    check(
        event(Body::PayoutReturned(Box::new(returned))),
        &[back],
        "2c01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a11102000000000000000000000000000000090352303300013e02fbe803",
    );
    let statement = Some(code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    let reference = "wire 1".to_owned();
    let deposit = CarrierDeposit { carrier, amount: Cents(60_000), reference, statement };
    // A kind whose number stands in a byte of its own, of a carrier.
    let party = Party::Carrier(carrier);
    let came = Posting { party, policy: None, ..posting(7, PostingKind::Deposited, 0, 60_000) };
    check(
        event(Body::CarrierDeposit(Box::new(deposit))),
        &[came],
        "2e01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a103fcc0d4010006776972652031014065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535013f2303fcc0d40100",
    );
    let statement = code("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(
        event(Body::StatementVoided(StatementVoided { statement })),
        &[],
        "2f01fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1406261373831366266386630316366656134313431343064653564616532323233623030333631613339363137376139636234313066663631663230303135616400",
    );
}

/// What a type could not say at first is written behind the rest, in its second version.
#[test]
fn second_versions() {
    let (producer, carrier) = (ProducerId(2), CarrierId(3));
    let grid = Grid {
        carrier,
        product: code("FE"),
        line: None,
        levels: Vec::new(),
        chargeback: Vec::new(),
        chargeback_months: ChargebackMonths::Elapsed,
    };
    check(
        event(Body::GridPublished(Box::new(grid))),
        &[],
        "0302fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a1030246450000000200",
    );
    let basis = PayoutBasis::Received;
    let terms = PayoutTermsSet { producer: None, terms: PayoutTerms { basis, ..PayoutTerms::default() } };
    check(
        event(Body::PayoutTermsSet(terms)),
        &[],
        "1c02fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a10000000200",
    );
    let part = |carrier, amount| PayoutPart { carrier, amount: Cents(amount) };
    let payout = PayoutMade {
        producer,
        payable: Cents(10_000),
        leads: Cents(0),
        debt: Cents(0),
        reserve: Cents(0),
        paid_by: None,
        parts: Some(vec![part(None, -500_000), part(Some(carrier), 510_000)]),
        returned: Cents(700),
    };
    check(
        event(Body::PayoutMade(Box::new(payout))),
        &[],
        "1f02fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a102fb204e00000000010200fc3f420f000103fc60900f00fb780500",
    );
    let assigned = Some(Assigned { to: ProducerId(4), keeps: rate("0.6") });
    let place = FrozenPlace { producer, level: code("110"), advance: ADVANCE, assigned };
    let restated = PolicyRestated {
        policy: PolicyId(7),
        correction: code("K1"),
        chain: RestatedChain::Same,
        issue: Some(Box::new(CorrectedIssue {
            on: Day::parse("2026-02-01"),
            product: Some(code("TERM")),
            annual_premium: Some(Cents(144_000)),
            mode: Some(Mode::Quarterly),
            state: None,
            issue_age: Some(44),
            number: Code::parse_policy_number("N-2/7"),
        })),
        frozen: FrozenChain { grid: GridId(4), sides: vec![vec![place]] },
    };
    check(
        event(Body::PolicyRestated(Box::new(restated))),
        &[],
        "1302fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a107024b310004010102033131300901fce0930400010101fb0aa001045445524d01fc00650400010200012c01054e2d322f37010000040c0100",
    );
    let hash = code("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let received = StatementReceived {
        file: hash.clone(),
        profile: code("life"),
        version: 1,
        profile_file: hash.clone(),
        period: Month::parse("2026-06").unwrap(),
        lines: 1,
        total: Cents(0),
        replaces: Some(hash.clone()),
    };
    check(
        event(Body::StatementReceived(Box::new(received))),
        &[],
        "2002fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a14065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535046c696665014065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535fbed050100406533623063343432393866633163313439616662663463383939366662393234323761653431653436343962393334636134393539393162373835326238353500",
    );
    let about = About {
        carrier,
        kind: LineKind::Earned,
        producer: Some(producer),
        policy: Some(PolicyId(7)),
        of: Some(ProducerId(4)),
    };
    let resolved = ExceptionResolved {
        statement: hash,
        exception: code("L7"),
        class: Class::WrongPayee,
        difference: Cents(6_000),
        reason: Resolution::Accepted,
        resolved_by: "Ann".to_owned(),
        about: Some(Box::new(about)),
    };
    let party = Party::Contract(producer, Some(carrier));
    let accepted = Posting { party, ..posting(7, PostingKind::AcceptedPayable, 0, 6_000) };
    check(
        event(Body::ExceptionResolved(Box::new(resolved))),
        &[accepted],
        "2102fd6a5e3c1f30ab0c0001086a756c792e637376000201fb36a14065336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535024c370afbe02e0103416e6e0303010201070104017f20020103fbe02e",
    );
}
