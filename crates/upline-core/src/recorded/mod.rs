//! What the log keeps of a fact: the event, with its place and time, and the postings that it caused.

pub mod event;
pub mod posting;
