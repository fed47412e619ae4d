//! The security settings of replicas: the profile `restricted` of Pod Security, and the spec's `podSecurity`.

use super::KubernetesOutput;
use super::unit::WorkloadUnit;
use crate::inputs::images;
use crate::plan::{PodSecurity, SecurityProfile, Val};
use crate::support::diagnostic::SPEC;
use crate::targets::LoweredPlan;
use serde::Serialize;

/// The pod's part.
#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSecurityContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    run_as_non_root: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_as_user: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_as_group: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fs_group: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seccomp_profile: Option<SeccompProfile>,
}

#[derive(PartialEq, Serialize)]
struct SeccompProfile {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A container's part.
#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerSecurityContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_privilege_escalation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_only_root_filesystem: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Capabilities>,
}

#[derive(PartialEq, Serialize)]
struct Capabilities {
    drop: [&'static str; 1],
}

/// A user id that no image gives to root.
const NOBODY: u32 = 65532;

/// The profile's requirements for a pod, whichever user runs in it.
fn restricted_pod() -> PodSecurityContext {
    let seccomp_profile = Some(SeccompProfile { kind: "RuntimeDefault" });
    PodSecurityContext { run_as_non_root: Some(true), seccomp_profile, ..PodSecurityContext::default() }
}

/// Its requirements for a container.
fn restricted_container() -> ContainerSecurityContext {
    ContainerSecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop: ["ALL"] }),
        ..ContainerSecurityContext::default()
    }
}

/// Both parts for a process that runs as nobody and writes no file of its own image.
pub(super) fn nobody() -> (PodSecurityContext, ContainerSecurityContext) {
    let pod = PodSecurityContext { run_as_user: Some(NOBODY), run_as_group: Some(NOBODY), ..restricted_pod() };
    (pod, ContainerSecurityContext { read_only_root_filesystem: Some(true), ..restricted_container() })
}

/// Both parts of a service; `None` if there is nothing to write.
pub(super) fn of(
    unit: &WorkloadUnit<'_>,
    out: &mut LoweredPlan,
) -> (Option<PodSecurityContext>, Option<ContainerSecurityContext>) {
    let own = changed(unit);
    let own = own.as_ref();
    let enforced = unit.settings.pod_security.filter(|profile| profile.value == SecurityProfile::Restricted);
    if let (Some(own), Some(_)) = (own, enforced)
        && own.profile.written
        && own.profile.value == SecurityProfile::Baseline
    {
        let message = format!(
            "{} has the profile baseline, and the namespace takes only pods of the profile restricted \
             (`targets.kubernetes.podSecurity`)",
            unit.workload.name
        );
        out.refused(own.profile.at, message, "write `profile: restricted`, or another namespace");
    }
    // a patch only holds the spec's settings of the service itself; the base keeps its own
    let restricted = match own {
        Some(own) => own.profile.value == SecurityProfile::Restricted,
        None => enforced.is_some() && !unit.patch,
    };
    let (mut pod, mut container) = if restricted {
        (restricted_pod(), restricted_container())
    } else {
        (PodSecurityContext::default(), ContainerSecurityContext::default())
    };
    if let Some(own) = own {
        if let Some(user) = own.user.filter(|user| user.value == 0 && restricted) {
            out.refused(user.at, "user 0 is root, which the profile restricted refuses", "write another number");
        }
        let number = |number: Option<Val<u32>>| number.map(|number| number.value);
        pod.run_as_user = number(own.user);
        pod.run_as_group = number(own.group);
        pod.fs_group = number(own.volume_group);
        let resets = unit.over.is_some() && own.read_only.written;
        container.read_only_root_filesystem = (own.read_only.value || resets).then_some(own.read_only.value);
    }
    if restricted && pod.run_as_user.is_none() {
        as_root(unit, out);
    }
    let pod = Some(pod).filter(|pod| *pod != PodSecurityContext::default());
    (pod, Some(container).filter(|container| *container != ContainerSecurityContext::default()))
}

/// The security settings to be written: over a base only those that the spec sets and the base has otherwise.
pub(super) fn changed(unit: &WorkloadUnit<'_>) -> Option<PodSecurity> {
    let own = unit.pod()?.security.as_ref()?;
    let Some(over) = unit.over else { return Some(own.clone()) };
    let base = over.member.service.pod.as_ref().and_then(|pod| pod.security.as_ref());
    let number = |own: Option<Val<u32>>, base: Option<Option<Val<u32>>>| {
        over.written(own.as_ref(), base.flatten().map(|base| base.value), |own, value| own == value).copied()
    };
    // the profile that nobody writes is that of the field where the spec has the field
    let asked = own.profile.is_of_spec() || (!own.profile.written && own.at.file == SPEC);
    let same = !over.changed && base.is_some_and(|base| base.profile.value == own.profile.value);
    let (baseline, as_before) = (Val::default_at(SecurityProfile::Baseline, own.at), Val::default_at(false, own.at));
    let read_only = base.map(|base| base.read_only.value).unwrap_or_default();
    Some(PodSecurity {
        at: own.at,
        profile: if asked && !same { own.profile } else { baseline },
        user: number(own.user, base.map(|base| base.user)),
        group: number(own.group, base.map(|base| base.group)),
        volume_group: number(own.volume_group, base.map(|base| base.volume_group)),
        read_only: *over
            .written(Some(&own.read_only), Some(read_only), |own, value| own == value)
            .unwrap_or(&as_before),
    })
}

/// Reports an image that the profile keeps from starting.
fn as_root(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let image = unit.workload.image.as_ref().filter(|image| images::starts_as_root(&image.value));
    let Some(image) = image else { return };
    let group = if unit.workload.volumes.is_empty() { "" } else { ", and as `volumeGroup` for its volumes" };
    out.lost(
        image.at,
        format!(
            "{} starts as root, which the profile restricted forbids: its containers do not start (CreateContainerConfigError)",
            image.value
        ),
        format!("write `podSecurity.user` with the number of the image's own user{group}, or take an image that starts as another user"),
    );
}

/// Reports that a namespace with the profile restricted would refuse the pods, if only the target knows of it.
pub(super) fn unused(settings: &super::KubernetesSettings, out: &mut KubernetesOutput) {
    let Some(profile) = settings.pod_security else { return };
    if !out.resources.iter().any(|path| path.ends_with("deployment.yaml") || path.ends_with("statefulset.yaml")) {
        let message = "no whole workload is written, so no pod gets a security context from here";
        out.lowered.lost(profile.at, message, "write `podSecurity` under the services that are patched");
    }
}
