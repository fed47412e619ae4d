//! A spec over a convox.yml. Convox lays no file over another, so the whole file is written again, word for word but for what spec or
//! profile change. Knows the file as its own keys, and no field of the spec.

use super::generation::Generation;
use super::{key, name, rack, resources, rollout, service};
use crate::inputs::base::{BaseMember, BaseProject};
use crate::plan::{Plan, Workload};
use crate::support::source::FieldSpan;
use crate::targets::{Input, LoweredPlan, View};
use serde_json::{Map, Value as Json};
use std::rc::Rc;

pub(super) const TEMPLATE: &str = "over-base.yaml.j2";
/// What Convox replaces before it reads the file.
pub(super) const REPLACED: &str = "${";

/// The file of the base with the changes.
pub(super) fn lower(input: &Input<'_>, base: &BaseProject, generation: &Generation, out: &mut LoweredPlan) {
    let mut document = match base.written.as_ref().map(|root| root.to_json()) {
        Some(Json::Object(document)) => document,
        _ => Map::new(),
    };
    for workload in input.plan.workloads.iter().filter(|workload| !workload.is_base_only()) {
        // the file itself is told of a name that it has
        if base.service(&workload.name).is_none() {
            name(&workload.name, "service", key(workload.at), out);
        }
        let wanted = view(workload, input.plan, generation, out);
        let own = base.service(&workload.name).map(|member| of_base(member, input.plan, generation));
        let Some(services) = section(&mut document, "services") else { continue };
        let written = services.entry(workload.name.to_string()).or_insert_with(|| Json::Object(Map::new()));
        let mut change = ServiceChange { at: workload.at, out };
        change.lay(written, &own.unwrap_or_else(|| Json::Object(Map::new())), &wanted);
    }
    rollout::unavailable_by_default(input, out);
    for backing in input.plan.backing.iter().filter(|backing| input.plan.workload(&backing.name).is_none()) {
        let Some(view) = resources::resource(backing, generation, out) else { continue };
        name(&backing.name, "resource", key(backing.at), out);
        let view = serde_json::to_value(view).unwrap_or_default();
        if let Some(resources) = section(&mut document, "resources") {
            resources.entry(backing.name.clone()).or_insert(view);
        }
    }
    rack::rack(input.plan, generation, out);
    // what the base itself says stays in it, whatever a file of ours could say
    out.keep_losses_of_spec();
    let document = Json::Object(document);
    out.views.push(View { path: "convox.yml".to_owned(), template: TEMPLATE, document, tags: Vec::new() });
}

/// A mapping at the root, made where there is none; `None` where the file has something else there.
fn section<'d>(document: &'d mut Map<String, Json>, key: &str) -> Option<&'d mut Map<String, Json>> {
    document.entry(key.to_owned()).or_insert_with(|| Json::Object(Map::new())).as_object_mut()
}

fn view(workload: &Workload, plan: &Plan, generation: &Generation, out: &mut LoweredPlan) -> Json {
    serde_json::to_value(service::service(workload, plan, generation, out)).unwrap_or_default()
}

/// The base's service as we would write it.
fn of_base(member: &BaseMember, plan: &Plan, generation: &Generation) -> Json {
    view(&Workload::of(Rc::clone(&member.service)), plan, generation, &mut LoweredPlan::default())
}

/// The change of one service.
struct ServiceChange<'c> {
    at: FieldSpan,
    out: &'c mut LoweredPlan,
}

impl ServiceChange<'_> {
    /// Lays what differs between two of our views over what is written: other leaves, new ones, and those that went.
    fn lay(&mut self, written: &mut Json, own: &Json, wanted: &Json) {
        if own == wanted {
            return;
        }
        match (own, wanted) {
            (Json::Object(before), Json::Object(after)) if written.is_object() => {
                let Some(fields) = written.as_object_mut() else { return };
                for gone in before.keys().filter(|key| !after.contains_key(*key)) {
                    fields.shift_remove(gone);
                }
                for (key, value) in after {
                    let before = before.get(key).unwrap_or(&Json::Null);
                    match fields.get_mut(key) {
                        Some(written) => self.lay(written, before, value),
                        None if before != value && self.is_literal(value) => {
                            fields.insert(key.clone(), value.clone());
                        }
                        None => {}
                    }
                }
            }
            (Json::Array(before), Json::Array(after)) if written.is_array() => self.items(written, before, after),
            _ if self.is_literal(wanted) => *written = wanted.clone(),
            _ => {}
        }
    }

    /// Lists: items that came and went. A variable takes the place of the one of its name.
    fn items(&mut self, written: &mut Json, before: &[Json], after: &[Json]) {
        let Some(items) = written.as_array_mut() else { return };
        let named = |item: &Json| item.as_str().map(|text| text.split('=').next().unwrap_or(text).to_owned());
        let stays = |gone: &Json| after.iter().any(|item| named(item) == named(gone));
        items.retain(|item| !before.contains(item) || stays(item));
        for new in after.iter().filter(|item| !before.contains(item)) {
            if !self.is_literal(new) {
                continue;
            }
            match items.iter_mut().find(|item| named(item).is_some() && named(item) == named(new)) {
                Some(item) => *item = new.clone(),
                None => items.push(new.clone()),
            }
        }
    }

    /// Whether Convox replaces nothing in a value of the spec. Here nothing can be escaped, because the base's own references must work.
    fn is_literal(&mut self, value: &Json) -> bool {
        let literal = !value.to_string().contains(REPLACED);
        if !literal {
            let message =
                format!("a value with `{REPLACED}` is not written: beside those of the base convox would replace it");
            self.out.lost(self.at, message, "write it into the convox.yml itself, or take the braces away");
        }
        literal
    }
}
