//! Balances in process, warm: of everybody and of one producer, as of any day, beside SQLite and DuckDB.

use crate::book::Book;
use crate::days::{Days, as_of, of_turn};
use crate::duckdb::DuckDb;
use crate::entries::{self, Figures};
use crate::measure::{Contender, Result, Unit, progress, timed};
use crate::ours::WarmIndex;
use crate::sqlite::Asked;
use crate::table::{Beside, Row, Target};
use upline_core::names::{Code, ProducerId};
use upline_core::time::Day;
use upline_views::balance;

/// Questions for all balances in a turn.
const ALL_A_TURN: usize = 10;

/// Questions for one producer's balance in a turn.
const ONE_A_TURN: usize = 1_000;

/// How many answers about one producer are compared.
const ONES_COMPARED: usize = 200;

/// The row about all balances, and that about one producer's, of a book of about a million entries.
pub fn rows(book: &Book, turns: usize) -> Result<Vec<Row>> {
    progress(format!("asking for balances of {} events", book.events));
    let mut days = Days::of(book, 1)?;
    let sqlite = Asked::open(book, &days.some(3))?;
    let mut duckdb = DuckDb::with(&entries::csv(book)?)?;
    let ours = WarmIndex::open(&book.ledger)?;
    let producers = compared(book, days.day(), &sqlite, duckdb.as_mut(), &ours)?;
    let all = days.some(turns * ALL_A_TURN);
    let mut question = || {
        let index = days.below(producers.len() as u64) as usize;
        (producers.get(index).copied().unwrap_or(ProducerId(0)), days.day())
    };
    let one: Vec<(ProducerId, Day)> = (0..turns * ONE_A_TURN).map(|_| question()).collect();
    Ok(vec![
        all_balances(book, turns, &all, &ours, &sqlite, duckdb)?,
        one_balance(book, turns, &one, &ours, &sqlite)?,
    ])
}

/// Refuses whoever has other balances than adding up posting by posting gives. Says who has any.
fn compared(
    book: &Book,
    day: Day,
    sqlite: &Asked,
    duckdb: Option<&mut DuckDb>,
    ours: &WarmIndex,
) -> Result<Vec<ProducerId>> {
    let (truth, names) = entries::balances(book, day)?;
    if ours.all(as_of(day))? != truth {
        return Err("Upline has other balances".into());
    }
    let named = |row: &balance::BalanceRow| -> Result<(Code, Figures)> {
        let f = &row.figures;
        let [payable, unearned, debt, leads, reserve] =
            [f.payable, f.unearned, f.debt, f.leads, f.reserve].map(|total| i64::try_from(total.0));
        Ok((row.producer.clone(), [payable?, unearned?, debt?, leads?, reserve?]))
    };
    let truth = truth.iter().map(named).collect::<Result<Vec<_>>>()?;
    let mut answer: Vec<(ProducerId, Figures)> = Vec::new();
    sqlite.all(day, &mut answer)?;
    let producers = answer.iter().map(|(producer, _)| *producer).collect();
    let by_code =
        |(id, figures): (ProducerId, Figures)| names.get(id.0 as usize).map(|code| (code.clone(), figures));
    let mut answer: Vec<(Code, Figures)> = answer.into_iter().filter_map(by_code).collect();
    answer.sort();
    if answer != truth {
        return Err("SQLite has other balances".into());
    }
    let sum: i64 = truth.iter().flat_map(|(_, figures)| figures).sum();
    match duckdb.map(|duckdb| duckdb.ask(day)).transpose()? {
        Some((_, other)) if other != sum => Err("DuckDB has another sum of all balances".into()),
        _ => Ok(producers),
    }
}

fn all_balances(
    book: &Book,
    turns: usize,
    days: &[Day],
    ours: &WarmIndex,
    sqlite: &Asked,
    duckdb: Option<DuckDb>,
) -> Result<Row> {
    let mut list = Vec::new();
    let in_ours = Contender::new("Upline", Unit::Seconds, |turn| {
        of_turn(days, turns, turn).iter().map(|day| Ok(timed(|| ours.all(as_of(*day)))?.1)).collect()
    });
    let name = format!("SQLite, covering index {:?}", sqlite.all_by);
    let mut others = vec![Contender::new(name, Unit::Seconds, move |turn| {
        let mut ask = |day: &Day| Ok(timed(|| sqlite.all(*day, &mut list))?.1);
        of_turn(days, turns, turn).iter().map(&mut ask).collect()
    })];
    let missing = duckdb.is_none().then(|| Beside::skipped("DuckDB", "not installed"));
    others.extend(duckdb.map(|mut duckdb| {
        Contender::new("DuckDB", Unit::Seconds, move |turn| {
            of_turn(days, turns, turn).iter().map(|day| Ok(duckdb.ask(*day)?.0)).collect()
        })
    }));
    let what = "all balances as of any day, warm, about a million entries";
    let row = Row::of("balances", what, book.events, Target::AtMost(4e-3, Unit::Seconds));
    Ok(row.measured(turns, in_ours, others)?.beside(missing))
}

fn one_balance(
    book: &Book,
    turns: usize,
    questions: &[(ProducerId, Day)],
    ours: &WarmIndex,
    sqlite: &Asked,
) -> Result<Row> {
    let in_ours = Contender::new("Upline", Unit::Seconds, |turn| {
        let ask = |(who, day): &(ProducerId, Day)| Ok(timed(|| ours.of(*who, as_of(*day)))?.1);
        of_turn(questions, turns, turn).iter().map(ask).collect()
    });
    for (who, day) in questions.iter().take(ONES_COMPARED) {
        if ours.of(*who, as_of(*day))? != sqlite.of(*who, *day)? {
            return Err(format!("Upline and SQLite differ about producer {} on {day}", who.0).into());
        }
    }
    let name = format!("SQLite, covering index {:?}", sqlite.one_by);
    let in_sqlite = Contender::new(name, Unit::Seconds, |turn| {
        let ask = |(who, day): &(ProducerId, Day)| Ok(timed(|| sqlite.of(*who, *day))?.1);
        of_turn(questions, turns, turn).iter().map(ask).collect()
    });
    let what = "one producer's balance as of any day, warm, about a million entries";
    let row = Row::of("producer", what, book.events, Target::AtMost(40e-6, Unit::Seconds));
    row.measured(turns, in_ours, vec![in_sqlite])
}
