//! Overrides: what each upline earns over each writing producer (rules §§3–6).

use crate::point::Point;
use crate::scan::Fold;
use hashbrown::HashMap;
use upline_core::event::{Event, Position};
use upline_core::money::Total;
use upline_core::names::{CarrierId, Code, PolicyId, ProducerId};
use upline_core::posting::{Kind, Party, Posting};
use upline_core::register::Register;
use upline_core::time::Day;

/// What an upline has over a writing producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// Earned, against advances and beyond them.
    pub earned: Total,
    /// Paid in advance.
    pub advanced: Total,
    /// Charged back.
    pub charged_back: Total,
    /// Of the advances, not yet earned.
    pub unearned: Total,
}

/// A row of overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who earns.
    pub upline: Code,
    /// Over whom.
    pub writing: Code,
    /// With which carrier.
    pub carrier: Code,
    /// How much.
    pub figures: Override,
}

type Key = (ProducerId, ProducerId, CarrierId);

/// Sums postings into overrides.
#[derive(Debug)]
pub struct Overrides {
    at: Point,
    from: Option<Day>,
    figures: HashMap<Key, Override>,
}

impl Overrides {
    /// Overrides at a point, of entries dated from a day on.
    pub fn new(at: Point, from: Option<Day>) -> Overrides {
        Overrides { at, from, figures: HashMap::new() }
    }

    /// Every upline's figures by ids.
    pub fn figures(&self) -> impl Iterator<Item = (Key, Override)> + '_ {
        self.figures.iter().map(|(key, figures)| (*key, *figures)).filter(|(_, f)| *f != Override::default())
    }

    /// The rows that are not zero, sorted by their keys.
    pub fn rows(&self, register: &Register) -> Vec<Row> {
        let named = |((upline, writing, carrier), figures): (Key, Override)| {
            Some(Row {
                upline: register.producers().name(upline)?.clone(),
                writing: register.producers().name(writing)?.clone(),
                carrier: register.carriers().name(carrier)?.clone(),
                figures,
            })
        };
        let mut rows: Vec<Row> = self.figures().filter_map(named).collect();
        rows.sort_by(|a, b| (&a.upline, &a.writing, &a.carrier).cmp(&(&b.upline, &b.writing, &b.carrier)));
        rows
    }
}

impl Fold for Overrides {
    fn absorb(
        &mut self,
        register: &Register,
        _: Position,
        _: &Event,
        _: Option<PolicyId>,
        postings: &[Posting],
    ) {
        let in_time = |p: &&Posting| self.at.counts(p) && self.from.is_none_or(|from| p.dated >= from);
        for posting in postings.iter().filter(in_time) {
            let Party::Payee(number) = posting.party else { continue };
            let Some(policy) = posting.policy.and_then(|id| register.policies().get(id)) else { continue };
            let Some(payee) = policy.payees.get(usize::from(number)).filter(|p| p.place > 0) else {
                continue;
            };
            let Some((writing, _)) = policy.writing.get(usize::from(payee.side)) else { continue };
            let figures = self.figures.entry((payee.producer, *writing, policy.carrier)).or_default();
            let amount = posting.amount;
            match posting.kind {
                Kind::Advance => {
                    figures.advanced += amount;
                    figures.unearned += amount;
                }
                Kind::EarnedAgainst => {
                    figures.earned += amount;
                    figures.unearned -= amount;
                }
                Kind::EarnedBeyond => figures.earned += amount,
                Kind::Chargeback => {
                    figures.charged_back += amount;
                    figures.unearned -= amount;
                }
                _ => {}
            }
        }
    }
}
