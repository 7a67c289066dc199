//! The numbers and texts of a snapshot's section, one after the other.
//!
//! # Shape
//! A number is a LEB128: seven bits a byte, the lowest first, the high bit set on all but the last. One that may
//! be negative is zigzag (0, -1, 1, -2, …). A text is its length and its UTF-8.
//!
//! # Correctness
//! The reader allocates nothing and answers `None` where the bytes are none of the writer's.

/// Writes a section.
#[derive(Debug, Default)]
pub struct Column(Vec<u8>);

impl Column {
    /// Adds a number.
    #[inline]
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(low_byte(number) | 0x80);
            number >>= 7;
        }
        self.0.push(low_byte(number));
    }

    /// Adds a number that may be negative.
    #[inline]
    pub fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The lowest seven bits.
#[inline]
fn low_byte(number: u64) -> u8 {
    (number & 0x7f).to_le_bytes().first().copied().unwrap_or_default()
}

/// Reads a section.
#[derive(Debug)]
pub struct ColumnReader<'a>(&'a [u8]);

impl<'a> ColumnReader<'a> {
    /// A reader of a section.
    pub fn new(bytes: &'a [u8]) -> ColumnReader<'a> {
        ColumnReader(bytes)
    }

    /// The next number.
    #[inline]
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The next number, where it is an index or a count.
    #[inline]
    pub fn small(&mut self) -> Option<u32> {
        self.number().and_then(|number| u32::try_from(number).ok())
    }

    /// The next number that may be negative.
    #[inline]
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    /// The next text.
    pub fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// Whether everything was read.
    pub fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), 1 << 56, u64::MAX];
        let signed = [0, -1, 1, -64, 64, i64::MIN, i64::MAX];
        let mut column = Column::default();
        numbers.iter().for_each(|number| column.number(*number));
        signed.iter().for_each(|number| column.signed(*number));
        column.text("Ärger");
        let bytes = column.into_bytes();
        let mut reader = ColumnReader::new(&bytes);
        assert!(numbers.iter().all(|number| reader.number() == Some(*number)));
        assert!(signed.iter().all(|number| reader.signed() == Some(*number)));
        assert_eq!((reader.text(), reader.is_at_end(), reader.number()), (Some("Ärger"), true, None));
    }

    #[test]
    fn what_nobody_wrote_is_refused() {
        assert_eq!(ColumnReader::new(&[0x80]).number(), None);
        assert_eq!(ColumnReader::new(&[0xff; 11]).number(), None);
        assert_eq!(
            ColumnReader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).number(),
            None
        );
        assert_eq!(ColumnReader::new(&[5, b'a']).text(), None);
        assert_eq!(ColumnReader::new(&[1, 0xff]).text(), None);
    }
}
