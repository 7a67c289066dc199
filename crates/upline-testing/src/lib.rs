//! Random books of facts, for the property tests of every crate: a few producers in a hierarchy, odd
//! rates and caps, split writing, premiums of odd amounts and months, reversals, stops of every kind,
//! reinstatements, on days of about three years.
//!
//! A [`RandomBook`] is a set of facts that any order can record: the setup comes first, then each
//! policy's issue, then the policies' facts on days that differ within a policy (facts of one day count
//! in log order, so their order is not free), and no more is reversed than is paid in all.
//!
//! [`full_books`] have every other fact too: releases, coverage, debt, restatements, leads, adjustments. What
//! they lead to depends on the order of recording, and some of it is refused.

// Test support: what does not hold here must fail the test that asked for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod full;

pub use full::{books_with_closed_periods, full_books, order_free_books};

use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::book::{Book, Effects};
use upline_core::chain::AdvanceTerms;
use upline_core::event::{Batch, Event, Identity, Position};
use upline_core::fact::{
    Body, CarrierAdded, ChargebackRecorded, Fact, Mode, PersistencyDefined, PolicyIssued, PolicyReinstated,
    PolicyStopped, PremiumPaid, PremiumReversed, ProducerAdded, ProducerContracted, ProducerKind, Writing,
};
use upline_core::grid::{Band, ChargebackMonths, ChargebackRow, Grid, Rule, Span, StopReason};
use upline_core::money::Cents;
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::persistency::{Basis, Definition, Survival};
use upline_core::rate::Rate;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::time::{Day, Moment};
use uuid::Uuid;

/// The first day of a random book: 2024-01-01.
pub const FIRST_DAY: Day = Day(19_723);

/// How many days its facts spread over.
pub const DAYS: i32 = 1_100;

/// Facts that can be recorded in any order, once the setup is.
#[derive(Clone, Debug)]
pub struct RandomBook {
    /// Carriers, producers, grids, contracts, definitions and issues, to be recorded first.
    pub setup: Vec<Fact>,
    /// The facts of the policies.
    pub facts: Vec<Fact>,
}

/// A code, known to be one.
pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// A rate, known to be one.
pub fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

/// A fact without id or remarks.
pub fn fact(on: Day, body: Body<ByCode>) -> Fact {
    Fact { id: None, on, recorded_at: None, remarks: None, personal: None, body }
}

/// The definitions of every random book, by code.
pub fn definitions() -> Vec<(Code, Definition)> {
    let exclude = vec![StopReason::FreeLook, StopReason::NotTaken, StopReason::Rescission];
    let of = |basis, from_months, to_months, survive, exclude: &[StopReason]| Definition {
        basis,
        from_months,
        to_months,
        survive,
        exclude: exclude.to_vec(),
    };
    vec![
        (code("paid4"), of(Basis::Count, 4, 16, Survival::PaidTo, &exclude)),
        (code("force6"), of(Basis::Premium, 6, 30, Survival::InForce, &exclude[..1])),
        (code("paid1"), of(Basis::Premium, 1, 40, Survival::PaidTo, &[StopReason::Death, StopReason::Lapse])),
    ]
}

/// The policies of a random book, by number.
pub fn policy_name(index: usize) -> PolicyName {
    PolicyName {
        carrier: code(if index.is_multiple_of(2) { "C1" } else { "C2" }),
        number: code(&format!("P{index}")),
    }
}

/// Random books.
pub fn books() -> impl Strategy<Value = RandomBook> {
    (setups(), prop::collection::vec(policies(), 1..5)).prop_map(|(mut setup, policies)| {
        let mut facts = Vec::new();
        for (index, (issue, own)) in policies.into_iter().enumerate() {
            let name = policy_name(index);
            let first = Day(FIRST_DAY.0 + issue.after_days);
            setup.push(fact(first, issue.body(&name)));
            let by_mode = u64::from(issue.mode.months());
            facts.extend(possible(
                &name,
                by_mode,
                own.into_iter().map(|(days, what)| (Day(first.0 + days), what)),
            ));
        }
        RandomBook { setup, facts }
    })
}

