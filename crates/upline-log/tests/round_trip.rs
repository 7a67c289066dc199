//! Every event comes back as it went in, and bytes that are none are refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use proptest::prelude::*;
use samples::{Dice, EVENT_TYPES, premiums};
use upline_core::time::Moment;
use upline_log::{Block, Encoder, LogError, Tip, event_bytes, event_from_bytes};

proptest! {
    #[test]
    fn every_event_comes_back(seed: u64, event_type in 1..=EVENT_TYPES, recorded_at: i64) {
        let mut dice = Dice::new(seed);
        let event = dice.event(event_type, Moment(recorded_at));
        let postings = dice.postings(&event);
        let bytes = event_bytes(&event, &postings).unwrap();
        prop_assert_eq!(u64::from(bytes[0]), event_type);
        prop_assert_eq!(event_from_bytes(&bytes).unwrap(), (event, postings));
    }

    #[test]
    fn an_event_cut_short_or_longer_is_refused(seed: u64, event_type in 1..=EVENT_TYPES) {
        let mut dice = Dice::new(seed);
        let event = dice.event(event_type, Moment(7));
        let mut bytes = event_bytes(&event, &dice.postings(&event)).unwrap();
        for end in 0..bytes.len() {
            prop_assert!(event_from_bytes(&bytes[..end]).is_err());
        }
        bytes.push(0);
        prop_assert!(event_from_bytes(&bytes).is_err());
    }

    #[test]
    fn noise_is_no_event_and_no_block(bytes: Vec<u8>, first: u64) {
        let _ = event_from_bytes(&bytes);
        prop_assert!(Block::parse(first, bytes).is_err());
    }

    #[test]
    fn a_changed_event_is_refused_or_another(seed: u64, at: prop::sample::Index, bit in 0u8..8) {
        let mut dice = Dice::new(seed);
        let event_type = 1 + dice.below(EVENT_TYPES);
        let event = dice.event(event_type, Moment(7));
        let mut bytes = event_bytes(&event, &dice.postings(&event)).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let _ = event_from_bytes(&bytes);
    }
}

fn blocks() -> Vec<Block> {
    let mut encoder = Encoder::after(&Tip::default()).unwrap();
    encoder.push_batch(&premiums(1, 300)).unwrap();
    let mut sealed = encoder.finish().unwrap();
    encoder.push_batch(&Dice::new(2).batch(1, Moment(i64::MAX))).unwrap();
    sealed.extend(encoder.finish().unwrap());
    sealed.iter().map(|sealed| sealed.block().clone()).collect()
}

#[test]
fn a_block_comes_back() {
    for block in blocks() {
        let parsed = Block::parse(block.first(), block.bytes()).unwrap();
        assert_eq!(parsed, block);
        assert_eq!(parsed.decode().unwrap(), block.decode().unwrap());
    }
}

#[test]
fn a_block_cut_short_flipped_or_misplaced_is_damaged() {
    for block in blocks() {
        for end in 0..block.bytes().len() {
            let cut = Block::parse(block.first(), &block.bytes()[..end]);
            assert!(matches!(cut, Err(LogError::Damaged { .. })), "cut at {end}");
        }
        for at in 0..block.bytes().len() {
            let mut bytes = block.bytes().to_vec();
            bytes[at] ^= 1 << (at % 8);
            assert!(
                matches!(Block::parse(block.first(), bytes), Err(LogError::Damaged { .. })),
                "flip at {at}"
            );
        }
        assert!(Block::parse(block.first() + 1, block.bytes()).is_err());
        assert!(Block::parse(block.first(), [block.bytes(), &[0]].concat()).is_err());
    }
}

/// The checksum as the format describes it, so that tests can write any block.
fn sealed_again(first: u64, mut bytes: Vec<u8>) -> Vec<u8> {
    let mut all = first.to_be_bytes().to_vec();
    all.extend_from_slice(&bytes[8..]);
    let crc = all.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    });
    bytes[4..8].copy_from_slice(&(!crc).to_le_bytes());
    bytes
}

#[test]
fn a_block_that_lies_under_a_sound_checksum_is_an_error() {
    for block in blocks() {
        assert_eq!(sealed_again(block.first(), block.bytes().to_vec()), block.bytes());
        for at in (8..block.bytes().len()).filter(|at| *at < 60 || at % 7 == 0) {
            for change in [1u8, 0x80, 0xff] {
                let mut bytes = block.bytes().to_vec();
                bytes[at] ^= change;
                // Whatever it says, reading it is an answer or an error.
                if let Ok(block) = Block::parse(block.first(), sealed_again(block.first(), bytes)) {
                    let _ = block.decode();
                }
            }
        }
    }
}

#[test]
fn what_is_newer_is_named() {
    let block = &blocks()[0];
    let mut bytes = block.bytes().to_vec();
    bytes[8] = 2;
    let newer = Block::parse(1, sealed_again(1, bytes)).unwrap_err();
    assert_eq!(
        newer.to_string(),
        "the block at position 1 is of version 2, and this program reads up to 1: use a newer version of it"
    );
    let mut dice = Dice::new(1);
    let bytes = event_bytes(&dice.event(11, Moment(0)), &[]).unwrap();
    for (at, value) in [(0, EVENT_TYPES as u8 + 1), (0, 200), (1, 2)] {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        assert!(matches!(event_from_bytes(&bytes), Err(LogError::NewerFormat { .. })));
    }
    for at in [0, 1] {
        let mut bytes = bytes.clone();
        bytes[at] = 0;
        assert!(matches!(event_from_bytes(&bytes), Err(LogError::Damaged { .. })));
    }
}
