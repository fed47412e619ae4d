//! Random specs judged twice: by the rules, and by a model of its own that goes through every minute of the week. The model
//! shares nothing with the crate but the reading of its findings. `PROPTEST_CASES=2000` tries more.

mod model;
mod spec;
mod text;

use crate::common::specs::cases;
use model::{Fault, expected, merged};
use proptest::prelude::*;
use scalegen::{CheckOptions, CheckResult, NoFiles, lint};
use spec::spec;
use std::collections::BTreeSet;
use text::{Text, Thing, text};

fn found(checked: &CheckResult, text: &Text) -> BTreeSet<Fault> {
    let mut faults = BTreeSet::new();
    for (finding, path) in checked.findings.iter().zip(&checked.paths) {
        let thing = |start: u32| text.things[&checked.sources[0].numbers(start).line];
        let part = |above: &str| path.split('/').skip_while(|part| *part != above).nth(1).unwrap_or_default();
        let number = |name: &str| name[1..].parse::<usize>().unwrap();
        let service = || number(part("services"));
        let backing = || match part("connections") {
            "" => number(part("backingServices")),
            name => number(name),
        };
        match finding.rule.as_str() {
            "overlapping-windows" => {
                let Thing::Window(service, second) = thing(finding.at.span.start) else { panic!("{finding:?}") };
                for related in &finding.related {
                    let Thing::Window(other, first) = thing(related.place.span.start) else { panic!("{finding:?}") };
                    assert_eq!(service, other);
                    assert!(faults.insert(Fault::Overlap(service, first, second)), "told twice: {finding:?}");
                }
            }
            "port-collision" => {
                let Thing::Port(service, number) = thing(finding.at.span.start) else { panic!("{finding:?}") };
                for related in &finding.related {
                    let Thing::Port(other, first) = thing(related.place.span.start) else { panic!("{finding:?}") };
                    let fault = Fault::Ports((other, first), (service, number));
                    assert!(faults.insert(fault), "told twice: {finding:?}");
                }
            }
            "connections-exhausted" if finding.message.ends_with("none is left") => {
                faults.insert(Fault::Reserved(backing()));
            }
            "connections-exhausted" => {
                let sum = finding.message.split(" = ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
                faults.insert(Fault::Connections(backing(), sum.parse().unwrap()));
            }
            "drain-blocked" => drop(faults.insert(Fault::Drain(service()))),
            "min-above-max" => drop(faults.insert(Fault::MinAboveMax(service()))),
            "window-min-above-max" => {
                faults.insert(Fault::WindowMinAboveMax(service(), part("schedule").parse().unwrap()));
            }
            "exceeds-node" => {
                let backing = part("backingServices");
                let name = if backing.is_empty() { part("services") } else { backing };
                faults.insert(Fault::Node(name.to_owned()));
            }
            "exceeds-capacity" => drop(faults.insert(Fault::Capacity)),
            rule => {
                let shape = ["yaml-syntax", "unknown-field", "missing-field", "wrong-type", "invalid-value"];
                assert!(!shape.contains(&rule), "not what was meant: {finding:?}\n{}", text.text);
            }
        }
    }
    faults
}

proptest! {
    #![proptest_config(cases(48))]

    /// The rules and the model agree, in the base and in a profile laid over it.
    #[test]
    fn the_rules_find_what_every_minute_of_the_week_shows(spec in spec()) {
        let text = text(&spec);
        for (profile, spec) in [(None, spec.clone()), (Some("p".to_owned()), merged(&spec))] {
            let wanted = CheckOptions { profiles: vec![profile.clone()], ..CheckOptions::default() };
            let found = found(&lint("scalegen.yaml", text.text.as_bytes(), &NoFiles, &wanted), &text);
            let expected = expected(&spec);
            let (missed, invented) = (&expected - &found, &found - &expected);
            prop_assert!(
                missed.is_empty() && invented.is_empty(),
                "{:?}: missed {:?}, invented {:?}\n{}", profile, missed, invented, text.text
            );
        }
    }
}
