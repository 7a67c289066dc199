//! Search over producers, policies and names.

use crate::table::table;
use crate::{Asked, Shown, Unshown};
use maud::html;
use upline_access::Act;
use upline_answers::find::find;

/// What fits a text.
pub fn search(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let Some(text) = asked.given("q") else {
        let body = html! { p class="nothing" { "Type a code, a part of one, or a name. " kbd { "/" } " brings you to the field." } };
        return Ok(Shown::Page("Search".to_owned(), body));
    };
    let reference = asked.memory.reference(asked.ledger)?;
    let directory = asked.memory.directory(asked.ledger)?;
    let known = asked.at()?.known;
    let found = find(&reference, &directory, known, &asked.viewer.scope, text);
    let body = html! {
        h2 { "Producers" }
        (table(&asked.clocks, &found.producers, "Producers whose code or name fits", None))
        h2 { "Policies" }
        (table(&asked.clocks, &found.policies, "Policies whose number fits", None))
        @if asked.viewer.may(Act::Audit) && let Ok(position) = text.parse::<u64>() {
            p { a href=(asked.clocks.link(&format!("/events/{position}"), &[])) { "Event " (position) } }
        }
    };
    Ok(Shown::Page(format!("Search: {}", upline_formats::plain::clean(text)), body))
}
