//! The filters, tests and functions of policies, and how quantities are read and printed. Knows no expression and no spec.
//!
//! The list is closed: each takes time in proportion to what it is given, and none reads anything.

use super::types::Type;
use crate::model::quantity::{Cpu, Memory, bytes_text, cores_text};
use crate::model::time::Duration;
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, filters, tests};

/// Filters, in the order of the manual.
pub(super) const FILTERS: &[&str] = &[
    "cpu",
    "memory",
    "duration",
    "image_tag",
    "lower",
    "upper",
    "trim",
    "replace",
    "length",
    "count",
    "first",
    "last",
    "list",
    "sort",
    "unique",
    "join",
    "sum",
    "min",
    "max",
    "map",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "abs",
    "round",
    "int",
    "default",
];

/// Tests, in the order of the manual.
pub(super) const TESTS: &[&str] =
    &["defined", "undefined", "startingwith", "endingwith", "in", "eq", "ne", "lt", "le", "gt", "ge", "odd", "even"];

/// Functions, in the order of the manual.
pub(super) const FUNCTIONS: &[&str] = &["cpu", "memory", "duration"];

/// Gives an empty environment the words above.
pub(super) fn add(environment: &mut Environment<'static>) {
    for kind in [Type::Cpu, Type::Memory, Type::Duration] {
        let Some(name) = kind.unit() else { continue };
        let of = kind.clone();
        environment.add_function(name, move |value: &Value| {
            quantity(&of, &plain_text(value)).map_err(|(why, _)| Error::new(ErrorKind::InvalidOperation, why))
        });
        environment.add_filter(name, move |value: &Value| print(&kind, value));
    }
    environment.add_filter("image_tag", |image: &Value| match image.as_str() {
        Some(image) => Ok(image_tag(image).to_owned()),
        None => Err(Error::from(ErrorKind::UndefinedError)),
    });
    environment.add_filter("lower", filters::lower);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("length", filters::length);
    environment.add_filter("count", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("list", filters::list);
    environment.add_filter("sort", filters::sort);
    environment.add_filter("unique", filters::unique);
    environment.add_filter("join", filters::join);
    environment.add_filter("sum", filters::sum);
    environment.add_filter("min", filters::min);
    environment.add_filter("max", filters::max);
    environment.add_filter("map", filters::map);
    environment.add_filter("select", filters::select);
    environment.add_filter("reject", filters::reject);
    environment.add_filter("selectattr", filters::selectattr);
    environment.add_filter("rejectattr", filters::rejectattr);
    environment.add_filter("abs", filters::abs);
    environment.add_filter("round", filters::round);
    environment.add_filter("int", filters::int);
    environment.add_filter("default", filters::default);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("in", tests::is_in);
    environment.add_test("eq", tests::is_eq);
    environment.add_test("ne", tests::is_ne);
    environment.add_test("lt", tests::is_lt);
    environment.add_test("le", tests::is_le);
    environment.add_test("gt", tests::is_gt);
    environment.add_test("ge", tests::is_ge);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("even", tests::is_even);
    environment.set_formatter(emit);
}

/// Reads a quantity of a kind. If the text is none, returns why, and what was probably meant.
pub(super) fn quantity(kind: &Type, text: &str) -> Result<Value, (String, Option<String>)> {
    let bad = |bad: crate::model::quantity::BadQuantity| (bad.why, bad.meant);
    match kind {
        Type::Cpu => Cpu::parse(text).map(|cpu| Value::from(cpu.0)).map_err(bad),
        Type::Memory => Memory::parse(text).map(|memory| Value::from(memory.bytes)).map_err(bad),
        _ => Duration::parse(text).map(|duration| Value::from(duration.0)).ok_or_else(|| {
            (format!("`{}` is not a length of time, such as `90s` or `1h30m`", text.escape_debug()), None)
        }),
    }
}

/// A quantity, or a list of them, as the spec writes it.
fn print(kind: &Type, value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Ok(NOT_SET.to_owned());
    }
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        let items: Result<Vec<String>, Error> = value.try_iter()?.map(|item| print(kind, &item)).collect();
        return items.map(|items| items.join(", "));
    }
    let amount = i128::try_from(value.clone()).ok().or_else(|| whole(f64::try_from(value.clone()).ok()?));
    let amount = amount.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "only a quantity can be printed so"))?;
    let (sign, amount) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    let text = match (kind, u64::try_from(amount)) {
        // `16.1` is easier to read than `16100m`
        (Type::Cpu, Ok(nano)) if nano < Cpu::CORE => Cpu(nano).to_string(),
        (Type::Cpu, _) => cores_text(amount),
        (Type::Memory, Ok(bytes)) => {
            let exact = Memory::bytes(bytes).to_string();
            if exact.ends_with(|c: char| c.is_alphabetic()) { exact } else { bytes_text(amount) }
        }
        (Type::Memory, Err(_)) => bytes_text(amount),
        (_, millis) => Duration(millis.unwrap_or(u64::MAX)).to_string(),
    };
    Ok(format!("{sign}{text}"))
}

