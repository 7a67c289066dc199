//! Finance's desk: the month from the carrier's statement to the closed books.

use super::section;
use crate::clocks::part;
use crate::table::table;
use crate::{Asked, Shown, Unshown};
use maud::{Markup, html};
use upline_access::Act;
use upline_answers::pay_run::{holds, pay_run};
use upline_answers::statements::{named, statement_for_people};
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::statement::Resolution;
use upline_core::time::{Day, Month};
use upline_ledger::close::Shine;
use upline_ledger::proposals::{Content, ProposalRow, ProposalState};
use upline_ledger::reconcile::{Reconciled, State};
use upline_views::closings::Paid;

/// The last day of the month that is at the desk: as chosen, else of the month before the effective date.
fn through(asked: &Asked<'_>) -> Result<Day, Unshown> {
    match asked.given("through") {
        Some(text) => Day::parse(text)
            .ok_or_else(|| Unshown::Refused(format!("{text} is no day: a day is written 2026-06-30"))),
        None => {
            let month = Month::of(asked.at()?.effective);
            Ok(Month(month.0.saturating_sub(1)).last())
        }
    }
}

/// The desk.
pub fn month(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let day = through(asked)?;
    let text = day.to_string();
    let link = |path: &str| asked.clocks.link(path, &[("through", &text)]);
    let may = |act: Act| asked.viewer.may(act);
    let body = html! {
        form method="get" action="/month" class="inline" {
            @for (name, value) in asked.clocks.pairs() { input type="hidden" name=(name) value=(value); }
            div { label for="through" { "Through" } input type="date" id="through" name="through" value=(text); }
            button type="submit" class="quiet" { "Choose" }
        }
        @if may(Act::Reconcile) { (hand_in()) }
        (section("Statements and exceptions", &asked.clocks.link("/month/statements", &[])))
        (section("Pay run", &link("/month/pay-run")))
        (section("Proposals", &asked.clocks.link("/month/proposals", &[])))
        (section("Paid", &asked.clocks.link("/month/paid", &[])))
        section class="part" {
            h2 { "Close" }
            p class="hint" { "Looks at everything that a close needs; on a large ledger that takes its time." }
            p { a class="button" href=(link("/month/close")) data-load { "See what blocks the close through " (text) } }
        }
    };
    Ok(Shown::Page(format!("Month through {text}"), body))
}

/// A carrier's statement is handed in.
fn hand_in() -> Markup {
    html! {
        section class="part" {
            h2 { "Hand in a carrier's statement" }
            form class="stacked drop" data-upload="/v1/carrier-statements" {
                label for="statement" { "The file, CSV or Excel: choose it, or drop it here" }
                input type="file" id="statement" name="file" required accept=".csv,.xlsx,.xls,.gz,.zst,text/csv";
                label for="profile" { "Profile" }
                select id="profile" name="profile" required data-options="/v1/profiles" {}
                label for="profile_file" { "or a profile of this carrier that is new (TOML)" }
                input type="file" id="profile_file" name="profile_file" accept=".toml";
                label for="total" { "Total by the bank (optional)" }
                input id="total" name="total" inputmode="decimal" pattern="-?[0-9]+\\.[0-9]{2}" placeholder="3242.00";
                div class="inline" {
                    button type="submit" name="dry_run" value="true" class="quiet" { "See what it comes to" }
                    button type="submit" { "Receive it" }
                }
                p class="said" role="status" aria-live="polite" {}
            }
        }
    }
}

/// Every statement by class and payee, and its exceptions to settle.
pub fn statements(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let known = asked.at()?.known;
    let all = named(asked.ledger, &asked.ledger.reconciliation(known)?)?;
    let body = html! {
        @if all.is_empty() { p class="nothing" { "No statement was received yet." } }
        @for one in all.iter().rev() { (statement(asked, one)) }
    };
    Ok(Shown::Page("Statements and exceptions".to_owned(), body))
}

