//! Finding producers and policies by a part of their code, number or name.

use crate::report::{Cell, Report};
use crate::scope::Scope;
use upline_core::event::Position;
use upline_core::reference_data::{Policy, ReferenceData};
use upline_ledger::Directory;

/// Rows of each kind that are found.
pub const FOUND_MAX: usize = 100;

/// What was found.
pub struct Found {
    pub producers: Report,
    pub policies: Report,
}

/// What fits a text, of what the log had introduced at a position and the asker may see. Case does not matter.
pub fn find(
    reference: &ReferenceData,
    names: &Directory,
    known: Position,
    scope: &Scope,
    text: &str,
) -> Found {
    let wanted = text.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let producers = reference.producers().iter().filter(|(_, code)| scope.sees(code));
    let producers = producers.filter_map(|(_, code)| {
        let name = names.producer(code).and_then(|entry| entry.name.clone());
        let found = fits(code.as_str()) || name.as_deref().is_some_and(fits);
        found.then(|| vec![Cell::text(code), Cell::optional(name)])
    });
    let mut producers: Vec<Vec<Cell>> = producers.take(FOUND_MAX).collect();
    producers.sort_by_key(|row| row.first().map(Cell::shown));
    let sees = |policy: &Policy| match scope {
        Scope::Everybody => true,
        Scope::Only(_) => policy
            .payees
            .iter()
            .any(|payee| reference.producers().name(payee.producer).is_some_and(|code| scope.sees(code))),
    };
    let policies = reference.policies().iter().filter(|(_, policy)| policy.position <= known);
    let policies = policies.filter_map(|(id, policy)| {
        let name = reference.policy_name(id)?;
        if !fits(&name.to_string()) || !sees(policy) {
            return None;
        }
        let writing = policy.writing.iter().filter_map(|(id, _)| reference.producers().name(*id));
        let writing = writing.filter(|code| scope.sees(code)).map(|code| code.to_string());
        Some(vec![
            Cell::text(name),
            Cell::text(&policy.product),
            Cell::text(policy.issue),
            Cell::Text(writing.collect::<Vec<_>>().join(", ")),
        ])
    });
    Found {
        producers: Report {
            columns: vec!["producer", "name"],
            rows: producers,
            nothing: "No producer fits.",
            ..Report::default()
        },
        policies: Report {
            columns: vec!["policy", "product", "issued", "written_by"],
            rows: policies.take(FOUND_MAX).collect(),
            nothing: "No policy fits.",
            ..Report::default()
        },
    }
}
