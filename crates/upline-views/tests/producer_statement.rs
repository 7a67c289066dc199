//! Statements of random books against the balances and accounts: both ends are what stood then, and every column adds
//! up from one to the other, row by row and line by line. Incomes of random books on both bases against each other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::time::{Day, Month};
use upline_log::{EventLog, MemoryLog};
use upline_testing::{Recorded, books_with_closed_periods, full_books};
use upline_views::accounts::Accounts;
use upline_views::balance::{Balances, By};
use upline_views::income::{Incomes, TaxBasis};
use upline_views::producer_statement::{Amounts, Movement, StatementOfMonth, StatementProjection};
use upline_views::{Period, scan};

type Columns = [i128; 6];

fn columns(amounts: &Amounts) -> Columns {
    let f = amounts.figures;
    [f.payable, f.unearned, f.debt, f.leads, f.reserve, amounts.recourse].map(|total| total.0)
}

fn sum<'a>(amounts: impl Iterator<Item = &'a Amounts>) -> Columns {
    let mut sum = Columns::default();
    amounts.for_each(|of| sum.iter_mut().zip(columns(of)).for_each(|(sum, of)| *sum += of));
    sum
}

fn log(recorded: &Recorded) -> MemoryLog {
    let mut log = MemoryLog::new().unwrap();
    log.append(0, &recorded.batch).unwrap();
    log
}

/// What stands on a producer's accounts, from the views that statements do not use.
fn stands(log: &dyn EventLog, at: AsOf, producer: &Code) -> Columns {
    let mut balances = Balances::new(at, By::Producer);
    let reference = scan(log, at.known, &mut balances).unwrap();
    let rows = balances.rows(&reference);
    let figures =
        rows.iter().find(|row| row.producer == *producer).map(|row| row.figures).unwrap_or_default();
    let mut accounts = Accounts::new(at);
    scan(log, at.known, &mut accounts).unwrap();
    let name = format!("recourse:{producer}");
    let accounts = accounts.rows(&reference);
    let recourse = accounts.iter().find(|(account, _)| *account == name).map_or(Total::ZERO, |(_, sum)| *sum);
    columns(&Amounts { figures, recourse })
}

/// One producer's statement, which is the same as among those of all; none before it was added.
fn statement(
    log: &dyn EventLog,
    producer: &Code,
    month: &Period,
    known: Position,
) -> Option<StatementOfMonth> {
    let read = |of: Option<Code>| {
        let mut view = StatementProjection::new(of, month.clone(), known);
        let reference = scan(log, known, &mut view).unwrap();
        view.statements(&reference).unwrap()
    };
    let (mut of, mut all) = (read(Some(producer.clone())), read(None));
    let of = of.remove(producer);
    assert_eq!(of, all.remove(producer));
    of
}

fn check(recorded: &Recorded, months: &[u32], part: u64) {
    let log = log(recorded);
    let known = log.len() * part / 8;
    let reference = recorded.book.reference_data();
    for month in months {
        let text = format!("{}-{:02}", 2024 + month / 12, month % 12 + 1);
        let month = Period::month(Month::parse(&text).unwrap());
        for (_, producer) in reference.producers().iter() {
            let Some(of) = statement(&log, producer, &month, known) else { continue };
            let at = |as_of| stands(&log, AsOf { effective: as_of, known }, producer);
            let (beginning, ending) = (columns(&of.beginning), columns(&of.ending));
            assert_eq!(beginning, at(Day(month.first.0 - 1)), "{producer} before {text}");
            assert_eq!(ending, at(month.last), "{producer} after {text}");
            let moved: Columns = std::array::from_fn(|i| ending[i] - beginning[i]);
            assert_eq!(
                sum(of.rows.iter().map(|(_, amounts)| amounts)),
                moved,
                "rows of {producer} in {text}"
            );
            assert_eq!(
                sum(of.lines.iter().map(|line| &line.amounts)),
                moved,
                "lines of {producer} in {text}"
            );
            assert!(of.lines.is_sorted_by_key(|line| line.dated));
            assert!(of.lines.iter().all(|line| month.contains(line.dated) && !line.why.is_empty()));
            check_rows(&of);
        }
    }
}

/// What the rows say of each other.
fn check_rows(of: &StatementOfMonth) {
    let row = |movement| of.rows.iter().find(|(row, _)| *row == movement).unwrap().1;
    let net = |amounts: &Amounts| amounts.figures.net().0;
    let advances = row(Movement::NewAdvances);
    assert_eq!(advances.figures.payable, advances.figures.unearned);
    assert_eq!(row(Movement::Recovered).figures.payable, row(Movement::Recovered).figures.unearned);
    // Payouts take nothing from the net but what is paid out.
    for within in [Movement::LeadsRecovered, Movement::DebtRecovered, Movement::Reserved] {
        assert_eq!(net(&row(within)), 0, "{within:?}");
    }
    // The equation that is printed.
    let of_unearned = [Movement::NewAdvances, Movement::Recovered, Movement::Chargebacks];
    let unearned: i128 = of_unearned.iter().map(|movement| row(*movement).figures.unearned.0).sum();
    assert_eq!(of.beginning.figures.unearned.0 + unearned, of.ending.figures.unearned.0);
}

/// On the cash basis more or less is income than on the loan basis by what the unearned advances changed.
fn check_incomes(recorded: &Recorded) {
    let log = log(recorded);
    let known = log.len();
    for year in 2024..2029 {
        let period = Period::year(&year.to_string()).unwrap();
        let mut incomes = Incomes::new(period.clone());
        let reference = scan(&log, known, &mut incomes).unwrap();
        let rows = incomes.rows(&reference);
        // By who pays, which the unearned advances of a producer are not divided by.
        let mut incomes: BTreeMap<&Code, [i128; 2]> = BTreeMap::new();
        for row in &rows {
            let of = &mut incomes.entry(&row.producer).or_default()[usize::from(row.basis == TaxBasis::Loan)];
            *of += row.income.total().0;
        }
        for (producer, [cash, loan]) in incomes {
            let unearned = |as_of| stands(&log, AsOf { effective: as_of, known }, producer)[1];
            let change = unearned(period.last) - unearned(Day(period.first.0 - 1));
            assert_eq!(cash - loan, change, "{producer} in {year}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_statement_adds_up_from_what_stood_to_what_stands(
        book in full_books(), months in prop::collection::vec(0..40u32, 3), part in 4..=8u64,
    ) {
        let recorded = Recorded::of_full(&book.setup, &book.facts);
        check(&recorded, &months, part);
        check_incomes(&recorded);
    }

    #[test]
    fn so_it_does_where_periods_are_closed(
        book in books_with_closed_periods(), months in prop::collection::vec(24..40u32, 3), part in 4..=8u64,
    ) {
        let recorded = Recorded::of_full(&book.setup, &book.facts);
        check(&recorded, &months, part);
        check_incomes(&recorded);
    }
}
