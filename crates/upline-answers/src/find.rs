//! Finding producers and policies by a part of their code, number or name.

use crate::point::Point;
use crate::report::{Cell, Report};
use crate::scope::Scope;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use upline_core::event::Position;
use upline_core::reference_data::{Policy, ReferenceData};
use upline_ledger::{Directory, Ledger, LedgerError};

/// Rows of each kind that are found.
pub const FOUND_MAX: usize = 100;

/// What was found.
pub struct Found {
    pub producers: Report,
    pub policies: Report,
}

/// What fits a text, of what the log had introduced at a position and the asker may see. Neither case nor accents matter, and a policy is
/// found under every number that it had.
pub fn find(
    reference: &ReferenceData,
    names: &Directory,
    known: Position,
    scope: &Scope,
    text: &str,
) -> Found {
    let wanted = folded(text.trim());
    let fits = |text: &str| folded(text).contains(&wanted);
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
        let numbers = policy.restatements.iter().map(|restated| &restated.number).chain([&policy.number]);
        let mut names = numbers.map(|number| format!("{}/{number}", name.carrier));
        if !names.any(|name| fits(&name)) || !sees(policy) {
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

/// Everything that fits a text at a point, producers before policies.
pub fn everything(ledger: &Ledger, point: &Point, text: &str) -> Result<Report, LedgerError> {
    let at = point.at(ledger)?;
    let (reference, names) = (ledger.reference_data(at.known)?, ledger.directory()?);
    let Found { producers, policies } = find(&reference, &names, at.known, &Scope::Everybody, text);
    let producers = producers.rows.into_iter().map(|row| {
        let rest = [Cell::Null, Cell::Null, Cell::Null];
        [Cell::text("producer")].into_iter().chain(row).chain(rest).collect()
    });
    let policies = policies.rows.into_iter().map(|mut row| {
        // Of a policy no name is kept.
        row.insert(1, Cell::Null);
        [Cell::text("policy")].into_iter().chain(row).collect()
    });
    Ok(Report {
        title: format!("Found {}", point.words(at)),
        members: point.members(ledger, at)?,
        columns: vec!["kind", "code", "name", "product", "issued", "written_by"],
        rows: producers.chain(policies).collect(),
        nothing: "No producer and no policy fits.",
        ..Report::default()
    })
}

/// A text without case and accents.
fn folded(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn neither_case_nor_accents_matter() {
        for (one, other) in [("Núñez", "NUNEZ"), ("Ａ001", "a001"), ("Zoë Österreich", "zoe osterreich")]
        {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("Lee"), folded("Li"));
    }
}
