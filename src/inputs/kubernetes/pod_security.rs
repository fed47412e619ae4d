//! What a profile of Pod Security refuses of a pod, after the checks of kubernetes/pod-security-admission (policy/check_*.go). Not
//! looked at: AppArmor, SELinux, `procMount`, sysctls, hosts of probes, and pods of Windows.

use super::access::{entry, flag, items, path, word};
use super::documents::Manifest;
use super::set::ManifestSet;
use super::workload::{ManifestWorkload, WorkloadKind};
use crate::model::{SecurityProfile, Val};
use crate::support::source::FileId;
use crate::syntax::Node;

/// Capabilities that the profile baseline lets a container add.
const ADDABLE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// Kinds of volumes that the profile restricted takes.
const VOLUMES: [&str; 9] = [
    "configMap",
    "downwardAPI",
    "emptyDir",
    "projected",
    "secret",
    "csi",
    "persistentVolumeClaim",
    "ephemeral",
    "image",
];

/// The label that makes a namespace refuse pods.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

impl ManifestSet {
    /// The profile that a namespace of the set enforces on what is applied with a file.
    #[must_use]
    pub fn enforced(&self, namespace: &str, file: Option<FileId>) -> Option<Val<SecurityProfile>> {
        let named = |manifest: &&Manifest| {
            manifest.name.as_ref().is_some_and(|name| name.value == namespace)
                && file.is_none_or(|file| self.together(manifest.file, file))
        };
        let label = path(&self.own_namespaces().find(named)?.root, &["metadata", "labels", ENFORCE])?;
        let profile = match label.node.as_str()? {
            "restricted" => SecurityProfile::Restricted,
            "baseline" => SecurityProfile::Baseline,
            _ => return None,
        };
        Some(Val::new(profile, label.at()))
    }

    /// Whether a namespace of the set enforces a profile.
    pub(super) fn refuses_pods(&self) -> bool {
        self.own_namespaces().any(|manifest| path(&manifest.root, &["metadata", "labels", ENFORCE]).is_some())
    }

    fn own_namespaces(&self) -> impl Iterator<Item = &Manifest> {
        self.namespaces.iter().filter_map(|index| self.manifests.get(*index))
    }

    /// What a profile refuses of the pods of a workload, in words. `given` is a container for which somebody else writes what the profile
    /// restricted asks of it and of its pod.
    #[must_use]
    pub fn refused_by_profile(
        &self,
        workload: &ManifestWorkload,
        profile: SecurityProfile,
        given: Option<&str>,
    ) -> Vec<String> {
        let spec = self.manifests.get(workload.manifest).and_then(Manifest::spec);
        let pod = spec.and_then(|spec| match workload.kind {
            WorkloadKind::CronJob => path(spec, &["jobTemplate", "spec", "template", "spec"]).map(|entry| &*entry.node),
            WorkloadKind::Pod => Some(spec),
            _ => path(spec, &["template", "spec"]).map(|entry| &*entry.node),
        });
        let Some(pod) =
            pod.filter(|pod| path(pod, &["os", "name"]).is_none_or(|os| os.node.as_str() != Some("windows")))
        else {
            return Vec::new();
        };
        let containers: Vec<&Node> =
            ["initContainers", "containers"].into_iter().flat_map(|key| items(pod, key).map(|item| &**item)).collect();
        let judged = JudgedPod { pod, containers, given };
        let mut all = judged.baseline(profile);
        if profile == SecurityProfile::Restricted {
            all.extend(judged.restricted());
        }
        all
    }
}

struct JudgedPod<'a> {
    pod: &'a Node,
    containers: Vec<&'a Node>,
    given: Option<&'a str>,
}

/// A field of the security context.
fn security_field<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n Node> {
    path(node, &[&["securityContext"], keys].concat()).map(|entry| &*entry.node)
}

fn truth(node: &Node, key: &str) -> Option<bool> {
    flag(path(node, &["securityContext", key])).map(|own| own.value)
}

