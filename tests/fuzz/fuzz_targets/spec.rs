//! Plausible specs: as `lint`, and the same text says the same twice, its profiles alone say no more than together.
#![no_main]

use arbitrary::Unstructured;
use scalegen::report::Format;
use scalegen::support::diagnostic::Finding;
use scalegen::{CheckOptions, lint};
use scalegen_fuzz::{files, properties, specs, write};
use std::collections::BTreeSet;

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(value) = specs::spec(&mut u) else { return };
    let text = write::document(&mut u, &value);
    let all = lint("scalegen.yaml", text.as_bytes(), files::any(), &CheckOptions::default());
    properties::checked(&all);
    let format = u.choose(Format::ALL).copied().unwrap_or(Format::Text);
    properties::report(&all, format);
    let told: BTreeSet<_> = properties::all(&all).map(|one| (one.rule.to_string(), one.at)).collect();
    let profile = u.choose(&all.profiles).ok().cloned();
    let wanted = CheckOptions { profiles: vec![profile.clone()], ..CheckOptions::default() };
    let alone = lint("scalegen.yaml", text.as_bytes(), files::any(), &wanted);
    properties::checked(&alone);
    // a faulty value hides that it is ambiguous, but not in a run that does not look at its profile; and what no target
    // of a run reads may be read by another profile's
    let others = |one: &&Finding| *one.rule != *"ambiguous-scalar" && *one.rule != *"lost-in-target";
    for one in properties::all(&alone).filter(others) {
        assert!(
            told.contains(&(one.rule.to_string(), one.at)),
            "only in a run of profile {profile:?} alone: {} at {:?}: {}\n{text}",
            one.rule,
            one.at,
            one.message
        );
    }
}
