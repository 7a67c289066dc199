//! The questions that a ledger answers.

use crate::desk::{caused_id, fact_id};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use std::collections::{BTreeMap, BTreeSet};
use upline_core::event::{Event, Identity, Position};
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, PolicyId, PolicyName, ProducerId};
use upline_core::persistency::{Basis, Tally};
use upline_core::posting::Posting;
use upline_core::register::Register;
use upline_core::time::{Day, Moment};
use upline_log::LogError;
use upline_views::accounts::Accounts;
use upline_views::balance::{self, Balances, By};
use upline_views::changes::{self, Changes};
use upline_views::coverage::{self, Counted, Decisions};
use upline_views::explain::{self, Explained};
use upline_views::hierarchy::{self, Below, Place};
use upline_views::index::IndexError;
use upline_views::overrides;
use upline_views::persistency::Scope;
use upline_views::{Fold, Point, replay_overrides, replay_standings, scan};
use uuid::Uuid;

/// What identifies an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Where it stands.
    pub position: Position,
    /// Its id.
    pub id: Uuid,
    /// Its type.
    pub type_name: &'static str,
    /// Its effective date.
    pub on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
}

/// A fold that keeps nothing: the register is all that is asked for.
struct Nothing;

impl Fold for Nothing {
    fn absorb(&mut self, _: &Register, _: Position, _: &Event, _: Option<PolicyId>, _: &[Posting]) {}
}

impl Ledger {
    /// What the log had introduced at a position.
    pub fn register(&self, known: Position) -> Result<Register, LedgerError> {
        Ok(scan(&*self.log, known, &mut Nothing)?)
    }

    /// Balances, of one producer or of all.
    pub fn balances(&self, at: Point, by: By, of: Option<&Code>) -> Result<Vec<balance::Row>, LedgerError> {
        if by != By::Policy
            && let Some(rows) = self.indexed_balances(at, by, of)?
        {
            return Ok(rows);
        }
        let mut balances = Balances::new(at, by);
        let register = scan(&*self.log, at.position, &mut balances)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let mut rows = balances.rows(&register);
        rows.retain(|row| of.is_none_or(|code| *code == row.producer));
        Ok(rows)
    }

