//! Writing an event as a line of JSON, for `upline log` (cli.md).

use crate::fact_json::write_remarks;
use std::fmt::Write;
use upline_core::content::{write_fields, write_text};
use upline_core::event::Position;
use upline_core::fact::{Body, Remarks};
use upline_core::money::Total;
use upline_core::names::{ByCode, PolicyName};
use upline_core::time::{Day, Moment};
use uuid::Uuid;

/// A recorded event, with everything named by code.
#[derive(Clone, Copy, Debug)]
pub struct EventLine<'e> {
    /// Its place in the log.
    pub position: Position,
    pub id: Uuid,
    /// The id of the fact that caused it, for an event of the ledger's own.
    pub cause: Option<Uuid>,
    /// The effective date.
    pub on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// The free text that came with it.
    pub remarks: Option<&'e Remarks>,
    /// What it says.
    pub body: &'e Body<ByCode>,
    /// What it did to accounts.
    pub entries: &'e [EntryLine],
}

/// An amount on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryLine {
    /// The account as it is printed, such as `payable:A001:C1`.
    pub account: String,
    /// How much; debit is positive.
    pub amount: Total,
    /// The day on which it counts.
    pub dated: Day,
}

impl EventLine<'_> {
    /// Adds the event to `out` as one JSON object without an end of line.
    pub fn write(&self, out: &mut String) {
        let EventLine { position, id, cause, on, recorded_at, remarks, body, entries } = self;
        let type_name = body.type_name();
        let _ = write!(
            out,
            "{{\"position\":{position},\"id\":\"{id}\",\"type\":\"{type_name}\",\"on\":\"{on}\",\
             \"recorded_at\":\"{recorded_at}\""
        );
        if let Some(cause) = cause {
            let _ = write!(out, ",\"cause\":\"{cause}\"");
        }
        write_fields(body, out);
        write_remarks(*remarks, out);
        write_entries(entries, out);
    }
}

/// A recorded event as somebody is told of it who may not see everything: not where it stands, who recorded it, or why.
#[derive(Clone, Copy, Debug)]
pub struct PartLine<'e> {
    pub id: Uuid,
    /// The effective date.
    pub on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    pub type_name: &'static str,
    /// What it says, where that is for the reader.
    pub body: Option<&'e Body<ByCode>>,
    /// The policy that it is about, where what it says is left out.
    pub policy: Option<&'e PolicyName>,
    /// What it did to the reader's accounts.
    pub entries: &'e [EntryLine],
}

impl PartLine<'_> {
    /// Adds it to `out` as one JSON object without an end of line.
    pub fn write(&self, out: &mut String) {
        let PartLine { id, on, recorded_at, type_name, body, policy, entries } = self;
        let _ = write!(
            out,
            "{{\"id\":\"{id}\",\"type\":\"{type_name}\",\"on\":\"{on}\",\"recorded_at\":\"{recorded_at}\""
        );
        match (body, policy) {
            (Some(body), _) => write_fields(body, out),
            (None, Some(policy)) => {
                let _ = write!(
                    out,
                    ",\"carrier\":\"{}\",\"policy\":\"{}\"",
                    policy.carrier.as_str(),
                    policy.number.as_str()
                );
            }
            (None, None) => {}
        }
        write_entries(entries, out);
    }
}

fn write_entries(entries: &[EntryLine], out: &mut String) {
    out.push_str(",\"entries\":[");
    for (i, entry) in entries.iter().enumerate() {
        out.push_str(if i == 0 { "{\"account\":" } else { ",{\"account\":" });
        write_text(&entry.account, out);
        let _ = write!(out, ",\"amount\":\"{}\",\"dated\":\"{}\"}}", entry.amount, entry.dated);
    }
    out.push_str("]}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use upline_core::fact::PremiumPaid;
    use upline_core::money::Cents;

    /// A closed period has no fields of its own; an event that was caused names its cause.
    #[test]
    fn members_are_separated_whether_there_are_fields_or_not() {
        let day = Day::parse("2025-01-31").unwrap();
        let mut out = String::new();
        EventLine {
            position: 8,
            id: Uuid::from_u128(0xabc),
            cause: Some(Uuid::from_u128(0xdef)),
            on: day,
            recorded_at: Moment::parse("2026-07-01T00:00:00Z").unwrap(),
            remarks: None,
            body: &Body::PeriodClosed,
            entries: &[],
        }
        .write(&mut out);
        assert_eq!(
            out,
            r#"{"position":8,"id":"00000000-0000-0000-0000-000000000abc","type":"period_closed","on":"2025-01-31","recorded_at":"2026-07-01T00:00:00Z","cause":"00000000-0000-0000-0000-000000000def","entries":[]}"#
        );
    }

    #[test]
    fn an_event_is_one_line_with_its_entries() {
        let day = Day::parse("2025-01-31").unwrap();
        let entry =
            |account: &str, cents| EntryLine { account: account.into(), amount: Total(cents), dated: day };
        let body = Body::PremiumPaid(PremiumPaid {
            policy: PolicyName::parse("C1/P1").unwrap(),
            amount: Cents(10_000),
            months: None,
        });
        let mut out = String::new();
        EventLine {
            position: 7,
            id: Uuid::from_u128(0xabc),
            cause: None,
            on: day,
            recorded_at: Moment::parse("2026-07-01T00:00:00Z").unwrap(),
            remarks: Some(&Remarks { note: Some("\"so\"".into()), ..Remarks::default() }),
            body: &body,
            entries: &[entry("carrier:C1", 11_000), entry("payable:A001:C1", -11_000)],
        }
        .write(&mut out);
        assert_eq!(
            out,
            r#"{"position":7,"id":"00000000-0000-0000-0000-000000000abc","type":"premium_paid","on":"2025-01-31","recorded_at":"2026-07-01T00:00:00Z","amount":"100.00","carrier":"C1","policy":"P1","note":"\"so\"","entries":[{"account":"carrier:C1","amount":"110.00","dated":"2025-01-31"},{"account":"payable:A001:C1","amount":"-110.00","dated":"2025-01-31"}]}"#
        );
    }
}
