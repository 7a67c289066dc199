//! Numbers, flags and texts as bytes: the one module that knows bincode and how it is set.
//!
//! # Shape
//! Little endian; integers of more than one byte as bincode's varints, signed ones zigzag; a text is its
//! length and its UTF-8. An option is 0, or 1 and the value. [`Out`] writes, [`In`] reads.
//!
//! # Correctness
//! The reader never allocates more than it was given bytes for, and never panics. Whoever reads to the end
//! asks [`In::left`], so that trailing bytes are refused.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::de::read::{BorrowReader, Reader};
use bincode::de::{BorrowDecode, Decode, Decoder, DecoderImpl};
use bincode::enc::write::Writer;
use bincode::enc::{Encode, EncoderImpl};
use bincode::error::DecodeError;

/// Why a value cannot be written.
pub(crate) use bincode::error::EncodeError as Unencodable;

/// That a value was written.
pub(crate) type Written = Result<(), Unencodable>;

/// A value that was read.
pub(crate) type Read<T> = Result<T, Malformed>;

/// What one reader may claim, in bytes of decoded values: 16 for every byte of the largest block (a varint
/// of one byte may be a value of sixteen).
const CLAIM_BYTES_MAX: usize = 16 * crate::block::RAW_BYTES_MAX;

type Settings = Configuration<LittleEndian, Varint, Limit<CLAIM_BYTES_MAX>>;

/// Spelled out, so that no default of the library is part of the format.
const fn settings() -> Settings {
    bincode::config::standard()
        .with_little_endian()
        .with_variable_int_encoding()
        .with_limit::<CLAIM_BYTES_MAX>()
}

/// Why bytes are no event.
#[derive(Debug, PartialEq)]
pub(crate) enum Malformed {
    /// They end early, or a varint or text is none.
    Bytes(String),
    /// A field has a value that it cannot have.
    Field(&'static str),
    /// A type or version that this program does not know.
    Newer { what: String, found: u32, known: u32 },
}

impl From<DecodeError> for Malformed {
    #[cold]
    fn from(error: DecodeError) -> Malformed {
        Malformed::Bytes(error.to_string())
    }
}

/// Appends values to bytes.
pub(crate) struct Out<'a> {
    encoder: EncoderImpl<Sink<'a>, Settings>,
}

struct Sink<'a>(&'a mut Vec<u8>);

impl Writer for Sink<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), Unencodable> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl<'a> Out<'a> {
    pub(crate) fn new(bytes: &'a mut Vec<u8>) -> Out<'a> {
        Out { encoder: EncoderImpl::new(Sink(bytes), settings()) }
    }

    #[inline]
    pub(crate) fn put<T: Encode>(&mut self, value: T) -> Result<(), Unencodable> {
        value.encode(&mut self.encoder)
    }

    pub(crate) fn option<T: Encode>(&mut self, value: Option<T>) -> Result<(), Unencodable> {
        match value {
            None => self.put(0u8),
            Some(value) => {
                self.put(1u8)?;
                self.put(value)
            }
        }
    }

    /// A count of things that follow.
    #[inline]
    pub(crate) fn count(&mut self, count: usize) -> Result<(), Unencodable> {
        self.put(count as u64)
    }
}

/// Takes values from bytes.
pub(crate) struct In<'a> {
    decoder: DecoderImpl<Source<'a>, Settings, ()>,
}

struct Source<'a>(&'a [u8]);

#[cold]
fn ended(additional: usize) -> DecodeError {
    DecodeError::UnexpectedEnd { additional }
}

impl Reader for Source<'_> {
    #[inline]
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        bytes.copy_from_slice(self.take_bytes(bytes.len())?);
        Ok(())
    }

    #[inline]
    fn peek_read(&mut self, count: usize) -> Option<&[u8]> {
        self.0.get(..count)
    }

    #[inline]
    fn consume(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }
}

impl<'a> BorrowReader<'a> for Source<'a> {
    #[inline]
    fn take_bytes(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) =
            self.0.split_at_checked(count).ok_or_else(|| ended(count.saturating_sub(self.0.len())))?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'a> In<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> In<'a> {
        In { decoder: DecoderImpl::new(Source(bytes), settings(), ()) }
    }

    /// How many bytes are left.
    #[inline]
    pub(crate) fn left(&mut self) -> usize {
        self.decoder.reader().0.len()
    }

    #[inline]
    pub(crate) fn get<T: Decode<()>>(&mut self) -> Result<T, Malformed> {
        Ok(T::decode(&mut self.decoder)?)
    }

    /// A text that stays where it is.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        Ok(<&str>::borrow_decode(&mut self.decoder)?)
    }

    /// The bytes of a text, which are still to be checked.
    #[inline]
    pub(crate) fn text_bytes(&mut self) -> Result<&'a [u8], Malformed> {
        Ok(<&[u8]>::borrow_decode(&mut self.decoder)?)
    }

    /// The flag of an option: whether a value follows.
    #[inline]
    pub(crate) fn some(&mut self) -> Result<bool, Malformed> {
        match self.get::<u8>()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::Field("the flag of an option is neither 0 nor 1")),
        }
    }

    pub(crate) fn option<T: Decode<()>>(&mut self) -> Result<Option<T>, Malformed> {
        Ok(if self.some()? { Some(self.get()?) } else { None })
    }

    /// A count of things that follow. Each takes at least a byte, so a count beyond what is left is none.
    #[inline]
    pub(crate) fn count(&mut self) -> Result<usize, Malformed> {
        let count = self.get::<u64>()?;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= self.left())
            .ok_or(Malformed::Field("a count is larger than what follows it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_are_as_the_format_says() {
        let check = |value: i64, expected: &[u8]| {
            let mut bytes = Vec::new();
            Out::new(&mut bytes).put(value).unwrap();
            assert_eq!(bytes, expected, "{value}");
            let mut from = In::new(&bytes);
            assert_eq!((from.get::<i64>(), from.left()), (Ok(value), 0));
        };
        check(0, &[0]);
        check(-1, &[1]);
        check(125, &[250]);
        check(-126, &[251, 251, 0]);
        check(1_000, &[251, 0xd0, 0x07]);
        check(100_000, &[252, 0x40, 0x0d, 0x03, 0x00]);
        check(i64::MIN, &[253, 255, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn a_lying_length_is_refused_before_anything_is_allocated() {
        let bytes = [253, 255, 255, 255, 255, 255, 255, 255, 0x7f, b'a'];
        assert!(In::new(&bytes).text().is_err());
        assert!(In::new(&bytes).count().is_err());
        assert!(In::new(&[255]).get::<u64>().is_err());
        assert!(In::new(&[2]).some().is_err());
    }
}
