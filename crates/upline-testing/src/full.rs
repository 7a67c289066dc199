//! Books with every fact.

use crate::{
    DAYS, FIRST_DAY, Issue, RandomBook, What, code, fact, policies, policy_name, possible, rate, setups,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::chain::AdvanceTerms;
use upline_core::coverage::Tier;
use upline_core::fact::{
    AdjustedAccount, AdjustmentPosted, AgentReleased, AssignmentEnded, Body, CarrierDeposit, ChainLink,
    ChargebackRecorded, CommissionAssigned, ContractChanged, CorrectedIssue, CoverageEnrolled, CoveragePlan,
    CoverageWithdrawn, DebtRolledUp, DebtTerms, Fact, HoldLifted, HoldReason, HouseSet, LeadCharged,
    LeadCredited, LeadLineSet, Mode, OpeningPosted, PaidBy, PayoutHeld, PayoutMade, PayoutPart,
    PayoutReturned, PersistencyDefined, PolicyRestated, ProducerAdded, ProducerContracted, ProducerKind,
    RepaymentReceived, RestatedChain, RouteSet, Vesting,
};
use upline_core::grid::{Band, ChargebackMonths, Grid, Span};
use upline_core::money::Cents;
use upline_core::names::{ByCode, Code};
use upline_core::persistency::{Basis, Definition, Survival};
use upline_core::statement::{
    About, Class, ExceptionResolved, LineKind, Resolution, StatementReceived, StatementVoided,
};
use upline_core::time::{Day, Month};
use uuid::Uuid;

/// The holds that anybody lifts; who changed an account does not lift that hold.
const HOLDS: [HoldReason; 3] = [HoldReason::Licence, HoldReason::ErrorsAndOmissions, HoldReason::Dispute];

/// Every producer of a full book, most of them those that write or stand in every chain.
const WHO: &[&str] = &["A", "A", "A", "B", "B", "GA", "LOW", "GA2", "IMO"];

/// Plans of every full book.
const PLANS: &[&str] = &["gold", "silver"];

/// Random books with every fact but closed periods. Record them with
/// [`Recorded::of_full`](crate::Recorded::of_full).
pub fn full_books() -> impl Strategy<Value = RandomBook> {
    full(other())
}

/// Full books in which periods are closed.
pub fn books_with_closed_periods() -> impl Strategy<Value = RandomBook> {
    full(prop_oneof![4 => other(), 1 => Just(Other::Close)])
}

/// Books whose facts can be recorded in any order with the same result: releases, each producer's only one;
/// leads within the line, adjustments, chargebacks that nobody decides about.
pub fn order_free_books() -> impl Strategy<Value = RandomBook> {
    let money = prop::collection::vec((0..DAYS, order_free()), 0..8);
    let release = (0..700i32, carriers(), vestings());
    let releases = prop::collection::btree_map(prop::sample::select(WHO), release, 0..4);
    (setups(), prop::collection::vec(policies(), 1..5), releases, money).prop_map(
        |(mut setup, policies, releases, others)| {
            setup.extend(extra_setup());
            let mut book = RandomBook { setup, facts: Vec::new() };
            let issues: Vec<Issue> = policies.iter().map(|(issue, _)| issue.clone()).collect();
            for (index, (issue, own)) in policies.into_iter().enumerate() {
                add_policy(&mut book, index, &issue, own, false);
            }
            for (who, (days, carrier, vesting)) in releases {
                let release = Other::Release(who, carrier, vesting, DebtTerms::Stays);
                book.facts.push(release.fact(days, &issues));
            }
            book.facts.extend(others.into_iter().map(|(days, other)| other.fact(days, &issues)));
            book
        },
    )
}

fn full(other: impl Strategy<Value = Other>) -> impl Strategy<Value = RandomBook> {
    let policies = prop::collection::vec((policies(), prop::bool::weighted(0.3)), 1..5);
    let others = prop::collection::vec((0..DAYS, other), 0..32);
    (setups(), enrolments(), policies, others).prop_map(|(mut setup, enrolments, policies, others)| {
        setup.extend(extra_setup());
        setup.extend(enrolments);
        let mut book = RandomBook { setup, facts: Vec::new() };
        let issues: Vec<Issue> = policies.iter().map(|((issue, _), _)| issue.clone()).collect();
        for (index, ((issue, own), late)) in policies.into_iter().enumerate() {
            add_policy(&mut book, index, &issue, own, late);
        }
        book.facts.extend(others.into_iter().map(|(days, other)| other.fact(days, &issues)));
        book
    })
}

/// Adds a policy and its facts; a late one is issued among the facts, when contracts may have ended.
fn add_policy(book: &mut RandomBook, index: usize, issue: &Issue, own: BTreeMap<i32, What>, late: bool) {
    let name = policy_name(index);
    let first = issued_on(issue);
    let issued = fact(first, issue.body(&name));
    if late {
        book.facts.push(issued);
    } else {
        book.setup.push(issued);
    }
    let own = own.into_iter().map(|(days, what)| (Day(first.0 + days), what));
    book.facts.extend(possible(&name, u64::from(issue.mode.months()), own));
}

fn issued_on(issue: &Issue) -> Day {
    Day(FIRST_DAY.0 + issue.after_days)
}

/// What a full book has besides the setup of every book: an agency that no chain has yet, and coverage plans
/// with tiers so low that they are often passed, each in two versions.
fn extra_setup() -> Vec<Fact> {
    let start = Day(FIRST_DAY.0 - 1_000);
    let later = Day(FIRST_DAY.0 + 500);
    let mut setup = vec![fact(
        start,
        Body::ProducerAdded(ProducerAdded { producer: code("GA2"), kind: ProducerKind::Agency }),
    )];
    for carrier in ["C1", "C2"] {
        setup.push(fact(start, contracted("GA2", carrier, "120", Some("IMO"), 9)));
    }
    // Another product, for policies that are corrected to be of it.
    for carrier in ["C1", "C2"] {
        let band = |years: &str, text: &str| Band { years: Span::parse(years).unwrap(), rate: rate(text) };
        let level = |level: &str, first: &str| (code(level), vec![band("1", first), band("2+", "0.04")]);
        let grid = Grid {
            carrier: code(carrier),
            product: code("TX"),
            line: None,
            levels: vec![level("100", "0.5"), level("110", "0.61"), level("120", "0.7"), level("140", "0.9")],
            chargeback: Vec::new(),
            chargeback_months: ChargebackMonths::Paid,
        };
        setup.push(fact(start, Body::GridPublished(Box::new(grid))));
    }
    let plan = |on, plan, definition, payer, tiers: &[(&str, &str)]| {
        let tiers = tiers.iter().map(|(above, cover)| Tier { above: rate(above), cover: rate(cover) });
        let (plan, definition, payer) = (code(plan), code(definition), code(payer));
        let plan = CoveragePlan { plan, definition, payer, tiers: tiers.collect() };
        fact(on, Body::CoveragePlanPublished(Box::new(plan)))
    };
    setup.push(plan(start, "gold", "paid1", "IMO", &[("0", "0.5"), ("0.4", "0.333")]));
    setup.push(plan(start, "silver", "paid4", "GA", &[("0.25", "0.777"), ("0.1", "0.1")]));
    setup.push(plan(later, "gold", "force6", "IMO", &[("0.5", "1"), ("0.1", "0.25")]));
    let terms = Definition {
        basis: Basis::Count,
        from_months: 2,
        to_months: 30,
        survive: Survival::PaidTo,
        exclude: Vec::new(),
    };
    setup
        .push(fact(later, Body::PersistencyDefined(PersistencyDefined { definition: code("paid4"), terms })));
    let early = Day(FIRST_DAY.0 - 500);
    for producer in ["A", "B", "GA"] {
        setup.push(fact(
            early,
            Body::LeadLineSet(LeadLineSet { producer: code(producer), limit: Cents(200_000) }),
        ));
    }
    setup
}

/// Most of those who write take part in a plan from the beginning.
fn enrolments() -> impl Strategy<Value = Vec<Fact>> {
    let plan = || prop::option::weighted(0.7, prop::sample::select(PLANS));
    (plan(), plan()).prop_map(|(a, b)| {
        let on = Day(FIRST_DAY.0 - 400);
        let enrolled = |(who, plan): (&str, Option<&str>)| {
            plan.map(|plan| {
                fact(on, Body::CoverageEnrolled(CoverageEnrolled { producer: code(who), plan: code(plan) }))
            })
        };
        [("A", a), ("B", b)].into_iter().filter_map(enrolled).collect()
    })
}

/// What happens besides a policy's own facts.
#[derive(Clone, Debug)]
enum Other {
    Release(&'static str, Option<&'static str>, Vesting, DebtTerms),
    Contract(&'static str, &'static str, &'static str),
    Change(&'static str, &'static str, Option<&'static str>, Option<&'static str>),
    RollUp(&'static str, &'static str),
    Enrol(&'static str, &'static str),
    Withdraw(&'static str, &'static str),
    Repay(&'static str, Option<&'static str>, i64),
    Line(&'static str, i64),
    Charge(&'static str, i64),
    Credit(&'static str, i64),
    Adjust(&'static str, Option<&'static str>, AdjustedAccount, i64),
    Chargeback(prop::sample::Index, &'static str, i64),
    Restate(prop::sample::Index, Option<Vec<(&'static str, &'static str)>>, bool),
    Hold(&'static str, HoldReason, bool),
    PayOut(&'static str, [i64; 4]),
    /// By whom, of which payables, and against which debt.
    PayParts(&'static str, Option<&'static str>, [i64; 3], i64, i64),
    /// Of which payout, in the order in which they were recorded.
    Return(u8, Option<i64>),
    House(Option<&'static str>),
    Route(Option<&'static str>, Option<&'static str>, PaidBy),
    Assign(&'static str, &'static str, &'static str, &'static str),
    EndAssignment(&'static str, &'static str),
    Open(&'static str, Option<&'static str>, AdjustedAccount, i64),
    /// Of a debt that was brought along on a policy.
    OpenDebt(prop::sample::Index, &'static str, i64),
    Correct(prop::sample::Index, Box<CorrectedIssue>, i32, bool),
    Deposit(&'static str, i64, Option<u8>),
    Statement(u8, Option<u8>),
    Void(u8),
    Resolve(Box<Resolved>),
    Close,
}

/// A decision about an exception of a statement.
#[derive(Clone, Debug)]
struct Resolved {
    statement: u8,
    line: u8,
    class: Class,
    difference: i64,
    reason: Resolution,
    kind: LineKind,
    carrier: &'static str,
    payee: &'static str,
    of: Option<&'static str>,
    policy: Option<prop::sample::Index>,
}

fn carriers() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some("C1"), Some("C2")])
}

fn vestings() -> impl Strategy<Value = Vesting> {
    prop::sample::select(Vesting::ALL)
}

fn order_free() -> impl Strategy<Value = Other> {
    let who = || prop::sample::select(WHO);
    let adjusted = prop::sample::select(AdjustedAccount::ALL);
    prop_oneof![
        (prop::sample::select(&["A", "B"][..]), 1..3_000i64)
            .prop_map(|(who, amount)| Other::Charge(who, amount)),
        (who(), 1..9_999i64).prop_map(|(who, amount)| Other::Credit(who, amount)),
        (who(), carriers(), adjusted, prop_oneof![-9_999..0i64, 1..9_999i64])
            .prop_map(|(who, carrier, account, amount)| Other::Adjust(who, carrier, account, amount)),
        (any::<prop::sample::Index>(), who(), 1..9_999i64)
            .prop_map(|(policy, who, amount)| Other::Chargeback(policy, who, amount)),
    ]
}

fn other() -> impl Strategy<Value = Other> {
    // A payout that recovers nothing, or gives back, moves credits all the same.
    let recovered = || prop_oneof![3 => Just(0i64), 3 => 1..90i64, 1 => 0..3_000i64, 1 => -3_000..0i64];
    let who = || prop::sample::select(WHO);
    let with = || prop::sample::select(&["C1", "C2"][..]);
    let plan = || prop::sample::select(PLANS);
    let debt = prop::sample::select(DebtTerms::ALL);
    let level = || prop::sample::select(&["100", "110", "120", "140"][..]);
    let above: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![("IMO", "140")],
        vec![("GA2", "120"), ("IMO", "140")],
        vec![("LOW", "100"), ("GA2", "110"), ("GA", "120"), ("IMO", "140")],
        vec![("GA", "140")],
    ];
    let above = prop::option::weighted(0.7, prop::sample::select(above));
    let upline = prop::sample::select(vec![None, Some("GA"), Some("GA2"), Some("IMO")]);
    prop_oneof![
        5 => (who(), carriers(), vestings(), debt)
            .prop_map(|(who, carrier, vesting, debt)| Other::Release(who, carrier, vesting, debt)),
        1 => (who(), with(), level()).prop_map(|(who, with, level)| Other::Contract(who, with, level)),
        1 => (who(), with(), prop::option::of(level()), upline)
            .prop_map(|(who, with, level, upline)| Other::Change(who, with, level, upline)),
        3 => (who(), with()).prop_map(|(who, with)| Other::RollUp(who, with)),
        1 => (who(), plan()).prop_map(|(who, plan)| Other::Enrol(who, plan)),
        1 => (who(), plan()).prop_map(|(who, plan)| Other::Withdraw(who, plan)),
        5 => (who(), carriers(), 1..60_000i64).prop_map(|(who, carrier, amount)| Other::Repay(who, carrier, amount)),
        1 => (who(), 1..20_000i64).prop_map(|(who, limit)| Other::Line(who, limit)),
        1 => (who(), 1..30_000i64).prop_map(|(who, amount)| Other::Charge(who, amount)),
        1 => (who(), prop::sample::select(&HOLDS[..]), prop::bool::ANY)
            .prop_map(|(who, reason, placed)| Other::Hold(who, reason, placed)),
        6 => (who(), 0..30_000i64, prop_oneof![1 => Just(0i64), 1 => -200..300i64], recovered(), 0..9_000i64)
            .prop_map(|(who, cash, leads, debt, reserve)| Other::PayOut(who, [cash, leads, debt, reserve])),
        3 => order_free(),
        8 => (who(), prop::option::weighted(0.5, with()), [-2_000..30_000i64, -2_000..30_000i64, -2_000..30_000i64], recovered(), 0..90i64)
            .prop_map(|(who, by, parts, debt, returned)| Other::PayParts(who, by, parts, debt, returned)),
        4 => (1..4u8, prop::option::of(1..900i64)).prop_map(|(payout, amount)| Other::Return(payout, amount)),
        1 => prop::option::of(prop::sample::select(&["IMO", "GA"][..])).prop_map(Other::House),
        6 => (prop::option::of(who()), carriers(), prop::sample::select(PaidBy::ALL))
            .prop_map(|(who, carrier, paid_by)| Other::Route(who, carrier, paid_by)),
        3 => (who(), with(), prop::sample::select(&["GA2", "LOW", "IMO", "GA"][..]), prop::sample::select(&["0", "0.6", "0.333"][..]))
            .prop_map(|(who, carrier, to, keeps)| Other::Assign(who, carrier, to, keeps)),
        1 => (who(), with()).prop_map(|(who, carrier)| Other::EndAssignment(who, carrier)),
        2 => (who(), carriers(), prop::sample::select(AdjustedAccount::ALL), prop_oneof![-9_999..0i64, 1..9_999i64])
            .prop_map(|(who, carrier, account, amount)| Other::Open(who, carrier, account, amount)),
        1 => (any::<prop::sample::Index>(), who(), 1..9_999i64)
            .prop_map(|(policy, who, amount)| Other::OpenDebt(policy, who, amount)),
        2 => (with(), prop_oneof![-9_999..0i64, 1..99_999i64], prop::option::of(0..2u8))
            .prop_map(|(carrier, amount, statement)| Other::Deposit(carrier, amount, statement)),
        3 => (0..2u8, prop::option::weighted(0.2, 0..2u8))
            .prop_map(|(statement, replaces)| Other::Statement(statement, replaces)),
        1 => (0..2u8).prop_map(Other::Void),
        6 => resolved().prop_map(|one| Other::Resolve(Box::new(one))),
        4 => (any::<prop::sample::Index>(), corrections(), -60..200i32, prop::bool::ANY)
            .prop_map(|(policy, issue, days, same)| Other::Correct(policy, Box::new(issue), days, same)),
        4 => (any::<prop::sample::Index>(), above, prop::bool::ANY)
            .prop_map(|(policy, above, at_issue)| Other::Restate(policy, above, at_issue)),
    ]
}

fn resolved() -> impl Strategy<Value = Resolved> {
    let who = || prop::sample::select(WHO);
    let class = prop::sample::select(&[Class::Short, Class::Over, Class::Missing, Class::WrongPayee][..]);
    let reason =
        prop::sample::select(&[Resolution::Accepted, Resolution::WrittenOff, Resolution::Claimed][..]);
    let kind = prop::sample::select(&[LineKind::Advance, LineKind::Earned, LineKind::Chargeback][..]);
    let carrier = prop::sample::select(&["C1", "C2"][..]);
    let policy = prop::option::weighted(0.8, any::<prop::sample::Index>());
    let what = (class, prop_oneof![4 => -9_999..9_999i64, 1 => Just(0)], reason, kind);
    (0..2u8, 0..3u8, what, carrier, who(), prop::option::of(who()), policy).prop_map(
        |(statement, line, (class, difference, reason, kind), carrier, payee, of, policy)| Resolved {
            statement,
            line,
            class,
            difference,
            reason,
            kind,
            carrier,
            payee,
            of,
            policy,
        },
    )
}

/// The SHA-256 of one of a few statements.
fn file(number: u8) -> Code {
    code(&format!("{number:064x}"))
}

/// What of an issue is corrected; the date is days after the issue that was said.
fn corrections() -> impl Strategy<Value = CorrectedIssue> {
    let on = prop::option::of((-60..120i32).prop_map(Day));
    let product = prop::option::of(prop::sample::select(&["FE", "TX"][..]));
    let premium = prop::option::of((1..900_000i64).prop_map(Cents));
    let mode = prop::option::of(prop::sample::select(Mode::ALL));
    let number = prop::option::of(0..9u8);
    (on, product, premium, mode, number).prop_map(|(on, product, annual_premium, mode, number)| {
        CorrectedIssue {
            on,
            product: product.map(code),
            annual_premium,
            mode,
            number: number.map(|number| code(&format!("N{number}"))),
            // So that it is never a correction of nothing.
            issue_age: Some(44),
            state: None,
        }
    })
}

impl Other {
    fn fact(self, days: i32, issues: &[Issue]) -> Fact {
        let on = Day(FIRST_DAY.0 + days);
        let with = |carrier: Option<&str>| carrier.map(code);
        let body = match self {
            Other::Release(who, carrier, vesting, debt) => {
                // Early enough that something happens after it.
                let body = Body::AgentReleased(AgentReleased {
                    producer: code(who),
                    carrier: with(carrier),
                    vesting,
                    debt,
                    reason: None,
                });
                return fact(Day(FIRST_DAY.0 + days * 2 / 3), body);
            }
            Other::Contract(who, carrier, level) => contracted(who, carrier, level, None, 3),
            Other::Change(who, carrier, level, upline) => Body::ContractChanged(ContractChanged {
                producer: code(who),
                carrier: code(carrier),
                level: level.map(code),
                upline: upline.filter(|upline| *upline != who).map(|upline| Some(code(upline))),
                advance: level.map(|_| AdvanceTerms { months: 5, cap: None }),
            }),
            Other::RollUp(who, carrier) => {
                Body::DebtRolledUp(DebtRolledUp { producer: code(who), carrier: code(carrier) })
            }
            Other::Enrol(who, plan) => {
                Body::CoverageEnrolled(CoverageEnrolled { producer: code(who), plan: code(plan) })
            }
            Other::Withdraw(who, plan) => {
                Body::CoverageWithdrawn(CoverageWithdrawn { producer: code(who), plan: code(plan) })
            }
            Other::Repay(who, carrier, amount) => Body::RepaymentReceived(RepaymentReceived {
                producer: code(who),
                carrier: with(carrier),
                amount: Cents(amount),
            }),
            Other::Hold(who, reason, true) => Body::PayoutHeld(PayoutHeld { producer: code(who), reason }),
            Other::Hold(who, reason, false) => Body::HoldLifted(HoldLifted { producer: code(who), reason }),
            Other::PayOut(who, [cash, leads, debt, reserve]) => Body::PayoutMade(Box::new(PayoutMade {
                producer: code(who),
                payable: Cents(cash + leads + debt + reserve + 1),
                leads: Cents(leads),
                debt: Cents(debt),
                reserve: Cents(reserve),
                paid_by: None,
                parts: None,
                returned: Cents::ZERO,
            })),
            Other::Line(who, limit) => {
                Body::LeadLineSet(LeadLineSet { producer: code(who), limit: Cents(limit) })
            }
            Other::Charge(who, amount) => {
                Body::LeadCharged(LeadCharged { producer: code(who), amount: Cents(amount) })
            }
            Other::Credit(who, amount) => {
                Body::LeadCredited(LeadCredited { producer: code(who), amount: Cents(amount) })
            }
            Other::Adjust(who, carrier, account, amount) => {
                Body::AdjustmentPosted(Box::new(AdjustmentPosted {
                    producer: code(who),
                    carrier: with(carrier),
                    account,
                    amount: Cents(amount),
                    code: code("ADJ"),
                    approved_by: "controller".to_owned(),
                }))
            }
            Other::Chargeback(policy, who, amount) => {
                let (index, issue) = pick(policy, issues);
                let body = Body::ChargebackRecorded(ChargebackRecorded {
                    policy: policy_name(index),
                    producer: code(who),
                    amount: Cents(amount),
                    reason: "audit".to_owned(),
                });
                return fact(on.max(issued_on(issue)), body);
            }
            Other::Restate(policy, above, at_issue) => {
                let (index, issue) = pick(policy, issues);
                let body = Body::PolicyRestated(Box::new(PolicyRestated {
                    policy: policy_name(index),
                    correction: code("K1"),
                    chain: above.map_or(RestatedChain::Contracts, |above| {
                        RestatedChain::Places(explicit_chain(issue, &above))
                    }),
                    issue: None,
                    frozen: (),
                }));
                let issued = issued_on(issue);
                return fact(if at_issue { issued } else { on.max(issued) }, body);
            }
            Other::PayParts(who, by, parts, debt, returned) => {
                let carriers = [None, Some("C1"), Some("C2")];
                let of = |(carrier, amount): (Option<&str>, i64)| PayoutPart {
                    carrier: with(carrier),
                    amount: Cents(amount),
                };
                let mut parts: Vec<PayoutPart<ByCode>> = carriers.into_iter().zip(parts).map(of).collect();
                if by.is_some() {
                    parts.retain(|part| part.carrier == with(by));
                }
                // A carrier pays late, when something is owed to it.
                let on = if by.is_some() { Day(FIRST_DAY.0 + DAYS - days / 8) } else { on };
                let payout = PayoutMade {
                    producer: code(who),
                    payable: Cents(parts.iter().map(|part| part.amount.0).sum()),
                    leads: Cents::ZERO,
                    debt: Cents(debt),
                    reserve: Cents::ZERO,
                    paid_by: with(by),
                    parts: Some(parts),
                    returned: Cents(if by.is_some() { 0 } else { (returned - 60).max(0) }),
                };
                return fact(on, Body::PayoutMade(Box::new(payout)));
            }
            Other::Return(payout, amount) => Body::PayoutReturned(Box::new(PayoutReturned {
                payout: Uuid::from_u128(payout.into()),
                code: code("R01"),
                amount: amount.map(Cents),
            })),
            Other::House(producer) => Body::HouseSet(HouseSet { producer: producer.map(code) }),
            Other::Route(who, carrier, paid_by) => {
                Body::RouteSet(RouteSet { producer: who.map(code), carrier: with(carrier), paid_by })
            }
            Other::Assign(who, carrier, to, keeps) => {
                let to = if to == who { "GA2" } else { to };
                let (to, producer) = if to == who { ("GA", who) } else { (to, who) };
                let (producer, carrier, to) = (code(producer), code(carrier), code(to));
                let body = CommissionAssigned { producer, carrier, to, keeps: rate(keeps) };
                // Early enough that policies are issued, or restated, after it.
                return fact(Day(FIRST_DAY.0 - 300 + days / 2), Body::CommissionAssigned(body));
            }
            Other::EndAssignment(who, carrier) => {
                Body::AssignmentEnded(AssignmentEnded { producer: code(who), carrier: code(carrier) })
            }
            Other::Open(who, carrier, account, amount) => {
                let of_carrier = matches!(account, AdjustedAccount::Payable | AdjustedAccount::Debt);
                let carrier = with(carrier).filter(|_| of_carrier);
                let (producer, policy, amount) = (code(who), None, Cents(amount));
                let body = OpeningPosted { producer, carrier, policy, account, amount };
                Body::OpeningPosted(Box::new(body))
            }
            Other::OpenDebt(policy, who, amount) => {
                let (index, issue) = pick(policy, issues);
                let name = policy_name(index);
                let body = OpeningPosted {
                    producer: code(who),
                    carrier: Some(name.carrier.clone()),
                    policy: Some(name),
                    account: AdjustedAccount::Debt,
                    amount: Cents(amount),
                };
                return fact(on.max(issued_on(issue)), Body::OpeningPosted(Box::new(body)));
            }
            Other::Correct(policy, mut corrected, after, same) => {
                let (index, issue) = pick(policy, issues);
                let issued = issued_on(issue);
                corrected.on = corrected.on.map(|days| Day(issued.0 + days.0));
                let number = corrected.number.as_ref().map(|number| format!("{number}-{index}"));
                corrected.number = number.map(|number| code(&number));
                let chain = if same { RestatedChain::Same } else { RestatedChain::Contracts };
                let body = PolicyRestated {
                    policy: policy_name(index),
                    correction: code("K2"),
                    chain,
                    issue: Some(corrected),
                    frozen: (),
                };
                return fact(Day(issued.0 + after), Body::PolicyRestated(Box::new(body)));
            }
            Other::Deposit(carrier, amount, statement) => Body::CarrierDeposit(Box::new(CarrierDeposit {
                carrier: code(carrier),
                amount: Cents(amount),
                reference: "wire".to_owned(),
                statement: statement.map(file),
            })),
            Other::Statement(number, replaces) => {
                let body = StatementReceived {
                    file: file(number),
                    profile: code("life"),
                    version: 1,
                    profile_file: file(9),
                    period: Month::of(FIRST_DAY),
                    lines: 3,
                    total: Cents(days.into()),
                    replaces: replaces.map(file),
                };
                // Early enough that something is decided about it.
                return fact(Day(FIRST_DAY.0 + days / 4), Body::StatementReceived(Box::new(body)));
            }
            Other::Void(number) => Body::StatementVoided(StatementVoided { statement: file(number) }),
            Other::Resolve(one) => {
                let policy = one.policy.map(|policy| policy_name(pick(policy, issues).0));
                let carrier = policy.as_ref().map_or_else(|| code(one.carrier), |name| name.carrier.clone());
                let about = About {
                    carrier,
                    kind: one.kind,
                    producer: Some(code(one.payee)),
                    policy,
                    of: one.of.filter(|_| one.class == Class::WrongPayee).map(code),
                };
                Body::ExceptionResolved(Box::new(ExceptionResolved {
                    statement: file(one.statement),
                    exception: code(&format!("L{}", one.line)),
                    class: one.class,
                    difference: Cents(one.difference),
                    reason: one.reason,
                    resolved_by: "Ann".to_owned(),
                    about: Some(Box::new(about)),
                }))
            }
            Other::Close => return fact(Day(FIRST_DAY.0 + days * 3 / 4), Body::PeriodClosed),
        };
        fact(on, body)
    }
}

fn pick(policy: prop::sample::Index, issues: &[Issue]) -> (usize, &Issue) {
    let index = policy.index(issues.len());
    (index, &issues[index])
}

/// Each writing producer at its own level, and the same places above every one.
fn explicit_chain(issue: &Issue, above: &[(&str, &str)]) -> Vec<Vec<ChainLink<ByCode>>> {
    let link = |(who, level): (&str, &str)| ChainLink { producer: code(who), level: code(level) };
    let writers = issue.writers().into_iter();
    writers
        .map(|who| {
            let own = (who, if who == "A" { "110" } else { "100" });
            [own].into_iter().chain(above.iter().copied()).map(link).collect()
        })
        .collect()
}

fn contracted(who: &str, carrier: &str, level: &str, upline: Option<&str>, months: u8) -> Body<ByCode> {
    let upline: Option<Code> = upline.map(code);
    let advance = AdvanceTerms { months, cap: None };
    Body::ProducerContracted(ProducerContracted {
        producer: code(who),
        carrier: code(carrier),
        level: code(level),
        upline,
        advance,
    })
}
