//! Who decides, and what follows.

use super::*;
use upline_core::money::Cents;
use upline_formats::nacha::Originator;
use upline_ledger::pay::AchTerms;
use upline_ledger::proposals::Done;

#[test]
fn a_pay_run_is_paid_once_somebody_else_approves_it() {
    let mut books = Books::new();
    let id = books.propose(&pay_run());
    let before = books.ledger.position();
    assert_eq!(books.summary(&id), "Pays 140.00 in cash through 2026-06-30, to 2 producers");
    let approved = books.approve(&id, "Bob").unwrap();
    assert_eq!(approved.position, before + 1);
    let Done::PayRun(paid) = approved.done else { panic!("no pay run") };
    assert_eq!(paid.run, Some(before + 2));
    assert_eq!(paid.rows.iter().map(|row| row.split.paid).collect::<Vec<_>>(), [Cents(11_000), Cents(3_000)]);
    let event = |name, by: &str| (name, by.to_owned(), String::new());
    let (decided, payout) = (event("action_decided", "Bob"), event("payout_made", "Ann Lee"));
    assert_eq!(books.events(before + 1), [decided, payout.clone(), payout]);
    assert_eq!(books.ledger.pay_run(before + 2).unwrap().paid.len(), 2);
    let row = books.ledger.proposals().unwrap().remove(0);
    assert_eq!((row.proposed_by.as_str(), row.decided_by.as_deref()), ("Ann Lee", Some("Bob")));
    assert_eq!(row.state, ProposalState::Approved);
    // What was approved can still be read.
    assert!(books.ledger.proposal(&id).unwrap().content.is_some());
    assert!(books.ledger.verify(&mut |_, _, _| ()).unwrap().ok());
}

#[test]
fn a_run_whose_file_cannot_be_placed_is_not_approved() {
    let mut books = Books::new();
    let id = books.propose(&pay_run());
    for producer in ["A", "B"] {
        let mut change = bank_change(&format!("{}77", producer.len()));
        if let Proposal::BankChange { producer: whose, bank, .. } = &mut change {
            *whose = code(producer);
            *bank = Bank::parse("011000015", &format!("5{producer}77"), "savings").unwrap();
        }
        let id = books.propose(&change);
        books.approve(&id, "Bob").unwrap();
    }
    let originator = Originator::parse(include_str!("../../../../profiles/originator.toml")).unwrap();
    let ach = AchTerms { originator, pay_on: None, modifier: 'A', shared: false, again: false };
    let before = books.ledger.root();
    let full = |_: &AchFile| Err(LedgerError::KeepsNoFiles);
    let error = books.ledger.approve(&id, "Bob", Some(&ach), full).unwrap_err();
    assert_eq!((error.code(), books.ledger.root()), ("keeps_no_files", before));
    assert_eq!(books.state(&id), ProposalState::Open);
    let mut placed = None;
    let place = |file: &AchFile| -> Result<(), LedgerError> {
        placed = Some(file.clone());
        Ok(())
    };
    let approved = books.ledger.approve(&id, "Bob", Some(&ach), place).unwrap();
    let Done::PayRun(paid) = approved.done else { panic!("no pay run") };
    assert_eq!((paid.ach.as_ref(), placed.unwrap().written.total), (paid.ach.as_ref(), Cents(14_000)));
    let restated = books.propose(&restatement());
    let error = books.ledger.approve(&restated, "Bob", Some(&ach), |_| Ok::<_, LedgerError>(())).unwrap_err();
    assert_eq!(error.code(), "no_pay_run");
}

#[test]
fn nobody_decides_about_what_they_proposed_whatever_the_spelling() {
    let mut books = Books::new();
    let id = books.propose(&pay_run());
    for same in ["Ann Lee", "ann  lee", " ＡＮＮ Lee", "Ann\u{200b} Lee"] {
        assert_eq!(books.not_approved(&id, same), "same_person", "{same}");
        assert_eq!(books.ledger.reject(&id, same, None).unwrap_err().code(), "same_person", "{same}");
    }
    for nobody in ["", " \u{200b}"] {
        assert_eq!(books.not_approved(&id, nobody), "nobody_named");
        assert_eq!(books.ledger.propose(&pay_run(), nobody).unwrap_err().code(), "nobody_named");
    }
    assert_eq!(books.ledger.withdraw(&id, "Bob").unwrap_err().code(), "not_the_proposer");
    let by_fact = |actor: &str| {
        line(&format!(
            r#"{{"type":"action_decided","on":"2026-07-01","proposal":"{id}","decision":"approved","actor":"{actor}"}}"#
        ))
    };
    // Nor by a fact of one's own.
    assert_eq!(books.ledger.record_all(vec![by_fact("ANN LEE")]).unwrap_err().code(), "malformed");
    books.ledger.withdraw(&id, "ann lee").unwrap();
    assert_eq!(books.state(&id), ProposalState::Withdrawn);
    assert_eq!(books.ledger.record_all(vec![by_fact("Bob")]).unwrap_err().code(), "duplicate");
}

#[test]
fn a_proposal_is_decided_once() {
    let mut books = Books::new();
    let unknown = code("pay_run-0000000000000000");
    assert_eq!(books.approve(&unknown, "Bob").unwrap_err().code(), "unknown_proposal");
    let id = books.propose(&pay_run());
    books.ledger.reject(&id, "Bob", Some("not before the audit")).unwrap();
    let end = books.ledger.position();
    let again = [
        books.approve(&id, "Cy").unwrap_err().code(),
        books.ledger.reject(&id, "Cy", None).unwrap_err().code(),
        books.ledger.withdraw(&id, "Ann Lee").unwrap_err().code(),
    ];
    assert_eq!((again, books.ledger.position()), (["decided_already"; 3], end));
    let row = books.ledger.proposals().unwrap().remove(0);
    assert_eq!(row.decision_note.as_deref(), Some("not before the audit"));
    // The same again is another proposal.
    let other = books.propose(&pay_run());
    assert_ne!(other, id);
    books.approve(&other, "Bob").unwrap();
}

