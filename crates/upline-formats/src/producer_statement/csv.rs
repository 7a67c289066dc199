//! A statement for spreadsheets: the beginning, a row for each line, the ending, so that every column adds up.

use super::{MONEY, money};
use crate::plain::defused;
use crate::producer_statement::ProducerStatement;
use upline_views::producer_statement::Amounts;

/// The statement as CSV. The types of the first and last row are `beginning` and `ending`.
pub fn write(statement: &ProducerStatement) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let titles = ["dated", "policy", "type", "position"].into_iter().chain(MONEY).chain(["why"]);
    csv.write_record(titles)?;
    let mut row = |keys: [String; 4], amounts: &Amounts, why: &str| {
        let amounts = money(amounts).map(|amount| amount.to_string());
        let texts = keys.into_iter().chain(amounts).chain([why.to_owned()]);
        csv.write_record(texts.map(|text| defused(&text).into_owned()))
    };
    let edge = |day: String, name: &str| [day, String::new(), name.to_owned(), String::new()];
    let (of, period) = (&statement.statement, &statement.period);
    row(edge(period.first.to_string(), "beginning"), &of.beginning, "")?;
    for line in &of.lines {
        let policy = line.policy.as_ref().map(ToString::to_string).unwrap_or_default();
        let keys = [line.dated.to_string(), policy, line.type_name.to_owned(), line.position.to_string()];
        row(keys, &line.amounts, &line.why)?;
    }
    row(edge(period.last.to_string(), "ending"), &of.ending, "")?;
    csv.into_inner().map_err(|error| error.into_error().into())
}
