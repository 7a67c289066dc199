//! A log in the making, and what the reference says about it.

pub(super) use crate::fact::grid::StopReason;
use crate::fact::grid::{Band, ChargebackMonths, ChargebackRow, Rule, Span};
use crate::fact::{
    CarrierAdded, ContractChanged, Mode, PolicyReinstated, PolicyStopped, PremiumPaid, PremiumReversed,
    ProducerAdded, ProducerContracted, ProducerKind, Writing,
};
pub(super) use crate::naive::*;
use crate::recorded::event::Identity;
pub(super) use crate::terms::chain::{AdvanceTerms, FrozenChain};
pub(super) use crate::vocabulary::money::Cents;
pub(super) use crate::vocabulary::rate::Rate;
use crate::vocabulary::time::Moment;

pub(super) const CARRIER: CarrierId = CarrierId(0);
pub(super) const FIRST: &str = "2020-01-01";

/// A log in the making, of one carrier and one product.
pub(super) struct Book {
    pub(super) events: Vec<Event>,
    pub(super) producers: u32,
    policies: u32,
}

pub(super) fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub(super) fn cents(text: &str) -> Cents {
    Cents::parse(text).unwrap()
}

pub(super) fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

impl Book {
    pub(super) fn new() -> Book {
        let mut book = Book { events: Vec::new(), producers: 0, policies: 0 };
        book.push(FIRST, Body::CarrierAdded(CarrierAdded { carrier: code("C1") }));
        book
    }

    /// A book with a grid and, from the top down, producers 0, 1, … each under the one before.
    pub(super) fn with_chain(
        levels: &[(&str, u8)],
        grid: &[(&str, &str)],
        chargeback: &[(&str, &str, &str)],
    ) -> Book {
        let mut book = Book::new();
        book.grid(FIRST, grid, chargeback);
        let mut upline = None;
        for (level, months) in levels {
            upline = Some(book.contracted(level, upline, *months));
        }
        book
    }

    pub(super) fn push(&mut self, on: &str, body: Body<ById>) -> Position {
        let identity = Identity::Derived { ordinal: 1 };
        let on = day(on);
        self.events.push(Event { on, recorded_at: Moment(0), identity, origin: None, remarks: None, body });
        self.events.len() as Position
    }

    /// Levels as "1=1.10 2+=0.02".
    pub(super) fn grid(&mut self, on: &str, levels: &[(&str, &str)], chargeback: &[(&str, &str, &str)]) {
        let band = |text: &str| {
            let (years, r) = text.split_once('=').unwrap();
            Band { years: Span::parse(years).unwrap(), rate: rate(r) }
        };
        let levels =
            levels.iter().map(|(l, bands)| (code(l), bands.split(' ').map(band).collect())).collect();
        let row = |&(reason, months, rule): &(&str, &str, &str)| ChargebackRow {
            reason: StopReason::parse(reason).unwrap(),
            months: Span::parse(months).unwrap(),
            rule: Rule::parse(rule).unwrap(),
        };
        let chargeback = chargeback.iter().map(row).collect();
        let (product, chargeback_months) = (code("FE"), ChargebackMonths::Paid);
        let grid = Grid { carrier: CARRIER, product, line: None, levels, chargeback, chargeback_months };
        self.push(on, Body::GridPublished(Box::new(grid)));
    }

    pub(super) fn contracted(&mut self, level: &str, upline: Option<ProducerId>, months: u8) -> ProducerId {
        let producer = ProducerId(self.producers);
        self.producers += 1;
        let name = code(&format!("A{}", producer.0));
        self.push(FIRST, Body::ProducerAdded(ProducerAdded { producer: name, kind: ProducerKind::Agent }));
        let advance = AdvanceTerms { months, cap: None };
        let level = code(level);
        self.push(
            FIRST,
            Body::ProducerContracted(ProducerContracted {
                producer,
                carrier: CARRIER,
                level,
                upline,
                advance,
            }),
        );
        producer
    }

    pub(super) fn change(
        &mut self,
        on: &str,
        producer: u32,
        level: Option<&str>,
        advance: Option<AdvanceTerms>,
    ) {
        let (producer, level) = (ProducerId(producer), level.map(code));
        self.push(
            on,
            Body::ContractChanged(ContractChanged {
                producer,
                carrier: CARRIER,
                level,
                upline: None,
                advance,
            }),
        );
    }

