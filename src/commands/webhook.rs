//! `upline webhook`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, UsageError};
use crate::cli::report::{Cell, Format, Print, Report};
use crate::cli::screen::{self, note, say};
use serde_json::json;
use upline_ledger::{Clock, SystemClock};
use upline_server::ServeError;
use upline_server::webhooks::{HookError, Hooks, NewHook, State};

/// Webhooks: events sent on to other programs by upline serve, signed, in order, each at least once
#[derive(clap::Args)]
pub struct Webhook {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(clap::Subcommand)]
enum Doing {
    /// The webhooks, without their secrets
    List,
    /// Send events on; the secret that they are signed with is shown this once
    Add {
        /// Where they are sent: https, or http on this machine
        url: String,
        /// Only events of this type; may be given more than once
        #[arg(long = "type", value_name = "TYPE")]
        types: Vec<String>,
        /// From this position on; default: what is recorded once upline serve has seen the webhook
        #[arg(long, value_name = "POSITION")]
        from: Option<u64>,
    },
    /// Send no more
    Remove {
        /// Its id, as in the list
        id: String,
    },
    /// The last tries to deliver, the oldest first
    Deliveries {
        /// The webhook, by its id
        id: String,
    },
}

impl Webhook {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if !context.dir.is_dir() {
            return Err(UsageError::NoLedger(context.dir.display().to_string()).into());
        }
        let hooks = Hooks::of(&context.dir);
        match self.doing {
            Doing::List => return list(context, &hooks)?.print(context.format),
            Doing::Deliveries { id } => {
                let hook = hooks.one(&id).map_err(ServeError::Hooks)?;
                return deliveries(&state(context, &hook.id)?).print(context.format);
            }
            Doing::Add { url, types, from } => {
                let new = NewHook { url, types, from };
                let hook = hooks.add(new, None, SystemClock.now()).map_err(ServeError::Hooks)?;
                if context.format == Format::Json {
                    screen::json(&json!({"id": hook.id, "url": hook.url, "secret": hook.secret}))?;
                } else {
                    say!(screen::stdout(), "{}", hook.secret)?;
                    note(&format!("Keep it: it is not shown again. Webhook {} is there.", hook.id));
                }
            }
            Doing::Remove { id } => {
                hooks.remove(&id).map_err(ServeError::Hooks)?;
                note(&format!("Webhook {id} is sent no more."));
            }
        }
        Ok(())
    }
}

fn state(context: &Context, id: &str) -> Result<State, Failure> {
    let path = context.dir.join(format!("webhook-{id}.json"));
    let read = State::read(&context.dir, id).map_err(|error| HookError::File { path, error });
    Ok(read.map_err(ServeError::Hooks)?.unwrap_or_default())
}

fn list(context: &Context, hooks: &Hooks) -> Result<Report, Failure> {
    let mut rows = Vec::new();
    for hook in hooks.list().map_err(ServeError::Hooks)? {
        let state = state(context, &hook.id)?;
        rows.push(vec![
            Cell::text(&hook.id),
            Cell::text(&hook.url),
            Cell::text(hook.types.join(" ")),
            Cell::text(&hook.created_at),
            Cell::optional(hook.created_by.as_ref()),
            Cell::Count(state.position),
            Cell::text(state.word()),
            Cell::optional(state.failing_since.as_ref()),
            Cell::optional(state.disabled.as_ref()),
        ]);
    }
    let columns =
        ["id", "url", "types", "created_at", "created_by", "position", "state", "failing_since", "note"];
    Ok(Report {
        title: "Webhooks".to_owned(),
        columns: columns.into(),
        rows,
        nothing: "There are none yet.",
        ..Report::default()
    })
}

fn deliveries(state: &State) -> Report {
    let rows = state.deliveries.iter().map(|tried| {
        vec![
            Cell::text(&tried.at),
            Cell::Count(tried.position),
            Cell::text(&tried.id),
            Cell::Count(tried.attempt.into()),
            tried.status.map_or(Cell::Null, |status| Cell::Count(status.into())),
            Cell::optional(tried.error.as_ref()),
            Cell::Count(tried.took_ms),
        ]
    });
    Report {
        title: "The last tries to deliver".to_owned(),
        columns: vec!["at", "position", "id", "attempt", "status", "error", "took_ms"],
        rows: rows.collect(),
        nothing: "Nothing was sent yet.",
        ..Report::default()
    }
}
