//! `upline import`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong, csv_failed};
use crate::cli::progress;
use crate::cli::report::{Cell, Format, Report, sum};
use crate::commands::snapshots;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use upline_formats::raw::raw_lines;
use upline_formats::source::{Format as InputFormat, Source, SourceError, Submitted};
use upline_ledger::Ledger;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions, ImportReport, RefusedLine};
use upline_views::balance;

/// Record facts from files
///
/// JSONL, one fact a line, or CSV with a header; .gz and .zst as they are; - is stdin. A file with a
/// refused line records nothing, unless --keep-going is given. Importing a file again records nothing
/// twice.
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
    /// Take recorded_at from the facts (for migrations and tests)
    #[arg(long)]
    trust_recorded_at: bool,
}

/// Chunks that may be read ahead of the deciding thread.
const CHUNKS_AHEAD_MAX: usize = 16;

/// Refusals that people are shown; programs get them all.
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
        let mode = match (self.dry_run, self.keep_going) {
            (true, _) => ImportMode::DryRun,
            (false, true) => ImportMode::KeepGoing,
            (false, false) => ImportMode::AllOrNothing,
        };
        let mut done = Vec::new();
        let mut left = self.files.iter();
        for path in left.by_ref() {
            let imported = self.import(&mut ledger, path, mode)?;
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

    fn import(&self, ledger: &mut Ledger, path: &Path, mode: ImportMode) -> Result<Imported, Failure> {
        let name = path.display().to_string();
        let file_name = path.file_name().map(|file| file.to_string_lossy().into_owned());
        let origin = file_name.filter(|file| file != "-").map(Arc::from);
        let options = ImportOptions { mode, trust_recorded_at: self.trust_recorded_at, origin };
        let (bar, source) = open(path, &name)?;
        let report = std::thread::scope(|scope| {
            // Reading and parsing run ahead of deciding, on a thread of their own.
            let (ahead, chunks) = sync_channel(CHUNKS_AHEAD_MAX);
            scope.spawn(move || {
                for chunk in source {
                    if ahead.send(chunk).is_err() {
                        break; // the import has ended early and says why
                    }
                }
            });
            let lines = |chunk: Result<Vec<Submitted>, SourceError>| {
                chunk.map(|lines| lines.into_iter().map(ImportLine::from).collect())
            };
            ledger.import(&options, chunks.into_iter().map(lines))
        })?;
        bar.finish_and_clear();
        let refused_to = if mode == ImportMode::KeepGoing && name != "-" && !report.refused.is_empty() {
            Some(write_refused(path, &report.refused)?)
        } else {
            None
        };
        Ok(Imported { name, report, refused_to })
    }
}

fn open(path: &Path, name: &str) -> Result<(ProgressBar, Source), Failure> {
    if name == "-" {
        let bar = progress::bar("importing stdin", None, "{spinner} {msg} {bytes} ({bytes_per_sec})");
        let input = bar.wrap_read(io::stdin());
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

/// Writes the refused lines beside the file, each with its reason.
fn write_refused(path: &Path, refused: &[RefusedLine]) -> Result<PathBuf, Failure> {
    let mut to = path.as_os_str().to_owned();
    to.push(".refused.jsonl");
    let to = PathBuf::from(to);
    let numbers: BTreeSet<u64> = refused.iter().map(|refused| refused.line).collect();
    let raw = raw_lines(path, &numbers)?;
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(&to)?);
        for RefusedLine { line, refusal } in refused {
            let text = raw.get(line).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let fact = text.map(|text| serde_json::from_str::<Value>(&text).unwrap_or(Value::String(text)));
            let (code, field) = (refusal.code.as_str(), refusal.field);
            let row =
                json!({"line": line, "code": code, "field": field, "message": refusal.message, "fact": fact});
            writeln!(out, "{row}")?;
        }
        out.flush()
    };
    write().map_err(|error| FileWrong::Unwritten(error).of(&to))?;
    Ok(to)
}

fn refusals(done: &[Imported]) -> impl Iterator<Item = (&str, &RefusedLine)> {
    done.iter().flat_map(|file| file.report.refused.iter().map(|refused| (file.name.as_str(), refused)))
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
        "refused": refusals.len(),
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
    writeln!(io::stdout().lock(), "{answer}")?;
    Ok(())
}

fn write_csv(done: &[Imported]) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(io::stdout().lock());
    csv.write_record(["file", "line", "field", "code", "message"]).map_err(csv_failed)?;
    for (file, RefusedLine { line, refusal }) in refusals(done) {
        let field = refusal.field.unwrap_or_default();
        csv.write_record([file, &line.to_string(), field, refusal.code.as_str(), &refusal.message])
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
    let mut out = io::stdout().lock();
    for Imported { name, report, refused_to } in done {
        let name = if name == "-" { "stdin" } else { name };
        let ImportReport { recorded, already_recorded, refused, events, position, .. } = report;
        let recorded_now = counted(*recorded, "fact");
        match mode {
            _ if *recorded + *already_recorded == 0 && refused.is_empty() => {
                writeln!(out, "{name}: there is no fact in it")?;
            }
            ImportMode::DryRun => {
                writeln!(out, "{name}: {recorded_now} would be recorded (dry run: nothing was)")?;
            }
            ImportMode::AllOrNothing if !refused.is_empty() => {
                writeln!(out, "{name}: nothing was recorded, because of refused lines")?;
            }
            _ => {
                let events = counted(*events, "event");
                writeln!(out, "{name}: {recorded_now} recorded, as {events} up to position {position}")?;
            }
        }
        if *already_recorded > 0 {
            let before = counted(*already_recorded, "fact");
            writeln!(out, "  {before} recorded before, and not a second time:")?;
            for (from, count) in &report.already_recorded_from {
                let from = if from == "-" { "stdin" } else { from };
                writeln!(out, "    {count} from {from}")?;
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
        writeln!(out, "  {} refused:", counted(refused.len() as u64, "line"))?;
        for RefusedLine { line, refusal } in refused.iter().take(REFUSALS_SHOWN_MAX) {
            writeln!(out, "    line {line}: {refusal}")?;
        }
        if refused.len() > REFUSALS_SHOWN_MAX {
            writeln!(out, "    … and {} more (--format json lists all)", refused.len() - REFUSALS_SHOWN_MAX)?;
        }
        match (refused_to, mode) {
            (Some(path), _) => writeln!(out, "  They are in {}, each with its reason.", path.display())?,
            (None, ImportMode::AllOrNothing) => {
                writeln!(
                    out,
                    "  Correct them and import the file again, or record the rest with --keep-going."
                )?;
            }
            (None, _) => {}
        }
    }
    for path in left {
        writeln!(out, "{}: not imported, because a file before it was refused", path.display())?;
    }
    Ok(())
}
