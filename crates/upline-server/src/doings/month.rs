//! The month's end over HTTP: statements taken in, exceptions settled, files that pay, and the close.

use crate::doings::proposing::{day, exception};
use crate::doings::{Order, Part};
use crate::parameters as p;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::signing::Signing;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use upline_answers::{closings, statements};
use upline_core::statement::Resolution;
use upline_core::time::Day;
use upline_formats::nacha::{ORIGINATOR_BYTES_MAX, Originator};
use upline_ledger::close::{Closing, Shine};
use upline_ledger::pay::{AchFile, AchTerms};
use upline_ledger::reconcile::{ReadStatement, StatementFile, TakenIn};
use upline_ledger::resolve::Resolving;
use upline_ledger::{Ledger, LedgerError};

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What taking a statement in would come to.
pub fn preview_statement(ledger: &Ledger, order: &Order) -> Result<Reply, Problem> {
    told(ledger, order, ledger.preview_statement(read(order)?)?)
}

/// Takes a statement in.
pub fn receive_statement(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let taken = ledger.receive_statement(read(order)?)?;
    told(ledger, order, taken)
}

fn read(order: &Order) -> Result<ReadStatement, Problem> {
    order.statement.clone().ok_or_else(|| Problem::failed("the statement was not read"))
}

/// Reads the statement that came.
pub fn read_statement(ledger: &Ledger, order: &mut Order) -> Result<(), Problem> {
    order.statement = Some(statement(ledger, order)?);
    Ok(())
}

fn told(ledger: &Ledger, order: &Order, taken: TakenIn) -> Result<Reply, Problem> {
    let all = statements::named(ledger, std::slice::from_ref(&taken.reconciled))?;
    let mut report = statements::every_line(ledger, &all);
    report.closing.push(("received_before", json!(taken.before)));
    report.closing.push(("instead_of", json!(taken.instead_of)));
    Reply::report(report, &order.given, order.form)
}

