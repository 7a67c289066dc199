//! What became of the lines of carriers' statements.

use crate::report::{Cell, Report};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use upline_core::money::Total;
use upline_core::reconcile::Sums;
use upline_core::statement::Class;
use upline_ledger::reconcile::{Found, Reconciled, State};
use upline_ledger::{Ledger, LedgerError};

/// Statements whose exceptions say who settled them by name, as far as names are kept.
pub fn named(ledger: &Ledger, all: &[Reconciled]) -> Result<Vec<Reconciled>, LedgerError> {
    let (people, mut all) = (ledger.people()?, all.to_vec());
    for row in all.iter_mut().flat_map(|one| &mut one.rows) {
        if let State::Resolved { by, .. } = &mut row.state {
            *by = people.text(by).to_owned();
        }
    }
    Ok(all)
}

/// For programs: every line of these statements, and the sums of each.
pub fn every_line(ledger: &Ledger, all: &[Reconciled]) -> Report {
    let members = vec![
        ("position", json!(ledger.position())),
        ("root", json!(ledger.root().to_string())),
        ("statements", Value::Array(all.iter().map(statement).collect())),
    ];
    lines(String::new(), members, all, |_| true, true)
}

/// For people: a statement by class and by payee, and its exceptions, or every line.
pub fn statement_for_people(one: &Reconciled, every: bool) -> Vec<Report> {
    let mut reports = vec![by_class(one), by_payee(one)];
    let shown = |row: &Found| every || row.class.is_exception();
    if one.rows.iter().any(shown) {
        let title = if every { "Every line" } else { "Exceptions" };
        reports.push(lines(title.to_owned(), vec![], std::slice::from_ref(one), shown, false));
    }
    reports
}

/// The profiles that statements were read through, the latest version of each.
pub fn profiles(ledger: &Ledger) -> Result<Report, LedgerError> {
    let rows = ledger
        .kept_profiles()?
        .into_iter()
        .map(|(code, version, file)| vec![Cell::text(code), Cell::Count(version.into()), Cell::text(file)]);
    Ok(Report {
        title: "Profiles".to_owned(),
        members: vec![("position", json!(ledger.position())), ("root", json!(ledger.root().to_string()))],
        columns: vec!["profile", "version", "file"],
        rows: rows.collect(),
        nothing: "No statement was received yet.",
        ..Report::default()
    })
}

/// What a statement is called.
fn name(one: &Reconciled) -> String {
    let profile = &one.incoming.profile;
    let number = one.incoming.position.map_or_else(|| "Statement".to_owned(), |n| format!("Statement {n}"));
    format!(
        "{number} ({} version {}, {} to {})",
        profile.code, profile.version, one.incoming.from, one.incoming.through
    )
}

fn statement(one: &Reconciled) -> Value {
    let (incoming, profile) = (&one.incoming, &one.incoming.profile);
    let sums = one.sums.iter().map(|((carrier, payee), sums)| {
        let [expected, unexpected, missing, short, over, received] = figures(sums).map(|sum| sum.to_string());
        json!({"carrier": carrier, "payee": payee, "expected": expected, "unexpected": unexpected,
            "missing": missing, "short": short, "over": over, "received": received,
            "conserved": sums.holds()})
    });
    json!({
        "statement": incoming.position,
        "file": incoming.file.as_str(),
        "profile": profile.code.as_str(),
        "version": profile.version,
        "from": incoming.from.to_string(),
        "through": incoming.through.to_string(),
        "lines": incoming.statement.lines.len(),
        "total": incoming.statement.total.to_string(),
        "open": one.open(),
        "sums": sums.collect::<Vec<Value>>(),
    })
}

/// In the order of the equation.
fn figures(sums: &Sums) -> [Total; 6] {
    [sums.expected, sums.unexpected, sums.missing, sums.short, sums.over, sums.received]
}

