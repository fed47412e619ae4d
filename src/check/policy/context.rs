//! What a policy can name: one table of fields for each kind of subject, with kind, help and value together, so that they cannot disagree.
//!
//! Names are those of the spec. A field that is unset and has no default is undefined. The groups backing it are
//! always there, and empty (false) if nothing in them is set.

mod backing;
mod service;

pub(super) use backing::{BACKING, BackingContext, Whole, plan};
pub(super) use service::SERVICE;

use super::types::Type;
use crate::model::Val;
use crate::model::quantity::{Cpu, Memory};
use crate::model::time::Duration;
use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One field: its path, its kind, and how to read it.
pub(super) struct Field<T> {
    /// Names joined by dots; with `?` at the end if it can be undefined.
    path: &'static str,
    kind: fn() -> Type,
    /// For the manual.
    pub about: &'static str,
    get: fn(&T) -> Option<Value>,
}

impl<T> Field<T> {
    const fn new(
        path: &'static str,
        kind: fn() -> Type,
        about: &'static str,
        get: fn(&T) -> Option<Value>,
    ) -> Field<T> {
        Field { path, kind, about, get }
    }

    /// Its path, and whether it can be undefined.
    pub fn path(&self) -> (&'static str, bool) {
        match self.path.strip_suffix('?') {
            Some(path) => (path, true),
            None => (self.path, false),
        }
    }

    pub fn kind(&self) -> Type {
        (self.kind)()
    }
}

/// Fields under their names.
enum Branch<L> {
    Leaf(L),
    Inner(Vec<(&'static str, Branch<L>)>),
}

impl<L> Branch<L> {
    fn insert(&mut self, path: &'static str, leaf: Option<L>) {
        let Branch::Inner(fields) = self else { return };
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        match (rest, leaf) {
            (None, None) => {}
            (None, Some(leaf)) => fields.push((name, Branch::Leaf(leaf))),
            (Some(rest), leaf) => {
                if fields.iter().all(|(known, _)| *known != name) {
                    fields.push((name, Branch::Inner(Vec::new())));
                }
                if let Some((_, inner)) = fields.iter_mut().find(|(known, _)| *known == name) {
                    inner.insert(rest, leaf);
                }
            }
        }
    }

    fn fold<R>(self, leaf: &impl Fn(L) -> R, group: &impl Fn(Vec<(&'static str, R)>) -> R) -> R {
        match self {
            Branch::Leaf(value) => leaf(value),
            Branch::Inner(fields) => {
                group(fields.into_iter().map(|(name, branch)| (name, branch.fold(leaf, group))).collect())
            }
        }
    }
}

/// The kind of a thing with these fields.
pub(super) fn kind_of<T>(fields: &[Field<T>]) -> Type {
    let mut all = Branch::Inner(Vec::new());
    for field in fields {
        all.insert(field.path().0, Some(field.kind()));
    }
    all.fold(&|kind| kind, &|fields| Type::Group(Arc::new(fields)))
}

/// The value of a thing with these fields, of which only those `wanted` are computed.
pub(super) fn value_of<T>(fields: &[Field<T>], of: &T, wanted: impl Fn(&str) -> bool) -> Value {
    let mut all = Branch::Inner(Vec::new());
    for field in fields {
        let (path, _) = field.path();
        all.insert(path, if wanted(path) { (field.get)(of) } else { None });
    }
    all.fold(&|value| value, &|fields| Value::from_object(FieldGroup(fields)))
}

/// Fields under one name: false if none of them is set, nor any in a group below.
#[derive(Debug)]
struct FieldGroup(Vec<(&'static str, Value)>);

impl Object for FieldGroup {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Value::from(*name)).collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0.iter().any(|(_, value)| value.downcast_object_ref::<FieldGroup>().is_none() || value.is_true())
    }
}

/// Things of a list.
fn each<'t, T: 't>(fields: &[Field<T>], list: impl IntoIterator<Item = &'t T>) -> Option<Value> {
    let values: Vec<Value> = list.into_iter().map(|item| value_of(fields, item, |_| true)).collect();
    Some(Value::from(values))
}

fn by_name(pairs: impl Iterator<Item = (String, Value)>) -> Option<Value> {
    Some(Value::from(pairs.collect::<BTreeMap<String, Value>>()))
}

fn words<'w>(list: impl IntoIterator<Item = &'w str>) -> Option<Value> {
    Some(Value::from(list.into_iter().map(Value::from).collect::<Vec<_>>()))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::from(text))
}

fn written<T: AsRef<str>>(text: Option<&Val<T>>) -> Option<Value> {
    text.map(|text| Value::from(text.value.as_ref()))
}

fn number<N: Copy + Into<Value>>(number: Option<Val<N>>) -> Option<Value> {
    number.map(|number| number.value.into())
}

fn cpu(cpu: Option<Val<Cpu>>) -> Option<Value> {
    cpu.map(|cpu| Value::from(cpu.value.0))
}

fn memory(memory: Option<Val<Memory>>) -> Option<Value> {
    memory.map(|memory| Value::from(memory.value.bytes))
}

fn time(time: Option<Val<Duration>>) -> Option<Value> {
    time.map(|time| Value::from(time.value.0))
}
