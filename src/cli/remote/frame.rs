//! What goes over the socket: a letter, a length, and so many bytes.

use std::io::{self, Read, Write};

/// The version of what is spoken here.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");

/// The longest piece.
const BYTES_MAX: usize = 1024 * 1024;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From who asks: its words and where it stands, as JSON.
    Hello,
    /// From who asks: more of its stdin; nothing at its end.
    Input,
    /// From who asks: the number of a signal that it got.
    Signal,
    /// From the host: bytes for stdout.
    Out,
    /// From the host: bytes for stderr.
    Err,
    /// From the host: it reads stdin.
    Wants,
    /// From the host: this is done by who asks, as nobody lends the ledger.
    Yourself,
    /// From the host: the exit code.
    Exit,
}

const LETTERS: [(Kind, u8); 8] = [
    (Kind::Hello, b'h'),
    (Kind::Input, b'i'),
    (Kind::Signal, b's'),
    (Kind::Out, b'o'),
    (Kind::Err, b'e'),
    (Kind::Wants, b'w'),
    (Kind::Yourself, b'y'),
    (Kind::Exit, b'x'),
];

/// Writes a piece; long ones in several.
pub fn write(to: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let letter = LETTERS.iter().find(|(of, _)| *of == kind).map_or(0, |(_, letter)| *letter);
    let mut rest = bytes;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(BYTES_MAX));
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes();
        to.write_all(&[&[letter][..], &length, piece].concat())?;
        rest = after;
        if rest.is_empty() {
            return to.flush();
        }
    }
}

/// Reads a piece. What is none is an error.
pub fn read(from: &mut impl Read) -> io::Result<(Kind, Vec<u8>)> {
    let (mut letter, mut length) = ([0], [0; 4]);
    from.read_exact(&mut letter)?;
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    let kind = LETTERS.iter().find(|(_, of)| [*of] == letter).map(|(kind, _)| *kind);
    let kind = kind.filter(|_| length <= BYTES_MAX).ok_or(io::ErrorKind::InvalidData)?;
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok((kind, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_as_they_were_and_rubbish_is_none() {
        let mut sent = Vec::new();
        write(&mut sent, Kind::Out, b"one").unwrap();
        write(&mut sent, Kind::Input, b"").unwrap();
        write(&mut sent, Kind::Err, &vec![7; BYTES_MAX + 1]).unwrap();
        let mut from = sent.as_slice();
        assert_eq!(read(&mut from).unwrap(), (Kind::Out, b"one".to_vec()));
        assert_eq!(read(&mut from).unwrap(), (Kind::Input, Vec::new()));
        assert_eq!(read(&mut from).unwrap().1.len() + read(&mut from).unwrap().1.len(), BYTES_MAX + 1);
        assert!(read(&mut from).is_err());
        assert!(read(&mut &b"o\xff\xff\xff\xff"[..]).is_err());
        assert!(read(&mut &b"GET / HTTP/1.1\r\n\r\n"[..]).is_err());
    }
}
