//! The formats that are read, one folder each: the spec itself, and the files that it names. Knows no rule and no target.

pub mod compose;
pub mod helm;
pub mod load;
pub mod spec;
