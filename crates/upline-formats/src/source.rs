//! Facts from a file or from stdin: JSONL or CSV, plain or compressed, in chunks.

use crate::csv::{Header, Record, quotes_open};
use crate::fact::{parse_fields, parse_json_line, parse_json_line_by, text, too_long};
use crate::limits::{CHUNK_BYTES, CHUNK_LINES, LINE_BYTES_MAX};
use crate::lines::{Line, Lines};
use crate::ordinals::{Identified, Ordinals};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use upline_core::fact::Fact;
use upline_core::refusal::{Refusal, RefusalCode};

/// One line of the input, read or refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    /// Its number in the file, from 1; of a record of several lines the first.
    pub line: u64,
    /// The fact, or why there is none.
    pub fact: Result<Identified, Refusal>,
    /// The line as it came, where it was refused, or where all are kept; not of a line over the limit.
    pub raw: Option<Box<[u8]>>,
}

/// Why an input could not be read, or not to its end. The lines before were read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened.
    #[error("{name} cannot be opened: {error}")]
    Open {
        /// The name of the input.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// Its name says that it is compressed, and it is not.
    #[error("{name} is named like a {kind} file, but holds no {kind} data")]
    NotCompressed {
        /// The name of the input.
        name: String,
        /// `gzip` or `zstd`.
        kind: &'static str,
    },
    #[error("{name} is a directory: name the files in it")]
    Directory {
        /// The name of the input.
        name: String,
    },
    /// Its first bytes are those of something that holds no lines of facts.
    #[error("{name} is {kind}, not lines of JSON or CSV: {instead}")]
    OtherFormat {
        /// The name of the input.
        name: String,
        kind: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// The compressed data end too early.
    #[error("{name} is cut off: its {kind} data end too early, after line {line}. Fetch the whole file")]
    CutOff {
        /// The name of the input.
        name: String,
        /// `gzip` or `zstd`.
        kind: &'static str,
        /// The last line that could be read.
        line: u64,
    },
    /// Somebody stopped it.
    #[error("{name} was interrupted after line {line}")]
    Interrupted {
        /// The name of the input.
        name: String,
        /// The last line that was read.
        line: u64,
        /// The signal.
        signal: i32,
    },
    /// Reading failed.
    #[error("{name} cannot be read beyond line {line}: {error}")]
    Read {
        /// The name of the input.
        name: String,
        /// The last line that could be read.
        line: u64,
        /// What the system or the decompression says.
        error: io::Error,
    },
}

/// How facts are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// A header and records.
    Csv,
}

impl Format {
    /// The format of a file of this name: `.csv` is CSV, also below `.gz` or `.zst`.
    pub fn of_name(name: &str) -> Format {
        let name = name.to_ascii_lowercase();
        let plain = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        if plain.ends_with(".csv") { Format::Csv } else { Format::JsonLines }
    }
}

/// An input while it is read. An iterator of chunks of about [`CHUNK_LINES`] lines; blank lines are no
/// lines. After an error there is nothing more.
pub struct Source {
    name: String,
    compression: Option<&'static str>,
    lines: Lines<Box<dyn BufRead + Send>>,
    csv: Option<CsvRecords>,
    ordinals: Ordinals,
    error: Option<SourceError>,
    ended: bool,
    keep_raw: bool,
    /// Who sends the lines, where that is known.
    actor: Option<String>,
    /// The bytes of the lines of the chunk that is being filled.
    chunk_bytes: usize,
}

impl Source {
    /// Opens a file, or stdin for `-`.
    pub fn open(path: &Path) -> Result<Source, SourceError> {
        let name = path.display().to_string();
        if name == "-" {
            return Source::new("stdin", Format::JsonLines, Box::new(io::stdin()));
        }
        match File::open(path) {
            Ok(file) => Source::new(&name, Format::of_name(&name), Box::new(file)),
            Err(error) => Err(SourceError::Open { name, error }),
        }
    }

    /// Reads any input. Compressed data are known by their first bytes; the name is for messages, and must
    /// not promise compressed data where there are none.
    pub fn new(name: &str, format: Format, reader: Box<dyn Read + Send>) -> Result<Source, SourceError> {
        let (compression, reader) = decompressed(name, reader)?;
        Ok(Source {
            name: name.to_owned(),
            compression,
            lines: Lines::new(reader),
            csv: (format == Format::Csv).then(CsvRecords::default),
            ordinals: Ordinals::default(),
            error: None,
            ended: false,
            keep_raw: false,
            actor: None,
            chunk_bytes: 0,
        })
    }

