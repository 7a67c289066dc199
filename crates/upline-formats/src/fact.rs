//! A line read as a fact, or refused with the reason.

use crate::approval::check_approval;
use crate::fact_types::{Read, fact_type};
use crate::fields::Fields;
use crate::forms::{day, free_text, id, moment};
use crate::limits::LINE_BYTES_MAX;
use crate::reading::{Later, Reading};
use upline_core::fact::{Fact, Remarks};
use upline_core::refusal::{Refusal, RefusalCode};

/// The fields that every fact has; `?` marks those that may be left out.
pub const COMMON: &[&str] = &["type", "on", "id?", "recorded_at?", "source?", "note?", "actor?"];

/// Reads one line of JSON.
pub fn parse_json_line(line: &[u8]) -> Result<Fact, Refusal> {
    if line.len() > LINE_BYTES_MAX {
        return Err(too_long(line.len() as u64));
    }
    parse(Fields::parse_json(text(line)?)?, None)
}

/// The same, of a line that somebody known sends: that is its actor, whatever it says.
pub fn parse_json_line_by(line: &[u8], actor: &str) -> Result<Fact, Refusal> {
    if line.len() > LINE_BYTES_MAX {
        return Err(too_long(line.len() as u64));
    }
    parse(Fields::parse_json(text(line)?)?, Some(actor))
}

/// A line as text.
pub(crate) fn text(line: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(line).map_err(|error| {
        let byte = error.valid_up_to() + 1;
        Refusal::whole(RefusalCode::Malformed, format!("the line is not UTF-8 text (at byte {byte})"))
    })
}

/// The refusal of a line of so many bytes.
pub(crate) fn too_long(bytes: u64) -> Refusal {
    let message = format!("the line has {bytes} bytes, but may have at most {LINE_BYTES_MAX}");
    Refusal::whole(RefusalCode::Malformed, message)
}

/// Makes a fact of the fields of a line. The order of the checks is that of facts.md: the form of every
/// field and that there is no other, then the date's range, amounts, shares.
pub fn parse_fields(fields: Fields<'_>) -> Result<Fact, Refusal> {
    parse(fields, None)
}

fn parse(mut fields: Fields<'_>, by: Option<&str>) -> Result<Fact, Refusal> {
    let mut later = Later::default();
    let mut reading = Reading::new(&mut fields, &mut later);
    let kind = reading.must("type", fact_type)?;
    let id = reading.may("id", id)?;
    let recorded_at = reading.may("recorded_at", moment)?;
    let on = reading.must("on", day)?;
    reading.whole = kind.name;
    let Read { body, personal } = (kind.read)(&mut reading)?;
    let remarks = remarks(&mut reading, by)?;
    reading.finish(kind.fields, COMMON)?;
    check_approval(&body, remarks.as_deref())?;
    match later.first() {
        Some(refusal) => Err(refusal),
        None => Ok(Fact { id, on, recorded_at, remarks, personal, body }),
    }
}

fn remarks(reading: &mut Reading<'_, '_>, by: Option<&str>) -> Result<Option<Box<Remarks>>, Refusal> {
    let source = reading.may("source", free_text)?;
    let note = reading.may("note", free_text)?;
    let said = reading.may("actor", free_text)?;
    let actor = by.map(str::to_owned).or(said);
    let any = source.is_some() || note.is_some() || actor.is_some();
    Ok(any.then(|| Box::new(Remarks { source, note, actor })))
}
