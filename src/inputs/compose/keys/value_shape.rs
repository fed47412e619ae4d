//! How the shape of a value in a compose file is written down: the forms it takes, what its text must read as, what may be in it.
//! Knows no key.

use super::forms::{Reads, ValueForm};

/// What compose takes as a value.
#[derive(Clone, Copy, Debug)]
pub struct ValueShape {
    /// The forms that it takes.
    pub(in crate::inputs::compose) forms: &'static [ValueForm],
    /// What a text must read as.
    pub(in crate::inputs::compose) reads: Reads,
    /// What the items of a list are; `None` if anything may be there.
    pub(in crate::inputs::compose) items: Option<&'static ValueShape>,
    /// Whether no item of a list may be there twice.
    pub(in crate::inputs::compose) distinct: bool,
    /// What the entries of a mapping are.
    pub(in crate::inputs::compose) keys: ShapeKeys,
}

/// The keys of a mapping.
#[derive(Clone, Copy, Debug)]
pub(in crate::inputs::compose) enum ShapeKeys {
    /// Anything may be there.
    Anything,
    /// Names that people choose.
    Named(&'static ValueShape),
    /// These, and no others.
    These(&'static [ShapeKey]),
    /// These are judged, and others may be there.
    Open(&'static [ShapeKey]),
    /// The keys of the table of verdicts that begin so: a service's where this is empty.
    Rows(&'static str),
}

/// One key of a mapping.
#[derive(Clone, Copy, Debug)]
pub(in crate::inputs::compose) struct ShapeKey {
    pub(in crate::inputs::compose) name: &'static str,
    pub(in crate::inputs::compose) shape: &'static ValueShape,
    /// Whether it must be there.
    pub(in crate::inputs::compose) needed: bool,
}

/// A key that may be there.
pub(in crate::inputs::compose) const fn key(name: &'static str, shape: &'static ValueShape) -> ShapeKey {
    ShapeKey { name, shape, needed: false }
}

/// A key that must be there.
pub(in crate::inputs::compose) const fn need(name: &'static str, shape: &'static ValueShape) -> ShapeKey {
    ShapeKey { name, shape, needed: true }
}

/// A value of one of these forms.
pub(in crate::inputs::compose) const fn of(forms: &'static [ValueForm]) -> ValueShape {
    ValueShape { forms, reads: Reads::AsIs, items: None, distinct: false, keys: ShapeKeys::Anything }
}

impl ValueShape {
    pub(in crate::inputs::compose) const fn reads(self, reads: Reads) -> ValueShape {
        ValueShape { reads, ..self }
    }

    pub(in crate::inputs::compose) const fn items(self, shape: &'static ValueShape) -> ValueShape {
        ValueShape { items: Some(shape), ..self }
    }

    pub(in crate::inputs::compose) const fn distinct(self) -> ValueShape {
        ValueShape { distinct: true, ..self }
    }

    pub(in crate::inputs::compose) const fn keys(self, keys: &'static [ShapeKey]) -> ValueShape {
        ValueShape { keys: ShapeKeys::These(keys), ..self }
    }

    pub(in crate::inputs::compose) const fn open(self, keys: &'static [ShapeKey]) -> ValueShape {
        ValueShape { keys: ShapeKeys::Open(keys), ..self }
    }

    pub(in crate::inputs::compose) const fn named(self, shape: &'static ValueShape) -> ValueShape {
        ValueShape { keys: ShapeKeys::Named(shape), ..self }
    }

    pub(in crate::inputs::compose) const fn rows(self, prefix: &'static str) -> ValueShape {
        ValueShape { keys: ShapeKeys::Rows(prefix), ..self }
    }
}
