//! Kubernetes manifests, or kustomize patches if there is no image. Knows the plan and what the API server refuses; runs no backing service.

mod amounts;
mod autoscaler_parts;
mod autoscalers;
mod base_objects;
mod callers;
mod clock;
mod cronjobs;
mod foreign_base;
mod ingress_objects;
mod keda;
mod metadata;
mod names;
mod network;
mod nights;
mod objects;
mod over_base;
mod patches;
mod placing;
mod pod;
mod pod_objects;
mod pod_security;
mod probes;
mod routes;
mod scaling;
mod settings;
mod transitions;
mod triggers;
mod unit;
mod votes;
mod week;
mod weekly;
mod workload;

use super::{BaseFile, Input, LoweredPlan, OutputFormat, TargetMeta, View};
use crate::inputs::InputFormat;
use crate::plan::ClusterAutoscaler;
use serde::Serialize;
use serde_json::Value as Json;
use settings::KubernetesSettings;
use unit::WorkloadUnit;

const TEMPLATES: &[(&str, &str)] = &[
    (ACCESS, include_str!("../../../templates/kubernetes/access.yaml.j2")),
    (OBJECT, include_str!("../../../templates/kubernetes/object.yaml.j2")),
    (REMOVAL, include_str!("../../../templates/kubernetes/removal.yaml.j2")),
    (KUSTOMIZATION, include_str!("../../../templates/kubernetes/kustomization.yaml.j2")),
];

pub(super) const META: TargetMeta = TargetMeta {
    autoscales: |options| settings::autoscaler(options) != ClusterAutoscaler::None,
    measures_requests: |options| settings::autoscaler(options) != ClusterAutoscaler::None,
    base: Some(BaseFile::Manifests { option: "base", containers: "containers" }),
    starts_new_first: true,
    cluster: Some(settings::cluster),
    transitions: Some(transitions::transitions),
    ..TargetMeta::new("kubernetes", lower, OutputFormat::Yaml, TEMPLATES)
};

const ACCESS: &str = "access.yaml.j2";
const OBJECT: &str = "object.yaml.j2";
const REMOVAL: &str = "removal.yaml.j2";
const KUSTOMIZATION: &str = "kustomization.yaml.j2";

/// The kustomization or component that lists the files. A component can be laid over a base; a kustomization is alone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Vec<Patch>>,
}

#[derive(Serialize)]
struct Patch {
    path: String,
}

/// The output: findings, files, and how the files are listed.
#[derive(Default)]
struct KubernetesOutput {
    /// Whether views are needed, or only findings.
    writes: bool,
    lowered: LoweredPlan,
    resources: Vec<String>,
    patches: Vec<Patch>,
    /// Whether everything is laid over a named base, so that it is a component.
    component: bool,
}

impl KubernetesOutput {
    /// Adds a whole object.
    fn object(&mut self, path: String, object: &impl Serialize) {
        self.resource(path, OBJECT, object);
    }

    /// Adds an object without a `spec`, such as a Role.
    fn access(&mut self, path: String, object: &objects::Access) {
        self.resource(path, ACCESS, object);
    }

    fn resource(&mut self, path: String, template: &'static str, object: &impl Serialize) {
        if self.writes {
            let document = json(object);
            self.lowered.views.push(View { path: path.clone(), template, document, tags: Vec::new() });
        }
        self.resources.push(path);
    }

    /// Adds fields that are laid over an object elsewhere.
    fn patch(&mut self, path: String, document: Json) {
        self.lay(path, OBJECT, document);
    }

    /// Removes an object of the base.
    fn removal(&mut self, path: String, document: Json) {
        self.lay(path, REMOVAL, document);
    }

    fn lay(&mut self, path: String, template: &'static str, document: Json) {
        if self.writes {
            self.lowered.views.push(View { path: path.clone(), template, document, tags: Vec::new() });
        }
        self.patches.push(Patch { path });
    }
}

