//! Quantities: read, compare, print. The only unit arithmetic; knows no field and no YAML.
//!
//! Grammar: Kubernetes `resource.Quantity` (decimal number, then nothing, `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, or an exponent).

use std::fmt;

/// CPU in billionths of a core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(pub u64);

/// An amount of memory that only the largest machines have, so that a hundred cores are plausible with it.
pub const MUCH_MEMORY: u64 = 100 << 30;

/// Memory or disk in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes; a fraction of a byte is rounded up.
    pub bytes: u64,
    /// The units it was written in.
    pub unit: Unit,
}

/// A share in billionths: `0.75` is 750 000 000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u64);

/// The family of units a quantity was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A bare number or an exponent.
    None,
    /// `n`, `u`, `m`: parts of one.
    Fraction,
    /// `k M G T P E`: powers of 1000.
    Decimal,
    /// `Ki Mi Gi Ti Pi Ei`: powers of 1024.
    Binary,
}

/// Why a quantity cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuantity {
    /// The message: lowercase, no full stop.
    pub why: String,
    /// A quantity that was probably meant.
    pub meant: Option<String>,
}

impl BadQuantity {
    fn new(why: impl Into<String>) -> BadQuantity {
        BadQuantity { why: why.into(), meant: None }
    }
}

/// An exact non-negative decimal: `digits` × 10^`exponent`.
#[derive(Clone, Copy, Debug)]
struct Decimal {
    digits: u128,
    exponent: i32,
}

impl Decimal {
    /// Reads `12`, `0.5`, `.5`, `5.`; nothing else.
    fn read(text: &str) -> Option<Decimal> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let mut digits: u128 = 0;
        for byte in whole.bytes().chain(part.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            // 30 significant digits are more than any quantity has; past that it is an overflow anyway
            digits = digits.checked_mul(10)?.checked_add(u128::from(byte - b'0'))?;
        }
        Some(Decimal { digits, exponent: -i32::try_from(part.len()).ok()? })
    }

    /// The number times `unit` × 10^`shift`, rounded up to a whole number.
    fn scaled(self, unit: u128, shift: i32) -> Option<u64> {
        let mut number = self.digits.checked_mul(unit)?;
        let exponent = self.exponent.checked_add(shift)?;
        if exponent >= 0 {
            for _ in 0..exponent.min(60) {
                number = number.checked_mul(10)?;
            }
        } else {
            let mut rest = false;
            for _ in 0..exponent.unsigned_abs().min(60) {
                rest |= number % 10 != 0;
                number /= 10;
            }
            number += u128::from(rest);
        }
        u64::try_from(number).ok().filter(|number| i64::try_from(*number).is_ok())
    }
}

struct ParsedQuantity {
    number: Decimal,
    unit: u128,
    shift: i32,
    family: Unit,
}

fn parse(text: &str) -> Result<ParsedQuantity, BadQuantity> {
    let written = text.trim();
    if written.is_empty() {
        return Err(BadQuantity::new("an empty quantity"));
    }
    if written.starts_with('-') {
        return Err(BadQuantity::new(format!("`{written}` is below zero")));
    }
    let text = written.strip_prefix('+').unwrap_or(written);
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, suffix) = text.split_at(split);
    let number = Decimal::read(digits).ok_or_else(|| no_number(written))?;
    let binary = |power: u32| Some((1u128 << (10 * power), 0, Unit::Binary));
    let decimal = |shift: i32, family| Some((1u128, shift, family));
    let found = match suffix {
        "" => decimal(0, Unit::None),
        "n" => decimal(-9, Unit::Fraction),
        "u" => decimal(-6, Unit::Fraction),
        "m" => decimal(-3, Unit::Fraction),
        "k" => decimal(3, Unit::Decimal),
        "M" => decimal(6, Unit::Decimal),
        "G" => decimal(9, Unit::Decimal),
        "T" => decimal(12, Unit::Decimal),
        "P" => decimal(15, Unit::Decimal),
        "E" => decimal(18, Unit::Decimal),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => suffix
            .strip_prefix(['e', 'E'])
            .and_then(|exponent| exponent.parse::<i32>().ok())
            .filter(|exponent| (-18..=18).contains(exponent))
            .map(|exponent| (1, exponent, Unit::None)),
    };
    let (unit, shift, family) = found.ok_or_else(|| unknown_unit(written, digits, suffix))?;
    Ok(ParsedQuantity { number, unit, shift, family })
}

fn no_number(text: &str) -> BadQuantity {
    let why = format!("`{text}` is not a quantity");
    // a unit in front, as in `Mi512`
    let split = text.find(|c: char| c.is_ascii_digit()).filter(|split| *split > 0);
    let meant = split.and_then(|split| text.split_at_checked(split)).map(|(unit, digits)| format!("{digits}{unit}"));
    BadQuantity { why, meant: meant.filter(|meant| parse(meant).is_ok()) }
}

/// The units that are read, as messages list them.
const UNITS: &str = "n u m, k M G T P E, Ki Mi Gi Ti Pi Ei";

