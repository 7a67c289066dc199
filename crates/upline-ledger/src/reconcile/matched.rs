//! Kept statements against what the ledger expects of carriers, in the words of people.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::ReconcileError;
use std::collections::{BTreeMap, HashMap};
use upline_core::event::Position;
use upline_core::fact::PaysLine;
use upline_core::money::{Cents, Total};
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::reconcile::{Expected, LineKind, MatchedRow, PaidLine, PaidStatement, Sums, reconcile};
use upline_core::reference_data::ReferenceData;
use upline_core::statement::{About, Class, Resolution};
use upline_core::time::Day;
use upline_formats::carrier_statement::{CarrierStatement, Profile, Shows, StatementLine, read};
use upline_views::carrier_statements::{CarrierStatements, Received, Resolved};

/// A statement that was read.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Where its receipt stands; none while it is not recorded.
    pub position: Option<Position>,
    /// The SHA-256 of its file.
    pub file: Code,
    /// What read it.
    pub profile: Profile,
    /// What it says.
    pub statement: CarrierStatement,
    /// The first day that it is of.
    pub from: Day,
    /// The last one.
    pub through: Day,
    /// The SHA-256 of the file whose place it takes, while it is not recorded.
    pub replaces: Option<Code>,
}

/// A statement and what became of its lines and of what was expected in its time.
#[derive(Clone, Debug)]
pub struct Reconciled {
    /// The statement.
    pub incoming: Incoming,
    pub rows: Vec<Found>,
    /// The sums of each carrier and payee.
    pub sums: BTreeMap<(String, String), Sums>,
}

/// A line, an expected amount, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it is called by within its statement: `L17`, or `E4711.1` where no line paid it.
    pub exception: String,
    /// The line in the file.
    pub line: Option<u32>,
    pub carrier: String,
    /// The policy number: the ledger's where it is found, else as written.
    pub policy: String,
    /// Whom it pays: the producer's code where it is found, else the writing number.
    pub payee: String,
    pub kind: LineKind,
    /// When it was due, where it was expected.
    pub due: Option<Day>,
    /// When it was paid, where it was.
    pub on: Option<Day>,
    /// What was expected.
    pub expected: Cents,
    /// What was received.
    pub received: Cents,
    /// Received less expected.
    pub difference: Total,
    /// What became of it.
    pub class: Class,
    /// Whether somebody must still look at it.
    pub state: State,
    /// What a decision about it is about, where that can have entries.
    pub about: Option<About<ByCode>>,
    /// Why, in a sentence.
    pub why: String,
}

/// Where an exception stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is none.
    Fine,
    /// Nobody has looked at it.
    Open,
    /// A later statement settled it.
    SettledLater,
    /// Somebody settled it.
    Resolved { reason: Resolution, by: String },
}

impl Reconciled {
    /// How many exceptions nobody has settled.
    pub fn open(&self) -> usize {
        self.rows.iter().filter(|row| row.state == State::Open).count()
    }

    /// Whether no cent is lost between what was expected and what was received.
    pub fn is_conserved(&self) -> bool {
        self.sums.values().all(Sums::holds)
    }
}

impl State {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            State::Fine => "fine",
            State::Open => "open",
            State::SettledLater => "settled_later",
            State::Resolved { .. } => "resolved",
        }
    }
}

/// What is expected of carriers, with what became of it by each statement.
pub(crate) struct Matched {
    pub expected: Vec<Expected>,
    /// Each statement with its rows, in the order of their time.
    pub statements: Vec<(Incoming, Vec<MatchedRow>)>,
    pub decided: Decisions,
    pub reference: ReferenceData,
    /// The lines of each statement, named as the ledger does.
    lines: Vec<PaidStatement>,
}

impl Ledger {
    /// What became of every statement that was received up to a position.
    pub fn reconciliation(&self, known: Position) -> Result<Vec<Reconciled>, LedgerError> {
        self.reconciled_with(known, None)
    }

