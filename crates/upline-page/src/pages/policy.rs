//! A policy: its life with the money of every payee, and what was learned of it when.

use super::section;
use crate::chart::{self, Line, Unit};
use crate::clocks::part;
use crate::table::{only, table};
use crate::{Asked, Shown, Unshown};
use maud::{Markup, html};
use std::collections::BTreeMap;
use upline_access::Act;
use upline_answers::Reader;
use upline_answers::payees::money_of_payees;
use upline_answers::report::{Cell, Report};
use upline_core::names::PolicyName;
use upline_core::time::{Day, Moment};

fn policy(asked: &Asked<'_>) -> Result<PolicyName, Unshown> {
    PolicyName::parse(&asked.named.join("/")).ok_or(Unshown::NotThere)
}

/// The page of a policy.
pub fn one(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let policy = policy(asked)?;
    let base = format!("/policies/{}/{}", part(policy.carrier.as_str()), part(policy.number.as_str()));
    let body = html! {
        (section("Life", &asked.clocks.link(&format!("{base}/life"), &[])))
        @if asked.viewer.may(Act::ReadAll) {
            (section("Frozen chain", &asked.clocks.link(&format!("{base}/chain"), &[])))
        }
        @if asked.viewer.may(Act::Audit) {
            p { a href=(asked.clocks.link("/audit/log", &[("policy", &policy.to_string())])) { "Its events in the log" } }
        }
    };
    // What is not there, or not for this viewer, is told before anything is loaded.
    asked.narrowed().entries(&policy, None, Reader::Programs)?;
    Ok(Shown::Page(format!("Policy {policy}"), body))
}

/// Its events, the money of every payee, and every entry.
pub fn life(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let policy = policy(asked)?;
    let entries = asked.narrowed().entries(&policy, None, Reader::Programs)?;
    let events = events(&entries);
    let lines: Vec<Line> = money_of_payees(&entries)
        .into_iter()
        .map(|(payee, points)| Line { name: payee, points, steps: true })
        .collect();
    let body = html! {
        h3 { "What happened" }
        (timeline(asked, &events))
        (chart::lines("What each payee had of it: paid and due, less charged back", Unit::Money, &lines))
        h3 { "Every entry" }
        (table(&asked.clocks, &only(&entries, &SHOWN), &format!("Entries of {policy}"), Some(&csv(asked, &policy))))
        h3 { "What was learned when" }
        (learned(asked, &events))
    };
    Ok(Shown::Page(format!("Life of {policy}"), body))
}

fn csv(asked: &Asked<'_>, policy: &PolicyName) -> String {
    let (carrier, number) = (part(policy.carrier.as_str()), part(policy.number.as_str()));
    asked.clocks.link(&format!("/v1/policies/{carrier}/{number}/entries"), &[("format", "csv")])
}

/// An event of the policy that posted something.
struct Happened {
    position: u64,
    type_name: String,
    on: Day,
    recorded_at: String,
}

/// The events of the entries, by effective date.
fn events(entries: &Report) -> Vec<Happened> {
    let mut by_position = BTreeMap::new();
    for row in &entries.rows {
        if let [
            Cell::Count(position),
            _,
            Cell::Text(type_name),
            Cell::Text(on),
            _,
            Cell::Text(recorded_at),
            ..,
        ] = row.as_slice()
            && let Some(on) = Day::parse(on)
        {
            let (type_name, recorded_at) = (type_name.replace('_', " "), recorded_at.clone());
            by_position.entry(*position).or_insert(Happened {
                position: *position,
                type_name,
                on,
                recorded_at,
            });
        }
    }
    let mut events: Vec<Happened> = by_position.into_values().collect();
    events.sort_by_key(|event| (event.on, event.position));
    events
}

/// The events in effective order, as a line of time.
fn timeline(asked: &Asked<'_>, events: &[Happened]) -> Markup {
    html! {
        ol class="timeline" {
            @for event in events {
                li {
                    time datetime=(event.on) { (event.on) }
                    span class="what" { (event.type_name) }
                    (position(asked, event.position))
                }
            }
        }
    }
}

fn position(asked: &Asked<'_>, position: u64) -> Markup {
    html! {
        @if asked.viewer.may(Act::Audit) {
            a class="position" href=(asked.clocks.link(&format!("/events/{position}"), &[])) { "event " (position) }
        } @else { span class="position" { "event " (position) } }
    }
}

/// The events in the order in which they were learned, with how late each was.
fn learned(asked: &Asked<'_>, events: &[Happened]) -> Markup {
    let mut events: Vec<&Happened> = events.iter().collect();
    events.sort_by_key(|event| event.position);
    let late = |event: &Happened| {
        Moment::parse(&event.recorded_at)
            .map(|moment| moment.day().0.saturating_sub(event.on.0))
            .unwrap_or_default()
    };
    html! {
        div class="scroll" role="region" tabindex="0" aria-label="What was learned when" { table {
            caption { "In the order of the log" }
            thead { tr {
                th scope="col" { "recorded at" } th scope="col" { "event" } th scope="col" { "effective" }
                th scope="col" class="num" { "days later" }
            } }
            tbody { @for event in events { tr class=[(late(event) > 31).then_some("late")] {
                td { (event.recorded_at) } td { (event.type_name) " " (position(asked, event.position)) }
                td { (event.on) } td class="num" { (late(event)) }
            } } }
        } }
    }
}

/// The columns of entries that people read.
const SHOWN: [&str; 7] = ["position", "on", "dated", "producer", "account", "amount", "why"];

/// The chain that it froze at issue.
pub fn chain(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let policy = policy(asked)?;
    let report = upline_answers::chain::chain(asked.ledger, &asked.clocks.point, &policy)?;
    let body = html! {
        (table(&asked.clocks, &report, &format!("Chain of {policy}, rates of the first year"), None))
    };
    Ok(Shown::Page(format!("Chain of {policy}"), body))
}
