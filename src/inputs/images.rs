//! Images that are known by the last part of their path: their kind, and the folders that only one container may write.
//!
//! Data paths: the `README.md` of each image in docker-library/docs; for `elasticsearch`, `opensearch`, `kafka`, `postgis` and the
//! `bitnami` images the volume of their own compose examples; the Dockerfiles of qdrant, meilisearch, Prometheus, scylladb, solr-docker
//! and etcd (release image); etcd's and milvus' own commands and compose files (`--data-dir`, `/var/lib/milvus`); the volumes that
//! published compose files give SQL Server, Redpanda, CockroachDB, Weaviate, VictoriaMetrics and bitnami's etcd; the volume of MinIO's
//! Dockerfile.release and of bitnami's.
//!
//! Starts: the entry points of docker-library's postgres, mysql, mariadb, redis, memcached and mongo put the server before a first
//! word that begins with `-`, and set the data folder up only if the first word is that server. The entry points of bitnami's
//! images (bitnami/containers, `rootfs/opt/bitnami/scripts/<name>/entrypoint.sh` and `run.sh`) set up only if the command is
//! their own `run.sh`, which takes flags from a variable. Redis Stack's own script reads `REDIS_ARGS`.

/// What is known of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownImage {
    /// The last part of its path, without tag; the last two where the last alone tells nothing.
    pub name: &'static str,
    /// The kind of backing service, as the spec words it.
    pub kind: &'static str,
    /// Folders with data that only one container may write.
    pub data: &'static [&'static str],
}

/// How the server of an image is given flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerStart {
    /// In the container's command: the entry point puts the server before them.
    Command,
    /// The command is a script of the image, which must stay; flags are read from this variable, if it has one.
    Script(Option<&'static str>),
}

/// The owners, in a registry, of images whose command is their own script.
const SCRIPTED_OWNERS: &[&str] = &["bitnami", "bitnamilegacy", "bitnamisecure"];

/// The variable of a scripted owner's image from which its server takes flags, by the last part of the path.
const FLAG_VARIABLES: &[(&str, &str)] = &[
    ("postgresql", "POSTGRESQL_EXTRA_FLAGS"),
    ("postgresql-repmgr", "POSTGRESQL_EXTRA_FLAGS"),
    ("mysql", "MYSQL_EXTRA_FLAGS"),
    ("mariadb", "MARIADB_EXTRA_FLAGS"),
    ("mariadb-galera", "MARIADB_EXTRA_FLAGS"),
    ("redis", "REDIS_EXTRA_FLAGS"),
    ("valkey", "VALKEY_EXTRA_FLAGS"),
    ("mongodb", "MONGODB_EXTRA_FLAGS"),
];

/// The variables whose flags a start script of an image hands to the Java runtime, by the last part of the image's path: `bin/elasticsearch`,
/// `bin/logstash`, `bin/opensearch`, Kafka's `bin/kafka-run-class.sh`, Tomcat's `catalina.sh`, `jenkins.sh` of Jenkins' image.
const JAVA_VARIABLES: &[(&str, &[&str])] = &[
    ("elasticsearch", &["ES_JAVA_OPTS"]),
    ("logstash", &["LS_JAVA_OPTS"]),
    ("opensearch", &["OPENSEARCH_JAVA_OPTS"]),
    ("kafka", &["KAFKA_HEAP_OPTS"]),
    ("cp-kafka", &["KAFKA_HEAP_OPTS"]),
    ("cp-zookeeper", &["KAFKA_HEAP_OPTS"]),
    ("tomcat", &["JAVA_OPTS", "CATALINA_OPTS"]),
    ("jenkins", &["JAVA_OPTS"]),
];

/// Whether an image is known to hand a variable to its runtime.
#[must_use]
pub fn reads_flags_of(reference: &str, variable: &str) -> bool {
    let (_, name) = owner_and_name(reference);
    JAVA_VARIABLES.iter().any(|(image, variables)| *image == name && variables.contains(&variable))
}

/// How the server of an image is given flags. An image that is not known is taken for one built on the official image of its kind.
#[must_use]
pub fn start(reference: &str) -> ServerStart {
    let (owner, name) = owner_and_name(reference);
    if matches!(name, "redis-stack" | "redis-stack-server") {
        return ServerStart::Script(Some("REDIS_ARGS"));
    }
    if owner.is_none_or(|owner| !SCRIPTED_OWNERS.contains(&owner)) {
        return ServerStart::Command;
    }
    ServerStart::Script(FLAG_VARIABLES.iter().find(|(image, _)| *image == name).map(|(_, variable)| *variable))
}

/// Official images that start as root: their Dockerfiles in the docker-library have no `USER`, and the entry points of most step down only then.
const AS_ROOT: &[&str] = &["postgres", "mysql", "mariadb", "redis", "mongo", "rabbitmq", "nginx", "httpd"];

/// Whether an image is known to start as root: an official one of Docker Hub, not one of the same name elsewhere.
#[must_use]
pub fn starts_as_root(reference: &str) -> bool {
    let (owner, name) = owner_and_name(reference);
    owner.is_none_or(|owner| owner == "library") && AS_ROOT.contains(&name)
}

