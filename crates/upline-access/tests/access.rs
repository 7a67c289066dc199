//! Who is let in, and what for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;
use upline_access::{ACCESS_FILE, Access, Act, Cost, LoginError, Role, Sessions, code_at};
use upline_core::names::Code;
use upline_core::time::Moment;

const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
const PASSWORD: &str = "a horse and its battery";
const MINUTE: i64 = 60_000_000;

fn at(minutes: i64) -> Moment {
    Moment(Moment::parse("2026-06-30T12:00:00Z").unwrap().0 + minutes * MINUTE)
}

/// Somebody of each role, with a password.
fn everybody(dir: &TempDir) -> Access {
    let mut access = Access::open_with(dir.path(), CHEAP).unwrap();
    for role in Role::ALL {
        let producer = (role == Role::Agent).then(|| Code::parse("A001").unwrap());
        access.add_user(role.as_str(), role, producer, at(0)).unwrap();
        access.set_password(role.as_str(), PASSWORD).unwrap();
    }
    access
}

fn give_second_factor(access: &mut Access, name: &str) -> String {
    let secret = access.enrol(name).unwrap();
    access.confirm(name, &code_at(&secret, at(0)).unwrap(), at(0)).unwrap();
    secret
}

#[test]
fn every_role_may_what_the_table_says() {
    // Written out a second time: a line a role, a letter an act, in the order of Act::ALL.
    let table = [
        (Role::Auditor, "ReadAll ReadOwn Audit Tax Operate"),
        (
            Role::Finance,
            "ReadAll ReadOwn Audit Tax RecordFacts RecordContracting Reconcile ProposeMoney ProposeBank Close Webhooks",
        ),
        (Role::Approver, "ReadAll ReadOwn Audit Tax Approve"),
        (Role::Contracting, "ReadAll ReadOwn RecordContracting ProposeBank"),
        (Role::Agent, "ReadOwn"),
        (Role::Admin, "Administer Operate"),
    ];
    for (role, may) in table {
        for act in Act::ALL {
            let said = may.split(' ').any(|one| one == format!("{act:?}"));
            assert_eq!(role.may(act), said, "{role:?} {act:?}");
        }
    }
}

#[test]
fn a_second_factor_stands_before_money_and_rights() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    let finance = access.log_in("finance", PASSWORD, None, at(1)).unwrap();
    assert!(finance.may(Act::ReadAll) && !finance.may(Act::ProposeMoney) && !finance.may(Act::Close));
    let secret = give_second_factor(&mut access, "finance");
    let code = code_at(&secret, at(5)).unwrap();
    assert_eq!(access.log_in("finance", PASSWORD, None, at(5)), Err(LoginError::Bad));
    assert!(access.log_in("finance", PASSWORD, Some(&code), at(5)).unwrap().may(Act::Close));
    // Whoever looked over a shoulder cannot use it again.
    assert_eq!(access.log_in("finance", PASSWORD, Some(&code), at(5)), Err(LoginError::Bad));
    // Nor after the server was started again.
    let mut again = Access::open_with(dir.path(), CHEAP).unwrap();
    assert_eq!(again.log_in("finance", PASSWORD, Some(&code), at(5)), Err(LoginError::Bad));
}

#[test]
fn tokens_do_what_a_program_may_and_end() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    let made = access.new_token("approver", "nightly", 1, at(0)).unwrap();
    let identity = access.authenticate_token(&made.secret, at(1)).unwrap();
    assert!(identity.may(Act::ReadAll) && !identity.may(Act::Approve), "approving takes a person");
    let day = 24 * 60;
    assert!(access.authenticate_token(&made.secret, at(day - 1)).is_ok());
    assert!(access.authenticate_token(&made.secret, at(day)).is_err(), "it has ended");
    let mut other = made.secret.clone();
    other.pop();
    assert!(access.authenticate_token(&other, at(1)).is_err());
    access.revoke(&made.token.id, at(2)).unwrap();
    assert!(access.authenticate_token(&made.secret, at(3)).is_err(), "it was revoked");
    let second = access.new_token("finance", "feed", 90, at(0)).unwrap();
    access.disable("finance", true).unwrap();
    assert!(access.authenticate_token(&second.secret, at(1)).is_err(), "it died with its user");
    assert_eq!(access.new_token("auditor", "", 400, at(0)).unwrap_err().code(), "no_expiry");
}

