//! Producers: what each is due and owes, why, and who is below it.

use super::overview::month_ends;
use super::section;
use crate::chart::{self, Line, Unit, cents};
use crate::clocks::part;
use crate::table::table;
use crate::{Asked, Shown, Unshown};
use maud::{Markup, html};
use std::collections::BTreeMap;
use upline_answers::balance::{FIGURES, figures};
use upline_answers::report::{Cell, Report};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::time::Month;
use upline_formats::plain::clean;
use upline_ledger::queries::producer_id;
use upline_views::Period;
use upline_views::balance::By;
use upline_views::hierarchy::{self, Below};

/// Months for which statements are offered.
const STATEMENTS: u16 = 12;

/// Everybody with a balance.
pub fn all(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let balance = asked.narrowed().balance(By::Producer, None)?;
    let names = asked.memory.directory(asked.ledger)?;
    let mut report = balance;
    report.columns.insert(1, "name");
    for row in report.rows.iter_mut().chain(&mut report.footer) {
        let name = match row.first() {
            Some(Cell::Text(code)) => Code::parse(code).and_then(|code| names.producer(&code)?.name.clone()),
            _ => None,
        };
        row.insert(1, Cell::optional(name));
    }
    let download = asked.clocks.link("/v1/balance", &[("format", "csv")]);
    let body = table(&asked.clocks, &report, "What each producer is due and owes", Some(&download));
    Ok(Shown::Page("Producers".to_owned(), body))
}

/// One producer.
pub fn one(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let producer = asked.producer()?;
    let balance = asked.narrowed().balance(By::Carrier, Some(&producer))?;
    let directory = asked.memory.directory(asked.ledger)?;
    let name = directory.producer(&producer).and_then(|entry| entry.name.clone());
    let title = match &name {
        Some(name) => format!("{} · {producer}", clean(name)),
        None => producer.to_string(),
    };
    let base = format!("/producers/{}", part(producer.as_str()));
    let link = |sub: &str| asked.clocks.link(&format!("{base}/{sub}"), &[]);
    let month = asked.at()?.effective;
    let body = html! {
        section class="part" {
            h2 { "Balance" }
            (table(&asked.clocks, &balance, "What it is due and owes, by carrier", None))
        }
        (section("Balance over time", &link("balances")))
        (section(&format!("Entries of {}", Month::of(month)), &link("entries")))
        (section("Policies", &link("policies")))
        (section("Downline", &link("downline")))
        (section("Coverage decisions", &link("coverage")))
        (statements(asked, &producer, Month::of(month)))
    };
    Ok(Shown::Page(title, body))
}

fn statements(asked: &Asked<'_>, producer: &Code, last: Month) -> Markup {
    let known: Vec<(&str, String)> =
        asked.clocks.pairs().into_iter().filter(|(name, _)| *name != "as_of").collect();
    let to = |month: Month, format: &str| {
        let path = format!("/v1/producers/{}/statements/{month}", part(producer.as_str()));
        crate::clocks::address(&path, known.iter().cloned().chain([("format", format.to_owned())]))
    };
    html! {
        section class="part" {
            h2 { "Statements" }
            ul class="files" {
                @for month in (0..STATEMENTS).map(|back| Month(last.0.saturating_sub(back))) {
                    li {
                        span { (month) }
                        a href=(to(month, "pdf")) aria-label=(format!("Statement of {month} as PDF")) { "PDF" }
                        a href=(to(month, "html")) aria-label=(format!("Statement of {month} as a page")) { "page" }
                        a href=(to(month, "csv")) aria-label=(format!("Statement of {month} as CSV")) { "CSV" }
                    }
                }
            }
        }
    }
}

