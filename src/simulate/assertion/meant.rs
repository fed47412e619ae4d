//! What the text of an assertion that cannot be parsed was meant to be: the words of other tools and slips of the hand.

use crate::simulate::results::{NumberKind, NumberName, name};

/// The comparisons that are understood, longest first, each with what is written here.
const COMPARISONS: [(&str, &str); 9] = [
    ("<=", "<="),
    (">=", ">="),
    ("=<", "<="),
    ("=>", ">="),
    ("==", "<="),
    ("≤", "<="),
    ("≥", ">="),
    ("<", "<"),
    (">", ">"),
];

/// How the text would be right, as `is_right` decides; `None` where that is not clear.
pub fn meant_assertion(text: &str, is_right: impl Fn(&str) -> bool) -> Option<String> {
    let parts: Vec<&str> = [" and ", " AND ", "&&", ",", ";"]
        .into_iter()
        .find(|word| text.contains(word))
        .map_or_else(|| vec![text], |word| text.split(word).collect());
    let mended: Vec<String> = parts.into_iter().map(meant_part).collect::<Option<_>>()?;
    if !mended.iter().all(|one| is_right(one)) {
        return None;
    }
    let (first, others) = mended.split_first()?;
    let others: Vec<String> = others.iter().map(|one| format!("`{one}`")).collect();
    match others.as_slice() {
        [] => Some(format!("write `{first}`")),
        others => Some(format!("write `{first}`, and repeat the option for {}", others.join(" and "))),
    }
}

fn meant_part(text: &str) -> Option<String> {
    let (service, rest) = match text.split_once(':') {
        Some((service, rest)) => (Some(service.trim()), rest),
        None => (None, text),
    };
    let (left, op, right) = compared(rest);
    let as_written = result_meant(left);
    // `2s > wait.p95` is read from right to left
    let (found, op, bound) = match (as_written, result_meant(right)) {
        (None, Some(found)) => (found, turned(op), left.trim()),
        (found, _) => (found?, op, right.trim()),
    };
    let bound = match bound {
        "" => usual_bound(found.number),
        bound => bound,
    };
    let service = service.or(found.service).map_or_else(String::new, |service| format!("{service}: "));
    let statistic = found.statistic.map_or_else(String::new, |word| format!(".{word}"));
    Some(format!("{service}{}{statistic} {op} {}", found.number.name, bound.to_lowercase()))
}

/// What stands before the comparison, the comparison, and what stands after it.
fn compared(text: &str) -> (&str, &'static str, &str) {
    let first = text.char_indices().find_map(|(index, _)| {
        let rest = text.get(index..)?;
        let (word, meant) = COMPARISONS.into_iter().chain([("=", "<=")]).find(|(word, _)| rest.starts_with(word))?;
        Some((text.get(..index)?, meant, rest.strip_prefix(word)?))
    });
    first.unwrap_or((text, "<=", ""))
}

fn turned(op: &'static str) -> &'static str {
    match op {
        "<" => ">",
        ">" => "<",
        ">=" => "<=",
        _ => ">=",
    }
}

/// A result that a word names, however its parts are joined.
struct MeantResult<'t> {
    service: Option<&'t str>,
    number: &'static NumberName,
    statistic: Option<&'static str>,
}

fn result_meant(text: &str) -> Option<MeantResult<'_>> {
    let text = text.trim();
    if let Some((number, statistic)) = joined(text) {
        return Some(MeantResult { service: None, number, statistic });
    }
    // `web.wait.p95`: a service is named before a colon
    let (service, rest) = text.split_once('.')?;
    let (number, statistic) = joined(rest)?;
    Some(MeantResult { service: Some(service), number, statistic })
}

fn joined(text: &str) -> Option<(&'static NumberName, Option<&'static str>)> {
    let text = text.to_lowercase();
    if let Some(number) = name(&text).filter(|number| number.statistics.is_empty()) {
        return Some((number, None));
    }
    let (base, word) = text.rsplit_once(['.', '_', '-', ' '])?;
    // `p95 wait` as well
    [(base, word), (word, base)].into_iter().find_map(|(base, word)| {
        let number = name(base.trim())?;
        let statistic = number.statistics.iter().find(|one| one.word() == word.trim())?;
        Some((number, Some(statistic.word())))
    })
}

/// A bound to begin with.
fn usual_bound(number: &NumberName) -> &'static str {
    match number.kind {
        NumberKind::Time => "2s",
        NumberKind::Share => "1%",
        NumberKind::Count => "0",
        NumberKind::Number => "1",
    }
}
