//! The heap size that runtime flags set in a service's arguments and variables. Knows no limit and no file.
//!
//! Java: `-Xmx`, `-XX:MaxRAMPercentage`, `-XX:MaxMetaspaceSize`, `-XX:MaxDirectMemorySize` (the `java` command, JDK 21). Node:
//! `--max-old-space-size` in MiB (its command-line reference). Go: `GOMEMLIMIT` with units `B` to `TiB` (package runtime). Redis:
//! `--maxmemory`, where `k` is 1000 and `kb` 1024 bytes (redis.conf).

use super::Val;
use crate::support::source::{FieldSpan, FileSpan, Span};

/// Variables that a runtime reads by itself, whatever starts it.
const READ_BY_ITSELF: [&str; 4] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "GOMEMLIMIT"];

/// The heap that one text, or the words of one command, set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapFlag {
    /// The flag as written: `-Xmx4g`.
    pub flag: String,
    /// Its size.
    pub size: HeapSize,
    /// The place of the flag, as near as its text allows.
    pub at: FileSpan,
    /// Other memory that flags set: flag, bytes, place.
    pub beside: Vec<(String, u64, FileSpan)>,
    /// The variable that holds it, if only the image knows whether it reaches the runtime.
    pub variable: Option<String>,
}

/// How large a heap may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapSize {
    /// This many bytes.
    Bytes(u64),
    /// Thousandths of a percent of the limit.
    OfLimit(u64),
}

impl HeapFlag {
    /// The flag with a share of a limit, in thousandths of it; `None` if that is less than a mebibyte.
    #[must_use]
    pub fn with_share(&self, thousandths: u64, limit: u64) -> Option<String> {
        let bytes = u128::from(limit) * u128::from(thousandths) / 1000;
        let mebibytes = Some(bytes >> 20).filter(|mebibytes| *mebibytes > 0)?;
        // the text before the amount stays as written
        let (name, _) = self.flag.split_at(self.flag.find(|c: char| c.is_ascii_digit())?);
        Some(match self.size {
            HeapSize::OfLimit(_) => format!("{name}{}", thousandths / 10),
            HeapSize::Bytes(_) if name.starts_with("-X") => format!("{name}{mebibytes}m"),
            HeapSize::Bytes(_) if name.starts_with("GOMEMLIMIT") => format!("{name}{mebibytes}MiB"),
            HeapSize::Bytes(_) if name.starts_with("--maxmemory") => format!("{name}{mebibytes}mb"),
            HeapSize::Bytes(_) => format!("{name}{mebibytes}"),
        })
    }
}

impl HeapSize {
    /// The bytes under a limit.
    #[must_use]
    pub fn under(self, limit: u64) -> u64 {
        match self {
            HeapSize::Bytes(bytes) => bytes,
            HeapSize::OfLimit(share) => {
                u64::try_from(u128::from(limit) * u128::from(share) / 100_000).unwrap_or(u64::MAX)
            }
        }
    }
}

/// The heap that the words of a command set; the last flag of each kind counts.
#[must_use]
pub fn of_words(words: &[Val<String>]) -> Option<HeapFlag> {
    let texts = words.iter().map(|word| (word.value.as_str(), word.at));
    read(texts)
}

/// The heap that a variable sets.
#[must_use]
pub fn of_variable(name: &str, text: &str, at: FieldSpan) -> Option<HeapFlag> {
    if name == "GOMEMLIMIT" {
        let size = HeapSize::Bytes(go_bytes(text.trim())?);
        let flag = format!("GOMEMLIMIT={}", text.trim());
        return Some(HeapFlag { flag, size, at: at.place(), beside: Vec::new(), variable: None });
    }
    let found = read(std::iter::once((text, at)))?;
    let variable = (!READ_BY_ITSELF.contains(&name)).then(|| name.to_owned());
    Some(HeapFlag { variable, ..found })
}

