//! What each payee of a policy had of it, day by day.

use crate::report::{Cell, Report};
use std::collections::BTreeMap;
use upline_core::time::Day;

/// The accounts whose sum is what a payee had: what was due to it less what it owes.
const NET: [&str; 2] = ["payable:", "debt:"];

/// From the entries of a policy: for each payee, the days on which what it had changed, with what it had then in cents.
pub fn money_of_payees(entries: &Report) -> Vec<(String, Vec<(Day, i64)>)> {
    let column = |name: &str| entries.columns.iter().position(|column| *column == name);
    let (Some(dated), Some(producer), Some(account), Some(amount)) =
        (column("dated"), column("producer"), column("account"), column("amount"))
    else {
        return Vec::new();
    };
    let mut moved: BTreeMap<String, BTreeMap<Day, i128>> = BTreeMap::new();
    for row in &entries.rows {
        let (
            Some(Cell::Text(dated)),
            Some(Cell::Text(producer)),
            Some(Cell::Text(account)),
            Some(Cell::Money(amount)),
        ) = (row.get(dated), row.get(producer), row.get(account), row.get(amount))
        else {
            continue;
        };
        if let (Some(day), true) = (Day::parse(dated), NET.iter().any(|kind| account.starts_with(kind))) {
            // Debit is positive: what is due is credited, what is owed is debited.
            *moved.entry(producer.clone()).or_default().entry(day).or_default() -= amount.0;
        }
    }
    let added_up = |days: BTreeMap<Day, i128>| {
        let mut sum = 0;
        let point = |(day, moved): (Day, i128)| {
            sum += moved;
            (day, i64::try_from(sum).unwrap_or(i64::MAX))
        };
        days.into_iter().map(point).collect()
    };
    moved.into_iter().map(|(payee, days)| (payee, added_up(days))).collect()
}