#[test]
fn guessing_gets_slow_whoever_is_guessed() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    for name in ["auditor", "nobody of this name"] {
        for _ in 0..5 {
            assert_eq!(access.log_in(name, "wrong", None, at(0)), Err(LoginError::Bad));
        }
        assert_eq!(access.log_in(name, PASSWORD, None, at(0)), Err(LoginError::Wait { seconds: 1 }));
        assert!(access.log_in(name, "wrong", None, at(1)) == Err(LoginError::Bad));
        assert_eq!(access.log_in(name, PASSWORD, None, at(1)), Err(LoginError::Wait { seconds: 2 }));
    }
    // Waiting helps; so that nobody is locked out for good.
    assert!(access.log_in("auditor", PASSWORD, None, at(2)).is_ok());
}

#[test]
fn two_users_are_two_people() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    for name in ["Finance", "FINANCE", "fin\u{200b}ance"] {
        let added = access.add_user(name, Role::Approver, None, at(0));
        assert_eq!(added.unwrap_err().code(), "user_there", "{name:?}");
    }
    assert_eq!(access.add_user(" x", Role::Auditor, None, at(0)).unwrap_err().code(), "no_name");
    assert_eq!(access.add_user("x", Role::Agent, None, at(0)).unwrap_err().code(), "no_producer");
    assert_eq!(access.set_password("finance", "short").unwrap_err().code(), "weak_password");
}

#[test]
fn somebody_can_always_give_rights() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    assert_eq!(access.disable("admin", true).unwrap_err().code(), "last_admin");
    assert_eq!(access.set_role("admin", Role::Auditor, None).unwrap_err().code(), "last_admin");
    assert!(access.users().iter().any(|user| user.name == "admin" && !user.disabled));
}

#[test]
fn the_file_holds_no_secret_and_is_its_owners() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    let made = access.new_token("finance", "feed", 90, at(0)).unwrap();
    let path = dir.path().join(ACCESS_FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(PASSWORD) && !text.contains(&made.secret));
    assert!(text.contains("$argon2id$"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!format!("{access:?}").contains("argon2"));
    let mut again = Access::open_with(dir.path(), CHEAP).unwrap();
    assert_eq!((again.users(), again.tokens()), (access.users(), access.tokens()));
    assert!(again.log_in("auditor", PASSWORD, None, at(1)).is_ok());
    std::fs::write(&path, text.replace("\"version\": 1", "\"version\": 1, \"more\": 2")).unwrap();
    assert_eq!(Access::open_with(dir.path(), CHEAP).unwrap_err().code(), "access_damaged");
}

#[test]
fn sessions_end_and_know_their_own_pages() {
    let dir = TempDir::new().unwrap();
    let mut access = everybody(&dir);
    let mut sessions = Sessions::new().unwrap();
    let auditor = access.log_in("auditor", PASSWORD, None, at(0)).unwrap();
    let id = sessions.begin(&auditor, at(0)).unwrap();
    assert_eq!(sessions.identity(&id, &access, at(29)), Some(auditor.clone()));
    let csrf = sessions.csrf(&id).unwrap();
    assert!(
        sessions.check_csrf(&id, &csrf) && !sessions.check_csrf(&id, "") && !sessions.check_csrf("x", &csrf)
    );
    assert_eq!(sessions.identity(&id, &access, at(60)), None, "it was idle for more than half an hour");
    let id = sessions.begin(&auditor, at(0)).unwrap();
    for hours in 0..24 {
        let alive = sessions.identity(&id, &access, at(hours * 30)).is_some();
        assert_eq!(alive, hours * 30 <= 12 * 60, "twelve hours at most");
    }
    let id = sessions.begin(&auditor, at(0)).unwrap();
    access.set_role("auditor", Role::Contracting, None).unwrap();
    assert_eq!(sessions.identity(&id, &access, at(1)).unwrap().role, Role::Contracting);
    access.disable("auditor", true).unwrap();
    assert_eq!(sessions.identity(&id, &access, at(2)), None, "out with the next request");
}

#[test]
fn codes_are_those_of_the_standard() {
    // RFC 6238, appendix B, of SHA-1, the last six digits; its secret in base 32.
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let codes = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
    ];
    for (seconds, code) in codes {
        assert_eq!(code_at(secret, Moment(seconds * 1_000_000)).as_deref(), Some(code));
    }
}