    /// Keeps every line as it came, for who may have to give it back.
    pub fn keep_raw(self) -> Source {
        Source { keep_raw: true, ..self }
    }

    /// Somebody known sends the lines of JSON: that is the actor of each, whatever it says.
    pub fn by_actor(self, actor: &str) -> Source {
        Source { actor: Some(actor.to_owned()), ..self }
    }

    /// The name of the input, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn failed(&self, error: io::Error) -> SourceError {
        let (name, line) = (self.name.clone(), self.lines.number());
        match self.compression {
            Some(kind) if error.kind() == io::ErrorKind::UnexpectedEof => {
                SourceError::CutOff { name, kind, line }
            }
            _ => SourceError::Read { name, line, error },
        }
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> io::Result<Option<Submitted>> {
        loop {
            let Some(line) = self.lines.next()? else {
                return Ok(self.csv.as_mut().and_then(CsvRecords::end).map(|unread| self.submitted(unread)));
            };
            if let Line::Text(line) = &line {
                self.chunk_bytes += line.len();
            }
            let keep = self.keep_raw;
            let read = |line: &[u8]| match &self.actor {
                Some(actor) => parse_json_line_by(line, actor),
                None => parse_json_line(line),
            };
            let unread = match &mut self.csv {
                None => match line {
                    Line::Text(line) if line.trim_ascii().is_empty() => None,
                    Line::Text(line) => Some(Unread::of(read(line), line, keep)),
                    Line::TooLong(bytes) => Some(Unread::too_long(bytes)),
                },
                Some(csv) => csv.line(line, keep),
            };
            if let Some(unread) = unread {
                return Ok(Some(self.submitted(unread)));
            }
        }
    }

    fn submitted(&mut self, unread: Unread) -> Submitted {
        let line = self.lines.number() - unread.lines_before;
        let fact = unread.fact.map(|fact| self.ordinals.identify(fact));
        Submitted { line, fact, raw: unread.raw }
    }
}

impl Iterator for Source {
    type Item = Result<Vec<Submitted>, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.error.take() {
            return Some(Err(error));
        }
        let mut chunk = Vec::with_capacity(if self.ended { 0 } else { CHUNK_LINES });
        self.chunk_bytes = 0;
        while !self.ended && chunk.len() < CHUNK_LINES && self.chunk_bytes < CHUNK_BYTES {
            match self.next_line() {
                Ok(Some(submitted)) => chunk.push(submitted),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    self.error = Some(self.failed(error));
                }
            }
        }
        if chunk.is_empty() { self.error.take().map(Err) } else { Some(Ok(chunk)) }
    }
}

/// A line before it has an id.
struct Unread {
    fact: Result<Fact, Refusal>,
    raw: Option<Box<[u8]>>,
    /// How many lines before the last one that was read it began.
    lines_before: u64,
}

impl Unread {
    fn of(fact: Result<Fact, Refusal>, line: &[u8], keep: bool) -> Unread {
        let raw = (keep || fact.is_err()).then(|| line.into());
        Unread { fact, raw, lines_before: 0 }
    }

    fn too_long(bytes: u64) -> Unread {
        Unread { fact: Err(too_long(bytes)), raw: None, lines_before: 0 }
    }
}

/// Puts CSV records together from lines.
#[derive(Default)]
struct CsvRecords {
    header: Option<Header>,
    /// The lines of a record whose quotes are still open.
    open: Vec<u8>,
    open_lines: u64,
    cells: Record,
}

impl CsvRecords {
    /// Takes the next line; gives a record where one ends with it that is not blank.
    fn line(&mut self, line: Line<'_>, keep: bool) -> Option<Unread> {
        let line = match line {
            Line::Text(line) => line,
            Line::TooLong(bytes) => return Some(self.over_long(bytes)),
        };
        let was_open = self.open_lines > 0;
        if self.open.len() + line.len() > LINE_BYTES_MAX {
            return Some(self.over_long((self.open.len() + line.len()) as u64));
        }
        if was_open {
            self.open.push(b'\n');
        }
        if quotes_open(line, was_open, b',') {
            self.open.extend_from_slice(line);
            self.open_lines += 1;
            return None;
        }
        if !was_open {
            return self.record(line, keep);
        }
        self.open.extend_from_slice(line);
        let (record, lines_before) = self.take_open();
        self.record(&record, keep).map(|unread| Unread { lines_before, ..unread })
    }

