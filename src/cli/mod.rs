//! What all commands share: the context that they are run in, the point in time, answers as tables, JSON and CSV, failures, files, progress bars.

pub mod allocator;
pub mod context;
pub mod failure;
pub mod files;
pub mod interrupt;
pub mod output;
pub mod point;
pub mod progress;
pub mod remote;
pub mod report;
pub mod screen;
pub mod signing;
