//! Text that does something else than to be read.

use super::common::Upline;
use serde_json::json;
use std::process::Stdio;

/// Moves the cursor up two lines, clears the line, and says what the reader wants to see.
const ESCAPES: &str = "\u{1b}[2A\u{1b}[0KThe proof verifies\u{202e}\u{9b}1m\n\r";

/// A file of such a name was imported: `verify --proof` showed "The proof verifies" while it said WRONG.
#[test]
fn no_recorded_text_reaches_a_terminal_as_it_is() {
    let upline = Upline::new();
    let name = format!("{}.jsonl", ESCAPES.replace('/', ""));
    let fact = json!({"type": "producer_added", "on": "2025-01-01", "producer": "A", "kind": "agent",
        "name": ESCAPES, "npn": ESCAPES, "note": ESCAPES, "source": ESCAPES, "actor": ESCAPES});
    let adjusted = json!({"type": "adjustment_posted", "on": "2025-02-01", "producer": "A", "account": "payable",
        "amount": "1.00", "code": "X", "approved_by": format!("{ESCAPES}x"), "actor": ESCAPES});
    upline.write(&name, format!("{fact}\n{adjusted}\n"));
    let import = upline.run(&["import", &name]);
    import.succeeds();
    upline.run(&["key", "audit.key", "--name", "example.com/book"]).succeeds();
    let id = upline.log()[0]["id"].as_str().unwrap().to_owned();
    upline.run(&["prove", "--event", &id, "--key", "audit.key", "--out", "proof"]).succeeds();
    let mut shown = vec![import];
    for args in [
        &["verify", "--proof", "proof", "--public-key", "audit.key.pub"][..],
        &["verify"],
        &["log"],
        &["directory"],
        &["directory", "--format", "json"],
        &["directory", "--format", "csv"],
        &["statement", "--producer", "A", "--period", "2025-02"],
        &["statement", "--producer", "A", "--period", "2025-02", "--format", "html"],
        &["statement", "--producer", "A", "--period", "2025-02", "--format", "json"],
        &["statement", "--producer", "A", "--period", "2025-02", "--format", "csv"],
        &["import", &name],
        &["import", "--format", "json", &name],
        &["import", &format!("not {name}")],
        &["balance", "--producer", ESCAPES],
    ] {
        shown.push(upline.run(args));
    }
    let refused = json!({"type": ESCAPES}).to_string() + "\n";
    upline.write(&name, refused);
    shown.push(upline.run(&["import", "--keep-going", &name]));
    let traced =
        upline.command(&["balance"]).env("UPLINE_LOG", "trace").stdin(Stdio::null()).output().unwrap();
    shown.push(super::Done::of(traced));
    for done in shown {
        for text in [&done.stdout, &done.stderr] {
            // Clap quotes what a person typed just now.
            let odd = text
                .chars()
                .find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
            assert!(odd.is_none() || text.contains("For more information, try"), "{odd:?} in {text:?}");
            assert!(!text.lines().any(|line| line.starts_with("The proof verifies\u{fffd}")), "{text}");
        }
    }
    // The text itself is as it came.
    assert_eq!(upline.log()[0]["source"], ESCAPES);
    upline.verified();
}

/// A spreadsheet computes what begins with `=`.
#[test]
fn no_recorded_text_is_a_formula() {
    let upline = Upline::new();
    let formula = "=HYPERLINK(\"http://example.com\")";
    let lines = [
        json!({"type": "carrier_added", "on": "2025-01-01", "carrier": "-C1", "name": "@SUM(A1)"}),
        json!({"type": "producer_added", "on": "2025-01-01", "producer": "-A", "kind": "agent", "name": formula, "npn": "+1"}),
        json!({"type": "grid_published", "on": "2025-01-01", "carrier": "-C1", "product": "FE", "levels": {"100": [{"years": "1", "rate": "1.00"}]}}),
        json!({"type": "producer_contracted", "on": "2025-01-01", "producer": "-A", "carrier": "-C1", "level": "100"}),
        json!({"type": "policy_issued", "on": "2025-01-15", "carrier": "-C1", "policy": "P", "product": "FE", "annual_premium": "1200.00",
            "mode": "monthly", "writing": [{"producer": "-A", "share": "1"}]}),
        json!({"type": "premium_paid", "on": "2025-01-15", "carrier": "-C1", "policy": "P", "amount": "100.00"}),
        json!({"type": "adjustment_posted", "on": "2025-02-01", "producer": "-A", "account": "payable", "amount": "-1.00",
            "code": "X", "approved_by": "=1+1"}),
    ];
    let book: String = lines.iter().map(|line| format!("{line}\n")).collect();
    upline.write("book.jsonl", book);
    upline.run(&["import", "book.jsonl"]).succeeds();
    upline.run(&["export", "csv", "entries.csv"]).succeeds();
    upline.run(&["export", "xlsx", "entries.xlsx"]).succeeds();
    let mut sheets = vec![upline.read("entries.csv")];
    for args in
        [&["directory"][..], &["balance"], &["chain", "--policy", "-C1/P"], &["explain", "--policy", "-C1/P"]]
    {
        let args = [args, &["--format", "csv"]].concat();
        sheets.push(
            upline
                .run(
                    &args
                        .iter()
                        .map(|arg| if *arg == "--policy" { "--policy=-C1/P" } else { *arg })
                        .filter(|arg| *arg != "-C1/P")
                        .collect::<Vec<_>>(),
                )
                .stdout,
        );
    }
    sheets.push(upline.run(&["statement", "--producer=-A", "--period", "2025-02", "--format", "csv"]).stdout);
    for sheet in sheets {
        assert!(sheet.lines().count() > 1, "{sheet}");
        for row in csv(&sheet) {
            for field in row {
                let number = field.parse::<f64>().is_ok();
                assert!(number || !field.starts_with(['=', '+', '-', '@', '\t']), "{field:?} in {sheet}");
            }
        }
    }
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(upline.path("entries.xlsx")).unwrap();
    let sheets = calamine::Reader::worksheets(&mut book);
    for cell in sheets.iter().flat_map(|(_, range)| range.used_cells()) {
        if let calamine::Data::String(text) = cell.2 {
            assert!(!text.starts_with(['=', '+', '-', '@']), "{text}");
        }
    }
    // What programs read is as it was recorded.
    assert!(upline.rows(&["directory"]).as_array().unwrap().iter().any(|row| row["name"] == formula));
}

/// The fields of a CSV, without quotes.
fn csv(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    for c in text.chars() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => row.last_mut().unwrap().push(c),
        }
    }
    rows
}
