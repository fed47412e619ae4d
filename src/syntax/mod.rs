//! Text to tree: the only room that knows the spec is YAML. Knows no schema and no rule.

mod tree;

pub use tree::{Comment, Entry, Node, Style, Value};
