//! Entries as rows of CSV.

use super::{COLUMNS, Export, ExportError};
use crate::plain::defused;
use csv::Writer;
use std::io::{self, Write};
use upline_views::entries::Posted;

/// Writes a row for each entry, under a row of the columns' names.
pub struct Rows<W: Write> {
    csv: Writer<W>,
}

impl<W: Write> Rows<W> {
    /// Writes the names of the columns.
    pub fn new(out: W) -> Result<Rows<W>, ExportError> {
        let mut csv = Writer::from_writer(out);
        csv.write_record(COLUMNS).map_err(failed)?;
        Ok(Rows { csv })
    }
}

impl<W: Write> Export for Rows<W> {
    fn event(&mut self, posted: &Posted) -> Result<(), ExportError> {
        for entry in &posted.entries {
            let row: [String; COLUMNS.len()] = [
                posted.position.to_string(),
                posted.id.to_string(),
                optional(posted.cause),
                posted.type_name.to_owned(),
                posted.on.to_string(),
                posted.recorded_at.to_string(),
                entry.dated.to_string(),
                optional(entry.due),
                optional(entry.policy.as_ref()),
                entry.debit.clone(),
                entry.credit.clone(),
                entry.amount.to_string(),
            ];
            let row = row.iter().map(|field| defused(field).into_owned());
            self.csv.write_record(row).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), ExportError> {
        Ok(self.csv.flush()?)
    }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

fn failed(error: csv::Error) -> ExportError {
    ExportError::Output(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_days;
    use super::*;

    #[test]
    fn an_entry_is_a_row() {
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out).unwrap();
        rows.event(&two_days()).unwrap();
        rows.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "position,id,cause,type,on,recorded_at,dated,due,policy,debit,credit,amount
10,00000000-0000-0000-0000-000000000abc,,policy_issued,2025-01-15,2025-01-16T09:00:00.250Z,2025-01-15,,C1/P-77,unearned:MGA:C1:P-77,payable:MGA:C1,180.00
10,00000000-0000-0000-0000-000000000abc,,policy_issued,2025-01-15,2025-01-16T09:00:00.250Z,2025-02-01,2025-01-20,,cash,debt:MGA,-0.05
"
        );
    }
}
