//! Who recorded, approved or settled something, and what somebody noted: texts that can name people.
//!
//! # Shape
//! The log holds ids in their place, `person:3`, `note:7`; the texts are in the directory, which can be erased. A fact
//! that is submitted has the texts.
//!
//! # Correctness
//! Who said it is not what is said: persons do not count as content. A note does where it tells two facts apart
//! ([`super::content`]).

use super::people::DirectoryKind;
use super::{Body, Remarks};
use crate::vocabulary::names::Naming;
use unicode_normalization::UnicodeNormalization;

/// Whether two texts name one person: white space around and between words, case, how a letter is composed, and what
/// nobody sees make no other of somebody.
pub fn same_person(one: &str, other: &str) -> bool {
    person_key(one) == person_key(other)
}

/// What persons are told apart by.
pub fn person_key(name: &str) -> String {
    let seen: String = name.nfkc().filter(|c| c.is_whitespace() || !is_unseen(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a text names nobody: nothing of it can be seen.
pub fn names_nobody(name: &str) -> bool {
    person_key(name).is_empty()
}

/// Controls, and characters that only say how others are shown.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The id that stands for the n-th text of a kind.
pub fn text_id(kind: DirectoryKind, number: u64) -> String {
    format!("{}:{number}", kind.as_str())
}

/// The number of a text's id, where it is one of this kind.
pub fn text_number(kind: DirectoryKind, text: &str) -> Option<u64> {
    let digits = text.strip_prefix(kind.as_str())?.strip_prefix(':')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

/// Whether a text stands for one that is in the directory.
pub fn is_text_id(text: &str) -> bool {
    [DirectoryKind::Person, DirectoryKind::Note].iter().any(|kind| text_number(*kind, text).is_some())
}

impl<N: Naming> Body<N> {
    /// Who approved or settled it, where that is part of it.
    pub fn person(&self) -> Option<&str> {
        match self {
            Body::AdjustmentPosted(fact) => Some(&fact.approved_by),
            Body::ExceptionResolved(fact) => Some(&fact.resolved_by),
            Body::BankDetailsSet(fact) => Some(&fact.approved_by),
            _ => None,
        }
    }

    fn person_mut(&mut self) -> Option<&mut String> {
        match self {
            Body::AdjustmentPosted(fact) => Some(&mut fact.approved_by),
            Body::ExceptionResolved(fact) => Some(&mut fact.resolved_by),
            Body::BankDetailsSet(fact) => Some(&mut fact.approved_by),
            _ => None,
        }
    }
}

/// The texts of a fact or event that can name people, each in its role: who approved or settled it, who recorded it,
/// what was noted.
pub fn roles<'a, N: Naming>(
    remarks: Option<&'a Remarks>,
    body: &'a Body<N>,
) -> [(DirectoryKind, Option<&'a str>); 3] {
    [
        (DirectoryKind::Person, body.person()),
        (DirectoryKind::Person, remarks.and_then(|remarks| remarks.actor.as_deref())),
        (DirectoryKind::Note, remarks.and_then(|remarks| remarks.note.as_deref())),
    ]
}

/// Every text of a fact or event that can name people.
pub fn texts<'a, N: Naming>(
    remarks: Option<&'a Remarks>,
    body: &'a Body<N>,
) -> impl Iterator<Item = (DirectoryKind, &'a str)> {
    roles(remarks, body).into_iter().filter_map(|(kind, text)| Some((kind, text?)))
}

/// Puts other texts in the place of those that can name people.
pub fn replace_texts<N: Naming>(
    remarks: &mut Option<Box<Remarks>>,
    body: &mut Body<N>,
    mut other: impl FnMut(DirectoryKind, &str) -> Option<String>,
) {
    let mut replace = |kind: DirectoryKind, text: &mut String| {
        if let Some(new) = other(kind, text) {
            *text = new;
        }
    };
    if let Some(person) = body.person_mut() {
        replace(DirectoryKind::Person, person);
    }
    let Some(remarks) = remarks else { return };
    if let Some(actor) = &mut remarks.actor {
        replace(DirectoryKind::Person, actor);
    }
    if let Some(note) = &mut remarks.note {
        replace(DirectoryKind::Note, note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_one_however_it_is_written() {
        for (one, other, same) in [
            ("Ann", " ann ", true),
            ("Ann  Lee", "ann lee", true),
            ("ÉVA", "éva", true),
            ("me\u{301}", "mé", true),
            ("ab", "a\u{200b}b\u{7}\u{202e}", true),
            ("Ann", "Anna", false),
            ("Ann Lee", "AnnLee", false),
        ] {
            assert_eq!(same_person(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn ids_of_texts_are_read_back_and_nothing_else_is() {
        assert_eq!(text_number(DirectoryKind::Person, &text_id(DirectoryKind::Person, 12)), Some(12));
        for text in ["person:", "person:0", "person:01", "person:+1", "note:1", "Person:1", "person:1 "] {
            assert_eq!(text_number(DirectoryKind::Person, text), None, "{text}");
        }
        assert!(is_text_id("note:1") && !is_text_id("a note:1"));
    }
}
