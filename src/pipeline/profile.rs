//! One profile of a spec: shape, model, rules, plan, targets. Lets go of what its steps no longer read. Knows no text of a target.

use super::run::SpecRun;
use super::run_parts::{self, Effective};
use super::{Files, effective::TargetGroup};
use crate::check::unread_fields;
use crate::inputs::spec::profiles::{MergedSpec, Removals};
use crate::model::TargetOptions;
use crate::plan::plan;
use crate::support::diagnostic::Finding;
use crate::support::source::FileSpan;
use crate::syntax::Node;
use crate::targets::{self, Input, LoweredPlan, Target};
use std::collections::HashSet;

/// A profile as its targets see it.
struct ProfileParts {
    /// The targets with their options.
    scopes: Vec<(&'static Target, TargetOptions)>,
    /// The base of each.
    bases: Vec<Option<usize>>,
    /// The project next to the files of each.
    beside: Vec<Option<usize>>,
    /// Targets that rules check together.
    groups: Vec<TargetGroup>,
    /// The models, one over each base.
    all: Vec<Effective>,
}

impl SpecRun<'_> {
    /// Checks one profile, and lowers it for its targets.
    pub(super) fn profile(&mut self, laid: MergedSpec, files: &dyn Files) {
        let mut parts = self.parts(&laid, files);
        let profile = laid.profile.clone();
        if self.is_read_once() {
            drop(laid);
            parts.all.iter_mut().for_each(|effective| effective.tree = None);
        }
        let profile = profile.as_deref();
        for group in &parts.groups {
            let Some(effective) = parts.all.iter().find(|known| known.base == group.base) else { continue };
            let beside = group.scopes.iter().find_map(|index| parts.beside.get(*index).copied().flatten());
            let scopes: Vec<_> = group.scopes.iter().filter_map(|index| parts.scopes.get(*index)).collect();
            self.rules(effective, &scopes, beside, profile);
            self.judge(effective, profile);
        }
        self.lowered.clear();
        if !parts.scopes.is_empty() {
            self.targets(parts, profile);
        }
    }

    /// Reads what a profile names, and its models.
    fn parts(&mut self, laid: &MergedSpec, files: &dyn Files) -> ProfileParts {
        let profile = laid.profile.as_deref();
        let scopes = self.scopes(&laid.tree);
        let from = self.from(&laid.tree, files, profile);
        let bases: Vec<Option<usize>> =
            scopes.iter().map(|(target, options)| self.base(target, options, files, profile).or(from)).collect();
        let beside: Vec<Option<usize>> =
            scopes.iter().map(|(target, _)| self.beside(target, &laid.tree, files, profile)).collect();
        self.unknown_services(laid, &[bases.as_slice(), &[from]].concat());
        for (target, options) in &scopes {
            self.chart(target, options, files, profile);
        }
        let groups = self.groups(&bases, from);
        let mut all: Vec<Effective> = Vec::new();
        for base in groups.iter().map(|group| group.base).chain(bases.iter().copied()) {
            if all.iter().all(|known| known.base != base) {
                all.push(self.effective(laid, base, profile));
            }
        }
        ProfileParts { scopes, bases, beside, groups, all }
    }

    /// Whether nothing reads a merged spec once its services were read: no profile is merged from it, no file is below it, and no
    /// policy asks for it. Rules and targets see the model.
    fn is_read_once(&self) -> bool {
        self.profiles.is_empty() && self.removals == Removals::Done && self.bases.is_empty() && !self.has_policies()
    }

    /// What can be found only after all profiles, in the order in which it is reported.
    pub(super) fn close(&mut self, root: &Node, ambiguous: Vec<Finding>) {
        self.origins(root);
        for finding in ambiguous {
            // if no text is allowed there, quotes would not help
            if !self.collector.has("wrong-type", finding.at) {
                self.collector.add(None, finding);
            }
        }
        self.not_the_subject(root);
    }

    /// Fields that no target of the run reads: reported once, for the base or the profiles that write them.
    fn not_the_subject(&mut self, root: &Node) {
        let targets: Vec<_> = self.ran.iter().map(|target| target.meta.name).collect();
        let found = unread_fields::report(root, &targets::no_subject(&self.ran), &targets, &self.chosen);
        for (profile, finding) in found {
            self.collector.add_alone(profile.as_deref(), finding);
        }
    }

    /// Lowers a profile for each of its targets.
    fn targets(&mut self, parts: ProfileParts, profile: Option<&str>) {
        let ProfileParts { scopes, bases, beside, all, .. } = parts;
        let plans: Vec<_> = all.into_iter().map(|one| (one.base, plan(one.spec, profile), one.dropped)).collect();
        let mut said = Vec::new();
        for (at, ((target, options), base)) in scopes.iter().zip(&bases).enumerate() {
            let Some((_, plan, dropped)) = plans.iter().find(|(known, ..)| known == base) else { continue };
            let base = base.and_then(|index| Some(&self.bases.get(index)?.1));
            let chart =
                run_parts::chart(target, options).and_then(|(folder, _)| self.charts.get(folder)?.as_ref().ok());
            let beside = beside.get(at).copied().flatten().and_then(|index| Some(&self.bases.get(index)?.1));
            let input = Input { plan, options, base, beside, dropped, chart, writes: self.writes };
            let LoweredPlan { views, findings, .. } = (target.meta.lower)(&input);
            said.extend(findings.into_iter().map(|finding| targets::named(finding, target)));
            if self.writes {
                self.lowered.push((target, views));
            }
            if self.ran.iter().all(|ran| ran.meta.name != target.meta.name) {
                self.ran.push(target);
            }
        }
        drop(plans);
        let invalid = said.iter().filter(|finding| finding.rule == "invalid-value").map(|finding| finding.at);
        let invalid: HashSet<FileSpan> = invalid.collect();
        for finding in targets::joined(said) {
            // a value that is not allowed anywhere is not refused again
            let known = invalid.contains(&finding.at) || self.collector.has("invalid-value", finding.at);
            if !(known && finding.rule == "refused-by-target") {
                self.collector.add(profile, finding);
            }
        }
    }
}