fn unknown_unit(text: &str, digits: &str, suffix: &str) -> BadQuantity {
    let (spaced, suffix) = (suffix.starts_with(char::is_whitespace), suffix.trim());
    let known = UNITS.split([' ', ',']).any(|unit| !unit.is_empty() && unit == suffix);
    if spaced && known {
        let meant = Some(format!("{digits}{suffix}"));
        return BadQuantity { why: format!("`{text}` has a space before its unit"), meant };
    }
    if let Some(rest) = suffix.strip_prefix(',').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        let meant = format!("{digits}.{rest}");
        let meant = parse(&meant).is_ok().then_some(meant);
        return BadQuantity { why: format!("`{text}` has a comma; decimals are written with a point"), meant };
    }
    let meant = match suffix.to_ascii_lowercase().as_str() {
        "mcpu" | "mcpus" | "mcore" | "mcores" | "millicpu" | "millicpus" | "millicore" | "millicores" => Some("m"),
        "kb" | "kib" | "ki" => Some("Ki"),
        "mb" | "mib" | "mi" => Some("Mi"),
        "g" | "gb" | "gib" | "gi" => Some("Gi"),
        "t" | "tb" | "tib" | "ti" => Some("Ti"),
        "b" | "core" | "cores" | "cpu" | "cpus" | "vcpu" => Some(""),
        _ => None,
    };
    BadQuantity {
        why: format!("`{text}` has the unknown unit `{suffix}`; units are {UNITS}"),
        meant: meant.map(|unit| format!("{digits}{unit}")),
    }
}

impl Cpu {
    /// One core.
    pub const CORE: u64 = 1_000_000_000;

    /// Reads `500m`, `2`, `0.5`.
    ///
    /// # Errors
    /// Not a quantity, below zero, or too large.
    pub fn parse(text: &str) -> Result<Cpu, BadQuantity> {
        let parsed = parse(text)?;
        let nano = parsed.number.scaled(parsed.unit, parsed.shift + 9);
        nano.map(Cpu).ok_or_else(|| BadQuantity::new(format!("`{text}` is too large for a number of cores")))
    }

    /// Thousandths of a core, rounded up.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }

    /// Cores as a plain decimal: `0.5`, `2`.
    #[must_use]
    pub fn cores(self) -> String {
        decimal(u128::from(self.0), 9)
    }
}

impl fmt::Display for Cpu {
    /// As Kubernetes writes it: `500m`, `2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(Cpu::CORE) {
            write!(f, "{}", self.0 / Cpu::CORE)
        } else if self.0.is_multiple_of(1_000_000) {
            write!(f, "{}m", self.0 / 1_000_000)
        } else {
            write!(f, "{}n", self.0)
        }
    }
}

impl Memory {
    /// A number of bytes without a written form.
    #[must_use]
    pub fn bytes(bytes: u64) -> Memory {
        Memory { bytes, unit: Unit::None }
    }

    /// Reads `512Mi`, `4G`, `1000000`.
    ///
    /// # Errors
    /// Not a quantity, below zero, or too large.
    pub fn parse(text: &str) -> Result<Memory, BadQuantity> {
        let parsed = parse(text)?;
        let bytes = parsed.number.scaled(parsed.unit, parsed.shift);
        let bytes = bytes.ok_or_else(|| BadQuantity::new(format!("`{text}` is too large for a number of bytes")))?;
        Ok(Memory { bytes, unit: parsed.family })
    }
}

impl fmt::Display for Memory {
    /// In the largest unit that holds it exactly: `512Mi`, `4G`, `1000001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units: [(u64, &str); 8] = [
            (1 << 40, "Ti"),
            (1_000_000_000_000, "T"),
            (1 << 30, "Gi"),
            (1_000_000_000, "G"),
            (1 << 20, "Mi"),
            (1_000_000, "M"),
            (1 << 10, "Ki"),
            (1000, "k"),
        ];
        let exact = units.iter().find(|(size, _)| self.bytes >= *size && self.bytes.is_multiple_of(*size));
        match exact {
            Some((size, name)) => write!(f, "{}{name}", self.bytes / size),
            None => write!(f, "{}", self.bytes),
        }
    }
}

/// A sum of bytes for people: exact where a binary unit holds it, else two decimals of the largest one.
#[must_use]
pub fn bytes_text(bytes: u128) -> String {
    let Ok(small) = u64::try_from(bytes) else { return format!("{bytes}") };
    let exact = Memory::bytes(small).to_string();
    if exact.ends_with('i') || bytes < 1024 {
        return exact;
    }
    let (size, name) = match small {
        n if n >= 1 << 40 => (1u128 << 40, "Ti"),
        n if n >= 1 << 30 => (1u128 << 30, "Gi"),
        n if n >= 1 << 20 => (1u128 << 20, "Mi"),
        _ => (1u128 << 10, "Ki"),
    };
    format!("{}{name}", decimal(bytes * 100 / size, 2))
}

/// A sum of billionths of a core for people: `1.5`.
#[must_use]
pub fn cores_text(nano: u128) -> String {
    decimal(nano, 9)
}

/// `number` ÷ 10^`places` as a plain decimal without trailing zeros.
fn decimal(number: u128, places: usize) -> String {
    let digits = format!("{number:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

impl Share {
    /// The whole.
    pub const ONE: u64 = 1_000_000_000;

    /// Reads a plain decimal; more than nine places are rounded up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Share> {
        let (text, exponent) = match text.split_once(['e', 'E']) {
            Some((text, exponent)) => (text, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        Decimal::read(text)?.scaled(1, exponent.checked_add(9)?).map(Share)
    }

    /// In whole percent, rounded to the nearest.
    #[must_use]
    pub fn percent(self) -> u64 {
        const POINT: u64 = Share::ONE / 100;
        (self.0 + POINT / 2) / POINT
    }
}

impl fmt::Display for Share {
    /// At least two places: `0.75`, `0.50`, `1.00`, `0.909`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = decimal(u128::from(self.0), 9);
        let places = text.split_once('.').map_or(0, |(_, part)| part.len());
        match places {
            0 => write!(f, "{text}.00"),
            1 => write!(f, "{text}0"),
            _ => write!(f, "{text}"),
        }
    }
}
