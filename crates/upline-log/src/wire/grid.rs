//! Grids as bytes, with their chargeback rules.

use super::{Later, Wire, carrier, code, list, optional_word, rate, word, write_list, write_rate};
use crate::codec::{In, Malformed, Out, Read, Written};
use crate::numbers::Numbered;
use upline_core::grid::{Band, ChargebackMonths, ChargebackRow, Grid, Rule, Span};
use upline_core::names::ById;

/// A chargeback rule, on disk.
mod rule_number {
    pub(super) const PRO_RATA: u8 = 1;
    pub(super) const FULL: u8 = 2;
    pub(super) const NONE: u8 = 3;
    pub(super) const PERCENT: u8 = 4;
}

impl Wire for Grid<ById> {
    fn write(&self, out: &mut Out<'_>) -> Written {
        out.put((self.carrier.0, self.product.as_str(), self.line.map(Numbered::to_number)))?;
        write_list(out, &self.levels, |out, (level, bands)| {
            out.put(level.as_str())?;
            write_list(out, bands, |out, band| {
                write_span(out, band.years)?;
                write_rate(out, band.rate)
            })
        })?;
        write_list(out, &self.chargeback, |out, row| {
            out.put(row.reason.to_number())?;
            write_span(out, row.months)?;
            write_rule(out, row.rule)
        })
    }

    fn read(from: &mut In<'_>) -> Read<Self> {
        Ok(Grid {
            carrier: carrier(from)?,
            product: code(from)?,
            line: optional_word(from)?,
            levels: list(from, |from| {
                let bands = |from: &mut In<'_>| Ok(Band { years: span(from)?, rate: rate(from)? });
                Ok((code(from)?, list(from, bands)?))
            })?,
            chargeback: list(from, |from| {
                Ok(ChargebackRow { reason: word(from)?, months: span(from)?, rule: read_rule(from)? })
            })?,
            chargeback_months: ChargebackMonths::Paid,
        })
    }
}

impl Later for Grid<ById> {
    fn says_more(&self) -> bool {
        self.chargeback_months != ChargebackMonths::Paid
    }

    fn write_later(&self, out: &mut Out<'_>) -> Written {
        out.put(self.chargeback_months.to_number())
    }

    fn read_later(&mut self, from: &mut In<'_>) -> Read<()> {
        self.chargeback_months = word(from)?;
        Ok(())
    }
}

pub(super) fn write_rule(out: &mut Out<'_>, rule: Rule) -> Written {
    match rule {
        Rule::ProRata => out.put(rule_number::PRO_RATA),
        Rule::Full => out.put(rule_number::FULL),
        Rule::None => out.put(rule_number::NONE),
        Rule::Percent(percent) => {
            out.put(rule_number::PERCENT)?;
            write_rate(out, percent)
        }
    }
}

pub(super) fn read_rule(from: &mut In<'_>) -> Read<Rule> {
    Ok(match from.get::<u8>()? {
        rule_number::PRO_RATA => Rule::ProRata,
        rule_number::FULL => Rule::Full,
        rule_number::NONE => Rule::None,
        rule_number::PERCENT => Rule::Percent(rate(from)?),
        _ => return Err(Malformed::Field("unknown chargeback rule")),
    })
}

fn write_span(out: &mut Out<'_>, span: Span) -> Written {
    out.put((span.first, span.last))
}

fn span(from: &mut In<'_>) -> Read<Span> {
    Ok(Span { first: from.get()?, last: from.option()? })
}
