//! A single fact from the options of a command: `record policy_issued --annual-premium 1200.00 …`
//! (cli.md), and the names of the fields for its help.

pub use crate::fact::COMMON;
use crate::fact::{parse_fields, too_long};
use crate::fact_types::ROWS;
use crate::fields::{Fields, Value};
use crate::limits::{LINE_BYTES_MAX, MEMBERS_MAX};
use std::borrow::Cow;
use upline_core::fact::Fact;
use upline_core::refusal::{Refusal, RefusalCode};

/// The types of facts, the most frequent first.
pub const TYPES: [&str; ROWS.len()] = {
    let mut names = [""; ROWS.len()];
    let mut index = 0;
    while index < ROWS.len() {
        #[allow(clippy::indexing_slicing)] // computed by the compiler, which refuses what is out of bounds
        {
            names[index] = ROWS[index].name;
        }
        index += 1;
    }
    names
};

/// The fields of a type besides [`COMMON`], in the order of facts.md; `?` marks those that may be left
/// out. `None` for what is no type of a fact.
pub fn field_names(type_name: &str) -> Option<&'static [&'static str]> {
    ROWS.iter().find(|row| row.name == type_name).map(|row| row.fields)
}

/// Makes a fact of a type from names and texts, which are read like the cells of a CSV file: lists and
/// objects are JSON, and `annual-premium` is the field `annual_premium`. An empty text is a text.
pub fn fact_from_options(type_name: &str, options: &[(String, String)]) -> Result<Fact, Refusal> {
    let bytes: usize = options.iter().map(|(name, text)| name.len() + text.len()).sum();
    if bytes > LINE_BYTES_MAX {
        return Err(too_long(bytes as u64));
    }
    if options.len() >= MEMBERS_MAX {
        let message = format!("there are {} options, but a fact has fewer fields", options.len());
        return Err(Refusal::whole(RefusalCode::Malformed, message));
    }
    let mut fields = Fields::default();
    fields.add(Cow::Borrowed("type"), Value::Cell(type_name));
    for (name, text) in options {
        fields.add(Cow::Owned(name.replace('-', "_")), Value::Cell(text));
    }
    parse_fields(fields)
}