/// A random order of a book's facts.
pub fn shuffled(book: RandomBook) -> impl Strategy<Value = (RandomBook, Vec<Fact>)> {
    let facts = book.facts.clone();
    Just(facts).prop_shuffle().prop_map(move |facts| (book.clone(), facts))
}

/// A book recorded fact by fact, as a ledger would; recorded a minute apart.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The book after the last fact.
    pub book: Book,
    /// The log.
    pub batch: Batch,
    effects: Effects,
    /// How many payouts there are: the id of each is its number.
    payouts: u128,
}

impl Recorded {
    /// Records the setup, then the facts in the order given; what may be reversed only later is put off.
    pub fn of(setup: &[Fact], facts: &[Fact]) -> Recorded {
        let mut recorded = Recorded::default();
        for fact in setup {
            recorded.record(fact).unwrap_or_else(|refusal| panic!("{fact:?}: {refusal}"));
        }
        let mut waiting: Vec<&Fact> = facts.iter().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|fact| match recorded.record(fact) {
                Ok(_) => false,
                Err(refusal) if refusal.code == RefusalCode::OverReversed => true,
                Err(refusal) => panic!("{fact:?}: {refusal}"),
            });
            assert!(waiting.len() < before, "no order records {waiting:?}");
        }
        recorded
    }

    /// Records the setup, then the facts of a full book in the order given. What may be possible only later is
    /// put off; what stays impossible is dropped.
    pub fn of_full(setup: &[Fact], facts: &[Fact]) -> Recorded {
        let mut recorded = Recorded::of(setup, &[]);
        let mut waiting: Vec<&Fact> = facts.iter().collect();
        loop {
            let before = waiting.len();
            waiting.retain(|fact| recorded.record_or_drop(fact) == Fate::Later);
            if waiting.is_empty() || waiting.len() == before {
                return recorded;
            }
        }
    }

    /// Records one fact of a full book, or says that it must wait or was refused for good.
    pub fn record_or_drop(&mut self, fact: &Fact) -> Fate {
        match self.record(fact) {
            Ok(position) => Fate::Recorded(position),
            Err(refusal) => match refusal.code {
                RefusalCode::OverReversed
                | RefusalCode::UnknownPolicy
                | RefusalCode::UnknownPayout
                | RefusalCode::UnknownStatement => Fate::Later,
                // A payout without parts, while a carrier pays the producer itself.
                RefusalCode::Malformed if matches!(fact.body, Body::PayoutMade(_)) => Fate::Dropped,
                RefusalCode::CreditLine
                | RefusalCode::Released
                | RefusalCode::NoContract
                | RefusalCode::NoGrid
                | RefusalCode::Duplicate
                | RefusalCode::Cycle
                | RefusalCode::Dates
                | RefusalCode::Amount // a payout takes no more than is owed
                | RefusalCode::ClosedPeriod => Fate::Dropped,
                // Nothing in a full book is malformed or names what was never added.
                _ => panic!("{fact:?}: {refusal}"),
            },
        }
    }

    /// Records one fact.
    pub fn record(&mut self, fact: &Fact) -> Result<Position, Refusal> {
        let body = self.book.admit(fact)?;
        let recorded_at = Moment(1_800_000_000_000_000 + 60_000_000 * self.book.position() as i64);
        let identity = Identity::Derived { ordinal: 1 };
        let event = Event { on: fact.on, recorded_at, identity, origin: None, remarks: None, body };
        let is_payout = matches!(event.body, Body::PayoutMade(_));
        let position = self.book.record(event, &mut self.effects, &mut self.batch).unwrap();
        if is_payout {
            self.payouts += 1;
            self.book.know(Uuid::from_u128(self.payouts), position);
        }
        Ok(position)
    }

    /// The events with their positions.
    pub fn events(&self) -> Vec<(Position, &Event)> {
        (1..).zip(self.batch.iter().map(|(event, _)| event)).collect()
    }
}

