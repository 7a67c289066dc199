//! `upline token`

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::report::{Cell, Format, Print, Report};
use crate::cli::screen::{self, note, say};
use crate::commands::user::open;
use serde_json::json;
use upline_access::Access;
use upline_ledger::{Clock, SystemClock};

/// Tokens, by which programs are let in as a user
#[derive(clap::Args)]
pub struct Token {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(clap::Subcommand)]
enum Doing {
    /// The tokens, without their secrets
    List,
    /// Make a token of a user; it is shown this once
    New {
        /// The user
        name: String,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "")]
        label: String,
        /// For how many days it holds, 366 at the most
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        days: u16,
    },
    /// End a token
    Revoke {
        /// Its id, as in the list
        id: String,
    },
}

impl Token {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut access = open(context)?;
        let now = SystemClock.now();
        match self.doing {
            Doing::List => return list(&access).print(context.format),
            Doing::New { name, label, days } => {
                let made = access.new_token(&name, &label, days, now)?;
                let (id, expires_at) = (&made.token.id, made.token.expires_at);
                if context.format == Format::Json {
                    let answer = json!({"id": id, "user": made.token.user, "token": made.secret,
                        "expires_at": expires_at.to_string()});
                    screen::json(&answer)?;
                } else {
                    say!(screen::stdout(), "{}", made.secret)?;
                    note(&format!("Keep it: it is not shown again. Token {id} holds until {expires_at}."));
                }
            }
            Doing::Revoke { id } => {
                access.revoke(&id, now)?;
                note(&format!("Token {id} holds no more."));
            }
        }
        Ok(())
    }
}

fn list(access: &Access) -> Report {
    let rows = access.tokens().iter().map(|token| {
        vec![
            Cell::text(&token.id),
            Cell::text(&token.user),
            Cell::text(&token.label),
            Cell::text(token.created_at),
            Cell::text(token.expires_at),
            Cell::optional(token.revoked_at),
        ]
    });
    Report {
        title: "Tokens".to_owned(),
        columns: vec!["id", "user", "label", "created_at", "expires_at", "revoked_at"],
        rows: rows.collect(),
        nothing: "There are none yet.",
        ..Report::default()
    }
}
