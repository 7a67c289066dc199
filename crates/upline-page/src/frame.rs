//! What stands around every page: the head with both clocks, the foot that says what the page rests on.

use crate::clocks::address;
use crate::{Asked, Viewer};
use maud::{DOCTYPE, Markup, html};
use upline_access::Act;
use upline_core::as_of::AsOf;

/// The pages that are named on top, with what one has to be allowed.
const NAMED: &[(&str, &str, Act)] = &[
    ("/", "Overview", Act::ReadOwn),
    ("/producers", "Producers", Act::ReadOwn),
    ("/changes", "Changes", Act::ReadAll),
    ("/coverage", "Coverage", Act::ReadOwn),
    ("/month", "Month", Act::ReadAll),
    ("/audit", "Audit", Act::Audit),
];

/// A whole page.
pub(crate) fn whole(asked: &Asked<'_>, title: &str, body: &Markup, at: AsOf, root: &str) -> Markup {
    let viewer = asked.viewer;
    document(
        title,
        html! {
            (head(asked, at))
            (clocks(asked, at))
            main id="main" tabindex="-1" {
                (content(asked, title, body, at, root))
            }
        },
        viewer.csrf.as_deref(),
    )
}

/// What changes when the clocks are turned: it takes the place of what is in `main`.
pub(crate) fn fragment(asked: &Asked<'_>, title: &str, body: &Markup, at: AsOf, root: &str) -> Markup {
    if asked.query.iter().any(|(name, _)| name == "part") {
        return body.clone();
    }
    content(asked, title, body, at, root)
}

fn content(asked: &Asked<'_>, title: &str, body: &Markup, at: AsOf, root: &str) -> Markup {
    let link = asked.clocks.link(asked.path, &further(asked));
    html! {
        h1 { (title) }
        (body)
        footer class="cited" {
            p {
                "As of " b { (at.effective) } ", "
                @match (asked.clocks.point.known_at, asked.clocks.point.at_position) {
                    (Some(moment), _) => { "as known at " b { (moment) } ", " }
                    (None, Some(_)) => { "as known at this position, " }
                    (None, None) => { "with all that is recorded, " }
                }
                "position " b { (at.known) } ", root " code { (root) } ". "
                a href=(link) class="cite" { "Link to exactly this" }
            }
        }
    }
}

/// The parameters of a page beside its clocks.
fn further<'a>(asked: &'a Asked<'_>) -> Vec<(&'a str, &'a str)> {
    let clocks = ["as_of", "known_at", "at_position", "part"];
    let pairs = asked.query.iter().filter(|(name, _)| !clocks.contains(&name.as_str()));
    pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn head(asked: &Asked<'_>, at: AsOf) -> Markup {
    let viewer = asked.viewer;
    let here = |path: &str| match path {
        "/" => asked.path == "/",
        _ => asked.path.starts_with(path),
    };
    html! {
        a class="skip" href="#main" { "Skip to the content" }
        header class="top" {
            a class="brand" href=(asked.clocks.link("/", &[])) { "Upline" }
            nav aria-label="Pages" {
                ul {
                    @for (path, name, needs) in NAMED {
                        @if viewer.may(*needs) {
                            li { a href=(asked.clocks.link(path, &[])) aria-current=[here(path).then_some("page")] { (name) } }
                        }
                    }
                }
            }
            form class="search" role="search" action="/search" method="get" {
                @for (name, value) in asked.clocks.pairs() { input type="hidden" name=(name) value=(value); }
                input type="search" name="q" id="search" aria-label="Search producers, policies and names"
                    placeholder="Search  ( / )" value=(asked.given("q").unwrap_or_default()) autocomplete="off";
            }
            (who(viewer))
        }
        @if at.known == 0 { p class="note" { "This ledger is empty. Import facts, and they are here." } }
    }
}

