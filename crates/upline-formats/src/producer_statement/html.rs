//! A statement as one page that needs nothing else: for a browser and for its printer.

use super::{LEGEND, MONEY, decision, equations, money, point, printed, rollforward, title, words};
use crate::plain::clean;
use crate::producer_statement::ProducerStatement;
use std::fmt::Write;
use upline_views::producer_statement::Amounts;

/// On paper the headings of a table stand on each of its pages, and a row is not torn.
const STYLE: &str = "\
@page { size: letter landscape; margin: 14mm; }
body { font: 10pt/1.4 Helvetica, Arial, sans-serif; color: #000; margin: 2em auto; max-width: 75em; padding: 0 1em; }
h1 { font-size: 16pt; margin: 0; } h2 { font-size: 12pt; margin: 1.5em 0 0.3em; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; }
th { text-align: left; border-bottom: 1.5px solid #000; } th, td { padding: 0.15em 0.5em; vertical-align: top; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
thead { display: table-header-group; } tr { break-inside: avoid; } tbody tr { border-bottom: 1px solid #ccc; }
.sum td { font-weight: bold; border-bottom: 1.5px solid #000; }
.small { font-size: 8pt; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
";

/// The statement as an HTML document.
pub fn write(statement: &ProducerStatement) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = write_page(&mut page, statement);
    page
}

fn write_page(page: &mut String, statement: &ProducerStatement) -> std::fmt::Result {
    let title = escaped(&title(statement));
    writeln!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>"
    )?;
    writeln!(page, "<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>")?;
    writeln!(page, "<p>{}</p>", escaped(&point(statement)))?;
    for equation in equations(statement) {
        writeln!(page, "<p>{}</p>", escaped(&equation))?;
    }
    writeln!(page, "<h2>Roll-forward</h2>")?;
    head(page, &[""], &[])?;
    for (name, amounts) in rollforward(statement) {
        let edge = matches!(name, "beginning" | "ending");
        let class = if edge { " class=\"sum\"" } else { "" };
        writeln!(page, "<tr{class}><td>{}</td>{}</tr>", words(name), cells(&amounts))?;
    }
    writeln!(page, "</tbody></table>")?;
    let of = &statement.statement;
    writeln!(page, "<h2>Lines</h2>")?;
    if of.lines.is_empty() {
        writeln!(page, "<p>Nothing is dated in this month.</p>")?;
    } else {
        head(page, &["dated", "policy", "event", "position"], &["why"])?;
        for line in &of.lines {
            let policy = line.policy.as_ref().map(ToString::to_string).unwrap_or_default();
            write!(page, "<tr><td>{}</td><td>{}</td>", line.dated, escaped(&policy))?;
            write!(page, "<td>{}</td><td class=\"n\">{}</td>", words(line.type_name), line.position)?;
            writeln!(page, "{}<td>{}</td></tr>", cells(&line.amounts), escaped(&line.why))?;
        }
        writeln!(page, "</tbody></table>")?;
    }
    if !of.decisions.is_empty() {
        writeln!(page, "<h2>What coverage was decided on</h2>")?;
        of.decisions.iter().try_for_each(|row| writeln!(page, "<p>{}</p>", escaped(&decision(row))))?;
    }
    writeln!(page, "<p class=\"small\">{}</p>", escaped(LEGEND))?;
    let (position, root) = (statement.position, &statement.root);
    writeln!(page, "<p class=\"small\">Log position {position}, root {root}</p>\n</body>\n</html>")
}

/// Begins a table with the columns of money between others.
fn head(page: &mut String, before: &[&str], after: &[&str]) -> std::fmt::Result {
    write!(page, "<table>\n<thead><tr>")?;
    for name in before {
        let class = if *name == "position" { " class=\"n\"" } else { "" };
        write!(page, "<th{class}>{name}</th>")?;
    }
    MONEY.iter().try_for_each(|name| write!(page, "<th class=\"n\">{name}</th>"))?;
    after.iter().try_for_each(|name| write!(page, "<th>{name}</th>"))?;
    writeln!(page, "</tr></thead>\n<tbody>")
}

fn cells(amounts: &Amounts) -> String {
    money(amounts).map(|amount| format!("<td class=\"n\">{}</td>", printed(amount))).concat()
}

/// Text that stays text in a document.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in clean(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        let text = "<script>alert('x' & \"y\")</script>\u{1b}[2J";
        assert_eq!(escaped(text), "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt; [2J");
    }
}
