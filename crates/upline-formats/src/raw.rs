//! Lines of an input as they came, for giving refused ones back.

use crate::lines::{Line, Lines};
use crate::source::{SourceError, decompressed};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

/// The lines of these numbers (from 1), read from the file once more. Of a CSV record over several lines
/// that is its first; lines over the limit are left out.
pub fn raw_lines(path: &Path, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Vec<u8>>, SourceError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| SourceError::Open { name: name.clone(), error })?;
    let (_, reader) = decompressed(&name, Box::new(file))?;
    let mut lines = Lines::new(reader);
    let mut found = BTreeMap::new();
    while numbers.last().is_some_and(|last| lines.number() < *last) {
        let line = lines.number();
        let failed = |error| SourceError::Read { name: name.clone(), line, error };
        match lines.next().map_err(failed)? {
            None => break,
            Some(Line::Text(text)) if numbers.contains(&(line + 1)) => {
                found.insert(line + 1, text.to_vec());
            }
            Some(_) => {}
        }
    }
    Ok(found)
}
