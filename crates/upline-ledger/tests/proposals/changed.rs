//! What changed between a proposal and its decision: the books, the file beside them, who is known.

use super::*;
use upline_core::fact::DirectoryKind;
use upline_ledger::close::Shine;
use upline_log::OpenOptions;

#[test]
fn a_run_that_would_pay_other_than_was_seen_is_refused() {
    let mut books = Books::new();
    let id = books.propose(&pay_run());
    let premium = BOOK.lines().last().unwrap().replace("2026-06-01", "2026-06-29");
    books.ledger.record_all(vec![line(&premium)]).unwrap();
    assert_eq!(books.not_approved(&id, "Bob"), "proposal_outdated");
    books.ledger.withdraw(&id, "Ann Lee").unwrap();
    // Whose account changes meanwhile waits, and that is another run as well.
    let id = books.propose(&pay_run());
    for account in ["111", "222"] {
        let change = books.propose(&bank_change(account));
        books.approve(&change, "Bob").unwrap();
    }
    assert_eq!(books.not_approved(&id, "Bob"), "proposal_outdated");
    books.ledger.reject(&id, "Bob", None).unwrap();
    // Nobody can approve it after the days of the hold either: it is not what was seen then.
    let id = books.propose(&pay_run());
    books.clock.set("2026-07-05");
    assert_eq!(books.not_approved(&id, "Bob"), "proposal_outdated");
}

#[test]
fn whoever_edits_the_file_pays_nobody() {
    let mut books = Books::new();
    let run = books.propose(&pay_run());
    let bank = books.propose(&bank_change("98765432"));
    books.edit("98765432", "98765433");
    assert_eq!(books.not_approved(&bank, "Bob"), "proposal_differs");
    assert_eq!(books.ledger.proposal(&bank).unwrap_err().code(), "proposal_differs");
    assert!(books.summary(&bank).contains("somebody changed it"));
    let check = |books: &Books| {
        let checks = books.ledger.verify(&mut |_, _, _| ()).unwrap().checks;
        checks.into_iter().find(|check| check.name == "proposals").unwrap().ok
    };
    assert!(!check(&books));
    books.edit("98765433", "98765432");
    assert!(check(&books));
    // Nor does it help to say that somebody else proposed it, or to put one in the place of another.
    books.edit("person:1", "person:7");
    assert_eq!(books.not_approved(&run, "Ann Lee"), "same_person");
    books.edit(run.as_str(), "pay_run-1111111111111111");
    assert_eq!(books.not_approved(&run, "Bob"), "proposal_lost");
    fs::write(books.path().join("proposals.json"), "{").unwrap();
    assert_eq!(books.approve(&run, "Bob").unwrap_err().code(), "damaged_beside");
    assert_eq!(books.ledger.proposals().unwrap_err().code(), "damaged_beside");
    assert!(!check(&books));
    // What cannot be read can still be rejected.
    books.ledger.reject(&run, "Bob", None).unwrap();
}

#[test]
fn what_is_refused_when_it_is_approved_records_no_decision_either() {
    let mut books = Books::new();
    let restated = books.propose(&restatement());
    books.ledger.record_all(vec![line(RESTATED)]).unwrap();
    assert_eq!(books.not_approved(&restated, "Bob"), "recorded_already");
    let run = books.propose(&pay_run());
    let closed = r#"{"type":"period_closed","on":"2026-06-30"}"#;
    books.ledger.record_all(vec![line(closed)]).unwrap();
    assert_eq!(books.not_approved(&run, "Bob"), "closed_period");
    let change = books.propose(&bank_change("111"));
    let mut of_b = bank_change("111");
    if let Proposal::BankChange { producer, .. } = &mut of_b {
        *producer = code("B");
    }
    let other = books.propose(&of_b);
    books.approve(&other, "Bob").unwrap();
    assert_eq!(books.not_approved(&change, "Bob"), "shared_account");
    assert_eq!(books.ledger.propose(&bank_change("1-1-1"), "Ann Lee").unwrap_err().code(), "shared_account");
    books.ledger.reject(&change, "Bob", None).unwrap();
}

#[test]
fn what_is_erased_waits_no_longer() {
    let mut books = Books::new();
    let id = books.propose(&bank_change("98765432"));
    // Nothing else was ever kept of A.
    assert!(books.ledger.erase(DirectoryKind::Producer, &code("A"), None).unwrap());
    assert!(!is_anywhere(&books.path(), "98765432"));
    assert_eq!(books.not_approved(&id, "Bob"), "proposal_lost");
    books.ledger.reject(&id, "Bob", None).unwrap();
    // Of whom nobody can say who it was, nobody can say that it is somebody else.
    let run = books.propose(&pay_run());
    books.ledger.erase(DirectoryKind::Person, &code("person:1"), None).unwrap();
    assert!(!is_anywhere(&books.path(), "Ann Lee"));
    assert_eq!(books.not_approved(&run, "Bob"), "proposer_erased");
    books.ledger.reject(&run, "Bob", None).unwrap();
}

#[test]
fn an_open_proposal_is_a_note_when_a_period_is_closed() {
    let mut books = Books::new();
    let id = books.propose(&restatement());
    let through = Day::parse("2026-06-30").unwrap();
    let lights = |books: &Books| books.ledger.check_close(through, &[], &mut |_, _, _| ()).unwrap().lights;
    let light = lights(&books).into_iter().find(|light| light.check == "proposals").unwrap();
    assert_eq!(light.shine, Shine::Note);
    assert_eq!(light.detail, format!("1 proposal waits for somebody to decide, the first {id}"));
    books.approve(&id, "Bob").unwrap();
    assert!(lights(&books).iter().all(|light| light.check != "proposals"));
}

#[test]
fn what_waits_goes_into_backups_and_copies() {
    let mut books = Books::new();
    let id = books.propose(&bank_change("98765432"));
    let mut backup = Vec::new();
    books.ledger.back_up(&mut backup, &mut |_| ()).unwrap();
    let (restored, copied) = (books.dir.path().join("restored"), books.dir.path().join("copied"));
    Ledger::restore(Engine::Files, &backup[..], Path::new("backup"), &restored, &mut |_| ()).unwrap();
    books.ledger.copy_to(Engine::default(), &copied, &mut |_| ()).unwrap();
    for dir in [restored, copied] {
        let clock = Box::new(books.clock.clone());
        let mut ledger = Ledger::open_to_record(&dir, clock, &OpenOptions::default()).unwrap();
        ledger.approve(&id, "Bob", None, |_| Ok::<_, LedgerError>(())).unwrap();
        assert!(ledger.directory().unwrap().producer(&code("A")).unwrap().bank.is_some());
    }
}

/// What a crash left beside the log before it was recorded goes with the next proposal.
#[test]
fn what_is_kept_and_was_not_recorded_is_forgotten() {
    let mut books = Books::new();
    let id = books.propose(&bank_change("98765432"));
    let kept = books.kept();
    books.approve(&id, "Bob").unwrap();
    // The cut: what was decided is kept as before, and something that was never recorded.
    let other = kept.replace(id.as_str(), "bank_change-1111111111111111");
    let lines: Vec<&str> =
        kept.lines().chain(other.lines()).filter(|line| line.starts_with("{\"id\"")).collect();
    let both = format!("{{\"proposals\":[\n{}\n]}}\n", lines.join(",\n"));
    fs::write(books.path().join("proposals.json"), both).unwrap();
    books.propose(&restatement());
    assert!(!books.kept().contains("98765432") && !books.kept().contains("1111111111111111"));
    assert_eq!(books.ledger.proposals().unwrap().len(), 2);
}
