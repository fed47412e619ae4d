//! What the pods of a workload say and a spec has no field for. Knows no target.

use super::stop_hook::DrainHook;
use super::{written_container, written_pod};
use crate::inputs::kubernetes::access;
use crate::inputs::kubernetes::set::ManifestSet;
use crate::inputs::kubernetes::workload::ManifestWorkload;
use crate::model::SecurityProfile;
use crate::syntax::{Entry, Node};

/// Fields of a pod that are read into the spec or are facts of their own.
const OF_POD: [&str; 10] = [
    "containers",
    "initContainers",
    "volumes",
    "terminationGracePeriodSeconds",
    "topologySpreadConstraints",
    "nodeSelector",
    "tolerations",
    "serviceAccountName",
    "serviceAccount",
    "securityContext",
];
/// The same for a container. How an image is fetched and where its last words go is the machine's matter.
const OF_CONTAINER: [&str; 16] = [
    "name",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "env",
    "ports",
    "resources",
    "readinessProbe",
    "livenessProbe",
    "startupProbe",
    "volumeMounts",
    "lifecycle",
    "securityContext",
    "terminationMessagePath",
    "terminationMessagePolicy",
];
/// Security settings with a field of the spec, and those of the profile restricted.
const OF_SECURITY: [&str; 4] = ["runAsUser", "runAsGroup", "fsGroup", "readOnlyRootFilesystem"];
const OF_RESTRICTED: [&str; 4] = ["runAsNonRoot", "allowPrivilegeEscalation", "capabilities", "seccompProfile"];
/// What the API server takes, or a container does, where nothing is written.
const DEFAULTS: [(&str, &str); 14] = [
    ("restartPolicy", "Always"),
    ("dnsPolicy", "ClusterFirst"),
    ("schedulerName", "default-scheduler"),
    ("enableServiceLinks", "true"),
    ("hostNetwork", "false"),
    ("hostPID", "false"),
    ("hostIPC", "false"),
    ("priority", "0"),
    ("preemptionPolicy", "PreemptLowerPriority"),
    ("stdin", "false"),
    ("tty", "false"),
    ("privileged", "false"),
    ("runAsNonRoot", "false"),
    ("allowPrivilegeEscalation", "true"),
];

/// The paths below the pod or its main container, each with its entry, in the order written.
#[must_use]
pub fn unsaid_of_pods<'s>(set: &'s ManifestSet, workload: &ManifestWorkload) -> Vec<(String, &'s Entry)> {
    let Some(pod) = written_pod(set, workload) else { return Vec::new() };
    let restricted = set.refused_by_profile(workload, SecurityProfile::Restricted, None).is_empty();
    let mut all = Vec::new();
    collect(pod, "", &OF_POD, &mut all);
    // one that always restarts runs beside the main container, and is told as that
    let before = |item: &Node| access::word(item, "restartPolicy") != "Always";
    let inits = access::entry(pod, "initContainers").filter(|all| all.node.items().iter().any(|item| before(item)));
    all.extend(inits.map(|entry| ("initContainers".to_owned(), entry)));
    let container = workload.main().and_then(|main| written_container(set, workload, main));
    for node in [Some(pod), container].into_iter().flatten() {
        let Some(context) = access::entry(node, "securityContext") else { continue };
        let known: Vec<&str> = if restricted { [OF_SECURITY, OF_RESTRICTED].concat() } else { OF_SECURITY.to_vec() };
        collect(&context.node, "securityContext.", &known, &mut all);
    }
    if let Some(container) = container {
        collect(container, "", &OF_CONTAINER, &mut all);
        let waits =
            DrainHook::of(container).is_some_and(|hook| hook.command.is_none_or(|command| !command.does_more()));
        let known: &[&str] = if waits { &["preStop"] } else { &[] };
        if let Some(lifecycle) = access::entry(container, "lifecycle") {
            collect(&lifecycle.node, "lifecycle.", known, &mut all);
        }
    }
    all
}

fn collect<'n>(node: &'n Node, before: &str, known: &[&str], all: &mut Vec<(String, &'n Entry)>) {
    let empty =
        |node: &Node| node.is_null() || (node.entries().is_empty() && node.items().is_empty() && node.text.is_empty());
    for entry in node.entries().iter().filter(|entry| !empty(&entry.node)) {
        let usual = DEFAULTS.iter().any(|(key, value)| **key == *entry.key && **value == *entry.node.text);
        if !usual && !known.contains(&&*entry.key) {
            all.push((format!("{before}{}", entry.key), entry));
        }
    }
}
