//! Verification: everything that the ledger says is computed a second time, in another way, and compared.
//! It never writes.

use crate::banks::uncommitted;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use hashbrown::HashSet;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use upline_core::as_of::AsOf;
use upline_core::book::{Book, Effects};
use upline_core::event::{Batch, Event, Identity, Position};
use upline_core::fact::{Body, PersistencyDefined};
use upline_core::money::Total;
use upline_core::naive;
use upline_core::names::{Code, ProducerId};
use upline_core::posting::Account;
use upline_core::reference_data::ReferenceData;
use upline_core::time::Day;
use upline_log::Property;
use upline_store::snapshot_files;
use upline_views::accounts::Accounts;
use upline_views::event_ids::fact_id;
use upline_views::index::{Chapters, IndexError, verify_snapshots};
use upline_views::overrides::Overrides;
use upline_views::persistency::{Gathered, PremiumHistories, Scope};
use upline_views::{Projection, Seen, scan};

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its stable name.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What was checked, or what was found and where.
    pub detail: String,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    pub events: Position,
    /// The head of the tree over all events.
    pub root: String,
    /// What was checked.
    pub checks: Vec<Check>,
    /// What is not as it should be, and damages nothing.
    pub notes: Vec<String>,
}

impl Verification {
    /// True when every check holds.
    pub fn ok(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
}

/// How many points in time the read models are compared at, besides the present.
const POINTS: u64 = 3;

impl Ledger {
    /// Checks everything. `progress` hears of each check as it begins, with a share of the work done.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(&'static str, u64, u64),
    ) -> Result<Verification, LedgerError> {
        let events = self.position();
        let examined = upline_log::examine(&*self.log, &mut |position| progress("log", position, events));
        let mut checks = log_checks(&examined);
        checks.push(match self.directory() {
            Ok(directory) => {
                holds("directory", format!("{} names, their checksum holds", directory.entries().count()))
            }
            Err(LedgerError::Store(error)) => fails("directory", error.finding()),
            Err(error) => fails("directory", error.to_string()),
        });
        // What cannot be read cannot be compared either.
        if examined.wrong.is_empty() {
            progress("recorded", 0, events);
            let whole = WholeLog::read(self, &mut |position| progress("recorded", position, events))?;
            checks.push(whole.recomputed());
            checks.push(self.bank_details(&whole.book));
            progress("read models", 0, events);
            let ((ids, double_entry), (chains, read_models)) = rayon::join(
                || rayon::join(|| whole.ids(), || whole.double_entry()),
                || {
                    rayon::join(
                        || whole.chains(),
                        || {
                            whole
                                .points()
                                .into_par_iter()
                                .map(|at| self.read_models(&whole, at))
                                .collect::<Vec<_>>()
                        },
                    )
                },
            );
            checks.extend([ids?, double_entry, chains]);
            for check in read_models {
                checks.push(check?);
            }
            progress("snapshots", 0, events);
            checks.push(self.snapshots()?);
            checks.push(self.kept_statements()?);
            checks.extend(self.kept_contents());
        }
        match self.compare_witness() {
            Ok(None) => {}
            Ok(Some(count)) => {
                let seen = counted(count as u64, "checkpoint");
                checks.push(holds("witness", format!("{seen} of the witness, all of this history")));
            }
            Err(LedgerError::Witness(error)) => checks.push(fails("witness", error.to_string())),
            Err(error) => return Err(error),
        }
        let notes = self.dir().and_then(exposed).into_iter().collect();
        Ok(Verification { events, root: self.root().to_string(), checks, notes })
    }