    /// What became of the statement that was received at a position, with all that is known by now.
    pub fn reconciled_statement(&self, position: Position) -> Result<Reconciled, LedgerError> {
        let mut all = self.reconciliation(self.position())?.into_iter();
        if let Some(one) = all.find(|one| one.incoming.position == Some(position)) {
            return Ok(one);
        }
        let (_, statements) = self.carrier_statements(self.position())?;
        let replaced = |by| ReconcileError::Replaced { position, by };
        Err(statements
            .instead_of(position)
            .map_or(ReconcileError::UnknownStatement(position), replaced)
            .into())
    }

    /// The same of every statement, and of one that is not recorded yet.
    pub(super) fn reconciled_with(
        &self,
        known: Position,
        new: Option<Incoming>,
    ) -> Result<Vec<Reconciled>, LedgerError> {
        let Matched { expected, statements, decided, reference, lines } = self.matched(known, new, false)?;
        let elsewhere = paid_elsewhere(&statements, &expected, &decided);
        let all = statements.into_iter().zip(lines);
        let told = |((one, rows), statement): ((Incoming, Vec<MatchedRow>), PaidStatement)| {
            let told = Told { statement: &statement, expected: &expected, decided: &decided };
            told.statement(one, &rows, &elsewhere, &reference)
        };
        Ok(all.map(told).collect())
    }

    /// What is expected, and what became of it by every statement; on demand also of carriers without one.
    pub(crate) fn matched(
        &self,
        known: Position,
        new: Option<Incoming>,
        every_carrier: bool,
    ) -> Result<Matched, LedgerError> {
        let (reference, kept) = self.carrier_statements(known)?;
        let mut incoming = self.read_again(&kept)?;
        // A new reading takes the place of the one before, and an amended file that of another.
        incoming.retain(|one| {
            new.as_ref().is_none_or(|new| new.file != one.file && new.replaces.as_ref() != Some(&one.file))
        });
        incoming.extend(new);
        // In the order of their time, whichever came in first.
        incoming.sort_by_key(|one| (one.through, one.position.unwrap_or(Position::MAX)));
        let mut carriers = hashbrown::HashMap::new();
        if every_carrier {
            let all = reference.carriers().iter().map(|(_, code)| (code.clone(), (false, Day(i32::MIN))));
            carriers.extend(all);
        }
        for one in &incoming {
            // Nothing that was due longer before a carrier's first statement can be paid by a line.
            let from = Day(one.from.0.saturating_sub(one.profile.days.cast_signed().max(0)));
            for carrier in one.profile.carriers() {
                let (gross, first) = carriers.entry(carrier.clone()).or_insert((false, from));
                *gross |= one.profile.shows == Shows::Gross;
                *first = from.min(*first);
            }
        }
        let expected = self.expected(known, carriers)?;
        let lines: Vec<PaidStatement> = incoming.iter().map(|one| named(one, &reference)).collect();
        let rows = reconcile(&expected, &lines);
        let decided = decisions(&reference, kept.resolved);
        let statements = incoming.into_iter().zip(rows).collect();
        Ok(Matched { expected, statements, decided, reference, lines })
    }

    /// The statements that were received, read again from the kept files.
    pub(crate) fn read_again(&self, kept: &CarrierStatements) -> Result<Vec<Incoming>, LedgerError> {
        kept.received.iter().map(|received| self.read_received(received)).collect()
    }

    fn read_received(&self, received: &Received) -> Result<Incoming, LedgerError> {
        let profile = self.kept_file(&received.statement.profile_file)?;
        let profile =
            Profile::parse(&String::from_utf8_lossy(&profile)).map_err(ReconcileError::KeptProfile)?;
        let bytes = self.kept_file(&received.statement.file)?;
        let name = received.source.as_deref().unwrap_or_else(|| received.statement.file.as_str());
        Ok(Incoming {
            position: Some(received.position),
            file: received.statement.file.clone(),
            statement: read(&bytes, name, &profile).map_err(ReconcileError::KeptStatement)?,
            profile,
            from: received.statement.period.first(),
            through: received.on,
            replaces: None,
        })
    }
}

