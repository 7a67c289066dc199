//! The form of each kind of field: what its text or number must look like, and the sentence where it does
//! not.

use crate::fields::{Fields, Value, parse_value};
use crate::limits::TEXT_BYTES_MAX;
use crate::reading::At;
use std::borrow::Cow;
use upline_core::fact::names_nobody;
use upline_core::money::{Cents, NotMoney};
use upline_core::names::Code;
use upline_core::rate::Rate;
use upline_core::refusal::Refusal;
use upline_core::statement::is_sha256;
use upline_core::time::{Day, Moment, Month};
use uuid::Uuid;

/// A text; `but` says what else it is when it is none.
fn text<'a>(at: &At<'_>, value: Value<'a>, but: &str) -> Result<Cow<'a, str>, Refusal> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Cell(text) => Ok(Cow::Borrowed(text)),
        other => Err(at.wrong(&other, but)),
    }
}

/// Free text that is kept as it is.
pub(crate) fn free_text(at: &mut At<'_>, value: Value<'_>) -> Result<String, Refusal> {
    let text = text(at, value, "it is a text in quotes")?;
    if text.len() > TEXT_BYTES_MAX {
        return Err(at.wrong_text(&text, format_args!("it may have at most {TEXT_BYTES_MAX} bytes")));
    }
    Ok(text.into_owned())
}

/// Who approved or settled something: free text that says something.
pub(crate) fn person(at: &mut At<'_>, value: Value<'_>) -> Result<String, Refusal> {
    let text = free_text(at, value)?;
    if names_nobody(&text) {
        return Err(at.wrong_text(&text, "it names somebody"));
    }
    Ok(text)
}

pub(crate) fn code(at: &mut At<'_>, value: Value<'_>) -> Result<Code, Refusal> {
    const BUT: &str = "a code is 1 to 64 of letters, digits, - _ . and :, in quotes";
    let text = text(at, value, BUT)?;
    Code::parse(&text).ok_or_else(|| at.wrong_text(&text, BUT))
}

/// The SHA-256 of a file.
pub(crate) fn sha256(at: &mut At<'_>, value: Value<'_>) -> Result<Code, Refusal> {
    const BUT: &str = "it is the SHA-256 of a file: 64 of the digits 0-9 and a-f, in quotes";
    let text = text(at, value, BUT)?;
    Code::parse(&text).filter(is_sha256).ok_or_else(|| at.wrong_text(&text, BUT))
}

/// A month of the calendar.
pub(crate) fn month(at: &mut At<'_>, value: Value<'_>) -> Result<Month, Refusal> {
    const BUT: &str = "a month is written \"YYYY-MM\", as \"2026-06\"";
    let text = text(at, value, BUT)?;
    Month::parse(&text).ok_or_else(|| at.wrong_text(&text, BUT))
}

pub(crate) fn policy_number(at: &mut At<'_>, value: Value<'_>) -> Result<Code, Refusal> {
    const BUT: &str = "a policy number is 1 to 64 of letters, digits, - _ . : and /, in quotes";
    let text = text(at, value, BUT)?;
    Code::parse_policy_number(&text).ok_or_else(|| at.wrong_text(&text, BUT))
}

/// One of a few words.
pub(crate) fn word<T: Copy>(
    all: &'static [T],
    parse: fn(&str) -> Option<T>,
    as_str: fn(T) -> &'static str,
) -> impl FnOnce(&mut At<'_>, Value<'_>) -> Result<T, Refusal> {
    move |at, value| {
        let known = || {
            let words: Vec<&str> = all.iter().map(|one| as_str(*one)).collect();
            format!("it is one of {}", words.join(", "))
        };
        match &value {
            Value::Text(text) => parse(text).ok_or_else(|| at.wrong(&value, known())),
            Value::Cell(text) => parse(text).ok_or_else(|| at.wrong(&value, known())),
            other => Err(at.wrong(other, known())),
        }
    }
}

/// A whole number from 0 to `max`: a JSON number, or digits in a CSV cell.
pub(crate) fn whole<N: TryFrom<i128> + Into<i128> + Copy>(
    max: N,
) -> impl FnOnce(&mut At<'_>, Value<'_>) -> Result<N, Refusal> {
    move |at, value| {
        let number = match &value {
            Value::Integer(number) => Some(*number),
            Value::Cell(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (0..=max.into()).contains(number))
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| {
                let max: i128 = max.into();
                at.wrong(&value, format_args!("it is a whole number from 0 to {max}, without quotes"))
            })
    }
}

