//! The file of the lines that an import refused.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::output::{NewFile, SECRET};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use upline_formats::plain::harmless_json;
use upline_ledger::import::RefusedLine;

/// How many such files of one name there may be.
const FILES_MAX: u32 = 1_000;

/// Takes the refused lines of a file as they come, each with its reason. Made with the first of them.
pub struct RefusedFile {
    beside: PathBuf,
    file: Option<BufWriter<File>>,
    new: Option<NewFile>,
    failed: Option<Failure>,
}

impl RefusedFile {
    /// The file beside an input.
    pub fn of(input: &Path) -> RefusedFile {
        let mut beside = input.as_os_str().to_owned();
        beside.push(".refused.jsonl");
        RefusedFile { beside: PathBuf::from(beside), file: None, new: None, failed: None }
    }

    /// Takes a line. What keeps it from being written is told at the end.
    pub fn take(&mut self, refused: &RefusedLine, raw: Option<&[u8]>) {
        if self.failed.is_none()
            && let Err(failure) = self.write(refused, raw)
        {
            self.failed = Some(failure);
        }
    }

    fn write(
        &mut self,
        RefusedLine { line, refusal }: &RefusedLine,
        raw: Option<&[u8]>,
    ) -> Result<(), Failure> {
        let cannot = |error: io::Error| FileWrong::Unwritten(error).of(&self.beside);
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                // Whatever has its name meanwhile: what it is called is found at the end.
                let mut new = NewFile::create_beside(&self.beside)?;
                let file = new.file().try_clone().map_err(cannot)?;
                self.new = Some(new);
                none.insert(BufWriter::new(file))
            }
        };
        let text = raw.map(String::from_utf8_lossy);
        let fact = text.map(|text| {
            serde_json::from_str::<Value>(&text).unwrap_or_else(|_| Value::String(text.into_owned()))
        });
        let (code, field) = (refusal.code.as_str(), refusal.field);
        let row =
            json!({"line": line, "code": code, "field": field, "message": refusal.message, "fact": fact});
        writeln!(file, "{}", harmless_json(&row.to_string())).map_err(cannot)
    }

    /// Gives it its name: that of the input with `.refused.jsonl`, or with a number where that has another content; one
    /// that is there is replaced only where that is asked for.
    pub fn finish(self, force: bool) -> Result<Option<PathBuf>, Failure> {
        let RefusedFile { beside, file, new, failed } = self;
        if let Some(failure) = failed {
            return Err(failure);
        }
        let (Some(file), Some(new)) = (file, new) else { return Ok(None) };
        let cannot = |error: io::Error| FileWrong::Unwritten(error).of(&beside);
        drop(file.into_inner().map_err(|error| cannot(error.into_error()))?);
        for number in 1..=FILES_MAX {
            let name =
                if number == 1 { beside.clone() } else { beside.with_extension(format!("{number}.jsonl")) };
            if force || fs::symlink_metadata(&name).is_err() {
                new.place_as(&name, force, SECRET)?;
                return Ok(Some(name));
            }
            if same(&name, new.partial()).unwrap_or(false) {
                return Ok(Some(name));
            }
        }
        Err(FileWrong::There.of(&beside))
    }
}

/// Whether two files hold the same.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    if !fs::symlink_metadata(one)?.is_file() || fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let (one, other) = (BufReader::new(File::open(one)?), BufReader::new(File::open(other)?));
    let mut other = other.bytes();
    for byte in one.bytes() {
        if other.next().transpose()? != Some(byte?) {
            return Ok(false);
        }
    }
    Ok(other.next().is_none())
}
