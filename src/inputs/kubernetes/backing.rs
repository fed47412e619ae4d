//! A workload as a backing service of the spec: its kind from the image, its settings from flags and variables. Knows no service of the spec.

use super::pod::PodContainer;
use super::workload::ManifestWorkload;
use crate::inputs::images;
use crate::inputs::leaf;
use crate::inputs::server_flags::{flag, postgres_memory};
use crate::model::Val;
use crate::model::quantity::Memory;
use crate::syntax::Entry;

/// Variables of Kafka's own image and of Confluent's, which write `server.properties`, by the field that they set
/// (apache/kafka `docker/README.md`, confluentinc/kafka-images).
const KAFKA: &[(&str, &str)] =
    &[("KAFKA_NUM_PARTITIONS", "partitions"), ("KAFKA_DEFAULT_REPLICATION_FACTOR", "replicationFactor")];

/// The fields of a backing service; `None` if the image is not a known one.
pub(super) fn of(workload: &ManifestWorkload, container: &PodContainer) -> Option<Vec<Entry>> {
    let image = container.image.as_ref()?;
    let known = images::known_image(&image.value)?;
    let mut fields = vec![leaf::text("kind", image.at, known.kind), leaf::text("image", image.at, &image.value)];
    let memory = container.resources.limits.memory;
    fields.extend(memory.map(|memory| leaf::text("memory", memory.at, &memory.value.to_string())));
    if matches!(known.kind, "postgres" | "postgis") {
        for (name, key) in [("shared_buffers", "sharedBuffers"), ("work_mem", "workMem")] {
            let amount = flag(&container.words, name, true);
            let amount = amount.and_then(|flag| Some((postgres_memory(&flag.value, name)?, flag.at)));
            let text = |bytes: i64| Memory::bytes(u64::try_from(bytes).unwrap_or_default()).to_string();
            fields.extend(amount.map(|(bytes, at)| leaf::text(key, at, &text(bytes))));
        }
    }
    if known.kind == "kafka" {
        let number = |name: &str| {
            let (_, value) = container.env.iter().rev().find(|(own, _)| own == name)?;
            Some(Val::new(value.value.trim().parse::<i64>().ok().filter(|number| *number > 0)?, value.at))
        };
        for (name, key) in KAFKA {
            fields.extend(number(name).map(|number| leaf::number(key, number.at, number.value)));
        }
        // each replica is a broker
        let brokers = workload.replicas.filter(|_| workload.kind.has_replicas());
        fields.extend(brokers.map(|brokers| leaf::number("brokers", brokers.at, brokers.value.into())));
    }
    Some(fields)
}
