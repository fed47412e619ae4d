//! One word or text where a mapping, a number or a word of our own is expected. Knows single values.

use super::answer::{Form, help_only, write};
use crate::syntax::{Node, Value};

/// `8080-8082`, or a switch.
pub(super) fn published(node: &Node) -> Option<Form> {
    match (&node.value, &*node.text) {
        (Value::Bool(true), _) | (Value::Str, "yes" | "on") => {
            help_only("write the first port of the host: `publish: 8080`")
        }
        (Value::Bool(false), _) | (Value::Str, "no" | "off") => {
            help_only("remove it: what is not written is not published")
        }
        (Value::Str, text) => {
            let (first, last) = text.split_once('-')?;
            let (first, _): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            let help = format!("write `{first}`, the first: the range is as wide as the number of replicas");
            Some(Form { help, text: None })
        }
        _ => None,
    }
}

/// A host or a path without its key.
pub(super) fn host_or_path(node: &Node) -> Option<Form> {
    let text = node.as_str()?;
    let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'));
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    match bare.split_once('/') {
        _ if !is_plain(bare) || bare.is_empty() => None,
        Some(("", _)) => write(format!("{{ path: {bare} }}")),
        Some((host, "")) if host.contains('.') => write(format!("{{ host: {host} }}")),
        Some((host, path)) if host.contains('.') => write(format!("{{ host: {host}, path: /{path} }}")),
        None if bare.contains('.') => write(format!("{{ host: {bare} }}")),
        _ => None,
    }
}

/// `rolling` in place of the fields of an update.
pub(super) fn strategy(node: &Node) -> Option<Form> {
    match node.as_str()?.to_ascii_lowercase().as_str() {
        "rolling" | "rollingupdate" | "rolling-update" => write("{ strategy: rolling }".to_owned()),
        "recreate" => write("{ strategy: recreate }".to_owned()),
        _ => None,
    }
}

/// Services that have no word of their own here.
const OTHER_BACKING: &[&str] = &[
    "activemq",
    "cassandra",
    "clickhouse",
    "cockroachdb",
    "dynamodb",
    "etcd",
    "eventhub",
    "influxdb",
    "kinesis",
    "milvus",
    "minio",
    "mssql",
    "neo4j",
    "oracle",
    "pubsub",
    "pulsar",
    "qdrant",
    "s3",
    "servicebus",
    "sns",
    "solr",
    "sqlserver",
    "sqs",
    "weaviate",
    "zookeeper",
];

pub(super) fn other_backing(node: &Node) -> Option<Form> {
    let kind = node.as_str()?.to_ascii_lowercase();
    OTHER_BACKING.contains(&&*kind).then(|| write("other".to_owned()))?
}

/// A variable or a template in place of a value.
pub(super) fn reference(node: &Node) -> Option<Form> {
    let is_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{'));
    let text = node.as_str()?;
    let refers = text.contains("{{") || text.split('$').skip(1).any(is_name);
    refers.then(|| {
        help_only("write the value itself: no variable is read in a spec; what differs from stage to stage is written under `profiles`")
    })?
}

/// A value that another object holds, as in a pod.
pub(super) fn value_from(node: &Node) -> Option<Form> {
    let from = node.get("valueFrom").map_or(node, |from| &from.node);
    if from.get("secretKeyRef").is_some() {
        return help_only("write its name under `sharedSecrets` instead: its value is given where the service runs");
    }
    let object = ["configMapKeyRef", "fieldRef", "resourceFieldRef"].into_iter().any(|key| from.get(key).is_some());
    object.then(|| help_only("write its value, or leave it in the manifest that `targets.kubernetes.base` names"))?
}

/// A switch, or the list of an Ingress, in place of the name of a Secret.
pub(super) fn certificate(node: &Node) -> Option<Form> {
    let listed = node.items().first().and_then(|item| item.get("secretName"));
    if let Some(name) = listed.or_else(|| node.get("secretName")).and_then(|name| name.node.as_str()) {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        return is_plain.then(|| help_only(format!("write its name: `tls: {name}`")))?;
    }
    match node.value {
        Value::Bool(true) => help_only("write the name of the Secret with the certificate: `tls: web-tls`"),
        _ => object_name(node),
    }
}

/// A switch in place of the name of an object: in quotes it would be the name of an object called `true`.
pub(super) fn object_name(node: &Node) -> Option<Form> {
    match node.value {
        Value::Bool(true) => help_only("write its name"),
        Value::Bool(false) => help_only("remove it: what is not written is the default"),
        _ => None,
    }
}

/// A mapping around the profile of Pod Security, as a Namespace or an admission configuration has it.
pub(super) fn pod_security(node: &Node) -> Option<Form> {
    let profile = node.get("profile").or_else(|| node.get("enforce")).and_then(|profile| profile.node.as_str())?;
    ["restricted", "baseline"].contains(&profile).then(|| write(profile.to_owned()))?
}
