//! Taking fields out of a line one by one, each in its form, and refusing what is left over.

use crate::fields::{Fields, Value, shown};
use std::fmt::Display;
use upline_core::refusal::{Refusal, RefusalCode};

/// Refusals that give way to every wrong form of the line: form first, then dates, amounts and shares
/// (facts.md, "Refusals"). Of each kind the first counts.
#[derive(Default)]
pub(crate) struct Later {
    dates: Option<Refusal>,
    amount: Option<Refusal>,
    shares: Option<Refusal>,
}

impl Later {
    /// The one that comes first, once the form of the whole line is known to be right.
    pub fn first(self) -> Option<Refusal> {
        self.dates.or(self.amount).or(self.shares)
    }
}

/// The place of a value: the field's name, and where to note what is refused later.
pub(crate) struct At<'l> {
    pub name: &'static str,
    later: &'l mut Later,
}

impl At<'_> {
    /// `amount is "x", but …`
    pub fn wrong(&self, value: &Value<'_>, but: impl Display) -> Refusal {
        Refusal::of(RefusalCode::Malformed, self.name, self.sentence(value, but))
    }

    pub fn wrong_text(&self, text: &str, but: impl Display) -> Refusal {
        Refusal::of(RefusalCode::Malformed, self.name, self.sentence(shown(text), but))
    }

    pub fn note_dates(&mut self, text: &str, but: impl Display) {
        let message = self.sentence(shown(text), but);
        self.later.dates.get_or_insert(Refusal::of(RefusalCode::Dates, self.name, message));
    }

    pub fn note_amount(&mut self, text: &str, but: impl Display) {
        let message = self.sentence(shown(text), but);
        self.later.amount.get_or_insert(Refusal::of(RefusalCode::Amount, self.name, message));
    }

    pub fn note_shares(&mut self, text: &str, but: impl Display) {
        let message = self.sentence(shown(text), but);
        self.later.shares.get_or_insert(Refusal::of(RefusalCode::Shares, self.name, message));
    }

    fn sentence(&self, value: impl Display, but: impl Display) -> String {
        format!("{} is {value}, but {but}", self.name)
    }

    /// Reads a nested object with these members and no others.
    pub fn object<'a, T>(
        &mut self,
        value: Value<'a>,
        members: &[&'static str],
        read: impl FnOnce(&mut Reading<'_, 'a>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut fields = match value {
            Value::Object(fields) => fields,
            other => {
                let but = format_args!("it is an object with {}", members.join(", "));
                return Err(self.wrong(&other, but));
            }
        };
        let mut reading = Reading { fields: &mut fields, later: self.later, whole: self.name };
        let read = read(&mut reading)?;
        reading.finish(members, &[])?;
        Ok(read)
    }
}

/// The fields of a fact, or of an object in it, while they are taken.
pub(crate) struct Reading<'r, 'a> {
    fields: &'r mut Fields<'a>,
    later: &'r mut Later,
    /// What has the fields: the type of the fact, or the name of the field that holds the object.
    pub whole: &'static str,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub fn new(fields: &'r mut Fields<'a>, later: &'r mut Later) -> Reading<'r, 'a> {
        Reading { fields, later, whole: "every fact" }
    }

    /// A field that must be there.
    pub fn must<T>(
        &mut self,
        name: &'static str,
        form: impl FnOnce(&mut At<'_>, Value<'a>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        match self.fields.take(name) {
            Some(value) => form(&mut At { name, later: self.later }, value),
            None => {
                let message = format!("{name} is missing, but {} has it", self.whole);
                Err(Refusal::of(RefusalCode::Malformed, name, message))
            }
        }
    }

    /// A field that may be left out. `null` does not stand for leaving it out: nobody shall guess.
    pub fn may<T>(
        &mut self,
        name: &'static str,
        form: impl FnOnce(&mut At<'_>, Value<'a>) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Refusal> {
        match self.fields.take(name) {
            None => Ok(None),
            Some(Value::Null) => {
                let message = format!("{name} is null; leave it out where there is nothing to say");
                Err(Refusal::of(RefusalCode::Malformed, name, message))
            }
            Some(value) => form(&mut At { name, later: self.later }, value).map(Some),
        }
    }

    /// A field that may be left out, or be `null` (in a CSV cell the word `null`) to say "none".
    pub fn may_be_none<T>(
        &mut self,
        name: &'static str,
        form: impl FnOnce(&mut At<'_>, Value<'a>) -> Result<T, Refusal>,
    ) -> Result<Option<Option<T>>, Refusal> {
        match self.fields.take(name) {
            None => Ok(None),
            Some(Value::Null | Value::Cell("null")) => Ok(Some(None)),
            Some(value) => form(&mut At { name, later: self.later }, value).map(|value| Some(Some(value))),
        }
    }

    /// Refuses what nobody took and what stands twice. Of the names of the fields `?` is no part.
    pub fn finish(&self, own: &[&'static str], common: &[&'static str]) -> Result<(), Refusal> {
        let refusal = |name: &str, message| Refusal {
            code: RefusalCode::Malformed,
            field: own.iter().chain(common).map(|known| plain(known)).find(|known| *known == name),
            message,
        };
        if let Some(name) = self.fields.repeated() {
            return Err(refusal(name, format!("{} stands twice", shown(name))));
        }
        let Some(name) = self.fields.left() else { return Ok(()) };
        let mut message = format!("{} is not a field of {}, which has ", shown(name), self.whole);
        message.push_str(&if own.is_empty() { "none of its own".to_owned() } else { listed(own) });
        if !common.is_empty() {
            message.push_str(" (and like every fact ");
            message.push_str(&listed(common));
            message.push(')');
        }
        Err(refusal(name, message))
    }
}

/// The name of a field without its mark.
fn plain(name: &'static str) -> &'static str {
    name.strip_suffix('?').unwrap_or(name)
}

fn listed(names: &[&'static str]) -> String {
    names.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ")
}
