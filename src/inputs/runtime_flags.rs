//! Flags of language runtimes and servers that bound the memory they take. Knows no format.
//!
//! `-Xmx`, `-XX:MaxRAMPercentage`, `-XX:MaxMetaspaceSize`, `-XX:MaxDirectMemorySize` (OpenJDK, "The java Command"; a bare number is
//! bytes, `k`, `m`, `g`, `t` are powers of 1024; the last one of a flag holds). `--max-old-space-size` in MiB (Node.js, "Command-line
//! API"). `GOMEMLIMIT` (Go, package runtime: `B`, `KiB`, `MiB`, `GiB`, `TiB`). `--maxmemory` (Redis, `redis.conf`: `k` is 1000, `kb`
//! is 1024).

use crate::model::Val;

/// What a flag bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryFlag {
    /// The heap, in bytes.
    Heap(u64),
    /// The heap, in hundredths of a percent of the container's limit.
    HeapShare(u64),
    /// Memory beside the heap, in bytes: classes, buffers outside the heap.
    Beside(u64),
}

/// A flag as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFlag {
    /// What it bounds.
    pub flag: MemoryFlag,
    /// As it is written: `-Xmx512m`.
    pub text: String,
}

/// The flags of one text of a command or a variable, in the order written. `variable` is its name, empty for a command.
#[must_use]
pub fn memory_flags(variable: &str, text: &str) -> Vec<WrittenFlag> {
    if variable == "GOMEMLIMIT" {
        let flag = go_size(text.trim()).map(MemoryFlag::Heap);
        return flag
            .map(|flag| WrittenFlag { flag, text: format!("GOMEMLIMIT={}", text.trim()) })
            .into_iter()
            .collect();
    }
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')).collect();
    let mut all = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied();
        if let Some(flag) = one(word, next) {
            let (flag, joined) = flag;
            let text = if joined { (*word).to_owned() } else { format!("{word} {}", next.unwrap_or_default()) };
            all.push(WrittenFlag { flag, text });
        }
    }
    all
}

/// A flag, and whether its value is part of the same word.
fn one(word: &str, next: Option<&str>) -> Option<(MemoryFlag, bool)> {
    let joined = |flag: Option<MemoryFlag>| Some((flag?, true));
    if let Some(size) = word.strip_prefix("-Xmx") {
        return joined(java_size(size).map(MemoryFlag::Heap));
    }
    if let Some(flag) = word.strip_prefix("-XX:") {
        let (name, value) = flag.split_once('=')?;
        return joined(match name {
            "MaxHeapSize" => java_size(value).map(MemoryFlag::Heap),
            "MaxRAMPercentage" => percent(value).map(MemoryFlag::HeapShare),
            "MaxMetaspaceSize" | "MaxPermSize" | "MaxDirectMemorySize" | "ReservedCodeCacheSize" => {
                java_size(value).map(MemoryFlag::Beside)
            }
            _ => None,
        });
    }
    let name = word.split('=').next().unwrap_or_default();
    let value = word.split_once('=').map(|(_, value)| value);
    let read = match name.replace('_', "-").as_str() {
        "--max-old-space-size" => |text: &str| text.parse::<u64>().ok()?.checked_mul(1 << 20),
        "--maxmemory" => redis_size,
        _ => return None,
    };
    match value {
        Some(value) => Some((MemoryFlag::Heap(read(value)?), true)),
        None => Some((MemoryFlag::Heap(read(next?)?), false)),
    }
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = unit.to_ascii_lowercase();
    let (_, size) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*size).filter(|bytes| *bytes > 0)
}

fn java_size(text: &str) -> Option<u64> {
    scaled(text, &[("", 1), ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("t", 1 << 40)])
}

fn redis_size(text: &str) -> Option<u64> {
    let units = [
        ("", 1),
        ("b", 1),
        ("k", 1000),
        ("kb", 1 << 10),
        ("m", 1_000_000),
        ("mb", 1 << 20),
        ("g", 1_000_000_000),
        ("gb", 1 << 30),
    ];
    scaled(text, &units)
}

fn go_size(text: &str) -> Option<u64> {
    scaled(text, &[("", 1), ("b", 1), ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40)])
}

/// Hundredths of a percent.
fn percent(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let cents: u64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents).filter(|share| *share > 0)
}

/// The flags of a command and of variables that hold at once: of each text the last of its kind.
#[must_use]
pub fn last_flags<'t>(texts: impl Iterator<Item = (&'t str, &'t Val<String>)>) -> Vec<(String, Val<WrittenFlag>)> {
    let mut all = Vec::new();
    for (variable, text) in texts {
        let flags = memory_flags(variable, &text.value);
        let heap = |flag: &WrittenFlag| !matches!(flag.flag, MemoryFlag::Beside(_));
        let last = flags.iter().rposition(heap);
        let own = flags.into_iter().enumerate().filter(|(index, flag)| !heap(flag) || Some(*index) == last);
        all.extend(own.map(|(_, flag)| (variable.to_owned(), Val::new(flag, text.at))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{MemoryFlag, memory_flags};

    #[test]
    fn flags_are_read_as_the_runtimes_read_them() {
        let heap = |variable: &str, text: &str| {
            memory_flags(variable, text).into_iter().map(|flag| flag.flag).collect::<Vec<_>>()
        };
        assert_eq!(heap("", "java -Xms64m -Xmx1g -jar app.jar"), [MemoryFlag::Heap(1 << 30)]);
        assert_eq!(
            heap("JAVA_OPTS", "-Xmx512M -XX:MaxMetaspaceSize=64m"),
            [MemoryFlag::Heap(512 << 20), MemoryFlag::Beside(64 << 20)]
        );
        assert_eq!(heap("", "-XX:MaxRAMPercentage=75.5"), [MemoryFlag::HeapShare(7550)]);
        assert_eq!(heap("NODE_OPTIONS", "--max-old-space-size=2048"), [MemoryFlag::Heap(2048 << 20)]);
        assert_eq!(heap("", "node --max_old_space_size 512 server.js"), [MemoryFlag::Heap(512 << 20)]);
        assert_eq!(heap("GOMEMLIMIT", "900MiB"), [MemoryFlag::Heap(900 << 20)]);
        assert_eq!(heap("", "redis-server --maxmemory 256mb"), [MemoryFlag::Heap(256 << 20)]);
        assert_eq!(heap("", "redis-server --maxmemory 256m"), [MemoryFlag::Heap(256_000_000)]);
        assert_eq!(heap("GOMEMLIMIT", "off"), []);
        assert_eq!(heap("", "-Xmx -Xmxabc --max-old-space-size"), []);
    }
}
