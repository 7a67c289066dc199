//! Where the two clocks of a ledger can stand, and what happened to its policies month by month.

use crate::projection::{Projection, Seen};
use std::collections::BTreeMap;
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::Body;
use upline_core::time::{Day, Moment, Month};

/// What was recorded on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedDay {
    pub day: Day,
    /// How many events, those that the ledger derived among them.
    pub events: u64,
    /// The last of them.
    pub last: Position,
}

/// A period that was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// Its last day.
    pub through: Day,
    pub position: Position,
    pub recorded_at: Moment,
}

/// Where the two clocks of a ledger can stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The first and the last effective date.
    pub effective: Option<(Day, Day)>,
    /// The days on which something was recorded, in order.
    pub recorded: Vec<RecordedDay>,
    /// The periods that were closed, in the order of the log.
    pub closed: Vec<ClosedPeriod>,
}

impl Projection for Times {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { position, event, .. } = *seen;
        let (first, last) = self.effective.unwrap_or((event.on, event.on));
        self.effective = Some((first.min(event.on), last.max(event.on)));
        let day = event.recorded_at.day();
        match self.recorded.last_mut().filter(|recorded| recorded.day == day) {
            Some(recorded) => {
                recorded.events += 1;
                recorded.last = position;
            }
            None => self.recorded.push(RecordedDay { day, events: 1, last: position }),
        }
        if let Body::PeriodClosed = event.body {
            let (through, recorded_at) = (event.on, event.recorded_at);
            self.closed.push(ClosedPeriod { through, position, recorded_at });
        }
    }
}

/// How many policies were issued in a month, stopped and came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthOfPolicies {
    pub issued: u64,
    /// Lapsed, or terminated for another reason.
    pub stopped: u64,
    pub reinstated: u64,
}

/// What happened to policies month by month, up to a point.
#[derive(Clone, Debug)]
pub struct PolicyMonths {
    at: AsOf,
    /// By month; one in which nothing happened is missing.
    pub months: BTreeMap<Month, MonthOfPolicies>,
}

impl PolicyMonths {
    pub fn new(at: AsOf) -> PolicyMonths {
        PolicyMonths { at, months: BTreeMap::new() }
    }
}

impl Projection for PolicyMonths {
    fn apply(&mut self, seen: &Seen<'_>) {
        let Seen { position, event, .. } = *seen;
        if !self.at.sees(event.on, position) {
            return;
        }
        let counts: fn(&mut MonthOfPolicies) -> &mut u64 = match event.body {
            Body::PolicyIssued(_) => |month| &mut month.issued,
            Body::PolicyStopped(_) => |month| &mut month.stopped,
            Body::PolicyReinstated(_) => |month| &mut month.reinstated,
            _ => return,
        };
        *counts(self.months.entry(Month::of(event.on)).or_default()) += 1;
    }
}
