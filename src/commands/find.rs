//! `upline find`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::PointArgs;
use crate::cli::report::Print;
use upline_answers::find as answers;

/// Find producers and policies by a part of a code, a number or a name
///
/// Neither case nor accents matter. A policy is found under every number that it had. At most 100 of each are shown.
#[derive(clap::Args)]
pub struct Find {
    /// The part
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    point: PointArgs,
}

impl Find {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ledger = context.open()?;
        answers::everything(&ledger, &self.point.point(), &self.text)?.print(context.format)
    }
}
