//! Facts out of a file, read and parsed ahead, as the ledger takes them.

use crate::measure::Result;
use std::collections::VecDeque;
use std::io::Cursor;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use upline_formats::source::{Format, Source, SourceError, Submitted};
use upline_ledger::Ledger;
use upline_ledger::decider::{Command, Outcome};
use upline_ledger::import::{Line, Mode, Options};

/// Facts that are handed to the ledger together.
pub const COMMIT_FACTS: usize = 1_000;

/// Chunks that may be parsed ahead.
const CHUNKS_AHEAD_MAX: usize = 16;

/// The facts of an input, in order.
pub struct Facts {
    chunks: Receiver<std::result::Result<Vec<Submitted>, SourceError>>,
    waiting: VecDeque<Line>,
}

impl Facts {
    /// The facts of a file.
    pub fn of_file(path: &Path) -> Result<Facts> {
        Ok(Facts::of(Source::open(path)?))
    }

    /// The facts of a text.
    pub fn of_text(text: String) -> Result<Facts> {
        Ok(Facts::of(Source::new("text", Format::JsonLines, Box::new(Cursor::new(text)))?))
    }

    fn of(source: Source) -> Facts {
        let (ahead, chunks) = sync_channel(CHUNKS_AHEAD_MAX);
        // It ends when the source does, or when nobody takes chunks any more.
        std::thread::spawn(move || {
            source.map(|chunk| ahead.send(chunk)).take_while(|sent| sent.is_ok()).count()
        });
        Facts { chunks, waiting: VecDeque::new() }
    }

    /// The next so many facts; fewer at the end.
    pub fn take(&mut self, count: usize) -> Result<Vec<Line>> {
        while self.waiting.len() < count {
            let Ok(chunk) = self.chunks.recv() else { break };
            self.waiting.extend(chunk?.into_iter().map(line));
        }
        let count = count.min(self.waiting.len());
        Ok(self.waiting.drain(..count).collect())
    }

    /// The next so many facts in commits of [`COMMIT_FACTS`].
    pub fn commits(&mut self, count: usize) -> Result<Vec<Vec<Line>>> {
        let whole = std::iter::repeat_n(COMMIT_FACTS, count / COMMIT_FACTS);
        whole.chain([count % COMMIT_FACTS]).filter(|size| *size > 0).map(|size| self.take(size)).collect()
    }

    /// Imports the next so many facts, all or nothing.
    pub fn import(&mut self, ledger: &mut Ledger, count: usize) -> Result<()> {
        let mut left = count;
        let chunks = std::iter::from_fn(|| {
            let chunk = self.take(left.min(COMMIT_FACTS));
            left -= chunk.as_ref().map_or(left, Vec::len);
            match chunk {
                Ok(lines) if lines.is_empty() => None,
                chunk => Some(chunk.map_err(|error| error.to_string())),
            }
        });
        let options = Options { mode: Mode::AllOrNothing, trust_recorded_at: false, origin: None };
        match ledger.import(&options, chunks)?.refused.first() {
            None => Ok(()),
            Some(refused) => Err(format!("line {} was refused: {}", refused.line, refused.refusal).into()),
        }
    }
}

/// Records one commit: when this returns, all of it is synced. What is refused ends the benchmark.
pub fn commit(ledger: &mut Ledger, lines: Vec<Line>) -> Result<()> {
    for answer in ledger.commit(commands(lines)?)? {
        recorded(answer)?;
    }
    Ok(())
}

/// What lines hold, none of which may be refused.
pub fn commands(lines: Vec<Line>) -> Result<Vec<Command>> {
    let content =
        |line: Line| line.content.map_err(|refusal| format!("line {}: {refusal}", line.number).into());
    lines.into_iter().map(content).collect()
}

/// Refuses every answer but that the fact was recorded.
pub fn recorded(answer: Outcome) -> Result<()> {
    match answer {
        Outcome::Recorded(_) => Ok(()),
        other => Err(format!("a fact was not recorded: {other:?}").into()),
    }
}

/// A parsed line as the ledger takes it.
fn line(submitted: Submitted) -> Line {
    let content = submitted.fact.map(|identified| Command {
        fact: identified.fact,
        id: identified.id,
        identity: identified.identity,
        content: identified.content,
    });
    Line { number: submitted.line, content }
}
