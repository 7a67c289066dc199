//! Text in the letters of the fonts that every PDF reader has: Windows-1252, set in Helvetica.

use deunicode::deunicode_char;

/// The letters of the bytes 0x80 to 0x9f; five of them stand for nothing.
const UPPER: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“',
    '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The widths of the letters from space to tilde, in thousandths of the size: the metrics of Helvetica.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// How wide other letters are taken to be: as the widest of those that names have. It only decides where a line
/// breaks.
const WIDTH_OTHER: u16 = 778;

/// A text in Windows-1252, and whether it is not quite what it was: a letter that the font lacks is written as its
/// nearest ones, or as a question mark.
pub fn encoded(text: &str) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(text.len());
    let mut changed = false;
    for letter in text.chars() {
        if let Some(byte) = byte(letter) {
            bytes.push(byte);
            continue;
        }
        changed = true;
        let nearest = deunicode_char(letter).filter(|nearest| !nearest.trim().is_empty());
        bytes.extend(nearest.unwrap_or("?").bytes().filter(|byte| (0x20..0x7f).contains(byte)));
    }
    (bytes, changed)
}

fn byte(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(letter)).ok(),
        // What sets off a term in an equation is as wide as a dash.
        '−' => byte('–'),
        '\0' => None,
        other if other.is_control() => Some(b' '),
        other => {
            let index = UPPER.iter().position(|upper| *upper == other)?;
            u8::try_from(0x80 + index).ok()
        }
    }
}

/// How wide a text is, in thousandths of its size.
pub fn width(bytes: &[u8]) -> i32 {
    let of = |byte: &u8| match byte {
        0x96 => 556,
        _ => WIDTHS.get(usize::from(*byte).wrapping_sub(0x20)).copied().unwrap_or(WIDTH_OTHER),
    };
    bytes.iter().map(|byte| i32::from(of(byte))).sum()
}

/// A text in lines of at most this width, broken at spaces, and within a word that alone is wider.
pub fn lines(bytes: &[u8], width_max: i32) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    for word in bytes.split(|byte| *byte == b' ') {
        let Some(line) = lines.last_mut() else { break };
        let space = if line.is_empty() { 0 } else { width(b" ") };
        if width(line) + space + width(word) <= width_max {
            if space > 0 {
                line.push(b' ');
            }
            line.extend(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(Vec::new());
        }
        for byte in word {
            let Some(line) = lines.last_mut() else { break };
            if !line.is_empty() && width(line) + width(&[*byte]) > width_max {
                lines.push(vec![*byte]);
            } else {
                line.push(*byte);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_the_font_are_kept_and_others_told() {
        assert_eq!(encoded("Zoë Müller – 5 € − 1"), (b"Zo\xeb M\xfcller \x96 5 \x80 \x96 1".to_vec(), false));
        assert_eq!(encoded("Łukasz Šimůnek"), (b"Lukasz \x8aimunek".to_vec(), true));
        assert_eq!(encoded("\u{10ffff}x"), (b"?x".to_vec(), true));
        let (bytes, changed) = encoded("李");
        assert!(!bytes.is_empty() && changed);
    }

    #[test]
    fn lines_are_broken_at_spaces_and_in_words_that_are_too_long() {
        let said = |text: &str, letters: i32| -> Vec<String> {
            let lines = lines(text.as_bytes(), 556 * letters);
            lines.into_iter().map(|line| String::from_utf8(line).unwrap()).collect()
        };
        assert_eq!(said("1234 5678", 9), ["1234 5678"]);
        assert_eq!(said("1234 5678", 5), ["1234", "5678"]);
        assert_eq!(said("123456789 1", 4), ["1234", "5678", "9 1"]);
        assert_eq!(said("", 4), [""]);
    }
}
