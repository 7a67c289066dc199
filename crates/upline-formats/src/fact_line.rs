//! A recorded fact as a line that can be imported again.

use std::fmt::Write as _;
use upline_core::content::{canonical, write_text};
use upline_core::event::{Event, Identity};
use upline_core::fact::{Body, Personal};
use upline_core::names::ByCode;

/// Adds a fact to `out` as the JSON line that it may have come from, without the line's end: its content, when it
/// was recorded, the id if it was given one, and what the directory keeps of whom it adds. An event of the
/// ledger's own is no fact: it is left to be recorded again.
pub fn write_fact(event: &Event, body: &Body<ByCode>, personal: Option<&Personal>, out: &mut String) {
    canonical(event.on, event.remarks.as_deref(), body, out);
    out.pop(); // the closing brace
    let written = write!(out, ",\"recorded_at\":\"{}\"", event.recorded_at);
    let written = written.and_then(|()| match event.identity {
        Identity::Given(id) => write!(out, ",\"id\":\"{id}\""),
        Identity::Derived { .. } | Identity::Caused { .. } => Ok(()),
    });
    debug_assert!(written.is_ok(), "writing to a string does not fail");
    for (member, text) in personal.iter().flat_map(|p| [("name", &p.name), ("npn", &p.npn)]) {
        if let Some(text) = text {
            out.push_str(",\"");
            out.push_str(member);
            out.push_str("\":");
            write_text(text, out);
        }
    }
    out.push('}');
}
