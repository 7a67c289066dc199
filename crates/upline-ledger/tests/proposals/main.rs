//! Four eyes: what one person proposes is done once another approves it, as it was seen, or not at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod changed;
mod decided;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use upline_core::fact::Fact;
use upline_core::names::Code;
use upline_core::time::{Day, Moment};
use upline_formats::fact::parse_json_line;
use upline_ledger::pay::AchFile;
use upline_ledger::proposals::{Approved, Proposal, ProposalState};
use upline_ledger::reconcile::StatementFile;
use upline_ledger::{Bank, Clock, Engine, Ledger, LedgerError};
use upline_testing::code;

/// A clock that stands where the test puts it.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn set(&self, day: &str) {
        let noon = i64::from(Day::parse(day).unwrap().0) * 86_400 + 43_200;
        self.0.store(noon * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Moment {
        Moment(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// A and B are due money; A is owed for a policy that has a chain to correct.
const BOOK: &str = r#"{"type":"carrier_added","on":"2025-01-01","carrier":"C1"}
{"type":"producer_added","on":"2025-01-01","producer":"A","kind":"agent"}
{"type":"producer_added","on":"2025-01-01","producer":"B","kind":"agency"}
{"type":"grid_published","on":"2025-01-01","carrier":"C1","product":"FE","levels":{"110":[{"years":"1+","rate":"1.10"}],"140":[{"years":"1+","rate":"1.40"}]}}
{"type":"producer_contracted","on":"2025-01-01","producer":"B","carrier":"C1","level":"140"}
{"type":"producer_contracted","on":"2025-01-01","producer":"A","carrier":"C1","level":"110","upline":"B"}
{"type":"policy_issued","on":"2026-06-01","carrier":"C1","policy":"P1","product":"FE","annual_premium":"1200.00","mode":"monthly","writing":[{"producer":"A","share":"1"}]}
{"type":"premium_paid","on":"2026-06-01","carrier":"C1","policy":"P1","amount":"100.00"}"#;

const RESTATED: &str = r#"{"type":"policy_restated","on":"2026-06-20","carrier":"C1","policy":"P1","correction":"K-1","chain":[[{"producer":"A","level":"110"}]]}"#;

const PROFILE: &str = r#"code = "c1"
version = 1
from = 2025-01-01
carrier = "C1"
shows = "net"
[file]
kind = "csv"
[columns]
policy = "Policy"
writing_number = "Agent"
code = "Code"
on = "Date"
amount = "Amount"
[dates]
format = "YYYY-MM-DD"
[codes]
FYC = { kind = "earned" }
"#;

struct Books {
    ledger: Ledger,
    clock: Hand,
    dir: tempfile::TempDir,
}

impl Books {
    fn new() -> Books {
        let dir = tempfile::tempdir().unwrap();
        let clock = Hand(Arc::default());
        clock.set("2026-07-01");
        let path = dir.path().join("ledger");
        let ledger = Ledger::create_in(Engine::Files, &path, Box::new(clock.clone())).unwrap();
        let mut books = Books { ledger, clock, dir };
        books.ledger.record_all(BOOK.lines().map(line).collect()).unwrap();
        books
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    fn propose(&mut self, proposal: &Proposal) -> Code {
        self.ledger.propose(proposal, "Ann Lee").unwrap().id
    }

    fn approve(&mut self, id: &Code, actor: &str) -> Result<Approved, LedgerError> {
        self.ledger.approve(id, actor, None, |_: &AchFile| Ok(()))
    }

    /// Why it is not approved; then nothing is recorded, and the proposal is open.
    #[track_caller]
    fn not_approved(&mut self, id: &Code, actor: &str) -> &'static str {
        let before = (self.ledger.position(), self.ledger.root());
        let error = self.approve(id, actor).unwrap_err();
        assert_eq!((self.ledger.position(), self.ledger.root()), before, "{error}");
        assert_eq!(self.state(id), ProposalState::Open);
        error.code()
    }

    fn state(&self, id: &Code) -> ProposalState {
        self.ledger.proposals().unwrap().into_iter().find(|row| row.id == *id).unwrap().state
    }

    fn summary(&self, id: &Code) -> String {
        self.ledger.proposals().unwrap().into_iter().find(|row| row.id == *id).unwrap().summary
    }

    /// The types of the events from a position on, with who is said to have recorded and approved them.
    fn events(&self, from: u64) -> Vec<(&'static str, String, String)> {
        let people = self.ledger.people().unwrap();
        let at = self.ledger.point(Some(Day::LAST), upline_ledger::KnownAt::Everything).unwrap();
        let mut found = Vec::new();
        let text = |id: Option<&str>| id.map_or_else(String::new, |id| people.text(id).to_owned());
        self.ledger
            .events(at, from, |seen| {
                let actor = seen.event.remarks.as_ref().and_then(|remarks| remarks.actor.as_deref());
                let person = seen.event.body.person();
                found.push((seen.event.body.type_name(), text(actor), text(person)));
            })
            .unwrap();
        found
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.path().join("proposals.json")).unwrap()
    }

    /// Changes the file of what was proposed behind the ledger's back.
    fn edit(&self, from: &str, to: &str) {
        let kept = self.kept();
        assert!(kept.contains(from), "{kept}");
        fs::write(self.path().join("proposals.json"), kept.replace(from, to)).unwrap();
    }

    /// A statement with a line too many, and where it stands.
    fn statement(&mut self) -> u64 {
        let bytes = "Policy,Agent,Code,Date,Amount\nP9,A,FYC,2026-06-15,7.00\n".to_owned().into_bytes();
        let (name, profile_name) = ("c1.csv".to_owned(), "c1.toml".to_owned());
        let period = Some(upline_core::time::Month::parse("2026-06").unwrap());
        let profile = PROFILE.to_owned().into_bytes();
        let file = StatementFile {
            name,
            bytes,
            profile_name,
            profile,
            period,
            on: None,
            total: None,
            replaces: None,
        };
        let taken = self.ledger.receive_statement(file.read().unwrap()).unwrap();
        taken.reconciled.incoming.position.unwrap()
    }
}

fn line(text: &str) -> Fact {
    parse_json_line(text.as_bytes()).unwrap()
}

fn pay_run() -> Proposal {
    Proposal::PayRun { through: Day::parse("2026-06-30").unwrap() }
}

fn bank_change(account: &str) -> Proposal {
    let bank = Bank::parse("011000015", account, "checking").unwrap();
    Proposal::BankChange { producer: code("A"), bank, hold_days: None, shared: false }
}

fn restatement() -> Proposal {
    Proposal::Restatement { facts: vec![RESTATED.to_owned()] }
}

/// Whether a text is anywhere in the files of a directory.
fn is_anywhere(dir: &Path, text: &str) -> bool {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return is_anywhere(&path, text);
        }
        fs::read(&path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    })
}
