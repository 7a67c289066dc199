//! The questions that a ledger answers.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::Named;
use std::collections::{BTreeMap, BTreeSet};
use upline_core::as_of::{AsOf, in_force};
use upline_core::event::{Identity, Position};
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, PolicyId, PolicyName, ProducerId};
use upline_core::persistency::{Basis, Tally};
use upline_core::premium_status::suspended;
use upline_core::reference_data::ReferenceData;
use upline_core::refusal::RefusalCode;
use upline_core::time::{Day, Moment};
use upline_log::LogError;
use upline_views::accounts::Accounts;
use upline_views::balance::{self, Balances, By};
use upline_views::changes::{self, Changes};
use upline_views::coverage::{self, Counted, Decisions};
use upline_views::event_ids::{caused_id, fact_id};
use upline_views::explain::{self, Explained};
use upline_views::hierarchy::{self, Below, Place};
use upline_views::index::{Index, IndexError};
use upline_views::overrides;
use upline_views::persistency::Scope;
use upline_views::{Seen, replay_overrides, replay_premium_histories, scan};
use uuid::Uuid;

/// What identifies an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Where it stands.
    pub position: Position,
    pub id: Uuid,
    pub type_name: &'static str,
    /// Its effective date.
    pub on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
}

/// What became of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExplainedPolicy {
    /// Its entries, each with the event that made it.
    pub entries: Vec<(Head, explain::ExplainedEntry)>,
    /// The premiums that posted nothing, as the policy was not in force.
    pub suspended: Vec<explain::SuspendedPremium>,
}