/// Its figures at the ends of months.
pub fn balances(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let producer = asked.producer()?;
    let at = asked.at()?;
    let times = asked.memory.times(asked.ledger)?;
    let days = month_ends(at, times.effective.map(|(first, _)| first));
    let mut lines: Vec<Line> = FIGURES
        .iter()
        .map(|name| Line { name: (*name).to_owned(), points: Vec::new(), steps: false })
        .collect();
    let points: Vec<_> =
        days.iter().map(|day| upline_core::as_of::AsOf { effective: *day, known: at.known }).collect();
    for (day, of) in days.iter().zip(asked.ledger.figures_at(&points, Some(&producer))?) {
        for (line, total) in lines.iter_mut().zip(figures(&of)) {
            line.points.push((*day, cents(total)));
        }
    }
    lines.retain(|line| line.points.iter().any(|(_, value)| *value != 0));
    let body = chart::lines("Balance at the ends of months", Unit::Money, &lines);
    Ok(Shown::Page(format!("Balance of {producer} over time"), body))
}

/// What moved its accounts in a month, with a sentence why.
pub fn entries(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let producer = asked.producer()?;
    let at = asked.at()?;
    let month = match asked.given("month") {
        Some(text) => Month::parse(text)
            .ok_or_else(|| Unshown::Refused(format!("{text} is no month: a month is written 2026-06")))?,
        None => Month::of(at.effective),
    };
    let known = asked.clocks.point.known();
    let statement = asked.ledger.producer_statement(known, &producer, &Period::month(month))?;
    let rows = statement.statement.lines.iter().map(|line| {
        let money = figures(&line.amounts.figures)
            .map(|total| if total == Total::ZERO { Cell::Null } else { Cell::Money(total) });
        let (carrier, number) = match &line.policy {
            Some(policy) => (Cell::text(&policy.carrier), Cell::text(policy)),
            None => (Cell::Null, Cell::Null),
        };
        let head = [Cell::text(line.dated), Cell::Count(line.position), carrier, number];
        head.into_iter().chain(money).chain([Cell::text(&line.why)]).collect()
    });
    let columns = ["dated", "position", "carrier", "policy"].into_iter().chain(FIGURES).chain(["why"]);
    let report = Report {
        columns: columns.collect(),
        rows: rows.collect(),
        nothing: "Nothing moved its accounts in this month.",
        ..Report::default()
    };
    let to = |month: Month| {
        let path = format!("/producers/{}/entries", part(producer.as_str()));
        asked.clocks.link(&path, &[("month", &month.to_string())])
    };
    let body = html! {
        p class="steps" {
            a href=(to(Month(month.0.saturating_sub(1)))) data-part { "← earlier" }
            b { (month) }
            a href=(to(Month(month.0.saturating_add(1)))) data-part { "later →" }
        }
        (table(&asked.clocks, &report, &format!("Entries of {producer} in {month}"), None))
    };
    Ok(Shown::Page(format!("Entries of {producer} in {month}"), body))
}

/// The policies that it has figures of.
pub fn policies(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let producer = asked.producer()?;
    let mut report = asked.narrowed().balance(By::Policy, Some(&producer))?;
    report.rows.retain(|row| !matches!(row.get(2), Some(Cell::Null) | None));
    report.footer = None;
    report.nothing = "It has no policies with figures at this point.";
    let of = [("by", "policy"), ("producer", producer.as_str()), ("format", "csv")];
    let download = asked.clocks.link("/v1/balance", &of);
    let body = table(&asked.clocks, &report, &format!("Policies of {producer}"), Some(&download));
    Ok(Shown::Page(format!("Policies of {producer}"), body))
}