/// A statement with the ledger's names in the place of the carrier's.
fn named(one: &Incoming, reference: &ReferenceData) -> PaidStatement {
    let lines = one.statement.lines.iter().filter_map(|line| {
        Some(PaidLine {
            number: line.line,
            carrier: Code::parse(&line.carrier)?,
            policy: policy_of(line, &one.profile, reference),
            producer: payee_of(line, &one.profile, reference),
            kind: line.kind,
            on: line.on,
            amount: line.amount,
            premium: line.premium,
            rate: line.rate,
        })
    });
    PaidStatement {
        from: one.from,
        through: one.through,
        carriers: one.profile.carriers().cloned().collect(),
        kinds: one.profile.kinds().collect(),
        tolerance: one.profile.tolerance,
        days: one.profile.days,
        lines: lines.collect(),
    }
}

fn policy_of(line: &StatementLine, profile: &Profile, reference: &ReferenceData) -> Option<PolicyName> {
    let issued = |name: &PolicyName| {
        let carrier = reference.carriers().find(&name.carrier);
        carrier.is_some_and(|carrier| reference.policy_id(carrier, &name.number).is_some())
    };
    let exact = Code::parse(&line.carrier).zip(Code::parse_policy_number(&line.policy));
    let exact = exact.map(|(carrier, number)| PolicyName { carrier, number });
    exact.filter(issued).or_else(|| profile.policy_alias(line).filter(|name| issued(name)).cloned())
}

fn producer_of(line: &StatementLine, profile: &Profile, reference: &ReferenceData) -> Option<Code> {
    let added = |code: &Code| reference.producers().find(code).is_some();
    // A carrier's numbers are its own: one that the profile names means what it says there.
    let alias = profile.producers.get(&line.writing_number).cloned();
    alias.or_else(|| Code::parse(&line.writing_number)).filter(added)
}

/// Whom a line pays: the house, where the carrier pays whole chains; of an assigned place who assigns, whichever of the two
/// the line names (pay.md §§4, 5).
fn payee_of(line: &StatementLine, profile: &Profile, reference: &ReferenceData) -> Option<Code> {
    let named = producer_of(line, profile, reference);
    let carrier = Code::parse(&line.carrier).and_then(|carrier| reference.carriers().find(&carrier));
    let routes = reference.routes();
    let chain = carrier.is_some_and(|carrier| routes.line_of(carrier, line.on) == PaysLine::Chain);
    if let Some(house) = routes.house_on(line.on).filter(|_| chain) {
        return reference.producers().name(house).cloned();
    }
    let policy = policy_of(line, profile, reference);
    let assigns = || {
        let policy = reference.policy_id(carrier?, &policy?.number)?;
        let payee = reference.producers().find(named.as_ref()?)?;
        let (from, _) = reference.policies().get(policy)?.latest().terms.assignment_of(payee)?;
        reference.producers().name(from).cloned()
    };
    assigns().or(named)
}

/// What was decided last about an exception.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    pub class: Class,
    pub difference: Total,
    pub reason: Resolution,
    pub by: String,
    /// Whether it has entries that stand.
    pub posts: bool,
    /// Of a line to a wrong payee that was accepted: whose amount it paid.
    of: Option<Code>,
}

/// The last decision about each exception, by the file of its statement and its name there.
pub(crate) type Decisions = HashMap<(Code, String), Decision>;

fn decisions(reference: &ReferenceData, resolved: Vec<Resolved>) -> Decisions {
    let decision = |one: Resolved| {
        let decided = one.decision;
        let accepts = decided.reason == Resolution::Accepted;
        let posts = accepts || decided.reason == Resolution::WrittenOff;
        let about = decided.about.as_deref();
        let of = about.and_then(|about| reference.producers().name(about.of?)).cloned();
        let decision = Decision {
            class: decided.class,
            difference: Total::from(decided.difference),
            reason: decided.reason,
            by: decided.resolved_by,
            posts: posts && about.is_some() && !decided.difference.is_zero(),
            of: of.filter(|_| accepts && decided.class == Class::WrongPayee),
        };
        ((decided.statement, decided.exception.to_string()), decision)
    };
    resolved.into_iter().map(decision).collect()
}

