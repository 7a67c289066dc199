//! The hierarchy below a producer.

use crate::Reader;
use crate::point::Point;
use crate::report::{Cell, Report};
use upline_core::names::Code;
use upline_ledger::{Ledger, LedgerError};
use upline_views::hierarchy::Below;

/// The hierarchy below a producer with a carrier at a point: a tree for people, sorted by producer for programs.
pub fn downline(
    ledger: &Ledger,
    point: &Point,
    producer: &Code,
    carrier: &Code,
    reader: Reader,
) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let mut below = ledger.downline(at, producer, carrier)?;
    if reader == Reader::Programs {
        below.sort_by(|a, b| a.producer.cmp(&b.producer));
    }
    let row = |below: &Below| {
        let depth = if reader == Reader::People { usize::from(below.depth) } else { 0 };
        vec![
            Cell::Text(format!("{}{}", "  ".repeat(depth), below.producer)),
            Cell::optional(below.upline.as_ref()),
            Cell::text(&below.level),
            Cell::Count(u64::from(below.depth)),
        ]
    };
    Ok(Report {
        title: format!("Downline of {producer} with {carrier} {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec!["producer", "upline", "level", "depth"],
        rows: below.iter().map(row).collect(),
        nothing: "The producer has no contract with this carrier at this point.",
        ..Report::default()
    })
}
