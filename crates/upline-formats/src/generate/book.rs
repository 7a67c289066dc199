//! The book that is written: facts as lines, some of them later than they happened.

use super::calendar::Calendar;
use crate::fact_json::write_fact;
use std::io::{self, Write};
use upline_core::fact::{Body, Fact, Personal, Remarks};
use upline_core::names::{ByCode, Code};
use upline_core::time::Day;

/// Writes facts one line each and counts them.
pub(crate) struct Book<'w, W> {
    out: &'w mut W,
    line: String,
    lines: u64,
    late: Calendar<String>,
    last: Day,
}

impl<'w, W: Write> Book<'w, W> {
    pub fn new(out: &'w mut W, first: Day, last: Day) -> Book<'w, W> {
        Book { out, line: String::new(), lines: 0, late: Calendar::new(first, last), last }
    }

    pub fn write(&mut self, on: Day, body: Body<ByCode>) -> io::Result<()> {
        self.write_fact(&fact(on, body, None))
    }

    pub fn write_with_names(&mut self, on: Day, body: Body<ByCode>, names: Personal) -> io::Result<()> {
        self.write_fact(&fact(on, body, Some(Box::new(names))))
    }

    /// Writes a fact that says who submitted it.
    pub fn write_by(&mut self, on: Day, body: Body<ByCode>, actor: &str) -> io::Result<()> {
        let remarks = Remarks { actor: Some(actor.to_owned()), ..Remarks::default() };
        self.write_fact(&Fact { remarks: Some(Box::new(remarks)), ..fact(on, body, None) })
    }

    /// Writes a fact on a later day than the one on which it happened, at the latest on the last. What
    /// happens after the last day is not in the book.
    pub fn write_late(&mut self, on: Day, body: Body<ByCode>, written: Day) {
        if on > self.last {
            return;
        }
        let mut line = String::new();
        write_fact(&fact(on, body, None), &mut line);
        line.push('\n');
        self.late.put(written.min(self.last), line);
    }

    /// Writes what was kept back until this day.
    pub fn catch_up(&mut self, day: Day) -> io::Result<()> {
        for line in self.late.take(day) {
            self.out.write_all(line.as_bytes())?;
            self.lines += 1;
        }
        Ok(())
    }

    /// How many lines were written.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    fn write_fact(&mut self, fact: &Fact) -> io::Result<()> {
        self.line.clear();
        write_fact(fact, &mut self.line);
        self.line.push('\n');
        self.lines += 1;
        self.out.write_all(self.line.as_bytes())
    }
}

fn fact(on: Day, body: Body<ByCode>, personal: Option<Box<Personal>>) -> Fact {
    Fact { id: None, on, recorded_at: None, remarks: None, personal, body }
}

/// A code of our own making.
pub(crate) fn code(text: &str) -> io::Result<Code> {
    Code::parse(text).ok_or_else(|| io::Error::other(format!("{text} is no code")))
}