/// The amounts that lines to wrong payees paid, where that was accepted: by their place among the expected, with who
/// decided it.
fn paid_elsewhere(
    statements: &[(Incoming, Vec<MatchedRow>)],
    expected: &[Expected],
    decided: &Decisions,
) -> HashMap<usize, String> {
    let mut found = HashMap::new();
    for (one, rows) in statements {
        for row in rows {
            let Some(decision) = decided.get(&(one.file.clone(), row.name(one, expected))) else { continue };
            let stands = (decision.class, decision.difference) == (row.class, row.difference());
            if let Some(of) = row.of.filter(|_| stands && decision.of.is_some()) {
                found.insert(of, decision.by.clone());
            }
        }
    }
    found
}

/// Names a row within its statement.
pub(crate) trait Named {
    /// `L17` for a line, `E4711.1` for an amount that no line paid.
    fn name(&self, one: &Incoming, expected: &[Expected]) -> String;
}

impl Named for MatchedRow {
    fn name(&self, one: &Incoming, expected: &[Expected]) -> String {
        if let Some(line) = self.line.and_then(|place| one.statement.lines.get(place)) {
            return format!("L{}", line.line);
        }
        let item = self.expected.and_then(|place| expected.get(place));
        item.map_or_else(String::new, |item| format!("E{}.{}", item.position, item.ordinal))
    }
}

/// What the rows of a statement are told by.
struct Told<'a> {
    statement: &'a PaidStatement,
    expected: &'a [Expected],
    decided: &'a Decisions,
}

impl Told<'_> {
    /// The rows of a statement in the words of people.
    fn statement(
        &self,
        one: Incoming,
        rows: &[MatchedRow],
        elsewhere: &HashMap<usize, String>,
        reference: &ReferenceData,
    ) -> Reconciled {
        let mut found = Vec::with_capacity(rows.len());
        let mut sums: BTreeMap<(String, String), Sums> = BTreeMap::new();
        for row in rows {
            let line =
                row.line.and_then(|i| Some((one.statement.lines.get(i)?, self.statement.lines.get(i)?)));
            let item = row.expected.and_then(|i| self.expected.get(i));
            let exception = row.name(&one, self.expected);
            let Some(mut told) = told_row(row, exception, line, item, one.profile.days) else { continue };
            let of = row.of.and_then(|of| self.expected.get(of)).map(|of| of.producer.clone());
            told.about = about(line, item, of, reference);
            told.state = self.state(&one, row, &told, elsewhere);
            sums.entry((told.carrier.clone(), told.payee.clone())).or_default().add(row);
            found.push(told);
        }
        Reconciled { incoming: one, rows: found, sums }
    }

    /// Where an exception stands. What somebody decided counts as long as the row is what it was decided about; entries
    /// of a decision keep it open after that, until somebody takes them back.
    fn state(
        &self,
        one: &Incoming,
        row: &MatchedRow,
        told: &Found,
        elsewhere: &HashMap<usize, String>,
    ) -> State {
        let last = self.decided.get(&(one.file.clone(), told.exception.clone()));
        let counts = last.filter(|last| (last.class, last.difference) == (row.class, told.difference));
        let posts = last.is_some_and(|last| last.posts);
        if row.settled_later && row.class.is_exception() {
            return if posts { State::Open } else { State::SettledLater };
        }
        if let Some(Decision { reason, by, .. }) = counts {
            return State::Resolved { reason: *reason, by: by.clone() };
        }
        if posts {
            return State::Open;
        }
        if !row.class.is_exception() {
            return State::Fine;
        }
        let by = row.expected.filter(|_| row.line.is_none()).and_then(|place| elsewhere.get(&place));
        by.map_or(State::Open, |by| State::Resolved { reason: Resolution::Accepted, by: by.clone() })
    }
}

