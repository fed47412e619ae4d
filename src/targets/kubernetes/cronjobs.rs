//! CronJobs that change the bounds of a HorizontalPodAutoscaler as windows open and close, and the RBAC objects that they need.

use super::autoscaler_parts::{bounds_text, no_sleep, sleeps};
use super::metadata::Metadata;
use super::objects::{Access, CronJobSpec, Job, JobSpec, Object, RoleRef, RoleRule, Subject};
use super::pod_objects::{Container, ContainerResources, PodSpec, Quantities, Template};
use super::pod_security;
use super::unit::{NAME, WorkloadUnit};
use super::votes::VoteBound;
use super::weekly::Weekly;
use super::{KubernetesOutput, LoweredPlan, week};
use crate::plan::{Amounts, Resources};

/// The oldest release whose CronJobs know a time zone.
const ZONES: (u32, u32) = (1, 27);
/// The most characters that a Job's name adds to a CronJob's, within 63 characters.
const NAME_LENGTH: usize = 52;
/// How many seconds late a run may start, and how many it may take. Both together end before the window does, so that no run of
/// one window sets its bounds in the next.
const START_DEADLINE: u64 = 60;
const RUN_DEADLINE: u64 = 120;

/// Writes the CronJobs of a service with a HorizontalPodAutoscaler and windows.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let Some((zone, windows)) = windows(unit, &mut out.lowered) else { return };
    if let Some((release, at)) = unit.settings.version.filter(|((major, minor, _), _)| (*major, *minor) < ZONES) {
        let message = format!(
            "windows need CronJobs with a `timeZone`, and Kubernetes {}.{} is older than {}.{}, the first with it",
            release.0, release.1, ZONES.0, ZONES.1
        );
        out.lowered.refused(at, message, "name the release that runs, 1.27 or later, or drop the windows");
    }
    let replicas = &unit.workload.replicas;
    let least = if sleeps(unit) { 0 } else { 1 };
    let base = VoteBound { min: replicas.min.value.max(least), max: replicas.max.value };
    let weeks: Vec<Weekly> = windows.iter().map(|(_, weekly, _)| weekly.clone()).collect();
    for (owner, schedules) in week::schedules(&weeks) {
        let window = owner.and_then(|index| windows.get(index));
        let bound = window.map_or(base, |(_, _, bound)| *bound);
        // named by its index among the windows: other bounds, days or hours keep the name, so that an apply replaces it
        let which = window.map_or_else(|| "otherwise".to_owned(), |(number, ..)| format!("window-{number}"));
        for (index, schedule) in schedules.into_iter().enumerate() {
            let part = if index == 0 { String::new() } else { format!("-{}", index + 1) };
            write(unit, &format!("{}-{which}{part}", unit.workload.name), (schedule, zone.clone()), bound, out);
        }
    }
    access(unit, out);
}

/// One CronJob.
fn write(
    unit: &WorkloadUnit<'_>,
    name: &str,
    (schedule, time_zone): (String, String),
    bound: VoteBound,
    out: &mut KubernetesOutput,
) {
    if name.len() > NAME_LENGTH {
        let message = format!("the CronJob `{name}` has {} characters, above {NAME_LENGTH}: a Job adds 11", name.len());
        let at = crate::support::source::FieldSpan { value: unit.workload.at.key, ..unit.workload.at };
        out.lowered.refused(at, message, "give the service a shorter name");
    }
    let spec = CronJobSpec {
        schedule,
        time_zone,
        concurrency_policy: "Replace",
        starting_deadline_seconds: START_DEADLINE,
        successful_jobs_history_limit: 1,
        failed_jobs_history_limit: 1,
        job_template: Job { spec: job(unit, bound) },
    };
    let metadata = unit.metadata(name.to_owned());
    let object = Object { api_version: "batch/v1", kind: "CronJob", metadata, spec };
    out.object(format!("{name}-cronjob.yaml"), &object);
}

/// A window with its index from 1, and its bound.
type HeldWindow = (usize, Weekly, VoteBound);

