//! How many connections may be open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Lets this process open as many files and connections as the system allows it at the most; says how many.
pub fn allow_many() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is refused it runs with what it has.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current
}