/// What a decision about a row is about; none where its carrier is nobody's.
fn about(
    line: Option<(&StatementLine, &PaidLine)>,
    item: Option<&Expected>,
    of: Option<Code>,
    reference: &ReferenceData,
) -> Option<About<ByCode>> {
    let (carrier, kind, producer, policy) = match (line, item) {
        (Some((_, line)), _) => (line.carrier.clone(), line.kind, line.producer.clone(), line.policy.clone()),
        (None, item) => {
            let item = item?;
            (item.policy.carrier.clone(), item.kind, Some(item.producer.clone()), Some(item.policy.clone()))
        }
    };
    reference.carriers().find(&carrier)?;
    let policy = policy.filter(|policy| policy.carrier == carrier);
    Some(About { carrier, kind, producer, policy, of })
}

fn told_row(
    row: &MatchedRow,
    exception: String,
    line: Option<(&StatementLine, &PaidLine)>,
    item: Option<&Expected>,
    days: u32,
) -> Option<Found> {
    let (carrier, policy, payee, kind) = match (line, item) {
        (Some((written, line)), _) => {
            let policy =
                line.policy.as_ref().map_or_else(|| written.policy.clone(), |p| p.number.to_string());
            let payee =
                line.producer.as_ref().map_or_else(|| written.writing_number.clone(), Code::to_string);
            (written.carrier.clone(), policy, payee, written.kind)
        }
        (None, item) => {
            let item = item?;
            let (carrier, number) = (item.policy.carrier.to_string(), item.policy.number.to_string());
            (carrier, number, item.producer.to_string(), item.kind)
        }
    };
    Some(Found {
        exception,
        line: line.map(|(written, _)| written.line),
        carrier,
        policy,
        payee,
        kind,
        due: item.map(|item| item.due),
        on: line.map(|(written, _)| written.on),
        expected: row.due,
        received: row.received,
        difference: row.difference(),
        class: row.class,
        state: State::Open,
        about: None,
        why: why(row, line, item, days),
    })
}

/// Why a row is of its class.
fn why(
    row: &MatchedRow,
    line: Option<(&StatementLine, &PaidLine)>,
    item: Option<&Expected>,
    days: u32,
) -> String {
    let due = item.map_or_else(String::new, |item| format!("{} due {}", row.due, item.due));
    let off = Total(row.difference().0.abs());
    let written = line.map(|(written, _)| written);
    match row.class {
        Class::OnTime if item.is_none() => "a line of nothing".to_owned(),
        Class::OnTime => format!("{due}, paid within {days} days"),
        Class::Late => format!("{due}, paid more than {days} days later"),
        Class::Short => format!("{off} less than {due}"),
        Class::Over => format!("{off} more than {due}"),
        Class::Missing => format!("{due}, not paid within {days} days"),
        Class::Timing => format!("{due}: its {days} days are not over"),
        Class::Unexpected => "nothing of this kind is expected for this policy and producer".to_owned(),
        Class::Duplicate => "the same amount of the same day was paid before".to_owned(),
        Class::UnknownPolicy => {
            let number = written.map_or("", |written| written.policy.as_str());
            format!("no policy has the number {number:?}, nor one that the profile has an alias for")
        }
        Class::UnknownProducer => {
            let number = written.map_or("", |written| written.writing_number.as_str());
            format!("writing number {number:?} is no producer's, nor the alias of one")
        }
        Class::WrongPayee => "another producer of the policy expects just this".to_owned(),
        Class::WrongRate => {
            let rate = written.and_then(|written| written.rate);
            let rate = rate.map_or_else(String::new, |rate| format!(", at {}", rate.percent()));
            format!("{off} off {due}: of the same premium{rate}, so at another rate than the contract's")
        }
        Class::ChargebackValid if off.is_zero() => format!("{due}, as the chargeback table gives"),
        Class::ChargebackValid => format!("{off} less taken than {due} by the chargeback table"),
        Class::ChargebackDisputable if item.is_some() => {
            format!("{off} more taken than {due} by the chargeback table")
        }
        Class::ChargebackDisputable => {
            "no chargeback is expected: no stop is recorded, or the chargeback table gives none, or it was taken".to_owned()
        }
    }
}
