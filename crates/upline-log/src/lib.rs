//! The immutable log: what was recorded, in order, for ever.
//!
//! # Shape
//! An event is encoded into bytes of its own ([`event_bytes`]); these bytes are a leaf of a Merkle tree
//! ([`Tree`]). Events that follow each other are compressed together into a [`Block`] of at most
//! [`BLOCK_BYTES_MAX`], the only thing that a store ever keeps. An [`Encoder`] makes blocks, on whatever
//! thread; an [`EventLog`] appends and reads them; a [`Decoder`] turns them back into events.
//!
//! # Correctness
//! Positions are gapless from 1. `recorded_at` never decreases. What `append` returned is on disk. Where an
//! event lies, and in how large a block, changes neither its bytes nor its position nor any hash.
//! `docs/log-format.md` describes every byte.

mod acknowledged;
mod block;
mod block_file;
mod codec;
mod copy;
mod decoder;
pub mod disk;
mod disk_log;
mod encoder;
mod engine;
mod error;
mod examine;
mod lock;
mod log;
pub mod log_file;
mod memory_log;
mod numbers;
mod postings;
mod proof;
mod repack;
mod salvage;
mod sled_closed;
mod sled_log;
mod sled_slots;
mod sled_store;
mod tip;
mod tree;
mod wire;

pub use block::{BLOCK_BYTES_MAX, Block, FORMAT, RAW_BYTES_MAX};
pub use copy::copy_log;
pub use decoder::Decoder;
pub use disk_log::DiskLog;
pub use encoder::{Encoder, Sealed};
pub use engine::{Engine, open_log, open_log_to_read, open_log_untouched};
pub use error::LogError;
pub use examine::{Examined, Property, Verified, examine};
pub use lock::OpenOptions;
pub use log::{Batches, Blocks, EventLog, LogReader};
pub use memory_log::MemoryLog;
pub use proof::{PROOF_HASHES_MAX, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
pub use repack::SMALL_BLOCKS_MAX;
pub use salvage::{Salvaged, salvage, salvage_any};
pub use sled_log::SledLog;
pub use tip::Tip;
pub use tree::{HASH_BYTES, Hash, Root, Tree};
pub use wire::{event_bytes, event_from_bytes};