/// Our own shapes always serialize; a null would be stopped by the template before anything is written.
fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut out =
        KubernetesOutput { writes: input.writes || patches::any(input.options), ..KubernetesOutput::default() };
    let settings = KubernetesSettings::read(input.options, &mut out.lowered);
    let mut beside = Vec::new();
    let manifests = input.base.filter(|base| base.layer.format == InputFormat::KUBERNETES);
    let objects = manifests.and_then(base_objects::BaseObjects::of);
    out.component = objects.is_some();
    for workload in &input.plan.workloads {
        if let Some(objects) = &objects {
            // a service that only the base names belongs to the base; a workload that it lacks has its own finding
            let unknown = workload.image.is_none() && !objects.is_partial();
            let over = objects.find(&workload.name).filter(|_| !workload.is_base_only());
            if let Some(over) = &over {
                over_base::lower(input, &settings, workload, over, &mut out);
            }
            if over.is_some() || unknown || workload.is_base_only() {
                continue;
            }
        } else if let Some(base) = input.base {
            if foreign_base::cannot_stand(base, workload, &mut out.lowered) {
                continue;
            }
            crate::targets::foreign_base::report_losses(base, workload, &mut out.lowered);
        }
        let unit = WorkloadUnit::new(input.plan, &settings, workload);
        unit::check_name(&unit, &mut out.lowered);
        let before = out.resources.len();
        workload::lower(&unit, &mut out);
        network::lower(&unit, &mut out);
        scaling::lower(&unit, &mut out);
        if unit.patch {
            beside.extend(out.resources.iter().skip(before).cloned());
        }
    }
    // services that are missing or could not be read have findings of their own
    if input.plan.workloads.is_empty() && input.plan.unread.is_empty() && !input.plan.backing.is_empty() {
        let message = "no service is in the spec: there is nothing to write for kubernetes";
        out.lowered.refused(input.options.at, message, "add a service, or take the target out");
    }
    callers::unanswered(input, &settings, objects.as_ref(), &mut out.lowered);
    unused_external(input, &mut out.lowered);
    if let Some(objects) = &objects {
        over_base::unknown_containers(input, objects, &mut out.lowered);
        over_base::removed(input, objects, &mut out);
    }
    nowhere(input, &settings, beside, &mut out.lowered);
    unused_image(input, &mut out);
    pod_security::unused(&settings, &mut out);
    patches::apply(input.options, &mut out);
    kustomization(&settings, &mut out);
    out.lowered
}

/// Reports whole objects next to a patch, without a namespace.
fn nowhere(input: &Input<'_>, settings: &KubernetesSettings, mut beside: Vec<String>, out: &mut LoweredPlan) {
    if beside.is_empty() || settings.namespace.is_some() {
        return;
    }
    // the order in which services are written changes no message
    beside.sort();
    let message = format!(
        "no namespace is written: {} would land in the one of the kustomization that lists this component, while the patched \
         workload stays in that of its base",
        beside.join(", ")
    );
    let help = "write `namespace`, the one of the base";
    out.ignored(input.options.at, message, help);
}

/// Reports a required variable that no service receives.
fn unused_external(input: &Input<'_>, out: &mut LoweredPlan) {
    for backing in &input.plan.backing {
        let Some(external) = &backing.external else { continue };
        if !input.plan.workloads.iter().any(|workload| unit::leans_on(workload, &backing.name)) {
            out.lost(
                external.url_env.at,
                format!("no service leans on {}, so none receives `{}`", backing.name, external.url_env.value),
                format!("name {} under the `connections` of the services that use it", backing.name),
            );
        }
    }
}

/// Reports an image that nothing runs.
fn unused_image(input: &Input<'_>, out: &mut KubernetesOutput) {
    if let Some((image, at)) = input.options.text("kubectlImage")
        && !out.resources.iter().any(|path| path.ends_with("-cronjob.yaml"))
    {
        let message = format!("no CronJob is written, so nothing runs {}", image.escape_debug());
        out.lowered.lost(at, message, "remove it: only windows with `autoscaler: hpa` need it");
    }
}

fn kustomization(settings: &KubernetesSettings, out: &mut KubernetesOutput) {
    let (resources, patches) = (std::mem::take(&mut out.resources), std::mem::take(&mut out.patches));
    if resources.is_empty() && patches.is_empty() && !out.component {
        return;
    }
    let (api_version, kind) = if patches.is_empty() && !out.component {
        ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    } else {
        ("kustomize.config.k8s.io/v1alpha1", "Component")
    };
    // it would move the objects of the base too
    let namespace = settings.namespace.clone().filter(|_| !out.component);
    // kustomize refuses a kustomization without any field as empty
    let patches = (!patches.is_empty() || resources.is_empty()).then_some(patches);
    let file = Kustomization { api_version, kind, namespace, resources, patches };
    let view = View {
        path: "kustomization.yaml".to_owned(),
        template: KUSTOMIZATION,
        document: json(&file),
        tags: Vec::new(),
    };
    out.lowered.views.push(view);
}
