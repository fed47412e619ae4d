//! Compose's amounts: bytes, durations, decimal numbers. Knows no key.

/// Bytes as docker reads them (go-units `RAMInBytes`): `512m`, `1.5g`, `64MiB`, `1073741824`, `-1`; all units are powers of 1024.
/// `None` if it is not such a text.
#[must_use]
pub fn bytes(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let last = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, unit) = text.split_at(last + 1);
    let number = decimal(number.strip_suffix(' ').unwrap_or(number)).filter(|number| *number >= 0.0)?;
    let unit = unit.to_ascii_lowercase();
    let power = match unit.strip_suffix("ib").or(unit.strip_suffix('b')).unwrap_or(&unit) {
        "" if unit.len() < 2 => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let bytes = number * f64::from(1024u32).powi(power);
    #[expect(clippy::cast_possible_truncation, reason = "docker cuts the fraction off too; the bound is checked")]
    (bytes < 9.2e18).then_some(bytes as i64)
}

/// A finite decimal number; `_` may part its digits, as in Go.
#[must_use]
pub fn decimal(text: &str) -> Option<f64> {
    let plain = text.replace('_', "");
    let begins = plain.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    plain.parse().ok().filter(|number: &f64| begins && number.is_finite())
}

/// A duration in nanoseconds: `1m30s`, `1.5h`, `2d`, `0`. `None` if it is not such a text.
#[must_use]
pub fn duration(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(split);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let unit = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 6e10,
            "h" => 3.6e12,
            "d" => 8.64e13,
            "w" => 6.048e14,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * unit;
        rest = tail;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; the bound is checked")]
    (total < 9.2e18).then_some(total.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::{bytes, decimal, duration};

    #[test]
    fn bytes_are_powers_of_1024() {
        let cases = [
            ("512m", Some(512 << 20)),
            ("1.5g", Some(3 << 29)),
            ("64MiB", Some(64 << 20)),
            ("17179869184", Some(16 << 30)),
            ("-1", Some(-1)),
            ("300 mb", Some(300 << 20)),
            (".5g", Some(1 << 29)),
            ("1b", Some(1)),
            ("1.7b", Some(1)),
            ("16Gi", None),
            ("5bb", None),
            ("1EB", None),
            (" 1g", None),
            ("", None),
            (".", None),
            ("1..5g", None),
            ("infm", None),
            ("99999999999999999999p", None),
        ];
        for (text, expected) in cases {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn decimals_are_finite_and_begin_with_a_digit() {
        let cases = [
            ("1_0.5", Some(10.5)),
            ("-.5", Some(-0.5)),
            ("1e3", Some(1000.0)),
            ("inf", None),
            ("nan", None),
            ("1e999", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(decimal(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_have_units() {
        let second = 1_000_000_000;
        let cases = [
            ("90s", Some(90 * second)),
            ("1m30s", Some(90 * second)),
            ("1.5m", Some(90 * second)),
            ("1h1m1s1ms1us", Some(3661 * second + 1_001_000)),
            ("1d", Some(86_400 * second)),
            ("0", Some(0)),
            ("5", None),
            ("", None),
            ("s", None),
            ("5 s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text), expected, "{text}");
        }
    }
}
