//! Columns and rows as CSV.

use crate::plain::defused;

/// Why rows are no table: one has other columns than the first.
#[derive(Debug, thiserror::Error)]
#[error("a table cannot be put together: {0}")]
pub struct TableError(#[from] ::csv::Error);

/// The CSV of rows under their columns.
pub fn table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, TableError> {
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(columns)?;
    rows.into_iter()
        .try_for_each(|row| csv.write_record(row.iter().map(|cell| defused(cell).into_owned())))?;
    let bytes = csv.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_needs_quotes_has_them() {
        let row = vec!["a,b".to_owned(), "say \"x\"".to_owned(), String::new()];
        assert_eq!(
            table(&["one", "two", "three"], [row]).unwrap(),
            "one,two,three\n\"a,b\",\"say \"\"x\"\"\",\n"
        );
        assert!(table(&["one"], [vec![]]).is_err());
    }
}