fn who(viewer: &Viewer) -> Markup {
    html! {
        div class="who" {
            span { (viewer.name) " " small { (viewer.role.as_str()) } }
            @if let Some(csrf) = &viewer.csrf {
                form method="post" action="/log-out" {
                    input type="hidden" name="csrf" value=(csrf);
                    button type="submit" class="quiet" { "Log out" }
                }
            }
        }
    }
}

/// The two clocks: dates to type, sliders that the script fills, and a button for who has none.
fn clocks(asked: &Asked<'_>, at: AsOf) -> Markup {
    let point = asked.clocks.point;
    let known = point.known_at.map(|moment| moment.to_string().trim_end_matches('Z').to_owned());
    let known = known.map(|text| text.split('.').next().unwrap_or_default().to_owned());
    let data = address("/clocks.json", []);
    html! {
        form class="clocks" method="get" action=(asked.path) data-clocks=(data) aria-label="The two clocks" {
            @for (name, value) in further(asked) { input type="hidden" name=(name) value=(value); }
            div class="clock" {
                label for="as_of" { "Effective date" }
                input type="date" id="as_of" name="as_of" value=(at.effective) data-default=[point.as_of.is_none().then_some("yes")];
                div class="turn" hidden {
                    svg class="marks" aria-hidden="true" {}
                    input type="range" id="as_of_slider" aria-label="Effective date, as a slider" min="0" max="0" value="0";
                }
            }
            div class="clock" {
                label for="known_at" { "Known at (UTC)" }
                input type="datetime-local" id="known_at" name="known_at" step="1" value=[known];
                @if let Some(position) = point.at_position {
                    input type="hidden" name="at_position" value=(position);
                }
                div class="turn" hidden {
                    svg class="marks" aria-hidden="true" {}
                    input type="range" id="known_at_slider" aria-label="Known at, as a slider" min="0" max="0" value="0";
                }
            }
            div class="set" {
                button type="submit" { "Show" }
                a href=(address(asked.path, further(asked).into_iter().map(|(a, b)| (a, b.to_owned())))) class="button quiet" { "Today, all known" }
            }
            p class="said" role="status" aria-live="polite" {}
        }
    }
}

/// Where something is wrong, as a part of a page.
pub(crate) fn wrong(title: &str, why: &str) -> Markup {
    html! { div class="wrong" role="alert" { strong { (title) } p { (why) } } }
}

/// A page that only says something.
pub fn message(viewer: Option<&Viewer>, title: &str, why: &str) -> Markup {
    document(
        title,
        html! {
            header class="top" {
                a class="brand" href="/" { "Upline" }
                @if let Some(viewer) = viewer { (who(viewer)) }
            }
            main id="main" {
                h1 { (title) }
                p { (why) }
                p { a href="/" { "To the overview" } }
            }
        },
        None,
    )
}

/// The page on which one logs in; with what was wrong the last time, and where one wanted to go.
pub fn log_in(wrong: Option<&str>, to: &str) -> Markup {
    document(
        "Log in",
        html! {
            header class="top" { span class="brand" { "Upline" } }
            main id="main" class="narrow" {
                h1 { "Log in" }
                @if let Some(wrong) = wrong { (crate::frame::wrong("Not logged in", wrong)) }
                form method="post" action="/log-in" class="stacked" {
                    input type="hidden" name="to" value=(to);
                    label for="name" { "Name" }
                    input id="name" name="name" autocomplete="username" required autofocus autocapitalize="none";
                    label for="password" { "Password" }
                    input id="password" name="password" type="password" autocomplete="current-password" required;
                    label for="code" { "Code of the second factor" }
                    input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" aria-describedby="code-hint";
                    p id="code-hint" class="hint" { "Six digits; needed by finance, approvers and admins." }
                    button type="submit" { "Log in" }
                }
            }
        },
        None,
    )
}

fn document(title: &str, body: Markup, csrf: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(csrf) = csrf { meta name="csrf" content=(csrf); }
                title { (title) " · Upline" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/style.css";
                script src="/assets/page.js" defer {}
            }
            body { (body) }
        }
    }
}
