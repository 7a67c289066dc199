//! DuckDB: its module for Python in a process that stays open, or its program.
//!
//! The entries lie in a table in its memory. Only the question is timed, by DuckDB's side: nothing is fetched
//! out of it, no text made. Its tables are columns and it asks with all cores; it has no index to go by and
//! needs none.

use crate::external;
use crate::measure::Result;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use upline_core::time::Day;

/// Reads the entries, then days; says of each how many seconds the question took, and what all figures sum
/// to.
const SCRIPT: &str = r#"
import duckdb, sys, time
db = duckdb.connect()
db.execute("CREATE TABLE entries AS SELECT dated::INTEGER AS dated, producer::INTEGER AS producer, \
figure::TINYINT AS figure, amount::BIGINT AS amount FROM read_csv(?)", [sys.argv[1]])
for line in sys.stdin:
    began = time.perf_counter()
    db.execute("CREATE OR REPLACE TEMP TABLE answer AS SELECT producer, figure, sum(amount)::BIGINT AS amount \
FROM entries WHERE dated <= ? GROUP BY producer, figure", [int(line)])
    took = time.perf_counter() - began
    print(took, db.execute("SELECT coalesce(sum(amount), 0)::BIGINT FROM answer").fetchone()[0], flush=True)
"#;

/// DuckDB with the entries of a book.
pub enum DuckDb {
    /// A Python process with its module.
    Module(Module),
    /// The program, run anew for every question.
    Program(PathBuf),
}

/// A Python process that answers.
pub struct Module {
    process: Child,
    days: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl DuckDb {
    /// DuckDB with these entries. None where it is not installed.
    pub fn with(entries: &Path) -> Result<Option<DuckDb>> {
        if external::version("duckdb").is_some() {
            let mut python = Command::new("python3");
            python.args([OsStr::new("-c"), OsStr::new(SCRIPT), entries.as_os_str()]);
            let mut process = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let days = process.stdin.take().ok_or("python3 reads nothing")?;
            let answers = BufReader::new(process.stdout.take().ok_or("python3 says nothing")?);
            return Ok(Some(DuckDb::Module(Module { process, days, answers })));
        }
        let program = external::version("duckdb-program").map(|_| DuckDb::Program(entries.to_owned()));
        Ok(program)
    }

    /// Asks for all balances as of a day. Says how many seconds that took, and what all figures sum to.
    pub fn ask(&mut self, as_of: Day) -> Result<(f64, i64)> {
        match self {
            DuckDb::Module(module) => {
                writeln!(module.days, "{}", as_of.0)?;
                let mut answer = String::new();
                module.answers.read_line(&mut answer)?;
                let (took, sum) = answer.trim().split_once(' ').ok_or("DuckDB does not answer")?;
                Ok((took.parse()?, sum.parse()?))
            }
            DuckDb::Program(entries) => ask_program(entries, as_of),
        }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // It waits for another day, which nobody asks about any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks the program: the entries are read first, and the question asked twice, the first time to warm it.
fn ask_program(entries: &Path, as_of: Day) -> Result<(f64, i64)> {
    let question = format!(
        "CREATE OR REPLACE TEMP TABLE answer AS SELECT producer, figure, sum(amount)::BIGINT AS amount FROM entries \
         WHERE dated <= {} GROUP BY producer, figure;",
        as_of.0
    );
    let script = format!(
        "CREATE TABLE entries AS SELECT dated::INTEGER AS dated, producer::INTEGER AS producer, \
         figure::TINYINT AS figure, amount::BIGINT AS amount FROM read_csv('{}');\n{question}\n.timer on\n{question}\n\
         .timer off\nSELECT coalesce(sum(amount), 0)::BIGINT FROM answer;",
        entries.display()
    );
    let mut program = Command::new("duckdb");
    program.args(["-noheader", "-csv"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = program.spawn()?;
    process.stdin.take().ok_or("duckdb reads nothing")?.write_all(script.as_bytes())?;
    let output = process.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let word_after =
        |word: &str| text.split_once(word).and_then(|(_, after)| after.split_whitespace().next());
    let took = word_after("real").ok_or("duckdb tells no time")?.parse()?;
    Ok((took, text.lines().last().ok_or("duckdb does not answer")?.trim().parse()?))
}
