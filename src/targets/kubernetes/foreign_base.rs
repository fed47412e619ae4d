//! Reports fields of another tool's file that these manifests do not hold, so that nothing is lost silently. Knows the facts
//! of a base, and no object.

use super::LoweredPlan;
use crate::inputs::InputFormat;
use crate::inputs::base::{BaseProject, is_data};
use crate::plan::Workload;

/// Whether a service cannot be written, which is reported: a database without a volume for its data, or a service without an image.
pub(super) fn cannot_stand(base: &BaseProject, workload: &Workload, out: &mut LoweredPlan) -> bool {
    let Some(member) = base.service(&workload.name) else { return false };
    let name = &workload.name;
    if let Some(image) = member.facts.image.filter(|_| workload.volumes.is_empty())
        && let Some(mount) = member.facts.mounts.iter().find(|mount| is_data(image, mount))
        && member.view().entrypoint.is_none()
    {
        let target = mount.target.as_deref().unwrap_or_default();
        let message = format!(
            "`{name}` is not written: it keeps the data of a {} in {target} of {}, and no size of a volume is known",
            image.kind, base.name
        );
        let help = format!(
            "say where it runs, `backingServices.{name}: {{ kind: {}, external: {{ urlEnv: … }} }}`, or write `kind: stateful` and \
             `volumes: [{{ name: data, mount: {target}, size: … }}]` for the service",
            image.kind
        );
        out.lost(mount.at, message, help);
        return true;
    }
    if workload.image.is_none() {
        let why = match member.view().build {
            Some(_) => ", it is built there",
            None if base.layer.format == InputFormat::COMPOSE => ", what it is depends on a variable",
            None => "",
        };
        let message = format!("`{name}` is not written: {} names no image for it{why}", base.name);
        out.lost(member.facts.at, message, format!("write `image` for `{name}`"));
        return true;
    }
    false
}
