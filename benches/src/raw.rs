//! The floor under every store: the same bytes, written to a file and synced, and nothing else done.

use crate::measure::Result;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// A file that is only ever added to.
#[derive(Debug)]
pub struct Raw(File);

impl Raw {
    /// An empty file.
    pub fn create(path: &Path) -> Result<Raw> {
        Ok(Raw(OpenOptions::new().create_new(true).append(true).open(path)?))
    }

    /// Adds bytes, durably: a write and an fdatasync.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes)?;
        Ok(self.0.sync_data()?)
    }
}
