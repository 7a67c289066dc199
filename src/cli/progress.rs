//! Progress of long work, on stderr, and only where somebody watches.

use crate::cli::remote;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// A bar over a known length; without one a counter.
pub fn bar(what: &'static str, length: Option<u64>, template: &str) -> ProgressBar {
    let bar = match length {
        Some(length) => ProgressBar::new(length),
        None => ProgressBar::new_spinner(),
    };
    // Draws nothing where stderr is no terminal, and nothing for work that is done before its first tick.
    // Whoever asks another process for it sees no bar.
    bar.set_draw_target(match remote::current() {
        Some(_) => ProgressDrawTarget::hidden(),
        None => ProgressDrawTarget::stderr_with_hz(10),
    });
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
