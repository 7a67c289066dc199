//! Cold replay: the whole log into all read models, beside the same from a plain file.
//!
//! The plain file holds the bytes of every event behind their length, not compressed, not checked, in one
//! piece: the least that a log can be. Both files are read from the page cache; "cold" is the process, that
//! knows nothing yet.

use crate::book::Book;
use crate::entries::{each_event, made_whole};
use crate::measure::{Contender, Result, Unit, progress, timed};
use crate::ours;
use crate::table::{Row, Target};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_core::event::{Batch, Position};
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::{event_bytes, event_from_bytes};
use upline_views::Projection;
use upline_views::Seen;
use upline_views::index::{Chapters, Index, Keep};
use upline_views::overrides::Overrides;
use upline_views::persistency::{Gathered, PremiumHistories};

/// Events that are read from the plain file before they are added up.
const EVENTS_AT_ONCE: usize = 1 << 15;

/// The row about replaying a book.
pub fn row(book: &Book, turns: usize) -> Result<Row> {
    let plain = plain_file(book)?;
    progress("replaying the log, and a plain file");
    let rate = |(events, took): (u64, f64)| match events == book.events {
        true => Ok(vec![events as f64 / took]),
        false => Err(format!("{events} events replayed of {}", book.events).into()),
    };
    let ours = |_| rate(timed(|| ours::cold_replay(&book.ledger))?);
    let plain = |_| rate(timed(|| replay_plain(&plain))?);
    let name = "the same read models from a plain file of the events' bytes, in order";
    let what = "cold replay of the log into all read models";
    let row = Row::of("replay", what, book.events, Target::AtLeast(4e6, Unit::PerSecond));
    let ours = Contender::new("Upline", Unit::PerSecond, ours);
    row.measured(turns, ours, vec![Contender::new(name, Unit::PerSecond, plain).wanted(1.0)])
}

/// The plain file of a book, made once.
pub fn plain_file(book: &Book) -> Result<PathBuf> {
    let path = book.dir.join("events.plain");
    if path.exists() {
        return Ok(path);
    }
    progress("writing the plain file of events");
    made_whole(&path, |out| {
        each_event(&book.ledger, Position::MAX, |seen| {
            let Seen { event, postings, .. } = *seen;
            let bytes = event_bytes(event, postings)?;
            out.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
            Ok(out.write_all(&bytes)?)
        })?;
        Ok(())
    })?;
    Ok(path)
}

/// Reads the plain file into the read models that [`upline_views::ReadModels`] has.
fn replay_plain(path: &Path) -> Result<u64> {
    let mut from = BufReader::with_capacity(1 << 20, File::open(path)?);
    let everything = AsOf { effective: Day(i32::MAX), known: Position::MAX };
    let mut reference = ReferenceData::default();
    let mut index = Index::new(Chapters::default(), Keep::Windows);
    let (mut overrides, mut gathered) = (Overrides::new(everything, None), Gathered::default());
    let mut batch = Batch::default();
    let mut bytes = Vec::new();
    let mut position: Position = 0;
    loop {
        let mut length = [0; 4];
        let ended = match from.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => true,
            read => read.map(|()| false)?,
        };
        if ended || batch.len() == EVENTS_AT_ONCE {
            index.absorb(&batch)?;
            batch.clear();
        }
        if ended {
            break;
        }
        bytes.resize(u32::from_le_bytes(length) as usize, 0);
        from.read_exact(&mut bytes)?;
        let (event, postings) = event_from_bytes(&bytes)?;
        position += 1;
        reference.absorb(position, event.on, &event.body)?;
        let policy = reference.policy_of(&event.body);
        let seen = Seen { reference: &reference, position, event: &event, policy, postings: &postings };
        overrides.apply(&seen);
        gathered.apply(&seen);
        batch.push(event, postings);
    }
    let premium_histories = PremiumHistories::of(&gathered, &reference);
    drop((reference, index, overrides, premium_histories));
    Ok(position)
}
