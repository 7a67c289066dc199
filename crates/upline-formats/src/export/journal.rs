//! A journal for hledger and for ledger, in the syntax that both read.

use super::{Export, ExportError, days, policy_of};
use std::io::Write;
use upline_views::entries::Posted;

/// Writes a transaction for each day of an event, without a commodity.
#[derive(Debug)]
pub struct Journal<W> {
    out: W,
}

impl<W: Write> Journal<W> {
    /// Begins a journal with a comment that says what it holds.
    pub fn new(mut out: W, title: &str) -> Result<Journal<W>, ExportError> {
        writeln!(out, "; {title}")?;
        Ok(Journal { out })
    }
}

impl<W: Write> Export for Journal<W> {
    fn event(&mut self, posted: &Posted) -> Result<(), ExportError> {
        let Posted { position, id, cause, type_name, .. } = posted;
        for entries in days(posted) {
            let Some(first) = entries.first() else { continue };
            write!(self.out, "\n{} ({position}) {type_name}", first.dated)?;
            if let Some(policy) = policy_of(entries) {
                write!(self.out, " {policy}")?;
            }
            writeln!(self.out, "  ; id: {id}")?;
            if let Some(cause) = cause {
                writeln!(self.out, "    ; cause: {cause}")?;
            }
            for entry in entries {
                let due = entry.due.map_or(String::new(), |due| format!("  ; due: {due}"));
                let amount = entry.amount;
                // Two spaces end the name of an account.
                writeln!(self.out, "    {}  {amount}{due}", entry.debit)?;
                let amount = super::credited(amount);
                writeln!(self.out, "    {}  {amount}{due}", entry.credit)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), ExportError> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_days;
    use super::*;

    #[test]
    fn an_event_is_a_transaction_for_each_of_its_days() {
        let mut out = Vec::new();
        let mut journal = Journal::new(&mut out, "Entries as of a day").unwrap();
        let mut posted = two_days();
        posted.cause = Some(posted.id);
        journal.event(&posted).unwrap();
        journal.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "; Entries as of a day

2025-01-15 (10) policy_issued C1/P-77  ; id: 00000000-0000-0000-0000-000000000abc
    ; cause: 00000000-0000-0000-0000-000000000abc
    unearned:MGA:C1:P-77  180.00
    payable:MGA:C1  -180.00

2025-02-01 (10) policy_issued  ; id: 00000000-0000-0000-0000-000000000abc
    ; cause: 00000000-0000-0000-0000-000000000abc
    cash  -0.05  ; due: 2025-01-20
    debt:MGA  0.05  ; due: 2025-01-20
"
        );
    }
}
