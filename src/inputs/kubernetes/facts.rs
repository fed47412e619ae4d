//! The facts of a workload that the spec has no field for. Knows no field.

use super::autoscaler::AutoscalerObject;
use super::pod::{PodContainer, VolumeSource};
use super::set::ManifestSet;
use super::workload::{ManifestWorkload, WorkloadKind};
use crate::inputs::facts::{EnvOrigin, Facts, Mount, MountKind, RareFacts, ReplicationMode, Sidecar, Variable};
use crate::inputs::{images, leaf};
use crate::model::{Amounts, BaseScaler, Val};
use crate::support::source::FieldSpan;

/// The facts of a workload.
pub(super) fn of(set: &ManifestSet, index: usize, workload: &ManifestWorkload) -> Facts {
    let main = workload.main();
    let pod = &workload.pod;
    let rare = RareFacts { mode: mode(workload.kind).map(|mode| Val::new(mode, workload.at)), ..RareFacts::default() };
    Facts {
        object: Some(Box::new(workload.object.clone())),
        at: workload.at,
        scaler: set.scaled_by(index).map(|scaler| match scaler.kind {
            AutoscalerObject::ScaledObject => BaseScaler::Keda,
            _ => BaseScaler::Horizontal,
        }),
        runnable: true,
        mounts: main.map(|container| mounts(workload, container).into()).unwrap_or_default(),
        words: main.map(|container| container.words.clone().into()).unwrap_or_default(),
        image: main.and_then(|container| images::known_image(&container.image.as_ref()?.value)),
        starts: true,
        variables: main.map(|container| variables(container).into()).unwrap_or_default(),
        sidecars: pod.running().filter(|one| main.is_none_or(|main| main.at != one.at)).map(sidecar).collect(),
        partial: set.changes_containers(workload, "resources.limits.memory"),
        rare: rare.into(),
        ..Facts::default()
    }
}

fn mode(kind: WorkloadKind) -> Option<ReplicationMode> {
    match kind {
        WorkloadKind::DaemonSet => Some(ReplicationMode::Global),
        kind if kind.ends() => Some(ReplicationMode::Job),
        _ => None,
    }
}

fn mounts(workload: &ManifestWorkload, container: &PodContainer) -> Vec<Mount> {
    let fact = |mount: &super::PodMount| {
        let volume = workload.pod.volume(&mount.volume);
        let (kind, source) = match volume.map(|volume| &volume.source) {
            _ if mount.own_folder => (MountKind::Anonymous, None),
            Some(VolumeSource::Claim(name)) => (MountKind::Volume, Some(name.clone())),
            Some(VolumeSource::HostPath { file: true, path }) => (MountKind::Other, Some(path.clone())),
            Some(VolumeSource::HostPath { path, .. }) => (MountKind::Bind, Some(path.clone())),
            Some(VolumeSource::Network(_) | VolumeSource::Disk(_)) => (MountKind::Volume, Some(mount.volume.clone())),
            Some(VolumeSource::OfPod) | None => (MountKind::Anonymous, None),
        };
        let read_only = mount.read_only || volume.is_some_and(|volume| volume.read_only);
        Mount { at: mount.at, kind, source, target: Some(mount.path.clone()), read_only }
    };
    container.mounts.iter().map(fact).collect()
}

fn variables(container: &PodContainer) -> Vec<Variable> {
    let written = |(name, value): &(String, Val<String>)| Variable {
        name: name.clone(),
        at: value.at,
        origin: EnvOrigin::Written,
    };
    let elsewhere =
        |name: &Val<String>| Variable { name: name.value.clone(), at: name.at, origin: EnvOrigin::PassedThrough };
    container.env.iter().map(written).chain(container.env_from_elsewhere.iter().map(elsewhere)).collect()
}

fn sidecar(container: &PodContainer) -> Sidecar {
    let part = |key: &str, amounts: &Amounts| {
        let mut fields = Vec::new();
        fields.extend(amounts.cpu.map(|cpu| leaf::text("cpu", cpu.at, &cpu.value.to_string())));
        fields.extend(amounts.memory.map(|memory| leaf::text("memory", memory.at, &memory.value.to_string())));
        Some(leaf::mapping(key, amounts.at?, fields))
    };
    let all = &container.resources;
    let at: FieldSpan = all.at;
    let parts = [part("requests", &all.requests), part("limits", &all.limits)].into_iter().flatten();
    let resources = all.written.then(|| leaf::mapping("resources", at, parts.collect()));
    Sidecar { name: container.name.clone(), at: container.at, resources }
}