    /// The bank details that are kept against what the log commits to.
    fn bank_details(&self, book: &Book) -> Check {
        let kept = self.directory().and_then(|directory| Ok((directory, self.directory_key()?)));
        let (directory, key) = match kept {
            Ok(kept) => kept,
            Err(LedgerError::Store(error)) => return fails("bank_details", error.finding()),
            Err(error) => return fails("bank_details", error.to_string()),
        };
        let (sound, wrong) = uncommitted(book, &directory, key.as_ref());
        match wrong.first() {
            None => holds("bank_details", format!("{}, as approved in the log", counted(sound, "account"))),
            Some(first) => {
                let more = match wrong.len() - 1 {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                fails("bank_details", format!("{first}{more}"))
            }
        }
    }

    /// What is kept of proposals against what the log commits to, where anything was proposed.
    fn kept_contents(&self) -> Option<Check> {
        let (count, wrong) = match self.checked_proposals() {
            Ok(checked) => checked?,
            Err(LedgerError::Store(error)) => return Some(fails("proposals", error.finding())),
            Err(error) => return Some(fails("proposals", error.to_string())),
        };
        Some(match wrong.into_iter().next() {
            None => holds("proposals", format!("{}, what is kept as proposed", counted(count, "proposal"))),
            Some(first) => fails("proposals", first),
        })
    }

    /// The statements that are kept against the facts of their receipt.
    fn kept_statements(&self) -> Result<Check, LedgerError> {
        let (_, statements) = self.carrier_statements(self.position())?;
        for received in &statements.received {
            for name in [&received.statement.file, &received.statement.profile_file] {
                if let Err(error) = self.kept_file(name) {
                    let finding = match error {
                        LedgerError::Store(error) => error.finding(),
                        other => other.to_string(),
                    };
                    let position = received.position;
                    return Ok(fails("statements", format!("of the one received at {position}: {finding}")));
                }
            }
        }
        let count = statements.received.len() as u64;
        Ok(holds(
            "statements",
            format!("{} kept, with the hashes of their facts", counted(count, "statement")),
        ))
    }

    /// The snapshots against those that follow from the log.
    fn snapshots(&self) -> Result<Check, LedgerError> {
        let Some(dir) = self.dir() else { return Ok(holds("snapshots", "there are none".to_owned())) };
        let files = snapshot_files(dir);
        let again = "upline snapshots --rebuild makes them again";
        Ok(match verify_snapshots(dir, &*self.log, Chapters::default()) {
            Ok(Ok(count)) if count == files => {
                holds("snapshots", format!("{}, as the log gives them", counted(count, "snapshot")))
            }
            Ok(Ok(count)) => fails(
                "snapshots",
                format!("{count} of {files} can be used: the next is damaged or of another log; {again}"),
            ),
            Ok(Err(snapshot)) => fails(
                "snapshots",
                format!("{} is not what the log gives; {again}", snapshot.path().display()),
            ),
            Err(IndexError::TooLarge) => {
                holds("snapshots", "none: more money moved than they can hold".to_owned())
            }
            Err(error) => return Err(error.into()),
        })
    }

    /// The read models at a point against the naive replay of the facts.
    fn read_models(&self, whole: &WholeLog, at: AsOf) -> Result<Check, LedgerError> {
        let events = whole.events();
        let point = naive::Point { as_of: at.effective, position: at.known };
        let naive = naive::books(&events, point);
        let mut views = All {
            accounts: Accounts::new(at),
            overrides: Overrides::new(at, None),
            gathered: Gathered::default(),
        };
        let reference = scan(&*self.log, at.known, &mut views)?;
        let place = format!("as of {} at position {}", at.effective, at.known);
        let accounts: BTreeMap<_, _> = views.accounts.sums().collect();
        if accounts != naive.accounts {
            let wrong = accounts.iter().find(|(account, sum)| naive.accounts.get(*account) != Some(*sum));
            let wrong =
                wrong.or_else(|| naive.accounts.iter().find(|(account, _)| !accounts.contains_key(*account)));
            let name = wrong.and_then(|(account, _)| reference.account_name(*account)).unwrap_or_default();
            return Ok(fails("read_models", format!("account {name} differs from the naive replay {place}")));
        }
        let overrides: BTreeMap<_, _> = views
            .overrides
            .figures()
            .map(|(key, f)| (key, (f.earned, f.advanced, f.charged_back, f.unearned)))
            .collect();
        let expected: BTreeMap<_, _> = naive
            .overrides
            .iter()
            .map(|(key, f)| (*key, (f.earned, f.advanced, f.charged_back, f.unearned)))
            .collect();
        if overrides != expected {
            return Ok(fails("read_models", format!("overrides differ from the naive replay {place}")));
        }
        let premium_histories = PremiumHistories::of(&views.gathered, &reference);
        let mut measured = 0;
        for (code, definition) in whole.definitions() {
            for (scope, naive_scope) in
                [(Scope::Own, naive::Scope::Own), (Scope::Downline, naive::Scope::Downline)]
            {
                let fast: BTreeMap<Code, (u64, u64, String)> = premium_histories
                    .measure(&reference, at, definition, scope, None)?
                    .into_iter()
                    .map(|(producer, t)| {
                        let ratio = t.ratio().map(|ratio| ratio.to_string()).unwrap_or_default();
                        (producer, (t.cohort, t.surviving, ratio))
                    })
                    .collect();
                let naive = naive::persistency(&events, definition, point, naive_scope, None);
                let named = |(id, p): (ProducerId, naive::Persistency)| {
                    let ratio = p.ratio_in_ten_thousandths();
                    let ratio =
                        ratio.map(|r| format!("{}.{:04}", r / 10_000, r % 10_000)).unwrap_or_default();
                    Some((reference.producers().name(id)?.clone(), (p.cohort, p.surviving, ratio)))
                };
                let naive: BTreeMap<_, _> = naive.into_iter().filter_map(named).collect();
                if fast != naive {
                    let what = format!("persistency by {code} differs from the naive replay {place}");
                    return Ok(fails("read_models", what));
                }
                measured += fast.len();
            }
        }
        let (a, o) = (accounts.len(), overrides.len());
        Ok(holds(
            "read_models",
            format!("{a} accounts, {o} overrides, {measured} persistencies {place}: as the naive replay"),
        ))
    }
}

/// What of a ledger others than its owner can read or change, in a sentence.
fn exposed(dir: &Path) -> Option<String> {
    const OTHERS: u32 = 0o077;
    let entries = std::fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path());
    let mut open: Vec<(PathBuf, u32)> = std::iter::once(dir.to_owned())
        .chain(entries)
        .filter_map(|path| {
            let mode = std::fs::symlink_metadata(&path).ok().filter(|found| !found.is_symlink())?.mode();
            Some((path, mode & 0o777))
        })
        .filter(|(_, mode)| mode & OTHERS != 0)
        .collect();
    open.sort();
    let (path, mode) = open.first()?;
    let more = match open.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (path, dir) = (path.display(), dir.display());
    Some(format!(
        "others than its owner can read or change {path} (mode {mode:o}){more}: chmod -R go= {dir} makes the ledger its \
         owner's alone"
    ))
}

