//! Bytes as a block and as an event. Reading them never panics, and what is allocated has a bound. A block
//! that is decoded holds as many events as it says, and what is decoded is encoded as the same bytes,
//! unless a number took more of them than it needs. Most inputs stand behind a checksum that is made to
//! hold, or in an envelope that is made for them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upline_core::event::{Batch, Event};
use upline_core::posting::Posting;
use upline_fuzz::sealing::{ENVELOPE_BYTES, Envelope, seal};
use upline_fuzz::{Input, sound, there};
use upline_log::{
    Block, Decoder, Encoder, EventLog, LogError, MemoryLog, RAW_BYTES_MAX, Tip, event_bytes, event_from_bytes,
};

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let kind = input.u8() % 7;
    match kind {
        0 => check_event(input.rest()),
        1 => check_block(input.u64(), input.rest().to_vec()),
        2 => {
            let (first, mut block) = (input.u64(), input.rest().to_vec());
            seal(first, &mut block);
            check_block(first, block);
        }
        3 | 4 => {
            // Events as they are, or packed.
            let first = input.u64();
            let pieces = pieces(&mut input);
            let raw = pieces.concat();
            let last = pieces.last().and_then(|last| event_from_bytes(last).ok());
            let envelope = Envelope {
                first,
                count: pieces.len() as u32,
                codec: kind - 3,
                raw_bytes: raw.len() as u32,
                recorded_at: last.map_or(0, |(event, _)| event.recorded_at.0),
            };
            let packed = if kind == 4 { sound(zstd::bulk::compress(&raw, 1), "packing") } else { raw };
            check_block(first, envelope.around(&packed));
        }
        5 => {
            // Anything as what is packed.
            let (first, count) = (input.u64(), u32::from(input.u16()));
            let (raw_bytes, recorded_at) = (input.u32() % (2 * RAW_BYTES_MAX as u32), input.u64() as i64);
            let envelope = Envelope { first, count, codec: 1, raw_bytes, recorded_at };
            check_block(first, envelope.around(input.rest()));
        }
        _ => check_log(&pieces(&mut input)),
    }
});

fn pieces<'i>(input: &mut Input<'i>) -> Vec<&'i [u8]> {
    let mut pieces = Vec::new();
    while !input.is_empty() {
        pieces.push(input.piece());
    }
    pieces
}

/// An error of bytes that are no event or no block says what and where.
fn check_error(error: &LogError) {
    assert!(matches!(error, LogError::Damaged { .. } | LogError::NewerFormat { .. }), "{error:?}");
    assert!(!error.to_string().is_empty());
}

fn check_event(bytes: &[u8]) {
    match event_from_bytes(bytes) {
        Ok((event, postings)) => check_encoded(&event, &postings, bytes),
        Err(error) => check_error(&error),
    }
}

/// What was read is written as the same bytes, or as fewer: numbers are read that take more bytes than they
/// need, and those are never written. What is written is read as the same.
fn check_encoded(event: &Event, postings: &[Posting], bytes: &[u8]) {
    let again = sound(event_bytes(event, postings), "encoding what was decoded");
    assert!(again == bytes || again.len() < bytes.len(), "{event:?}: {bytes:?}, again {again:?}");
    let (read, own) = sound(event_from_bytes(&again), "decoding what was encoded");
    assert!(&read == event && own == postings, "{event:?}: {bytes:?}, again {again:?}");
}

fn check_block(first: u64, bytes: Vec<u8>) {
    let block = match Block::parse(first, bytes.clone()) {
        Ok(block) => block,
        Err(error) => return check_error(&error),
    };
    assert!(block.bytes() == bytes && block.first() == first && block.count() > 0);
    assert_eq!(block.last() - first, u64::from(block.count()) - 1);
    assert!(Block::parse(first ^ 1, bytes.clone()).is_err(), "its checksum does not hold its position");
    let batch = match block.decode() {
        Ok(batch) => batch,
        Err(error) => return check_error(&error),
    };
    assert_eq!(batch.len(), block.count() as usize);
    assert_eq!(batch.last().map(|event| event.recorded_at), block.recorded_at());
    let payload = &bytes[ENVELOPE_BYTES + 32 * block.last().count_ones() as usize..];
    let raw = match bytes[9] {
        0 => payload.to_vec(),
        _ => sound(zstd::bulk::decompress(payload, RAW_BYTES_MAX), "unpacking what was decoded"),
    };
    let mut again = Vec::new();
    for (event, postings) in batch.iter() {
        let own = sound(event_bytes(event, postings), "encoding what was decoded");
        check_encoded(event, postings, &own);
        again.extend_from_slice(&own);
    }
    // As many bytes are the same bytes; see above.
    assert!(again == raw || again.len() < raw.len(), "{raw:?}, again {again:?}");
    // A part of it is that part of all.
    let part = block.first() + u64::from(block.count()) / 2..=block.last();
    let mut some = Batch::default();
    sound(sound(Decoder::new(), "a decoder").decode_part(&block, part, &mut some), "decoding a part");
    assert!(some.iter().eq(batch.iter().skip(block.count() as usize / 2)));
}

/// Events that are encoded into a log come out of it as they are, and it verifies.
fn check_log(pieces: &[&[u8]]) {
    let mut encoder = sound(Encoder::after(&Tip::default()), "an encoder");
    let mut pushed = Vec::new();
    for (event, postings) in pieces.iter().filter_map(|piece| event_from_bytes(piece).ok()) {
        // One that goes back would be refused, and the encoder be of no use afterwards.
        if pushed
            .last()
            .is_none_or(|(before, _): &(Event, Vec<Posting>)| before.recorded_at <= event.recorded_at)
        {
            sound(encoder.push(&event, &postings), "encoding what was decoded");
            pushed.push((event, postings));
        }
    }
    let mut log = sound(MemoryLog::new(), "a log");
    let blocks = sound(encoder.finish(), "sealing");
    sound(log.append_blocks(0, blocks), "appending");
    assert_eq!(sound(log.verify(&mut |_| ()), "verifying").events, pushed.len() as u64);
    let mut pushed = pushed.iter();
    for batch in sound(log.read(1), "reading") {
        for (event, postings) in sound(batch, "reading").1.iter() {
            let (expected, own) = there(pushed.next(), "more events come out than went in");
            assert!(event == expected && postings == own);
        }
    }
    assert!(pushed.next().is_none());
}