/// The statement that came, read through the profile that came with it, or one that is kept.
fn statement(ledger: &Ledger, order: &Order) -> Result<ReadStatement, Problem> {
    let given = &order.given;
    let file = order.part("statement").or_else(|| order.part(""));
    let file = file.ok_or_else(|| Problem::parameter("statement", "there is no part of this name"))?;
    let (profile, profile_name) = match (order.part("profile"), given.code(p::PROFILE.name)) {
        (Some(Part { bytes, file_name, .. }), None) => {
            (bytes.clone(), file_name.clone().unwrap_or_else(|| "the profile".to_owned()))
        }
        (None, Some(code)) => {
            let kept = ledger.kept_profile(&code)?.ok_or_else(|| {
                let detail = format!("no profile {code} is kept: send it as the part profile");
                Problem::new(StatusCode::NOT_FOUND, "unknown_profile", detail)
            })?;
            (kept, code.to_string())
        }
        (Some(_), Some(_)) => {
            return Err(Problem::parameter("profile", "name one that is kept, or send one, not both"));
        }
        (None, None) => {
            return Err(Problem::parameter("profile", "name one that is kept, or send one as a part"));
        }
    };
    let named = given.word(p::FILE_NAME.name).map(str::to_owned);
    let name = named.or_else(|| file.file_name.clone()).unwrap_or_else(|| "statement".to_owned());
    let (period, on, total) =
        (given.month(p::PERIOD.name), given.day(p::ON.name), given.money(p::TOTAL.name));
    let bytes = file.bytes.clone();
    Ok(StatementFile { name, bytes, profile_name, profile, period, on, total, replaces: None }.read()?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolved {
    exceptions: Vec<String>,
    reason: String,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    on: Option<String>,
}

/// Of what is settled.
pub fn schema_of_resolution() -> Value {
    json!({"type": "object", "required": ["exceptions", "reason"], "additionalProperties": false, "properties": {
        "exceptions": super::exceptions(),
        "reason": {"enum": ["accepted", "booked", "claimed"]},
        "note": {"type": "string"},
        "on": {"type": "string", "format": "date"},
    }})
}

/// Settles exceptions; the asker decided it.
pub fn resolve(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let Resolved { exceptions, reason, note, on } = order.json()?;
    let reason = Resolution::parse(&reason)
        .ok_or_else(|| Problem::parameter("reason", "it is accepted, booked or claimed"))?;
    if reason == Resolution::WrittenOff {
        return Err(Problem::four_eyes("a write-off"));
    }
    let exceptions = exceptions.iter().map(|one| exception(one)).collect::<Result<Vec<_>, _>>()?;
    if exceptions.is_empty() {
        return Err(Problem::parameter("exceptions", "name at least one"));
    }
    let on = on.map(|on| day("on", &on)).transpose()?;
    let resolving = Resolving { exceptions, reason, by: order.asker.name.clone(), note, on };
    let settled = ledger.resolve(&resolving)?;
    let rows = settled.iter().map(|one| {
        json!({"statement": one.statement, "exception": one.exception.as_str(), "class": one.class.as_str(),
            "difference": one.difference.to_string(), "reason": reason.as_str()})
    });
    let rows: Vec<Value> = rows.collect();
    Ok(Reply::json(
        &json!({"position": ledger.position(), "root": ledger.root().to_string(), "settled": rows}),
    ))
}

/// Writes the file that pays a run, and answers with it.
pub fn payment_file(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let run = order.path.first().and_then(|run| run.parse().ok()).ok_or_else(Problem::not_found)?;
    let bytes = order.parts.first().map(|part| part.bytes.as_slice()).unwrap_or_default();
    let wrong = |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "originator", detail);
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= ORIGINATOR_BYTES_MAX);
    let text =
        text.ok_or_else(|| wrong("this is no text, or too long for one that says who pays".to_owned()))?;
    let originator = Originator::parse(text).map_err(|error| wrong(error.to_string()))?;
    let given = &order.given;
    let modifier = given.word(p::MODIFIER.name).and_then(|word| word.chars().next()).unwrap_or('A');
    let terms = AchTerms {
        originator,
        pay_on: given.day(p::PAY_ON.name),
        modifier,
        shared: given.flag(p::CONFIRM_SHARED.name),
        again: given.flag(p::AGAIN.name),
    };
    let run = ledger.pay_run(run)?;
    let place = |_: &AchFile| Ok::<_, LedgerError>(());
    let file = ledger.pay_again(&run, &terms, place)?.ok_or_else(|| {
        let detail = format!("run {} pays nothing in cash, and no file is written", run.run);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_in_cash", detail)
    })?;
    let file_name = Some(format!("run-{}-{}.ach", run.run, file.written.pay_on));
    Ok(Reply { file_name, ..Reply::bytes("text/plain; charset=utf-8", file.text.into_bytes()) })
}

/// What blocks the close of a period.
pub fn check_close(ledger: &Ledger, order: &Order) -> Result<Reply, Problem> {
    let through = through(order)?;
    let closing = ledger.check_close(through, &order.given.without(), &mut |_, _, _| {})?;
    closed(ledger, order, through, &closing)
}

/// Closes a period; its evidence is signed, so a server without a key closes none.
pub fn close(ledger: &mut Ledger, order: &Order) -> Result<Reply, Problem> {
    let through = through(order)?;
    let signing = Signing::required(order.signing.as_ref())?;
    signing.check(ledger)?;
    let closing = ledger.close(through, &order.given.without(), &mut |_, _, _| {})?;
    if closing.closed_at.is_none() {
        let red = closing.lights.iter().filter(|light| light.shine == Shine::Red);
        let red: Vec<String> = red.map(|light| format!("{}: {}", light.check, light.detail)).collect();
        let detail = format!("the period through {through} is not closed. {}", red.join("; "));
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_closed", detail));
    }
    closed(ledger, order, through, &closing)
}

fn closed(ledger: &Ledger, order: &Order, through: Day, closing: &Closing) -> Result<Reply, Problem> {
    let evidence = closing.closed_at.map(|_| format!("/v1/closings/{through}"));
    let report = closings::closing(ledger, through, closing, evidence.as_deref(), String::new());
    Reply::report(report, &order.given, order.form)
}

fn through(order: &Order) -> Result<Day, Problem> {
    order.given.day(p::CLOSE_THROUGH.name).ok_or_else(Problem::not_found)
}
