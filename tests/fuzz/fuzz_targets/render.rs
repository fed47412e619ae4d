//! Plausible specs to files: what is written reads back as what was meant, twice the same, and stays in its folder.
#![no_main]

use arbitrary::Unstructured;
use scalegen_fuzz::{files, render, specs, write};

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(target) = u.choose(scalegen::targets::ALL) else { return };
    let Ok(value) = specs::spec(&mut u) else { return };
    let profiles = value.get("profiles").and_then(|all| all.as_object());
    let names: Vec<&String> = profiles.into_iter().flat_map(|all| all.keys()).collect();
    let profile = u.choose(&names).ok().map(|name| name.as_str());
    let text = write::document(&mut u, &value);
    render::holds(text.as_bytes(), files::any(), profile, target.meta.name);
}
