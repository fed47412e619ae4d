//! Runs the rules over one effective spec, with what the targets of the run know. Knows no text of a target.

use super::run::SpecRun;
use super::run_parts;
use super::run_parts::Effective;
use crate::check::rules::{self, Context, Reach, TargetFacts};
use crate::inputs::base::BaseProject;
use crate::model::states::States;
use crate::model::{Backing, ClusterOptions, Service, Spec, TargetOptions, Val};
use crate::support::diagnostic::SPEC;
use crate::targets::{self, BaseFile, ServiceOfChart, Target};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How many topics services read at once, as far as a target of the run knows; the largest number of several.
fn topics(spec: &Spec, scopes: &[&(&'static Target, TargetOptions)]) -> HashMap<Rc<str>, Val<u32>> {
    let read = |service: &Service| {
        let each = scopes.iter().filter_map(|(target, options)| (target.meta.topics)(options, &service.name));
        Some((service.name.clone(), each.max_by_key(|topics| topics.value)?))
    };
    spec.services().filter_map(read).collect()
}

/// The spec with the connections that servers of the base accept by their own commands, which an override leaves unchanged.
fn as_started<'s>(spec: &'s Spec, base: Option<&BaseProject>) -> Cow<'s, Spec> {
    let own = |backing: &Backing| {
        let own = base?.service(&backing.name)?.backing.as_ref()?.max_connections?;
        let differs = backing.external.is_none() && backing.max_connections.is_some_and(|max| max.value != own.value);
        differs.then_some(own)
    };
    if !spec.backing.iter().any(|backing| own(backing).is_some()) {
        return Cow::Borrowed(spec);
    }
    let mut started = spec.clone();
    for backing in &mut started.backing {
        backing.max_connections = own(backing).or(backing.max_connections);
    }
    Cow::Owned(started)
}

impl SpecRun<'_> {
    /// The services whose memory every target limits by itself.
    fn limited(&self, spec: &Spec, scopes: &[&(&'static Target, TargetOptions)]) -> HashSet<String> {
        let several = spec.services.len() > 1;
        let by = |(target, options): &(&'static Target, TargetOptions), service: &str| {
            let chart =
                run_parts::chart(target, options).and_then(|(folder, _)| self.charts.get(folder)?.as_ref().ok());
            (target.meta.limits)(&ServiceOfChart { options, chart, service, several })
        };
        let names = spec.services().map(|service| &*service.name).filter(|_| !scopes.is_empty());
        names.filter(|name| scopes.iter().all(|scope| by(scope, name))).map(str::to_owned).collect()
    }

    /// What the targets of a group say of the services of a spec.
    fn target_facts<'a>(
        &self,
        spec: &Spec,
        scopes: &[&(&'static Target, TargetOptions)],
        cluster: Option<&'a ClusterOptions>,
        beside: Option<&'a BaseProject>,
    ) -> TargetFacts<'a> {
        let in_swarm =
            |options: &TargetOptions| targets::get(&options.name).is_some_and(|own| (own.meta.in_swarm)(options));
        TargetFacts {
            beside,
            topics: topics(spec, scopes),
            measures_requests: scopes.iter().any(|(target, options)| (target.meta.measures_requests)(options)),
            limited: self.limited(spec, scopes),
            cluster,
            balancer: scopes.iter().find_map(|(target, options)| Some((target.meta.balancer?)(options))),
            has_binary_units: scopes.iter().any(|(target, _)| target.meta.has_binary_units),
            in_swarm: spec.targets.iter().any(in_swarm),
        }
    }

    /// Checks one profile by every rule, as the targets of a group see it; `beside` is the project next to which their files are read.
    pub(super) fn rules(
        &mut self,
        effective: &Effective,
        scopes: &[&(&'static Target, TargetOptions)],
        beside: Option<usize>,
        profile: Option<&str>,
    ) {
        let base = effective.base.and_then(|index| Some(&self.bases.get(index)?.1));
        let stays = scopes.iter().any(|(target, _)| matches!(target.meta.base, Some(BaseFile::Compose { .. })));
        let started = as_started(&effective.spec, base.filter(|_| stays));
        let spec = &*started;
        let scales = scopes.iter().any(|(target, options)| (target.meta.autoscales)(options));
        let reach = if scales || scopes.is_empty() { Reach::Range } else { Reach::Fixed };
        let states = match reach {
            Reach::Range => States::of(spec),
            Reach::Fixed => States::without_windows(),
        };
        let starts_new_first = match self.foreign {
            Some(reader) => reader.starts_new_first,
            None => scopes.is_empty() || scopes.iter().any(|(target, _)| target.meta.starts_new_first),
        };
        let laid_over = |target: &Target| {
            matches!(target.meta.base, Some(BaseFile::Compose { .. })) || target.meta.beside.is_some()
        };
        let on_machines = scopes.is_empty() || scopes.iter().any(|(target, _)| laid_over(target));
        let beside = beside.and_then(|index| Some(&self.bases.get(index)?.1));
        let cluster = scopes.iter().find_map(|(target, options)| Some((target.meta.cluster?)(options)));
        let target_facts = self.target_facts(spec, scopes, cluster.as_ref(), beside);
        let foreign = self.foreign.is_some();
        let (loads, has_targets, states) = (&self.wanted.loads, !scopes.is_empty(), &states);
        let context = Context {
            spec,
            states,
            reach,
            base,
            has_targets,
            target_facts,
            starts_new_first,
            on_machines,
            foreign,
            loads,
        };
        let mut collector = std::mem::take(&mut self.collector);
        rules::check(&context, |finding| {
            if finding.at.file != SPEC {
                // few rules check values of a base
                let is_quiet = rules::get(&finding.rule).is_none_or(|rule| !rule.foreign);
                let is_set = || self.wanted.settings.as_ref().is_some_and(|settings| settings.is_set(&finding.rule));
                if is_quiet && !(foreign && is_set()) {
                    return;
                }
            }
            collector.add(profile, finding);
        });
        self.collector = collector;
    }

    /// Evaluates the team's own policies over one profile.
    pub(super) fn judge(&mut self, effective: &Effective, profile: Option<&str>) {
        let (Some(policies), Some(tree)) = (&self.wanted.policies, &effective.tree) else { return };
        let collector = &mut self.collector;
        policies.judge(&effective.spec, tree, profile, &mut self.judged, |finding| {
            collector.add(profile, finding);
        });
    }
}