fn statement(asked: &Asked<'_>, one: &Reconciled) -> Markup {
    let reports = statement_for_people(one, false);
    let (open, number) = (one.open(), one.incoming.position);
    let name = number.map_or_else(String::new, |number| number.to_string());
    html! {
        details class="statement" open[open > 0] {
            summary {
                "Statement " (name) ": " (one.incoming.profile.code) ", " (one.incoming.from) " to " (one.incoming.through) ", "
                (Total::from(one.incoming.statement.total).separated()) "; "
                @if open == 0 { "nothing is open" } @else { b { (open) " open" } }
            }
            @for report in reports.iter().take(2) { (table(&asked.clocks, report, &report.title, None)) }
            @if one.rows.iter().any(|row| row.class.is_exception()) { (exceptions(asked, one, &name)) }
        }
    }
}

/// The exceptions of a statement: several are settled at once, all or none.
fn exceptions(asked: &Asked<'_>, one: &Reconciled, name: &str) -> Markup {
    let settles = asked.viewer.may(Act::Reconcile);
    let shown = one.rows.iter().filter(|row| row.class.is_exception());
    html! {
        form data-api="/v1/resolutions" data-instead="written_off=/v1/proposals" {
            div class="scroll" role="region" tabindex="0" aria-label=(format!("Exceptions of statement {name}")) { table {
                caption { "Exceptions" }
                thead { tr {
                    @if settles { th scope="col" { span class="unseen" { "choose" } } }
                    @for head in ["exception", "policy", "payee", "class"] { th scope="col" { (head) } }
                    @for head in ["expected", "received", "difference"] { th scope="col" class="num" { (head) } }
                    th scope="col" { "state" } th scope="col" { "why" }
                } }
                tbody { @for row in shown {
                    @let id = format!("{name}/{}", row.exception);
                    tr {
                        @if settles { td {
                            @if row.state == State::Open {
                                input type="checkbox" name="exceptions[]" value=(id) aria-label=(format!("Settle {id}"));
                            }
                        } }
                        td { (id) }
                        td { (row.policy) }
                        td {
                            @if Code::parse(&row.payee).is_some() { a href=(asked.clocks.producer(&row.payee)) { (row.payee) } }
                            @else { (row.payee) }
                        }
                        td { (row.class.as_str().replace('_', " ")) }
                        td class="num" { (Total::from(row.expected).separated()) }
                        td class="num" { (Total::from(row.received).separated()) }
                        td class=(if row.difference < Total::ZERO { "num negative" } else { "num" }) { (row.difference.separated()) }
                        td { @match &row.state {
                            State::Resolved { reason, by } => { (reason.as_str().replace('_', " ")) " by " (by) }
                            state => { (state.as_str().replace('_', " ")) }
                        } }
                        td { (row.why) }
                    }
                } }
            } }
            @if settles && one.open() > 0 {
                div class="inline" {
                    div { label for=(format!("reason{name}")) { "They are" }
                        select id=(format!("reason{name}")) name="reason" required {
                            @for reason in Resolution::ALL {
                                option value=(reason.as_str()) { (meaning(*reason)) }
                            }
                        }
                    }
                    div { label for=(format!("note{name}")) { "Why" } input id=(format!("note{name}")) name="note"; }
                    button type="submit" { "Settle those that are chosen" }
                    button type="button" class="quiet" data-choose-all { "Choose all" }
                }
                p class="said" role="status" aria-live="polite" {}
            }
        }
    }
}

fn meaning(reason: Resolution) -> &'static str {
    match reason {
        Resolution::Accepted => "accepted: the carrier's figure is right",
        Resolution::Booked => "booked: the facts are recorded",
        Resolution::Claimed => "claimed from the carrier",
        Resolution::WrittenOff => "written off (proposed: another approves it)",
    }
}

