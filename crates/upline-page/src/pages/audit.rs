//! For auditors: checks, proofs, and the log itself.

use super::section;
use crate::table::table;
use crate::{Asked, Shown, Unshown};
use maud::html;
use serde_json::Value;
use std::collections::VecDeque;
use upline_answers::events::{self, NotWritten, Wanted};
use upline_answers::report::{Cell, Report};
use upline_core::as_of::AsOf;
use upline_core::names::{Code, PolicyName};
use upline_core::time::Day;
use upline_ledger::queries::{policy_id, producer_id};
use upline_views::Seen;

/// Events that the log shows at once: the last ones.
const EVENTS: usize = 200;

/// The page.
pub fn audit(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let at = asked.at()?;
    let body = html! {
        section class="part" {
            h2 { "Checkpoint" }
            p { "The log has " b { (at.known) } " events at this point; the head of its tree is" }
            p { code class="root" { (asked.ledger.root_at(at.known)?) } }
            p class="hint" {
                "Whoever keeps these two can prove later that nothing before was changed: docs/trust.md says how. "
                "Every event's page has its proof."
            }
        }
        section class="part" data-on-demand=(asked.clocks.link("/audit/verify", &[("part", "1")])) {
            h2 { "Verify" }
            p { "Computes everything a second time, in another way, and compares: hashes and order, every entry from the facts, the read models from a naive replay. It takes its time on a large ledger." }
            p { a class="button" href=(asked.clocks.link("/audit/verify", &[])) data-load { "Verify now" } }
        }
        section class="part" {
            h2 { "Log" }
            (filters(asked))
        }
        (section("Last events", &asked.clocks.link("/audit/log", &[])))
    };
    Ok(Shown::Page("Audit".to_owned(), body))
}

fn filters(asked: &Asked<'_>) -> maud::Markup {
    html! {
        form method="get" action="/audit/log" class="inline" {
            @for (name, value) in asked.clocks.pairs() { input type="hidden" name=(name) value=(value); }
            div { label for="log_producer" { "Producer" } input id="log_producer" name="producer" value=(asked.given("producer").unwrap_or_default()); }
            div { label for="log_policy" { "Policy" } input id="log_policy" name="policy" placeholder="C1/P-77" value=(asked.given("policy").unwrap_or_default()); }
            div { label for="log_type" { "Type" } input id="log_type" name="type" placeholder="premium_paid" value=(asked.given("type").unwrap_or_default()); }
            div { label for="log_before" { "Up to position" } input id="log_before" name="through" inputmode="numeric" value=(asked.given("through").unwrap_or_default()); }
            button type="submit" { "Filter" }
        }
    }
}

/// Computes everything a second time.
pub fn verify(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let verified = asked.ledger.verify(&mut |_, _, _| {})?;
    let rows: Vec<Vec<Cell>> = verified
        .checks
        .iter()
        .map(|check| {
            let said = if check.ok { "holds".to_owned() } else { "does not hold".to_owned() };
            vec![Cell::text(check.name), Cell::Text(said), Cell::text(&check.detail)]
        })
        .collect();
    let report = Report { columns: vec!["check", "result", "detail"], rows, ..Report::default() };
    let body = html! {
        @if verified.ok() { p class="good" role="status" { "Everything holds, up to position " (verified.events) "." } }
        @else { p class="wrong" role="alert" { "Something does not hold." } }
        (table(&asked.clocks, &report, "Checks", None))
    };
    Ok(Shown::Page("Verify".to_owned(), body))
}

