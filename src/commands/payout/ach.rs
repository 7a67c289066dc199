//! Where the ACH file of a pay run goes.

use crate::cli::failure::{Failure, FileWrong};
use crate::cli::files::read;
use crate::cli::output::{NewFile, SECRET};
use crate::cli::screen::note;
use std::fs;
use std::path::{Path, PathBuf};
use upline_core::money::Total;
use upline_formats::nacha::{ORIGINATOR_BYTES_MAX, Originator};
use upline_ledger::Ledger;
use upline_ledger::pay::{AchFile, AchTerms};

/// Where an ACH file goes, and who pays by it.
pub struct Ach {
    file: PathBuf,
    /// Who pays, and when.
    pub terms: AchTerms,
}

impl Ach {
    /// Reads who pays. The file must not be there yet.
    pub fn of(
        file: &Path,
        originator: &Path,
        terms: impl FnOnce(Originator) -> AchTerms,
    ) -> Result<Ach, Failure> {
        let text = read(originator, ORIGINATOR_BYTES_MAX)?;
        let wrong = |error| FileWrong::NotOriginator(error).of(originator);
        let originator = Originator::parse(&text).map_err(wrong)?;
        Ok(Ach { file: file.to_owned(), terms: terms(originator) })
    }

    /// Refuses a file that is there, and says what it is.
    pub fn check(&self, ledger: &Ledger) -> Result<(), Failure> {
        if fs::symlink_metadata(&self.file).is_err() {
            return Ok(());
        }
        let known = match fs::read(&self.file) {
            Ok(text) => ledger.run_of_file(&text)?,
            Err(_) => None,
        };
        Err(FileWrong::TherePays(known).of(&self.file))
    }

    /// Writes the file, synced and under its name.
    pub fn place(&self, file: &AchFile) -> Result<(), Failure> {
        NewFile::create(&self.file, false)?.fill(file.text.as_bytes(), SECRET)
    }

    /// The run was not recorded, or nobody knows: its file must not look like one that can be sent.
    pub fn unrecorded(&self) {
        let file = self.file.display();
        let names = (1..).map(|number: u32| {
            let mut aside = self.file.as_os_str().to_owned();
            aside.push(if number == 1 {
                ".not-recorded".to_owned()
            } else {
                format!(".not-recorded.{number}")
            });
            PathBuf::from(aside)
        });
        let free = names.take(1_000).find(|aside| fs::symlink_metadata(aside).is_err());
        let moved = free.filter(|aside| fs::rename(&self.file, aside).is_ok());
        let is = match &moved {
            Some(aside) => format!("{file} is {} now. Do not send it", aside.display()),
            None => format!("remove {file}, and do not send it"),
        };
        note(&format!("The run may not be recorded: {is}; upline payout shows what is due."));
    }

    /// Says what was written.
    pub fn tell(&self, run: u64, file: Option<&AchFile>) {
        let Some(AchFile { written, .. }) = file else {
            note(&format!("Pay run {run} pays nothing in cash; no file is written."));
            return;
        };
        note(&format!(
            "{} pays {} to {} on {}.",
            self.file.display(),
            Total::from(written.total).separated(),
            if written.credits == 1 {
                "1 producer".to_owned()
            } else {
                format!("{} producers", written.credits)
            },
            written.pay_on
        ));
    }
}
