//! `upline salvage`

use crate::cli::context::Context;
use crate::cli::failure::{Failure, FileWrong};
use crate::cli::output::{NewDirectory, NewFile, SECRET};
use crate::cli::report::Format;
use crate::cli::screen::{self, note};
use serde_json::json;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use upline_core::event::Identity;
use upline_core::fact::{Body, CarrierAdded, Personal, ProducerAdded};
use upline_core::names::ByCode;
use upline_core::reference_data::Unknown;
use upline_core::time::Day;
use upline_formats::fact_line::write_fact;
use upline_ledger::backup::{Beside, Saved};
use upline_ledger::{Directory, KnownAt, Ledger, LedgerError, People, SystemClock};
use upline_views::Seen;

/// Write the facts of a damaged ledger that are still provably good to a file
///
/// From the first fact to the first damage, as lines that upline import --trust-recorded-at takes into an
/// empty ledger. Of a ledger that is whole: all of them. The ledger is not touched.
#[derive(clap::Args)]
pub struct Salvage {
    /// A new file for the facts
    #[arg(value_name = "OUT.jsonl")]
    out: PathBuf,
}

impl Salvage {
    /// Runs the command. Exit code 1 where something is lost.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let saved = Ledger::salvage(&context.dir, Box::new(SystemClock), &context.options)?;
        let position = saved.ledger.position();
        let cannot = |error: io::Error| FileWrong::Unwritten(error).of(&self.out);
        let mut file = NewFile::create(&self.out, false)?;
        let mut out = BufWriter::new(file.file());
        let facts = write_facts(&saved, &mut out)?;
        out.flush().map_err(cannot)?;
        drop(out);
        let beside = saved.beside()?;
        let folder = self.write_beside(&saved, &beside)?;
        file.place(SECRET)?;
        // What was acknowledged may be noted later than it is durable (a power cut, a writer at work): never earlier.
        let events = saved.acknowledged.is_some_and(|all| all <= position) && saved.behind == 0;
        let whole = events && beside.lost.is_empty();
        if context.format == Format::Json {
            let answer = json!({"facts": facts, "position": position, "root": saved.ledger.root().to_string(),
                "whole": whole, "acknowledged": saved.acknowledged, "ends": saved.ends, "behind": saved.behind,
                "names": saved.names.is_some(),
                "beside": {"folder": folder.as_ref().map(|folder| folder.display().to_string()),
                    "banks": beside.banks, "erased": beside.erased, "files": beside.files, "lost": beside.lost}});
            screen::json(&answer)?;
        } else {
            tell(&saved, facts, events, &self.out);
            tell_beside(&beside, folder.as_deref());
            if whole {
                note("Nothing is lost.");
            }
        }
        if whole { Ok(()) } else { Err(Failure::Refused) }
    }

    /// Writes what lies beside the log and is in no fact into a folder beside the file, where there is such.
    fn write_beside(&self, saved: &Saved, beside: &Beside) -> Result<Option<PathBuf>, Failure> {
        if beside.banks + beside.erased + beside.files == 0 {
            return Ok(None);
        }
        let mut folder = self.out.as_os_str().to_owned();
        folder.push(".beside");
        let folder = PathBuf::from(folder);
        let place = NewDirectory::create(&folder)?;
        saved.write_beside(place.partial())?;
        place.place()?;
        Ok(Some(folder))
    }
}

fn tell(saved: &Saved, facts: u64, whole: bool, out: &Path) {
    let (position, root) = (saved.ledger.position(), saved.ledger.root());
    note(&format!(
        "{facts} facts, up to position {position}, are in {}. Their root is {root}.",
        out.display()
    ));
    if whole {
        return;
    }
    match saved.acknowledged {
        Some(all) if all > position => {
            note(&format!(
                "Lost: events {} to {all}, that were acknowledged ({}).",
                position + 1,
                saved.ends
            ));
        }
        Some(_) => {}
        None => note(&format!(
            "How many events there were can no longer be read. The good part ends with position {position} ({}).",
            saved.ends
        )),
    }
    if saved.behind > 0 {
        note(&format!(
            "{} events behind the damage are whole, but what they name may have been introduced in what is lost: they \
             are not written down. A backup brings them back.",
            saved.behind
        ));
    }
}

/// What is in no fact: where it is, and what of it is lost.
fn tell_beside(beside: &Beside, folder: Option<&Path>) {
    if let Some(folder) = folder {
        let counted = [
            (beside.banks, "bank details of", "producers"),
            (beside.erased, "what was erased of", "names and notes"),
            (beside.files, "", "statements and profiles"),
        ];
        let said: Vec<String> = counted
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, of, what)| format!("{of} {count} {what}").trim().to_owned())
            .collect();
        note(&format!(
            "In no fact: {}. They are in {}: copy them into the new ledger once it holds the facts.",
            said.join(", "),
            folder.display()
        ));
    }
    beside.lost.iter().for_each(|lost| note(&format!("Lost: {lost}.")));
}

/// Writes every fact as a line, with the names that are kept; says how many.
fn write_facts(saved: &Saved, out: &mut impl Write) -> Result<u64, Failure> {
    let at = saved.ledger.point(Some(Day(i32::MAX)), KnownAt::Everything)?;
    let (mut line, mut facts, mut failed) = (String::new(), 0, Ok(()));
    let people = saved.names.as_ref().map(People::of).unwrap_or_default();
    saved.ledger.events(at, 1, |seen| {
        let Seen { reference, position, event, .. } = *seen;
        if matches!(event.identity, Identity::Caused { .. }) || failed.is_err() {
            return;
        }
        let named = people.named(event);
        let event = named.as_ref().unwrap_or(event);
        let Some(body) = reference.named_as_issued(&event.body) else {
            failed = Err(LedgerError::from(Unknown(position)).into());
            return;
        };
        line.clear();
        write_fact(event, &body, personal(saved.names.as_ref(), &body).as_ref(), &mut line);
        line.push('\n');
        facts += 1;
        failed = out.write_all(line.as_bytes()).map_err(Failure::from);
    })?;
    failed.map(|()| facts)
}

/// What the directory keeps of whom a fact adds.
fn personal(names: Option<&Directory>, body: &Body<ByCode>) -> Option<Personal> {
    let (kind, code) = match body {
        Body::CarrierAdded(CarrierAdded { carrier }) => ("carrier", carrier),
        Body::ProducerAdded(ProducerAdded { producer, .. }) => ("producer", producer),
        _ => return None,
    };
    let entry = names?.get(kind, code.as_str())?;
    Some(Personal { name: entry.name.clone(), npn: entry.npn.clone() })
}
