//! Reads the clock: which day it is. No other file does.

use scalegen::check::settings::CalendarDay;
use std::time::{SystemTime, UNIX_EPOCH};

/// Today by UTC; a clock before 1970 counts as 1970.
pub fn today() -> CalendarDay {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    CalendarDay::since_epoch(since.as_secs() / 86_400)
}
