//! The limits on what a line may hold. Beyond any of them it is refused as `malformed`.

/// The longest line of JSON, and the longest record of CSV, in bytes without the line's end (facts.md).
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// The longest free text (source, note, actor, name, npn, state, a reason, an approver), in bytes.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;
/// The most members of one object, whatever it holds; a fact has fewer than 20.
pub const MEMBERS_MAX: usize = 256;
/// The most items of one list, whatever it holds.
pub const ITEMS_MAX: usize = 256;
/// The most writing sides of a policy.
pub const WRITING_SIDES_MAX: usize = 32;
/// The most writing sides of a corrected chain: as many as a policy has.
pub const CHAIN_SIDES_MAX: usize = WRITING_SIDES_MAX;
/// The most places of one side of a corrected chain: as many as the ledger freezes.
pub const CHAIN_PLACES_MAX: usize = upline_core::book::CHAIN_PLACES_MAX;
/// The most levels of a grid.
pub const LEVELS_MAX: usize = 200;
/// The most bands of policy years of one level.
pub const BANDS_MAX: usize = 64;
/// The most rows of a grid's chargeback table.
pub const CHARGEBACK_ROWS_MAX: usize = 128;
/// The most tiers of a coverage plan.
pub const TIERS_MAX: usize = 64;
/// The most excluded reasons of a persistency definition.
pub const EXCLUDED_MAX: usize = 32;
/// The most months that one premium pays for (facts.md).
pub const PREMIUM_MONTHS_MAX: u8 = 120;
/// The most months that are paid in advance (facts.md).
pub const ADVANCE_MONTHS_MAX: u8 = 12;
/// The latest month of a persistency definition: a hundred years.
pub const PERSISTENCY_MONTHS_MAX: u16 = 1_200;
/// The highest age at issue, in years.
pub const ISSUE_AGE_YEARS_MAX: u8 = 150;
/// How much of a wrong value is shown in a refusal's sentence, in characters.
pub const SHOWN_CHARS_MAX: usize = 60;
/// How many lines are handed over together.
pub const CHUNK_LINES: usize = 1_000;
/// Fewer where they have so many bytes: what a chunk takes is bounded, whatever its lines are.
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// The most parts of one payout.
pub(crate) const PAYOUT_PARTS_MAX: usize = 4_096;
