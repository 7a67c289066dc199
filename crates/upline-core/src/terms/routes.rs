//! Who is paid by whom, and what is assigned to whom, from a day on (pay.md §§1, 2, 4).

use crate::fact::{PaidBy, PaysLine};
use crate::terms::chain::Assigned;
use crate::vocabulary::as_of::{AsOf, Position, in_force};
use crate::vocabulary::names::{CarrierId, ProducerId};
use crate::vocabulary::time::Day;
use hashbrown::HashMap;

type Versions<T> = Vec<(Day, Position, T)>;

/// Whose route: a producer's or everybody's, with a carrier or with all.
type RouteKey = (Option<ProducerId>, Option<CarrierId>);

/// The house and the routes, effective-dated.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    house: Versions<Option<ProducerId>>,
    routes: HashMap<RouteKey, Versions<PaidBy>>,
    lines: HashMap<CarrierId, Versions<PaysLine>>,
}

impl Routes {
    pub(super) fn set_house(&mut self, on: Day, position: Position, house: Option<ProducerId>) {
        self.house.push((on, position, house));
    }

    pub(super) fn set_route(&mut self, key: RouteKey, on: Day, position: Position, paid_by: PaidBy) {
        self.routes.entry(key).or_default().push((on, position, paid_by));
    }

    pub(super) fn set_line(&mut self, carrier: CarrierId, on: Day, position: Position, line: PaysLine) {
        self.lines.entry(carrier).or_default().push((on, position, line));
    }

    /// Whom the lines of a carrier pay on a day. On a day without a house it is each payee.
    pub fn line_of(&self, carrier: CarrierId, on: Day) -> PaysLine {
        let of = self.lines.get(&carrier).and_then(|versions| in_force(versions, AsOf::day(on)));
        of.filter(|_| self.house_on(on).is_some()).map(|(.., line)| *line).unwrap_or_default()
    }

    /// Whether everybody is paid by the house on every day.
    pub fn is_trivial(&self) -> bool {
        self.house.is_empty() && self.routes.is_empty()
    }

    /// Who runs the ledger on a day: the latest by day, then position.
    pub fn house_on(&self, on: Day) -> Option<ProducerId> {
        in_force(&self.house, AsOf::day(on)).and_then(|(.., house)| *house)
    }

    /// By whom a producer is paid on a day what a carrier's policies earn it. Its own route goes before everybody's, of
    /// these the one for the carrier before the one for all. The house is paid by nobody else.
    pub fn paid_by(&self, producer: ProducerId, carrier: CarrierId, on: Day) -> PaidBy {
        if self.routes.is_empty() || self.house_on(on) == Some(producer) {
            return PaidBy::House;
        }
        let (whose, whom) = ([Some(producer), None], [Some(carrier), None]);
        let keys = whose.into_iter().flat_map(|who| whom.map(|with| (who, with)));
        let mut found = keys.filter_map(|key| {
            let versions = self.routes.get(&key)?;
            in_force(versions, AsOf::day(on)).map(|(.., paid_by)| *paid_by)
        });
        found.next().unwrap_or_default()
    }
}

/// Commissions that producers assigned, effective-dated.
#[derive(Clone, Debug, Default)]
pub struct Assignments {
    versions: HashMap<(ProducerId, CarrierId), Versions<Option<Assigned>>>,
}

impl Assignments {
    pub(super) fn set(
        &mut self,
        producer: ProducerId,
        carrier: CarrierId,
        on: Day,
        position: Position,
        assigned: Option<Assigned>,
    ) {
        self.versions.entry((producer, carrier)).or_default().push((on, position, assigned));
    }

    /// What a producer assigns with a carrier on a day, as far as it can be seen.
    pub fn at(&self, producer: ProducerId, carrier: CarrierId, at: AsOf) -> Option<Assigned> {
        in_force(self.versions.get(&(producer, carrier))?, at).and_then(|(.., assigned)| *assigned)
    }
}
