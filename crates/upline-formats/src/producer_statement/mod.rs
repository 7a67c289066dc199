//! A producer's statement of a month as a page to print, a PDF, CSV and JSON.
//!
//! # Shape
//! Each format is a function from an [`ProducerStatement`] to text or bytes; what they say in the same words is here.
//! The same statement gives the same bytes: none of them knows a clock.

pub mod csv;
pub mod html;
pub mod json;
pub mod pdf;
mod win_ansi;

use upline_core::coverage::Reason;
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::persistency::{Basis, Weight};
use upline_core::time::Moment;
use upline_views::Period;
use upline_views::coverage::CoverageRow;
use upline_views::producer_statement::{Amounts, Movement, StatementOfMonth};

/// A producer's statement of a month, as it is handed out.
#[derive(Clone, Debug)]
pub struct ProducerStatement {
    pub producer: Code,
    /// Its name, where the directory keeps one.
    pub name: Option<String>,
    /// Of which month.
    pub period: Period,
    /// As known when, where the question named a time.
    pub known_at: Option<Moment>,
    /// The last position that counts.
    pub position: Position,
    /// The root of the log up to there.
    pub root: String,
    /// What happened.
    pub statement: StatementOfMonth,
}

/// The columns of money, in this order.
pub const MONEY: [&str; 7] = ["payable", "unearned", "debt", "leads", "reserve", "net", "recourse"];

/// What the columns mean, for who reads a printed statement.
const LEGEND: &str = "payable: cash due to the producer. unearned: advances not yet earned. debt: chargebacks that it \
    owes. leads: lead financing that it owes. reserve: withheld from its payouts. net = payable + reserve − debt − \
    leads. recourse: rolled-up debt that it owes its upline, or at the upline, negative, may claim. Unearned and \
    recourse stand beside the net, not in it.";

/// The amounts of the columns.
pub fn money(amounts: &Amounts) -> [Total; 7] {
    let f = &amounts.figures;
    [f.payable, f.unearned, f.debt, f.leads, f.reserve, f.net(), amounts.recourse]
}

/// `Statement of A001, Ann Lee, for 2026-06`, with the name where it is known.
pub fn title(statement: &ProducerStatement) -> String {
    let name = statement.name.as_ref().map(|name| format!(", {name},")).unwrap_or_default();
    format!("Statement of {}{name} for {}", statement.producer, statement.period)
}

/// Which days the statement is for, and what was known of them.
pub fn point(statement: &ProducerStatement) -> String {
    let ProducerStatement { period, position, .. } = statement;
    let known = match statement.known_at {
        Some(moment) => format!("as known at {moment}, log position {position}"),
        None => format!("as known at log position {position}"),
    };
    format!("Entries dated {} to {}, {known}", period.first, period.last)
}

/// The rows of the roll-forward by name, from the beginning to the ending.
pub fn rollforward(statement: &ProducerStatement) -> Vec<(&'static str, Amounts)> {
    let of = &statement.statement;
    let rows = of.rows.iter().map(|(movement, amounts)| (movement.as_str(), *amounts));
    [("beginning", of.beginning)].into_iter().chain(rows).chain([("ending", of.ending)]).collect()
}

/// How a term stands in an equation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// What adds to the balance is positive.
    Plus,
    /// What takes from it is positive.
    Minus,
    /// Said as it is.
    Either,
}

/// The terms that are said even where they are zero, so that every statement reads alike.
const ALWAYS: [Movement; 5] = [
    Movement::NewAdvances,
    Movement::Recovered,
    Movement::Chargebacks,
    Movement::Covered,
    Movement::Adjustments,
];

/// `Net: beginning 0.00 + new advances 990.00 + … = ending 990.00`, and the same of the unearned advances: the
/// roll-forward's columns as equations that hold to the cent.
pub fn equations(statement: &ProducerStatement) -> [String; 2] {
    [
        equation(statement, "Net", |amounts| amounts.figures.net()),
        equation(statement, "Unearned advances", |amounts| amounts.figures.unearned),
    ]
}

fn equation(statement: &ProducerStatement, of: &str, column: impl Fn(&Amounts) -> Total) -> String {
    let all = &statement.statement;
    let mut text = format!("{of}: beginning {}", column(&all.beginning).separated());
    for (movement, amounts) in &all.rows {
        let amount = column(amounts);
        if amount.is_zero() && !ALWAYS.contains(movement) {
            continue;
        }
        let (sign, amount) = match sign(*movement) {
            Sign::Plus => ('+', amount),
            Sign::Minus => ('−', -amount),
            Sign::Either if amount.is_zero() => ('±', amount),
            Sign::Either if amount.0 < 0 => ('−', -amount),
            Sign::Either => ('+', amount),
        };
        text.push_str(&format!(" {sign} {} {}", words(movement.as_str()), amount.separated()));
    }
    text + &format!(" = ending {}", column(&all.ending).separated())
}

fn sign(movement: Movement) -> Sign {
    match movement {
        Movement::NewAdvances
        | Movement::Earned
        | Movement::Covered
        | Movement::Repayments
        | Movement::Returned => Sign::Plus,
        Movement::Recovered
        | Movement::Chargebacks
        | Movement::Leads
        | Movement::PaidOut
        | Movement::PaidByCarriers => Sign::Minus,
        Movement::RolledUp
        | Movement::Adjustments
        | Movement::LeadsRecovered
        | Movement::DebtRecovered
        | Movement::Opening
        | Movement::Accepted
        | Movement::Reserved => Sign::Either,
    }
}

/// A coverage decision in sentences.
pub fn decision(row: &CoverageRow) -> String {
    let decision = &row.decision;
    let tally = &decision.persistency;
    let (charged, covered) = (Total::from(row.chargeback).separated(), Total::from(row.covered).separated());
    let mut text =
        format!("{}, chargeback of {}: {charged} charged back, {covered} covered.", row.policy, row.on);
    let ratio = tally.ratio().map(|ratio| format!(", ratio {ratio}")).unwrap_or_default();
    let weights = match decision.basis {
        Basis::Count => String::new(),
        Basis::Premium => format!(
            ", weighing {} of {}",
            Total(tally.surviving_weight.units()).separated(),
            Total(tally.cohort_weight.units()).separated()
        ),
    };
    text.push_str(&format!(
        " Persistency {} as known at position {}: {} of {} policies survive{weights}{ratio}.",
        decision.definition, row.position, tally.surviving, tally.cohort
    ));
    let plan = &decision.plan;
    let so = match (decision.reason, decision.tier) {
        (Reason::Tier, Some(tier)) => {
            let (above, cover) = (tier.above.percent(), tier.cover.percent());
            format!("That lies above {above}, for which plan {plan} covers {cover}.")
        }
        (Reason::Tier | Reason::BelowTiers, _) => {
            format!("That lies above no tier of plan {plan}: nothing is covered.")
        }
        (Reason::NoCohort, _) => format!("Without a policy in the cohort plan {plan} covers nothing."),
        (Reason::Released, _) => {
            format!("The chargeback came after the producer's release: plan {plan} covers nothing.")
        }
    };
    text + " " + &so
}

/// A weight in policies, or in money, as its basis says.
fn weight(weight: Weight, basis: Basis) -> String {
    match basis {
        Basis::Count => weight.units().to_string(),
        Basis::Premium => Total(weight.units()).to_string(),
    }
}

/// `new_advances` as people read it.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// An amount of a printed column: a dash for nothing.
fn printed(amount: Total) -> String {
    if amount.is_zero() { "–".to_owned() } else { amount.separated() }
}
