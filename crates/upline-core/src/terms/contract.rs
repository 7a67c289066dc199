//! Contracts of producers with carriers, effective-dated, and the chain that they form (rules §3).

use crate::recorded::event::Position;
use crate::terms::chain::AdvanceTerms;
use crate::vocabulary::as_of::AsOf;
use crate::vocabulary::names::{CarrierId, Code, ProducerId};
use crate::vocabulary::time::Day;
use hashbrown::HashMap;

/// A contract as it stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The level of the carrier's grids.
    pub level: Code,
    /// Under whom; none at the top.
    pub upline: Option<ProducerId>,
    /// What is paid in advance.
    pub advance: AdvanceTerms,
    /// The day of the release that ended it; policies of that day still count.
    pub ended: Option<Day>,
}

impl Contract {
    /// Whether a release has ended it before a day.
    pub fn is_released(&self, day: Day) -> bool {
        self.ended.is_some_and(|ended| ended < day)
    }
}

/// A step in the history of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContractStep {
    Begins(Contract),
    Changes {
        /// The new level, if it changes.
        level: Option<Code>,
        /// The new upline, if it changes.
        upline: Option<Option<ProducerId>>,
        /// The new advance terms, if they change.
        advance: Option<AdvanceTerms>,
    },
    /// It ends by a release.
    Ends,
}

#[derive(Clone, Debug)]
struct DatedStep {
    on: Day,
    position: Position,
    step: ContractStep,
}

/// All contracts with all their history.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    /// For each producer and carrier, the steps by effective date, then position.
    histories: HashMap<(ProducerId, CarrierId), Vec<DatedStep>>,
    /// Releases from all carriers at once.
    releases_from_all: HashMap<ProducerId, Vec<(Day, Position)>>,
    /// Who has any contract with a carrier, in the order of their first one.
    contracted: HashMap<CarrierId, Vec<ProducerId>>,
}

impl Contracts {
    /// Adds a step.
    pub fn add(
        &mut self,
        producer: ProducerId,
        carrier: CarrierId,
        on: Day,
        position: Position,
        step: ContractStep,
    ) {
        let history = self.histories.entry((producer, carrier)).or_default();
        if history.is_empty() {
            self.contracted.entry(carrier).or_default().push(producer);
        }
        let place = history.partition_point(|s| (s.on, s.position) <= (on, position));
        history.insert(place, DatedStep { on, position, step });
    }

    /// Adds a release from all carriers.
    pub fn end_all(&mut self, producer: ProducerId, on: Day, position: Position) {
        let releases = self.releases_from_all.entry(producer).or_default();
        let place = releases.partition_point(|release| *release <= (on, position));
        releases.insert(place, (on, position));
    }

    /// Whether the producer has a contract with any carrier that stands on a day.
    pub fn stands_anywhere(&self, producer: ProducerId, at: AsOf) -> bool {
        let mut carriers = self.histories.keys().filter(|(who, _)| *who == producer);
        carriers.any(|(_, carrier)| {
            self.at(producer, *carrier, at).is_some_and(|contract| !contract.is_released(at.effective))
        })
    }

    /// The contract of a producer with a carrier, as far as it can be seen.
    pub fn at(&self, producer: ProducerId, carrier: CarrierId, at: AsOf) -> Option<Contract> {
        let mut contract: Option<Contract> = None;
        let end = |contract: &mut Option<Contract>, on: Day| {
            if let Some(contract) = contract {
                contract.ended = contract.ended.or(Some(on));
            }
        };
        let steps = self.histories.get(&(producer, carrier))?;
        let all = self.releases_from_all.get(&producer).map_or(&[][..], Vec::as_slice);
        let seen = |on: Day, position: Position| at.sees(on, position);
        let mut all = all.iter().filter(|(on, position)| seen(*on, *position)).peekable();
        for dated in steps.iter().filter(|dated| seen(dated.on, dated.position)) {
            while let Some((on, _)) = all.next_if(|release| **release < (dated.on, dated.position)) {
                end(&mut contract, *on);
            }
            match &dated.step {
                ContractStep::Begins(begins) => contract = Some(begins.clone()),
                ContractStep::Changes { level, upline, advance } => {
                    // In effective order a change after the release would have been refused.
                    if let Some(standing) = contract.as_mut().filter(|c| !c.is_released(dated.on)) {
                        standing.level = level.clone().unwrap_or_else(|| standing.level.clone());
                        standing.upline = upline.unwrap_or(standing.upline);
                        standing.advance = advance.unwrap_or(standing.advance);
                    }
                }
                ContractStep::Ends => end(&mut contract, dated.on),
            }
        }
        all.for_each(|(on, _)| end(&mut contract, *on));
        contract
    }

    /// The next upline that is not released: a released one is passed over, its last upline is next.
    pub fn standing_upline(&self, contract: &Contract, carrier: CarrierId, at: AsOf) -> Option<ProducerId> {
        let mut upline = contract.upline?;
        // No loop can be contracted, so this ends; the bound is for a log that says otherwise.
        for _ in 0..self.contracted(carrier).len() {
            match self.at(upline, carrier, at) {
                Some(above) if above.is_released(at.effective) => upline = above.upline?,
                _ => return Some(upline),
            }
        }
        None
    }

    /// Whether a contract begins after a day.
    pub fn begins_after(&self, producer: ProducerId, carrier: CarrierId, day: Day) -> bool {
        self.histories.get(&(producer, carrier)).is_some_and(|steps| {
            steps.iter().any(|s| s.on > day && matches!(s.step, ContractStep::Begins(_)))
        })
    }

