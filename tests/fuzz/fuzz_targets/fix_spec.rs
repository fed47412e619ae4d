//! Fixes of plausible specs: as `fix`.
#![no_main]

use arbitrary::Unstructured;
use scalegen_fuzz::{files, fix, specs, write};

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(unsafe_too) = u.arbitrary::<bool>() else { return };
    let Ok(value) = specs::spec(&mut u) else { return };
    let text = write::document(&mut u, &value);
    fix::holds(text.as_bytes(), files::any(), unsafe_too);
}
