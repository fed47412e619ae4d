//! Values that an override removes from the base: `!reset null` at a key, `!override` at a value that replaces. Knows no amount.

use super::super::LoweredPlan;
use super::{ComposeContext, ComposeService};
use crate::support::pointer;
use serde_json::{Map, Value as Json};

/// One service with the tags of its values: the keys down to each, and the tag.
pub(super) struct Tagged {
    value: Json,
    tags: Vec<(Vec<String>, &'static str)>,
    writes: bool,
}

impl Tagged {
    pub(super) fn of(service: &ComposeService, tags: Vec<(Vec<String>, &'static str)>, writes: bool) -> Tagged {
        // a check throws views away
        let value = if writes { serde_json::to_value(service).unwrap_or_default() } else { Json::Null };
        let mut tagged = Tagged { value, tags: Vec::new(), writes };
        for (path, tag) in tags {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            if tag == "!reset" { tagged.reset(&path) } else { tagged.tag(&path, tag) }
        }
        tagged
    }

    pub(super) fn tag(&mut self, path: &[&str], tag: &'static str) {
        let tagged = (path.iter().map(|key| (*key).to_owned()).collect(), tag);
        if self.writes && !self.tags.contains(&tagged) {
            self.tags.push(tagged);
        }
    }

    /// Removes the base's value at a path. A value that the override writes there itself stays.
    pub(super) fn reset(&mut self, path: &[&str]) {
        let Some((last, above)) = path.split_last().filter(|_| self.writes) else { return };
        let mut map = &mut self.value;
        for key in above {
            let Some(fields) = map.as_object_mut() else { return };
            map = fields.entry((*key).to_owned()).or_insert_with(|| Json::Object(Map::new()));
        }
        if let Some(fields) = map.as_object_mut()
            && !fields.contains_key(*last)
        {
            fields.insert((*last).to_owned(), Json::Null);
            self.tag(path, "!reset");
        }
    }

    /// The service and its tags by JSON pointer.
    pub(super) fn into_parts(self) -> (Json, Vec<(String, &'static str)>) {
        let pointer = |path: Vec<String>| path.iter().map(|key| format!("/{}", pointer::part(key))).collect::<String>();
        (self.value, self.tags.into_iter().map(|(path, tag)| (pointer(path), tag)).collect())
    }
}

/// Resets the values that nulls of the spec remove from one service of the base; returns whether there are any.
pub(super) fn removed(
    out: &mut LoweredPlan,
    tagged: &mut Tagged,
    context: &ComposeContext<'_>,
    section: &str,
    name: &str,
) -> bool {
    let Some(member) = context.base.and_then(|base| base.service(name)) else { return false };
    let mut any = false;
    for dropped in context.input.dropped.iter().filter(|dropped| !dropped.replaced) {
        let keys: Vec<&str> = dropped.path.iter().map(|key| &**key).collect();
        let [own, of, below @ ..] = keys.as_slice() else { continue };
        if *own != section || *of != name {
            continue;
        }
        if let ["env", variable] = below
            && member.lists_variable(variable)
        {
            let message = format!("compose cannot take `{variable}` out of a list: {} keeps it", context.base_name());
            out.lost(dropped.by, message, "write `environment` as a mapping there, or take the variable out");
            continue;
        }
        if context.stack {
            let message = format!("a stack file takes nothing away: {} keeps it", context.base_name());
            out.lost(dropped.by, message, "take it out there");
            continue;
        }
        for path in in_compose(below) {
            let there =
                path.iter().try_fold(&*member.project.entry.node, |node, key| node.get(key).map(|entry| &*entry.node));
            if there.is_some_and(|node| !node.is_null()) {
                tagged.reset(&path);
                any = true;
            }
        }
    }
    any
}

/// The services of the base that a null of the spec removes as a whole.
pub(super) fn removed_services<'c>(context: &'c ComposeContext<'_>) -> impl Iterator<Item = &'c str> {
    context.input.dropped.iter().filter(|dropped| !dropped.replaced).filter_map(|dropped| {
        match dropped.path.as_slice() {
            [_, name] => Some(&**name),
            _ => None,
        }
    })
}

/// The paths of compose for these keys of a spec's service, in either style.
fn in_compose<'k>(keys: &[&'k str]) -> Vec<Vec<&'k str>> {
    let limits: [(&str, &[&str]); 3] =
        [("cpu", &["cpus"]), ("memory", &["mem_limit", "memswap_limit"]), ("pids", &["pids_limit"])];
    let older = |named: &str| -> Vec<Vec<&'k str>> {
        let own = limits.iter().filter(|(key, _)| named.is_empty() || named == *key);
        own.flat_map(|(_, older)| older.iter().map(|key| vec![*key])).collect()
    };
    let amount = |key: &'k str| if key == "cpu" { "cpus" } else { key };
    match *keys {
        ["image"] => vec![vec!["image"]],
        ["command"] => vec![vec!["entrypoint"]],
        ["args"] => vec![vec!["command"]],
        ["env"] => vec![vec!["environment"]],
        ["env", name] => vec![vec!["environment", name]],
        ["ports"] => vec![vec!["ports"]],
        ["replicas"] => vec![vec!["deploy", "replicas"], vec!["scale"]],
        ["resources"] => [vec![vec!["deploy", "resources"], vec!["mem_reservation"]], older("")].concat(),
        ["resources", "limits"] => [vec![vec!["deploy", "resources", "limits"]], older("")].concat(),
        ["resources", "limits", key] => [vec![vec!["deploy", "resources", "limits", amount(key)]], older(key)].concat(),
        ["resources", "requests"] => vec![vec!["deploy", "resources", "reservations"], vec!["mem_reservation"]],
        ["resources", "requests", "gpu"] => vec![vec!["deploy", "resources", "reservations", "devices"], vec!["gpus"]],
        ["resources", "requests", "memory"] => {
            vec![vec!["deploy", "resources", "reservations", "memory"], vec!["mem_reservation"]]
        }
        ["resources", "requests", key] => vec![vec!["deploy", "resources", "reservations", amount(key)]],
        ["health"] => vec![vec!["healthcheck"]],
        ["health", "startPeriod"] => vec![vec!["healthcheck", "start_period"]],
        ["health", key] => vec![vec!["healthcheck", key]],
        ["update"] => vec![vec!["deploy", "update_config"]],
        ["stopGracePeriod"] => vec![vec!["stop_grace_period"]],
        // of a backing service
        ["memory"] => [vec![vec!["deploy", "resources", "limits", "memory"]], older("memory")].concat(),
        _ => Vec::new(),
    }
}
