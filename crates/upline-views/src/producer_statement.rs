//! Producers' statements of a month: where each stood, what moved it, where it stands (rules §10).
//!
//! # Shape
//! One pass over the log, for one producer or for all. Of what is dated before the month only the sums are kept; of what is dated in it a line
//! for each posting that touches a producer's accounts, with a sentence why. What counts is the day that an entry
//! is dated on: what a closed period moved stands in the month that it was moved to.
//!
//! The roll-forward says in rows what the lines say one by one. It shows what was earned whole: what of it paid off
//! an advance comes in with `earned` and leaves again with `recovered`, as clerks read it. Lines have it as it was
//! posted.
//!
//! # Correctness
//! Each posting adds to one row what it adds to the ending (`earned` and `recovered` are its two parts), so every
//! column adds up from the beginning to the ending. `producer_statement.rs` of the tests compares both ends with the
//! balances, and the lines and rows with their difference.

use crate::balance::{Figure, Figures, place_of};
use crate::coverage::{self, Decisions};
use crate::period::Period;
use crate::projection::{Projection, Seen};
use crate::reasons::Reasons;
use hashbrown::HashSet;
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::{Body, ProducerAdded};
use upline_core::money::Total;
use upline_core::names::{Code, PolicyName, ProducerId};
use upline_core::posting::{Account, Posting, PostingKind};
use upline_core::premium_status::Overflow;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;

/// What stands on a producer's accounts, or moves them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// The figures of its balance, each in its natural sign.
    pub figures: Figures,
    /// Rolled-up debt that it owes its upline; negative at the upline, which may claim it. Not in the net.
    pub recourse: Total,
}

impl Amounts {
    fn add(&mut self, other: &Amounts) {
        let f = other.figures;
        for (figure, amount) in [
            (Figure::Payable, f.payable),
            (Figure::Unearned, f.unearned),
            (Figure::Debt, f.debt),
            (Figure::Leads, f.leads),
            (Figure::Reserve, f.reserve),
        ] {
            self.figures.add(figure, amount.0);
        }
        self.recourse += other.recourse;
    }

    /// True when nothing stands there, or moves.
    pub fn is_zero(&self) -> bool {
        *self == Amounts::default()
    }
}

/// A row of the roll-forward between the beginning and the ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Movement {
    /// Advances at issue.
    NewAdvances,
    /// Earned, against advances and beyond them.
    Earned,
    /// What of that paid off advances.
    Recovered,
    /// Charged back, by the ledger's rules and as carriers assert.
    Chargebacks,
    /// Chargebacks that were covered.
    Covered,
    /// Debt that moved up, from the producer or to it.
    RolledUp,
    /// Leads bought on credit, less those credited.
    Leads,
    /// Repayments, of debt and beyond it.
    Repayments,
    /// Adjustments by hand.
    Adjustments,
    /// Taken from payouts for leads.
    LeadsRecovered,
    /// Taken from payouts for chargebacks.
    DebtRecovered,
    /// Withheld from payouts.
    Reserved,
    PaidOut,
    /// Paid by carriers themselves.
    PaidByCarriers,
    /// Payouts that came back from the bank.
    Returned,
    /// Balances that were brought along.
    Opening,
    /// Carriers' figures that were accepted.
    Accepted,
}

impl Movement {
    /// Every row, as they stand below each other.
    pub const ALL: [Movement; 17] = [
        Movement::NewAdvances,
        Movement::Earned,
        Movement::Recovered,
        Movement::Chargebacks,
        Movement::Covered,
        Movement::RolledUp,
        Movement::Leads,
        Movement::Repayments,
        Movement::Adjustments,
        Movement::LeadsRecovered,
        Movement::DebtRecovered,
        Movement::Reserved,
        Movement::PaidOut,
        Movement::PaidByCarriers,
        Movement::Returned,
        Movement::Opening,
        Movement::Accepted,
    ];

    /// Whether the row is left out where nothing moved: what few producers have.
    fn is_rare(self) -> bool {
        matches!(self, Movement::PaidByCarriers | Movement::Returned | Movement::Opening | Movement::Accepted)
    }

