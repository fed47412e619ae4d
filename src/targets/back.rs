//! Whether a text holds a value, told without building another: the usual case, in which nothing is to be said. Knows no
//! target; where the answer is no, the caller compares again in words.

use crate::syntax::{Node, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value as Json};
use std::fmt;

/// Whether a tree is the value, with its keys in the same order.
pub(super) fn is(node: &Node, meant: &Json) -> bool {
    match (&node.value, meant) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(read), Json::Bool(meant)) => read == meant,
        (Value::Int(read), Json::Number(meant)) => Number::from(*read) == *meant,
        (Value::Float(read), Json::Number(meant)) => Number::from_f64(*read).is_some_and(|read| read == *meant),
        (Value::Str, Json::String(meant)) => *node.text == **meant,
        (Value::Seq(read), Json::Array(meant)) => {
            read.len() == meant.len() && read.iter().zip(meant).all(|(read, meant)| is(read, meant))
        }
        (Value::Map(read), Json::Object(meant)) => {
            let same = |(read, (key, meant)): (&crate::syntax::Entry, (&String, &Json))| {
                *read.key == **key && is(&read.node, meant)
            };
            read.len() == meant.len() && read.iter().zip(meant).all(same)
        }
        _ => false,
    }
}

/// Whether serde_yaml reads the value from a text, with its keys in the same order.
pub(super) fn reads(text: &str, meant: &Json) -> bool {
    Meant(meant).deserialize(serde_yaml::Deserializer::from_str(text)).is_ok()
}

/// Reads one value and refuses any other.
#[derive(Clone, Copy)]
struct Meant<'j>(&'j Json);

impl<'de> DeserializeSeed<'de> for Meant<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Meant<'_> {
    fn when<E: Error>(same: bool) -> Result<(), E> {
        if same { Ok(()) } else { Err(E::custom("another value")) }
    }

    fn number<E: Error>(self, read: Option<Number>) -> Result<(), E> {
        Meant::when(matches!((self.0, read), (Json::Number(meant), Some(read)) if read == *meant))
    }
}

impl<'de> Visitor<'de> for Meant<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value that was meant")
    }

    fn visit_bool<E: Error>(self, read: bool) -> Result<(), E> {
        Meant::when(*self.0 == Json::Bool(read))
    }

    fn visit_i64<E: Error>(self, read: i64) -> Result<(), E> {
        self.number(Some(read.into()))
    }

    fn visit_u64<E: Error>(self, read: u64) -> Result<(), E> {
        self.number(Some(read.into()))
    }

    fn visit_f64<E: Error>(self, read: f64) -> Result<(), E> {
        self.number(Number::from_f64(read))
    }

    fn visit_str<E: Error>(self, read: &str) -> Result<(), E> {
        Meant::when(matches!(self.0, Json::String(meant) if meant == read))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Meant::when(self.0.is_null())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Json::Array(meant) = self.0 else { return Meant::when(false) };
        for item in meant {
            if items.next_element_seed(Meant(item))?.is_none() {
                return Meant::when(false);
            }
        }
        Meant::when(items.next_element::<IgnoredAny>()?.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let Json::Object(meant) = self.0 else { return Meant::when(false) };
        for (key, value) in meant {
            match fields.next_key_seed(Key(key))? {
                Some(()) => fields.next_value_seed(Meant(value))?,
                None => return Meant::when(false),
            }
        }
        Meant::when(fields.next_key::<IgnoredAny>()?.is_none())
    }
}

/// Reads one key, which must be a text as for a JSON object, and refuses any other.
struct Key<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Text<'k>(&'k str);
        impl<'de> Visitor<'de> for Text<'_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the key that was meant")
            }

            fn visit_str<E: Error>(self, read: &str) -> Result<(), E> {
                Meant::when(read == self.0)
            }
        }
        deserializer.deserialize_str(Text(self.0))
    }
}