pub(crate) fn id(at: &mut At<'_>, value: Value<'_>) -> Result<Uuid, Refusal> {
    const BUT: &str = "an id is a UUID such as \"0190a5b2-7c3e-7d4f-8a1b-2c3d4e5f6a7b\"";
    let text = text(at, value, BUT)?;
    // Of the forms that the parser knows only the hyphenated one has 36 characters.
    let uuid = if text.len() == 36 { Uuid::try_parse(&text).ok() } else { None };
    uuid.ok_or_else(|| at.wrong_text(&text, BUT))
}

/// The effective date. Out of range it is refused after the form of the whole line.
pub(crate) fn day(at: &mut At<'_>, value: Value<'_>) -> Result<Day, Refusal> {
    const BUT: &str = "a date is YYYY-MM-DD and must exist in the calendar";
    let text = text(at, value, BUT)?;
    let day = Day::parse(&text).ok_or_else(|| at.wrong_text(&text, BUT))?;
    if day < Day::FIRST {
        at.note_dates(&text, format_args!("nothing is recorded before {}", Day::FIRST));
    } else if day > Day::LAST {
        at.note_dates(&text, format_args!("nothing is recorded after {}", Day::LAST));
    }
    Ok(day)
}

pub(crate) fn moment(at: &mut At<'_>, value: Value<'_>) -> Result<Moment, Refusal> {
    const BUT: &str = "a time is RFC 3339 in UTC, such as \"2026-07-01T09:30:00Z\"";
    let text = text(at, value, BUT)?;
    Moment::parse(&text).ok_or_else(|| at.wrong_text(&text, BUT))
}

/// Money above 0.00. What is a number but no such amount is refused after the form of the whole line.
pub(crate) fn positive(at: &mut At<'_>, value: Value<'_>) -> Result<Cents, Refusal> {
    let text = money_text(at, value)?;
    let amount = money(at, &text)?;
    if amount.is_some_and(|amount| !amount.is_positive()) {
        at.note_amount(&text, "it must be more than 0.00");
    }
    Ok(amount.unwrap_or_default())
}

/// Money above or below 0.00.
pub(crate) fn signed(at: &mut At<'_>, value: Value<'_>) -> Result<Cents, Refusal> {
    let text = money_text(at, value)?;
    let amount = money(at, &text)?;
    if amount.is_some_and(Cents::is_zero) {
        at.note_amount(&text, "it must not be 0.00");
    }
    Ok(amount.unwrap_or_default())
}

/// Money of either sign, or none.
pub(crate) fn any_amount(at: &mut At<'_>, value: Value<'_>) -> Result<Cents, Refusal> {
    let text = money_text(at, value)?;
    Ok(money(at, &text)?.unwrap_or_default())
}

/// A limit in money: from 0.00 on.
pub(crate) fn limit(at: &mut At<'_>, value: Value<'_>) -> Result<Cents, Refusal> {
    let text = money_text(at, value)?;
    let amount = money(at, &text)?;
    if amount.is_some_and(|amount| amount < Cents::ZERO) {
        at.note_amount(&text, "it must not be below 0.00");
    }
    Ok(amount.unwrap_or_default())
}

/// The most that is advanced: a cap that is not above 0.00 is of the wrong form (facts.md).
pub(crate) fn cap(at: &mut At<'_>, value: Value<'_>) -> Result<Cents, Refusal> {
    let text = money_text(at, value)?;
    let amount = money(at, &text)?;
    if text.starts_with('-') || text.bytes().all(|b| b"0.".contains(&b)) {
        return Err(at.wrong_text(&text, "a cap is more than 0.00; for no cap, leave it out"));
    }
    Ok(amount.unwrap_or_default())
}

const NO_MONEY: &str = "money is a plain number in quotes, such as \"990.00\"";

fn money_text<'a>(at: &At<'_>, value: Value<'a>) -> Result<Cow<'a, str>, Refusal> {
    match value {
        Value::Integer(number) => {
            let but = format_args!("money is written in quotes: \"{number}.00\"");
            Err(at.wrong(&value, but))
        }
        Value::Float(_) => {
            Err(at
                .wrong(&value, "money is written in quotes, such as \"990.00\": a bare number is not exact"))
        }
        other => text(at, other, NO_MONEY),
    }
}

