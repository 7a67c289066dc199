//! Made `tests/data/golden/ledger-1`, once: `cargo run -p upline-store --example golden_ledger -- DIR`. What it writes
//! today may have other bytes; what was written then is read for ever.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../../upline-log/tests/samples/mod.rs"]
mod samples;

use samples::{Dice, EVENT_TYPES, premium};
use std::path::PathBuf;
use upline_core::event::{Batch, Identity};
use upline_core::fact::Remarks;
use upline_core::time::Moment;
use upline_log::{DiskLog, EventLog};
use upline_store::Directory;

fn main() {
    let dir = PathBuf::from(std::env::args().nth(1).unwrap());
    let mut log = DiskLog::create(&dir).unwrap();
    let mut dice = Dice::new(2_026);
    // A block in `log`: one that is not small, and holds one of each type.
    let mut full = Batch::default();
    let note: String = (0..46_000).map(|_| char::from(b'0' + dice.below(75) as u8)).collect();
    let mut noted = premium(1, 10_000);
    noted.recorded_at = Moment(1_000_000);
    noted.remarks = Some(Box::new(Remarks { note: Some(note), ..Remarks::default() }));
    full.push(noted, []);
    for number in 1..=EVENT_TYPES {
        let event = dice.event(number, Moment(1_000_000));
        let postings = dice.postings(&event);
        full.push(event, postings);
    }
    let mut caused = premium(2, 5);
    caused.recorded_at = Moment(1_000_000);
    caused.identity = Identity::Caused { by: 28, ordinal: 1 };
    full.push(caused, []);
    log.append(0, &full).unwrap();
    // Blocks in `tail`: of one event, which is not packed, and of some.
    for (count, at) in [(1, 2_000_000), (40, 3_000_000), (1, 3_000_000)] {
        let batch = dice.batch(count, Moment(at));
        log.append(log.len(), &batch).unwrap();
    }
    let mut names = Directory::create(&dir).unwrap();
    names.add("carrier", "C1", Some("Carrier \"One\"".to_owned()), None);
    names.add("producer", "A001", Some("Ana Müller".to_owned()), Some("123456".to_owned()));
    names.add("producer", "A002", Some("Bo".to_owned()), None);
    names.erase("producer", "A002");
    names.save().unwrap();
    println!("{} {}", log.len(), log.root());
}
