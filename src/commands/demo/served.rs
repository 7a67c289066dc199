//! The demo as a page: people who may look at it, and the server.

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::report::{Cell, Format, Print, Report};
use crate::commands::serve::Serve;
use std::net::SocketAddr;
use upline_access::{Access, Role, code_at, enrolment, random_text};
use upline_core::names::Code;
use upline_ledger::{Clock, SystemClock};

/// Who may look: one of each role that has something to look at.
const PEOPLE: [(&str, Role, Option<&str>); 4] = [
    ("ann", Role::Auditor, None),
    ("fay", Role::Finance, None),
    ("ada", Role::Approver, None),
    ("ana", Role::Agent, Some("A001")),
];

/// Lets the people of the demo in, says how, and serves the ledger until a signal ends that.
pub fn serve(context: &Context, listen: SocketAddr) -> Result<(), Failure> {
    let mut access = Access::open(&context.dir)?;
    let mut rows = Vec::new();
    for (name, role, producer) in PEOPLE {
        let now = SystemClock.now();
        access.add_user(name, role, producer.and_then(Code::parse), now)?;
        let password = random_text()?;
        access.set_password(name, &password)?;
        let mut factor = None;
        if role.needs_second_factor() {
            let secret = access.enrol(name)?;
            access.confirm(name, &code_at(&secret, now).unwrap_or_default(), now)?;
            factor = Some(enrolment(name, &secret));
        }
        rows.push(vec![
            Cell::text(name),
            Cell::text(role.as_str()),
            Cell::Text(password),
            Cell::optional(factor),
        ]);
    }
    let report = Report {
        title: "Log in as one of these; who pays or approves needs an authenticator too".to_owned(),
        columns: vec!["name", "role", "password", "second_factor"],
        rows,
        ..Report::default()
    };
    report.print(Format::Table)?;
    Serve::at(listen).run(context)
}
