//! Holds the repository to its own rules (docs/architecture.md, "Invariants").
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::repository_files;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 700;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with one of these endings, with their text.
fn texts(endings: &[&str]) -> Vec<(String, String)> {
    let wanted = |path: &PathBuf| {
        path.extension().is_some_and(|end| endings.contains(&end.to_string_lossy().as_ref()))
    };
    repository_files()
        .into_iter()
        .filter(wanted)
        .map(|path| (path.to_string_lossy().into_owned(), fs::read_to_string(root().join(path)).unwrap()))
        .collect()
}

/// The lines that hold while no test runs: of library and program sources, up to their tests.
fn lines_outside_tests(path: &str, text: &str) -> Vec<(usize, String)> {
    let test_file = path.contains("tests/") || path.contains("upline-testing") || path.contains("examples/");
    if test_file {
        return Vec::new();
    }
    // A module of tests stands last in its file; a declaration of one does not end anything.
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{'));
    let code = (1..).zip(&lines[..tests.unwrap_or(lines.len())]);
    code.map(|(number, line)| (number, (*line).to_owned())).collect()
}

/// Fails with every place where a line breaks a rule.
#[track_caller]
fn none(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

fn places(rule: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in texts(&["rs"]) {
        for (number, line) in lines_outside_tests(&path, &text) {
            if rule(&path, &line) {
                found.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    found
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[test]
fn nothing_stops_the_program_but_a_value() {
    // Put together, so that this file does not hold what it looks for.
    let forbidden = [
        ".unwrap(".to_owned() + ")",
        ".expect(".to_owned(),
        "todo".to_owned() + "!",
        "unimplemented".to_owned() + "!",
        "dbg".to_owned() + "!",
        "panic".to_owned() + "!(",
    ];
    let rule = |_: &str, line: &str| !is_comment(line) && forbidden.iter().any(|word| line.contains(word));
    none("outside tests nothing may panic", places(rule));
}

/// What somebody recorded reaches a terminal through one module, which makes it harmless.
#[test]
fn one_module_prints() {
    let words = ["println!", "print!(", "io::stdout()", "io::stderr()", "stdout().lock()"];
    let rule = |path: &str, line: &str| {
        let elsewhere =
            path != "src/cli/screen.rs" && !path.starts_with("benches/") && !path.starts_with("fuzz/");
        elsewhere
            && !is_comment(line)
            && words.iter().any(|word| line.contains(word))
            && !line.contains("screen::stdout()")
    };
    none("src/cli/screen.rs prints, and nothing else", places(rule));
}

#[test]
fn no_test_is_left_out_or_expects_a_panic() {
    let forbidden = ["#[ig".to_owned() + "nore", "#[should_".to_owned() + "panic"];
    let mut found = Vec::new();
    for (path, text) in texts(&["rs"]) {
        if forbidden.iter().any(|word| text.contains(word.as_str())) {
            found.push(path);
        }
    }
    none("every test runs, and none waits for a panic", found);
}

#[test]
fn the_engine_is_named_in_the_log_crate_only() {
    let engine = "sl".to_owned() + "ed";
    let names_it = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case(&engine))
    };
    let mut found = Vec::new();
    for (path, text) in texts(&["rs", "toml"]) {
        let allowed = path.starts_with("crates/upline-log/");
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !allowed && names_it(line)) {
            // The workspace pins the version that was measured, for the log crate to take.
            if path != "Cargo.toml" || !line.starts_with(&format!("{engine} = \"=0.34.7\"")) {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    none("only upline-log knows its engine", found);
}

/// The names under the headings of a manifest that this picks.
fn dependencies(manifest: &str, heading: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let mut names = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if line.starts_with('[') {
            within = line == format!("[{heading}]");
        } else if within && let Some((name, _)) = line.split_once(['.', '=']) {
            names.push(name.trim().to_owned());
        }
    }
    names
}

#[test]
fn each_crate_knows_only_what_is_below_it() {
    let ours = |manifest: &str| -> Vec<String> {
        let mut names = dependencies(manifest, "dependencies");
        names.retain(|name| name.starts_with("upline"));
        names
    };
    let of = |name: &str| ours(&format!("crates/{name}/Cargo.toml"));
    assert_eq!(of("upline-core"), Vec::<String>::new());
    assert_eq!(of("upline-log"), ["upline-core"]);
    assert_eq!(of("upline-store"), ["upline-core", "upline-log"]);
    assert_eq!(of("upline-views"), ["upline-core", "upline-log", "upline-store"]);
    assert_eq!(of("upline-formats"), ["upline-core", "upline-store", "upline-views"]);
    let below_the_ledger = ["upline-core", "upline-formats", "upline-log", "upline-store", "upline-views"];
    assert_eq!(of("upline-ledger"), below_the_ledger);
    assert_eq!(of("upline-answers"), ["upline-core", "upline-formats", "upline-ledger", "upline-views"]);
    assert_eq!(of("upline-access"), ["upline-core"]);
    let below_the_page =
        ["upline-access", "upline-answers", "upline-core", "upline-formats", "upline-ledger", "upline-views"];
    assert_eq!(of("upline-page"), below_the_page);
    let below_the_server = [
        "upline-access",
        "upline-answers",
        "upline-core",
        "upline-formats",
        "upline-ledger",
        "upline-page",
        "upline-views",
    ];
    assert_eq!(of("upline-server"), below_the_server);
    let core = "crates/upline-core/Cargo.toml";
    let mut dev = dependencies(core, "dev-dependencies");
    dev.retain(|name| name.starts_with("upline"));
    assert_eq!(dev, ["upline-testing"]);
    let foreign = ["tokio", "rayon", "tracing", "serde", "serde_json", "bincode", "axum", "futures"];
    for name in dependencies(core, "dependencies") {
        assert!(!foreign.contains(&name.as_str()), "the core does without {name}");
    }
}

#[test]
fn serialised_forms_are_no_matter_of_the_core() {
    let rule = |path: &str, line: &str| {
        path.starts_with("crates/upline-core/") && !is_comment(line) && line.contains("serde")
    };
    none("bytes belong to the log's codec and the exchange crate", places(rule));
}

#[test]
fn the_core_knows_no_floats_no_clock_and_no_io() {
    let words =
        ["f32", "f64", "SystemTime", "Instant", "Utc::now", "std::fs", "std::io", "std::net", "println"];
    let rule = |path: &str, line: &str| {
        let word = |word: &str| {
            line.match_indices(word).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = line[at + word.len()..].chars().next();
                let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !part(before) && !part(after)
            })
        };
        path.starts_with("crates/upline-core/src") && !is_comment(line) && words.iter().any(|w| word(w))
    };
    none("the core is pure functions over plain data", places(rule));
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let mut found = Vec::new();
    for (path, text) in texts(&["rs", "md"]) {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            found.push(format!("{path}: {lines} lines"));
        }
    }
    none("no file has more than 700 lines", found);
}

#[test]
fn lines_are_clean() {
    let mut found = Vec::new();
    for (path, text) in texts(&["rs", "md", "toml", "jsonl"]) {
        for (number, line) in (1..).zip(text.lines()) {
            if line.ends_with(' ') || line.contains('\t') {
                found.push(format!("{path}:{number}"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            found.push(format!("{path}: no end of the last line"));
        }
    }
    none("no tabs, no spaces at the end of a line", found);
}

#[test]
fn no_file_names_a_place_on_somebody_s_machine() {
    let places = [
        "/wo".to_owned() + "rk/",
        "/ro".to_owned() + "ot/",
        "/tmp/".to_owned() + "wt",
        "/ho".to_owned() + "me/",
    ];
    let shared = "../sha".to_owned() + "red";
    let mut found = Vec::new();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let files = texts(&["rs", "md", "toml", "jsonl", "lock", "yml"]);
    for (path, text) in files.iter().map(|(p, t)| (p.as_str(), t)).chain([(".ci/run", &ci)]) {
        for (number, line) in (1..).zip(text.lines()) {
            let names = places.iter().any(|place| line.contains(place.as_str()));
            if names || path != ".ci/run" && line.contains(&shared) {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    none("a clone works anywhere", found);
}

/// The floors of the core, bottom up, as its list of modules has them; and what each holds.
#[test]
fn no_floor_of_the_core_knows_a_higher_one() {
    let lib = fs::read_to_string(root().join("crates/upline-core/src/lib.rs")).unwrap();
    let floors: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    // A module that the core shows by its own name: `pub use terms::{chain, contract};`.
    let shown = lib.lines().filter_map(|line| line.strip_prefix("pub use ")?.split_once("::"));
    let mut floor_of: Vec<(&str, usize)> = (0..).zip(&floors).map(|(floor, name)| (*name, floor)).collect();
    for (name, modules) in shown {
        let floor = floors.iter().position(|one| *one == name).unwrap();
        let words = modules.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        floor_of.extend(words.map(|word| (word, floor)));
    }
    let floor = |name: &str| floor_of.iter().find(|(one, _)| *one == name).map(|(_, floor)| *floor);
    let rule = |path: &str, line: &str| {
        let Some(within) = path.strip_prefix("crates/upline-core/src/") else { return false };
        let Some(own) = within.split(['/', '.']).next().and_then(floor) else { return false };
        let named = line.split("crate::").skip(1);
        named
            .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
            .any(|name| floor(name).is_some_and(|other| other > own))
    };
    none("a floor of the core knows those below it", places(rule));
}

/// The part of a document under a heading.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let from = text.find(heading).unwrap() + heading.len();
    let rest = &text[from..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

#[test]
fn entry_points_are_there() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let named =
        section(&text, "## Entry points").split('`').skip(1).step_by(2).filter(|word| word.contains('/'));
    let missing: Vec<String> = named.filter(|path| !root().join(path).exists()).map(str::to_owned).collect();
    none("the entry points name files that are there", missing);
}

#[test]
fn every_type_of_fact_is_described_read_and_written() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (facts, format) = (read("docs/facts.md"), read("docs/log-format.md"));
    let golden = ["golden", "golden_payouts", "golden_directory"]
        .map(|name| read(&format!("crates/upline-log/tests/{name}.rs")))
        .concat();
    let readers = read("crates/upline-formats/src/fact_types.rs");
    let mut found = Vec::new();
    for one in upline_core::fact::types::TYPES {
        for name in one.names() {
            if !facts.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{name}`"))) {
                found.push(format!("{name}: no row in docs/facts.md"));
            }
            let submitted = one.submitter == upline_core::fact::Submitter::Anyone;
            if submitted != readers.contains(&format!("name: \"{name}\"")) {
                found.push(format!("{name}: read, or not, against the table"));
            }
        }
        let row = format!("| {} | ", one.kind.number());
        if !format.lines().any(|line| line.starts_with(&row) && line.contains(one.name)) {
            found.push(format!("{}: no row in docs/log-format.md", one.name));
        }
        let variant = format!("Body::{:?}", one.kind);
        if !golden.contains(&variant) {
            found.push(format!("{}: no golden bytes", one.name));
        }
    }
    none("every type of fact is described, read and written", found);
}

#[test]
fn links_lead_somewhere() {
    let mut found = Vec::new();
    for (path, text) in texts(&["md"]) {
        let dir = root().join(&path).parent().unwrap().to_owned();
        for (number, line) in (1..).zip(text.lines()) {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                if target.contains("://") {
                    continue;
                }
                let to = if file.is_empty() { root().join(&path) } else { dir.join(file) };
                if !to.exists() {
                    found.push(format!("{path}:{number}: {target}"));
                } else if !anchor.is_empty()
                    && !anchors(&fs::read_to_string(&to).unwrap()).contains(&anchor.to_owned())
                {
                    found.push(format!("{path}:{number}: no heading {target}"));
                }
            }
        }
    }
    none("links are not broken", found);
}

/// The anchors of a document's headings.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| -> String {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}
