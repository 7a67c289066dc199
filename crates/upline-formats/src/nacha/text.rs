//! Text as an ACH file can hold it: capital letters of ASCII, digits, signs, spaces.

use deunicode::deunicode_char;

/// The text in capitals without accents: `José Müller-Łopez` becomes `JOSE MULLER-LOPEZ`. What has no likeness in
/// ASCII becomes a space; spaces are single, and none are at the ends.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Accents that stood above and below a letter.
            '\u{300}'..='\u{36f}' => {}
            _ => out.push_str(deunicode_char(c).unwrap_or(" ")),
        }
    }
    let shown = |c: char| if (' '..='~').contains(&c) { c.to_ascii_uppercase() } else { ' ' };
    let out: String = out.chars().map(shown).collect();
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The folded text, cut off where a field ends.
pub fn fitted(text: &str, chars_max: usize) -> String {
    let folded = folded(text);
    let cut = folded.get(..chars_max).unwrap_or(&folded);
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_capitals_without_accents() {
        for (name, expected) in [
            ("José Müller-Łopez", "JOSE MULLER-LOPEZ"),
            ("Nguyễn Thị Hồng Đào", "NGUYEN THI HONG DAO"),
            ("Søren Ærø, Strauß & Œuvre", "SOREN AERO, STRAUSS & OEUVRE"),
            ("  Sean\u{a0}O’Neil–Byrne\t", "SEAN O'NEIL-BYRNE"),
            ("Cafe\u{301} ﬁn", "CAFE FIN"),
            ("Anna 王", "ANNA WANG"),
            ("\u{e000}", ""),
        ] {
            assert_eq!(folded(name), expected, "{name}");
        }
        assert_eq!(fitted("Ana Maria", 4), "ANA");
        assert_eq!(fitted("Ana", 4), "ANA");
    }
}
