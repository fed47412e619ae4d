//! The effective models of a spec in one profile: the spec by itself, or laid over the base of a target. Knows no rule.

use super::run::SpecRun;
use super::run_parts::Effective;
use super::{CheckOptions, Files};
use crate::check::rules;
use crate::inputs::merge::{Dropped, lay_over, over_nothing};
use crate::inputs::spec::profiles::{self, Layers, MergedSpec, Removals};
use crate::model::{self, Spec};
use crate::support::diagnostic::{Finding, SPEC};
use crate::syntax::{self, Node};
use crate::targets;
use std::rc::Rc;

/// Targets that rules check together.
pub(super) struct TargetGroup {
    /// Their base.
    pub(super) base: Option<usize>,
    /// The targets, by their index.
    pub(super) scopes: Vec<usize>,
}

/// Whether the spec, or a profile of it, names a base for all targets or for one.
fn names_base(root: &Node) -> bool {
    let options = targets::ALL.iter().filter_map(|target| Some((target.meta.name, target.meta.base?.option())));
    let names = |tree: &Node, (target, option): (&str, &str)| {
        let options = tree.get("targets").and_then(|targets| targets.node.get(target));
        options.is_some_and(|options| options.node.get(option).is_some())
    };
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let trees = || std::iter::once(root).chain(profiles.iter().map(|profile| &*profile.node));
    trees().any(|tree| tree.get("from").is_some())
        || options.into_iter().any(|option| trees().any(|tree| names(tree, option)))
}

/// The spec and every profile of it as models, each over the base that rules see, the spec itself first; none if the text
/// holds no mapping. Broken parts are marked in them: reporting them is `lint`'s job.
///
/// Calls `take` once for each, with the names of all of them, and drops each before the next is made: all of them
/// together can take memory quadratic in the size of the spec.
pub fn each_effective_model(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    wanted: &CheckOptions,
    mut take: impl FnMut(&[Option<String>], Option<String>, Spec),
) {
    let mut run = SpecRun::idle(name, bytes.to_vec(), wanted, false);
    let Some(source) = run.inputs.get(SPEC).map(|spec| &spec.source).filter(|_| run.collector.is_empty()) else {
        return;
    };
    let parsed = syntax::parse(SPEC, source, syntax::ParseMode::Spec);
    let Some(root) = parsed.root.filter(|root| matches!(root.value, syntax::Value::Map(_))) else { return };
    let layers = run.lay(&root, &mut Vec::new());
    let names: Vec<Option<String>> = profiles::names(&root).map(|name| name.map(str::to_owned)).collect();
    for laid in layers {
        let scopes = run.scopes(&laid.tree);
        let from = run.from(&laid.tree, files, None);
        let bases: Vec<Option<usize>> =
            scopes.iter().map(|(target, options)| run.base(target, options, files, None).or(from)).collect();
        let base = run.groups(&bases, from).first().and_then(|group| group.base);
        let (tree, _) = run.lay_over(&laid, base);
        let mut spec = model::lower(&tree, &mut run.known).spec;
        run.add_sidecars(&mut spec, base);
        take(&names, laid.profile, spec);
    }
}

impl SpecRun<'_> {
    /// The spec and its profiles; removals stay in them if some target names a base.
    pub(super) fn lay(&mut self, root: &Rc<Node>, findings: &mut Vec<Finding>) -> Layers {
        self.removals = if names_base(root) { Removals::Kept } else { Removals::Done };
        profiles::lay_with(root, self.removals, findings)
    }

    /// Groups the targets that are checked together: those over one base. If all bases of a run are one, rules see that one for all targets.
    /// The base that the spec names at its top comes first, even if every target has a base of its own. A target that is requested
    /// by name is checked over its own base only.
    pub(super) fn groups(&self, bases: &[Option<usize>], from: Option<usize>) -> Vec<TargetGroup> {
        let every = self.wanted.targets.is_empty();
        let mut distinct: Vec<usize> = bases.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if let (true, None, [] | [_]) = (every, from, distinct.as_slice()) {
            return vec![TargetGroup { base: distinct.first().copied(), scopes: (0..bases.len()).collect() }];
        }
        let mut groups: Vec<TargetGroup> = Vec::new();
        if every || bases.is_empty() {
            groups.extend(from.map(|from| TargetGroup { base: Some(from), scopes: Vec::new() }));
        }
        for (index, base) in bases.iter().enumerate() {
            match groups.iter_mut().find(|group| group.base == *base) {
                Some(group) => group.scopes.push(index),
                None => groups.push(TargetGroup { base: *base, scopes: vec![index] }),
            }
        }
        if groups.is_empty() {
            groups.push(TargetGroup { base: None, scopes: Vec::new() });
        }
        groups
    }

    /// Lays one profile over a base, and reports the faults of its shape and values.
    pub(super) fn effective(&mut self, laid: &MergedSpec, base: Option<usize>, profile: Option<&str>) -> Effective {
        let (tree, dropped) = self.lay_over(laid, base);
        let shape = if self.foreign.is_some() { Vec::new() } else { self.shape.check(&tree) };
        for mut finding in shape.into_iter().filter(|finding| finding.at.file == SPEC) {
            if finding.rule == "missing-field" {
                let number = |dropped: &&Dropped| {
                    let range = dropped.replaced && dropped.path.last().is_some_and(|key| &**key == "replicas");
                    range && [dropped.by.key(), dropped.by.place()].contains(&finding.at)
                };
                if let Some(dropped) = dropped.iter().find(number) {
                    finding = finding.label(dropped.was.place(), "one fixed number, which a range replaces whole");
                }
            }
            self.collector.add(profile, finding);
        }
        let model::Lowered { mut spec, findings } = model::lower(&tree, &mut self.known);
        self.add_sidecars(&mut spec, base);
        // few rules check values of a base
        let speaks = |finding: &Finding| {
            finding.at.file == SPEC
                || self.foreign.is_some() && rules::get(&finding.rule).is_some_and(|rule| rule.foreign)
        };
        for finding in findings.into_iter().filter(speaks) {
            // the schema's finding at the same place comes first
            if !self.collector.has("wrong-type", finding.at) {
                self.collector.add(profile, finding);
            }
        }
        Effective { base, tree: Some(tree), spec, dropped }
    }

    /// Counts the other containers of the base in, and notes what scales there.
    fn add_sidecars(&self, spec: &mut Spec, base: Option<usize>) {
        if let Some((_, project)) = base.and_then(|index| self.bases.get(index)) {
            project.add_sidecars(&mut spec.services);
            spec.scalers = project.scalers();
        }
    }

    /// One profile over a base: the merged document, and the values that the spec removes.
    fn lay_over(&mut self, laid: &MergedSpec, base: Option<usize>) -> (Rc<Node>, Vec<Dropped>) {
        match base.and_then(|index| Some(&self.bases.get(index)?.1.layer)) {
            Some(layer) => {
                let merged = lay_over(layer, &laid.tree, &mut self.merged);
                (merged.tree, merged.dropped)
            }
            None if self.removals == Removals::Done => (Rc::clone(&laid.tree), Vec::new()),
            None => (over_nothing(&laid.tree), Vec::new()),
        }
    }
}
