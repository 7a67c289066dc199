//! What must hold of any file of facts.

use crate::{fails, sound};
use std::io::{self, Cursor, Read};
use upline_core::content::{ContentKey, canonical};
use upline_core::event::Identity;
use upline_core::fact::Fact;
use upline_core::refusal::{Refusal, RefusalCode};
use upline_formats::fact::parse_json_line;
use upline_formats::fact_json::write_fact;
use upline_formats::source::{Format, Source, Submitted};

/// What the form of a line alone can be refused for; all else is for the ledger to say.
const CODES: [RefusalCode; 4] =
    [RefusalCode::Malformed, RefusalCode::Dates, RefusalCode::Amount, RefusalCode::Shares];

/// Compressed data begin so, and their lines stand nowhere in the input.
const COMPRESSED: [&[u8]; 2] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd]];

/// Reads a file in a format and checks each line of it.
pub fn check(bytes: &[u8], format: Format) {
    let plain = !COMPRESSED.iter().any(|begins| bytes.starts_with(begins));
    let Some((lines, ended)) = read(Box::new(Cursor::new(bytes.to_vec())), format) else { return };
    let mut last = 0;
    for submitted in &lines {
        assert!(submitted.line > last, "line {} follows line {last}", submitted.line);
        last = submitted.line;
        match &submitted.fact {
            Ok(read) => {
                let canonical = check_written(&read.fact);
                assert_eq!(read.content, ContentKey::of(&canonical));
                let (id, identity) = match (read.fact.id, read.identity) {
                    (Some(id), _) => (id, Identity::Given(id)),
                    (None, Identity::Derived { ordinal }) => {
                        (read.content.id(&canonical, ordinal), read.identity)
                    }
                    (None, other) => fails(format!("{other:?} of a fact without an id")),
                };
                assert_eq!((read.id, read.identity), (id, identity));
                assert!(submitted.raw.is_none());
            }
            Err(refusal) => check_refusal(refusal, submitted, bytes, plain && format == Format::JsonLines),
        }
    }
    // However the bytes come, the lines are the same; of damaged compressed data more or fewer may come out
    // before the damage is met.
    let again = read(Box::new(Pieces(Cursor::new(bytes.to_vec()))), format);
    let Some((again, again_ended)) = again else { fails("a file opens or not, as its bytes come") };
    assert!(ended == again_ended && (again == lines || !ended));
}

/// The lines of a file up to where it cannot be read, and whether that was its end.
fn read(reader: Box<dyn Read + Send>, format: Format) -> Option<(Vec<Submitted>, bool)> {
    let source = Source::new("input", format, reader).ok()?;
    let (mut lines, mut ended) = (Vec::new(), true);
    for chunk in source {
        assert!(ended, "something comes after an error");
        match chunk {
            Ok(chunk) => lines.extend(chunk),
            Err(error) => {
                assert!(!error.to_string().is_empty());
                ended = false;
            }
        }
    }
    Some((lines, ended))
}

fn check_refusal(refusal: &Refusal, submitted: &Submitted, file: &[u8], within_a_line: bool) {
    assert!(CODES.contains(&refusal.code), "{refusal}");
    assert!(!refusal.message.is_empty() && !refusal.message.contains('\n'), "{refusal}");
    if let Some(raw) = submitted.raw.as_deref().filter(|_| within_a_line) {
        let lines = file.split(|byte| *byte == b'\n');
        let mut number = 0;
        let line = lines.inspect(|_| number += 1).nth(submitted.line as usize - 1);
        assert!(line.is_some_and(|line| line.windows(raw.len()).any(|part| part == raw)), "line {number}");
    }
}

/// A fact is written as a line that is read as the same, and its canonical text is read as a fact of the same
/// content. Says that text.
fn check_written(fact: &Fact) -> String {
    let mut written = String::new();
    write_fact(fact, &mut written);
    let read = sound(parse_json_line(written.as_bytes()), &written);
    assert_eq!(&read, fact, "{written}");
    let text = canonical_of(fact);
    let again = sound(parse_json_line(text.as_bytes()), &text);
    assert_eq!((again.on, &again.remarks, &again.body), (fact.on, &fact.remarks, &fact.body), "{text}");
    assert_eq!(canonical_of(&again), text);
    text
}

fn canonical_of(fact: &Fact) -> String {
    let mut out = String::new();
    canonical(fact.on, fact.remarks.as_deref(), &fact.body, &mut out);
    out
}

/// Gives bytes one to five at a time.
struct Pieces(Cursor<Vec<u8>>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1 + (self.0.position() as usize) % 5);
        self.0.read(&mut buffer[..most])
    }
}