fn read<'t>(texts: impl Iterator<Item = (&'t str, FieldSpan)>) -> Option<HeapFlag> {
    let mut heap: Option<(String, HeapSize, FileSpan)> = None;
    let mut beside: [Option<(String, u64, FileSpan)>; 2] = [None, None];
    let mut maxmemory: Option<FileSpan> = None;
    for (text, at) in texts {
        for token in text.split_ascii_whitespace() {
            let start = token.as_ptr() as usize - text.as_ptr() as usize;
            let token = token.trim_matches(['"', '\'', ',']);
            let place = place_of(at, text, start, token.len());
            if let (Some(from), Some(bytes)) = (maxmemory.take(), redis_bytes(token)) {
                heap = Some((format!("--maxmemory {token}"), HeapSize::Bytes(bytes), from));
                continue;
            }
            let flag = || token.to_owned();
            if let Some(size) = heap_of(token) {
                // a share holds only where no size is written (`Arguments::set_heap_size` of OpenJDK)
                let is_unused = matches!((&heap, &size), (Some((_, HeapSize::Bytes(_), _)), HeapSize::OfLimit(_)));
                if !is_unused {
                    heap = Some((flag(), size, place));
                }
            } else if token == "--maxmemory" {
                maxmemory = Some(place);
            } else if let Some(bytes) = token.strip_prefix("-XX:MaxMetaspaceSize=").and_then(java_bytes) {
                beside[0] = Some((flag(), bytes, place));
            } else if let Some(bytes) = token.strip_prefix("-XX:MaxDirectMemorySize=").and_then(java_bytes) {
                beside[1] = Some((flag(), bytes, place));
            }
        }
    }
    let (flag, size, at) = heap?;
    Some(HeapFlag { flag, size, at, beside: beside.into_iter().flatten().collect(), variable: None })
}

fn heap_of(token: &str) -> Option<HeapSize> {
    let bytes = |bytes: Option<u64>| bytes.map(HeapSize::Bytes);
    if let Some(text) = token.strip_prefix("-Xmx") {
        return bytes(java_bytes(text));
    }
    if let Some(text) = token.strip_prefix("-XX:MaxHeapSize=") {
        return bytes(java_bytes(text));
    }
    if let Some(text) = token.strip_prefix("-XX:MaxRAMPercentage=") {
        return thousandths(text).map(HeapSize::OfLimit);
    }
    if let Some(text) = token.strip_prefix("--max-old-space-size=").or(token.strip_prefix("--max_old_space_size=")) {
        return bytes(text.parse::<u64>().ok().and_then(|mebibytes| mebibytes.checked_mul(1 << 20)));
    }
    bytes(token.strip_prefix("--maxmemory=").and_then(redis_bytes))
}

/// `75`, `75.5` in thousandths.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part.parse().ok()?)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name))?;
    number.parse::<u64>().ok()?.checked_mul(*factor).filter(|bytes| *bytes > 0)
}

fn java_bytes(text: &str) -> Option<u64> {
    scaled(text, &[("", 1), ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("t", 1 << 40)])
}

fn go_bytes(text: &str) -> Option<u64> {
    scaled(text, &[("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)])
}

fn redis_bytes(text: &str) -> Option<u64> {
    let units = [("", 1), ("k", 1000), ("kb", 1 << 10), ("m", 1_000_000), ("mb", 1 << 20), ("g", 1_000_000_000)];
    scaled(text, &units).or_else(|| scaled(text, &[("gb", 1 << 30)]))
}

/// The place of a part of a text, if the file holds the text literally; else the place of all of it.
fn place_of(at: FieldSpan, text: &str, start: usize, length: usize) -> FileSpan {
    let whole = at.value.end.saturating_sub(at.value.start) as usize;
    let quotes = match whole.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return at.place(),
    };
    let first = at.value.start as usize + quotes + start;
    FileSpan { span: Span::new(first, first + length), ..at.place() }
}