/// What a pay run through the day would pay, with what is held.
pub fn due(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let day = through(asked)?;
    let rows = asked.ledger.payout(day)?;
    let report = pay_run(asked.ledger, String::new(), day, &rows, None);
    let held: Vec<_> = rows.iter().filter(|row| !row.holds.is_empty()).collect();
    let body = html! {
        (table(&asked.clocks, &report, &format!("To be paid out through {day}, with all that is recorded"), None))
        @for row in held {
            p class="hint" { a href=(asked.clocks.producer(row.producer.as_str())) { (row.producer) } " is held: " (holds(row).join(", ").replace('_', " ")) }
        }
        @if asked.viewer.may(Act::ProposeMoney) && !report.rows.is_empty() {
            form data-api="/v1/proposals" class="inline" {
                input type="hidden" name="action" value="pay_run";
                input type="hidden" name="through" value=(day);
                button type="submit" { "Propose this run" }
                p class="said" role="status" aria-live="polite" {}
            }
        }
    };
    Ok(Shown::Page(format!("Pay run through {day}"), body))
}

/// What was proposed; what is open comes first.
pub fn proposals(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let mut all = asked.ledger.proposals()?;
    all.reverse();
    all.sort_by_key(|row| row.state != ProposalState::Open);
    let body = html! {
        @if all.is_empty() { p class="nothing" { "Nothing was proposed yet." } }
        @for row in all.iter().take(50) { (proposal(asked, row)?) }
    };
    Ok(Shown::Page("Proposals".to_owned(), body))
}

fn proposal(asked: &Asked<'_>, row: &ProposalRow) -> Result<Markup, Unshown> {
    let open = row.state == ProposalState::Open;
    let content = if open { asked.ledger.proposal(&row.id)?.content } else { None };
    let to = |what: &str| format!("/v1/proposals/{}/{what}", part(row.id.as_str()));
    let act = |what: &str, words: &str, class: &str| {
        html! {
            form data-api=(to(what)) data-empty[what != "rejection"] class="inline" {
                button type="submit" class=(class) { (words) }
                p class="said" role="status" aria-live="polite" {}
            }
        }
    };
    let own = row.proposed_by == asked.viewer.name;
    Ok(html! {
        details class="proposal" open[open] {
            summary { (row.action.as_str().replace('_', " ")) " " (row.id) ", " (row.state.as_str()) ": " (row.summary) }
            p { "Proposed by " b { (row.proposed_by) } " at " (row.proposed_at)
                @if let Some(note) = &row.note { ": " (note) }
                @if let Some(by) = &row.decided_by { "; " (row.state.as_str()) " by " b { (by) } }
                @if let Some(at) = &row.decided_at { " at " (at) }
                @if let Some(note) = &row.decision_note { ": " (note) }
                "."
            }
            @if let Some(Content::PayRun { through, rows }) = &content {
                @let report = pay_run(asked.ledger, String::new(), *through, rows, None);
                (table(&asked.clocks, &report, &format!("What it pays through {through}"), None))
            }
            @if open && asked.viewer.may(Act::Approve) && !own {
                (act("approval", "Approve", ""))
                (act("rejection", "Reject", "quiet"))
            }
            @if open && own { (act("withdrawal", "Withdraw", "quiet")) }
        }
    })
}

