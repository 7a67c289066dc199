//! What is still to come, by the day on which it happens.

use upline_core::time::Day;

/// A queue of things by day. Those of one day come in the order in which they were put in. A day is taken
/// once: what is put in must lie ahead.
pub(crate) struct Calendar<T> {
    first: Day,
    days: Vec<Vec<T>>,
}

impl<T> Calendar<T> {
    /// A calendar of the days from `first` to `last`; what would come later never comes.
    pub fn new(first: Day, last: Day) -> Calendar<T> {
        let days = usize::try_from(last.0 - first.0 + 1).unwrap_or_default();
        Calendar { first, days: std::iter::repeat_with(Vec::new).take(days).collect() }
    }

    pub fn put(&mut self, day: Day, thing: T) {
        let index = usize::try_from(day.0 - self.first.0).unwrap_or_default();
        if let Some(things) = self.days.get_mut(index) {
            things.push(thing);
        }
    }

    /// Takes out what stands on a day so far.
    pub fn take(&mut self, day: Day) -> Vec<T> {
        let index = usize::try_from(day.0 - self.first.0).unwrap_or_default();
        self.days.get_mut(index).map(std::mem::take).unwrap_or_default()
    }
}
