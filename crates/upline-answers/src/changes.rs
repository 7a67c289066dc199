//! What was recorded between two times that changed the balances as of a day.

use crate::Reader;
use crate::balance::{FIGURES, figures};
use crate::report::{Cell, Report, sum};
use serde_json::{Value, json};
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::time::{Day, Moment};
use upline_ledger::queries::Head;
use upline_ledger::{Ledger, LedgerError};
use upline_views::changes::Change;

/// What was recorded after the first time, up to and including the second: event by event for people, by producer for
/// programs.
pub fn changes(
    ledger: &Ledger,
    as_of: Day,
    between: (Moment, Moment),
    reader: Reader,
) -> Result<Report, LedgerError> {
    let (first, second) = between;
    let (after, through) = (ledger.position_at(first)?, ledger.position_at(second)?);
    let report = between_positions(ledger, as_of, (after, through), reader)?;
    Ok(Report {
        title: format!(
            "What was recorded after {first} and up to {second} (positions {} to {through}) that changed balances as of \
             {as_of}",
            after + 1
        ),
        members: vec![
            ("as_of", json!(as_of.to_string())),
            ("between", json!([first.to_string(), second.to_string()])),
            ("positions", json!([after, through])),
            ("position", json!(through)),
            ("root", json!(ledger.root_at(through)?.to_string())),
        ],
        ..report
    })
}

/// The same, of what was recorded after the first position, up to and including the second.
pub fn between_positions(
    ledger: &Ledger,
    as_of: Day,
    between: (Position, Position),
    reader: Reader,
) -> Result<Report, LedgerError> {
    let changes = ledger.changes(as_of, between.0, between.1)?;
    let report = match reader {
        Reader::Programs => by_producer(&changes),
        Reader::People => by_event(&changes),
    };
    Ok(Report { nothing: "Nothing changed.", ..report })
}

/// A row for each producer and event, and the sums.
fn by_event(changes: &[(Head, Change)]) -> Report {
    let row = |(head, change): &(Head, Change)| {
        let keys = [
            Cell::text(&change.producer),
            Cell::Count(head.position),
            Cell::text(head.type_name),
            Cell::text(head.on),
            Cell::text(head.recorded_at),
        ];
        keys.into_iter().chain(figures(&change.figures).map(Cell::Money)).collect()
    };
    let rows: Vec<Vec<Cell>> = changes.iter().map(row).collect();
    let sums = (5..11).map(|column| sum(&rows, column));
    let footer = std::iter::once(Cell::text("total")).chain(std::iter::repeat_n(Cell::Null, 4)).chain(sums);
    let mut columns = vec!["producer", "position", "type", "on", "recorded_at"];
    columns.extend(FIGURES);
    Report { columns, footer: (rows.len() > 1).then(|| footer.collect()), rows, ..Report::default() }
}

/// A row for each producer, as `balance` has them, with the events that made the difference.
fn by_producer(changes: &[(Head, Change)]) -> Report {
    let rows = changes.chunk_by(|a, b| a.1.producer == b.1.producer).filter_map(|own| {
        let mut sums = [Total::ZERO; 6];
        let mut events = Vec::new();
        for (head, change) in own {
            let figures = figures(&change.figures);
            sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
            let mut event = serde_json::Map::new();
            event.insert("position".to_owned(), json!(head.position));
            event.insert("event".to_owned(), json!(head.id.to_string()));
            event.insert("type".to_owned(), json!(head.type_name));
            event.insert("on".to_owned(), json!(head.on.to_string()));
            event.insert("recorded_at".to_owned(), json!(head.recorded_at.to_string()));
            let named = FIGURES.iter().zip(figures);
            event.extend(named.map(|(name, figure)| ((*name).to_owned(), json!(figure.to_string()))));
            events.push(Value::Object(event));
        }
        let producer = Cell::text(&own.first()?.1.producer);
        let cells = std::iter::once(producer).chain(sums.map(Cell::Money));
        // What cancelled out is no difference of the balance, but its events are worth seeing.
        Some(cells.chain([Cell::Json(Value::Array(events))]).collect())
    });
    let columns = std::iter::once("producer").chain(FIGURES).chain(["events"]).collect();
    Report { rows: rows.collect(), columns, ..Report::default() }
}