/// The last events that fit the filters.
pub fn log(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let at = asked.at()?;
    let reference = asked.memory.reference(asked.ledger)?;
    let wrong = |what: &str| Unshown::Refused(format!("{what} is not what should stand there"));
    let producer =
        asked.given("producer").map(|text| Code::parse(text).ok_or_else(|| wrong(text))).transpose()?;
    let producer = producer.map(|code| producer_id(&reference, &code)).transpose()?;
    let policy =
        asked.given("policy").map(|text| PolicyName::parse(text).ok_or_else(|| wrong(text))).transpose()?;
    let policy = policy.map(|name| policy_id(&reference, &name)).transpose()?;
    let through =
        asked.given("through").map(|text| text.parse::<u64>().map_err(|_| wrong(text))).transpose()?;
    let at = AsOf { known: through.map_or(at.known, |through| through.min(at.known)), ..at };
    let wanted = asked.given("type");
    let mut last: VecDeque<Vec<Cell>> = VecDeque::with_capacity(EVENTS + 1);
    let mut found = 0_u64;
    asked.ledger.events(at, 1, |seen| {
        let Seen { reference, position, event, policy: of, postings } = *seen;
        let fits = wanted.is_none_or(|name| name == event.body.type_name())
            && policy.is_none_or(|policy| of == Some(policy))
            && producer.is_none_or(|producer| reference.concerns(&event.body, postings, producer));
        if fits {
            found += 1;
            let policy = of.and_then(|id| reference.policy_name(id));
            last.push_back(vec![
                Cell::Count(position),
                Cell::text(event.body.type_name()),
                Cell::text(event.on),
                Cell::text(event.recorded_at),
                Cell::optional(policy),
                Cell::Count(postings.len() as u64 * 2),
            ]);
            if last.len() > EVENTS {
                last.pop_front();
            }
        }
    })?;
    let report = Report {
        columns: vec!["position", "type", "on", "recorded_at", "policy", "entries"],
        rows: last.into_iter().rev().collect(),
        nothing: "No event fits.",
        ..Report::default()
    };
    let part = asked.given("part").is_some();
    let body = html! {
        @if !part { (filters(asked)) }
        p class="hint" { (found) " events fit; the last " (report.rows.len()) " are shown, the latest first." }
        (table(&asked.clocks, &report, "Events", None))
    };
    Ok(Shown::Page("Log".to_owned(), body))
}

/// One event, with what it posted and its proof.
pub fn event(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let position = asked.named.first().and_then(|text| text.parse::<u64>().ok()).ok_or(Unshown::NotThere)?;
    if position == 0 || position > asked.at()?.known {
        return Err(Unshown::NotThere);
    }
    let mut line = Vec::new();
    let at = AsOf { effective: Day::LAST, known: position };
    let wanted = Wanted { from: position, ..Wanted::default() };
    events::write(asked.ledger, at, &wanted, &mut line).map_err(|error| match error {
        NotWritten::Ledger(error) => error.into(),
        NotWritten::Output(error) => Unshown::Failed(error.to_string()),
    })?;
    let event: Value = serde_json::from_slice(&line).map_err(|error| Unshown::Failed(error.to_string()))?;
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let entries = event.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
    let known = ["position", "id", "type", "on", "recorded_at", "entries", "cause"];
    let members: Vec<(&String, &Value)> =
        event.as_object().into_iter().flatten().filter(|(name, _)| !known.contains(&name.as_str())).collect();
    let id = text("id");
    let body = html! {
        p class="steps" {
            @if position > 1 { a href=(asked.clocks.link(&format!("/events/{}", position - 1), &[])) { "← before" } }
            a href=(asked.clocks.link(&format!("/events/{}", position.saturating_add(1)), &[])) { "after →" }
        }
        dl class="members" {
            dt { "type" } dd { (text("type")) }
            dt { "effective" } dd { (text("on")) }
            dt { "recorded at" } dd { (text("recorded_at")) }
            dt { "id" } dd { code { (id) } }
            @if !text("cause").is_empty() { dt { "cause" } dd { code { (text("cause")) } } }
            @for (name, value) in members {
                dt { (name.replace('_', " ")) }
                dd { @match value { Value::String(text) => { (upline_formats::plain::clean(text)) } other => { code { (other) } } } }
            }
        }
        h2 { "Entries" }
        @if entries.is_empty() { p class="nothing" { "It posted nothing." } } @else { (entries_table(&entries)) }
        h2 { "Proof" }
        p { a class="button" href=(format!("/v1/proofs/events/{id}")) download { "Download its proof" } }
        p class="hint" { "It shows that this event is in the log of this root: upline verify --proof checks it on another machine, without the ledger." }
    };
    Ok(Shown::Page(format!("Event {position}"), body))
}

fn entries_table(entries: &[Value]) -> maud::Markup {
    let text =
        |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    html! {
        div class="scroll" role="region" tabindex="0" aria-label="Entries" { table {
            caption { "What it posted: debit positive, credit negative" }
            thead { tr { th scope="col" { "account" } th scope="col" class="num" { "amount" } th scope="col" { "dated" } } }
            tbody { @for entry in entries { tr {
                td { (text(entry, "account")) } td class="num" { (text(entry, "amount")) } td { (text(entry, "dated")) }
            } } }
        } }
    }
}
