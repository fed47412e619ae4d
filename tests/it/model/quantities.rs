//! Amounts, shares, durations and times of day: every unit by hand, every bound met exactly, and any number against whole-number arithmetic.

use proptest::prelude::*;
use scalegen::model::quantity::{Cpu, Memory, Share, Unit, bytes_text, cores_text};
use scalegen::model::time::{Day, Duration, TimeOfDay};

const UNITS: [(&str, i32, u32, Unit); 16] = [
    ("", 0, 0, Unit::None),
    ("n", -9, 0, Unit::Fraction),
    ("u", -6, 0, Unit::Fraction),
    ("m", -3, 0, Unit::Fraction),
    ("k", 3, 0, Unit::Decimal),
    ("M", 6, 0, Unit::Decimal),
    ("G", 9, 0, Unit::Decimal),
    ("T", 12, 0, Unit::Decimal),
    ("P", 15, 0, Unit::Decimal),
    ("E", 18, 0, Unit::Decimal),
    ("Ki", 0, 10, Unit::Binary),
    ("Mi", 0, 20, Unit::Binary),
    ("Gi", 0, 30, Unit::Binary),
    ("Ti", 0, 40, Unit::Binary),
    ("Pi", 0, 50, Unit::Binary),
    ("Ei", 0, 60, Unit::Binary),
];

fn bytes(text: &str) -> Option<u64> {
    Memory::parse(text).ok().map(|memory| memory.bytes)
}

/// Why a memory is refused, and what is offered instead.
fn refused(text: &str) -> (String, Option<String>) {
    let bad = Memory::parse(text).unwrap_err();
    (bad.why, bad.meant)
}

#[test]
fn every_unit_is_its_power() {
    for (unit, tens, twos, family) in UNITS {
        let one = format!("1{unit}");
        let power = if tens < 0 { 1 } else { 10u64.pow(tens.unsigned_abs()) << twos };
        let memory = Memory::parse(&one).unwrap();
        assert_eq!((memory.bytes, memory.unit), (power, family), "{one}");
        let nano = 10u128.pow((tens + 9).unsigned_abs()) << twos;
        let nano = u64::try_from(nano).ok().filter(|nano| i64::try_from(*nano).is_ok());
        assert_eq!(Cpu::parse(&one).ok(), nano.map(Cpu), "{one}");
    }
    for (text, wanted) in [
        ("1e3", 1000),
        ("1E3", 1000),
        ("1e+3", 1000),
        ("1500e-2", 15),
        ("1e18", 1_000_000_000_000_000_000),
        ("5000000000000000000e-18", 5),
        ("  +12Mi ", 12 << 20),
        (".5Ki", 512),
        ("5.", 5),
        ("007", 7),
        // a fraction of a byte is rounded up, a whole number is not
        ("1.5", 2),
        ("2.0", 2),
        ("1m", 1),
        ("1000m", 1),
        ("1001m", 2),
        ("10.0000000000000001", 11),
        ("0.1Ki", 103),
        ("0", 0),
        ("0.000n", 0),
        ("9223372036854775807", i64::MAX as u64),
    ] {
        assert_eq!(bytes(text), Some(wanted), "{text}");
    }
}

#[test]
fn what_is_no_quantity_is_refused_with_what_was_meant() {
    for text in ["9223372036854775808", "8Ei", "10E", "99999999999999999999999999999999999999999999", "1000e18"] {
        assert!(bytes(text).is_none(), "{text}");
    }
    assert_eq!(refused("16Ei").0, "`16Ei` is too large for a number of bytes");
    assert_eq!(Cpu::parse("10G").unwrap_err().why, "`10G` is too large for a number of cores");
    assert_eq!(refused(" ").0, "an empty quantity");
    assert_eq!(refused("-1Gi").0, "`-1Gi` is below zero");
    for text in [".", "1.2.3", "x", "Gi", "+", ".Gi", "++1", "1..2"] {
        assert_eq!(refused(text), (format!("`{text}` is not a quantity"), None));
    }
    for (unit, meant) in [
        ("kb", Some("Ki")),
        ("KB", Some("Ki")),
        ("KiB", Some("Ki")),
        ("ki", Some("Ki")),
        ("mb", Some("Mi")),
        ("MiB", Some("Mi")),
        ("mi", Some("Mi")),
        ("g", Some("Gi")),
        ("GB", Some("Gi")),
        ("gib", Some("Gi")),
        ("gi", Some("Gi")),
        ("t", Some("Ti")),
        ("TB", Some("Ti")),
        ("tib", Some("Ti")),
        ("ti", Some("Ti")),
        ("B", Some("")),
        ("core", Some("")),
        ("cores", Some("")),
        ("cpu", Some("")),
        ("CPUs", Some("")),
        ("vcpu", Some("")),
        ("K", None),
        ("x", None),
        ("e", None),
        ("e19", None),
        ("e-19", None),
        ("Mi3", None),
    ] {
        let why = format!("`1.5{unit}` has the unknown unit `{unit}`; units are n u m, k M G T P E, Ki Mi Gi Ti Pi Ei");
        assert_eq!(refused(&format!("1.5{unit}")), (why, meant.map(|unit| format!("1.5{unit}"))));
    }
    assert_eq!(refused("+1GB").0, "`+1GB` has the unknown unit `GB`; units are n u m, k M G T P E, Ki Mi Gi Ti Pi Ei");
    assert_eq!(refused("2 GB").1.as_deref(), Some("2Gi"));
}

