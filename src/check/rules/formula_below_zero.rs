//! A query of load that can fall below 0. Knows how much of PromQL subtracts, and what an autoscaler makes of a number below 0.

use super::{Context, Group, Meta, Report};
use crate::model::{ServiceField, Signal, Val};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "formula-below-zero",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        let unread = [ServiceField::Autoscaling, ServiceField::Replicas].iter().any(|part| service.broken.has(*part));
        if unread || !service.scales() || !service.autoscaling.watches(Signal::Load) {
            continue;
        }
        let Some(metrics) = service.autoscaling.prometheus.as_deref() else { continue };
        for query in std::iter::once(&metrics.running).chain(&metrics.queued) {
            if falls_below_zero(&query.value) {
                below(report, query, service.peak());
            }
        }
    }
}

fn below(report: &mut Report, query: &Val<String>, most: u32) {
    let short: String = query.value.chars().take(60).collect();
    let dots = if short.len() < query.value.len() { "…" } else { "" };
    let message = format!(
        "`{}{dots}` can fall below 0: a HorizontalPodAutoscaler takes an average below 0 for an overflow and goes to {most}, \
         also behind KEDA before 2.20.2",
        short.escape_debug()
    );
    let finding = report.at(query.place(), message).rank(i128::from(most));
    report.push(finding.help("put it into `clamp_min(…, 0)`"));
}

/// Functions whose value is never below 0, whatever is in them.
const NEVER_BELOW: [&str; 12] = [
    "abs",
    "changes",
    "clamp",
    "clamp_min",
    "count",
    "count_over_time",
    "exp",
    "increase",
    "rate",
    "resets",
    "sqrt",
    "timestamp",
];

/// Functions whose value can be below 0 where what is in them is not.
const MAY_BE_BELOW: [&str; 7] = ["delta", "deriv", "idelta", "ln", "log10", "log2", "predict_linear"];

/// What is known of an expression between two brackets.
#[derive(Default)]
struct Part {
    /// Whether its value is never below 0, because of the function around it.
    safe: bool,
    /// Something in it can be below 0 …
    below: bool,
    /// … and a comparison keeps only what is above a number.
    filtered: bool,
    /// What an `or` before left below 0.
    left: bool,
}

impl Part {
    /// Ends what is before an `or`, or the whole.
    fn end(&mut self) -> bool {
        self.left |= self.below && !self.filtered;
        (self.below, self.filtered) = (false, false);
        self.left && !self.safe
    }
}

/// What is before a sign: it decides whether a minus subtracts.
#[derive(PartialEq)]
enum Before {
    Nothing,
    Operand,
    Word(String),
}

/// Whether the value of a PromQL query can be below 0, as far as its text says: it subtracts, negates, or takes a slope or a logarithm.
fn falls_below_zero(query: &str) -> bool {
    let mut parts = vec![Part::default()];
    let mut before = Before::Nothing;
    let mut rest = query.chars().peekable();
    while let Some(c) = rest.next() {
        let Some(part) = parts.last_mut() else { return false };
        match c {
            '"' | '\'' | '`' => before = skip(&mut rest, c),
            '{' => before = skip(&mut rest, '}'),
            '[' => before = skip(&mut rest, ']'),
            '#' => drop(skip(&mut rest, '\n')),
            '(' => {
                let name = if let Before::Word(name) = &before { name.as_str() } else { "" };
                part.below |= MAY_BE_BELOW.contains(&name);
                let safe = NEVER_BELOW.contains(&name);
                parts.push(Part { safe, ..Part::default() });
                before = Before::Nothing;
            }
            ')' => {
                let below = part.end();
                if parts.len() > 1 {
                    parts.pop();
                }
                if let Some(outer) = parts.last_mut() {
                    outer.below |= below;
                }
                before = Before::Operand;
            }
            '-' => {
                // `offset -5m` moves in time
                part.below |= !matches!(&before, Before::Word(word) if word == "offset");
                before = Before::Nothing;
            }
            '>' => {
                part.filtered = true;
                before = Before::Nothing;
            }
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.') => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.')) {
                    word.push(c);
                }
                if word.eq_ignore_ascii_case("or") {
                    part.end();
                }
                before = Before::Word(word.to_ascii_lowercase());
            }
            c if c.is_whitespace() => {}
            _ => before = Before::Nothing,
        }
    }
    parts.iter_mut().any(Part::end)
}

/// Skips what ends with this character.
fn skip(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, end: char) -> Before {
    let mut escaped = false;
    for c in rest.by_ref() {
        if c == end && !escaped {
            break;
        }
        escaped = c == '\\' && !escaped && end != ']' && end != '}';
    }
    Before::Operand
}
