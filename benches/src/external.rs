//! Other programs: whether they are there, and how long they take as whole processes.

use crate::measure::{Result, timed};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version of a program, in its own words but the first few. None where it is not installed.
pub fn version(program: &str) -> Option<String> {
    let output = match program {
        // Python's module, which more people have than its program.
        "duckdb" => Command::new("python3").args(["-c", "import duckdb; print(duckdb.__version__)"]).output(),
        "duckdb-program" => Command::new("duckdb").arg("--version").output(),
        _ => Command::new(program).arg("--version").output(),
    };
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.lines().next()?.split_whitespace().take(2).collect();
    Some(words.join(" ").trim_end_matches(',').to_owned())
}

/// Runs a program to its end, with nothing to read; what it prints is thrown away.
pub fn run(program: &Path, args: &[&OsStr]) -> Result<f64> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let (output, took) = timed(|| Ok(command.output()?))?;
    if output.status.success() {
        return Ok(took);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} ended with {}: {}", program.display(), output.status, said.trim()).into())
}

/// The program `upline` that belongs to this one: of the same sources, built in the same way.
///
/// Run by cargo, it is built now, because the one that lies there may be old. Else it must lie beside this
/// one.
pub fn upline() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = own.with_file_name(format!("upline{}", std::env::consts::EXE_SUFFIX));
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "upline", "--bin", "upline", "--manifest-path"]);
        build.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
        build.args(
            own.ancestors()
                .nth(2)
                .map(|target| [OsStr::new("--target-dir"), target.as_os_str()])
                .into_iter()
                .flatten(),
        );
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let built = build.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        if !built.success() {
            return Err("upline could not be built".into());
        }
    }
    if beside.is_file() {
        return Ok(beside);
    }
    Err(format!("there is no {}: build upline first, or run this by cargo", beside.display()).into())
}
