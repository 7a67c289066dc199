//! `upline proposals`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::code;
use crate::cli::report::{Format, Print};
use crate::cli::screen;
use upline_answers::proposals as answers;
use upline_core::names::Code;

/// What was proposed and waits for somebody else to decide
///
/// A pay run, another account, a restatement or a write-off is proposed by one person (upline propose) and done once
/// another approves it (upline approve).
#[derive(clap::Args)]
pub struct Proposals {
    /// Show what is proposed in this one
    #[arg(value_name = "ID", value_parser = code)]
    proposal: Option<Code>,
    /// Also what is decided already
    #[arg(long, conflicts_with = "proposal")]
    all: bool,
}

impl Proposals {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        let Some(id) = &self.proposal else {
            return answers::proposals(&ledger, self.all)?.print(context.format);
        };
        let detail = ledger.proposal(id)?;
        if context.format == Format::Json {
            return Ok(screen::json(&answers::proposal(&detail))?);
        }
        answers::for_people(&ledger, &detail).print(context.format)
    }
}
