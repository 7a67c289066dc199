//! `upline record`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::report::Format;
use crate::cli::screen::{self, say};
use crate::commands::snapshots;
use clap::ValueEnum;
use serde_json::json;
use upline_core::fact::{Body, Fact, names_nobody};
use upline_core::refusal::{Refusal, RefusalCode};
use upline_formats::options::{TYPES, fact_from_options, field_names};
use upline_formats::ordinals::Ordinals;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions};

/// Record one fact: upline record premium_paid --on 2026-01-15 --carrier C1 --policy P-77 --amount 100.00
///
/// The options are the fields of the fact; lists and objects are JSON. Without a type, lists the types;
/// with --fields, the fields of a type. Recording the same fact twice records it once; give it an id, or
/// a note, where it really happened twice.
#[derive(clap::Args)]
pub struct Record {
    /// The type of the fact
    #[arg(value_name = "TYPE")]
    type_name: Option<String>,
    /// Lists the fields of the type
    #[arg(long)]
    fields: bool,
    /// The fields: --on DATE --carrier C …
    #[arg(value_name = "--FIELD VALUE", trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

impl Record {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let Some(type_name) = &self.type_name else {
            let mut out = screen::stdout();
            say!(out, "The types of facts:")?;
            TYPES.iter().try_for_each(|name| say!(out, "  {name}"))?;
            return Ok(());
        };
        if self.fields {
            let unknown = || UsageError::UnknownType(type_name.clone());
            let fields = field_names(type_name).ok_or_else(unknown)?;
            let mut out = screen::stdout();
            say!(out, "The fields of {type_name} (? = optional):")?;
            fields.iter().try_for_each(|field| say!(out, "  --{}", field.replace('_', "-")))?;
            return Ok(());
        }
        // It has no value, wherever it stands.
        let mut options = self.options.clone();
        options.retain(|option| option != "--accept-clock");
        let accept_clock = options.len() < self.options.len();
        let mut fields = pairs(&options)?;
        let mut context = context.clone();
        // No fact has these fields: behind the type they mean what they mean before it.
        for (_, value) in fields.extract_if(.., |(name, _)| name == "format") {
            context.format = Format::from_str(&value, true).map_err(UsageError::Argument)?;
            context.format.refuse_pages()?;
        }
        context.accept_clock |= accept_clock;
        for (_, value) in fields.extract_if(.., |(name, _)| name == "ledger") {
            context.dir = value.into();
        }
        let identified = Ordinals::default().identify(fact_from_options(type_name, &fields)?);
        let id = identified.id;
        check_actor(&identified.fact)?;
        let premium = match &identified.fact.body {
            Body::PremiumPaid(paid) => Some((paid.policy.clone(), paid.amount)),
            _ => None,
        };
        let mut ledger = context.open_to_record()?;
        let options = ImportOptions {
            mode: ImportMode::AllOrNothing,
            trust_recorded_at: false,
            origin: None,
            commit_every: None,
        };
        let line = ImportLine { number: 1, content: Ok(identified.into()), raw: None };
        let report = ledger.import(&options, std::iter::once(Ok(vec![line])), &mut |_, _| {})?;
        if let Some(refused) = report.refused.first.first() {
            return Err(refused.refusal.clone().into());
        }
        snapshots::store(&ledger);
        let recorded_at = report.position.saturating_sub(report.events) + 1;
        let suspended = match premium.filter(|_| report.recorded > 0) {
            Some((policy, amount)) => ledger.is_suspended(&policy, recorded_at)?.then_some((policy, amount)),
            None => None,
        };
        let mut out = screen::stdout();
        if context.format == Format::Json {
            let (recorded, known) = (report.recorded, report.already_recorded);
            let answer = json!({"id": id.to_string(), "recorded": recorded, "already_recorded": known,
                "events": report.events, "position": report.position, "root": ledger.root().to_string(),
                "suspended": suspended.is_some()});
            screen::json(&answer)?;
        } else if report.already_recorded > 0 {
            say!(out, "Recorded before, as {id}; nothing is recorded twice.")?;
        } else {
            let events =
                if report.events == 1 { "1 event".to_owned() } else { format!("{} events", report.events) };
            say!(out, "Recorded as {id}, {events} up to position {}.", report.position)?;
        }
        if let (Some((policy, amount)), false) = (suspended, context.format == Format::Json) {
            let why = "is not in force on that day";
            let then = "It earns nothing until the policy is reinstated";
            say!(out, "{policy} {why}: the premium of {amount} went to suspense. {then}.")?;
        }
        Ok(())
    }
}

/// Whoever records by hand what somebody must have approved says who is recording it: nobody approves for itself.
/// What comes in files may lack it (facts.md); upline close tells of that.
fn check_actor(fact: &Fact) -> Result<(), Refusal> {
    let actor = fact.remarks.as_ref().and_then(|remarks| remarks.actor.as_ref());
    let actor = actor.filter(|actor| !names_nobody(actor));
    if actor.is_some() || !matches!(fact.body, Body::AdjustmentPosted(_)) {
        return Ok(());
    }
    let message = "say who records it with --actor: it is approved by somebody else";
    Err(Refusal::of(RefusalCode::Malformed, "actor", message))
}

/// `--on 2026-01-15 --carrier=C1` as names and values.
fn pairs(options: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let Some(name) = option.strip_prefix("--") else {
            return Err(UsageError::NoField(option.clone()).into());
        };
        match name.split_once('=') {
            Some((name, value)) => pairs.push((name.to_owned(), value.to_owned())),
            None => {
                let missing = || UsageError::NoValue(name.to_owned());
                pairs.push((name.to_owned(), options.next().ok_or_else(missing)?.clone()));
            }
        }
    }
    Ok(pairs)
}
