//! Who pays: what a company's bank told it for its ACH files, as TOML.

use super::text::folded;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;
use upline_store::{AccountKind, AccountNumber, Bank, NotBank, RoutingNumber};

/// The longest file of an originator that is read, in bytes.
pub const ORIGINATOR_BYTES_MAX: usize = 64 * 1024;

/// What a batch is called where the file does not say.
const ENTRY_DESCRIPTION: &str = "COMMISSION";

/// Why a file does not say who pays: what is wrong, with line and column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct NotOriginator {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

/// Who pays, and out of which account. Its texts fit their fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originator {
    pub(super) destination: RoutingNumber,
    pub(super) destination_name: String,
    pub(super) origin_id: String,
    pub(super) origin_name: String,
    pub(super) company_name: String,
    pub(super) company_id: String,
    pub(super) entry_description: String,
    pub(super) originating_dfi: String,
    pub(super) offset: Bank,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    destination_routing: Spanned<String>,
    destination_name: Spanned<String>,
    origin_id: Spanned<String>,
    origin_name: Spanned<String>,
    company_name: Spanned<String>,
    company_id: Spanned<String>,
    entry_description: Option<Spanned<String>>,
    originating_dfi: Spanned<String>,
    offset: GivenOffset,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenOffset {
    routing: Spanned<String>,
    account: Spanned<String>,
    kind: Spanned<String>,
}

impl Originator {
    /// Whether this is the account that it pays out of.
    pub fn pays_out_of(&self, bank: &Bank) -> bool {
        let own = &self.offset;
        own.routing == bank.routing && own.account.plain() == bank.account.plain()
    }

    /// All that it says, in one text: two are the same exactly when these are.
    pub fn canonical(&self) -> String {
        let Originator { destination, destination_name, origin_id, origin_name, company_name, .. } = self;
        let Originator { company_id, entry_description, originating_dfi, offset, .. } = self;
        let texts = [destination_name, origin_id, origin_name, company_name, company_id, entry_description];
        let mut all = vec![destination.as_str()];
        all.extend(texts.map(String::as_str));
        all.extend([originating_dfi.as_str(), offset.routing.as_str()]);
        all.extend([offset.account.in_full(), offset.kind.as_str()]);
        all.join("\n")
    }

    /// Reads the file; `profiles/originator.toml` is an example that says what each key is.
    pub fn parse(text: &str) -> Result<Originator, NotOriginator> {
        let given: Given = toml::from_str(text)
            .map_err(|error| at(text, &error.span().unwrap_or_default(), error.message().to_owned()))?;
        let detail = |given: &Spanned<String>, error: NotBank| at(text, &given.span(), error.to_string());
        let name = |key: &str, given: &Spanned<String>, chars_max: usize| {
            let folded = folded(given.get_ref());
            if (1..=chars_max).contains(&folded.len()) {
                return Ok(folded);
            }
            let but = format!("it must have 1 to {chars_max} characters");
            Err(at(text, &given.span(), format!("{key} is {:?}, but {but}", given.get_ref())))
        };
        let id = |key: &str, given: &Spanned<String>| {
            let id = given.get_ref();
            if (9..=10).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            {
                return Ok(id.clone());
            }
            let but = "it is the 9 or 10 digits and capital letters that the bank gave, mostly 1 and the EIN";
            Err(at(text, &given.span(), format!("{key} is {id:?}, but {but}")))
        };
        let (destination, dfi, offset) = (&given.destination_routing, &given.originating_dfi, &given.offset);
        if dfi.get_ref().len() != 8 || !dfi.get_ref().bytes().all(|byte| byte.is_ascii_digit()) {
            let but = "it is the first 8 digits of the routing number of the bank that sends the payments on";
            let what = format!("originating_dfi is {:?}, but {but}", dfi.get_ref());
            return Err(at(text, &dfi.span(), what));
        }
        Ok(Originator {
            destination: RoutingNumber::parse(destination.get_ref()).map_err(|error| {
                at(text, &destination.span(), format!("destination_routing {}", error.why))
            })?,
            destination_name: name("destination_name", &given.destination_name, 23)?,
            origin_id: id("origin_id", &given.origin_id)?,
            origin_name: name("origin_name", &given.origin_name, 23)?,
            company_name: name("company_name", &given.company_name, 16)?,
            company_id: id("company_id", &given.company_id)?,
            entry_description: match &given.entry_description {
                Some(given) => name("entry_description", given, 10)?,
                None => ENTRY_DESCRIPTION.to_owned(),
            },
            originating_dfi: dfi.get_ref().clone(),
            offset: Bank {
                routing: RoutingNumber::parse(offset.routing.get_ref())
                    .map_err(|error| detail(&offset.routing, error))?,
                account: AccountNumber::parse(offset.account.get_ref())
                    .map_err(|error| detail(&offset.account, error))?,
                kind: AccountKind::parse(offset.kind.get_ref())
                    .map_err(|error| detail(&offset.kind, error))?,
            },
        })
    }
}

/// What is wrong at a place of the text.
fn at(text: &str, span: &Range<usize>, what: String) -> NotOriginator {
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    NotOriginator { line, column, what }
}
