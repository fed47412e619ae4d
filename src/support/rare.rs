//! What few of many things have: one pointer each while it is as usual.

use std::ops::{Deref, DerefMut};

/// Fields of which there may be thousands, nearly all of them as they are by default.
pub trait RareFields: Default + 'static {
    /// All of them as they are by default, one for all.
    fn none() -> &'static Self;

    /// Whether all of them are as they are by default.
    fn is_none(&self) -> bool;
}

/// Fields that take one pointer while all of them are as they are by default.
#[derive(Clone, Debug)]
pub struct Rare<T>(Option<Box<T>>);

impl<T> Rare<T> {
    /// The fields, to be changed, where any of them was set: nothing is allocated to change a default.
    pub fn if_set(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Rare<T> {
        Rare(None)
    }
}

impl<T: RareFields> From<T> for Rare<T> {
    fn from(fields: T) -> Rare<T> {
        Rare((!fields.is_none()).then(|| Box::new(fields)))
    }
}

impl<T: RareFields> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(fields) => fields,
            None => T::none(),
        }
    }
}

impl<T: RareFields> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}
