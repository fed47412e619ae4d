//! Rows of the sizing table. A value that cannot be read is left out of its row, so that nothing is reported as below it.

use super::read::{ValueReader, get};
use super::service::amounts;
use crate::model::{Advice, Recommendation};
use crate::syntax::Entry;

pub(super) fn lower(reader: &mut ValueReader, row: &Entry) -> Recommendation {
    let services = get(Some(row), "services").map_or(&[][..], |services| services.node.entries());
    let mut advice = |entry: &Entry| {
        let resources = get(Some(entry), "resources");
        Advice {
            name: entry.key.to_string(),
            at: entry.at(),
            replicas: reader.int(get(Some(entry), "replicas")),
            requests: amounts(reader, get(resources, "requests")),
            limits: amounts(reader, get(resources, "limits")),
        }
    };
    Recommendation { name: row.key.to_string(), at: row.at(), services: services.iter().map(&mut advice).collect() }
}
