//! `upline close`

mod evidence;

use crate::cli::failure::{Failure, note};
use crate::cli::files::signing_key;
use crate::cli::point::day;
use crate::cli::progress;
use crate::cli::report::{Cell, Format, Report};
use crate::commands::reconcile::{failed, record};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_core::fact::Body;
use upline_core::money::Total;
use upline_core::names::Code;
use upline_core::time::Day;
use upline_formats::reconciliation::{Reconciled, State, reconciliation};
use upline_ledger::{Ledger, SystemClock};

/// Close a month: check everything, close the period, and write the evidence into a folder
///
/// Refuses while anything is red: a check of upline verify, a trial balance that is not 0.00, an exception that
/// nobody settled. The evidence is as of the day and as known when it was closed: closing again writes the same.
#[derive(clap::Args)]
pub struct Close {
    /// The last day of the period: no entry will be dated on or before it any more
    #[arg(long, value_name = "DATE", value_parser = day)]
    through: Day,
    /// The key that signs the checkpoint of the evidence, made by upline key
    #[arg(long, value_name = "FILE", env = "UPLINE_KEY", hide_env_values = true)]
    key: PathBuf,
    /// A new folder for the evidence [default: closed-DATE]
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
    /// Check, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// One thing that is looked at.
struct Light {
    check: &'static str,
    shine: Shine,
    detail: String,
}

/// How it looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shine {
    Green,
    /// Nothing wrong, but somebody may want to know before it is too late.
    Note,
    Red,
}

impl Light {
    fn of(check: &'static str, ok: bool, detail: String) -> Light {
        Light { check, shine: if ok { Shine::Green } else { Shine::Red }, detail }
    }
}

impl Close {
    /// Runs the command.
    pub fn run(self, dir: &Path, format: Format) -> Result<(), Failure> {
        let key = signing_key(&self.key)?;
        let folder = self.evidence.unwrap_or_else(|| PathBuf::from(format!("closed-{}", self.through)));
        if folder.exists() {
            let folder = folder.display();
            return Err(Failure::Because(format!(
                "{folder} is there already: choose another with --evidence"
            )));
        }
        let clock = Box::new(SystemClock);
        let mut ledger =
            if self.dry_run { Ledger::open(dir, clock)? } else { Ledger::open_to_record(dir, clock)? };
        if self.through > ledger.today() {
            return Err(Failure::Because(format!("{} is not over yet", self.through)));
        }
        let closings = ledger.closings(ledger.position())?;
        let before = closings.of(self.through);
        if let Some((_, closed)) =
            closings.closed.iter().find(|(_, closed)| *closed > self.through && before.is_none())
        {
            let message = format!("closed_period: the period through {closed} is closed already");
            return Err(Failure::Because(message));
        }
        let mut lights = lights(&ledger, self.through)?;
        if before.is_none() {
            lights.extend(unpaid(&mut ledger, self.through)?);
        }
        let green = lights.iter().all(|light| light.shine != Shine::Red);
        // What was closed was green then; its evidence can be had again while the ledger is sound.
        let position = match before {
            Some(position) => Some(position),
            None if green && !self.dry_run => {
                Some(record(&mut ledger, self.through, None, None, Body::PeriodClosed)?)
            }
            None => None,
        };
        let wrote = match position {
            Some(position) if green && !self.dry_run => {
                evidence::write(&ledger, self.through, position, &key, &folder)?;
                Some(folder.display().to_string())
            }
            _ => None,
        };
        let red = lights.iter().filter(|light| light.shine == Shine::Red).count();
        let title = match (before, red) {
            (Some(position), _) => {
                format!("The period through {} was closed at position {position}", self.through)
            }
            (None, 0) if self.dry_run => format!("The period through {} can be closed", self.through),
            (None, 0) => format!("The period through {} is closed", self.through),
            (None, 1) => format!("The period through {} is not closed: one of these is red", self.through),
            (None, _) => format!("The period through {} is not closed: {red} of these are red", self.through),
        };
        let rows = lights.iter().map(|light| {
            let state = match light.shine {
                Shine::Green => "green",
                Shine::Note => "note",
                Shine::Red => "red",
            };
            vec![Cell::text(light.check), Cell::text(state), Cell::text(&light.detail)]
        });
        Report {
            title,
            members: vec![
                ("through", json!(self.through.to_string())),
                ("closed_at", json!(position)),
                ("position", json!(ledger.position())),
                ("root", json!(ledger.root().to_string())),
                ("evidence", json!(wrote)),
            ],
            columns: vec!["check", "state", "detail"],
            rows: rows.collect(),
            ..Report::default()
        }
        .print(format)?;
        if let Some(folder) = wrote {
            note(&format!("The evidence is in {folder}."));
        }
        if green { Ok(()) } else { Err(Failure::Refused) }
    }
}