    /// The name that answers use.
    pub fn as_str(self) -> &'static str {
        match self {
            Movement::NewAdvances => "new_advances",
            Movement::Earned => "earned",
            Movement::Recovered => "recovered",
            Movement::Chargebacks => "chargebacks",
            Movement::Covered => "covered",
            Movement::RolledUp => "rolled_up",
            Movement::Leads => "leads",
            Movement::Repayments => "repayments",
            Movement::Adjustments => "adjustments",
            Movement::LeadsRecovered => "leads_recovered",
            Movement::DebtRecovered => "debt_recovered",
            Movement::Reserved => "reserved",
            Movement::PaidOut => "paid_out",
            Movement::PaidByCarriers => "paid_by_carriers",
            Movement::Returned => "returned",
            Movement::Opening => "opening",
            Movement::Accepted => "accepted",
        }
    }

    fn of(kind: PostingKind) -> Movement {
        match kind {
            PostingKind::Advance => Movement::NewAdvances,
            PostingKind::EarnedAgainst => Movement::Recovered,
            PostingKind::EarnedBeyond => Movement::Earned,
            PostingKind::Chargeback | PostingKind::CarrierChargeback => Movement::Chargebacks,
            PostingKind::Covered | PostingKind::CoveredDirectly => Movement::Covered,
            PostingKind::RolledUp | PostingKind::Recourse => Movement::RolledUp,
            PostingKind::LeadsCharged | PostingKind::LeadsCredited => Movement::Leads,
            PostingKind::Repaid | PostingKind::RepaidBeyond => Movement::Repayments,
            PostingKind::AdjustedPayable
            | PostingKind::AdjustedDebt
            | PostingKind::AdjustedLeads
            | PostingKind::AdjustedReserve => Movement::Adjustments,
            PostingKind::PaidLeads => Movement::LeadsRecovered,
            PostingKind::PaidDebt | PostingKind::PaidDebtByCarrier => Movement::DebtRecovered,
            PostingKind::Withheld => Movement::Reserved,
            // From one payable of the producer to another.
            PostingKind::PaidOut | PostingKind::PartTaken | PostingKind::PartTakenByCarrier => {
                Movement::PaidOut
            }
            PostingKind::PaidByCarrier => Movement::PaidByCarriers,
            PostingKind::Returned => Movement::Returned,
            PostingKind::OpenedPayable
            | PostingKind::OpenedDebt
            | PostingKind::OpenedLeads
            | PostingKind::OpenedReserve => Movement::Opening,
            // The last two are of no producer.
            PostingKind::AcceptedPayable
            | PostingKind::AcceptedDebt
            | PostingKind::WrittenOff
            | PostingKind::Deposited => Movement::Accepted,
        }
    }
}

/// A posting of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementEntry {
    /// The day on which it counts.
    pub dated: Day,
    pub policy: Option<PolicyName>,
    /// The type of the event that made it.
    pub type_name: &'static str,
    /// Where that event stands in the log.
    pub position: Position,
    /// What it moves.
    pub amounts: Amounts,
    pub why: String,
}

/// What happened to a producer's accounts in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementOfMonth {
    /// Before the first day.
    pub beginning: Amounts,
    /// What moved, by row; one that nothing moved is zero.
    pub rows: Vec<(Movement, Amounts)>,
    /// After the last day.
    pub ending: Amounts,
    /// What moved, one by one: by date, then in the order of the log.
    pub lines: Vec<StatementEntry>,
    /// The decisions that the month's chargebacks were covered by, or not, as they stand on its last day.
    pub decisions: Vec<coverage::CoverageRow>,
}

/// Collects the statements of a month: of one producer, or of all.
#[derive(Debug)]
pub struct StatementProjection {
    /// Whose; everybody's where nobody is named.
    of: Option<Code>,
    period: Period,
    reasons: Reasons,
    decisions: Decisions,
    months: BTreeMap<ProducerId, MonthOf>,
    /// Until when periods are closed.
    closed: Option<Day>,
    /// The decisions about chargebacks that are dated in the month, by position.
    decided: HashSet<Position>,
}

/// The month of a producer.
#[derive(Debug, Default)]
struct MonthOf {
    beginning: Amounts,
    ending: Amounts,
    rows: BTreeMap<Movement, Amounts>,
    lines: Vec<StatementEntry>,
    /// The policies with a chargeback or a cover in the month.
    charged_back: HashSet<PolicyName>,
}

impl StatementProjection {
    /// The statements for a period, as known at a position: of one producer, or of all.
    pub fn new(of: Option<Code>, period: Period, known: Position) -> StatementProjection {
        StatementProjection {
            of,
            decisions: Decisions::new(AsOf { effective: period.last, known }),
            period,
            reasons: Reasons::default(),
            months: BTreeMap::new(),
            closed: None,
            decided: HashSet::new(),
        }
    }

    /// The statements, in the order of their producers' codes, with the reference data that the log gave.
    pub fn statements(
        mut self,
        reference: &ReferenceData,
    ) -> Result<BTreeMap<Code, StatementOfMonth>, Overflow> {
        let mut decided: BTreeMap<Code, Vec<coverage::CoverageRow>> = BTreeMap::new();
        for row in self.decisions.rows(reference)? {
            decided.entry(row.producer.clone()).or_default().push(row);
        }
        let mut statements = BTreeMap::new();
        for (id, month) in self.months {
            let Some(producer) = reference.producers().name(id) else { continue };
            let mut decisions = decided.remove(producer).unwrap_or_default();
            decisions.retain(|row| {
                self.decided.contains(&row.position) || month.charged_back.contains(&row.policy)
            });
            statements.insert(producer.clone(), month.statement(decisions));
        }
        Ok(statements)
    }

