//! The book at a glance.

use super::section;
use crate::chart::{self, Columns, Line, Unit, cents};
use crate::table::table;
use crate::{Asked, Shown, Unshown};
use maud::{Markup, html};
use std::collections::BTreeMap;
use upline_access::Act;
use upline_answers::Reader;
use upline_answers::balance::FIGURES;
use upline_answers::report::{Cell, Report, sum};
use upline_answers::{changes, point::Point};
use upline_core::as_of::AsOf;
use upline_core::money::Total;
use upline_core::time::{Day, Month};
use upline_views::balance::By;
use upline_views::times::MonthOfPolicies;

/// Producers with the largest debits that are shown.
const DEBITS: usize = 10;

/// Months that charts go back.
const MONTHS: u16 = 24;

/// The figures, what they mean, and the debits; the rest is loaded.
pub fn overview(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let balance = asked.narrowed().balance(By::Producer, None)?;
    let debits = debits(&balance);
    let link = |path: &str| asked.clocks.link(path, &[]);
    let sees_all = asked.viewer.may(Act::ReadAll);
    let body = html! {
        (cards(&balance))
        (section("Balances over time", &link("/overview/balances")))
        @if sees_all {
            (section("Persistency by month", &link("/overview/persistency")))
            (section("Policies by month", &link("/overview/policies")))
        }
        (section("Covered chargebacks", &link("/overview/covered")))
        section class="part" {
            h2 { "Largest debits" }
            (table(&asked.clocks, &debits, "Producers that owe most, by net", None))
        }
        @if sees_all { (section("Late since the last close", &link("/overview/late"))) }
    };
    Ok(Shown::Page("Overview".to_owned(), body))
}

/// What the figures of a balance are, in words.
const WORDS: [&str; 6] = [
    "due to producers",
    "advanced and not earned yet",
    "charged back and owed",
    "owed for leads",
    "withheld from payouts",
    "payable + reserve − debt − leads",
];

fn cards(balance: &Report) -> Markup {
    let first = balance.columns.len().saturating_sub(FIGURES.len());
    html! {
        dl class="cards" {
            @for (index, (name, words)) in FIGURES.iter().zip(WORDS).enumerate() {
                @let total = match sum(&balance.rows, first + index) { Cell::Money(total) => total, _ => Total::ZERO };
                div class=(if total < Total::ZERO { "card negative" } else { "card" }) {
                    dt { (name) } dd class="num" { (total.separated()) } dd class="words" { (words) }
                }
            }
        }
    }
}

/// The producers whose net is most below zero.
fn debits(balance: &Report) -> Report {
    let net = balance.columns.len().saturating_sub(1);
    let of = |row: &Vec<Cell>| match row.get(net) {
        Some(Cell::Money(total)) => *total,
        _ => Total::ZERO,
    };
    let mut rows: Vec<Vec<Cell>> = balance.rows.iter().filter(|row| of(row) < Total::ZERO).cloned().collect();
    rows.sort_by_key(of);
    rows.truncate(DEBITS);
    Report {
        columns: balance.columns.clone(),
        rows,
        nothing: "Nobody owes more than it is due.",
        ..Report::default()
    }
}

/// The last days of months up to a point, and the point's day.
pub fn month_ends(at: AsOf, first: Option<Day>) -> Vec<Day> {
    let last = Month::of(at.effective);
    let earliest = Month(last.0.saturating_sub(MONTHS));
    let from = first.map_or(earliest, |day| Month::of(day).max(earliest));
    let ends = (from.0..last.0).map(|month| Month(month).last());
    ends.chain([at.effective]).collect()
}

/// The figures of everybody whom the viewer sees at the ends of months.
pub fn balances(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let at = asked.at()?;
    let times = asked.memory.times(asked.ledger)?;
    let days = month_ends(at, times.effective.map(|(first, _)| first));
    let mut lines: Vec<Line> = FIGURES
        .iter()
        .map(|name| Line { name: (*name).to_owned(), points: Vec::new(), steps: false })
        .collect();
    for day in days {
        let point = Point { as_of: Some(day), known_at: None, at_position: Some(at.known) };
        let narrowed = upline_answers::narrowed::Narrowed { point, ..asked.narrowed() };
        let balance = narrowed.balance(By::Producer, None)?;
        let first = balance.columns.len().saturating_sub(FIGURES.len());
        for (index, line) in lines.iter_mut().enumerate() {
            if let Cell::Money(total) = sum(&balance.rows, first + index) {
                line.points.push((day, cents(total)));
            }
        }
    }
    lines.retain(|line| line.points.iter().any(|(_, value)| *value != 0));
    let body = chart::lines("Balances at the ends of months", Unit::Money, &lines);
    Ok(Shown::Page("Balances over time".to_owned(), body))
}

