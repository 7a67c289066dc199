//! What the fuzz targets share: taking an input apart, ending a run, and a bound on memory.

pub mod lines;
pub mod sealing;

use cap::Cap;
use std::alloc::System;
use std::fmt::{Debug, Display};
use std::process::abort;

/// What a run may hold at once. An input has a few KiB and a block unpacks to 1 MiB at the most; whoever asks
/// for more than this trusts a number that the input says.
const HELD_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Ends the run when more than [`HELD_BYTES_MAX`] would be held.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, HELD_BYTES_MAX);

/// Ends the run: something that must hold does not.
pub fn fails(what: impl Display) -> ! {
    eprintln!("{what}");
    abort()
}

/// What must have worked.
pub fn sound<T, E: Debug>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => fails(format!("{what}: {error:?}")),
    }
}

/// What must be there.
pub fn there<T>(value: Option<T>, what: &str) -> T {
    match value {
        Some(value) => value,
        None => fails(what),
    }
}

/// An input, taken from its beginning. Behind its end stand zeros.
pub struct Input<'i>(&'i [u8]);

impl<'i> Input<'i> {
    pub fn new(bytes: &'i [u8]) -> Input<'i> {
        Input(bytes)
    }

    /// Whether all was taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// So many bytes, or what is left.
    pub fn bytes(&mut self, count: usize) -> &'i [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'i [u8] {
        self.bytes(self.0.len())
    }

    /// So many bytes, zeros where none are left.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.bytes(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    /// A number of one byte.
    pub fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    /// A number of two bytes, little endian.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    /// A number of four bytes, little endian.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// A number of eight bytes, little endian.
    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// As many bytes as the two in front of them say, or what is left.
    pub fn piece(&mut self) -> &'i [u8] {
        let count = self.u16();
        self.bytes(usize::from(count))
    }

    /// A number of those below this one.
    pub fn below(&mut self, end: u64) -> u64 {
        u64::from(self.u16()) % end.max(1)
    }
}

/// Writes pieces as [`Input::piece`] reads them.
pub fn push_piece(out: &mut Vec<u8>, piece: &[u8]) {
    out.extend_from_slice(&u16::try_from(piece.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(piece);
}
