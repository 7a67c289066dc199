//! `upline import`

mod refused;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::interrupt::Interrupt;
use crate::cli::progress;
use crate::cli::report::{Cell, Format, Report, csv_failed, sum};
use crate::cli::screen::{self, note, say};
use crate::commands::snapshots;
use indicatif::ProgressBar;
use refused::RefusedFile;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;
use upline_formats::plain::defused;
use upline_formats::source::{Format as InputFormat, Source, SourceError, Submitted};
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions, ImportReport, RefusedLine};
use upline_ledger::{Ledger, LedgerError};
use upline_views::balance;

/// Record facts from files
///
/// JSONL, one fact a line, or CSV with a header; .gz and .zst as they are; - is stdin. A file with a
/// refused line records nothing, unless --keep-going is given. A file is recorded whole or not at all, also where it is
/// interrupted; importing it again records nothing twice.
#[derive(clap::Args)]
pub struct Import {
    /// The files, in the order in which they are to be recorded
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Record nothing; say what would be recorded and refused
    #[arg(long)]
    dry_run: bool,
    /// Record the good lines; the refused ones go to FILE.refused.jsonl, each with its reason
    #[arg(long, conflicts_with = "dry_run")]
    keep_going: bool,
    /// Replace what an earlier import left of refused lines
    #[arg(long, requires = "keep_going")]
    force: bool,
    /// Store the facts as they come, so many at a time, instead of the whole file or nothing: for streams
    #[arg(long, value_name = "N", conflicts_with = "dry_run")]
    commit_every: Option<NonZeroU64>,
    /// Take recorded_at from the facts (for migrations and tests)
    #[arg(long)]
    trust_recorded_at: bool,
}

/// How often an import that waits for input looks whether somebody wants it to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Chunks that may be read ahead of the deciding thread.
const CHUNKS_AHEAD_MAX: usize = 16;

/// Refusals that people are shown; programs get the first thousand.
const REFUSALS_SHOWN_MAX: usize = 20;

/// A file with what became of it.
struct Imported {
    name: String,
    report: ImportReport,
    refused_to: Option<PathBuf>,
}

impl Import {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut ledger = context.open_to_record()?;
        let _answering = context.answer_meanwhile(&ledger);
        let mode = match (self.dry_run, self.keep_going) {
            (true, _) => ImportMode::DryRun,
            (false, true) => ImportMode::KeepGoing,
            (false, false) => ImportMode::AllOrNothing,
        };
        let interrupt = Interrupt::watch()?;
        let mut done = Vec::new();
        let mut left = self.files.iter();
        for path in left.by_ref() {
            let imported = self.import(&mut ledger, path, mode, &interrupt)?;
            let stop = mode == ImportMode::AllOrNothing && !imported.report.refused.is_empty();
            done.push(imported);
            if stop {
                break; // later files build on this one
            }
        }
        if mode != ImportMode::DryRun {
            snapshots::store(&ledger);
        }
        match context.format {
            Format::Json => write_json(&done, &ledger, self.dry_run)?,
            Format::Csv => write_csv(&done)?,
            _ => write_words(&done, mode, left.as_slice())?,
        }
        if done.iter().any(|file| !file.report.refused.is_empty()) { Err(Failure::Refused) } else { Ok(()) }
    }

    fn import(
        &self,
        ledger: &mut Ledger,
        path: &Path,
        mode: ImportMode,
        interrupt: &Interrupt,
    ) -> Result<Imported, Failure> {
        let name = path.display().to_string();
        let file_name = path.file_name().map(|file| file.to_string_lossy().into_owned());
        let origin = file_name.filter(|file| file != "-").map(Arc::from);
        let (trust_recorded_at, commit_every) = (self.trust_recorded_at, self.commit_every);
        let options = ImportOptions { mode, trust_recorded_at, origin, commit_every };
        let (bar, mut source) = open(path, &name)?;
        let mut refused = (mode == ImportMode::KeepGoing && name != "-").then(|| RefusedFile::of(path));
        if refused.is_some() {
            source = source.keep_raw();
        }
        let mut tell = |line: &RefusedLine, raw: Option<&[u8]>| {
            if let Some(refused) = &mut refused {
                refused.take(line, raw);
            }
        };
        let chunks = Chunks::of(source, interrupt.clone(), name.clone());
        let report = ledger.import(&options, chunks, &mut tell);
        bar.finish_and_clear();
        if let Err(LedgerError::Source(SourceError::Interrupted { .. })) = &report {
            let ends = match commit_every {
                Some(_) => format!(
                    "ends at its last commit, position {}: importing it again goes on",
                    ledger.position()
                ),
                None => "was interrupted before its end: nothing of it is recorded".to_owned(),
            };
            note(&format!("The import of {name} {ends}."));
        }
        let report = report?;
        let refused_to = refused.map_or(Ok(None), |refused| refused.finish(self.force))?;
        Ok(Imported { name, report, refused_to })
    }
}

