//! `upline serve`

mod settings;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::remote::Host;
use crate::cli::screen::{self, note, say};
use crate::commands::snapshots;
use settings::Settings;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use upline_access::Access;
use upline_ledger::{SystemClock, Writer};

/// Serve the ledger over HTTP: an API for programs, beside one writer and any number of readers
///
/// Who may is set with upline user and upline token. Ends with SIGINT or SIGTERM, when everything that was accepted is
/// recorded and answered. While it runs, it does what other commands on this ledger ask for, with the same output and exit codes.
#[derive(clap::Args, Default)]
pub struct Serve {
    /// A file of settings (TOML); flags and the environment go before it
    #[arg(long, value_name = "FILE", env = "UPLINE_CONFIG")]
    config: Option<PathBuf>,
    /// Print the settings that hold, and where each comes from; serve nothing
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    /// Serves there, and is as usual otherwise.
    pub fn at(listen: SocketAddr) -> Serve {
        Serve { settings: Settings::at(listen), ..Serve::default() }
    }

    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let settings = self.settings.or_file(self.config.as_deref())?;
        if self.print_config {
            return settings.print();
        }
        let config = settings.config(&context.dir)?;
        config.check()?;
        let writer = Writer::start(context.open_here_to_record()?.keep_warm());
        let (reader, handle) = (writer.reader(), writer.handle());
        // Where no socket can be made, other commands wait, as they would for any that has the ledger.
        let answering = Host::open(&context.dir, writer.reader(), Some(writer.handle()), crate::run);
        if let Err(error) = &answering {
            note(&format!(
                "upline: other commands on this ledger will wait, as its socket cannot be made: {error}"
            ));
        }
        let nobody = Access::open(&context.dir)?.users().is_empty();
        let served = upline_server::serve(&config, reader, handle, Arc::new(SystemClock), |address| {
            // Where nobody reads that it is there, it serves all the same.
            let scheme = if config.certificate.is_some() { "https" } else { "http" };
            let _ = say!(screen::stdout(), "Listening on {scheme}://{address}");
            if nobody {
                note("Nobody may ask yet: upline user add NAME --role ROLE, and upline token new NAME.");
            }
        });
        // It ends once the commands that it is doing are done.
        drop(answering);
        let ledger = writer.stop()?;
        snapshots::store(&ledger);
        Ok(served?)
    }
}