#[test]
fn amounts_print_in_the_largest_unit_that_is_exact() {
    for (bytes, text) in [
        (0, "0"),
        (1, "1"),
        (999, "999"),
        (1000, "1k"),
        (1023, "1023"),
        (1024, "1Ki"),
        (1025, "1025"),
        (1_000_000, "1M"),
        (1_024_000, "1000Ki"),
        (1 << 20, "1Mi"),
        (3 << 19, "1536Ki"),
        (1_000_000_000, "1G"),
        (1 << 30, "1Gi"),
        (3 << 29, "1536Mi"),
        (1_000_000_000_000, "1T"),
        (1 << 40, "1Ti"),
        ((1 << 40) - (1 << 30), "1023Gi"),
        (5_000_000_000_000, "5T"),
        (u64::MAX, "18446744073709551615"),
    ] {
        assert_eq!(Memory::bytes(bytes).to_string(), text);
    }
    assert_eq!(Memory::bytes(7), Memory { bytes: 7, unit: Unit::None });
    for (nano, text, cores, millis) in [
        (0, "0", "0", 0),
        (1, "1n", "0.000000001", 1),
        (999_999, "999999n", "0.000999999", 1),
        (1_000_000, "1m", "0.001", 1),
        (1_000_001, "1000001n", "0.001000001", 2),
        (500_000_000, "500m", "0.5", 500),
        (1_000_000_000, "1", "1", 1000),
        (1_250_000_000, "1250m", "1.25", 1250),
        (20_000_000_000, "20", "20", 20_000),
    ] {
        let cpu = Cpu(nano);
        assert_eq!((cpu.to_string().as_str(), cpu.cores().as_str(), cpu.millis()), (text, cores, millis));
        assert_eq!(cores_text(nano.into()), cores);
    }
    for (bytes, text) in [
        (0, "0"),
        (1000, "1k"),
        (1023, "1023"),
        (1024, "1Ki"),
        (1025, "1Ki"),
        (1536, "1.5Ki"),
        (2_000, "1.95Ki"),
        ((1 << 20) - 1, "1023.99Ki"),
        ((1 << 20) + 1, "1Mi"),
        (1_500_000, "1.43Mi"),
        ((1 << 30) - 1, "1023.99Mi"),
        ((1 << 30) + 1, "1Gi"),
        (1_500_000_000, "1.39Gi"),
        ((1 << 40) - 1, "1023.99Gi"),
        ((1 << 40) + 1, "1Ti"),
        (1_500_000_000_000, "1.36Ti"),
        (3 << 29, "1536Mi"),
        (u128::from(u64::MAX), "16777215.99Ti"),
        (1 << 64, "18446744073709551616"),
    ] {
        assert_eq!(bytes_text(bytes), text, "{bytes}");
    }
}

#[test]
fn shares_are_exact_to_the_billionth() {
    for (text, share) in [
        ("0.75", 750_000_000),
        (".75", 750_000_000),
        ("1", Share::ONE),
        ("7.5e-1", 750_000_000),
        ("75E-2", 750_000_000),
        ("0.0000000001", 1),
        ("0.3333333333", 333_333_334),
        ("0", 0),
        ("2.5e1", 25_000_000_000),
    ] {
        assert_eq!(Share::parse(text), Some(Share(share)), "{text}");
    }
    for text in ["", "-0.5", "50%", "1e", "0.5x", "1e10000", "1e2147483647", "1 2"] {
        assert_eq!(Share::parse(text), None, "{text}");
    }
    for (share, text) in [
        (0, "0.00"),
        (500_000_000, "0.50"),
        (750_000_000, "0.75"),
        (909_000_000, "0.909"),
        (Share::ONE, "1.00"),
        (Share::ONE + 1, "1.000000001"),
        (12 * Share::ONE, "12.00"),
    ] {
        assert_eq!(Share(share).to_string(), text);
    }
}