    /// The day on which an entry of this effective date would be dated now (rules §9).
    fn open_day(&self, on: Day) -> Day {
        self.closed.map_or(on, |closed| on.max(closed.next()))
    }
}

impl MonthOf {
    fn statement(mut self, decisions: Vec<coverage::CoverageRow>) -> StatementOfMonth {
        self.lines.sort_by_key(|line| line.dated);
        let row = |movement| (movement, self.rows.get(&movement).copied().unwrap_or_default());
        StatementOfMonth {
            beginning: self.beginning,
            rows: Movement::ALL
                .map(row)
                .into_iter()
                .filter(|(movement, amounts)| !movement.is_rare() || !amounts.is_zero())
                .collect(),
            ending: self.ending,
            lines: self.lines,
            decisions,
        }
    }

    /// Adds what a posting of the month moves to the rows.
    fn add_to_rows(&mut self, kind: PostingKind, moved: &Amounts) {
        let mut moved = *moved;
        if kind == PostingKind::EarnedAgainst {
            // It comes in as cash and goes out for the advance.
            let earned = -moved.figures.unearned;
            moved.figures.payable = -earned;
            let whole =
                Amounts { figures: Figures { payable: earned, ..Figures::default() }, ..Amounts::default() };
            self.rows.entry(Movement::Earned).or_default().add(&whole);
        }
        self.rows.entry(Movement::of(kind)).or_default().add(&moved);
    }
}

/// What a posting moves on the accounts of producers: of one, or of the two that debt rolls up between.
fn moved(reference: &ReferenceData, posting: &Posting) -> impl Iterator<Item = (ProducerId, Amounts)> {
    // From one payable of the producer to another.
    let between_payables = matches!(posting.kind, PostingKind::PartTaken | PostingKind::PartTakenByCarrier);
    let accounts = reference.accounts(posting).filter(|_| !between_payables);
    let amount = Total::from(posting.amount);
    let mut sides = [None, None];
    let all = accounts.into_iter().flat_map(|(debit, credit)| [(debit, amount), (credit, -amount)]);
    for (side, (account, debited)) in sides.iter_mut().zip(all) {
        let mut moved = Amounts::default();
        if let Account::Recourse(owner) = account {
            moved.recourse += debited;
            *side = Some((owner, moved));
        } else if let Some(place) = place_of(account) {
            moved.figures.add(place.figure, debited.0 * i128::from(place.natural));
            *side = Some((place.producer, moved));
        }
    }
    if let [Some((first, of_first)), Some((second, of_second))] = &mut sides
        && first == second
    {
        of_first.add(of_second);
        sides = [sides[0], None];
    }
    sides.into_iter().flatten()
}

impl Projection for StatementProjection {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { reference, position, event, policy, postings } = *seen;
        self.decisions.apply(seen);
        if let Some(policy) = policy {
            self.reasons.event(position, event, policy);
        }
        match &event.body {
            Body::PeriodClosed => self.closed = self.closed.max(Some(event.on)),
            Body::ChargebackCovered(_) if self.period.contains(self.open_day(event.on)) => {
                self.decided.insert(position);
            }
            Body::ProducerAdded(ProducerAdded { producer, .. })
                if self.of.as_ref().is_none_or(|of| of == producer) =>
            {
                if let Some(id) = reference.producers().find(producer) {
                    self.months.entry(id).or_default();
                }
            }
            _ => {}
        }
        for posting in postings {
            let mut counted = false;
            for (producer, moved) in moved(reference, posting) {
                let Some(month) = self.months.get_mut(&producer) else { continue };
                if !counted {
                    self.reasons.posting(posting);
                    counted = true;
                }
                if posting.dated > self.period.last {
                    continue;
                }
                month.ending.add(&moved);
                if posting.dated < self.period.first {
                    month.beginning.add(&moved);
                    continue;
                }
                month.add_to_rows(posting.kind, &moved);
                let policy = posting.policy.and_then(|id| reference.policy_name(id));
                if matches!(
                    posting.kind,
                    PostingKind::Chargeback
                        | PostingKind::CarrierChargeback
                        | PostingKind::Covered
                        | PostingKind::CoveredDirectly
                ) {
                    month.charged_back.extend(policy.clone());
                }
                month.lines.push(StatementEntry {
                    dated: posting.dated,
                    policy,
                    type_name: event.body.type_name(),
                    position,
                    amounts: moved,
                    why: self.reasons.why(reference, event, posting),
                });
            }
        }
    }
}
