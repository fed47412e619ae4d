//! Selectors by labels, as the API server reads them. Knows no kind.

use super::access::{entry, items, pairs, word};
use crate::support::source::FieldSpan;
use crate::syntax::Entry;

/// A selector.
#[derive(Clone, Debug)]
pub struct LabelSelector {
    /// Where it is written.
    pub at: FieldSpan,
    /// What must hold.
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Unknown,
}

impl LabelSelector {
    /// A `matchLabels` and `matchExpressions` selector.
    pub(super) fn read(selector: &Entry) -> Option<LabelSelector> {
        let mut own = LabelSelector::labels_of(selector.at(), pairs(entry(&selector.node, "matchLabels")));
        for item in items(&selector.node, "matchExpressions") {
            let operator = match word(item, "operator") {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => Operator::Unknown,
            };
            let values = items(item, "values").map(|value| value.text.to_string()).collect();
            own.terms.push(Term { key: word(item, "key").to_owned(), operator, values });
        }
        Some(own)
    }

    /// A selector of a Service: labels alone.
    pub(super) fn labels(selector: &Entry) -> LabelSelector {
        LabelSelector::labels_of(selector.at(), pairs(Some(selector)))
    }

    fn labels_of(at: FieldSpan, labels: Vec<(String, String)>) -> LabelSelector {
        let term = |(key, value)| Term { key, operator: Operator::In, values: vec![value] };
        LabelSelector { at, terms: labels.into_iter().map(term).collect() }
    }

    /// Asks for one more label, in place of what it asked of this label.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        self.terms.retain(|term| term.key != key || term.operator != Operator::In);
        self.terms.push(Term { key: key.to_owned(), operator: Operator::In, values: vec![value.to_owned()] });
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it is no more than labels.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.required().count() == self.terms.len()
    }

    /// The labels that every selected pod has.
    pub fn required(&self) -> impl Iterator<Item = (&str, &str)> {
        self.terms.iter().filter_map(|term| match (term.operator, term.values.as_slice()) {
            (Operator::In, [only]) => Some((term.key.as_str(), only.as_str())),
            _ => None,
        })
    }

    /// Whether pods with these labels are selected.
    #[must_use]
    pub fn matches(&self, labels: &[(String, String)]) -> bool {
        self.terms.iter().all(|term| {
            let value = labels.iter().find(|(key, _)| *key == term.key).map(|(_, value)| value);
            match (term.operator, value) {
                (Operator::In, Some(value)) => term.values.contains(value),
                (Operator::NotIn, Some(value)) => !term.values.contains(value),
                (Operator::NotIn | Operator::DoesNotExist, None) | (Operator::Exists, Some(_)) => true,
                _ => false,
            }
        })
    }
}
