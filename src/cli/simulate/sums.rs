//! Which trials are summed with each other: the services of one profile under one policy. Sums nothing itself.

use super::present_autoscaler;
use super::setup::Setup;
use crate::cli::{Failure, suggestion};
use scalegen::model::Spec;
use scalegen::plan::scenario::shared;
use scalegen::report::{TogetherParts, Trial};
use scalegen::simulate::assertion::Assertion;
use scalegen::simulate::results::RunNumbers;
use scalegen::simulate::together::{Member, SharedKind, SharedResources};
use scalegen::targets;

/// The sums to make, for each profile and policy; empty if services share nothing and there is only one. Without
/// policies of the command line the trials are one for each service.
pub(in crate::cli) fn parts(
    setup: &Setup<'_>,
    models: &[(Option<String>, Spec)],
    loaded: &[String],
    trials: &[&Trial],
) -> Vec<TogetherParts> {
    let mut all = Vec::new();
    for (profile, spec) in models {
        let shared = shared_of(spec, loaded);
        let own: Vec<&String> =
            loaded.iter().filter(|name| spec.services().any(|service| *service.name == ***name)).collect();
        if own.is_empty() || (own.len() == 1 && shared.resources.is_empty()) {
            continue;
        }
        let of_profile = |trial: &&&Trial| trial.profile == *profile;
        let mut add = |policy: String, chosen: &dyn Fn(&Trial) -> bool| {
            let members = trials.iter().filter(of_profile).filter(|trial| chosen(trial));
            let members = members.filter_map(|trial| member(setup, trial)).collect();
            all.push(TogetherParts { profile: profile.clone(), policy, shared: shared.clone(), members });
        };
        if setup.policies.is_empty() {
            add(present(spec, &own), &|_| true);
        }
        for policy in setup.policies.iter().map(|kind| kind.title()) {
            add(policy.clone(), &|trial| trial.policy == policy);
        }
    }
    all
}

/// What the services of a spec share.
pub(in crate::cli) fn shared_of(spec: &Spec, loaded: &[String]) -> SharedResources {
    shared(spec, targets::cluster(&spec.targets).as_ref(), loaded)
}

/// The names of the present policies of the services.
fn present(spec: &Spec, loaded: &[&String]) -> String {
    let services = spec.services().filter(|service| loaded.iter().any(|name| **name == *service.name));
    let mut titles: Vec<String> = services.map(|service| present_autoscaler(spec, service).title()).collect();
    titles.sort();
    titles.dedup();
    titles.join(" and ")
}

/// A trial as it is summed.
pub(in crate::cli) fn member(setup: &Setup<'_>, trial: &Trial) -> Option<Member> {
    let recording = setup.recordings.iter().find(|recording| recording.service == trial.service)?;
    let whole = |run: &RunNumbers, name: &str| run.get(name, None).and_then(|value| i64::try_from(value).ok());
    Some(Member {
        service: trial.service.clone(),
        known: recording.trace.scored(),
        seeds: trial.results.seeds.clone(),
        existing: trial.existing.clone(),
        hours: trial.results.runs.iter().map(|run| whole(run, "replica_hours").unwrap_or(0)).collect(),
        costs: trial.results.runs.iter().map(|run| whole(run, "cost")).collect(),
    })
}

/// Whether an assertion on several services together is about something that they share.
pub(in crate::cli) fn known_shared(assertion: &Assertion, shared: &SharedResources) -> Result<(), Failure> {
    let (text, name) = (&assertion.text, assertion.name.name);
    let has = |connections: bool| {
        shared.resources.iter().any(|resource| (resource.kind == SharedKind::Connections) == connections)
    };
    let missing = match name {
        "connections" if !has(true) => "no service of the spec writes `connections` to a backing service",
        "capacity" if !has(false) => "the spec says no `capacity`, or nothing is reserved of it",
        "unplaced" if shared.nodes.is_empty() => "the spec says no `capacity`",
        "over_limit" if shared.resources.is_empty() => "the spec says neither `connections` nor `capacity`",
        _ => "",
    };
    if !missing.is_empty() {
        return Err(Failure(format!("--assert '{text}': {missing}")));
    }
    let Some(of) = &assertion.service else { return Ok(()) };
    if name == "unplaced" {
        return Err(Failure(format!("--assert '{text}': nodes are of all services; write `unplaced` without `{of}:`")));
    }
    let fits = shared.resources.iter().filter(|resource| name == "over_limit" || resource.kind.name() == name);
    let names: Vec<&str> = fits.map(|resource| resource.of.as_str()).collect();
    if names.contains(&of.as_str()) {
        return Ok(());
    }
    let help = suggestion(of, names.into_iter());
    Err(Failure(format!("--assert '{text}': `{name}` is not measured for `{of}`; {help}")))
}
