//! What things are called: codes given by people, and the dense numbers that stand for them inside.

use compact_str::CompactString;
use hashbrown::HashMap;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

/// A code such as `A001`, `C1`, `FE` or `110`: 1–64 of ASCII letters, digits and `-_.:` (facts.md).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(CompactString);

impl Code {
    /// The longest code, in characters.
    pub const CHARS_MAX: usize = 64;

    /// Reads a code. `None` when the text is none.
    pub fn parse(text: &str) -> Option<Code> {
        Self::of(text, |_| false)
    }

    /// Reads a policy number: a code that may also hold `/`.
    pub fn parse_policy_number(text: &str) -> Option<Code> {
        Self::of(text, |b| b == b'/')
    }

    fn of(text: &str, also: impl Fn(u8) -> bool) -> Option<Code> {
        let fits = (1..=Self::CHARS_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b) || also(b));
        fits.then(|| Code(CompactString::new(text)))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A policy as people name it: the carrier and the carrier's own number. Printed `C1/P-77`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName {
    /// The carrier's code.
    pub carrier: Code,
    /// The carrier's policy number.
    pub number: Code,
}

impl PolicyName {
    /// Reads `C/P`: the first `/` separates.
    pub fn parse(text: &str) -> Option<PolicyName> {
        let (carrier, number) = text.split_once('/')?;
        Some(PolicyName { carrier: Code::parse(carrier)?, number: Code::parse_policy_number(number)? })
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.carrier, self.number)
    }
}

/// How a fact or event names carriers, producers and policies: by code (as people do) or by dense id
/// (as the log and the views do). One set of bodies serves both; see [`crate::fact::Body`].
pub trait Naming: Clone + fmt::Debug + PartialEq {
    /// Names a carrier.
    type Carrier: Clone + fmt::Debug + PartialEq;
    /// Names a producer.
    type Producer: Clone + fmt::Debug + PartialEq;
    /// Names a policy.
    type Policy: Clone + fmt::Debug + PartialEq;
    /// What an issue freezes: nothing in a fact, the chain in an event.
    type Frozen: Clone + fmt::Debug + PartialEq;
}

/// Names as people give them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ByCode;

impl Naming for ByCode {
    type Carrier = Code;
    type Producer = Code;
    type Policy = PolicyName;
    type Frozen = ();
}

/// Dense ids: the n-th carrier, producer or policy that the log introduced, from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ById;

impl Naming for ById {
    type Carrier = CarrierId;
    type Producer = ProducerId;
    type Policy = PolicyId;
    type Frozen = crate::chain::FrozenChain;
}

/// A dense number that indexes a [`Table`].
pub trait Id: Copy + Eq + Hash + fmt::Debug {
    /// The id of this place.
    fn at(index: usize) -> Self;
    /// Its place.
    fn index(self) -> usize;
}

macro_rules! dense_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl Id for $name {
            fn at(index: usize) -> Self {
                // A table of four billion names does not fit into memory long before this saturates.
                $name(u32::try_from(index).unwrap_or(u32::MAX))
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

dense_id!(
    /// The n-th carrier that was added.
    CarrierId
);
dense_id!(
    /// The n-th producer that was added.
    ProducerId
);
dense_id!(
    /// The n-th policy that was issued.
    PolicyId
);
dense_id!(
    /// The n-th grid that was published.
    GridId
);

/// Rows found by their dense id.
#[derive(Clone, Debug)]
pub struct Table<I, T> {
    rows: Vec<T>,
    ids: PhantomData<I>,
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Table { rows: Vec::new(), ids: PhantomData }
    }
}

impl<I: Id, T> Table<I, T> {
    /// Adds a row and says its id.
    pub fn push(&mut self, row: T) -> I {
        self.rows.push(row);
        I::at(self.rows.len() - 1)
    }

    /// The row, if there is one of this id.
    pub fn get(&self, id: I) -> Option<&T> {
        self.rows.get(id.index())
    }

    /// The row, to be changed.
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.rows.get_mut(id.index())
    }

    /// How many rows there are; also the index of the next.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True without any row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows with their ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.rows.iter().enumerate().map(|(i, row)| (I::at(i), row))
    }
}

impl<I: Id, T: Default> Table<I, T> {
    /// The row of this id; rows up to it are made where they are missing.
    pub fn entry(&mut self, id: I) -> &mut T {
        let index = id.index();
        if index >= self.rows.len() {
            self.rows.resize_with(index + 1, T::default);
        }
        #[allow(clippy::indexing_slicing)] // grown to hold the index just above
        &mut self.rows[index]
    }
}

/// Codes and their dense ids, both ways.
#[derive(Clone, Debug)]
pub struct Names<I, K = Code> {
    codes: Table<I, K>,
    ids: HashMap<K, I>,
}

impl<I, K> Default for Names<I, K> {
    fn default() -> Self {
        Names { codes: Table::default(), ids: HashMap::new() }
    }
}

impl<I: Id, K: Clone + Eq + Hash> Names<I, K> {
    /// Gives the next id to a new name.
    pub fn add(&mut self, name: K) -> I {
        let id = self.codes.push(name.clone());
        self.ids.insert(name, id);
        id
    }

    /// The id of a name.
    pub fn find<Q>(&self, name: &Q) -> Option<I>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.ids.get(name).copied()
    }

    /// The name of an id.
    pub fn name(&self, id: I) -> Option<&K> {
        self.codes.get(id)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// True without any name.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// All names with their ids, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (I, &K)> {
        self.codes.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_plain() {
        for good in ["A", "C-1_x.y:z", "102.5", &"x".repeat(64)] {
            assert!(Code::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a b", "ä", "a/b", "a\n", &"x".repeat(65)] {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_first_slash_separates_carrier_and_policy() {
        let name = PolicyName::parse("C1/P/7").unwrap();
        assert_eq!((name.carrier.as_str(), name.number.as_str()), ("C1", "P/7"));
        assert_eq!(name.to_string(), "C1/P/7");
        assert!(PolicyName::parse("C1").is_none());
    }
}
