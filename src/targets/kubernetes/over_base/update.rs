//! How a new version replaces the old, if the spec changes the base's strategy. Knows no other field.

use super::document::PatchDocument;
use crate::inputs::kubernetes::WorkloadKind;
use crate::plan::{Amount, Strategy, Val};
use crate::targets::kubernetes::LoweredPlan;
use crate::targets::kubernetes::base_objects::OverBase;
use crate::targets::kubernetes::objects::CountOrPercent;
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::workload::{recreate_loses, stateful_update};
use serde_json::{Value as Json, json};

pub(super) fn lower(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let (update, own) = (&unit.workload.update(), &over.member.service.update());
    let strategy =
        over.written(Some(&update.strategy), own.written.then_some(own.strategy.value), |own, value| own == value);
    let surge =
        over.written(Some(&update.surge), own.surge.written.then_some(own.surge.value), |own, value| own == value);
    let unavailable =
        over.written(update.unavailable.as_ref(), own.unavailable.map(|own| own.value), |own, value| own == value);
    if strategy.is_none() && surge.is_none() && unavailable.is_none() {
        return;
    }
    match over.workload.kind {
        WorkloadKind::Deployment => {}
        WorkloadKind::StatefulSet => return drop(stateful_update(unit, out)),
        _ => {
            let message = format!("update is not written: {} has no strategy of this form", over.title());
            return out.lost(update.at, message, "change it there");
        }
    }
    if update.strategy.value == Strategy::Recreate {
        recreate_loses(update, out);
        if strategy.is_some() {
            document.set(&["spec", "strategy", "type"], Json::from("Recreate"));
            document.set(&["spec", "strategy", "rollingUpdate"], Json::Null);
        }
        return;
    }
    if let Some(no_step) = no_step(unit) {
        let message = format!("surge {} and unavailable {} leave no step to take", update.surge.value, no_step.value);
        return out.refused(no_step.at, message, "allow one of the two, or write `strategy: recreate`");
    }
    if strategy.is_some() {
        document.set(&["spec", "strategy", "type"], Json::from("RollingUpdate"));
    }
    for (key, amount) in [("maxSurge", surge), ("maxUnavailable", unavailable)] {
        if let Some(amount) = amount {
            document.set(&["spec", "strategy", "rollingUpdate", key], json!(CountOrPercent::from(amount.value)));
        }
    }
}

/// Reports a rollout that may neither remove nor add a replica.
fn no_step(unit: &WorkloadUnit<'_>) -> Option<Val<Amount>> {
    let none = |amount: Amount| matches!(amount, Amount::Count(0) | Amount::Percent(0));
    let update = &unit.workload.update();
    update.unavailable.filter(|unavailable| none(unavailable.value) && update.surge.written && none(update.surge.value))
}
