//! How much the allocator reserves ahead.

/// How many arenas threads share. Each takes 64 MiB of addresses ahead, and with one for each thread a small ledger could
/// not be opened under a limit of 512 MiB.
const ARENAS_MAX: i32 = 2;

/// Limits what is reserved ahead. To be called before there are threads.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code)]
pub fn reserve_little() {
    // SAFETY: mallopt reads its two numbers and sets one of the allocator's own; it takes the allocator's lock, keeps no
    // pointer, and gives none back. An unknown parameter changes nothing and returns 0.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, ARENAS_MAX) };
}

/// Other allocators reserve nothing that counts.
#[cfg(not(target_env = "gnu"))]
pub fn reserve_little() {}
