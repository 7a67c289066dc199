//! `upline approve`, `upline reject` and `upline withdraw`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{code, day};
use crate::cli::report::Format;
use crate::cli::screen::{self, note, say};
use crate::commands::payout::ach::Ach;
use crate::commands::snapshots;
use serde_json::json;
use std::path::PathBuf;
use upline_answers::proposals as answers;
use upline_core::names::Code;
use upline_core::time::Day;
use upline_ledger::pay::AchTerms;
use upline_ledger::proposals::{Approved, Done};

/// Approve what somebody else proposed: it is done, in the same commit
///
/// upline proposals ID shows what it is. Who proposed it is the actor of what follows.
#[derive(clap::Args)]
pub struct Approve {
    /// What it is called by, as upline proposals lists it
    #[arg(value_name = "ID", value_parser = code)]
    proposal: Code,
    /// Who approves it: somebody else than who proposed it
    #[arg(long, value_name = "NAME")]
    actor: String,
    /// Write the ACH file that pays the run, to this new file; bank details are in the directory
    #[arg(long, value_name = "FILE", requires = "originator")]
    nacha: Option<PathBuf>,
    /// Who pays: a TOML file such as profiles/originator.toml
    #[arg(long, value_name = "FILE", requires = "nacha")]
    originator: Option<PathBuf>,
    /// When the bank is to pay [default: the day after the run is recorded]
    #[arg(long, value_name = "DATE", value_parser = day, requires = "nacha")]
    pay_on: Option<Day>,
    /// Distinguishes files of one day: A to Z, then 0 to 9
    #[arg(long, value_name = "LETTER", default_value = "A", requires = "nacha")]
    modifier: char,
    /// Pay though somebody wants its money at the account that it comes from
    #[arg(long, requires = "nacha")]
    confirm_shared: bool,
}

impl Approve {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ach = match (&self.nacha, &self.originator) {
            (Some(file), Some(originator)) => {
                let (pay_on, modifier, shared) = (self.pay_on, self.modifier, self.confirm_shared);
                let terms = |originator| AchTerms { originator, pay_on, modifier, shared, again: false };
                Some(Ach::of(file, originator, terms)?)
            }
            _ => None,
        };
        let mut ledger = context.open_to_record()?;
        ach.as_ref().map_or(Ok(()), |ach| ach.check(&ledger))?;
        let mut placed = false;
        let terms = ach.as_ref().map(|ach| &ach.terms);
        let approved = ledger.acting(&self.actor, |ledger| {
            ledger.approve(&self.proposal, &self.actor, terms, |file| -> Result<(), Failure> {
                ach.as_ref().map_or(Ok(()), |ach| ach.place(file))?;
                placed = true;
                Ok(())
            })
        });
        if let (Err(_), true, Some(ach)) = (&approved, placed, &ach) {
            ach.unrecorded();
        }
        snapshots::store(&ledger);
        let approved = approved?;
        if let (Some(ach), Done::PayRun(paid)) = (&ach, &approved.done) {
            paid.run.iter().for_each(|run| ach.tell(*run, paid.ach.as_ref()));
        }
        if context.format == Format::Json {
            return Ok(screen::json(&answers::approved(&self.proposal, &approved))?);
        }
        let done = ledger.proposal(&self.proposal)?.row.summary;
        say!(screen::stdout(), "{} is approved. {done}", self.proposal)?;
        note(&recorded(&approved));
        Ok(())
    }
}

fn recorded(approved: &Approved) -> String {
    match &approved.done {
        Done::PayRun(paid) => match paid.run {
            Some(run) => format!("Recorded as pay run {run}."),
            None => "There was nothing to pay.".to_owned(),
        },
        Done::BankChange(set) if set.changed > 0 => {
            "Nothing is paid to the account until the days of its hold are over.".to_owned()
        }
        Done::BankChange(_) => "The account is set.".to_owned(),
        Done::Restatement(stand) => format!("Recorded from position {}.", stand.first().unwrap_or(&0)),
        Done::WriteOff(settled) => format!("{} are settled.", settled.len()),
    }
}

/// Reject what somebody else proposed
#[derive(clap::Args)]
pub struct Reject {
    /// What it is called by, as upline proposals lists it
    #[arg(value_name = "ID", value_parser = code)]
    proposal: Code,
    /// Who rejects it: somebody else than who proposed it
    #[arg(long, value_name = "NAME")]
    actor: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Reject {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut ledger = context.open_to_record()?;
        let position = ledger.reject(&self.proposal, &self.actor, self.note.as_deref())?;
        snapshots::store(&ledger);
        decided(context, &self.proposal, "rejected", position)
    }
}

/// Take back what you proposed
#[derive(clap::Args)]
pub struct Withdraw {
    /// What it is called by, as upline proposals lists it
    #[arg(value_name = "ID", value_parser = code)]
    proposal: Code,
    /// Who takes it back: who proposed it
    #[arg(long, value_name = "NAME")]
    actor: String,
}

impl Withdraw {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut ledger = context.open_to_record()?;
        let position = ledger.withdraw(&self.proposal, &self.actor)?;
        snapshots::store(&ledger);
        decided(context, &self.proposal, "withdrawn", position)
    }
}

fn decided(context: &Context, id: &Code, decision: &str, position: u64) -> Result<(), Failure> {
    if context.format == Format::Json {
        let answer = json!({"proposal": id.as_str(), "decision": decision, "position": position});
        return Ok(screen::json(&answer)?);
    }
    say!(screen::stdout(), "{id} is {decision}.")?;
    Ok(())
}
