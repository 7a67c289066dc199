//! The fields of one line, whether it came as JSON or as CSV, before anything is made of them.

use crate::limits::{ITEMS_MAX, MEMBERS_MAX, SHOWN_CHARS_MAX};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use upline_core::refusal::{Refusal, RefusalCode};

/// What stands in a field. Text is borrowed from the line wherever it has no escapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON number without fraction or exponent.
    Integer(i128),
    /// Any other JSON number. Kept only to be refused with a good sentence.
    Float(f64),
    /// A JSON string.
    Text(Cow<'a, str>),
    /// A CSV cell that is not empty, or the text of an option: a text, or digits, or JSON, as its field wants it.
    Cell(&'a str),
    /// A JSON array.
    List(Vec<Value<'a>>),
    /// A JSON object.
    Object(Fields<'a>),
}

impl fmt::Display for Value<'_> {
    /// As a refusal's sentence names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => value.fmt(f),
            Value::Integer(number) => number.fmt(f),
            Value::Float(number) => write!(f, "{number:?}"),
            Value::Text(text) => shown(text).fmt(f),
            Value::Cell(text) => shown(text).fmt(f),
            Value::List(_) => f.write_str("a list"),
            Value::Object(_) => f.write_str("an object"),
        }
    }
}

/// A text in quotes, as a refusal's sentence shows it: shortened, and without anything unprintable.
pub(crate) fn shown(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(SHOWN_CHARS_MAX)
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if out.len() < text.len() && text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        out.push('…');
    }
    format!("\"{out}\"")
}

/// The fields of an object, in the order of the line. What was taken out is no longer there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a> {
    members: Vec<(Cow<'a, str>, Option<Value<'a>>)>,
    repeated: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    /// Reads a line of JSON.
    pub fn parse_json(line: &'a str) -> Result<Fields<'a>, Refusal> {
        match parse_value(line) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(other) => Err(malformed(format!("the line is {other}, but a fact is a JSON object: {{…}}"))),
            Err(_) if line.contains('\0') => {
                Err(malformed("the line holds NUL bytes: the file is damaged, or no text".to_owned()))
            }
            Err(why) => Err(malformed(format!("the line is not JSON: {why}"))),
        }
    }

    /// Adds a field; one of a name that is there is noted as repeated.
    pub(crate) fn add(&mut self, name: Cow<'a, str>, value: Value<'a>) {
        if self.repeated.is_none() && self.members.iter().any(|(known, _)| *known == name) {
            self.repeated = Some(name);
        } else {
            self.members.push((name, Some(value)));
        }
    }

    /// Takes a field out.
    pub fn take(&mut self, name: &str) -> Option<Value<'a>> {
        self.members.iter_mut().find(|(known, _)| known == name).and_then(|(_, value)| value.take())
    }

    /// A name that stands twice in the object.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// The first field that nobody took.
    pub fn left(&self) -> Option<&str> {
        self.members.iter().find(|(_, value)| value.is_some()).map(|(name, _)| name.as_ref())
    }

    /// True where there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// All fields that nobody took, in the order of the line.
    pub(crate) fn into_members(self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        self.members.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

fn malformed(message: String) -> Refusal {
    Refusal::whole(RefusalCode::Malformed, message)
}

/// Reads any JSON; says in words what is wrong with it.
pub(crate) fn parse_value(text: &str) -> Result<Value<'_>, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Value::deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| {
        if error.is_eof() {
            return "it ends in the middle".to_string();
        }
        // serde_json's own text ends in " at line 1 column 7"; a line has no lines.
        let full = error.to_string();
        let why = full.rsplit_once(" at line ").map_or(full.as_str(), |(why, _)| why);
        format!("{why} (at column {})", error.column())
    })
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Integer(i128::from(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Integer(i128::from(number)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Float(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            if list.len() == ITEMS_MAX {
                return Err(A::Error::custom(format!("a list has more than {ITEMS_MAX} items")));
            }
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'de>, A::Error> {
        let mut fields = Fields { members: Vec::with_capacity(8), repeated: None };
        while let Some(Name(name)) = members.next_key()? {
            if fields.members.len() == MEMBERS_MAX {
                return Err(A::Error::custom(format!("an object has more than {MEMBERS_MAX} members")));
            }
            fields.add(name, members.next_value()?);
        }
        Ok(Value::Object(fields))
    }
}

/// A member's name, borrowed where it can be (serde's own `Cow` never is).
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}