#[expect(clippy::cast_possible_truncation, reason = "within bounds")]
fn whole(number: f64) -> Option<i128> {
    (number.abs() < 1e30).then_some(number.round() as i128)
}

/// A single value as its spec would write it; `None` for a collection.
pub(super) fn spec_text(kind: &Type, value: &Value) -> Option<String> {
    match kind {
        Type::Cpu | Type::Memory | Type::Duration => print(kind, value).ok(),
        Type::Number | Type::Text | Type::Flag => Some(plain_text(value)),
        _ => None,
    }
}

/// What a message prints for an unset value.
pub(super) const NOT_SET: &str = "(not set)";

/// Prints one `{{ }}` of a message.
fn emit(out: &mut Output<'_>, _state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    out.write_str(&plain_text(value)).map_err(Error::from)
}

/// A value as people write it: `4` for `4.0`, `true`, a list with commas.
fn plain_text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => NOT_SET.to_owned(),
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::Number => match f64::try_from(value.clone()) {
            Ok(number) if !value.is_integer() => number.to_string(),
            _ => value.to_string(),
        },
        ValueKind::Seq | ValueKind::Iterable => match value.try_iter() {
            Ok(items) => items.map(|item| plain_text(&item)).collect::<Vec<_>>().join(", "),
            Err(_) => value.to_string(),
        },
        _ => value.to_string(),
    }
}

/// The tag of an image: `latest` if it has neither tag nor digest, nothing if it has only a digest.
fn image_tag(image: &str) -> &str {
    let (name, digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    // a colon before the last slash parts a port from a host
    let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
    match last.split_once(':') {
        Some((_, tag)) => tag,
        None if digest => "",
        None => "latest",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests_of_words {
    use super::{image_tag, print, quantity};
    use crate::check::policy::types::Type;
    use minijinja::Value;

    #[test]
    fn a_tag_is_what_a_registry_would_serve() {
        for (image, tag) in [
            ("nginx", "latest"),
            ("nginx:1.27", "1.27"),
            ("registry.example.com:5000/a/b", "latest"),
            ("registry.example.com:5000/a/b:2", "2"),
            ("a/b@sha256:00ff", ""),
            ("a/b:2@sha256:00ff", "2"),
        ] {
            assert_eq!(image_tag(image), tag, "{image}");
        }
    }

    #[test]
    fn quantities_are_printed_as_they_are_written() {
        for (kind, text) in [
            (Type::Cpu, "500m"),
            (Type::Cpu, "2"),
            (Type::Cpu, "16.1"),
            (Type::Memory, "32Gi"),
            (Type::Memory, "4G"),
            (Type::Duration, "1m30s"),
        ] {
            assert_eq!(print(&kind, &quantity(&kind, text).unwrap()).unwrap(), text);
        }
        assert_eq!(print(&Type::Memory, &Value::from(-(2i64 << 30))).unwrap(), "-2Gi");
        assert_eq!(print(&Type::Memory, &Value::from(1.5 * f64::from(1 << 30))).unwrap(), "1536Mi");
        assert_eq!(print(&Type::Cpu, &Value::from(u128::from(u64::MAX) * 1000)).unwrap(), "18446744073709.551615");
    }

    #[test]
    fn a_wrong_unit_says_what_was_meant() {
        assert_eq!(quantity(&Type::Memory, "32GB").unwrap_err().1.as_deref(), Some("32Gi"));
    }
}
