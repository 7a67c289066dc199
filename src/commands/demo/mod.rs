//! `upline demo`

mod served;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::point::{PointArgs, code};
use crate::cli::report::Format;
use crate::cli::screen::{self, say};
use crate::commands::{balance, coverage, overrides, persistency, verify};
use std::io::Cursor;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use upline_core::time::{Day, Moment};
use upline_formats::source::{Format as InputFormat, Source};
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions};
use upline_ledger::{Ledger, SystemClock};

/// Make a small but complete book in a fresh ledger, and show its read models at two dates and as known
/// at two times
#[derive(clap::Args)]
pub struct Demo {
    /// Where the ledger is made; must not exist [default: the first free of demo-ledger, demo-ledger-2, …]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Open it as a page in the place of showing it here: on http://127.0.0.1:8080, or where this says
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8080")]
    serve: Option<SocketAddr>,
}

/// The facts of the demo: an IMO, an MGA, three agents, seven policies of 2025.
const BOOK: &str = include_str!("book.jsonl");

impl Demo {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let dir = self.into.unwrap_or_else(first_free);
        record(&dir)?;
        let shown = dir.display();
        let context = Context { dir: dir.clone(), format: Format::Table, ..context.clone() };
        if let Some(listen) = self.serve {
            return served::serve(&context, listen);
        }
        chapter(&format!(
            "A book of 2025 is in {shown}: Heartland (IMO) over Lakeside (MGA1) over three agents: Ana (A001, level\n\
             110) and Cora (A003, level 100), advanced nine months, and Ben (A002, level 100), paid as earned.\n\n\
             1. At the end of June, as it was known then. Policy P-101 lapsed on 15 June after four premiums: what\n\
             was advanced on it and not earned is charged back, to Ana and to both of her uplines. Of Ana's 550.00\n\
             the IMO bears 412.50, because her business persists (step 5); 137.50 is her debit balance."
        ))?;
        let june = point("2025-06-30", Some("2025-06-30T23:59:59Z"))?;
        balance::Balance::at(june.clone()).run(&context)?;
        chapter(
            "2. The same day, with what is known today. A fifth premium of P-101, of 15 May, was recorded only on\n\
             20 July: each of them had earned one month more, so each chargeback is that much smaller, and so is\n\
             what the IMO bears.",
        )?;
        balance::Balance::at(point("2025-06-30", None)?).run(&context)?;
        chapter(
            "3. At the end of the year. Advances are paid off by premiums; what is earned beyond them is cash. P-105\n\
             lapsed in August, after a premium that bounced; Ben was paid as earned and owes nothing, his uplines do.",
        )?;
        let december = point("2025-12-31", None)?;
        balance::Balance::at(december.clone()).run(&context)?;
        chapter(
            "4. Persistency: of the policies at least four months old, how many were in force at four months. P-101\n\
             was: it lapsed in its fifth. Cora's P-106, of February, lapsed in April, Ben's P-105, of May, in\n\
             August: neither was.",
        )?;
        let p4 = code("p4").map_err(UsageError::Argument)?;
        persistency::Persistency::at(p4.clone(), june.clone()).run(&context)?;
        persistency::Persistency::at(p4, december.clone()).run(&context)?;
        chapter(
            "5. Coverage of chargebacks by persistency. Ana and Cora take part in a plan of the IMO: 50% is covered\n\
             above a persistency of 0.80, 75% above 0.90. Ana stood at 1.0000 when P-101 lapsed: covered. Cora stood\n\
             at 0.5000 when P-107 lapsed: below the tiers; and had no policy old enough to count when P-106 did.\n\
             Each decision keeps what it was decided on, whatever is learned later.",
        )?;
        coverage::Coverage::explained(december.clone()).run(&context)?;
        chapter("6. Overrides: what the uplines earn over each agent: the spread between their levels.")?;
        overrides::Overrides::at(june).run(&context)?;
        overrides::Overrides::at(december).run(&context)?;
        chapter("7. And all of it computed a second time, another way:")?;
        verify::Verify::whole().run(&context)?;
        chapter(&format!("Ask it yourself: upline --ledger {shown} log --policy C1/P-101"))?;
        Ok(())
    }
}

fn record(dir: &Path) -> Result<(), Failure> {
    let mut ledger = Ledger::create(dir, Box::new(SystemClock))?;
    let source = Source::new("the demo", InputFormat::JsonLines, Box::new(Cursor::new(BOOK)))?;
    let lines = source.map(|chunk| Ok(chunk?.into_iter().map(ImportLine::from).collect()));
    let options = ImportOptions {
        mode: ImportMode::AllOrNothing,
        trust_recorded_at: true,
        origin: Some("demo".into()),
        commit_every: None,
    };
    let report = ledger.import(&options, lines, &mut |_, _| {})?;
    match report.refused.first.first() {
        None => Ok(()),
        Some(refused) => Err(refused.refusal.clone().into()),
    }
}

fn first_free() -> PathBuf {
    let names = std::iter::once("demo-ledger".to_owned()).chain((2u32..).map(|n| format!("demo-ledger-{n}")));
    names.map(PathBuf::from).find(|path| !path.exists()).unwrap_or_default()
}

fn point(as_of: &str, known_at: Option<&str>) -> Result<PointArgs, Failure> {
    let known_at = known_at.map(|text| Moment::parse(text).ok_or(text)).transpose();
    match (Day::parse(as_of), known_at) {
        (Some(as_of), Ok(known_at)) => Ok(PointArgs { as_of: Some(as_of), known_at, at_position: None }),
        _ => Err(UsageError::Argument(format!("{as_of} and its time are no point")).into()),
    }
}

fn chapter(text: &str) -> Result<(), Failure> {
    let mut out = screen::stdout();
    say!(out)?;
    say!(out, "{text}")?;
    say!(out)?;
    Ok(())
}
