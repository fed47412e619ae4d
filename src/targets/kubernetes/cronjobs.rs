//! CronJobs that change the bounds of a HorizontalPodAutoscaler as windows open and close, and the one right they need.

use super::autoscaler_parts::{bounds_text, no_sleep, sleeps};
use super::objects::{
    Access, Container, CronJobSpec, Job, JobSpec, Metadata, Object, PodSpec, RoleRef, RoleRule, Subject, Template,
};
use super::unit::{NAME, WorkloadUnit};
use super::votes::VoteBound;
use super::weekly::{WEEK, Weekly, WeeklyMoments};
use super::{KubernetesOutput, LoweredPlan};
use std::collections::BTreeMap;

/// The oldest release whose CronJobs know a time zone.
const ZONES: (u32, u32) = (1, 27);
/// What a Job's name may add to a CronJob's within 63 characters is 11.
const NAME_LENGTH: usize = 52;
/// A patch takes seconds; one that hangs must be gone before the next, in seconds.
const HANGS: u64 = 600;

/// Writes the CronJobs of a service with a HorizontalPodAutoscaler and windows.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let Some((zone, edges)) = edges(unit, &mut out.lowered) else { return };
    if let Some((release, at)) = unit.settings.version.filter(|((major, minor, _), _)| (*major, *minor) < ZONES) {
        let message = format!(
            "windows need CronJobs with a `timeZone`, and Kubernetes {}.{} is older than {}.{}, the first with it",
            release.0, release.1, ZONES.0, ZONES.1
        );
        out.lowered.refused(at, message, "name the release that runs, 1.27 or later, or drop the windows");
    }
    // a missed run is made up for only while no later one is due, so that two never change places
    let deadline = (closest(&edges) * 60 / 2).max(30);
    let mut jobs: BTreeMap<(u32, u32, u32), Vec<u32>> = BTreeMap::new();
    for (minute, bound) in &edges {
        jobs.entry((minute % 1440, bound.min, bound.max)).or_default().push(*minute);
    }
    for ((_, min, max), minutes) in jobs {
        let moments = WeeklyMoments::of(minutes);
        let name = format!("{}-{}-{min}-{max}", unit.workload.name, moments.clock());
        if name.len() > NAME_LENGTH {
            let message =
                format!("the CronJob `{name}` has {} characters, above {NAME_LENGTH}: a Job adds 11", name.len());
            let at = crate::support::source::FieldSpan { value: unit.workload.at.key, ..unit.workload.at };
            out.lowered.refused(at, message, "give the service a shorter name");
        }
        let spec = CronJobSpec {
            schedule: moments.cron(),
            time_zone: zone.clone(),
            concurrency_policy: "Replace",
            starting_deadline_seconds: deadline,
            successful_jobs_history_limit: 1,
            failed_jobs_history_limit: 1,
            job_template: Job { spec: job(unit, VoteBound { min, max }, deadline) },
        };
        let path = format!("{name}-cronjob.yaml");
        let object = Object { api_version: "batch/v1", kind: "CronJob", metadata: unit.metadata(name), spec };
        out.object(path, &object);
    }
    access(unit, out);
}

/// The bounds from each edge on, by minutes since Monday 00:00 in the one zone of all windows.
fn edges(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Option<(String, BTreeMap<u32, VoteBound>)> {
    let replicas = &unit.workload.replicas;
    let least = if sleeps(unit) { 0 } else { 1 };
    let mut zone: Option<String> = None;
    let mut opens: BTreeMap<u32, VoteBound> = BTreeMap::new();
    let mut closes: Vec<u32> = Vec::new();
    for window in &unit.workload.schedule {
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
        for minute in &weekly.opens {
            opens.entry(*minute).or_insert(bound);
        }
        closes.extend(weekly.closes);
    }
    let base = VoteBound { min: replicas.min.value.max(least), max: replicas.max.value };
    // where one window ends and another begins there is one change, to the bounds of the second
    for minute in closes {
        opens.entry(minute).or_insert(base);
    }
    zone.map(|zone| (zone, opens))
}

/// Minutes between the two edges of the week that lie closest.
fn closest(edges: &BTreeMap<u32, VoteBound>) -> u64 {
    let minutes: Vec<u32> = edges.keys().copied().collect();
    let after = minutes.iter().skip(1).copied().chain(minutes.first().map(|first| first + WEEK));
    minutes.iter().zip(after).map(|(one, next)| u64::from(next - one)).min().unwrap_or(u64::from(WEEK))
}

/// What the objects of all windows together are called.
fn together(unit: &WorkloadUnit<'_>) -> String {
    format!("{}-schedule", unit.workload.name)
}

fn job(unit: &WorkloadUnit<'_>, bound: VoteBound, deadline: u64) -> JobSpec {
    let VoteBound { min, max } = bound;
    let mut labels = unit.labels();
    // with the service's own label its Service would send this pod requests
    labels.insert(NAME, together(unit));
    let patch = format!("{{\"spec\":{{\"minReplicas\":{min},\"maxReplicas\":{max}}}}}");
    let args = ["patch", "horizontalpodautoscaler", &unit.workload.name, "--type=merge", "--patch", &patch];
    JobSpec {
        active_deadline_seconds: deadline.min(HANGS),
        template: Template {
            metadata: Metadata { labels, ..Metadata::default() },
            spec: PodSpec {
                service_account_name: Some(together(unit)),
                restart_policy: Some("OnFailure"),
                containers: vec![Container {
                    name: "kubectl".to_owned(),
                    image: Some(unit.settings.kubectl_image.clone()),
                    args: Some(args.map(str::to_owned).to_vec()),
                    ..Container::default()
                }],
                ..PodSpec::default()
            },
        },
    }
}

/// A name of their own for the CronJobs, allowed to change this one autoscaler and nothing else.
fn access(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let name = together(unit);
    let new = |api_version, kind| Access {
        api_version,
        kind,
        metadata: unit.metadata(name.clone()),
        rules: Vec::new(),
        subjects: Vec::new(),
        role_ref: None,
    };
    const RBAC: &str = "rbac.authorization.k8s.io";
    let rules = vec![RoleRule {
        api_groups: ["autoscaling"],
        resources: ["horizontalpodautoscalers"],
        resource_names: [unit.workload.name.clone()],
        // kubectl reads what it patches
        verbs: ["get", "patch"],
    }];
    let subjects =
        vec![Subject { kind: "ServiceAccount", name: name.clone(), namespace: unit.settings.namespace.clone() }];
    let role_ref = Some(RoleRef { api_group: RBAC, kind: "Role", name: name.clone() });
    out.access(unit.path("schedule-serviceaccount"), &new("v1", "ServiceAccount"));
    out.access(unit.path("schedule-role"), &Access { rules, ..new("rbac.authorization.k8s.io/v1", "Role") });
    out.access(
        unit.path("schedule-rolebinding"),
        &Access { subjects, role_ref, ..new("rbac.authorization.k8s.io/v1", "RoleBinding") },
    );
}