/// What became of a fact of a full book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was recorded here.
    Recorded(Position),
    /// Another fact may have to come first.
    Later,
    /// It was refused, as a ledger would.
    Dropped,
}

#[derive(Clone, Debug)]
struct Issue {
    after_days: i32,
    annual_premium: i64,
    mode: Mode,
    sides: usize,
    share: u32,
}

impl Issue {
    /// Who writes each side.
    fn writers(&self) -> Vec<&'static str> {
        match self.sides {
            1 => vec!["A"],
            2 => vec!["A", "B"],
            _ => vec!["B", "A", "A"],
        }
    }

    fn body(&self, name: &PolicyName) -> Body<ByCode> {
        let producers = self.writers().into_iter();
        // Shares with an odd number of decimals that still sum to 1.
        let (a, b) = (format!("0.{:03}", self.share), format!("0.{:03}", 1_000 - self.share));
        let shares = match self.sides {
            1 => vec!["1".to_owned()],
            2 => vec![a, b],
            _ => ["0.3333333333333333333333333333", "0.1", "0.5666666666666666666666666667"]
                .map(str::to_owned)
                .to_vec(),
        };
        Body::PolicyIssued(Box::new(PolicyIssued {
            carrier: name.carrier.clone(),
            number: name.number.clone(),
            product: code("FE"),
            annual_premium: Cents(self.annual_premium),
            mode: self.mode,
            writing: producers
                .zip(shares)
                .map(|(p, s)| Writing { producer: code(p), share: rate(&s) })
                .collect(),
            state: None,
            issue_age: None,
            frozen: (),
        }))
    }
}

#[derive(Clone, Debug)]
enum What {
    Premium(i64, Option<u8>),
    Reversal(i64, Option<u8>),
    Stop(StopReason),
    Reinstatement,
    Chargeback(i64),
}

fn policies() -> impl Strategy<Value = (Issue, BTreeMap<i32, What>)> {
    let mode = prop::sample::select(Mode::ALL);
    let issue = (0..400i32, 1..900_000i64, mode, 1..=3usize, 1..1_000u32).prop_map(
        |(after_days, annual_premium, mode, sides, share)| Issue {
            after_days,
            annual_premium,
            mode,
            sides,
            share,
        },
    );
    let amount = prop_oneof![Just(10_000i64), 1..60_000i64];
    let months = prop_oneof![3 => Just(None), 2 => (0..15u8).prop_map(Some)];
    let what = prop_oneof![
        8 => (amount.clone(), months.clone()).prop_map(|(amount, months)| What::Premium(amount, months)),
        3 => (amount, months).prop_map(|(amount, months)| What::Reversal(amount, months)),
        2 => prop::sample::select(StopReason::ALL).prop_map(What::Stop),
        2 => Just(What::Reinstatement),
        1 => (1..9_999i64).prop_map(What::Chargeback),
    ];
    (issue, prop::collection::btree_map(0..DAYS - 400, what, 0..24))
}

/// The facts of a policy, without reversals of more than is paid in all.
fn possible(name: &PolicyName, by_mode: u64, facts: impl Iterator<Item = (Day, What)>) -> Vec<Fact> {
    let facts: Vec<(Day, What)> = facts.collect();
    let months_of = |months: Option<u8>| months.map_or(by_mode, u64::from);
    let (mut amount_left, mut months_left) = (0i64, 0u64);
    for (_, what) in &facts {
        if let What::Premium(amount, months) = what {
            amount_left += amount;
            months_left += months_of(*months);
        }
    }
    let policy = name.clone();
    let mut bodies = Vec::new();
    for (on, what) in facts {
        let policy = policy.clone();
        let body = match what {
            What::Premium(amount, months) => {
                Body::PremiumPaid(PremiumPaid { policy, amount: Cents(amount), months })
            }
            What::Reversal(amount, months) => {
                if amount > amount_left || months_of(months) > months_left {
                    continue;
                }
                amount_left -= amount;
                months_left -= months_of(months);
                Body::PremiumReversed(PremiumReversed { policy, amount: Cents(amount), months, reason: None })
            }
            What::Stop(reason) => Body::PolicyStopped(PolicyStopped { policy, reason }),
            What::Reinstatement => Body::PolicyReinstated(PolicyReinstated { policy }),
            What::Chargeback(amount) => Body::ChargebackRecorded(ChargebackRecorded {
                policy,
                producer: code("A"),
                amount: Cents(amount),
                reason: "audit".to_owned(),
            }),
        };
        bodies.push(fact(on, body));
    }
    bodies
}

