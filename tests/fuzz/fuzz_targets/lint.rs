//! Bytes as a spec: every finding has its place, every report its form.
#![no_main]

use scalegen::{CheckOptions, lint};
use scalegen_fuzz::{files, properties};

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let checked = lint("shop/scalegen.yaml", data, files::any(), &CheckOptions::default());
    properties::checked(&checked);
    properties::reports(&checked, data);
}
