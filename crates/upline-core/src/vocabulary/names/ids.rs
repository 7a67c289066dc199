//! The dense numbers that stand for codes inside, and tables that are indexed by them.

use super::Code;
use hashbrown::HashMap;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

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