#[test]
fn an_account_is_nowhere_in_the_log_and_gone_once_it_is_decided() {
    for approve in [true, false] {
        let mut books = Books::new();
        let id = books.propose(&bank_change("98765432"));
        assert_eq!(books.summary(&id), "The account of A becomes …5432 (checking) at bank 011000015");
        for file in ["log", "tail"] {
            let bytes = fs::read(books.path().join(file)).unwrap();
            assert!(!bytes.windows(8).any(|window| window == b"98765432"), "{file}");
        }
        assert!(books.kept().contains("98765432"));
        let before = books.ledger.position();
        if approve {
            books.approve(&id, "Bob").unwrap();
            let event = |name, by: &str, person: &str| (name, by.to_owned(), person.to_owned());
            let expected = [event("action_decided", "Bob", ""), event("bank_details_set", "Ann Lee", "Bob")];
            assert_eq!(books.events(before + 1), expected);
            let directory = books.ledger.directory().unwrap();
            assert!(directory.producer(&code("A")).unwrap().bank.is_some());
        } else {
            books.ledger.reject(&id, "Bob", None).unwrap();
            assert!(!is_anywhere(&books.path(), "98765432"));
        }
        assert!(!books.kept().contains("98765432"), "{}", books.kept());
        assert_eq!(books.summary(&id), "The account of A changes; its details are erased");
        assert_eq!(books.ledger.proposal(&id).unwrap().content, None);
        assert!(books.ledger.verify(&mut |_, _, _| ()).unwrap().ok());
    }
}

#[test]
fn a_chain_is_corrected_once_that_is_approved() {
    let mut books = Books::new();
    let id = books.propose(&restatement());
    assert_eq!(books.summary(&id), "Corrects the chains of 1 policy (K-1)");
    let before = books.ledger.position();
    let Done::Restatement(stand) = books.approve(&id, "Bob").unwrap().done else { panic!("no restatement") };
    assert_eq!(stand, [before + 2]);
    assert_eq!(books.events(before + 2), [("policy_restated", "Ann Lee".to_owned(), String::new())]);
    let refused = |books: &mut Books, lines: &[&str]| {
        let facts = lines.iter().map(|line| (*line).to_owned()).collect();
        let end = books.ledger.position();
        let error = books.ledger.propose(&Proposal::Restatement { facts }, "Ann Lee").unwrap_err();
        assert_eq!(books.ledger.position(), end);
        error.code()
    };
    let other = RESTATED.replace("K-1", "K-2");
    assert_eq!(refused(&mut books, &[RESTATED]), "recorded_already");
    assert_eq!(refused(&mut books, &[&other, &other]), "recorded_already");
    assert_eq!(refused(&mut books, &[]), "nothing_proposed");
    assert_eq!(refused(&mut books, &["{"]), "malformed");
    assert_eq!(refused(&mut books, &[&other.replace("P1", "P7")]), "unknown_policy");
    assert_eq!(
        refused(&mut books, &[&other.replace("\"level\":\"110\"", "\"level\":\"115\"")]),
        "unknown_level"
    );
    assert_eq!(refused(&mut books, &[BOOK.lines().last().unwrap()]), "no_restatement");
    assert_eq!(
        refused(&mut books, &[&other.replace("\"on\"", "\"actor\":\"Eve\",\"on\"")]),
        "no_restatement"
    );
}

#[test]
fn an_exception_is_written_off_once_that_is_approved() {
    let mut books = Books::new();
    let statement = books.statement();
    let open = |books: &Books| books.ledger.reconciled_statement(statement).unwrap().open();
    let (all, exceptions) = (open(&books), vec![(statement, code("L2"))]);
    let (note, on) = (Some("too small to ask for".to_owned()), None);
    let write_off = Proposal::WriteOff { exceptions, note, on };
    let id = books.propose(&write_off);
    assert_eq!(books.summary(&id), format!("Writes off 1 exception, the first {statement}/L2"));
    assert_eq!(books.ledger.proposals().unwrap()[0].note.as_deref(), Some("too small to ask for"));
    // What was noted is kept where it can be erased.
    assert!(!books.kept().contains("too small"));
    let before = books.ledger.position();
    books.approve(&id, "Bob").unwrap();
    let event = |name, by: &str, person: &str| (name, by.to_owned(), person.to_owned());
    let expected = [event("action_decided", "Bob", ""), event("exception_resolved", "Ann Lee", "Bob")];
    assert_eq!((books.events(before + 1), open(&books)), (expected.to_vec(), all - 1));
    assert_eq!(books.ledger.propose(&write_off, "Ann Lee").unwrap_err().code(), "resolved_already");
    let (exceptions, note) = (Vec::new(), None);
    let none = Proposal::WriteOff { exceptions, note, on };
    assert_eq!(books.ledger.propose(&none, "Ann Lee").unwrap_err().code(), "nothing_proposed");
}

/// Somebody else would see both; a reader sees the decision with all that follows, or nothing.
#[test]
fn readers_see_a_decision_with_what_follows() {
    let mut books = Books::new();
    let reader = books.ledger.reader();
    let id = books.propose(&pay_run());
    let before = reader.now().position();
    books.approve(&id, "Bob").unwrap();
    let now = reader.now();
    assert_eq!(now.position(), before + 3);
    assert!(now.payout(Day::parse("2026-06-30").unwrap()).unwrap().is_empty());
    assert_eq!(now.proposals().unwrap()[0].state, ProposalState::Approved);
}