#[test]
fn durations_go_from_large_to_small() {
    for (text, millis) in [
        ("0", 0),
        ("0s", 0),
        ("1ms", 1),
        ("90s", 90_000),
        ("1m", 60_000),
        ("1h30m", 5_400_000),
        ("1.5h", 5_400_000),
        (".5s", 500),
        ("5.s", 5000),
        ("1d", 86_400_000),
        ("1w2d3h4m5s6ms", 604_800_000 + 2 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5_006),
        (" 2m ", 120_000),
        // a part of a millisecond is rounded up
        ("0.1ms", 1),
        ("0.000000001s", 1),
        ("1.000000001s", 1001),
        ("3650d", 315_360_000_000),
    ] {
        assert_eq!(Duration::parse(text), Some(Duration(millis)), "{text}");
    }
    for text in [
        "",
        " ",
        "1",
        "s",
        ".s",
        "10z",
        "1m1h",
        "1m1m",
        "1s-1s",
        "1.2.3s",
        "0.0000000001s",
        "3650d1ms",
        "1 m",
        "-1s",
        "99999999999999999999999999999999999999999w",
        "9999999999999999999999999999999999999w",
    ] {
        assert_eq!(Duration::parse(text), None, "{text}");
    }
    for (millis, text, seconds) in [
        (0, "0s", 0),
        (1, "1ms", 1),
        (999, "999ms", 1),
        (1000, "1s", 1),
        (1001, "1s1ms", 2),
        (59_000, "59s", 59),
        (60_000, "1m", 60),
        (90_000, "1m30s", 90),
        (3_600_000, "1h", 3600),
        (90_061_001, "25h1m1s1ms", 90_062),
    ] {
        assert_eq!((Duration(millis).to_string().as_str(), Duration(millis).as_seconds()), (text, seconds));
    }
    assert_eq!(Duration::seconds(90), Duration(90_000));
    assert_eq!(Duration::seconds(u64::MAX), Duration(u64::MAX));
}

#[test]
fn times_of_day_end_at_midnight() {
    for (text, minutes, printed) in [
        ("00:00", 0, "00:00"),
        ("8:05", 485, "08:05"),
        ("08:05", 485, "08:05"),
        ("23:59", 1439, "23:59"),
        ("24:00", 1440, "24:00"),
    ] {
        let time = TimeOfDay::parse(text).unwrap();
        assert_eq!((time, time.to_string().as_str()), (TimeOfDay(minutes), printed), "{text}");
    }
    for text in [
        "", "8", "800", ":00", "8:", "8:5", "8:005", "008:00", "24:01", "25:00", "08:60", "a8:00", "8:a0", "+8:00",
        "8:+5", "-1:00", "08:00:00", " 8:00",
    ] {
        assert_eq!(TimeOfDay::parse(text), None, "{text}");
    }
    let words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    for (index, word) in (0u8..).zip(words) {
        assert_eq!(Day::parse(word), Some(Day(index)));
        assert_eq!(Day(index).word(), word);
    }
    assert_eq!(Day::parse("Mon"), None);
}

proptest! {
    #![proptest_config(crate::common::specs::cases(512))]

    /// A number with a unit is the exact product, rounded up to a whole byte or billionth of a core.
    #[test]
    fn a_quantity_is_its_exact_product(whole in 0u64..100_000, part in "[0-9]{0,12}", unit in 0usize..UNITS.len()) {
        let (name, tens, twos, _) = UNITS[unit];
        let text = format!("{whole}.{part}{name}");
        let digits: u128 = format!("{whole}{part}").parse().unwrap();
        // digits × 2^twos × 10^up ÷ 10^down; beyond 128 bits it is too large anyway
        let exact = |more: i32| {
            let exponent = tens + more - i32::try_from(part.len()).unwrap();
            let number = digits.checked_mul(1 << twos)?;
            let power = 10u128.checked_pow(exponent.unsigned_abs())?;
            let number = if exponent < 0 { number.div_ceil(power) } else { number.checked_mul(power)? };
            u64::try_from(number).ok().filter(|number| *number <= i64::MAX as u64)
        };
        prop_assert_eq!(bytes(&text), exact(0), "{}", text);
        prop_assert_eq!(Cpu::parse(&text).ok(), exact(9).map(Cpu), "{}", text);
    }

    /// What is printed reads back as the same amount.
    #[test]
    fn what_is_printed_reads_back(bits in 0u32..63, number in any::<u64>()) {
        let number = number >> (64 - bits).min(63);
        prop_assert_eq!(bytes(&Memory::bytes(number).to_string()), Some(number));
        prop_assert_eq!(Cpu::parse(&Cpu(number).to_string()), Ok(Cpu(number)));
        prop_assert_eq!(Share::parse(&Share(number).to_string()), Some(Share(number)));
        let length = Duration(number % 315_360_000_001);
        prop_assert_eq!(Duration::parse(&length.to_string()), Some(length));
    }
}
