//! The example files damaged at random: reading never panics, and says something of every file that it
//! refuses.

use super::workbook::zipped;
use super::{bytes, profile};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::io::{Cursor, Read};
use upline_formats::carrier_statement::{Profile, read};

const FILES: usize = 2_000;

/// Changes, removes, adds or moves a few bytes.
fn damage(dice: &mut ChaCha8Rng, bytes: &mut Vec<u8>) {
    const LIKELY: &[u8] = b"\"',;-().=<>/&\n\r\0 09$%AZ\xFF";
    for _ in 0..1 + dice.next_u32() % 4 {
        if bytes.is_empty() {
            return;
        }
        let at = dice.next_u32() as usize % bytes.len();
        let likely = LIKELY[dice.next_u32() as usize % LIKELY.len()];
        match dice.next_u32() % 6 {
            0 => bytes[at] ^= 1 << (dice.next_u32() % 8),
            1 => bytes[at] = likely,
            2 => bytes.insert(at, likely),
            3 => {
                bytes.remove(at);
            }
            4 => bytes.truncate(at),
            _ => {
                let part: Vec<u8> = bytes[at..].iter().copied().take(1 + likely as usize % 40).collect();
                let to = dice.next_u32() as usize % bytes.len();
                bytes.splice(to..to, part);
            }
        }
    }
}

fn check(bytes: &[u8], profile: &Profile, refused: &mut usize) {
    if let Err(error) = read(bytes, "damaged", profile) {
        assert!(error.to_string().len() > "damaged: ".len());
        *refused += 1;
    }
}

#[test]
fn damaged_csv_never_panics() {
    let mut dice = ChaCha8Rng::seed_from_u64(1);
    let mut refused = 0;
    for name in ["life-statement", "medicare-aggregator"] {
        let (whole, profile) = (bytes(&format!("tests/data/statements/{name}.csv")), profile(name));
        for _ in 0..FILES / 2 {
            let mut damaged = whole.clone();
            damage(&mut dice, &mut damaged);
            check(&damaged, &profile, &mut refused);
        }
    }
    assert!(refused > FILES / 2, "{refused}");
}

#[test]
fn damaged_workbooks_never_panic() {
    let mut dice = ChaCha8Rng::seed_from_u64(2);
    let (whole, profile) =
        (bytes("tests/data/statements/block-of-business.xlsx"), profile("block-of-business"));
    let mut archive = zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    let mut refused = 0;
    for round in 0..FILES {
        // The archive itself, and what is in it, which its checksums would hide from the reader.
        let damaged = if round % 2 == 0 {
            let mut damaged = whole.clone();
            damage(&mut dice, &mut damaged);
            damaged
        } else {
            let mut parts: Vec<(&str, Vec<u8>)> =
                parts.iter().map(|(name, content)| (name.as_str(), content.clone())).collect();
            let at = dice.next_u32() as usize % parts.len();
            damage(&mut dice, &mut parts[at].1);
            zipped(&parts)
        };
        check(&damaged, &profile, &mut refused);
    }
    assert!(refused > FILES / 2, "{refused}");
}