    /// Everybody who ever had a contract with a carrier.
    pub fn contracted(&self, carrier: CarrierId) -> &[ProducerId] {
        self.contracted.get(&carrier).map_or(&[], Vec::as_slice)
    }

    /// Whether `producer` under `upline` from a day on would close a loop on any date.
    ///
    /// Between two steps of the contracts involved nothing moves, so it is enough to look at the day
    /// itself and at the later days on which one of the uplines above changes.
    pub fn closes_loop(&self, producer: ProducerId, upline: ProducerId, carrier: CarrierId, on: Day) -> bool {
        let ever_above = self.ever_above(upline, carrier);
        if !ever_above.contains(&producer) {
            return false;
        }
        let mut days: Vec<Day> = ever_above
            .iter()
            .filter_map(|p| self.histories.get(&(*p, carrier)))
            .flat_map(|steps| steps.iter().map(|s| s.on))
            .filter(|day| *day > on)
            .collect();
        days.push(on);
        days.sort_unstable();
        days.dedup();
        // The new upline holds until the next step of the producer that names one.
        let until = self
            .histories
            .get(&(producer, carrier))
            .and_then(|steps| steps.iter().find(|s| s.on > on && names_upline(&s.step)).map(|s| s.on));
        days.into_iter()
            .take_while(|day| until.is_none_or(|until| *day < until))
            .any(|as_of| self.reaches(upline, producer, carrier, as_of, ever_above.len()))
    }

    fn reaches(
        &self,
        from: ProducerId,
        to: ProducerId,
        carrier: CarrierId,
        as_of: Day,
        steps_max: usize,
    ) -> bool {
        let at = AsOf::day(as_of);
        let mut above = Some(from);
        for _ in 0..=steps_max {
            match above {
                Some(here) if here == to => return true,
                Some(here) => above = self.at(here, carrier, at).and_then(|contract| contract.upline),
                None => return false,
            }
        }
        true
    }

    /// The producer and everybody who stands above it on any date.
    fn ever_above(&self, producer: ProducerId, carrier: CarrierId) -> Vec<ProducerId> {
        let mut found = vec![producer];
        let mut next = 0;
        while let Some(&here) = found.get(next) {
            next += 1;
            for dated in self.histories.get(&(here, carrier)).into_iter().flatten() {
                let upline = match &dated.step {
                    ContractStep::Begins(contract) => contract.upline,
                    ContractStep::Changes { upline, .. } => upline.flatten(),
                    ContractStep::Ends => None,
                };
                if let Some(upline) = upline.filter(|upline| !found.contains(upline)) {
                    found.push(upline);
                }
            }
        }
        found
    }
}

fn names_upline(step: &ContractStep) -> bool {
    matches!(step, ContractStep::Begins(_) | ContractStep::Changes { upline: Some(_), .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARRIER: CarrierId = CarrierId(0);

    fn begins(upline: Option<u32>) -> ContractStep {
        let level = Code::parse("100").unwrap();
        ContractStep::Begins(Contract {
            level,
            upline: upline.map(ProducerId),
            advance: AdvanceTerms::default(),
            ended: None,
        })
    }

    fn moves(upline: u32) -> ContractStep {
        ContractStep::Changes { level: None, upline: Some(Some(ProducerId(upline))), advance: None }
    }

    fn contracts(steps: &[(u32, i32, ContractStep)]) -> Contracts {
        let mut contracts = Contracts::default();
        for (position, (producer, on, step)) in steps.iter().enumerate() {
            contracts.add(ProducerId(*producer), CARRIER, Day(*on), position as Position + 1, step.clone());
        }
        contracts
    }

    #[test]
    fn a_loop_is_found_on_a_later_date_too() {
        // 1 under 0; from day 20 on, 0 is under 2. Then 2 under 1 closes a loop, but only from day 20.
        let book = contracts(&[
            (0, 0, begins(None)),
            (1, 0, begins(Some(0))),
            (2, 0, begins(None)),
            (0, 20, moves(2)),
        ]);
        let closes = |on| book.closes_loop(ProducerId(2), ProducerId(1), CARRIER, Day(on));
        assert!(closes(10) && closes(30));
        assert!(book.closes_loop(ProducerId(1), ProducerId(1), CARRIER, Day(0)));
    }

    #[test]
    fn no_loop_when_the_uplines_never_stand_at_once() {
        // 2 is under 1 only until day 10; 1 may go under 2 from day 10 on.
        let book = contracts(&[
            (0, 0, begins(None)),
            (1, 0, begins(Some(0))),
            (2, 0, begins(Some(1))),
            (2, 10, moves(0)),
        ]);
        assert!(!book.closes_loop(ProducerId(1), ProducerId(2), CARRIER, Day(10)));
        assert!(book.closes_loop(ProducerId(1), ProducerId(2), CARRIER, Day(9)));
    }

    #[test]
    fn a_late_change_counts_from_its_effective_date_and_only_once_known() {
        let book = contracts(&[(1, 0, begins(None)), (1, 30, moves(3)), (1, 10, moves(2))]);
        let upline = |as_of, known| {
            book.at(ProducerId(1), CARRIER, AsOf { effective: Day(as_of), known })
                .unwrap()
                .upline
                .map(|p| p.0)
        };
        assert_eq!(
            (upline(9, 9), upline(10, 9), upline(10, 2), upline(30, 9)),
            (None, Some(2), None, Some(3))
        );
    }
}