/// The version numbers of an nginx in the tag of its image, empty if the tag has none; `None` for another image.
#[must_use]
pub fn nginx(reference: &str) -> Option<Vec<u32>> {
    let (_, name) = owner_and_name(reference);
    if !matches!(name, "nginx" | "nginx-unprivileged") {
        return None;
    }
    let last = reference.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let tag = last.split_once(':').map_or("", |(_, tag)| tag).split('-').next().unwrap_or_default();
    Some(tag.split('.').map(str::parse).collect::<Result<_, _>>().unwrap_or_default())
}

/// The last two parts of a reference's path, without tag and digest.
fn owner_and_name(reference: &str) -> (Option<&str>, &str) {
    let bare = reference.split('@').next().unwrap_or_default();
    let mut parts = bare.rsplit('/');
    let last = parts.next().unwrap_or_default();
    (parts.next(), last.split(':').next().unwrap_or_default())
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
    row("postgresql-repmgr", "postgres", POSTGRES),
    row("mysql", "mysql", MYSQL),
    row("percona", "mysql", MYSQL),
    row("mariadb", "mariadb", MYSQL),
    row("mariadb-galera", "mariadb", MYSQL),
    row("redis", "redis", REDIS),
    row("redis-stack", "redis", REDIS),
    row("redis-stack-server", "redis", REDIS),
    row("valkey", "valkey", REDIS),
    row("memcached", "memcached", &[]),
    row("pgbouncer", "pgbouncer", &[]),
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
    row("mysql-server", "mysql", MYSQL),
    row("redpanda", "kafka", &["/var/lib/redpanda", "/var/lib/redpanda/data"]),
    row("mssql/server", "other", &["/var/opt/mssql", "/var/opt/mssql/data"]),
    row("cockroach", "other", &["/cockroach/cockroach-data"]),
    row("scylla", "other", &["/var/lib/scylla"]),
    row("etcd", "other", &["/etcd", "/etcd-data", "/var/lib/etcd", "/bitnami/etcd", "/bitnami/etcd/data"]),
    row("solr", "other", &["/var/solr", "/var/solr/data"]),
    row("qdrant", "other", &["/qdrant/storage"]),
    row("meilisearch", "other", &["/meili_data", "/meili_data/data.ms"]),
    row("milvus", "other", &["/var/lib/milvus"]),
    row("weaviate", "other", &["/var/lib/weaviate"]),
    row("victoria-metrics", "other", &["/storage", "/victoria-metrics-data"]),
    row("prometheus", "other", &["/prometheus"]),
    row("minio", "other", &["/data", "/bitnami/minio/data"]),
];

/// What an image is known to be; `reference` is any reference of it, with registry, tag and digest or without.
#[must_use]
pub fn known_image(reference: &str) -> Option<&'static KnownImage> {
    let (owner, name) = owner_and_name(reference);
    let is_named = |image: &&KnownImage| match image.name.split_once('/') {
        Some((of, last)) => owner == Some(of) && last == name,
        None => image.name == name,
    };
    IMAGES.iter().find(is_named)
}

#[cfg(test)]
mod tests {
    use super::{ServerStart, known_image, nginx, start};

    #[test]
    fn the_tag_of_an_nginx_tells_its_version() {
        assert_eq!(nginx("nginx:1.27.4-alpine"), Some(vec![1, 27, 4]));
        assert_eq!(nginx("nginxinc/nginx-unprivileged:1.29"), Some(vec![1, 29]));
        assert_eq!(nginx("registry:5000/nginx"), Some(Vec::new()));
        assert_eq!(nginx("nginx:stable-alpine@sha256:00"), Some(Vec::new()));
        assert_eq!(nginx("nginx/nginx-prometheus-exporter:1.4"), None);
    }

    #[test]
    fn a_start_script_that_is_the_command_is_known() {
        for (reference, expected) in [
            ("bitnami/postgresql:16", ServerStart::Script(Some("POSTGRESQL_EXTRA_FLAGS"))),
            ("docker.io/bitnamilegacy/mysql@sha256:00", ServerStart::Script(Some("MYSQL_EXTRA_FLAGS"))),
            ("bitnami/memcached", ServerStart::Script(None)),
            ("redis/redis-stack-server:7", ServerStart::Script(Some("REDIS_ARGS"))),
            ("postgres:16", ServerStart::Command),
            ("example.com/bitnamilike/postgresql", ServerStart::Command),
            ("", ServerStart::Command),
        ] {
            assert_eq!(start(reference), expected, "{reference}");
        }
    }

    #[test]
    fn the_last_part_of_the_path_decides() {
        for (reference, kind) in [
            ("postgres", Some("postgres")),
            ("postgres:16-alpine", Some("postgres")),
            ("docker.io/bitnami/postgresql:17", Some("postgres")),
            ("registry:5000/team/mariadb@sha256:00", Some("mariadb")),
            ("postgres-exporter", None),
            ("my/postgres/app", None),
            ("mcr.microsoft.com/mssql/server:2022-latest", Some("other")),
            ("example.com/game/server:1", None),
            ("server", None),
            ("quay.io/prometheus/prometheus:v3.5.0", Some("other")),
            ("", None),
        ] {
            assert_eq!(known_image(reference).map(|image| image.kind), kind, "{reference}");
        }
    }
}
