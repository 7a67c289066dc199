//! Bytes as a file of JSON lines, plain or compressed. Reading never panics. Each line is a fact or a
//! refusal with a code that the form of a line can have; a fact is written as a line that is read as the
//! same fact, its canonical text as one of the same content, and its id is the one that follows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upline_formats::source::Format;

fuzz_target!(|bytes: &[u8]| upline_fuzz::lines::check(bytes, Format::JsonLines));