/// Who is below it with each carrier, with the overrides that it earns over each.
pub fn downline(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let producer = asked.producer()?;
    let at = asked.at()?;
    let reference = asked.memory.reference(asked.ledger)?;
    let top = producer_id(&reference, &producer)?;
    let mut earned: BTreeMap<(String, String), (Total, Total)> = BTreeMap::new();
    let overrides = asked.narrowed().overrides(None, Some(&producer))?;
    for row in &overrides.rows {
        if let [
            Cell::Text(_),
            Cell::Text(writing),
            Cell::Text(carrier),
            Cell::Money(earned_),
            _,
            Cell::Money(back),
            ..,
        ] = row.as_slice()
        {
            let sums = earned.entry((carrier.clone(), writing.clone())).or_default();
            sums.0 += *earned_;
            sums.1 += *back;
        }
    }
    let mut trees = Vec::new();
    for (id, carrier) in reference.carriers().iter() {
        let mut below = hierarchy::downline(&reference, top, id, at);
        below.retain(|below| asked.viewer.scope.sees(&below.producer));
        if below.len() > 1 {
            trees.push((carrier.clone(), tree(asked, &below, carrier, &earned)));
        }
    }
    let body = html! {
        @if trees.is_empty() { p class="nothing" { "Nobody is below it at this point." } }
        @for (carrier, tree) in &trees { h3 { "With " (carrier) } (tree) }
        @if !overrides.rows.is_empty() {
            (table(&asked.clocks, &overrides, &format!("Overrides of {producer}"), None))
        }
    };
    Ok(Shown::Page(format!("Downline of {producer}"), body))
}

/// Producers of a hierarchy that are drawn; the pages of the last ones have those below them.
const DRAWN_MAX: usize = 300;

/// The hierarchy as a tree of lists, each edge with its level and what is earned over it.
fn tree(
    asked: &Asked<'_>,
    all: &[Below],
    carrier: &Code,
    earned: &BTreeMap<(String, String), (Total, Total)>,
) -> Markup {
    let mut below: BTreeMap<&Code, Vec<&Below>> = BTreeMap::new();
    // In the order of the tree, so that what is drawn hangs together.
    for one in all.iter().take(DRAWN_MAX).skip(1) {
        if let Some(upline) = &one.upline {
            below.entry(upline).or_default().push(one);
        }
    }
    let names = asked.memory.directory(asked.ledger).ok();
    let name = |code: &Code| names.as_ref()?.producer(code)?.name.clone();
    let node = Node { asked, carrier: carrier.as_str(), below: &below, earned, name: &name };
    html! {
        @if let Some(top) = all.first() { ul class="tree" { (node.draw(top, 0)) } }
        @if all.len() > DRAWN_MAX {
            p class="hint" { "The first " (DRAWN_MAX) " of " (all.len()) " are drawn; a producer's page has those below it." }
        }
    }
}

/// The deepest level that is drawn.
const DEPTH_MAX: usize = 24;

struct Node<'a> {
    asked: &'a Asked<'a>,
    carrier: &'a str,
    below: &'a BTreeMap<&'a Code, Vec<&'a Below>>,
    earned: &'a BTreeMap<(String, String), (Total, Total)>,
    name: &'a dyn Fn(&Code) -> Option<String>,
}

impl Node<'_> {
    fn draw(&self, one: &Below, depth: usize) -> Markup {
        let code = one.producer.as_str();
        let own = self.below.get(&one.producer).filter(|_| depth < DEPTH_MAX);
        let over = self.earned.get(&(self.carrier.to_owned(), code.to_owned()));
        html! {
            li {
                div class="node" {
                    a href=(self.asked.clocks.producer(code)) { (code) }
                    @if let Some(name) = (self.name)(&one.producer) { " " span class="name" { (clean(&name)) } }
                    " " span class="level" { "level " (one.level) }
                    @if let Some((earned, back)) = over.filter(|_| depth > 0) {
                        " " span class="edge" {
                            "override " b class="num" { (earned.separated()) }
                            @if *back != Total::ZERO { ", charged back " b class="num" { (back.separated()) } }
                        }
                    }
                }
                @if let Some(own) = own { ul { @for one in own { (self.draw(one, depth + 1)) } } }
            }
        }
    }
}

/// The decisions about its chargebacks, with the policies that counted.
pub fn coverage(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let producer = asked.producer()?;
    let body = super::coverage::decisions(asked, Some(&producer))?;
    Ok(Shown::Page(format!("Coverage decisions of {producer}"), body))
}
