//! Images that are known by the last part of their path: what they are, and where they keep what only one of them may write.
//!
//! Data paths: the `README.md` of each image in docker-library/docs; for `elasticsearch`, `opensearch`, `kafka`, `postgis` and the
//! `bitnami` images the volume of their own compose examples.

/// What an image is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownImage {
    /// The last part of its path, without tag.
    pub name: &'static str,
    /// The kind of backing service, as the spec words it.
    pub kind: &'static str,
    /// Folders with data that only one container may write.
    pub data: &'static [&'static str],
}

const fn row(name: &'static str, kind: &'static str, data: &'static [&'static str]) -> KnownImage {
    KnownImage { name, kind, data }
}

const POSTGRES: &[&str] = &["/var/lib/postgresql", "/var/lib/postgresql/data", "/bitnami/postgresql"];
const MYSQL: &[&str] = &["/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb"];
const KAFKA: &[&str] = &["/var/lib/kafka/data", "/bitnami/kafka", "/bitnami/kafka/data"];
const REDIS: &[&str] = &["/data", "/bitnami/redis/data", "/bitnami/valkey/data"];
const SEARCH: &[&str] = &["/usr/share/elasticsearch/data", "/usr/share/opensearch/data", "/bitnami/elasticsearch/data"];

/// The table.
#[rustfmt::skip]
pub const IMAGES: &[KnownImage] = &[
    row("postgres", "postgres", POSTGRES),
    row("postgresql", "postgres", POSTGRES),
    row("pgvector", "postgres", POSTGRES),
    row("timescaledb", "postgres", POSTGRES),
    row("postgis", "postgis", POSTGRES),
    row("mysql", "mysql", MYSQL),
    row("percona", "mysql", MYSQL),
    row("mariadb", "mariadb", MYSQL),
    row("redis", "redis", REDIS),
    row("valkey", "valkey", REDIS),
    row("memcached", "memcached", &[]),
    row("mongo", "mongodb", &["/data/db", "/bitnami/mongodb"]),
    row("mongodb", "mongodb", &["/data/db", "/bitnami/mongodb"]),
    row("kafka", "kafka", KAFKA),
    row("cp-kafka", "kafka", KAFKA),
    row("rabbitmq", "rabbitmq", &["/var/lib/rabbitmq", "/bitnami/rabbitmq/mnesia"]),
    row("nats", "nats", &["/data"]),
    row("elasticsearch", "elasticsearch", SEARCH),
    row("opensearch", "elasticsearch", SEARCH),
    row("zookeeper", "other", &["/data", "/datalog", "/bitnami/zookeeper"]),
    row("cassandra", "other", &["/var/lib/cassandra", "/bitnami/cassandra"]),
    row("influxdb", "other", &["/var/lib/influxdb", "/var/lib/influxdb2", "/var/lib/influxdb3/data"]),
    row("neo4j", "other", &["/data"]),
    row("couchdb", "other", &["/opt/couchdb/data"]),
    row("clickhouse", "other", &["/var/lib/clickhouse"]),
    row("clickhouse-server", "other", &["/var/lib/clickhouse"]),
    row("couchbase", "other", &["/opt/couchbase/var"]),
    row("arangodb", "other", &["/var/lib/arangodb3"]),
    row("rethinkdb", "other", &["/data"]),
];

/// What an image is known to be; `reference` is any reference of it, with registry, tag and digest or without.
#[must_use]
pub fn known(reference: &str) -> Option<&'static KnownImage> {
    let bare = reference.split('@').next().unwrap_or_default();
    let last = bare.rsplit('/').next().unwrap_or_default();
    let name = last.split(':').next().unwrap_or_default();
    IMAGES.iter().find(|image| image.name == name)
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn the_last_part_of_the_path_decides() {
        for (reference, kind) in [
            ("postgres", Some("postgres")),
            ("postgres:16-alpine", Some("postgres")),
            ("docker.io/bitnami/postgresql:17", Some("postgres")),
            ("registry:5000/team/mariadb@sha256:00", Some("mariadb")),
            ("postgres-exporter", None),
            ("my/postgres/app", None),
            ("", None),
        ] {
            assert_eq!(known(reference).map(|image| image.kind), kind, "{reference}");
        }
    }
}