    /// The record whose quotes are open at the end of the file: refused.
    fn end(&mut self) -> Option<Unread> {
        if self.open_lines == 0 {
            return None;
        }
        let (record, lines) = self.take_open();
        // Refused as it is, it is kept whatever is asked for.
        self.record(&record, true).map(|unread| Unread { lines_before: lines - 1, ..unread })
    }

    fn take_open(&mut self) -> (Vec<u8>, u64) {
        (std::mem::take(&mut self.open), std::mem::take(&mut self.open_lines))
    }

    fn over_long(&mut self, bytes: u64) -> Unread {
        let (_, lines_before) = self.take_open();
        Unread { lines_before, ..Unread::too_long(bytes) }
    }

    fn record(&mut self, record: &[u8], keep: bool) -> Option<Unread> {
        if record.trim_ascii().is_empty() {
            return None;
        }
        let Some(header) = &self.header else {
            return self.take_header(record).err().map(|refusal| Unread::of(Err(refusal), record, keep));
        };
        let cells = &mut self.cells;
        match text(record).and_then(|text| cells.split(text)).and_then(|()| header.fields(cells)) {
            // A row of a spreadsheet that was emptied.
            Ok(fields) if fields.is_empty() => None,
            Ok(fields) => Some(Unread::of(parse_fields(fields), record, keep)),
            Err(refusal) => Some(Unread::of(Err(refusal), record, keep)),
        }
    }

    fn take_header(&mut self, record: &[u8]) -> Result<(), Refusal> {
        self.cells.split(text(record)?)?;
        let header = self.header.insert(Header::new(&self.cells));
        if header.names("type") {
            return Ok(());
        }
        // Every record is refused after this line, for want of a type.
        let message = "the first line of a CSV file names the fields, and there is no column type";
        Err(Refusal::of(RefusalCode::Malformed, "type", message))
    }
}

/// What people send in place of a file of facts: how it begins, what it is, and what to do.
const OTHER_FORMATS: [(&[u8], &str, &str); 5] = [
    (b"%PDF", "a PDF document", "ask for the same as CSV or JSON lines"),
    (b"PK\x03\x04", "a workbook (XLSX) or another ZIP archive", "save the sheet as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (XLS)", "save the sheet as CSV"),
    (b"\xff\xfe", "text in UTF-16", "save it as CSV in UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as CSV in UTF-8"),
];

/// What is behind the first bytes of an input, decompressed where they say so.
pub(crate) fn decompressed(
    name: &str,
    mut reader: Box<dyn Read + Send>,
) -> Result<(Option<&'static str>, Box<dyn BufRead + Send>), SourceError> {
    const BUFFER_BYTES: usize = 256 * 1024;
    const GZIP: &[u8] = &[0x1f, 0x8b];
    const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::IsADirectory => SourceError::Directory { name: name.to_owned() },
        _ => SourceError::Read { name: name.to_owned(), line: 0, error },
    };
    let mut start = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut start).map_err(failed)?;
    let (gzip, zstd) = (start.starts_with(GZIP), start.starts_with(ZSTD));
    let beginning = start.clone();
    let reader = BufReader::with_capacity(BUFFER_BYTES, io::Cursor::new(start).chain(reader));
    if gzip {
        let decoder = MultiGzDecoder::new(reader);
        return Ok((Some("gzip"), Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder))));
    }
    if zstd {
        let decoder = zstd::stream::read::Decoder::with_buffer(reader).map_err(failed)?;
        return Ok((Some("zstd"), Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder))));
    }
    for (begins, kind, instead) in OTHER_FORMATS {
        if beginning.starts_with(begins) {
            return Err(SourceError::OtherFormat { name: name.to_owned(), kind, instead });
        }
    }
    for (end, kind) in [(".gz", "gzip"), (".zst", "zstd")] {
        if name.to_ascii_lowercase().ends_with(end) {
            return Err(SourceError::NotCompressed { name: name.to_owned(), kind });
        }
    }
    Ok((None, Box::new(reader)))
}
