//! The questions that a ledger answers.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use upline_core::event::{Event, Position};
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, PolicyId, PolicyName, ProducerId};
use upline_core::persistency::{Basis, Tally};
use upline_core::posting::Posting;
use upline_core::register::Register;
use upline_core::time::Day;
use upline_views::accounts::Accounts;
use upline_views::balance::{self, Balances, By};
use upline_views::hierarchy::{self, Below, Place};
use upline_views::overrides::{self, Overrides};
use upline_views::persistency::{Histories, Scope};
use upline_views::{Fold, Point, scan};

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
        let mut balances = Balances::new(at, by);
        let register = scan(&*self.log, at.position, &mut balances)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let mut rows = balances.rows(&register);
        rows.retain(|row| of.is_none_or(|code| *code == row.producer));
        Ok(rows)
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
        let mut histories = Histories::new(at);
        let register = scan(&*self.log, at.position, &mut histories)?;
        histories.sort();
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
        let mut rows = histories.measure(&register, &row.terms, scope, with)?;
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
        let mut fold = Overrides::new(at, from);
        let register = scan(&*self.log, at.position, &mut fold)?;
        let of = of.map(|code| producer_id(&register, code).map(|_| code)).transpose()?;
        let mut rows = fold.rows(&register);
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
    let unknown = || LedgerError::Question(format!("unknown_producer: producer {code} was never added"));
    register.producers().find(code).ok_or_else(unknown)
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