    /// Balances from the index; `None` where there is none.
    fn indexed_balances(
        &self,
        at: Point,
        by: By,
        of: Option<&Code>,
    ) -> Result<Option<Vec<balance::Row>>, LedgerError> {
        let Some(index) = self.index()? else { return Ok(None) };
        if let Some(code) = of {
            index.producer(code, at.position).ok_or_else(|| unknown_producer(code))?;
        }
        match index.balances(&*self.log, at, by) {
            Ok(mut rows) => {
                rows.retain(|row| of.is_none_or(|code| *code == row.producer));
                Ok(Some(rows))
            }
            // What is derived from the log may be damaged; the answer is then added up from the log itself.
            Err(IndexError::Log(error @ LogError::Snapshot { .. })) => {
                tracing::warn!(%error, "answered without snapshots");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Every account that is not zero, debit positive, by name.
    pub fn accounts(&self, at: Point) -> Result<Vec<(String, Total)>, LedgerError> {
        let mut accounts = Accounts::new(at);
        let register = scan(&*self.log, at.position, &mut accounts)?;
        Ok(accounts.rows(&register))
    }

    /// Persistency by a definition, of one producer or of all; and what its weights are.
    pub fn persistency(
        &self,
        at: Point,
        definition: &Code,
        scope: Scope,
        of: Option<&Code>,
        with: Option<&Code>,
    ) -> Result<(Basis, Vec<(Code, Tally)>), LedgerError> {
        let (register, standings) = replay_standings(&*self.log, at.position)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let with = with.map(|code| carrier(&register, code)).transpose()?;
        let versions = register.definition(definition).unwrap_or(&[]);
        let in_force =
            versions.iter().filter(|row| row.on <= at.as_of).max_by_key(|row| (row.on, row.position));
        let Some(row) = in_force else {
            return Err(LedgerError::Question(format!(
                "unknown_definition: persistency definition {definition} is not defined as of {}",
                at.as_of
            )));
        };
        let mut rows = standings.measure(&register, at, &row.terms, scope, with)?;
        rows.retain(|(producer, _)| of.is_none_or(|code| code == producer));
        Ok((row.terms.basis, rows))
    }

    /// What each upline has over each writing producer, of entries dated from a day on.
    pub fn overrides(
        &self,
        at: Point,
        from: Option<Day>,
        of: Option<&Code>,
    ) -> Result<Vec<overrides::Row>, LedgerError> {
        let (register, overrides) = replay_overrides(&*self.log, at, from)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let mut rows = overrides.rows(&register);
        rows.retain(|row| of.is_none_or(|code| *code == row.upline));
        Ok(rows)
    }

    /// The frozen chain of a policy.
    pub fn chain(&self, at: Point, policy: &PolicyName) -> Result<Vec<Place>, LedgerError> {
        let register = self.register(at.position)?;
        let id = policy_id(&register, policy)?;
        Ok(hierarchy::chain(&register, id, at)?)
    }

    /// The hierarchy below a producer.
    pub fn downline(&self, at: Point, top: &Code, with: &Code) -> Result<Vec<Below>, LedgerError> {
        let register = self.register(at.position)?;
        let (top, with) = (producer_id(&register, top)?, carrier(&register, with)?);
        Ok(hierarchy::downline(&register, top, with, at))
    }

    /// The coverage decisions as they stand; with `explain`, each with the policies that were looked at.
    pub fn coverage(
        &self,
        at: Point,
        of: Option<&Code>,
        explain: bool,
    ) -> Result<Vec<(coverage::Row, Vec<Counted>)>, LedgerError> {
        let mut decisions = Decisions::new(at);
        let register = scan(&*self.log, at.position, &mut decisions)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let rows = decisions.rows(&register)?.into_iter();
        let mut answer = Vec::new();
        for row in rows.filter(|row| of.is_none_or(|code| *code == row.producer)) {
            let versions = register.definition(&row.decision.definition).unwrap_or(&[]);
            let version = versions.iter().find(|version| version.position == row.decision.definition_version);
            let counted = match version.filter(|_| explain) {
                Some(version) => decisions.counted(&register, &row, &version.terms)?,
                None => Vec::new(),
            };
            answer.push((row, counted));
        }
        Ok(answer)
    }

    /// Every entry of a policy with the event that made it and why; of one producer's accounts or of all.
    pub fn explain(
        &self,
        at: Point,
        policy: &PolicyName,
        of: Option<&Code>,
    ) -> Result<Vec<(Head, explain::Row)>, LedgerError> {
        let register = self.register(at.position)?;
        let id = policy_id(&register, policy)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let mut explained = Explained::new(at, id);
        scan(&*self.log, at.position, &mut explained)?;
        let mut rows = explained.rows();
        rows.retain(|row| of.is_none_or(|code| row.producer.as_ref() == Some(code)));
        let positions = rows.iter().flat_map(|row| [Some(row.position), row.cause]).flatten().collect();
        let heads = self.heads(&positions)?;
        let headed = |row: explain::Row| Some((heads.get(&row.position)?.clone(), row));
        Ok(rows.into_iter().filter_map(headed).collect())
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
        struct Heads<'a> {
            positions: &'a BTreeSet<Position>,
            found: BTreeMap<Position, Head>,
            text: String,
        }
        impl Fold for Heads<'_> {
            fn absorb(
                &mut self,
                register: &Register,
                position: Position,
                event: &Event,
                _: Option<PolicyId>,
                _: &[Posting],
            ) {
                if !self.positions.contains(&position) {
                    return;
                }
                let id = match event.identity {
                    Identity::Caused { by, ordinal } => {
                        self.found.get(&by).map(|cause| caused_id(cause.id, ordinal))
                    }
                    _ => fact_id(register, position, event, &mut self.text).ok().flatten().map(|(id, _)| id),
                };
                if let Some(id) = id {
                    let (type_name, on, recorded_at) = (event.body.type_name(), event.on, event.recorded_at);
                    self.found.insert(position, Head { position, id, type_name, on, recorded_at });
                }
            }
        }
        let mut heads = Heads { positions, found: BTreeMap::new(), text: String::new() };
        if let Some(last) = positions.last() {
            scan(&*self.log, *last, &mut heads)?;
        }
        Ok(heads.found)
    }

    /// Every event from a position through the point's, with what is known of names by then.
    pub fn events(
        &self,
        at: Point,
        from: Position,
        mut each: impl FnMut(&Register, Position, &Event, Option<PolicyId>, &[Posting]),
    ) -> Result<(), LedgerError> {
        struct Each<F>(Point, Position, F);
        impl<F: FnMut(&Register, Position, &Event, Option<PolicyId>, &[Posting])> Fold for Each<F> {
            fn absorb(
                &mut self,
                register: &Register,
                position: Position,
                event: &Event,
                policy: Option<PolicyId>,
                postings: &[Posting],
            ) {
                if position >= self.1 && self.0.sees(position, event) {
                    (self.2)(register, position, event, policy, postings);
                }
            }
        }
        scan(&*self.log, at.position, &mut Each(at, from, &mut each))?;
        Ok(())
    }
}

/// The producer of a code.
pub fn producer_id(register: &Register, code: &Code) -> Result<ProducerId, LedgerError> {
    register.producers().find(code).ok_or_else(|| unknown_producer(code))
}

fn unknown_producer(code: &Code) -> LedgerError {
    LedgerError::Question(format!("unknown_producer: producer {code} was never added"))
}

fn carrier(register: &Register, code: &Code) -> Result<CarrierId, LedgerError> {
    let unknown = || LedgerError::Question(format!("unknown_carrier: carrier {code} was never added"));
    register.carriers().find(code).ok_or_else(unknown)
}

/// The policy of a name.
pub fn policy_id(register: &Register, name: &PolicyName) -> Result<PolicyId, LedgerError> {
    let unknown = || LedgerError::Question(format!("unknown_policy: policy {name} was never issued"));
    register.policy_id(carrier(register, &name.carrier)?, &name.number).ok_or_else(unknown)
}
