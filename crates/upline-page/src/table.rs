//! Rows and columns of an answer as a table, with links to what they name.

use crate::clocks::{Clocks, part};
use maud::{Markup, html};
use upline_answers::report::{Cell, Report};
use upline_core::money::Total;
use upline_core::time::{Day, Moment};

/// The rows of a table that a page shows; the rest is in the download.
pub const ROWS_MAX: usize = 400;

/// Columns whose texts are codes of producers.
const PRODUCERS: [&str; 5] = ["producer", "upline", "writing", "payee", "payer"];

/// A table of a report. `download` is where all of it can be had.
pub fn table(clocks: &Clocks, report: &Report, caption: &str, download: Option<&str>) -> Markup {
    let shown: Vec<(usize, &str)> = report
        .columns
        .iter()
        .enumerate()
        .filter(|(index, _)| !report.rows.iter().any(|row| matches!(row.get(*index), Some(Cell::Json(_)))))
        .map(|(index, name)| (index, *name))
        .collect();
    if report.rows.is_empty() {
        return html! { p class="nothing" { (report.nothing) } };
    }
    let numeric = |index: usize| report.is_numeric(index).then_some("num");
    html! {
        div class="scroll" role="region" tabindex="0" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr {
                    @for (index, name) in &shown { th scope="col" class=[numeric(*index)] { (name.replace('_', " ")) } }
                } }
                tbody {
                    @for row in report.rows.iter().take(ROWS_MAX) {
                        tr { @for (index, name) in &shown { (cell(clocks, report, row, *index, name)) } }
                    }
                }
                @if let Some(footer) = &report.footer {
                    tfoot { tr {
                        @for (index, _) in &shown { (plain(footer.get(*index))) }
                    } }
                }
            }
        }
        @if report.rows.len() > ROWS_MAX {
            p class="hint" { "The first " (ROWS_MAX) " of " (report.rows.len()) " rows." }
        }
        @if let Some(download) = download {
            p class="hint" { a href=(download) download { "All of it as CSV" } }
        }
    }
}

/// The columns of a report that fit on a screen; all of them are in its download.
pub fn only(report: &Report, columns: &[&'static str]) -> Report {
    let places: Vec<usize> =
        columns.iter().filter_map(|name| report.columns.iter().position(|column| column == name)).collect();
    let row = |row: &Vec<Cell>| {
        places.iter().map(|place| row.get(*place).cloned().unwrap_or(Cell::Null)).collect::<Vec<Cell>>()
    };
    Report {
        columns: places.iter().filter_map(|place| report.columns.get(*place).copied()).collect(),
        rows: report.rows.iter().map(row).collect(),
        footer: report.footer.as_ref().map(row),
        nothing: report.nothing,
        ..Report::default()
    }
}

fn plain(cell: Option<&Cell>) -> Markup {
    match cell {
        Some(money @ Cell::Money(total)) => html! { td class=(class(*total)) { (money.shown()) } },
        Some(Cell::Null) | None => html! { td {} },
        Some(Cell::Text(text)) if is_time(text) => html! { td class="time" { (text) } },
        Some(number @ (Cell::Count(_) | Cell::Figure(_))) => html! { td class="num" { (number.shown()) } },
        Some(other) => html! { td { (other.shown()) } },
    }
}

/// Whether a text is a day or a time, which is not broken over lines.
fn is_time(text: &str) -> bool {
    Day::parse(text).is_some() || Moment::parse(text).is_some()
}

fn class(total: Total) -> &'static str {
    if total < Total::ZERO { "num negative" } else { "num" }
}

fn cell(clocks: &Clocks, report: &Report, row: &[Cell], index: usize, name: &str) -> Markup {
    let value = row.get(index);
    let text = value.map(Cell::shown).unwrap_or_default();
    let column = |name: &str| report.columns.iter().position(|column| *column == name);
    let link = match (name, value) {
        (_, Some(Cell::Text(code))) if PRODUCERS.contains(&name) => Some(clocks.producer(code.trim())),
        ("policy", Some(Cell::Text(policy))) => match policy.split_once('/') {
            Some((carrier, number)) => Some(clocks.policy(carrier, number)),
            None => match column("carrier").and_then(|at| row.get(at)) {
                Some(Cell::Text(carrier)) => Some(clocks.policy(carrier, policy)),
                _ => None,
            },
        },
        ("position" | "event" | "cause", Some(Cell::Count(position))) => {
            Some(clocks.link(&format!("/events/{}", part(&position.to_string())), &[]))
        }
        _ => None,
    };
    match link {
        Some(link) => {
            let class = matches!(value, Some(Cell::Count(_))).then_some("num");
            html! { td class=[class] { a href=(link) { (text) } } }
        }
        None => plain(value),
    }
}
