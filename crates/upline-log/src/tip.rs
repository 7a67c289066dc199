//! Where a log ends.

use crate::tree::{Root, Tree};
use upline_core::event::Position;
use upline_core::time::Moment;

/// Where a log ends: all that must be known of it to append to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tip {
    pub(crate) tree: Tree,
    pub(crate) recorded_at: Option<Moment>,
}

impl Tip {
    /// The position of the last event; 0 without any.
    pub fn position(&self) -> Position {
        self.tree.leaves()
    }

    /// When the last event was recorded.
    pub fn recorded_at(&self) -> Option<Moment> {
        self.recorded_at
    }

    /// The head of the tree over all events.
    pub fn root(&self) -> Root {
        self.tree.root()
    }
}