/// Everything that must be green.
fn lights(ledger: &Ledger, through: Day) -> Result<Vec<Light>, Failure> {
    let bar = progress::bar("", Some(ledger.position()), "verifying {msg} [{bar:40}] {pos}/{len}");
    let verification = ledger.verify(&mut |what, done, all| {
        bar.set_message(what);
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    let mut lights: Vec<Light> = verification
        .checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| Light::of("verify", false, format!("{}: {}", check.name, check.detail)))
        .collect();
    if lights.is_empty() {
        let detail =
            format!("all {} checks hold for {} events", verification.checks.len(), verification.events);
        lights.push(Light::of("verify", true, detail));
    }
    let mut total = Total::ZERO;
    let at = AsOf { effective: through, known: ledger.position() };
    let accounts = ledger.accounts(at)?;
    accounts.iter().for_each(|(_, sum)| total += *sum);
    let detail = format!("debits less credits of {} accounts are {total}", accounts.len());
    lights.push(Light::of("trial_balance", total.is_zero(), detail));
    let all = reconciliation(ledger, ledger.position(), None).map_err(failed)?;
    lights.extend(all.iter().filter(|one| one.incoming.from <= through).map(reconciled));
    let mut last: BTreeMap<&Code, Day> = BTreeMap::new();
    for one in &all {
        for carrier in one.incoming.profile.carriers() {
            let day = last.entry(carrier).or_insert(one.incoming.through);
            *day = one.incoming.through.max(*day);
        }
    }
    for (carrier, day) in last.into_iter().filter(|(_, day)| *day < through) {
        let detail = format!("the last statement of {carrier} is through {day}");
        lights.push(Light { check: "statements", shine: Shine::Note, detail });
    }
    Ok(lights)
}

/// What is due and not paid out, which a run through this day can pay only before the period is closed.
fn unpaid(ledger: &mut Ledger, through: Day) -> Result<Option<Light>, Failure> {
    let mut total = Total::ZERO;
    let rows = ledger.payout(through)?;
    let moving: Vec<_> = rows.iter().filter(|row| !row.split.is_nothing()).collect();
    moving.iter().for_each(|row| total += row.split.paid);
    let who = if moving.len() == 1 { "1 producer".to_owned() } else { format!("{} producers", moving.len()) };
    let detail = format!("{who} would be paid {total}; upline payout --through {through} --commit pays them");
    Ok((!moving.is_empty()).then_some(Light { check: "pay_run", shine: Shine::Note, detail }))
}

/// A statement: its sums, and what of it is open.
fn reconciled(one: &Reconciled) -> Light {
    let name = format!("statement {}", one.incoming.position.unwrap_or_default());
    let open: Vec<_> = one.rows.iter().filter(|row| row.state == State::Open).collect();
    let conserved = one.sums.values().all(|sums| sums.holds());
    let detail = match open.as_slice() {
        _ if !conserved => format!("{name}: its sums are not conserved"),
        [] => format!("{name}: {} rows, every exception is settled", one.rows.len()),
        [first, ..] => {
            let mut difference = Total::ZERO;
            open.iter().for_each(|row| difference += row.difference);
            let number = one.incoming.position.unwrap_or_default();
            format!(
                "{name}: {} open, {difference} in all, the first {number}/{} ({}); upline resolve settles them",
                if open.len() == 1 { "1 exception".to_owned() } else { format!("{} exceptions", open.len()) },
                first.exception,
                first.class.as_str().replace('_', " "),
            )
        }
    };
    Light::of("reconciliation", conserved && open.is_empty(), detail)
}
