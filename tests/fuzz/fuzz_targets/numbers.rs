//! Text as a quantity, a duration, a time, a share and an instant: what is read prints as something that reads the same.
#![no_main]

use scalegen::inputs::compose::project::amounts;
use scalegen::model::instant::Instant;
use scalegen::model::quantity::{Cpu, Memory, Share, bytes_text, cores_text};
use scalegen::model::time::{Day, Duration, TimeOfDay};

/// `digits.digits` × factor ÷ 10^down, rounded up, in plain long arithmetic; none where it does not fit.
fn reference(text: &str, suffixes: &[(&str, u128, u32)]) -> Option<u128> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (_, factor, down) = suffixes.iter().find(|(name, ..)| *name == suffix)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() || part.contains('.') || whole.len() > 18 || part.len() > 12 {
        return None;
    }
    let digits: u128 = format!("0{whole}{part}").parse().ok()?;
    let down = 10u128.pow(*down + u32::try_from(part.len()).ok()?);
    Some(digits.checked_mul(*factor)?.div_ceil(down))
}

scalegen_fuzz::target!(run);

/// As in Kubernetes a quantity is at most what 63 bits hold.
fn fits(number: u128) -> Option<u128> {
    i64::try_from(number).ok().and_then(|number| u128::try_from(number).ok())
}

fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    const G: u128 = 1_000_000_000;
    if let Some(nano) = reference(text, &[("", G, 0), ("m", G, 3), ("u", G, 6), ("n", G, 9), ("k", 1000 * G, 0)]) {
        let read = Cpu::parse(text).ok().map(|cpu| u128::from(cpu.0));
        assert_eq!(read, fits(nano), "cpu {text:?}");
    }
    let units = [
        ("", 1, 0),
        ("m", 1, 3),
        ("k", 1000, 0),
        ("M", 1_000_000, 0),
        ("G", G, 0),
        ("Ki", 1 << 10, 0),
        ("Mi", 1 << 20, 0),
        ("Gi", 1 << 30, 0),
        ("Ti", 1 << 40, 0),
        ("Pi", 1 << 50, 0),
        ("Ei", 1 << 60, 0),
    ];
    if let Some(bytes) = reference(text, &units) {
        let read = Memory::parse(text).ok().map(|memory| u128::from(memory.bytes));
        assert_eq!(read, fits(bytes), "memory {text:?}");
    }
    match Cpu::parse(text) {
        Ok(cpu) => {
            assert_eq!(Cpu::parse(&cpu.to_string()), Ok(cpu), "cpu {text:?} prints {cpu}");
            assert_eq!(Cpu::parse(&cpu.cores()), Ok(cpu), "cores of {text:?}");
            assert_eq!(cores_text(u128::from(cpu.0)), cpu.cores());
            assert!(u128::from(cpu.millis()) * 1_000_000 >= u128::from(cpu.0));
        }
        Err(bad) => assert!(!bad.why.is_empty()),
    }
    if let Ok(memory) = Memory::parse(text) {
        assert_eq!(Memory::parse(&memory.to_string()).map(|read| read.bytes), Ok(memory.bytes), "memory {text:?}");
        let people = bytes_text(u128::from(memory.bytes));
        assert!(Memory::parse(&people).is_ok_and(|read| read.bytes <= memory.bytes), "{text:?} for people is {people}");
    }
    if let Some(share) = Share::parse(text) {
        assert_eq!(Share::parse(&share.to_string()), Some(share), "share {text:?}");
    }
    if let Some(duration) = Duration::parse(text) {
        assert_eq!(Duration::parse(&duration.to_string()), Some(duration), "duration {text:?} prints {duration}");
        assert!(u128::from(duration.as_seconds()) * 1000 >= u128::from(duration.0));
    }
    if let Some(time) = TimeOfDay::parse(text) {
        assert!(time.0 <= 1440);
        assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time), "time {text:?}");
    }
    if let Some(day) = Day::parse(text) {
        assert_eq!(day.word(), text);
    }
    if let Ok(instant) = Instant::parse(text) {
        let printed = instant.rfc3339();
        assert_eq!(Instant::parse(&printed).map(|read| read.rfc3339()), Ok(printed), "instant {text:?}");
    }
    let _ = (amounts::bytes(text), amounts::duration(text));
}
