//! Formats in and out of the ledger: facts as JSON lines and CSV, events as JSON lines, generated books.
//! Nothing here knows what a book holds; whether a fact fits in is for the ledger to say.
//!
//! A line becomes [`fields::Fields`], those become a fact, and what the fact says gets its canonical text
//! and id from `upline_core::content`.

mod approval;
pub mod bank;
pub mod carrier_statement;
pub mod checkpoint;
mod csv;
pub mod event_json;
pub mod export;
pub mod fact;
pub mod fact_json;
pub mod fact_line;
mod fact_types;
pub mod fields;
mod forms;
pub mod generate;
pub mod limits;
mod lines;
pub mod nacha;
pub mod options;
pub mod ordinals;
pub mod plain;
pub mod producer_statement;
pub mod proof;
pub mod proposal;
mod reading;
pub mod source;
pub mod table;
