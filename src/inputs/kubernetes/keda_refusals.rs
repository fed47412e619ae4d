//! Triggers that KEDA refuses. Knows no other object.
//!
//! The sources are kedacore/keda, `pkg/scaling/scalers_builder.go` (the kinds of triggers of all releases up to 2.20.2) and `pkg/scalers/cron_scaler.go`.

use super::access::{entry, word};
use super::cron;
use super::refused::{Say, is_placeholder};
use crate::support::diagnostic::{Finding, HelpText};
use crate::support::source::FileSpan;
use crate::support::suggest::closest;
use crate::syntax::Node;

/// The kinds of triggers, of whichever release.
#[rustfmt::skip]
const KINDS: &[&str] = &[
    "activemq", "apache-kafka", "arangodb", "artemis-queue", "aws-cloudwatch", "aws-dynamodb",
    "aws-dynamodb-streams", "aws-kinesis-stream", "aws-sqs-queue", "azure-app-insights", "azure-blob",
    "azure-data-explorer", "azure-eventhub", "azure-log-analytics", "azure-monitor", "azure-pipelines",
    "azure-queue", "azure-servicebus", "beanstalkd", "cassandra", "clickhouse", "couchdb", "cpu", "cron",
    "datadog", "dynatrace", "elastic-forecast", "elasticsearch", "etcd", "external", "external-mock",
    "external-push", "forgejo-runner", "gcp-cloudtasks", "gcp-pubsub", "gcp-spanner", "gcp-stackdriver",
    "gcp-storage", "github-runner", "graphite", "huawei-cloudeye", "ibmmq", "influxdb", "kafka",
    "kubernetes-resource", "kubernetes-workload", "liiklus", "loki", "memory", "metrics-api", "mongodb", "mssql",
    "mysql", "nats-jetstream", "new-relic", "nsq", "opensearch", "openstack-metric", "openstack-swift",
    "postgresql", "predictkube", "prometheus", "pulsar", "rabbitmq", "redis", "redis-cluster",
    "redis-cluster-streams", "redis-sentinel", "redis-sentinel-streams", "redis-streams", "selenium-grid",
    "solace-direct-messaging", "solace-event-queue", "solarwinds", "solr", "splunk", "splunk-observability",
    "stan", "sumologic", "temporal",
];

/// A trigger of a ScaledObject: its kind, and the times of one that follows the clock.
pub(super) fn trigger(node: &Node, say: Say<'_>) {
    let Some(kind) = entry(node, "type").filter(|kind| !is_placeholder(&kind.node.text)) else { return };
    if !KINDS.contains(&&*kind.node.text) {
        // a later release may have more
        if let Some(near) = closest(&kind.node.text, KINDS.iter().copied()) {
            let what = format!("`{}` is not a kind of trigger", kind.node.text.escape_debug());
            refused(say, kind.at().place(), what, format!("did you mean `{near}`?"));
        }
        return;
    }
    if &*kind.node.text == "cron" {
        clock(node, say);
    }
}

fn clock(node: &Node, say: Say<'_>) {
    let Some(metadata) = entry(node, "metadata") else { return };
    for key in ["timezone", "start", "end", "desiredReplicas"] {
        if entry(&metadata.node, key).is_none_or(|own| own.node.text.is_empty()) {
            refused(say, metadata.at().key(), format!("a trigger `cron` has no `{key}`"), format!("add `{key}`"));
        }
    }
    for own in ["start", "end"].iter().filter_map(|key| entry(&metadata.node, key)) {
        let text = &*own.node.text;
        if let Some((why, help)) = cron::fault(text, false).filter(|_| !text.is_empty() && !is_placeholder(text)) {
            refused(say, own.at().place(), format!("{} `{}` {why}", own.key, text.escape_debug()), help);
        }
    }
    let (start, end) = (word(&metadata.node, "start"), entry(&metadata.node, "end"));
    if let Some(end) = end.filter(|end| &*end.node.text == start && !start.is_empty()) {
        let what = format!("start and end are both `{}`", start.escape_debug());
        refused(say, end.at().place(), what, "write another end");
    }
}

fn refused(say: Say<'_>, at: FileSpan, what: String, help: impl Into<HelpText>) {
    say(Finding::of("refused-by-target", at, format!("{what}: KEDA refuses it")).help(help));
}
