//! Facts out of a file, read and parsed ahead, as the ledger takes them.

use crate::measure::Result;
use std::collections::VecDeque;
use std::io::Cursor;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use upline_formats::source::{Format, Source, SourceError, Submitted};
use upline_ledger::Ledger;
use upline_ledger::decider::{Command, Outcome};
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions};

/// Facts that are handed to the ledger together.
pub const COMMIT_FACTS: usize = 1_000;

/// Chunks that may be parsed ahead.
const CHUNKS_AHEAD_MAX: usize = 16;

/// The facts of an input, in order.
pub struct Facts {
    chunks: Receiver<std::result::Result<Vec<Submitted>, SourceError>>,
    waiting: VecDeque<ImportLine>,
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
    pub fn take(&mut self, count: usize) -> Result<Vec<ImportLine>> {
        while self.waiting.len() < count {
            let Ok(chunk) = self.chunks.recv() else { break };
            self.waiting.extend(chunk?.into_iter().map(line));
        }
        let count = count.min(self.waiting.len());
        Ok(self.waiting.drain(..count).collect())
    }

    /// The next so many facts in commits of [`COMMIT_FACTS`].
    pub fn commits(&mut self, count: usize) -> Result<Vec<Vec<ImportLine>>> {
        let whole = std::iter::repeat_n(COMMIT_FACTS, count / COMMIT_FACTS);
        whole.chain([count % COMMIT_FACTS]).filter(|size| *size > 0).map(|size| self.take(size)).collect()
    }

    /// Imports the next so many facts, all or nothing.
    pub fn import(&mut self, ledger: &mut Ledger, count: usize) -> Result<()> {
        let (mut left, mut failed) = (count, None);
        let chunks = std::iter::from_fn(|| match self.take(left.min(COMMIT_FACTS)) {
            Ok(lines) if lines.is_empty() => None,
            Ok(lines) => {
                left -= lines.len();
                Some(Ok(lines))
            }
            Err(error) => {
                failed = Some(error);
                None
            }
        });
        let options = ImportOptions {
            mode: ImportMode::AllOrNothing,
            trust_recorded_at: false,
            origin: None,
            commit_every: None,
        };
        let report = ledger.import(&options, chunks, &mut |_, _| {})?;
        match report.refused.first.first() {
            None => failed.map_or(Ok(()), Err),
            Some(refused) => Err(format!("line {} was refused: {}", refused.line, refused.refusal).into()),
        }
    }
}

/// Records one commit: when this returns, all of it is synced. What is refused ends the benchmark.
pub fn commit(ledger: &mut Ledger, lines: Vec<ImportLine>) -> Result<()> {
    for answer in ledger.commit(commands(lines)?)? {
        recorded(answer)?;
    }
    Ok(())
}

/// What lines hold, none of which may be refused.
pub fn commands(lines: Vec<ImportLine>) -> Result<Vec<Command>> {
    let content =
        |line: ImportLine| line.content.map_err(|refusal| format!("line {}: {refusal}", line.number).into());
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
fn line(submitted: Submitted) -> ImportLine {
    let content = submitted.fact.map(Command::from);
    ImportLine { number: submitted.line, content, raw: None }
}
