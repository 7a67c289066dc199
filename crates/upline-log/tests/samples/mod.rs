//! Events to test with: one of each type, and any number drawn from a seed.
#![allow(dead_code)] // each test file uses a part

use std::sync::Arc;
use upline_core::chain::{AdvanceTerms, FrozenChain, FrozenPlace};
use upline_core::coverage::{CoverageDecision, Reason, Tier};
use upline_core::event::{Batch, Event, Identity};
use upline_core::fact::*;
use upline_core::grid::*;
use upline_core::money::Cents;
use upline_core::names::*;
use upline_core::persistency::*;
use upline_core::posting::{Party, Posting, PostingKind};
use upline_core::rate::Rate;
use upline_core::statement::*;
use upline_core::time::{Day, Moment, Month};
use upline_log::{event_bytes, event_from_bytes};
use uuid::Uuid;

pub const EVENT_TYPES: u64 = 47;

/// The bytes of an event, for ever.
pub fn check(event: Event, postings: &[Posting], golden: &str) {
    let bytes = event_bytes(&event, postings).unwrap();
    assert_eq!(hex(&bytes), golden, "{}", event.body.type_name());
    assert_eq!(event_from_bytes(&bytes_of(golden)).unwrap(), (event, postings.to_vec()));
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

pub fn event(body: Body<ById>) -> Event {
    Event {
        on: Day::parse("2026-07-01").unwrap(),
        recorded_at: Moment::parse("2026-07-02T03:04:05.678901Z").unwrap(),
        identity: Identity::Derived { ordinal: 1 },
        origin: Some(Arc::from("july.csv")),
        remarks: None,
        body,
    }
}

pub fn premium(policy: u32, cents: i64) -> Event {
    event(Body::PremiumPaid(PremiumPaid { policy: PolicyId(policy), amount: Cents(cents), months: None }))
}

pub fn posting(policy: u32, kind: PostingKind, payee: u16, cents: i64) -> Posting {
    let (policy, on) = (Some(PolicyId(policy)), Day::parse("2026-07-01").unwrap());
    Posting { kind, policy, party: Party::Payee(payee), dated: on, due: on, amount: Cents(cents) }
}

/// Premiums of a book, each with four postings.
pub fn premiums(seed: u64, count: u64) -> Batch {
    let mut dice = Dice::new(seed);
    let mut batch = Batch::default();
    let origin: Arc<str> = Arc::from("july.csv");
    for _ in 0..count {
        let cents = 2_000 + dice.below(30_000) as i64;
        let policy = dice.below(100_000) as u32;
        let mut event = premium(policy, cents);
        event.on = Day(event.on.0 + dice.below(30) as i32);
        event.origin = Some(Arc::clone(&origin));
        let postings = [120, 10, 5, 5].iter().enumerate().map(|(payee, percent)| Posting {
            dated: event.on,
            due: event.on,
            ..posting(policy, PostingKind::EarnedAgainst, payee as u16, cents * percent / 100)
        });
        let postings: Vec<Posting> = postings.collect();
        batch.push(event, postings);
    }
    batch
}

/// A small generator, so that a seed names a history for ever.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        if self.below(2) == 0 { None } else { Some(make(self)) }
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn some<T>(&mut self, mut make: impl FnMut(&mut Dice) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    /// All sizes of numbers, the edges included.
    fn wide(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(300),
            1 => self.of(&[0, 250, 251, 65_535, 65_536, u64::from(u32::MAX), u64::MAX]),
            _ => {
                let shift = self.below(64);
                self.next() >> shift
            }
        }
    }

    fn id(&mut self) -> u32 {
        self.wide() as u32
    }

    fn cents(&mut self) -> Cents {
        Cents(self.wide() as i64)
    }

    fn code(&mut self) -> Code {
        let longest = self.of(&[1, 8, 64]);
        let length = 1 + self.below(longest) as usize;
        let letters = b"ABCxyz019-_.:";
        let text: String = (0..length).map(|_| char::from(self.of(letters))).collect();
        code(&text)
    }

    fn sha256(&mut self) -> Code {
        let text: String = (0..64).map(|_| char::from(self.of(b"0123456789abcdef"))).collect();
        code(&text)
    }

    fn text(&mut self) -> String {
        let letters = ['a', 'Z', '0', ' ', 'ä', '€', '🙂', '\n', '\0'];
        (0..self.below(40)).map(|_| self.of(&letters)).collect()
    }

    fn rate(&mut self) -> Rate {
        match self.below(3) {
            0 => self.of(&[Rate::ZERO, Rate::ONE, Rate::MAX, rate("7.9228162514264337593543950335")]),
            _ => Rate::from_parts(self.below(20_000) as i128, 4).unwrap(),
        }
    }

    fn rule(&mut self) -> Rule {
        let percent = Rule::Percent(self.rate());
        self.of(&[Rule::ProRata, Rule::Full, Rule::None, percent])
    }

    fn span(&mut self) -> Span {
        Span { first: self.wide() as u16, last: self.maybe(|dice| dice.wide() as u16) }
    }

    fn weight(&mut self) -> Weight {
        let mut bytes = [0; 32];
        match self.below(8) {
            0 => {}
            1 => return Weight::ONE,
            2 => (bytes[0], bytes[1], bytes[31]) = (0x7f, 0xff, 0xff),
            _ => {
                let zeros = self.below(32) as usize;
                bytes[zeros..].fill_with(|| self.wide() as u8);
                bytes[0] &= 0x7f;
            }
        }
        Weight::from_bytes(bytes).unwrap()
    }

    fn frozen(&mut self) -> FrozenChain {
        FrozenChain {
            grid: GridId(self.id()),
            sides: self.some(|dice| {
                dice.some(|dice| FrozenPlace {
                    producer: ProducerId(dice.id()),
                    level: dice.code(),
                    advance: dice.advance(),
                    assigned: dice.rarely(|dice| Assigned { to: ProducerId(dice.id()), keeps: dice.rate() }),
                })
            }),
        }
    }

    fn tier(&mut self) -> Tier {
        Tier { above: self.rate(), cover: self.rate() }
    }

    fn decision(&mut self) -> CoverageDecision<ById> {
        CoverageDecision {
            policy: PolicyId(self.id()),
            producer: ProducerId(self.id()),
            side: self.maybe(|dice| dice.wide() as u16),
            stop: self.wide(),
            chargeback: self.cents(),
            covered: self.cents(),
            payer: ProducerId(self.id()),
            plan: self.code(),
            plan_version: self.wide(),
            definition: self.code(),
            definition_version: self.wide(),
            basis: self.of(Basis::ALL),
            persistency: Tally {
                cohort: self.wide(),
                surviving: self.wide(),
                cohort_weight: self.weight(),
                surviving_weight: self.weight(),
            },
            tier: self.maybe(Dice::tier),
            reason: self.of(Reason::ALL),
        }
    }

    /// Mostly nothing: what a type could not say at first.
    fn rarely<T>(&mut self, some: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        if self.below(4) == 0 { Some(some(self)) } else { None }
    }

    fn advance(&mut self) -> AdvanceTerms {
        AdvanceTerms { months: self.wide() as u8, cap: self.maybe(Dice::cents) }
    }

    pub fn body(&mut self, event_type: u64) -> Body<ById> {
        let producer = ProducerId(self.id());
        let carrier = CarrierId(self.id());
        let policy = PolicyId(self.id());
        match event_type {
            1 => Body::CarrierAdded(CarrierAdded { carrier: self.code() }),
            2 => {
                Body::ProducerAdded(ProducerAdded { producer: self.code(), kind: self.of(ProducerKind::ALL) })
            }
            3 => Body::GridPublished(Box::new(Grid {
                carrier,
                product: self.code(),
                line: self.maybe(|dice| dice.of(LineOfBusiness::ALL)),
                levels: self.some(|dice| {
                    let bands = |dice: &mut Dice| Band { years: dice.span(), rate: dice.rate() };
                    (dice.code(), dice.some(bands))
                }),
                chargeback: self.some(|dice| ChargebackRow {
                    reason: dice.of(StopReason::ALL),
                    months: dice.span(),
                    rule: dice.rule(),
                }),
                chargeback_months: self.of(ChargebackMonths::ALL),
            })),
            4 => Body::ProducerContracted(ProducerContracted {
                producer,
                carrier,
                level: self.code(),
                upline: self.maybe(|dice| ProducerId(dice.id())),
                advance: self.advance(),
            }),
            5 => Body::ContractChanged(ContractChanged {
                producer,
                carrier,
                level: self.maybe(Dice::code),
                upline: self.maybe(|dice| dice.maybe(|dice| ProducerId(dice.id()))),
                advance: self.maybe(Dice::advance),
            }),
            6 => Body::PersistencyDefined(PersistencyDefined {
                definition: self.code(),
                terms: Definition {
                    basis: self.of(Basis::ALL),
                    from_months: self.wide() as u16,
                    to_months: self.wide() as u16,
                    survive: self.of(Survival::ALL),
                    exclude: self.some(|dice| dice.of(StopReason::ALL)),
                },
            }),
            7 => Body::CoveragePlanPublished(Box::new(CoveragePlan {
                plan: self.code(),
                definition: self.code(),
                payer: producer,
                tiers: self.some(Dice::tier),
            })),
            8 => Body::CoverageEnrolled(CoverageEnrolled { producer, plan: self.code() }),
            9 => Body::CoverageWithdrawn(CoverageWithdrawn { producer, plan: self.code() }),
            10 => Body::PolicyIssued(Box::new(PolicyIssued {
                carrier,
                number: Code::parse_policy_number(&format!("{}/7", self.below(1_000_000))).unwrap(),
                product: self.code(),
                annual_premium: self.cents(),
                mode: self.of(&[Mode::Monthly, Mode::Quarterly, Mode::Semiannual, Mode::Annual]),
                writing: self.some(|dice| Writing { producer: ProducerId(dice.id()), share: dice.rate() }),
                state: self.maybe(Dice::text),
                issue_age: self.maybe(|dice| dice.wide() as u8),
                frozen: self.frozen(),
            })),
            11 => Body::PremiumPaid(PremiumPaid {
                policy,
                amount: self.cents(),
                months: self.maybe(|d| d.wide() as u8),
            }),
            12 => Body::PremiumReversed(PremiumReversed {
                policy,
                amount: self.cents(),
                months: self.maybe(|dice| dice.wide() as u8),
                reason: self.maybe(|dice| {
                    dice.of(&[ReversalReason::Nsf, ReversalReason::Refund, ReversalReason::Error])
                }),
            }),
            13 => Body::PolicyStopped(PolicyStopped { policy, reason: self.of(StopReason::ALL) }),
            14 => Body::PolicyReinstated(PolicyReinstated { policy }),
            15 => Body::ChargebackRecorded(ChargebackRecorded {
                policy,
                producer,
                amount: self.cents(),
                reason: self.text(),
            }),
            16 => Body::ChargebackAssessed(ChargebackAssessed {
                policy,
                producer,
                payee: self.wide() as u16,
                stop: self.wide(),
                amount: self.cents(),
                rule: self.rule(),
                kept: self.cents(),
            }),
            17 => Body::AgentReleased(AgentReleased {
                producer,
                carrier: self.maybe(|_| carrier),
                vesting: self.of(Vesting::ALL),
                debt: self.of(DebtTerms::ALL),
                reason: self.maybe(Dice::text),
            }),
            18 => Body::DebtRolledUp(DebtRolledUp { producer, carrier }),
            19 => Body::PolicyRestated(Box::new(PolicyRestated {
                policy,
                correction: self.code(),
                chain: match self.below(4) {
                    0 => RestatedChain::Contracts,
                    1 => RestatedChain::Same,
                    _ => {
                        let link = |dice: &mut Dice| ChainLink {
                            producer: ProducerId(dice.id()),
                            level: dice.code(),
                        };
                        RestatedChain::Places(self.some(|dice| dice.some(link)))
                    }
                },
                issue: self.rarely(|dice| {
                    Box::new(CorrectedIssue {
                        on: dice.maybe(|dice| Day(dice.wide() as i32)),
                        product: dice.maybe(Dice::code),
                        annual_premium: dice.maybe(Dice::cents),
                        mode: dice.maybe(|dice| dice.of(Mode::ALL)),
                        state: dice.maybe(Dice::text),
                        issue_age: dice.maybe(|dice| dice.below(256) as u8),
                        number: dice.maybe(Dice::code),
                    })
                }),
                frozen: self.frozen(),
            })),
            20 => {
                let carrier = self.maybe(|_| carrier);
                Body::RepaymentReceived(RepaymentReceived { producer, carrier, amount: self.cents() })
            }
            21 => Body::LeadLineSet(LeadLineSet { producer, limit: self.cents() }),
            22 => Body::LeadCharged(LeadCharged { producer, amount: self.cents() }),
            23 => Body::LeadCredited(LeadCredited { producer, amount: self.cents() }),
            24 => Body::AdjustmentPosted(Box::new(AdjustmentPosted {
                producer,
                carrier: self.maybe(|_| carrier),
                account: self.of(AdjustedAccount::ALL),
                amount: self.cents(),
                code: self.code(),
                approved_by: self.text(),
            })),
            25 => Body::PeriodClosed,
            26 => Body::ChargebackCovered(Box::new(self.decision())),
            27 => Body::DebtMoved(DebtMoved {
                policy,
                from: producer,
                to: ProducerId(self.id()),
                amount: self.cents(),
            }),
            28 => Body::PayoutTermsSet(PayoutTermsSet {
                producer: self.maybe(|_| producer),
                terms: PayoutTerms {
                    minimum: self.cents(),
                    reserve: self.some(|dice| ReserveTier { to: dice.cents(), rate: dice.rate() }),
                    basis: self.of(PayoutBasis::ALL),
                },
            }),
            29 => Body::PayoutHeld(PayoutHeld { producer, reason: self.of(HoldReason::ALL) }),
            30 => Body::HoldLifted(HoldLifted { producer, reason: self.of(HoldReason::ALL) }),
            31 => Body::PayoutMade(Box::new(PayoutMade {
                producer,
                payable: self.cents(),
                leads: self.cents(),
                debt: self.cents(),
                reserve: self.cents(),
                paid_by: self.rarely(|_| carrier),
                parts: self.rarely(|dice| {
                    dice.some(|dice| PayoutPart {
                        carrier: dice.maybe(|dice| CarrierId(dice.id())),
                        amount: dice.cents(),
                    })
                }),
                returned: self.rarely(Dice::cents).unwrap_or_default(),
            })),
            32 => Body::StatementReceived(Box::new(StatementReceived {
                file: self.sha256(),
                profile: self.code(),
                version: self.id(),
                profile_file: self.sha256(),
                period: Month(self.below(3_600) as u16),
                lines: self.id(),
                total: self.cents(),
                replaces: self.rarely(Dice::sha256),
            })),
            33 => Body::ExceptionResolved(Box::new(ExceptionResolved {
                statement: self.sha256(),
                exception: self.code(),
                class: self.of(Class::ALL),
                difference: self.cents(),
                reason: self.of(Resolution::ALL),
                resolved_by: self.text(),
                about: self.rarely(|dice| {
                    Box::new(About {
                        carrier,
                        kind: dice.of(LineKind::ALL),
                        producer: dice.maybe(|_| producer),
                        policy: dice.maybe(|_| policy),
                        of: dice.maybe(|dice| ProducerId(dice.id())),
                    })
                }),
            })),
            34 => Body::BankDetailsSet(Box::new(BankDetailsSet {
                producer,
                commitment: self.sha256(),
                approved_by: self.text(),
                hold_days: self.maybe(|dice| dice.below(256) as u8),
            })),
            35 => Body::PaymentFileWritten(Box::new(PaymentFileWritten {
                run: self.wide(),
                file: self.sha256(),
                pay_on: Day(self.below(100_000) as i32 - 25_567),
                total: self.cents(),
                credits: self.id(),
                originator: self.sha256(),
                accounts: self.sha256(),
            })),
            36 => Body::PersonalDataErased(PersonalDataErased {
                kind: self.of(DirectoryKind::ALL),
                code: self.code(),
            }),
            37 => Body::ActionProposed(Box::new(ActionProposed {
                proposal: self.code(),
                action: self.of(Action::ALL),
                commitment: self.sha256(),
            })),
            38 => {
                Body::ActionDecided(ActionDecided { proposal: self.code(), decision: self.of(Decision::ALL) })
            }
            39 => Body::HouseSet(HouseSet { producer: self.maybe(|_| producer) }),
            40 => Body::RouteSet(RouteSet {
                producer: self.maybe(|_| producer),
                carrier: self.maybe(|_| carrier),
                paid_by: self.of(PaidBy::ALL),
            }),
            41 => {
                let (to, keeps) = (ProducerId(self.id()), self.rate());
                Body::CommissionAssigned(CommissionAssigned { producer, carrier, to, keeps })
            }
            42 => Body::AssignmentEnded(AssignmentEnded { producer, carrier }),
            43 => Body::OpeningPosted(Box::new(OpeningPosted {
                producer,
                carrier: self.maybe(|_| carrier),
                policy: self.maybe(|_| policy),
                account: self.of(AdjustedAccount::ALL),
                amount: self.cents(),
            })),
            44 => {
                let id = Uuid::from_u128(u128::from(self.next()) << 64 | 9);
                Body::PayoutReturned(Box::new(PayoutReturned {
                    payout: PayoutName { position: self.wide(), id, producer },
                    code: self.code(),
                    amount: self.maybe(Dice::cents),
                }))
            }
            45 => Body::CarrierPays(CarrierPays { carrier, line: self.of(PaysLine::ALL) }),
            46 => Body::CarrierDeposit(Box::new(CarrierDeposit {
                carrier,
                amount: self.cents(),
                reference: self.text(),
                statement: self.maybe(Dice::sha256),
            })),
            47 => Body::StatementVoided(StatementVoided { statement: self.sha256() }),
            other => unreachable!("event type {other}"),
        }
    }

    pub fn event(&mut self, event_type: u64, recorded_at: Moment) -> Event {
        let identity = match self.below(3) {
            0 => Identity::Given(Uuid::from_u128(u128::from(self.next()) << 64 | 7)),
            1 => Identity::Derived { ordinal: self.id() },
            _ => Identity::Caused { by: self.wide(), ordinal: self.id() },
        };
        let remarks = |dice: &mut Dice| {
            let (source, note, actor) =
                (dice.maybe(Dice::text), dice.maybe(Dice::text), dice.maybe(Dice::text));
            Box::new(Remarks { source, note, actor })
        };
        Event {
            on: Day(self.wide() as i32),
            recorded_at,
            identity,
            origin: self.maybe(|dice| Arc::from(dice.text())),
            remarks: self.maybe(remarks),
            body: self.body(event_type),
        }
    }

    /// Postings of an event, mostly on the policy that it is about.
    pub fn postings(&mut self, event: &Event) -> Vec<Posting> {
        let own = match &event.body {
            Body::PremiumPaid(PremiumPaid { policy, .. })
            | Body::PremiumReversed(PremiumReversed { policy, .. })
            | Body::PolicyStopped(PolicyStopped { policy, .. })
            | Body::PolicyReinstated(PolicyReinstated { policy })
            | Body::DebtMoved(DebtMoved { policy, .. }) => Some(*policy),
            Body::OpeningPosted(opening) => opening.policy,
            Body::ExceptionResolved(resolved) => resolved.about.as_deref().and_then(|about| about.policy),
            Body::PolicyRestated(restated) => Some(restated.policy),
            Body::ChargebackCovered(decision) => Some(decision.policy),
            _ => self.maybe(|dice| PolicyId(dice.id())),
        };
        self.some(|dice| dice.posting(event.on, own))
    }

    fn posting(&mut self, on: Day, own: Option<PolicyId>) -> Posting {
        let other_day = |dice: &mut Dice| Day(dice.wide() as i32);
        let dated = self.maybe(other_day).unwrap_or(on);
        let kind = self.of(PostingKind::ALL);
        Posting {
            kind,
            policy: match self.below(4) {
                0 => None,
                1 => Some(PolicyId(self.id())),
                _ => own,
            },
            party: match self.below(4) {
                0 => Party::Payee(self.wide() as u16),
                1 if kind.is_of_carrier() => Party::Carrier(CarrierId(self.id())),
                1 => Party::Producer(ProducerId(self.id())),
                2 => Party::Pair(ProducerId(self.id()), ProducerId(self.id())),
                _ => Party::Contract(ProducerId(self.id()), self.maybe(|dice| CarrierId(dice.id()))),
            },
            dated,
            due: match self.below(4) {
                0 => on,
                1 => other_day(self),
                _ => dated,
            },
            amount: self.cents(),
        }
    }

    /// Events of all types, recorded at this moment.
    pub fn batch(&mut self, count: u64, recorded_at: Moment) -> Batch {
        let mut batch = Batch::default();
        for _ in 0..count {
            let event_type = 1 + self.below(EVENT_TYPES);
            let event = self.event(event_type, recorded_at);
            let postings = self.postings(&event);
            batch.push(event, postings);
        }
        batch
    }
}
