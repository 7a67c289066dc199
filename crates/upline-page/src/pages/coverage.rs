//! Coverage of chargebacks: what was decided and on what, and what would be decided today.

use super::section;
use crate::table::{only, table};
use crate::{Asked, Shown, Unshown};
use maud::{Markup, html};
use serde_json::Value;
use upline_answers::standing::standing as standing_report;
use upline_core::names::Code;

/// The page.
pub fn coverage(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let body = html! {
        (section("What would be decided on this day", &asked.clocks.link("/coverage/standing", &[])))
        (section("What was decided", &asked.clocks.link("/coverage/decided", &[])))
    };
    Ok(Shown::Page("Coverage".to_owned(), body))
}

/// The columns that fit on a screen.
const STANDING: [&str; 10] = [
    "producer",
    "plan",
    "cohort",
    "surviving",
    "ratio",
    "tier",
    "cover",
    "policies_to_lose",
    "next_tier",
    "policies_to_next",
];
const DECIDED: [&str; 10] = [
    "producer",
    "carrier",
    "policy",
    "on",
    "chargeback",
    "covered",
    "cohort",
    "surviving",
    "ratio",
    "reason",
];

/// Where everybody stands who is enrolled.
pub fn standing(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let report = asked.viewer.scope.narrow(standing_report(asked.ledger, &asked.clocks.point)?, "producer");
    let body = html! {
        p class="hint" {
            "What would be covered of a chargeback on the effective date, with what is known; and how many policies the "
            "producer is from the next tier, or from losing its own. A ratio has to lie strictly above a tier."
        }
        (table(&asked.clocks, &only(&report, &STANDING), "Producers that are enrolled", None))
    };
    Ok(Shown::Page("What would be decided".to_owned(), body))
}

/// Every decision.
pub fn decided(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    Ok(Shown::Page("What was decided".to_owned(), decisions(asked, None)?))
}

/// Decisions about whose policies counted is shown below them.
const EXPLAINED_MAX: usize = 50;

/// The decisions, and below them the policies that each counted.
pub fn decisions(asked: &Asked<'_>, of: Option<&Code>) -> Result<Markup, Unshown> {
    let mut report = asked.narrowed().coverage(of, true)?;
    let explained = std::mem::take(&mut report.closing);
    let explained: Vec<Value> = match explained.into_iter().next() {
        Some((_, Value::Array(explained))) => explained,
        _ => Vec::new(),
    };
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(html! {
        (table(&asked.clocks, &only(&report, &DECIDED), "Coverage decisions", Some(&asked.clocks.link("/v1/coverage", &[("format", "csv")]))))
        @for decision in explained.iter().take(EXPLAINED_MAX) {
            details {
                summary {
                    (text(decision, "policy")) " on " (text(decision, "on")) " of " (text(decision, "producer"))
                    ": the policies that counted"
                }
                ul class="counted" {
                    @for policy in decision.get("policies").and_then(Value::as_array).into_iter().flatten() {
                        li {
                            @let name = text(policy, "policy");
                            @match name.split_once('/') {
                                Some((carrier, number)) => { a href=(asked.clocks.policy(carrier, number)) { (name) } }
                                None => { (name) }
                            }
                            " issued " (text(policy, "issued")) ": " (text(policy, "why"))
                        }
                    }
                }
            }
        }
        @if explained.len() > EXPLAINED_MAX {
            p class="hint" { "The policies are shown of the first " (EXPLAINED_MAX) " decisions; a producer's page has its own." }
        }
    })
}
