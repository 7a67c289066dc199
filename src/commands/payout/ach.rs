//! Where the ACH file of a pay run goes.

use crate::cli::failure::{Failure, FileWrong, note};
use crate::cli::files::{SECRET, read, write_new};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use upline_core::time::Day;
use upline_formats::nacha::{ORIGINATOR_BYTES_MAX, Originator};
use upline_ledger::pay::{AchFile, AchTerms};

/// Where an ACH file goes, and who pays by it.
pub struct Ach {
    file: PathBuf,
    /// Who pays, and when.
    pub terms: AchTerms,
}

impl Ach {
    /// Reads who pays. The file must not be there yet.
    pub fn of(file: &Path, originator: &Path, pay_on: Option<Day>, modifier: char) -> Result<Ach, Failure> {
        if file.exists() {
            return Err(FileWrong::There.of(file));
        }
        let text = read(originator, ORIGINATOR_BYTES_MAX)?;
        let wrong = |error| FileWrong::NotOriginator(error).of(originator);
        let originator = Originator::parse(&text).map_err(wrong)?;
        Ok(Ach { file: file.to_owned(), terms: AchTerms { originator, pay_on, modifier } })
    }

    /// Makes the file, empty and readable by its owner alone: that it can be written is known before a run is recorded.
    pub fn begin(&self) -> Result<(), Failure> {
        write_new(&self.file, "", SECRET)
    }

    /// Removes the file that [`Ach::begin`] made.
    pub fn abandon(&self) {
        // Should it stay, it is empty.
        let _ = fs::remove_file(&self.file);
    }

    /// Writes the file of a run that is recorded, into what [`Ach::begin`] made; where it cannot, removes that.
    pub fn finish(&self, run: u64, ach: Option<&AchFile>) -> Result<(), Failure> {
        let Some(ach) = ach else {
            note(&format!("Pay run {run} pays nothing in cash; no file is written."));
            self.abandon();
            return Ok(());
        };
        let fill = || -> io::Result<()> {
            let mut file = File::options().write(true).open(&self.file)?;
            file.write_all(ach.text.as_bytes())?;
            file.sync_all()
        };
        fill().map_err(|error| {
            self.abandon();
            FileWrong::RunUnwritten(error, run).of(&self.file)
        })?;
        note(&format!(
            "{} pays {} to {} on {}.",
            self.file.display(),
            ach.total.separated(),
            if ach.credits == 1 { "1 producer".to_owned() } else { format!("{} producers", ach.credits) },
            ach.pay_on
        ));
        Ok(())
    }
}
