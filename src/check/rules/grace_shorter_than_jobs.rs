//! Jobs that take longer than a stopping replica has to finish them. Knows the grace and the jobs, not who stops replicas.

use super::{Context, Group, Meta, Report};
use crate::model::time::Duration;
use crate::model::work::{Distribution, ServiceTime};
use crate::model::{Service, ServiceField};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "grace-shorter-than-jobs",
    severity: Severity::Warning,
    group: Group::Disruption,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        // the grace is read with the rollout
        if service.broken.has(ServiceField::Workload) || service.broken.has(ServiceField::Update) || service.peak() == 0
        {
            continue;
        }
        let Some(time) = service.work.as_deref().and_then(|work| work.service_time) else { continue };
        let grace = service.grace();
        let most = time.usual_most();
        if most <= grace {
            continue;
        }
        let place = service.stop_grace_period.map_or_else(|| service.at.key(), |grace| grace.place());
        let whole = Duration::seconds(most.as_seconds());
        let finding = report
            .at(place, message(&time, grace, service))
            .label(time.mean.place(), format!("a mean of {}", time.mean.value))
            .help(format!("write `stopGracePeriod: {whole}`, or make jobs shorter"))
            .rank(i128::from(most.0) - i128::from(grace.0));
        report.push(match time.p95 {
            Some(p95) => finding.label(p95.place(), format!("a p95 of {}", p95.value)),
            None => finding,
        });
    }
}

fn message(time: &ServiceTime, grace: Duration, service: &Service) -> String {
    let jobs = match time.distribution.value {
        Distribution::Fixed => format!("a job takes {}", time.mean.value),
        form => format!("1 in 20 jobs takes longer than {} ({})", time.usual_most(), form.word()),
    };
    let usual = if service.stop_grace_period.is_none() { ", the default of Kubernetes" } else { "" };
    format!("{jobs} and a replica that goes is stopped after {grace}{usual}: jobs are killed in it")
}