/// Chunks of lines, read and parsed ahead of deciding on a thread of their own. That is left behind where somebody ends
/// the import: it may be waiting for input that never comes.
struct Chunks {
    /// Chunks, and nothing once the input has ended.
    chunks: Receiver<Option<Result<Vec<Submitted>, SourceError>>>,
    interrupt: Interrupt,
    name: String,
    line: u64,
    ended: bool,
}

impl Chunks {
    fn of(source: Source, interrupt: Interrupt, name: String) -> Chunks {
        let (ahead, chunks) = sync_channel(CHUNKS_AHEAD_MAX);
        std::thread::spawn(move || {
            for chunk in source {
                if ahead.send(Some(chunk)).is_err() {
                    return; // the import has ended early and says why
                }
            }
            let _ = ahead.send(None);
        });
        Chunks { chunks, interrupt, name, line: 0, ended: false }
    }
}

impl Iterator for Chunks {
    type Item = Result<Vec<ImportLine>, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            if let Some(signal) = self.interrupt.signal() {
                self.ended = true;
                return Some(Err(SourceError::Interrupted {
                    name: self.name.clone(),
                    line: self.line,
                    signal,
                }));
            }
            match self.chunks.recv_timeout(LOOK_EVERY) {
                Ok(None) => self.ended = true,
                Ok(Some(chunk)) => {
                    self.ended = chunk.is_err();
                    return Some(chunk.map(|lines| {
                        self.line = lines.last().map_or(self.line, |last| last.line);
                        lines.into_iter().map(ImportLine::from).collect()
                    }));
                }
                Err(RecvTimeoutError::Timeout) => {}
                // It says when it ends: a reader that is gone without that read only a part.
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    let error = io::Error::other("the thread that reads it stopped");
                    return Some(Err(SourceError::Read { name: self.name.clone(), line: self.line, error }));
                }
            }
        }
        None
    }
}

fn open(path: &Path, name: &str) -> Result<(ProgressBar, Source), Failure> {
    if name == "-" {
        let bar = progress::bar("importing stdin", None, "{spinner} {msg} {bytes} ({bytes_per_sec})");
        let input = bar.wrap_read(screen::stdin());
        let source = Source::new("stdin", InputFormat::JsonLines, Box::new(input))?;
        return Ok((bar, source));
    }
    let file = File::open(path).map_err(|error| FileWrong::Unopened(error).of(path))?;
    let length = file.metadata().ok().map(|metadata| metadata.len());
    let template = "{msg} [{bar:40}] {percent}% of {total_bytes}, {eta} left";
    let bar = progress::bar("importing", length, template);
    let input: Box<dyn Read + Send> = Box::new(bar.wrap_read(file));
    let source = Source::new(name, InputFormat::of_name(name), input)?;
    Ok((bar, source))
}

fn refusals(done: &[Imported]) -> impl Iterator<Item = (&str, &RefusedLine)> {
    done.iter().flat_map(|file| file.report.refused.first.iter().map(|refused| (file.name.as_str(), refused)))
}

/// What somebody would gain or lose, as a row of `balance`.
fn change(row: &balance::BalanceRow) -> Value {
    let f = &row.figures;
    let [payable, unearned, debt, leads, reserve, net] =
        [f.payable, f.unearned, f.debt, f.leads, f.reserve, f.net()].map(|total| total.to_string());
    json!({"producer": row.producer.as_str(), "payable": payable, "unearned": unearned, "debt": debt,
        "leads": leads, "reserve": reserve, "net": net})
}

fn write_json(done: &[Imported], ledger: &Ledger, dry_run: bool) -> Result<(), Failure> {
    let sum = |of: fn(&ImportReport) -> u64| done.iter().map(|file| of(&file.report)).sum::<u64>();
    let mut from: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in done.iter().flat_map(|file| &file.report.already_recorded_from) {
        *from.entry(name).or_default() += count;
    }
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, count) in done.iter().flat_map(|file| &file.report.refused.by_code) {
        *by_code.entry(code).or_default() += count;
    }
    let refusals: Vec<Value> = refusals(done)
        .map(|(file, RefusedLine { line, refusal })| {
            let (code, field) = (refusal.code.as_str(), refusal.field);
            json!({"file": file, "line": line, "field": field, "code": code, "message": refusal.message})
        })
        .collect();
    let answer = json!({
        "recorded": sum(|report| report.recorded),
        "already_recorded": sum(|report| report.already_recorded),
        "already_recorded_from": from,
        "refused": sum(|report| report.refused.count),
        "refused_by_code": by_code,
        "events": sum(|report| report.events),
        "position": done.last().map_or(0, |file| file.report.position),
        // What is not recorded has no root.
        "root": if dry_run { Value::Null } else { json!(ledger.root().to_string()) },
        "refusals": refusals,
    });
    let mut answer = answer;
    let changes: Vec<Value> = done.iter().flat_map(|file| &file.report.would_change).map(change).collect();
    if let Some(members) = answer.as_object_mut().filter(|_| dry_run) {
        members.insert("would_change".to_owned(), Value::Array(changes));
    }
    screen::json(&answer)?;
    Ok(())
}

