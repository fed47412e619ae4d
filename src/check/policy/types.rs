//! The kinds of values in a policy, their fields, and the words for them. Knows no expression.

use std::sync::Arc;

/// The kind of a value.
#[derive(Clone, Debug)]
pub(super) enum Type {
    Number,
    /// Billionths of a core.
    Cpu,
    /// Bytes.
    Memory,
    /// Milliseconds.
    Duration,
    Text,
    Flag,
    List(Arc<Type>),
    /// A mapping with names that the spec chooses.
    Map(Arc<Type>),
    /// A mapping with names of ours.
    Group(Arc<Vec<(&'static str, Type)>>),
    /// A kind that is known only when the policy is evaluated.
    Unknown,
}

impl Type {
    pub(super) fn list(of: Type) -> Type {
        Type::List(Arc::new(of))
    }

    pub(super) fn map(of: Type) -> Type {
        Type::Map(Arc::new(of))
    }

    /// In a sentence.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Cpu => "an amount of CPU",
            Type::Memory => "an amount of memory",
            Type::Duration => "a length of time",
            Type::Text => "text",
            Type::Flag => "true or false",
            Type::List(_) => "a list",
            Type::Map(_) => "a map by name",
            Type::Group(_) => "a group of fields",
            Type::Unknown => "a value",
        }
    }

    /// For the manual, with what is inside.
    pub(super) fn described(&self) -> String {
        let inside = |of: &Type| match of {
            Type::Group(fields) => {
                let names: Vec<String> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
                match names.len() {
                    0..=8 => names.join(", "),
                    _ => "its fields".to_owned(),
                }
            }
            of => of.words().to_owned(),
        };
        match self {
            Type::List(of) => format!("a list of {}", inside(of)),
            Type::Map(of) => format!("by name: {}", inside(of)),
            other => other.words().to_owned(),
        }
    }

    /// The function that makes such a quantity of text, and the filter that prints it.
    pub(super) fn unit(&self) -> Option<&'static str> {
        match self {
            Type::Cpu => Some("cpu"),
            Type::Memory => Some("memory"),
            Type::Duration => Some("duration"),
            _ => None,
        }
    }

    /// Whether arithmetic accepts it.
    pub(super) fn is_numeric(&self) -> bool {
        matches!(self, Type::Number | Type::Cpu | Type::Memory | Type::Duration | Type::Unknown)
    }

    /// Whether it can be used as a condition; an empty value counts as false.
    pub(super) fn is_truth(&self) -> bool {
        matches!(self, Type::Flag | Type::List(_) | Type::Map(_) | Type::Group(_) | Type::Unknown)
    }

    /// The kind of its items when it is iterated.
    pub(super) fn item(&self) -> Option<Type> {
        match self {
            Type::List(of) => Some((**of).clone()),
            Type::Map(_) => Some(Type::Text),
            Type::Unknown => Some(Type::Unknown),
            _ => None,
        }
    }

    /// Whether two values can be compared for equality.
    pub(super) fn is_comparable_to(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Unknown, _) | (_, Type::Unknown) => true,
            (Type::List(one), Type::List(two)) => one.is_comparable_to(two),
            (Type::Map(_) | Type::Group(_), _) => false,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// The common kind of two; `None` if they cannot be compared.
    pub(super) fn common_type(self, other: Type) -> Option<Type> {
        match (self, other) {
            (Type::Unknown, other) | (other, Type::Unknown) => Some(other),
            (Type::List(one), Type::List(two)) => {
                Some(Type::list(Arc::unwrap_or_clone(one).common_type(Arc::unwrap_or_clone(two))?))
            }
            (Type::Group(one), Type::Group(two)) if Arc::ptr_eq(&one, &two) => Some(Type::Group(one)),
            (one, two) => one.is_comparable_to(&two).then_some(one),
        }
    }
}