/// `1 block`, `2 blocks`.
fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// A check for each property of the log.
fn log_checks(examined: &upline_log::Examined) -> Vec<Check> {
    let verified = &examined.verified;
    let check = |property: Property| match examined.wrong(property) {
        Some(error) => fails(property.name(), error.finding()),
        None => {
            let detail = match property {
                Property::Frames => {
                    let blocks = counted(verified.blocks, "block");
                    format!("{blocks}, {} bytes, their checksums hold", verified.bytes_stored)
                }
                Property::Positions => format!("1 to {} without a gap", verified.events),
                Property::RecordedTimes => "never before the event in front".to_owned(),
                Property::Tree => format!("{} leaves hash to what the blocks say", verified.events),
            };
            holds(property.name(), detail)
        }
    };
    Property::ALL.into_iter().map(check).collect()
}

fn holds(name: &'static str, detail: String) -> Check {
    Check { name, ok: true, detail }
}

fn fails(name: &'static str, detail: String) -> Check {
    Check { name, ok: false, detail }
}

/// Several views in one scan.
struct All {
    accounts: Accounts,
    overrides: Overrides,
    gathered: Gathered,
}

impl Projection for All {
    fn apply(&mut self, seen: &Seen<'_>) {
        self.accounts.apply(seen);
        self.overrides.apply(seen);
        self.gathered.apply(seen);
    }
}

/// The whole log in memory, and what recording its facts again makes of it.
struct WholeLog {
    batch: Batch,
    book: Book,
    /// The first event that does not follow from the facts before it.
    diverged: Option<String>,
}

impl WholeLog {
    fn read(ledger: &Ledger, progress: &mut dyn FnMut(Position)) -> Result<WholeLog, LedgerError> {
        let (mut whole, mut book) = (Batch::default(), Book::default());
        let (mut effects, mut again) = (Effects::default(), Batch::default());
        let mut diverged = None;
        for batch in ledger.log.read(1)? {
            let (first, batch) = batch?;
            for (position, (event, postings)) in (first..).zip(batch.iter()) {
                if diverged.is_none() && !matches!(event.identity, Identity::Caused { .. }) {
                    // The events that the last fact caused should all have been met by now.
                    if book.position() + 1 != position {
                        diverged = Some(format!(
                            "event {position} stands where an event of the ledger's own should"
                        ));
                    } else {
                        book.record(event.clone(), &mut effects, &mut again)?;
                    }
                }
                if diverged.is_none() {
                    let index = usize::try_from(position - 1).unwrap_or(usize::MAX);
                    if again.get(index) != Some((event, postings)) {
                        diverged = Some(format!(
                            "event {position} ({}) is not what its facts lead to",
                            event.body.type_name()
                        ));
                    }
                }
                whole.push(event.clone(), postings.iter().copied());
            }
            progress(first + batch.len() as Position - 1);
        }
        Ok(WholeLog { batch: whole, book, diverged })
    }