impl JudgedPod<'_> {
    /// The names of the containers for which something holds, in words; `None` if there are none.
    fn of(&self, what: &str, holds: impl Fn(&Node) -> bool) -> Option<String> {
        let bad = self.containers.iter().filter(|container| holds(container));
        let names: Vec<String> = bad.map(|container| format!("`{}`", word(container, "name"))).collect();
        (!names.is_empty()).then(|| format!("{what} ({})", names.join(", ")))
    }

    /// The same, but for the container that somebody else writes it for.
    fn lacking(&self, what: &str, lacks: impl Fn(&Node) -> bool) -> Option<String> {
        self.of(&format!("no `{what}`"), |container| self.given != Some(word(container, "name")) && lacks(container))
    }

    fn baseline(&self, profile: SecurityProfile) -> Vec<String> {
        let mut all = Vec::new();
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if flag(entry(self.pod, key)).is_some_and(|own| own.value) {
                all.push(format!("`{key}: true`"));
            }
        }
        let host_paths = items(self.pod, "volumes").filter(|volume| entry(volume, "hostPath").is_some());
        all.extend(host_paths.map(|volume| format!("the hostPath volume `{}`", word(volume, "name"))));
        all.extend(self.of("`privileged: true`", |container| truth(container, "privileged") == Some(true)));
        let host_port = |container: &Node| {
            items(container, "ports")
                .any(|port| entry(port, "hostPort").is_some_and(|own| own.node.as_whole() != Some(0)))
        };
        all.extend(self.of("a `hostPort`", host_port));
        let unconfined = |node: &Node| {
            security_field(node, &["seccompProfile", "type"]).and_then(Node::as_str) == Some("Unconfined")
        };
        if unconfined(self.pod) || self.containers.iter().any(|container| unconfined(container)) {
            all.push("`seccompProfile.type: Unconfined`".to_owned());
        }
        let addable: &[&str] = if profile == SecurityProfile::Restricted { &["NET_BIND_SERVICE"] } else { &ADDABLE };
        for container in &self.containers {
            let added = security_field(container, &["capabilities"]).into_iter().flat_map(|list| items(list, "add"));
            let names = added.filter_map(|capability| capability.as_str()).filter(|name| !addable.contains(name));
            all.extend(names.map(|name| format!("the capability {name} (`{}`)", word(container, "name"))));
        }
        all
    }

    fn restricted(&self) -> Vec<String> {
        let mut all = Vec::new();
        for volume in items(self.pod, "volumes") {
            let kinds =
                volume.entries().iter().map(|entry| &*entry.key).filter(|key| *key != "name" && *key != "hostPath");
            let other = kinds.filter(|key| !VOLUMES.contains(key));
            all.extend(other.map(|kind| format!("the {kind} volume `{}`", word(volume, "name"))));
        }
        let users = flag(entry(self.pod, "hostUsers")).is_some_and(|own| !own.value);
        let pod_non_root = self.given.is_some() || truth(self.pod, "runAsNonRoot") == Some(true);
        // within a user namespace of its own a pod may be root (1.35)
        if !users {
            all.extend(self.of("no `runAsNonRoot: true`", |container| {
                truth(container, "runAsNonRoot").map_or(!pod_non_root, |own| !own)
            }));
            let root =
                |node: &Node| security_field(node, &["runAsUser"]).is_some_and(|user| user.as_whole() == Some(0));
            if root(self.pod) || self.containers.iter().any(|container| root(container)) {
                all.push("`runAsUser: 0`".to_owned());
            }
        }
        all.extend(self.lacking("allowPrivilegeEscalation: false", |container| {
            truth(container, "allowPrivilegeEscalation") != Some(false)
        }));
        let drops_all = |container: &Node| {
            security_field(container, &["capabilities"])
                .is_some_and(|own| items(own, "drop").any(|capability| capability.as_str() == Some("ALL")))
        };
        all.extend(self.lacking("capabilities: { drop: [ALL] }", |container| !drops_all(container)));
        let pod_profile = self.given.is_some() || security_field(self.pod, &["seccompProfile", "type"]).is_some();
        all.extend(self.of("no `seccompProfile: { type: RuntimeDefault }`", |container| {
            !pod_profile && security_field(container, &["seccompProfile", "type"]).is_none()
        }));
        all
    }
}
