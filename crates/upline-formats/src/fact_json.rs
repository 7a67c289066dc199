//! Writing a fact as a line of JSON, as it could be imported again.

use std::fmt::Write;
use upline_core::content::{write_fields, write_text};
use upline_core::fact::{Fact, Remarks};

/// Adds a fact to `out` as one JSON object without an end of line. Type and date come first, for people.
pub fn write_fact(fact: &Fact, out: &mut String) {
    let _ = write!(out, "{{\"type\":\"{}\",\"on\":\"{}\"", fact.body.type_name(), fact.on);
    if let Some(id) = fact.id {
        let _ = write!(out, ",\"id\":\"{id}\"");
    }
    if let Some(moment) = fact.recorded_at {
        let _ = write!(out, ",\"recorded_at\":\"{moment}\"");
    }
    write_fields(&fact.body, out);
    if let Some(personal) = fact.personal.as_deref() {
        write_member("name", personal.name.as_deref(), out);
        write_member("npn", personal.npn.as_deref(), out);
    }
    write_remarks(fact.remarks.as_deref(), out);
    out.push('}');
}

/// Adds what there is of the free text as further members.
pub(crate) fn write_remarks(remarks: Option<&Remarks>, out: &mut String) {
    if let Some(remarks) = remarks {
        write_member("source", remarks.source.as_deref(), out);
        write_member("note", remarks.note.as_deref(), out);
        write_member("actor", remarks.actor.as_deref(), out);
    }
}

fn write_member(name: &str, text: Option<&str>, out: &mut String) {
    if let Some(text) = text {
        let _ = write!(out, ",\"{name}\":");
        write_text(text, out);
    }
}