/// The amount; none where it was noted as no possible one.
fn money(at: &mut At<'_>, text: &str) -> Result<Option<Cents>, Refusal> {
    match Cents::parse(text) {
        Ok(amount) => Ok(Some(amount)),
        Err(NotMoney::Form) => Err(at.wrong_text(text, NO_MONEY)),
        Err(NotMoney::Decimals) => {
            at.note_amount(text, "money has at most two decimals");
            Ok(None)
        }
        Err(NotMoney::Range) => {
            at.note_amount(text, "the largest amount is 9000000000000.00");
            Ok(None)
        }
    }
}

/// A rate of a grid, 0–10.
pub(crate) fn rate(at: &mut At<'_>, value: Value<'_>) -> Result<Rate, Refusal> {
    const BUT: &str =
        "a rate is a plain number from 0 to 10 in quotes with at most 28 decimals: \"1.10\" is 110%";
    let text = text(at, value, BUT)?;
    Rate::parse(&text).ok_or_else(|| at.wrong_text(&text, BUT))
}

/// A ratio or a part of something, 0–1.
pub(crate) fn part(at: &mut At<'_>, value: Value<'_>) -> Result<Rate, Refusal> {
    const BUT: &str = "it is a plain number from 0 to 1 in quotes with at most 28 decimals: \"0.50\" is half";
    let text = text(at, value, BUT)?;
    Rate::parse(&text).filter(|rate| *rate <= Rate::ONE).ok_or_else(|| at.wrong_text(&text, BUT))
}

/// A share of a policy. Any exact decimal has the form of one; a negative one and one above 10 are no
/// rates, and are refused after the form of the whole line with the code of shares. That shares are above 0
/// and sum to 1 is for the ledger to say, once the names are known.
pub(crate) fn share(at: &mut At<'_>, value: Value<'_>) -> Result<Rate, Refusal> {
    const BUT: &str = "a share is a plain number in quotes with at most 28 decimals: \"0.50\" is half";
    let text = text(at, value, BUT)?;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.as_ref()),
    };
    let (units, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain(units) || !plain(decimals) || decimals.trim_end_matches('0').len() > 28 {
        return Err(at.wrong_text(&text, BUT));
    }
    // Zeros at the end say nothing, but beyond 28 decimals a rate would not be read.
    let digits =
        if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    let share = Rate::parse(digits).filter(|_| !negative);
    if share.is_none() {
        at.note_shares(&text, "a share is more than 0 and at most 1");
    }
    Ok(share.unwrap_or_default())
}

/// A list of at least `least` and at most `max` items; in a CSV cell as JSON.
pub(crate) fn list<'a, T>(
    at: &mut At<'_>,
    value: Value<'a>,
    (least, max): (usize, usize),
    mut item: impl FnMut(&mut At<'_>, Value<'a>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let items = match json(at, value)? {
        Value::List(items) => items,
        other => return Err(at.wrong(&other, "it is a list: […]")),
    };
    if items.len() < least {
        return Err(Refusal::of(CODE, at.name, format!("{} is an empty list", at.name)));
    }
    if items.len() > max {
        let message = format!("{} has {} items, but may have at most {max}", at.name, items.len());
        return Err(Refusal::of(CODE, at.name, message));
    }
    items.into_iter().map(|value| item(at, value)).collect()
}

/// An object whose members are named by the one who writes it; at least one, at most `max`.
pub(crate) fn map<'a>(at: &mut At<'_>, value: Value<'a>, max: usize) -> Result<Fields<'a>, Refusal> {
    let members = match json(at, value)? {
        Value::Object(members) => members,
        other => return Err(at.wrong(&other, "it is an object: {…}")),
    };
    let message = match members.repeated() {
        Some(name) => format!("{name} stands twice in {}", at.name),
        None if members.is_empty() => format!("{} is an empty object", at.name),
        None if members.len() > max => {
            format!("{} has {} members, but may have at most {max}", at.name, members.len())
        }
        None => return Ok(members),
    };
    Err(Refusal::of(CODE, at.name, message))
}

const CODE: upline_core::refusal::RefusalCode = upline_core::refusal::RefusalCode::Malformed;

/// What a CSV cell holds as JSON; anything else is what it is.
pub(crate) fn json<'a>(at: &At<'_>, value: Value<'a>) -> Result<Value<'a>, Refusal> {
    match value {
        Value::Cell(text) => {
            parse_value(text).map_err(|why| at.wrong_text(text, format_args!("it is JSON in a cell: {why}")))
        }
        other => Ok(other),
    }
}
