//! What can be looked at, a file for each subject.

mod audit;
mod changes;
mod coverage;
mod month;
mod overview;
mod policy;
mod producer;
mod search;

use crate::{Asked, Page, Shown, Unshown};
use maud::{Markup, html};
use serde_json::json;
use upline_access::Act;

const fn page(path: &'static str, needs: Act, show: fn(&Asked<'_>) -> Result<Shown, Unshown>) -> Page {
    Page { path, needs, show }
}

/// All pages, each above the sections that stand in it.
pub const PAGES: &[Page] = &[
    page("/", Act::ReadOwn, overview::overview),
    page("/overview/balances", Act::ReadOwn, overview::balances),
    page("/overview/persistency", Act::ReadAll, overview::persistency),
    page("/overview/policies", Act::ReadAll, overview::policies),
    page("/overview/covered", Act::ReadOwn, overview::covered),
    page("/overview/late", Act::ReadAll, overview::late),
    page("/producers", Act::ReadOwn, producer::all),
    page("/producers/{producer}", Act::ReadOwn, producer::one),
    page("/producers/{producer}/balances", Act::ReadOwn, producer::balances),
    page("/producers/{producer}/entries", Act::ReadOwn, producer::entries),
    page("/producers/{producer}/policies", Act::ReadOwn, producer::policies),
    page("/producers/{producer}/downline", Act::ReadOwn, producer::downline),
    page("/producers/{producer}/coverage", Act::ReadOwn, producer::coverage),
    page("/policies/{carrier}/{number}", Act::ReadOwn, policy::one),
    page("/policies/{carrier}/{number}/life", Act::ReadOwn, policy::life),
    page("/policies/{carrier}/{number}/chain", Act::ReadAll, policy::chain),
    page("/changes", Act::ReadAll, changes::changes),
    page("/changes/rows", Act::ReadAll, changes::rows),
    page("/coverage", Act::ReadOwn, coverage::coverage),
    page("/coverage/decided", Act::ReadOwn, coverage::decided),
    page("/coverage/standing", Act::ReadOwn, coverage::standing),
    page("/month", Act::ReadAll, month::month),
    page("/month/statements", Act::ReadAll, month::statements),
    page("/month/pay-run", Act::ReadAll, month::due),
    page("/month/proposals", Act::ReadAll, month::proposals),
    page("/month/paid", Act::ReadAll, month::paid),
    page("/month/close", Act::ReadAll, month::close),
    page("/audit", Act::Audit, audit::audit),
    page("/audit/verify", Act::Audit, audit::verify),
    page("/audit/log", Act::Audit, audit::log),
    page("/events/{position}", Act::Audit, audit::event),
    page("/search", Act::ReadOwn, search::search),
    page("/clocks.json", Act::ReadOwn, clocks),
];

/// A section that is loaded into its place, or opened by itself.
fn section(title: &str, source: &str) -> Markup {
    let separator = if source.contains('?') { '&' } else { '?' };
    html! {
        section class="part" data-src=(format!("{source}{separator}part=1")) {
            h2 { (title) }
            div class="loading" { a href=(source) { "Show " (title.to_lowercase()) } }
        }
    }
}

/// Where the clocks can stand, for their sliders.
fn clocks(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let times = asked.memory.times(asked.ledger)?;
    let today = asked.ledger.today();
    let (first, last) = times.effective.unwrap_or((today, today));
    // How much was learned when is about everybody.
    let sees_all = asked.viewer.may(Act::ReadAll);
    let recorded: Vec<_> = times
        .recorded
        .iter()
        .map(|recorded| json!([recorded.day.to_string(), if sees_all { recorded.events } else { 1 }]))
        .collect();
    let closed: Vec<_> = times
        .closed
        .iter()
        .map(|closed| json!([closed.through.to_string(), closed.recorded_at.to_string()]))
        .collect();
    Ok(Shown::Data(json!({
        "first": first.to_string(),
        "last": last.max(today).to_string(),
        "today": today.to_string(),
        "recorded": recorded,
        "closed": closed,
    })))
}
