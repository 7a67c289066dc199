//! Lines of bounded length from a reader of any length.

use crate::limits::LINE_BYTES_MAX;
use std::io::{self, BufRead, Read};

/// A line without its end.
#[derive(Debug, PartialEq)]
pub(crate) enum Line<'l> {
    /// The bytes of the line.
    Text(&'l [u8]),
    /// It has so many bytes, more than a line may have, and was not kept.
    TooLong(u64),
}

/// Reads one line after the other into the same memory. Ends are `\n` and `\r\n`; a byte order mark at the
/// beginning is dropped.
pub(crate) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Lines<R> {
        Lines { reader, line: Vec::new(), number: 0 }
    }

    /// The number of the line that was read last, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line; none at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        // One byte more than fits with its end, so that what is too long is known without reading it all.
        const READ_MAX: u64 = LINE_BYTES_MAX as u64 + 2;
        self.line.clear();
        let read = self.reader.by_ref().take(READ_MAX).read_until(b'\n', &mut self.line)? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if read == READ_MAX && self.line.last() != Some(&b'\n') {
            return Ok(Some(Line::TooLong(read + self.skip_rest(READ_MAX)?)));
        }
        let mut line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.len() > LINE_BYTES_MAX {
            return Ok(Some(Line::TooLong(line.len() as u64)));
        }
        Ok(Some(Line::Text(line)))
    }

    /// Reads to the end of the line piece by piece; says how many bytes that were, without the end.
    fn skip_rest(&mut self, piece: u64) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            self.line.clear();
            let read = self.reader.by_ref().take(piece).read_until(b'\n', &mut self.line)? as u64;
            let ended = self.line.last() == Some(&b'\n');
            skipped += read - u64::from(ended);
            if read == 0 || ended {
                return Ok(skipped);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Result<Vec<u8>, u64>> {
        let mut lines = Lines::new(io::BufReader::with_capacity(7, text));
        let mut out = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            out.push(match line {
                Line::Text(line) => Ok(line.to_vec()),
                Line::TooLong(bytes) => Err(bytes),
            });
        }
        out
    }

    #[test]
    fn lines_come_without_their_ends_and_without_a_byte_order_mark() {
        let lines = all(b"\xef\xbb\xbfa\r\n\n b \nc");
        assert_eq!(lines, [Ok(b"a".to_vec()), Ok(vec![]), Ok(b" b ".to_vec()), Ok(b"c".to_vec())]);
        assert_eq!(all(b""), []);
        assert_eq!(all(b"a\n"), [Ok(b"a".to_vec())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_counted_but_not_kept() {
        for over in [1, 2, 3, LINE_BYTES_MAX, 10 * LINE_BYTES_MAX] {
            for end in ["\n", "\r\n"] {
                let mut text = vec![b'x'; LINE_BYTES_MAX + over];
                text.extend_from_slice(end.as_bytes());
                text.extend_from_slice(b"next");
                let lines = all(&text);
                assert_eq!(lines.len(), 2, "{over}");
                let bytes = *lines[0].as_ref().unwrap_err();
                // The \r of a skipped line counts, for it is not known as part of the end.
                assert!((0..=1).contains(&(bytes - (LINE_BYTES_MAX + over) as u64)), "{bytes}");
                assert_eq!(lines[1], Ok(b"next".to_vec()));
            }
        }
        let longest = vec![b'x'; LINE_BYTES_MAX];
        assert_eq!(all(&longest), [Ok(longest.clone())]);
        assert_eq!(all(&[&longest[..], b"\r\n"].concat()), [Ok(longest.clone())]);
    }
}
