//! Two knowledges of one day, side by side.

use super::section;
use crate::clocks::moment;
use crate::table::table;
use crate::{Asked, Shown, Unshown};
use maud::html;
use std::collections::BTreeMap;
use upline_answers::Reader;
use upline_answers::balance::FIGURES;
use upline_answers::changes::between_positions;
use upline_answers::report::{Cell, Report, sum};
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::time::Moment;

/// The page: the two times to choose, and what lies between them.
pub fn changes(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let (first, second) = chosen(asked)?;
    let value = |moment: Option<Moment>| {
        let text = moment.map(|moment| moment.to_string()).unwrap_or_default();
        text.split(['.', 'Z']).next().unwrap_or_default().to_owned()
    };
    let (from, to) = (value(first), value(second));
    let rows = asked.clocks.link("/changes/rows", &[("from_time", &from), ("to_time", &to)]);
    let body = html! {
        form method="get" action="/changes" class="inline" {
            @if let Some(day) = asked.clocks.point.as_of { input type="hidden" name="as_of" value=(day); }
            div { label for="from_time" { "Known at first (UTC)" } input type="datetime-local" step="1" id="from_time" name="from_time" value=(from); }
            div { label for="to_time" { "Known at second (UTC)" } input type="datetime-local" step="1" id="to_time" name="to_time" value=(to) aria-describedby="to-hint"; }
            button type="submit" { "Compare" }
        }
        p class="hint" id="to-hint" { "Without a second time: all that is recorded. The effective date is the clock's above." }
        (section("What changed", &rows))
    };
    Ok(Shown::Page("Changes".to_owned(), body))
}

/// The two times: those that are given, else from the last close to what the clocks know.
fn chosen(asked: &Asked<'_>) -> Result<(Option<Moment>, Option<Moment>), Unshown> {
    let read = |name: &str| match asked.given(name) {
        None => Ok(None),
        Some(text) => moment(text).map(Some).ok_or_else(|| {
            Unshown::Refused(format!("{text} is no time: it is written 2026-06-30T23:59:59Z, in UTC"))
        }),
    };
    let (first, second) = (read("from_time")?, read("to_time")?);
    let second = second.or(asked.clocks.point.known_at);
    if first.is_some() {
        return Ok((first, second));
    }
    let known = asked.at()?.known;
    let times = asked.memory.times(asked.ledger)?;
    let closed =
        times.closed.iter().rfind(|closed| closed.position <= known).map(|closed| closed.recorded_at);
    Ok((closed, second))
}

/// What changed: by cause, by producer, and event by event.
pub fn rows(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let (first, second) = chosen(asked)?;
    if let (Some(first), Some(second)) = (first, second)
        && first > second
    {
        return Err(Unshown::Refused(format!("{first} is after {second}: choose the earlier time first.")));
    }
    let at = asked.at()?;
    let position = |moment: Option<Moment>, default: Position| match moment {
        Some(moment) => asked.ledger.position_at(moment),
        None => Ok(default),
    };
    let between = (position(first, 0)?, position(second, at.known)?);
    let events = between_positions(asked.ledger, at.effective, between, Reader::People)?;
    let people = between_positions(asked.ledger, at.effective, between, Reader::Programs)?;
    let body = html! {
        p {
            "What was recorded after " b { (first.map_or("the beginning".to_owned(), |moment| moment.to_string())) }
            " and up to " b { (second.map_or("now".to_owned(), |moment| moment.to_string())) }
            " (positions " (between.0.saturating_add(1)) " to " (between.1) ") that changed balances as of " b { (at.effective) } "."
        }
        h3 { "By cause" }
        (table(&asked.clocks, &by_cause(&events), "Differences by what was learned", None))
        h3 { "By producer" }
        (table(&asked.clocks, &people, "Differences by producer", None))
        h3 { "Event by event" }
        (table(&asked.clocks, &events, "Each event that changed a balance", None))
    };
    Ok(Shown::Page("What changed".to_owned(), body))
}

/// The differences added up by the type of the event.
fn by_cause(events: &Report) -> Report {
    let mut causes: BTreeMap<String, (u64, Vec<Total>)> = BTreeMap::new();
    for row in &events.rows {
        let Some(Cell::Text(type_name)) = row.get(2) else { continue };
        let (count, sums) = causes.entry(type_name.clone()).or_insert((0, vec![Total::ZERO; FIGURES.len()]));
        *count += 1;
        for (sum, cell) in sums.iter_mut().zip(row.iter().skip(5)) {
            if let Cell::Money(amount) = cell {
                *sum += *amount;
            }
        }
    }
    let rows: Vec<Vec<Cell>> = causes
        .into_iter()
        .map(|(type_name, (count, sums))| {
            let head = [Cell::Text(type_name.replace('_', " ")), Cell::Count(count)];
            head.into_iter().chain(sums.into_iter().map(Cell::Money)).collect()
        })
        .collect();
    let sums = (2..2 + FIGURES.len()).map(|column| sum(&rows, column));
    let footer = [Cell::text("total"), Cell::Null].into_iter().chain(sums).collect();
    Report {
        columns: ["cause", "changes"].into_iter().chain(FIGURES).collect(),
        footer: (rows.len() > 1).then_some(footer),
        rows,
        nothing: "Nothing changed.",
        ..Report::default()
    }
}