fn setups() -> impl Strategy<Value = Vec<Fact>> {
    let advance = (0..=12u8, prop_oneof![2 => Just(None), 1 => (1..200_000i64).prop_map(|c| Some(Cents(c)))])
        .prop_map(|(months, cap)| AdvanceTerms { months, cap });
    let rules = prop::sample::select(vec!["pro_rata", "full", "none", "percent:0.70", "percent:0.333"]);
    let rows = prop::collection::vec((prop::sample::select(StopReason::ALL), 0..14u16, rules), 0..6);
    (prop::collection::vec(advance, 10), rows, 0..200u32).prop_map(|(advances, rows, thousandths)| {
        let start = Day(FIRST_DAY.0 - 1_000);
        let mut setup = vec![];
        for carrier in ["C1", "C2"] {
            setup.push(fact(start, Body::CarrierAdded(CarrierAdded { carrier: code(carrier) })));
        }
        for (producer, kind) in [
            ("IMO", ProducerKind::Imo),
            ("GA", ProducerKind::Agency),
            ("LOW", ProducerKind::Agency),
            ("A", ProducerKind::Agent),
            ("B", ProducerKind::Agent),
        ] {
            setup.push(fact(start, Body::ProducerAdded(ProducerAdded { producer: code(producer), kind })));
        }
        let chargeback: Vec<ChargebackRow> = rows
            .iter()
            .map(|(reason, months, rule)| ChargebackRow {
                reason: *reason,
                months: Span { first: 0, last: Some(*months) },
                rule: Rule::parse(rule).unwrap(),
            })
            .collect();
        let odd = format!("0.{:03}", thousandths + 700);
        for carrier in ["C1", "C2"] {
            let band =
                |years: &str, text: &str| Band { years: Span::parse(years).unwrap(), rate: rate(text) };
            let level =
                |l: &str, first: &str, later: &str| (code(l), vec![band("1", first), band("2-3", later)]);
            let levels = vec![
                level("100", &odd, "0.02"),
                level("110", "1.025", "0.0333"),
                level("120", "1.2", "0.01"),
                level("140", "1.4", "0.05"),
            ];
            let (line, chargeback) = (None, chargeback.clone());
            let chargeback_months =
                if carrier == "C1" { ChargebackMonths::Paid } else { ChargebackMonths::Elapsed };
            let (carrier, product) = (code(carrier), code("FE"));
            let grid = Grid { carrier, product, line, levels, chargeback, chargeback_months };
            setup.push(fact(start, Body::GridPublished(Box::new(grid))));
        }
        // LOW stands above A at a lower level: it earns nothing, and IMO takes the whole difference.
        let contracts = [
            ("IMO", "140", None),
            ("GA", "120", Some("IMO")),
            ("LOW", "100", Some("GA")),
            ("A", "110", Some("LOW")),
            { ("B", "100", Some("GA")) },
        ];
        let mut advances = advances.into_iter();
        for carrier in ["C1", "C2"] {
            for (producer, level, upline) in contracts {
                setup.push(fact(
                    start,
                    Body::ProducerContracted(ProducerContracted {
                        producer: code(producer),
                        carrier: code(carrier),
                        level: code(level),
                        upline: upline.map(code),
                        advance: advances.next().unwrap_or_default(),
                    }),
                ));
            }
        }
        for (definition, terms) in definitions() {
            setup.push(fact(start, Body::PersistencyDefined(PersistencyDefined { definition, terms })));
        }
        setup
    })
}