fn by_class(one: &Reconciled) -> Report {
    let mut classes: BTreeMap<Class, (u64, u64, Total, Total)> = BTreeMap::new();
    for row in &one.rows {
        let (count, open, expected, received) = classes.entry(row.class).or_default();
        *count += 1;
        *open += u64::from(row.state == State::Open);
        *expected += row.expected;
        *received += row.received;
    }
    let rows = classes.iter().map(|(class, (count, open, expected, received))| {
        let difference = Total(received.0 - expected.0);
        let counts = [Cell::text(class.as_str().replace('_', " ")), Cell::Count(*count), Cell::Count(*open)];
        counts.into_iter().chain([*expected, *received, difference].map(Cell::Money)).collect()
    });
    Report {
        title: name(one),
        columns: vec!["class", "count", "open", "expected", "received", "difference"],
        rows: rows.collect(),
        nothing: "It has no lines, and nothing was expected.",
        ..Report::default()
    }
}

fn by_payee(one: &Reconciled) -> Report {
    let row = |carrier: Cell, payee: Cell, sums: &Sums| {
        [carrier, payee].into_iter().chain(figures(sums).map(Cell::Money)).collect::<Vec<Cell>>()
    };
    let mut all = Sums::default();
    for sums in one.sums.values() {
        all.expected.0 += sums.expected.0;
        all.unexpected.0 += sums.unexpected.0;
        all.missing.0 += sums.missing.0;
        all.short.0 += sums.short.0;
        all.over.0 += sums.over.0;
        all.received.0 += sums.received.0;
    }
    let rows: Vec<_> = one
        .sums
        .iter()
        .map(|((carrier, payee), sums)| row(Cell::text(carrier), Cell::text(payee), sums))
        .collect();
    let conserved = one.is_conserved();
    Report {
        title: if conserved {
            "Expected + unexpected − missing − short + over = received, in every row".to_owned()
        } else {
            "NOT CONSERVED: expected + unexpected − missing − short + over is not received".to_owned()
        },
        columns: vec!["carrier", "payee", "expected", "unexpected", "missing", "short", "over", "received"],
        footer: (rows.len() > 1).then(|| row(Cell::text("total"), Cell::Null, &all)),
        rows,
        nothing: "Nothing was expected, and nothing received.",
        ..Report::default()
    }
}

/// The rows of statements; for programs with all that is known of each.
fn lines(
    title: String,
    members: Vec<(&'static str, Value)>,
    all: &[Reconciled],
    shown: impl Fn(&Found) -> bool,
    whole: bool,
) -> Report {
    let mut columns = vec![];
    if whole {
        columns.extend(["statement", "exception", "line", "carrier"]);
    } else {
        columns.push("exception");
    }
    columns.extend([
        "policy",
        "payee",
        "kind",
        "due",
        "on",
        "expected",
        "received",
        "difference",
        "class",
        "state",
    ]);
    if whole {
        columns.extend(["reason", "resolved_by"]);
    }
    columns.push("why");
    let rows = all.iter().flat_map(|one| one.rows.iter().filter(|row| shown(row)).map(move |row| (one, row)));
    let cells = rows.map(|(one, row)| {
        let number = one.incoming.position;
        let mut cells = if whole {
            vec![
                number.map_or(Cell::Null, Cell::Count),
                Cell::text(&row.exception),
                row.line.map_or(Cell::Null, |line| Cell::Count(line.into())),
                Cell::text(&row.carrier),
            ]
        } else {
            vec![Cell::text(
                number.map_or_else(|| row.exception.clone(), |n| format!("{n}/{}", row.exception)),
            )]
        };
        let word = |word: &str| Cell::text(if whole { word.to_owned() } else { word.replace('_', " ") });
        cells.extend([Cell::text(&row.policy), Cell::text(&row.payee), word(row.kind.as_str())]);
        cells.extend([Cell::optional(row.due), Cell::optional(row.on)]);
        let money = [Total::from(row.expected), Total::from(row.received), row.difference];
        cells.extend(money.map(Cell::Money));
        cells.push(word(row.class.as_str()));
        cells.push(match &row.state {
            State::Resolved { reason, by } if !whole => {
                Cell::text(format!("{} by {by}", reason.as_str().replace('_', " ")))
            }
            state => word(state.as_str()),
        });
        if whole {
            let resolved = match &row.state {
                State::Resolved { reason, by } => [Cell::text(reason.as_str()), Cell::text(by)],
                _ => [Cell::Null, Cell::Null],
            };
            cells.extend(resolved);
        }
        cells.push(Cell::text(&row.why));
        cells
    });
    Report { title, members, columns, rows: cells.collect(), nothing: "There are none.", ..Report::default() }
}
