//! Amounts in the API's notation. Knows no object.

use crate::plan::{Duration, Memory, Unit as Family, Val};
use crate::targets::LoweredPlan;

/// In the family of units in which it was written: `4G` stays `4G`.
pub(super) fn bytes(memory: Memory) -> String {
    let decimal: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")];
    let found = decimal.iter().find(|(size, _)| memory.bytes >= *size && memory.bytes.is_multiple_of(*size));
    match found {
        Some((size, name)) if memory.unit == Family::Decimal => format!("{}{name}", memory.bytes / size),
        _ => memory.to_string(),
    }
}

/// Whole seconds, rounded up; reports a lost fraction.
pub(super) fn whole_seconds(duration: Val<Duration>, what: &str, out: &mut LoweredPlan) -> u64 {
    let seconds = duration.value.as_seconds();
    if Duration::seconds(seconds) != duration.value && duration.written {
        let message =
            format!("{} is not a whole number of seconds, as {what} needs: {seconds}s is written", duration.value);
        out.lost(duration.at, message, format!("write {seconds}s"));
    }
    seconds
}
