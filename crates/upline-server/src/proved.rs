//! What auditors take away: the head of the log, proofs, the evidence of closed periods, and the entries for other tools.

use crate::problem::Problem;
use crate::questions::Asked;
use crate::reply::{Form, Reply, Writing};
use crate::signing::Signing;
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use upline_answers::events::NotWritten;
use upline_answers::exports::{not, write};
use upline_core::as_of::AsOf;
use upline_core::time::Day;
use upline_formats::export::beancount::Beancount;
use upline_formats::export::journal::Journal;
use upline_formats::export::parquet::Months;
use upline_formats::export::rows::Rows;
use upline_formats::export::xlsx::Xlsx;
use upline_formats::proof::Proof;
use upline_ledger::proofs::ProofError;
use upline_ledger::{Ledger, LedgerError};
use uuid::Uuid;

/// The head of the log, signed where the server has a key.
pub fn checkpoint(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (position, root) = (asked.ledger.position(), asked.ledger.root().to_string());
    let signed = asked.signing.map(|signing| signing.sign(asked.ledger, position)).transpose()?;
    if asked.form == Form::Table {
        let signed =
            signed.ok_or_else(|| Signing::required(None).err().unwrap_or_else(Problem::not_found))?;
        return Ok(text(signed));
    }
    Ok(Reply::json(&json!({"position": position, "root": root, "checkpoint": signed})))
}

/// That an event is in the log.
pub fn event(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.path.first().and_then(|id| Uuid::parse_str(id).ok()).ok_or_else(Problem::not_found)?;
    let (ledger, signing) = (asked.ledger, Signing::required(asked.signing)?);
    let size = ledger.position();
    let proof = ledger.prove_event(id, size)?;
    let checkpoint = signing.sign(ledger, size)?;
    let (leaf, position, hashes) = (proof.leaf, proof.position, proof.hashes);
    Ok(text(Proof::Event { leaf, position, hashes, checkpoint }.write()))
}

/// That the log goes on from what it was.
pub fn consistency(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (ledger, signing) = (asked.ledger, Signing::required(asked.signing)?);
    let earlier = asked.given.number("from").ok_or_else(Problem::not_found)?;
    let size = asked.given.number("to").unwrap_or(ledger.position());
    if size.max(earlier) > ledger.position() {
        return Err(LedgerError::from(ProofError::TooShort(ledger.position())).into());
    }
    let hashes = ledger.prove_since(earlier, &ledger.root_at(earlier)?, size)?;
    let checkpoint = signing.sign(ledger, size)?;
    Ok(text(Proof::Since { earlier, hashes, checkpoint }.write()))
}

/// The evidence of a closed period.
pub fn evidence(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let through = asked.path.first().and_then(|day| Day::parse(day)).ok_or_else(Problem::not_found)?;
    let ledger = asked.ledger;
    let closed = ledger.closings(ledger.position())?.of(through).ok_or_else(Problem::not_found)?;
    let signing = Signing::required(asked.signing)?;
    let files = signing.with_key(ledger, closed, |key| ledger.evidence(through, closed, key))??;
    if asked.given.word("format") != Some("tar") {
        let files = files.iter().map(|file| json!({"name": file.name, "text": file.text}));
        let files: Vec<_> = files.collect();
        return Ok(Reply::json(
            &json!({"through": through.to_string(), "closed_at": closed, "files": files}),
        ));
    }
    let mut tar = tar::Builder::new(Vec::new());
    let failed = |error: io::Error| Problem::failed(error.to_string());
    for file in &files {
        let mut header = tar::Header::new_ustar();
        header.set_size(file.text.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, file.name, file.text.as_bytes()).map_err(failed)?;
    }
    let file_name = Some(format!("closed-{through}.tar"));
    Ok(Reply { file_name, ..Reply::bytes("application/x-tar", tar.into_inner().map_err(failed)?) })
}

/// The entries at a point, for other tools.
pub fn export(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let point = asked.given.point()?;
    let at = point.at(asked.ledger)?;
    let title = format!("Entries {}", point.words(at));
    let (kind, end, writing): (_, _, Writing) = match asked.path.first().map(String::as_str) {
        Some("hledger" | "ledger") => (
            "text/plain; charset=utf-8",
            "journal",
            Box::new(move |ledger, out| write(ledger, at, Journal::new(out, &title).map_err(not)?)),
        ),
        Some("beancount") => (
            "text/plain; charset=utf-8",
            "beancount",
            Box::new(move |ledger, out| write(ledger, at, Beancount::new(out, &title).map_err(not)?)),
        ),
        Some("csv") => (
            "text/csv; charset=utf-8",
            "csv",
            Box::new(move |ledger, out| write(ledger, at, Rows::new(out).map_err(not)?)),
        ),
        Some("xlsx") => {
            (crate::doings::XLSX, "xlsx", Box::new(move |ledger, out| xlsx(ledger, at, &title, out)))
        }
        Some("parquet") => {
            ("application/x-tar", "tar", Box::new(move |ledger, out| parquet(ledger, at, out)))
        }
        _ => return Err(Problem::not_found()),
    };
    let file_name = Some(format!("entries-{}.{end}", at.effective));
    Ok(Reply { file_name, ..Reply::streamed(kind, writing) })
}

/// A workbook, made beside and then sent.
fn xlsx(ledger: &Ledger, at: AsOf, title: &str, out: &mut dyn Write) -> Result<(), NotWritten> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("entries.xlsx");
    let book = Xlsx::new(File::create_new(&path)?, title, at.effective, dir.path()).map_err(not)?;
    write(ledger, at, book)?;
    io::copy(&mut File::open(&path)?, out)?;
    Ok(())
}

/// A directory of files by month, made beside and then sent as a tar.
fn parquet(ledger: &Ledger, at: AsOf, out: &mut dyn Write) -> Result<(), NotWritten> {
    let dir = tempfile::tempdir()?;
    let place = dir.path().join("entries");
    fs::create_dir(&place)?;
    let open = |month: &str| {
        let of = place.join(format!("month={month}"));
        fs::create_dir(&of)?;
        let path = of.join("entries.parquet");
        File::create_new(&path)?;
        Ok(Appended(path))
    };
    write(ledger, at, Months::new(open))?;
    let mut tar = tar::Builder::new(out);
    tar.mode(tar::HeaderMode::Deterministic);
    tar.append_dir_all("entries", &place)?;
    Ok(tar.finish()?)
}

/// A file that is opened for each piece that is written to it: a book may have more months than files can be open.
struct Appended(PathBuf);

impl Write for Appended {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        File::options().append(true).open(&self.0)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn text(text: String) -> Reply {
    Reply::bytes("text/plain; charset=utf-8", text.into_bytes())
}
