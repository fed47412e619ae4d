//! The one place that reads the clock: which day it is. Everything that asks is told from here.

use scalegen::check::settings::Day;
use std::time::{SystemTime, UNIX_EPOCH};

/// Today by UTC; a clock that stands before 1970 counts as that.
pub fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Day::since_epoch(since.as_secs() / 86_400)
}
