//! `upline balance`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::point::{PointArgs, code};
use crate::cli::report::{Cell, Report, sum};
use upline_core::as_of::AsOf;
use upline_core::names::Code;
use upline_ledger::Ledger;
use upline_views::balance::By;

/// What each producer is due and owes, at any point in time
///
/// net = payable + reserve - debt - leads. Unearned advances are shown beside it, not in it.
#[derive(clap::Args)]
pub struct Balance {
    /// Only this producer
    #[arg(long, value_name = "P", value_parser = code)]
    producer: Option<Code>,
    /// Rows for each carrier, or for each policy
    #[arg(long, value_enum)]
    by: Option<Detail>,
    #[command(flatten)]
    point: PointArgs,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Detail {
    /// A row for each carrier
    Carrier,
    /// A row for each policy
    Policy,
}

impl Balance {
    /// Balances of all producers at a point.
    pub fn at(point: PointArgs) -> Balance {
        Balance { producer: None, by: None, point }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (ledger, at) = self.point.open(context)?;
        let by = match self.by {
            None => By::Producer,
            Some(Detail::Carrier) => By::Carrier,
            Some(Detail::Policy) => By::Policy,
        };
        Report {
            title: format!("Balances {}", self.point.words(at)),
            members: self.point.members(&ledger, at)?,
            ..report(&ledger, at, by, self.producer.as_ref())?
        }
        .print(context.format)
    }
}

/// Balances at a point, of one producer or of all.
pub fn report(ledger: &Ledger, at: AsOf, by: By, of: Option<&Code>) -> Result<Report, Failure> {
    let keys = match by {
        By::Producer => 1,
        By::Carrier => 2,
        By::Policy => 3,
    };
    let columns = ["producer", "carrier", "policy"].into_iter().take(keys);
    let rows: Vec<Vec<Cell>> = ledger
        .balances(at, by, of)?
        .iter()
        .map(|row| {
            let keys = [
                Cell::text(&row.producer),
                Cell::optional(row.carrier.as_ref()),
                Cell::optional(row.policy.as_ref()),
            ];
            let f = &row.figures;
            let money = [f.payable, f.unearned, f.debt, f.leads, f.reserve, f.net()].map(Cell::Money);
            keys.into_iter().take(columns.len()).chain(money).collect()
        })
        .collect();
    let sums = (keys..keys + 6).map(|column| sum(&rows, column));
    let blank = std::iter::repeat_n(Cell::Null, keys - 1);
    let footer = std::iter::once(Cell::text("total")).chain(blank).chain(sums).collect();
    Ok(Report {
        title: String::new(),
        members: vec![],
        columns: columns.chain(["payable", "unearned", "debt", "leads", "reserve", "net"]).collect(),
        footer: (rows.len() > 1).then_some(footer),
        rows,
        closing: vec![],
        nothing: "Nobody has a balance at this point.",
    })
}
