//! Chance that is the same on every platform: one stream of numbers, integers only.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A stream of numbers that follows from its seed alone.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut bytes = [0; 32];
        for (byte, from) in bytes.iter_mut().zip(seed.to_le_bytes()) {
            *byte = from;
        }
        Dice(ChaCha8Rng::from_seed(bytes))
    }

    /// A number below `end`; 0 when that is 0. The bias of 2^-64 · end does not matter here.
    pub fn below(&mut self, end: usize) -> usize {
        let scaled = (u128::from(self.0.next_u64()) * end as u128) >> 64;
        usize::try_from(scaled).unwrap_or_default()
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i32, last: i32) -> i32 {
        let count = usize::try_from(last - first + 1).unwrap_or_default();
        first + i32::try_from(self.below(count)).unwrap_or_default()
    }

    /// True in so many of a thousand cases.
    pub fn per_mille(&mut self, chance: usize) -> bool {
        self.below(1000) < chance
    }

    /// One of several things; the default of its type when there are none.
    pub fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let index = self.below(from.len());
        from.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_follows_from_the_seed_on_every_platform() {
        let mut dice = Dice::new(42);
        let rolled: Vec<usize> = (0..8).map(|_| dice.below(1000)).collect();
        assert_eq!(rolled, [348, 285, 493, 367, 825, 67, 489, 266]);
        assert_eq!(Dice::new(1).below(0), 0);
        for _ in 0..1000 {
            assert!((-3..=3).contains(&dice.between(-3, 3)));
        }
    }
}
