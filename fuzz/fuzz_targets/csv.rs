//! Bytes as a file of CSV, plain or compressed. What holds of JSON lines (facts.rs) holds of records.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upline_formats::source::Format;

fuzz_target!(|bytes: &[u8]| upline_fuzz::lines::check(bytes, Format::Csv));
