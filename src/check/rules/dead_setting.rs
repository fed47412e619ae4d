//! A setting that changes nothing whatever the target. Settings one target cannot hold are that target's to report.

use super::{Context, Group, Meta, Reach, Report};
use crate::model::{Backing, Service, ServiceField, Signal, Strategy, states};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "dead-setting",
    severity: Severity::Warning,
    group: Group::Hygiene,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        windows(context, service, report);
        metrics(service, report);
        surge(service, report);
    }
    for backing in &context.spec.backing {
        foreign(backing, report);
    }
}

/// A window with the bounds of the base; base bounds that no window leaves a minute to.
fn windows(context: &Context<'_>, service: &Service, report: &mut Report) {
    let unread = service.broken.has(ServiceField::Replicas) || service.broken.has(ServiceField::Schedule);
    if unread || service.schedule.is_empty() {
        return;
    }
    let (min, max) = (service.replicas.min, service.replicas.max);
    let number = match min.value < max.value {
        true => format!("{} to {} replicas", min.value, max.value),
        false => plural(min.value, "replica"),
    };
    for window in &service.schedule {
        if (window.min.value, window.max.value) == (min.value, max.value) && min.value <= max.value {
            let finding = report
                .at(window.min.place(), format!("{number} in {}, as outside it", window.label()))
                .label(min.place(), "the same outside")
                .help("remove the window, or write other bounds");
            report.push(finding);
        }
    }
    // a target that does not scale by itself writes the base bounds
    let never = context.reach == Reach::Range && service.replicas.written && states::whole_week(&service.schedule);
    if let (true, Some(first)) = (never, service.schedule.first()) {
        let finding = report
            .at(service.replicas.at.key(), format!("{number} never hold: the windows cover the whole week"))
            .label(first.at.place(), "the windows begin here")
            .help("remove one window and give its bounds to `replicas`");
        report.push(finding);
    }
}

/// Queries that nobody asks.
fn metrics(service: &Service, report: &mut Report) {
    if !service.autoscaling.written {
        return;
    }
    let (Some(prometheus), signal) = (&service.autoscaling.prometheus, service.autoscaling.signal) else { return };
    if signal.value == Signal::Load || service.broken.has(ServiceField::Autoscaling) {
        return;
    }
    let finding = report
        .at(
            prometheus.at.key(),
            format!("signal {} is read from the replicas themselves: prometheus is not asked", signal.value.word()),
        )
        .label(signal.place(), format!("signal {}", signal.value.word()))
        .help("write `signal: load`, or remove `metrics`");
    report.push(finding);
}

/// A rollout in parts, described for one that stops all first.
fn surge(service: &Service, report: &mut Report) {
    let update = &service.update();
    if update.strategy.value != Strategy::Recreate || service.broken.has(ServiceField::Update) {
        return;
    }
    let surge = Some(update.surge).filter(|surge| surge.written).map(|surge| ("surge", surge));
    for (name, amount) in surge.into_iter().chain(update.unavailable.map(|amount| ("unavailable", amount))) {
        let finding = report
            .at(
                amount.place(),
                format!("{name} {} with strategy recreate, which stops all replicas first", amount.value),
            )
            .label(update.strategy.place(), "strategy recreate")
            .help(format!("remove `{name}`, or write `strategy: rolling`"));
        report.push(finding);
    }
}

/// Settings of one kind of backing service on another, or on one that is not ours to run.
fn foreign(backing: &Backing, report: &mut Report) {
    let Some(kind) = backing.kind else { return };
    let (postgres, kafka) = (kind.value.is_postgres(), kind.value.is_kafka());
    let fields = [
        ("sharedBuffers", backing.shared_buffers.map(|field| field.at), postgres, "postgres"),
        ("workMem", backing.work_mem.map(|field| field.at), postgres, "postgres"),
        ("partitions", backing.partitions.map(|field| field.at), kafka, "kafka"),
        ("replicationFactor", backing.replication_factor.map(|field| field.at), kafka, "kafka"),
        ("brokers", backing.brokers.map(|field| field.at), kafka, "kafka"),
    ];
    for (name, at, fits, owner) in fields {
        let (Some(at), false) = (at, fits) else { continue };
        let finding = report
            .at(at.key(), format!("`{name}` is a setting of {owner}, and this is {}", kind.value.word()))
            .label(kind.place(), format!("kind {}", kind.value.word()))
            .help(format!("remove `{name}`"));
        report.push(finding);
    }
    if let (true, None) = (backing.reserved_connections.written, backing.max_connections) {
        let finding = reserved(report, backing);
        report.push(finding);
    }
    if let (Some(external), Some(image)) = (&backing.external, &backing.image) {
        let finding = report
            .at(image.at.key(), format!("an image for a service that runs elsewhere, at {}", external.url_env.value))
            .label(external.at.key(), "nothing is written for it")
            .help("remove `image` or `external`");
        report.push(finding);
    }
}

fn reserved(report: &Report, backing: &Backing) -> Finding {
    let reserved = backing.reserved_connections;
    report
        .at(reserved.at.key(), format!("{} reserved connections out of a number that is not written", reserved.value))
        .help("write `maxConnections`, or remove `reservedConnections`")
}
