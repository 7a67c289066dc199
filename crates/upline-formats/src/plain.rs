//! Text that somebody recorded, made harmless for whoever reads it: at a terminal, in a spreadsheet, as JSON.
//!
//! **Correctness.** A file name with escape sequences made a terminal show that a proof verifies while it said WRONG.
//! What reaches a person has no control characters, none that turn the direction of writing, and begins no formula.

use std::borrow::Cow;

/// Whether a character does something else than to be read.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}

/// The text on one line, which moves no cursor and turns no text: a space in the place of a control character, `�` in
/// that of one that turns the direction of writing.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| match c {
        c if !is_harmful(c) => c,
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.chars().map(plain).collect())
}

/// A field of a spreadsheet, clean, and with an apostrophe before what would begin a formula. A number stays a number.
pub fn defused(text: &str) -> Cow<'_, str> {
    // A tab would begin a formula too; it is told before it is cleaned away.
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let clean = clean(text);
    if begins { Cow::Owned(format!("'{clean}")) } else { clean }
}

/// `12`, `-0.05`: what answers write for a number.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned.split_once('.').map_or_else(|| digits(unsigned), |(whole, part)| digits(whole) && digits(part))
}

/// JSON that says the same, with its harmful characters escaped: they stand within its texts alone.
pub fn harmless_json(json: &str) -> Cow<'_, str> {
    // Ends of lines and tabs that stand between its parts, or are escaped, are none of them.
    let harmful = |c: char| is_harmful(c) && !matches!(c, '\n' | '\t' | '\r');
    if !json.chars().any(harmful) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if harmful(c) {
            // All of them are in the first plane.
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_recorded_moves_no_cursor_and_turns_no_text() {
        for (text, shown) in [
            ("plain, Größe, 漢字", "plain, Größe, 漢字"),
            ("\u{1b}[2A\u{1b}[0Kok", " [2A [0Kok"),
            ("a\nb\tc\r", "a b c "),
            ("\u{9b}31m", " 31m"),
            ("abc\u{202e}dcb", "abc\u{fffd}dcb"),
            ("a\u{2066}b\u{2069}", "a\u{fffd}b\u{fffd}"),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_field_begins_no_formula() {
        for (text, field) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1-2", "'+1-2"),
            ("-A", "'-A"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("-12.50", "-12.50"),
            ("12", "12"),
            ("-1-2", "'-1-2"),
            ("-", "'-"),
            ("", ""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(defused(text), field, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn json_says_the_same(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let harmless = harmless_json(&json);
            prop_assert!(!harmless.chars().any(is_harmful));
            prop_assert_eq!(serde_json::from_str::<String>(&harmless).unwrap(), text);
        }

        #[test]
        fn what_is_clean_stays(text in any::<String>()) {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
            prop_assert!(!once.chars().any(is_harmful));
        }
    }
}
