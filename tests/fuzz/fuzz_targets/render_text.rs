//! Bytes to files: the first byte chooses the target, the rest is the spec.
#![no_main]

use scalegen_fuzz::{files, render};

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let all = scalegen::targets::ALL;
    let target = &all[usize::from(*first) % all.len()];
    render::holds(rest, files::any(), None, target.meta.name);
}
