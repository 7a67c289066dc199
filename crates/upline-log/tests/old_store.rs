//! Stores that older versions made: a block a key, in segments of 8 MiB. They open, and go on as they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod samples;

use samples::premiums;
use upline_log::{EventLog, MemoryLog, SledLog};

#[test]
fn a_store_of_the_first_layout_opens_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut whole = MemoryLog::new().unwrap();
    whole.append(0, &premiums(1, 30_000)).unwrap();
    {
        let config = sled::Config::new().path(dir.path()).segment_size(8 << 20).flush_every_ms(None);
        let db = config.open().unwrap();
        db.open_tree("meta").unwrap().insert(b"format", &[1]).unwrap();
        let blocks = db.open_tree("blocks").unwrap();
        for block in whole.blocks(1).map(Result::unwrap) {
            blocks.insert(block.first().to_be_bytes(), block.bytes()).unwrap();
        }
        db.flush().unwrap();
    }
    let line = upline_log::log_file::acknowledged_line(whole.tip());
    std::fs::write(dir.path().join("acknowledged"), line).unwrap();
    for count in [1, 20_000, 3] {
        let mut log = SledLog::open(dir.path()).unwrap();
        assert_eq!(log.tip(), whole.tip());
        log.verify(&mut |_| ()).unwrap();
        log.append(log.len(), &premiums(count, 100)).unwrap();
        whole.append(whole.len(), &premiums(count, 100)).unwrap();
        assert_eq!(log.tip(), whole.tip());
    }
}
