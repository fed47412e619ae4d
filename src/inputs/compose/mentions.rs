//! Where services of a project name the containers and addresses of others. Read once for all of them. Knows no rule.

use crate::inputs::base::{BaseMember, Mention, Mentions};
use crate::support::source::FieldSpan;
use crate::syntax::{Node, Value};
use std::collections::HashSet;

/// Keys whose values name other containers.
const KEYS: [&str; 6] = ["network_mode", "pid", "ipc", "volumes_from", "external_links", "links"];

/// Keys whose text may hold names and addresses.
const TEXTS: [&str; 5] = ["environment", "command", "entrypoint", "extra_hosts", "healthcheck"];

/// The mentions of all container names and addresses of a project.
pub(super) fn of(services: &[BaseMember]) -> Mentions {
    let names = services.iter().filter_map(|service| service.facts.container_name.as_ref()?.value.as_deref());
    let addresses = services.iter().flat_map(|service| &service.facts.addresses);
    let wanted: HashSet<&str> = names.chain(addresses.filter_map(|address| address.address.as_deref())).collect();
    let mut mentions = Mentions::new();
    if wanted.is_empty() {
        return mentions;
    }
    for (index, service) in services.iter().enumerate() {
        let keys = KEYS.iter().map(|key| (key, true)).chain(TEXTS.iter().map(|key| (key, false)));
        for (key, by_key) in keys {
            let Some(entry) = service.project.entry.node.get(key) else { continue };
            let mut search = MentionSearch { wanted: &wanted, mentions: &mut mentions, service: index, by_key };
            search.walk(&entry.node, entry.at());
        }
    }
    mentions
}

struct MentionSearch<'s> {
    wanted: &'s HashSet<&'s str>,
    mentions: &'s mut Mentions,
    service: usize,
    by_key: bool,
}

impl MentionSearch<'_> {
    fn walk(&mut self, node: &Node, at: FieldSpan) {
        match &node.value {
            Value::Map(entries) => entries.iter().for_each(|entry| self.walk(&entry.node, entry.at())),
            Value::Seq(items) => items.iter().for_each(|item| self.walk(item, item.at())),
            _ => self.text(&node.text, at),
        }
    }

    fn text(&mut self, text: &str, at: FieldSpan) {
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        for word in text.split(|c| !inside(c)).filter(|word| self.wanted.contains(word)) {
            let known = self.mentions.entry(word.to_owned()).or_default();
            let own = |known: &&Mention| known.by_key == self.by_key;
            let again = known.iter().filter(own).any(|known| known.service == self.service);
            if !again && known.iter().filter(own).count() < 2 {
                known.push(Mention { service: self.service, at, by_key: self.by_key });
            }
        }
    }
}
