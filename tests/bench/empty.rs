//! A program that does nothing: what a process costs on the machine that measures.
fn main() {}