fn write_csv(done: &[Imported]) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(screen::stdout());
    csv.write_record(["file", "line", "field", "code", "message"]).map_err(csv_failed)?;
    for (file, RefusedLine { line, refusal }) in refusals(done) {
        let field = refusal.field.unwrap_or_default();
        csv.write_record([
            &defused(file),
            line.to_string().as_str(),
            field,
            refusal.code.as_str(),
            &defused(&refusal.message),
        ])
        .map_err(csv_failed)?;
    }
    csv.flush()?;
    Ok(())
}

/// `1 fact`, `2 facts`.
fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn change_cells(row: &balance::BalanceRow) -> Vec<Cell> {
    let f = &row.figures;
    let money = [f.payable, f.unearned, f.debt, f.leads, f.reserve, f.net()].map(Cell::Money);
    std::iter::once(Cell::text(&row.producer)).chain(money).collect()
}

fn write_words(done: &[Imported], mode: ImportMode, left: &[PathBuf]) -> Result<(), Failure> {
    let mut out = screen::stdout();
    for Imported { name, report, refused_to } in done {
        let name = if name == "-" { "stdin" } else { name };
        let ImportReport { recorded, already_recorded, refused, events, position, .. } = report;
        let recorded_now = counted(*recorded, "fact");
        match mode {
            _ if *recorded + *already_recorded == 0 && refused.is_empty() => {
                say!(out, "{name}: there is no fact in it")?;
            }
            ImportMode::DryRun => {
                say!(out, "{name}: {recorded_now} would be recorded (dry run: nothing was)")?;
            }
            ImportMode::AllOrNothing if !refused.is_empty() && *recorded == 0 => {
                say!(out, "{name}: nothing was recorded, because of refused lines")?;
            }
            _ => {
                let events = counted(*events, "event");
                say!(out, "{name}: {recorded_now} recorded, as {events} up to position {position}")?;
            }
        }
        if *already_recorded > 0 {
            let before = counted(*already_recorded, "fact");
            say!(out, "  {before} recorded before, and not a second time:")?;
            for (from, count) in &report.already_recorded_from {
                let from = if from == "-" { "stdin" } else { from };
                say!(out, "    {count} from {from}")?;
            }
        }
        if !report.would_change.is_empty() {
            let rows: Vec<Vec<Cell>> = report.would_change.iter().map(change_cells).collect();
            let sums = (1..7).map(|column| sum(&rows, column));
            let footer = std::iter::once(Cell::text("total")).chain(sums).collect();
            Report {
                title: "  Who would gain and lose what, over all dates:".to_owned(),
                columns: vec!["producer", "payable", "unearned", "debt", "leads", "reserve", "net"],
                footer: (rows.len() > 1).then_some(footer),
                rows,
                ..Report::default()
            }
            .write_table(&mut out)?;
        }
        if refused.is_empty() {
            continue;
        }
        say!(out, "  {} refused:", counted(refused.count, "line"))?;
        for RefusedLine { line, refusal } in refused.first.iter().take(REFUSALS_SHOWN_MAX) {
            say!(out, "    line {line}: {refusal}")?;
        }
        let shown = refused.first.len().min(REFUSALS_SHOWN_MAX) as u64;
        if refused.count > shown {
            let codes = refused.by_code.iter().map(|(code, count)| format!("{count} {code}"));
            let codes: Vec<String> = codes.collect();
            say!(out, "    … and {} more (in all: {})", refused.count - shown, codes.join(", "))?;
        }
        match (refused_to, mode) {
            (Some(path), _) => say!(out, "  They are in {}, each with its reason.", path.display())?,
            (None, ImportMode::AllOrNothing) => {
                say!(out, "  Correct them and import the file again, or record the rest with --keep-going.")?;
            }
            (None, _) => {}
        }
    }
    for path in left {
        say!(out, "{}: not imported, because a file before it was refused", path.display())?;
    }
    Ok(())
}