    fn reference_data(&self) -> &ReferenceData {
        self.book.reference_data()
    }

    fn events(&self) -> Vec<(Position, &Event)> {
        (1..).zip(self.batch.iter().map(|(event, _)| event)).collect()
    }

    /// Every fact recorded again: admission aside, the same events with the same postings follow.
    fn recomputed(&self) -> Check {
        match &self.diverged {
            None => holds(
                "recomputed",
                format!("{} events recorded again, each with the same postings", self.batch.len()),
            ),
            Some(what) => fails("recomputed", what.clone()),
        }
    }

    fn ids(&self) -> Result<Check, LedgerError> {
        let mut seen = HashSet::with_capacity(self.batch.len());
        let mut text = String::new();
        for (position, event) in self.events() {
            if let Some((id, _)) = fact_id(self.reference_data(), position, event, &mut text)?
                && !seen.insert(id.as_u128())
            {
                return Ok(fails("ids", format!("event {position} has id {id}, which an earlier event has")));
            }
        }
        Ok(holds("ids", format!("{} facts, each recorded once", seen.len())))
    }

    /// Every posting is a debit and a credit of one amount, so an event balances on each of its dates; the
    /// trial balance says that the whole does.
    fn double_entry(&self) -> Check {
        let mut sums: BTreeMap<Account, Total> = BTreeMap::new();
        let mut count = 0u64;
        for (position, (_, postings)) in (1u64..).zip(self.batch.iter()) {
            for posting in postings {
                let accounts =
                    self.reference_data().accounts(posting).filter(|(debit, credit)| debit != credit);
                let Some((debit, credit)) = accounts else {
                    return fails("double_entry", format!("event {position} does not post to two accounts"));
                };
                *sums.entry(debit).or_default() += posting.amount;
                *sums.entry(credit).or_default() -= posting.amount;
                count += 1;
            }
        }
        let total = Total(sums.values().map(|sum| sum.0).sum());
        if !total.is_zero() {
            return fails("double_entry", format!("the trial balance is off by {total}"));
        }
        holds("double_entry", format!("{count} postings on {} accounts, trial balance {total}", sums.len()))
    }

    /// The frozen chains against the contracts and grids that were known.
    fn chains(&self) -> Check {
        let events = self.events();
        let known = events.len() as Position;
        let recomputed = naive::chains(&events, known);
        for (id, policy) in self.reference_data().policies().iter() {
            if recomputed.get(&id).and_then(Option::as_ref) != Some(&policy.frozen) {
                let name =
                    self.reference_data().policy_name(id).map(|name| name.to_string()).unwrap_or_default();
                return fails(
                    "chains",
                    format!("policy {name} froze a chain that its contracts do not give"),
                );
            }
        }
        holds("chains", format!("{} frozen chains, as their contracts and grids give", recomputed.len()))
    }

    fn definitions(&self) -> Vec<(&Code, &upline_core::persistency::Definition)> {
        let mut all = Vec::new();
        for (event, _) in self.batch.iter() {
            if let Body::PersistencyDefined(PersistencyDefined { definition, terms }) = &event.body {
                all.push((definition, terms));
            }
        }
        all
    }

    /// Points that the read models are compared at: the present, and earlier days as known earlier.
    fn points(&self) -> Vec<AsOf> {
        let last = self.batch.iter().map(|(event, _)| event.on).max().unwrap_or(Day(0));
        let first = self.batch.iter().map(|(event, _)| event.on).min().unwrap_or(last);
        let (span, known) = (i64::from(last.0) - i64::from(first.0), self.batch.len() as u64);
        let at = |n: u64| AsOf {
            effective: Day(first
                .0
                .saturating_add(i32::try_from(span * n as i64 / POINTS as i64).unwrap_or(0))),
            known: known * n / POINTS,
        };
        let past_with_hindsight = AsOf { known, ..at(1) };
        let mut points = vec![past_with_hindsight, at(1), at(2), at(POINTS)];
        points.dedup();
        points
    }
}