/// The persistency of the whole book, by every definition.
pub fn persistency(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let at = asked.at()?;
    let reference = asked.memory.reference(asked.ledger)?;
    let times = asked.memory.times(asked.ledger)?;
    let days = month_ends(at, times.effective.map(|(first, _)| first));
    let mut lines = Vec::new();
    for code in reference.definition_codes() {
        let tallies = asked.ledger.persistency_on(&days, at.known, code, None)?;
        let ratio = |(day, tally): &(Day, upline_core::persistency::Tally)| {
            Some((*day, i64::try_from(tally.ratio()?.ten_thousandths()).ok()?))
        };
        let points: Vec<_> = tallies.iter().filter_map(ratio).collect();
        if !points.is_empty() {
            lines.push(Line { name: code.to_string(), points, steps: false });
        }
    }
    let body = html! {
        (chart::lines("Persistency of the whole book", Unit::Ratio, &lines))
        p class="hint" { "Every policy of the cohort once, by each definition, at the ends of months." }
    };
    Ok(Shown::Page("Persistency by month".to_owned(), body))
}

/// Issued, stopped and reinstated, by month.
pub fn policies(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let at = asked.at()?;
    let counted = asked.ledger.policy_months(at)?;
    let (Some((first, _)), Some((last, _))) = (counted.first_key_value(), counted.last_key_value()) else {
        return Ok(Shown::Page(
            "Policies by month".to_owned(),
            html! { p class="nothing" { "No policy was issued at this point." } },
        ));
    };
    let from = Month(last.0.saturating_sub(MONTHS)).max(*first);
    let months: Vec<Month> = (from.0..=last.0).map(Month).collect();
    let values = |count: fn(&MonthOfPolicies) -> u64| {
        let of = |month: &Month| counted.get(month).map(count).unwrap_or_default();
        months.iter().map(|month| i64::try_from(of(month)).unwrap_or(i64::MAX)).collect()
    };
    let columns = [
        Columns { name: "issued".to_owned(), values: values(|month| month.issued) },
        Columns { name: "lapsed or terminated".to_owned(), values: values(|month| month.stopped) },
        Columns { name: "reinstated".to_owned(), values: values(|month| month.reinstated) },
    ];
    let body = chart::columns("Policies issued and stopped", Unit::Count, &months, &columns);
    Ok(Shown::Page("Policies by month".to_owned(), body))
}

/// What was covered of chargebacks, by producer.
pub fn covered(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let decided = asked.narrowed().coverage(None, false)?;
    let mut by_producer: BTreeMap<String, (u64, Total, Total)> = BTreeMap::new();
    for row in &decided.rows {
        if let (Some(Cell::Text(producer)), Some(Cell::Money(charged)), Some(Cell::Money(covered))) =
            (row.first(), row.get(4), row.get(5))
        {
            let entry = by_producer.entry(producer.clone()).or_default();
            entry.0 += 1;
            entry.1 += *charged;
            entry.2 += *covered;
        }
    }
    let rows: Vec<Vec<Cell>> = by_producer
        .into_iter()
        .map(|(producer, (decisions, charged, covered))| {
            vec![Cell::Text(producer), Cell::Count(decisions), Cell::Money(charged), Cell::Money(covered)]
        })
        .collect();
    let footer = vec![Cell::text("total"), Cell::Null, sum(&rows, 2), sum(&rows, 3)];
    let report = Report {
        columns: vec!["producer", "decisions", "chargeback", "covered"],
        footer: (rows.len() > 1).then_some(footer),
        rows,
        nothing: "Nothing was decided about chargebacks at this point.",
        ..Report::default()
    };
    let body = html! {
        (table(&asked.clocks, &report, "Chargebacks decided about", None))
        p class="hint" { a href=(asked.clocks.link("/coverage", &[])) { "Every decision, and what it was decided on" } }
    };
    Ok(Shown::Page("Covered chargebacks".to_owned(), body))
}

/// What was recorded after the last close that changed the closed period.
pub fn late(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let at = asked.at()?;
    let times = asked.memory.times(asked.ledger)?;
    let closed = times.closed.iter().rfind(|closed| closed.position <= at.known);
    let Some(closed) = closed else {
        let body = html! { p class="nothing" { "No period is closed at this point." } };
        return Ok(Shown::Page("Late since the last close".to_owned(), body));
    };
    let report =
        changes::between_positions(asked.ledger, at.effective, (closed.position, at.known), Reader::People)?;
    let late = late_rows(report, closed.through);
    let body = html! {
        p class="hint" {
            "The period through " (closed.through) " was closed at " (closed.recorded_at) ". What is effective in it and was "
            "recorded since is dated the first open day."
        }
        (table(&asked.clocks, &late, "Effective in the closed period, recorded after", None))
    };
    Ok(Shown::Page("Late since the last close".to_owned(), body))
}

fn late_rows(mut report: Report, through: Day) -> Report {
    let on = report.columns.iter().position(|name| *name == "on");
    report.rows.retain(|row| match on.and_then(|on| row.get(on)) {
        Some(Cell::Text(day)) => Day::parse(day).is_some_and(|day| day <= through),
        _ => false,
    });
    report.footer = None;
    report.nothing = "Nothing came late.";
    report
}
