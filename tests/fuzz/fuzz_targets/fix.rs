//! Fixes of bytes: no more errors than before, the result parses, and fixing again changes nothing.
#![no_main]

use scalegen_fuzz::{files, fix};

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    fix::holds(rest, files::any(), first % 2 == 1);
}
