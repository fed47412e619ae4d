//! How the shape of a value in a compose file is written down: the forms it takes, what its text must read as, what may stand in it.
//! Knows no key.

use super::shape_forms::{Reads, ValueForm};

/// What compose takes as a value.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The forms that it takes.
    pub(super) forms: &'static [ValueForm],
    /// What a text must read as.
    pub(super) reads: Reads,
    /// What the items of a list are; none where anything may stand there.
    pub(super) items: Option<&'static Shape>,
    /// What the entries of a mapping are.
    pub(super) keys: ShapeKeys,
}

/// The keys of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) enum ShapeKeys {
    /// Anything may stand there.
    Anything,
    /// Names that people choose.
    Named(&'static Shape),
    /// These, and no others.
    These(&'static [ShapeKey]),
    /// These are judged, and others may stand there.
    Open(&'static [ShapeKey]),
    /// The keys of the table of verdicts that begin so: a service's where this is empty.
    Rows(&'static str),
}

/// One key of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShapeKey {
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    /// Whether it must be there.
    pub(super) needed: bool,
}

/// A key that may be there.
pub(super) const fn key(name: &'static str, shape: &'static Shape) -> ShapeKey {
    ShapeKey { name, shape, needed: false }
}

/// A key that must be there.
pub(super) const fn need(name: &'static str, shape: &'static Shape) -> ShapeKey {
    ShapeKey { name, shape, needed: true }
}

/// A value of one of these forms.
pub(super) const fn of(forms: &'static [ValueForm]) -> Shape {
    Shape { forms, reads: Reads::AsIs, items: None, keys: ShapeKeys::Anything }
}

impl Shape {
    pub(super) const fn reads(self, reads: Reads) -> Shape {
        Shape { reads, ..self }
    }

    pub(super) const fn items(self, shape: &'static Shape) -> Shape {
        Shape { items: Some(shape), ..self }
    }

    pub(super) const fn keys(self, keys: &'static [ShapeKey]) -> Shape {
        Shape { keys: ShapeKeys::These(keys), ..self }
    }

    pub(super) const fn open(self, keys: &'static [ShapeKey]) -> Shape {
        Shape { keys: ShapeKeys::Open(keys), ..self }
    }

    pub(super) const fn named(self, shape: &'static Shape) -> Shape {
        Shape { keys: ShapeKeys::Named(shape), ..self }
    }

    pub(super) const fn rows(self, prefix: &'static str) -> Shape {
        Shape { keys: ShapeKeys::Rows(prefix), ..self }
    }
}