/// The windows that CronJobs can hold, in the order written, with their indices from 1, and their common time zone.
fn windows(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Option<(String, Vec<HeldWindow>)> {
    let least = if sleeps(unit) { 0 } else { 1 };
    let mut zone: Option<String> = None;
    let mut held = Vec::new();
    for (index, window) in unit.workload.schedule.iter().enumerate() {
        let Some(weekly) = Weekly::of(window) else { continue };
        let zone = zone.get_or_insert_with(|| weekly.zone.clone());
        if *zone != weekly.zone {
            let message = format!(
                "{} {} is not written: in {} and {zone} two CronJobs can run in the same minute, in any order",
                bounds_text(window),
                window.label(),
                weekly.zone
            );
            out.lost(window.timezone.at, message, "write all windows of a service in one zone, or `autoscaler: keda`");
            continue;
        }
        if window.min.value < least {
            let (message, help) = no_sleep(unit, "min");
            out.lost(window.min.at, message, help);
        }
        if window.max.value == 0 {
            let message = "max 0 is not written: maxReplicas of a HorizontalPodAutoscaler is at least 1, so 1 is";
            out.lost(window.max.at, message, "write 1, or `autoscaler: keda` with a `queued` metric");
        }
        let bound = VoteBound { min: window.min.value.max(least), max: window.max.value.max(1) };
        held.push((index + 1, weekly, bound));
    }
    zone.map(|zone| (zone, held))
}

/// The common name of the objects of all windows.
fn shared_name(unit: &WorkloadUnit<'_>) -> String {
    format!("{}-schedule", unit.workload.name)
}

fn job(unit: &WorkloadUnit<'_>, bound: VoteBound) -> JobSpec {
    let VoteBound { min, max } = bound;
    let mut labels = unit.labels();
    // with the service's own label, its Service would send requests to this pod
    labels.insert(NAME.into(), shared_name(unit));
    let patch = format!("{{\"spec\":{{\"minReplicas\":{min},\"maxReplicas\":{max}}}}}");
    let args = ["patch", "horizontalpodautoscaler", &unit.scaler_name(), "--type=merge", "--patch", &patch];
    let own = Resources::of_window_job(unit.workload.at);
    let cpu = |amounts: &Amounts| amounts.cpu.map(|cpu| ("cpu", cpu.value.to_string()));
    let memory = |amounts: &Amounts| amounts.memory.map(|memory| ("memory", memory.value.to_string()));
    let amounts = |amounts: &Amounts| Quantities::from_iter(cpu(amounts).into_iter().chain(memory(amounts)));
    let (pod, container) = pod_security::nobody();
    JobSpec {
        active_deadline_seconds: RUN_DEADLINE,
        template: Template {
            metadata: Metadata { labels, ..Metadata::default() },
            spec: PodSpec {
                service_account_name: Some(shared_name(unit)),
                restart_policy: Some("OnFailure"),
                security_context: Some(pod),
                containers: vec![Container {
                    name: "kubectl".to_owned(),
                    image: Some(unit.settings.kubectl_image.clone()),
                    args: Some(args.map(str::to_owned).to_vec()),
                    resources: ContainerResources { requests: amounts(&own.requests), limits: amounts(&own.limits) },
                    security_context: Some(container),
                    ..Container::default()
                }],
                ..PodSpec::default()
            },
        },
    }
}

/// A service account for the CronJobs, which may change this one autoscaler and nothing else.
fn access(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let name = shared_name(unit);
    let new = |api_version, kind| Access {
        api_version,
        kind,
        metadata: unit.metadata(name.clone()),
        rules: Vec::new(),
        subjects: Vec::new(),
        role_ref: None,
    };
    let rules = vec![RoleRule {
        api_groups: ["autoscaling"],
        resources: ["horizontalpodautoscalers"],
        resource_names: [unit.scaler_name()],
        // kubectl reads an object before it patches it
        verbs: ["get", "patch"],
    }];
    let subjects =
        vec![Subject { kind: "ServiceAccount", name: name.clone(), namespace: unit.settings.namespace.clone() }];
    let role_ref = Some(RoleRef { api_group: "rbac.authorization.k8s.io", kind: "Role", name: name.clone() });
    out.access(unit.path("schedule-serviceaccount"), &new("v1", "ServiceAccount"));
    out.access(unit.path("schedule-role"), &Access { rules, ..new("rbac.authorization.k8s.io/v1", "Role") });
    out.access(
        unit.path("schedule-rolebinding"),
        &Access { subjects, role_ref, ..new("rbac.authorization.k8s.io/v1", "RoleBinding") },
    );
}
