//! `upline user`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::point::code;
use crate::cli::report::{Cell, Print, Report};
use crate::cli::screen::{note, secret_line};
use upline_access::{Access, Role, enrolment};
use upline_core::names::Code;
use upline_ledger::{Clock, SystemClock};

/// Who may ask and record through upline serve: users, each with a role
///
/// auditor: reads everything; finance: records, reconciles, proposes what is paid, closes; approver: approves what others
/// propose; contracting: adds producers and contracts; agent: sees itself and its downline; admin: gives rights.
#[derive(clap::Args)]
pub struct User {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(clap::Subcommand)]
enum Doing {
    /// The users
    List,
    /// Add a user
    Add {
        /// Its name, which stands as the actor of what it records
        name: String,
        /// What it is: auditor, finance, approver, contracting, agent or admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Of an agent: which producer it is
        #[arg(long, value_name = "P", value_parser = code)]
        producer: Option<Code>,
    },
    /// Give a user another role
    Role {
        /// The user
        name: String,
        /// What it is from now on
        #[arg(long, value_parser = role)]
        role: Role,
        /// Of an agent: which producer it is
        #[arg(long, value_name = "P", value_parser = code)]
        producer: Option<Code>,
    },
    /// Set a user's password, read as a line from stdin
    Password {
        /// The user
        name: String,
    },
    /// Give a user a second factor: shows its secret once, then reads the first code as a line from stdin
    SecondFactor {
        /// The user
        name: String,
    },
    /// Let a user in no more, nor its tokens
    Disable {
        /// The user
        name: String,
    },
    /// Let a user in again
    Enable {
        /// The user
        name: String,
    },
}

impl User {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut access = open(context)?;
        let now = SystemClock.now();
        match self.doing {
            Doing::List => return list(&access).print(context.format),
            Doing::Add { name, role, producer } => {
                access.add_user(&name, role, producer, now)?;
                note(&format!("{name} is {}. It has no password and no token yet.", role.as_str()));
            }
            Doing::Role { name, role, producer } => {
                access.set_role(&name, role, producer)?;
                note(&format!("{name} is {} now.", role.as_str()));
            }
            Doing::Password { name } => {
                access.set_password(&name, &secret_line("Password")?)?;
                note(&format!("{name} has a new password."));
            }
            Doing::SecondFactor { name } => {
                let secret = access.enrol(&name)?;
                note(&format!("Put this into an authenticator: {}", enrolment(&name, &secret)));
                access.confirm(&name, secret_line("The code that it shows")?.trim(), now)?;
                note(&format!("{name} has a second factor."));
            }
            Doing::Disable { name } => {
                access.disable(&name, true)?;
                note(&format!("{name} is let in no more."));
            }
            Doing::Enable { name } => {
                access.disable(&name, false)?;
                note(&format!("{name} is let in again."));
            }
        }
        Ok(())
    }
}

/// Who may, beside a ledger that is there.
pub fn open(context: &Context) -> Result<Access, Failure> {
    if !context.dir.is_dir() {
        return Err(UsageError::NoLedger(context.dir.display().to_string()).into());
    }
    Ok(Access::open(&context.dir)?)
}

fn list(access: &Access) -> Report {
    let rows = access.users().iter().map(|user| {
        vec![
            Cell::text(&user.name),
            Cell::text(user.role.as_str()),
            Cell::optional(user.producer.as_ref()),
            Cell::text(if user.has_password() { "yes" } else { "no" }),
            Cell::text(if user.has_second_factor() { "yes" } else { "no" }),
            Cell::text(if user.disabled { "disabled" } else { "enabled" }),
            Cell::text(user.created_at),
        ]
    });
    Report {
        title: "Users".to_owned(),
        columns: vec!["name", "role", "producer", "password", "second_factor", "state", "created_at"],
        rows: rows.collect(),
        nothing: "There are none yet.",
        ..Report::default()
    }
}

fn role(text: &str) -> Result<Role, String> {
    let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(text).ok_or_else(|| format!("it is one of {}", words.join(", ")))
}