impl Ledger {
    /// What the log had introduced at a position.
    pub fn reference_data(&self, known: Position) -> Result<ReferenceData, LedgerError> {
        Ok(scan(&*self.log, known, &mut |_: &Seen<'_>| {})?)
    }

    /// Balances, of one producer or of all.
    pub fn balances(
        &self,
        at: AsOf,
        by: By,
        of: Option<&Code>,
    ) -> Result<Vec<balance::BalanceRow>, LedgerError> {
        if by != By::Policy
            && let Some(rows) = self.indexed_balances(at, by, of)?
        {
            return Ok(rows);
        }
        let mut balances = Balances::new(at, by);
        let mut reference = scan(&*self.log, at.known, &mut balances)?;
        reference.show_numbers_of(at.effective);
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let mut rows = balances.rows(&reference);
        rows.retain(|row| of.is_none_or(|code| *code == row.producer));
        Ok(rows)
    }

    /// Balances from the index; `None` where there is none.
    fn indexed_balances(
        &self,
        at: AsOf,
        by: By,
        of: Option<&Code>,
    ) -> Result<Option<Vec<balance::BalanceRow>>, LedgerError> {
        let answer = self.ask_index(|index, log| {
            let found = match of {
                Some(code) => {
                    let id = index.producer(code, at.known).ok_or_else(|| unknown_producer(code))?;
                    index.balances_of(log, at, id).map(|of_one| rows_of(index, code, by, of_one))
                }
                None => index.balances(log, at, by),
            };
            match found {
                Ok(rows) => Ok(Some(rows)),
                // What is derived from the log may be damaged; the answer is then added up from the log itself.
                Err(IndexError::Log(error @ LogError::Snapshot { .. })) => {
                    tracing::warn!(%error, "answered without snapshots");
                    Ok(None)
                }
                Err(error) => Err(error.into()),
            }
        })?;
        Ok(answer.flatten())
    }

    /// Every account that is not zero, debit positive, by name.
    pub fn accounts(&self, at: AsOf) -> Result<Vec<(String, Total)>, LedgerError> {
        let mut accounts = Accounts::new(at);
        let mut reference = scan(&*self.log, at.known, &mut accounts)?;
        reference.show_numbers_of(at.effective);
        Ok(accounts.rows(&reference))
    }

    /// Persistency by a definition, of one producer or of all; and what its weights are.
    pub fn persistency(
        &self,
        at: AsOf,
        definition: &Code,
        scope: Scope,
        of: Option<&Code>,
        with: Option<&Code>,
    ) -> Result<(Basis, Vec<(Code, Tally)>), LedgerError> {
        let (reference, premium_histories) = replay_premium_histories(&*self.log, at.known)?;
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let with = with.map(|code| carrier(&reference, code)).transpose()?;
        let versions = reference.definition(definition).unwrap_or(&[]);
        let Some(row) = in_force(versions, at) else {
            let message =
                format!("persistency definition {definition} is not defined as of {}", at.effective);
            return Err(LedgerError::unknown(RefusalCode::UnknownDefinition, "definition", message));
        };
        let mut rows = premium_histories.measure(&reference, at, &row.terms, scope, with)?;
        rows.retain(|(producer, _)| of.is_none_or(|code| code == producer));
        Ok((row.terms.basis, rows))
    }

    /// What each upline has over each writing producer, of entries dated from a day on.
    pub fn overrides(
        &self,
        at: AsOf,
        from: Option<Day>,
        of: Option<&Code>,
    ) -> Result<Vec<overrides::OverrideRow>, LedgerError> {
        let (reference, overrides) = replay_overrides(&*self.log, at, from)?;
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let mut rows = overrides.rows(&reference);
        rows.retain(|row| of.is_none_or(|code| *code == row.upline));
        Ok(rows)
    }

    /// The frozen chain of a policy.
    pub fn chain(&self, at: AsOf, policy: &PolicyName) -> Result<Vec<Place>, LedgerError> {
        let reference = self.reference_data(at.known)?;
        let id = policy_id(&reference, policy)?;
        Ok(hierarchy::chain(&reference, id, at)?)
    }

    /// The hierarchy below a producer.
    pub fn downline(&self, at: AsOf, top: &Code, with: &Code) -> Result<Vec<Below>, LedgerError> {
        let reference = self.reference_data(at.known)?;
        let (top, with) = (producer_id(&reference, top)?, carrier(&reference, with)?);
        Ok(hierarchy::downline(&reference, top, with, at))
    }

    /// The coverage decisions as they stand; with `explain`, each with the policies that were looked at.
    pub fn coverage(
        &self,
        at: AsOf,
        of: Option<&Code>,
        explain: bool,
    ) -> Result<Vec<(coverage::CoverageRow, Vec<Counted>)>, LedgerError> {
        let mut decisions = Decisions::new(at);
        let reference = scan(&*self.log, at.known, &mut decisions)?;
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let rows = decisions.rows(&reference)?.into_iter();
        let mut answer = Vec::new();
        for row in rows.filter(|row| of.is_none_or(|code| *code == row.producer)) {
            let versions = reference.definition(&row.decision.definition).unwrap_or(&[]);
            let version = versions.iter().find(|version| version.position == row.decision.definition_version);
            let counted = match version.filter(|_| explain) {
                Some(version) => decisions.counted(&reference, &row, &version.terms)?,
                None => Vec::new(),
            };
            answer.push((row, counted));
        }
        Ok(answer)
    }

    /// Every entry of a policy with the event that made it and why; of one producer's accounts or of all.
    pub fn explain(
        &self,
        at: AsOf,
        policy: &PolicyName,
        of: Option<&Code>,
    ) -> Result<ExplainedPolicy, LedgerError> {
        let reference = self.reference_data(at.known)?;
        let id = policy_id(&reference, policy)?;
        let of = of.map(|code| producer_id(&reference, code).map(|_| code)).transpose()?;
        let mut explained = Explained::new(at, id);
        scan(&*self.log, at.known, &mut Named { people: &self.people()?, projection: &mut explained })?;
        let suspended = explained.suspended();
        let mut rows = explained.rows();
        rows.retain(|row| of.is_none_or(|code| row.producer.as_ref() == Some(code)));
        let positions = rows.iter().flat_map(|row| [Some(row.position), row.cause]).flatten().collect();
        let heads = self.heads(&positions)?;
        let headed = |row: explain::ExplainedEntry| Some((heads.get(&row.position)?.clone(), row));
        Ok(ExplainedPolicy { entries: rows.into_iter().filter_map(headed).collect(), suspended })
    }

    /// Whether the premium of a policy that stands at a position went to suspense, as known now. For who records.
    pub fn is_suspended(&self, policy: &PolicyName, position: Position) -> Result<bool, LedgerError> {
        self.with_decider(|decider| {
            let book = decider.book();
            let id = policy_id(book.reference_data(), policy)?;
            let (facts, _) = book.policy(id).unzip();
            let suspended = suspended(facts.unwrap_or_default());
            Ok(suspended.iter().any(|(fact, _)| fact.position == position))
        })
    }

    /// What was recorded after one position and up to another that changed the balances as of a day.
    pub fn changes(
        &self,
        as_of: Day,
        after: Position,
        through: Position,
    ) -> Result<Vec<(Head, changes::Change)>, LedgerError> {
        let mut changes = Changes::new(as_of, after, through);
        scan(&*self.log, through, &mut changes)?;
        let rows = changes.rows();
        let positions = rows.iter().flat_map(|row| [Some(row.position), row.cause]).flatten().collect();
        let heads = self.heads(&positions)?;
        let headed = |row: changes::Change| Some((heads.get(&row.position)?.clone(), row));
        Ok(rows.into_iter().filter_map(headed).collect())
    }

    /// What identifies the events at some positions. Events of the ledger's own need their causes among them.
    fn heads(&self, positions: &BTreeSet<Position>) -> Result<BTreeMap<Position, Head>, LedgerError> {
        let (mut found, mut text) = (BTreeMap::new(), String::new());
        let mut head_of = |seen: &Seen<'_>| {
            let Seen { reference, position, event, .. } = *seen;
            if !positions.contains(&position) {
                return;
            }
            let id = match event.identity {
                Identity::Caused { by, ordinal } => {
                    found.get(&by).map(|cause: &Head| caused_id(cause.id, ordinal))
                }
                _ => fact_id(reference, position, event, &mut text).ok().flatten().map(|(id, _)| id),
            };
            if let Some(id) = id {
                let (type_name, on, recorded_at) = (event.body.type_name(), event.on, event.recorded_at);
                found.insert(position, Head { position, id, type_name, on, recorded_at });
            }
        };
        if let Some(last) = positions.last() {
            scan(&*self.log, *last, &mut head_of)?;
        }
        Ok(found)
    }

    /// Every event from a position through the point's, with what is known of names by then.
    pub fn events(
        &self,
        at: AsOf,
        from: Position,
        mut each: impl FnMut(&Seen<'_>),
    ) -> Result<(), LedgerError> {
        scan(&*self.log, at.known, &mut |seen: &Seen<'_>| {
            if seen.position >= from && at.sees(seen.event.on, seen.position) {
                each(seen);
            }
        })?;
        Ok(())
    }
}

/// The balances of one producer that are not zero, null first.
fn rows_of(
    index: &Index,
    code: &Code,
    by: By,
    of_one: Vec<(Option<CarrierId>, balance::Figures)>,
) -> Vec<balance::BalanceRow> {
    let mut sums: BTreeMap<Option<Code>, balance::Figures> = BTreeMap::new();
    for (carrier, figures) in of_one {
        let carrier = carrier.filter(|_| by != By::Producer).and_then(|id| index.carrier(id)).cloned();
        *sums.entry(carrier).or_default() += figures;
    }
    let rows = sums.into_iter().filter(|(_, figures)| !figures.is_zero());
    rows.map(|(carrier, figures)| balance::BalanceRow {
        producer: code.clone(),
        carrier,
        policy: None,
        figures,
    })
    .collect()
}

/// The producer of a code.
pub fn producer_id(reference: &ReferenceData, code: &Code) -> Result<ProducerId, LedgerError> {
    reference.producers().find(code).ok_or_else(|| unknown_producer(code))
}

pub fn unknown_producer(code: &Code) -> LedgerError {
    let message = format!("producer {code} was never added");
    LedgerError::unknown(RefusalCode::UnknownProducer, "producer", message)
}

fn carrier(reference: &ReferenceData, code: &Code) -> Result<CarrierId, LedgerError> {
    reference.carriers().find(code).ok_or_else(|| {
        let message = format!("carrier {code} was never added");
        LedgerError::unknown(RefusalCode::UnknownCarrier, "carrier", message)
    })
}

/// The policy of a name.
pub fn policy_id(reference: &ReferenceData, name: &PolicyName) -> Result<PolicyId, LedgerError> {
    reference.policy_id(carrier(reference, &name.carrier)?, &name.number).ok_or_else(|| {
        let message = format!("policy {name} was never issued");
        LedgerError::unknown(RefusalCode::UnknownPolicy, "policy", message)
    })
}
