//! A threshold above what its signal can reach. The schema finds what no signal can reach; editors show those bounds.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{ManifestAutoscaler, ManifestSet};
use crate::model::quantity::Share;
use crate::model::{Service, ServiceField, Signal, Val};
use crate::support::diagnostic::Severity;
use crate::support::source::FileSpan;

pub(super) const META: Meta = Meta {
    id: "threshold-out-of-range",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

/// Without a limit use is not bounded by the spec; above ten times the request a number is a percentage.
const PERCENTAGE: u64 = Share::ONE * 10;

fn check(context: &Context<'_>, report: &mut Report) {
    let set = context.base_manifests();
    let sure =
        |set: &ManifestSet, one: &ManifestAutoscaler| !set.changes_field(&one.object, one.file, &["spec.metrics"]);
    let all = set.into_iter().flat_map(|set| set.autoscalers.iter().filter(move |one| sure(set, one)));
    for autoscaler in all {
        for share in autoscaler.metrics.iter().filter_map(|metric| metric.utilization) {
            if share.value < 1 {
                let message = format!("a utilization of {} percent: the API server refuses less than 1", share.value);
                report.push(
                    report.at(share.place(), message).help("write the percentage of the request to keep, such as 80"),
                );
            }
        }
    }
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        if service.broken.has(ServiceField::Autoscaling) || service.broken.has(ServiceField::Resources) {
            continue;
        }
        let scaling = &service.autoscaling;
        for threshold in [scaling.up.threshold, scaling.down.threshold] {
            if !threshold.written || threshold.value.0 <= Share::ONE {
                continue;
            }
            let limited = context.spec.limit_resources.value;
            let first = scaling.signals().find_map(|signal| excess(service, signal.value, threshold, limited));
            let Some((message, places, most)) = first else { continue };
            let mut finding = report.at(threshold.place(), message).help(help(threshold, most)).rank(threshold.value.0);
            for (place, label) in places {
                finding = finding.label(place, label);
            }
            report.push(finding);
        }
    }
}

/// What a threshold is above, the places that say so, and the most it can be.
type ReachableShare = (String, Vec<(FileSpan, String)>, Share);

/// What a threshold is above; `None` if the signal can reach it.
fn excess(service: &Service, signal: Signal, threshold: Val<Share>, limited: bool) -> Option<ReachableShare> {
    let one = u128::from(Share::ONE);
    match largest_use(service, signal, limited) {
        _ if signal == Signal::Load => {
            Some((format!("the number `{}` is above 1", threshold_text(threshold)), Vec::new(), Share(Share::ONE)))
        }
        Some(bound) if u128::from(threshold.value.0) * bound.request > bound.limit * one => {
            let most = u64::try_from(bound.limit * one / bound.request).unwrap_or(u64::MAX);
            let most = Share(most.max(Share::ONE));
            let message = format!("the number `{}` is above {} = {most}", threshold_text(threshold), bound.words);
            Some((message, bound.places, most))
        }
        None if threshold.value.0 > PERCENTAGE => {
            let message =
                format!("the number `{}` is above 10, ten times what is requested", threshold_text(threshold));
            Some((message, Vec::new(), Share(Share::ONE)))
        }
        _ => None,
    }
}

/// `75`, as it was most likely written.
fn threshold_text(threshold: Val<Share>) -> String {
    let text = threshold.value.to_string();
    text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
}

/// A percentage where a share is meant, or the largest share in hundredths.
fn help(threshold: Val<Share>, most: Share) -> String {
    let whole = threshold.value.0 / Share::ONE;
    let percentage = threshold.value.0.is_multiple_of(Share::ONE) && whole > 1 && whole <= 100;
    if percentage && Share(threshold.value.0 / 100) <= most {
        return format!("a share of 1 is meant: write `{}`", hundredths(whole));
    }
    let cent = Share::ONE / 100;
    format!("write {} or less", hundredths(most.0 / cent))
}

/// `75` as `0.75`.
fn hundredths(percent: u64) -> String {
    let text = format!("{}.{:02}", percent / 100, percent % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The most that can be used of what is requested.
struct LargestUse {
    limit: u128,
    request: u128,
    words: String,
    places: Vec<(FileSpan, String)>,
}

/// `None` if nothing bounds the use, or where request and limit are another rule's.
fn largest_use(service: &Service, signal: Signal, limited: bool) -> Option<LargestUse> {
    let (requests, limits) = (&service.resources.requests, &service.resources.limits);
    let (request, limit, words, places) = match signal {
        _ if !limited => return None,
        Signal::Load => return None,
        Signal::Cpu => {
            let (request, limit) = (requests.cpu?, limits.cpu?);
            let words = format!("{} ÷ {}", limit.value, request.value);
            (u128::from(request.value.0), u128::from(limit.value.0), words, [limit.place(), request.place()])
        }
        Signal::Memory => {
            let (request, limit) = (requests.memory?, limits.memory?);
            let words = format!("{} ÷ {}", limit.value, request.value);
            (u128::from(request.value.bytes), u128::from(limit.value.bytes), words, [limit.place(), request.place()])
        }
    };
    if request == 0 || limit < request {
        return None;
    }
    let [limit_place, request_place] = places;
    let places =
        vec![(limit_place, "the limit".to_owned()), (request_place, "the request it is measured by".to_owned())];
    Some(LargestUse { limit, request, words, places })
}