/// The runs that were recorded, the latest first, with their files.
pub fn paid(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let closings = asked.ledger.closings(asked.at()?.known)?;
    let mut runs: Vec<(u64, Day, String, u64, Total)> = Vec::new();
    for paid in closings.paid.iter().filter(|paid| !paid.imported) {
        let at = paid.recorded_at.to_string();
        match runs.last_mut().filter(|(_, on, recorded, _, _)| *on == paid.on && *recorded == at) {
            Some((_, _, _, count, total)) => {
                *count += 1;
                *total += cash(paid);
            }
            None => runs.push((paid.position, paid.on, at, 1, cash(paid))),
        }
    }
    let body = html! {
        @if runs.is_empty() { p class="nothing" { "Nothing was paid out yet." } }
        @else { div class="scroll" role="region" tabindex="0" aria-label="Pay runs" { table {
            caption { "Pay runs, the latest first" }
            thead { tr {
                th scope="col" class="num" { "run" } th scope="col" { "through" } th scope="col" { "recorded at" }
                th scope="col" class="num" { "payouts" } th scope="col" class="num" { "paid" } th scope="col" { "files" }
            } }
            tbody { @for (run, on, at, count, total) in runs.iter().rev() { tr {
                td class="num" { (run) } td class="time" { (on) } td class="time" { (at) }
                td class="num" { (count) } td class="num" { (total.separated()) }
                td {
                    a href=(format!("/v1/pay-runs/{run}?format=csv")) download { "CSV" }
                    @if asked.viewer.may(Act::ProposeMoney) { (payment(*run, *on)) }
                }
            } } }
        } } }
    };
    Ok(Shown::Page("Paid".to_owned(), body))
}

/// The ACH file that pays a run; who pays is in a file of the house's own.
fn payment(run: u64, on: Day) -> Markup {
    html! {
        details {
            summary { "ACH file" }
            form class="stacked" data-payment=(format!("/v1/pay-runs/{run}/payment-files")) data-name=(format!("run-{run}-{on}.ach")) {
                label for=(format!("originator{run}")) { "Who pays (TOML)" }
                input type="file" id=(format!("originator{run}")) name="originator" required accept=".toml";
                label for=(format!("pay_on{run}")) { "Pay on" }
                input type="date" id=(format!("pay_on{run}")) name="pay_on";
                button type="submit" { "Write it" }
                p class="said" role="status" aria-live="polite" {}
            }
        }
    }
}

/// What a payout came to in cash.
fn cash(paid: &Paid) -> Total {
    paid.payout.cash().map_or(Total::ZERO, Total::from)
}

/// What blocks the close, as a list of links.
pub fn close(asked: &Asked<'_>) -> Result<Shown, Unshown> {
    let day = through(asked)?;
    let closing = asked.ledger.check_close(day, &[], &mut |_, _, _| {})?;
    let text = day.to_string();
    let to = |check: &str| match check {
        "exceptions" | "statements" | "deposits" | "conserved" => asked.clocks.link("/month/statements", &[]),
        "paid" | "payable" | "unpaid" | "payment_files" => {
            asked.clocks.link("/month/pay-run", &[("through", &text)])
        }
        _ => asked.clocks.link("/audit", &[]),
    };
    let red = closing.red();
    let body = html! {
        @match (closing.before, red) {
            (Some(position), _) => { p class="good" { "The period through " (text) " was closed at position " (position) "." } }
            (None, 0) => { p class="good" { "The period through " (text) " can be closed." } }
            (None, red) => { p class="wrong" { (red) " of these " (if red == 1 { "is" } else { "are" }) " red: the period through " (text) " cannot be closed yet." } }
        }
        ul class="checklist" {
            @for light in &closing.lights {
                li class=[match light.shine { Shine::Green => None, Shine::Note => Some("noted"), Shine::Red => Some("red") }] {
                    span class="unseen" { (light.shine.as_str()) ": " }
                    @if light.shine == Shine::Green { b { (light.check.replace('_', " ")) } }
                    @else { a href=(to(light.check)) { (light.check.replace('_', " ")) } }
                    " " (light.detail)
                }
            }
        }
        @if closing.before.is_none() && red == 0 && asked.viewer.may(Act::Close) {
            form data-api=(format!("/v1/closings?through={text}")) data-empty class="inline" {
                button type="submit" { "Close the period through " (text) }
                p class="said" role="status" aria-live="polite" {}
            }
        }
    };
    Ok(Shown::Page(format!("Close through {text}"), body))
}
