//! `upline overrides`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code, day};
use crate::cli::report::{Cell, Report, sum};
use upline_core::names::Code;
use upline_core::time::Day;

/// What each upline earns over each writing producer
#[derive(clap::Args)]
pub struct Overrides {
    /// Only this upline
    #[arg(long, value_name = "U", value_parser = code)]
    producer: Option<Code>,
    /// Only entries dated on or after this day [default: from the beginning]
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Day>,
    #[command(flatten)]
    point: PointArgs,
}

impl Overrides {
    /// Overrides of all uplines at a point, from the beginning.
    pub fn at(point: PointArgs) -> Overrides {
        Overrides { producer: None, from: None, point }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (ledger, at) = self.point.open(context)?;
        let rows: Vec<Vec<Cell>> = ledger
            .overrides(at, self.from, self.producer.as_ref())?
            .iter()
            .map(|row| {
                let keys = [&row.upline, &row.writing, &row.carrier].map(Cell::text);
                let f = &row.figures;
                let money = [f.earned, f.advanced, f.charged_back, f.unearned].map(Cell::Money);
                keys.into_iter().chain(money).collect()
            })
            .collect();
        let sums = (3..7).map(|column| sum(&rows, column));
        let footer = [Cell::text("total"), Cell::Null, Cell::Null].into_iter().chain(sums).collect();
        let from = self.from.map(|from| format!("from {from} ")).unwrap_or_default();
        Report {
            title: format!("Overrides {from}{}", self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            columns: vec!["upline", "writing", "carrier", "earned", "advanced", "charged_back", "unearned"],
            footer: (rows.len() > 1).then_some(footer),
            rows,
            closing: vec![],
            nothing: "No upline has earned anything at this point.",
        }
        .print(context.format)
    }
}