    pub(super) fn issue(&mut self, on: &str, annual_premium: &str, writing: &[(u32, &str)]) -> PolicyId {
        let policy = PolicyId(self.policies);
        self.policies += 1;
        let writing = writing
            .iter()
            .map(|(producer, share)| Writing { producer: ProducerId(*producer), share: rate(share) })
            .collect();
        let issue = PolicyIssued {
            carrier: CARRIER,
            number: code(&format!("P{}", policy.0)),
            product: code("FE"),
            annual_premium: cents(annual_premium),
            mode: Mode::Monthly,
            writing,
            state: None,
            issue_age: None,
            // Not what was frozen: nobody may look.
            frozen: FrozenChain { grid: GridId(77), sides: Vec::new() },
        };
        self.push(on, Body::PolicyIssued(Box::new(issue)));
        policy
    }

    pub(super) fn pay(&mut self, on: &str, policy: PolicyId, amount: &str, months: u8) {
        self.push(on, Body::PremiumPaid(PremiumPaid { policy, amount: cents(amount), months: Some(months) }));
    }

    /// So many premiums of a month each, the first on the given day.
    pub(super) fn pay_monthly(&mut self, on: &str, policy: PolicyId, amount: &str, times: u32) {
        for n in 0..times {
            let on = day(on).plus_months(n).to_string();
            self.push(&on, Body::PremiumPaid(PremiumPaid { policy, amount: cents(amount), months: None }));
        }
    }

    pub(super) fn reverse(&mut self, on: &str, policy: PolicyId, amount: &str, months: u8) {
        let (amount, months) = (cents(amount), Some(months));
        self.push(on, Body::PremiumReversed(PremiumReversed { policy, amount, months, reason: None }));
    }

    pub(super) fn stop(&mut self, on: &str, policy: PolicyId, reason: &str) {
        self.push(
            on,
            Body::PolicyStopped(PolicyStopped { policy, reason: StopReason::parse(reason).unwrap() }),
        );
    }

    pub(super) fn reinstate(&mut self, on: &str, policy: PolicyId) {
        self.push(on, Body::PolicyReinstated(PolicyReinstated { policy }));
    }

    pub(super) fn log(&self) -> Vec<(Position, &Event)> {
        (1..).zip(&self.events).collect()
    }

    pub(super) fn books(&self, as_of: &str, position: usize) -> Books {
        books(&self.log(), Point { as_of: day(as_of), position: position as Position })
    }

    /// Payable, unearned and debt of a producer, as known at a position.
    pub(super) fn known_balance(&self, producer: u32, as_of: &str, position: usize) -> [String; 3] {
        let books = self.books(as_of, position);
        assert_eq!(books.accounts.values().map(|balance| balance.0).sum::<i128>(), 0, "double entry");
        let (mut payable, mut unearned, mut debt) = (Total::ZERO, Total::ZERO, Total::ZERO);
        for (account, &balance) in &books.accounts {
            match account {
                Account::Payable(p, _) if p.0 == producer => payable += -balance,
                Account::Unearned(p, ..) if p.0 == producer => unearned += balance,
                Account::Debt(p, ..) if p.0 == producer => debt += balance,
                _ => {}
            }
        }
        [payable, unearned, debt].map(|total| total.to_string())
    }

    pub(super) fn balance(&self, producer: u32, as_of: &str) -> [String; 3] {
        self.known_balance(producer, as_of, self.events.len())
    }

    pub(super) fn policy(&self, policy: PolicyId, as_of: &str) -> Policy {
        let at = Point { as_of: day(as_of), position: Position::MAX };
        policies(&self.log(), at).remove(&policy).unwrap()
    }

    /// What the payees of a policy have earned, in order.
    pub(super) fn earned(&self, policy: PolicyId, as_of: &str) -> Vec<String> {
        self.policy(policy, as_of).payees.iter().map(|payee| payee.earned.to_string()).collect()
    }
}

pub(super) const GRID_110: &[(&str, &str)] = &[("110", "1=1.10 2+=0.02")];
pub(super) const GRID_100_120_140: &[(&str, &str)] =
    &[("100", "1=1.00 2+=0.02"), ("120", "1=1.20 2+=0.03"), ("140", "1=1.40 2+=0.05")];

/// A policy of 100.00 a month from January 2025, written by the last producer of the chain.
pub(super) fn hundred_a_month(book: &mut Book, premiums: u32) -> PolicyId {
    let writing = book.producers - 1;
    let policy = book.issue("2025-01-01", "1200.00", &[(writing, "1")]);
    book.pay_monthly("2025-01-01", policy, "100.00", premiums);
    policy
}
