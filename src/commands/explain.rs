//! `upline explain`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code, policy};
use crate::cli::report::{Cell, Format, Report};
use crate::cli::screen::{self, say};
use serde_json::{Value, json};
use upline_core::names::{Code, PolicyName};
use upline_ledger::queries::ExplainedPolicy;
use upline_views::explain::SuspendedPremium;

/// Every entry of a policy, with the event that caused it and a sentence why
///
/// Positive amounts are debits, negative ones credits; payable accounts grow by credits.
#[derive(clap::Args)]
pub struct Explain {
    /// The policy, as CARRIER/NUMBER
    #[arg(long, value_name = "C/P", value_parser = policy)]
    policy: PolicyName,
    /// Only the accounts of this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    #[command(flatten)]
    point: PointArgs,
}

impl Explain {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (ledger, at) = self.point.open(context)?;
        let ExplainedPolicy { entries, suspended } =
            ledger.explain(at, &self.policy, self.producer.as_ref())?;
        // Ids and times are for programs; a person reads the rest from left to right.
        let people = context.format == Format::Table;
        let all = [
            "position",
            "event",
            "type",
            "on",
            "dated",
            "recorded_at",
            "producer",
            "account",
            "amount",
            "why",
        ];
        let shown =
            |column: &str| !people || !matches!(column, "event" | "type" | "recorded_at" | "producer");
        let rows = entries.iter().map(|(head, row)| {
            let cells = [
                Cell::Count(row.position),
                Cell::text(head.id),
                Cell::text(head.type_name),
                Cell::text(head.on),
                Cell::text(row.dated),
                Cell::text(head.recorded_at),
                Cell::optional(row.producer.as_ref()),
                Cell::text(&row.account),
                Cell::Money(row.amount),
                Cell::text(&row.why),
            ];
            all.iter().zip(cells).filter(|(column, _)| shown(column)).map(|(_, cell)| cell).collect()
        });
        Report {
            title: format!("Entries of {} {}", self.policy, self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            columns: all.into_iter().filter(|column| shown(column)).collect(),
            rows: rows.collect(),
            closing: vec![("suspended", suspended.iter().map(member).collect())],
            nothing: "Nothing was posted on this policy at this point.",
            ..Report::default()
        }
        .print(context.format)?;
        if people {
            for SuspendedPremium { position, on, amount, applied } in suspended {
                let applied = match applied {
                    Some(day) => format!("it was applied when the policy was reinstated on {day}"),
                    None => "it is applied when the policy is reinstated".to_owned(),
                };
                let why = "went to suspense, as the policy was not in force";
                say!(
                    screen::stdout(),
                    "Event {position}: the premium of {amount} on {on} {why}; {applied}."
                )?;
            }
        }
        Ok(())
    }
}

fn member(premium: &SuspendedPremium) -> Value {
    let SuspendedPremium { position, on, amount, applied } = premium;
    json!({"position": position, "on": on.to_string(), "amount": amount.to_string(),
        "applied": applied.map(|day| day.to_string())})
}
