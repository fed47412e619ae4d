//! Selects the fields of one service from its layer, for formats that need nothing else. Knows the fields that hold numbers, and no format.

use super::outcome::{SelectedService, Stays};
use super::secret;
use super::select::{Selection, questions};
use crate::inputs::base::BaseMember;

/// The fields that hold numbers, in the order in which a spec has them.
const NUMBERS: [&str; 11] = [
    "replicas",
    "concurrency",
    "resources",
    "autoscaling",
    "health",
    "liveness",
    "startup",
    "update",
    "stopGracePeriod",
    "drainDelay",
    "disruption",
];

/// Why a field of a service is not taken; `None` if it is.
pub(super) type WhyNot<'w> = dyn Fn(&BaseMember, &str) -> Option<String> + 'w;

/// The services of the spec.
pub(super) fn services(selection: &mut Selection<'_>, why_not: &WhyNot<'_>) -> Vec<SelectedService> {
    let project = selection.project;
    project.services.iter().filter_map(|member| service(selection, member, why_not)).collect()
}

fn service(selection: &mut Selection<'_>, member: &BaseMember, why_not: &WhyNot<'_>) -> Option<SelectedService> {
    if !selection.has_name(member) {
        return None;
    }
    let entry = &member.project.entry;
    let mut fields = Vec::new();
    for field in NUMBERS.iter().filter_map(|name| entry.node.get(name)) {
        let secret = field.node.get("command").is_some_and(|command| secret::is_in_words(&command.node));
        let why = why_not(member, &field.key).or_else(|| {
            secret.then(|| "the command of the probe may hold a secret, so nothing of it is copied".to_owned())
        });
        match why {
            Some(why) => selection.lose(&member.name, why, field.at().place()),
            None => fields.extend(selection.known_field(&member.name, field)),
        }
    }
    for field in &fields {
        selection.record_taken(&format!("services.{}.{}", member.name, field.key), &field.node);
    }
    let taken = |key: &str| fields.iter().any(|field| &*field.key == key);
    let keys = entry.node.entries().iter().map(|entry| entry.key.to_string()).filter(|key| !taken(key));
    let keys: Vec<String> = keys.filter(|key| !NUMBERS.contains(&key.as_str())).collect();
    if !keys.is_empty() {
        selection.out.stays.push(Stays { service: member.name.to_string(), keys });
    }
    let questions = questions(member, &fields, false, &[]);
    Some(SelectedService { name: member.name.to_string(), backing: false, fields, questions })
}
