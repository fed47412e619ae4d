//! A candidate as edits of the spec.

use super::{AxisField, AxisValue, Grid, WindowChoice};
use crate::inputs::spec::edit::{EditValue, FieldChange, Refusal, change};
use crate::inputs::spec::models::models;
use crate::model::Service;

impl Grid {
    /// The edits that make a candidate the policy of a service, in the base or in a profile's overlay.
    #[must_use]
    pub fn changes(&self, service: &Service, profile: Option<&str>, index: usize) -> Vec<FieldChange> {
        let tried = self.apply(service, index);
        let is_changed = |field: AxisField| {
            let mut axes = self.axes.iter().zip(self.places(index));
            axes.any(|(axis, place)| axis.field == field && place != axis.present)
        };
        let mut changes = Vec::new();
        let mut set = |field: AxisField, value: EditValue| changes.push(at(service, profile, field.path(), value));
        let thresholds = [AxisField::UpThreshold, AxisField::DownThreshold];
        if thresholds.into_iter().any(is_changed) {
            // if only one threshold is written, it is both
            let own = &service.autoscaling;
            for (field, value, is_written) in [
                (AxisField::UpThreshold, tried.autoscaling.up.threshold.value, own.up.threshold.written),
                (AxisField::DownThreshold, tried.autoscaling.down.threshold.value, own.down.threshold.written),
            ] {
                if is_changed(field) || !is_written {
                    set(field, EditValue::Text(value.to_string()));
                }
            }
        }
        for (axis, value) in self.values(index).filter(|(axis, _)| is_changed(axis.field)) {
            match value {
                AxisValue::Delay(delay) => set(axis.field, EditValue::Text(delay.to_string())),
                AxisValue::Count(count) => set(axis.field, EditValue::Int(u64::from(*count))),
                AxisValue::Weekly(Some(window)) => {
                    set(axis.field, EditValue::List(vec![weekly(*window, service.replicas.max.value)]));
                }
                AxisValue::Part(_) | AxisValue::Weekly(None) => {}
            }
        }
        changes
    }

    /// The spec's text under a candidate.
    ///
    /// # Errors
    /// What cannot be edited without touching something else, or an edited spec that differs from the candidate that was tried.
    pub fn text(&self, text: &str, service: &Service, profile: Option<&str>, index: usize) -> Result<String, Refusal> {
        let changed = change(text, &self.changes(service, profile, index))?;
        let tried = self.apply(service, index);
        let all = models(changed.as_bytes());
        let spec = all.iter().find(|(name, _)| name.as_deref() == profile).map(|(_, spec)| spec);
        let now = spec.and_then(|spec| spec.services().find(|candidate| candidate.name == service.name));
        if now.is_some_and(|now| is_same(now, &tried)) {
            return Ok(changed);
        }
        let why = "the spec would say something else than what was tried".to_owned();
        Err(Refusal { field: format!("services.{}", service.name), why, at: None, edit_at: None })
    }
}

/// One field of a service.
#[must_use]
pub fn at(service: &Service, profile: Option<&str>, path: &str, value: EditValue) -> FieldChange {
    let base = profile.map_or_else(Vec::new, |profile| vec!["profiles", profile]);
    let keys = base.into_iter().chain(["services", &service.name]).chain(path.split('.'));
    FieldChange { path: keys.map(str::to_owned).collect(), value }
}

fn weekly(window: WindowChoice, max: u32) -> EditValue {
    let text = |text: String| EditValue::Text(text);
    let days = window.days().into_iter().map(|day| text(day.word().to_owned())).collect();
    let bound = |count: u32| EditValue::Int(u64::from(count));
    let replicas = vec![("min".to_owned(), bound(window.min)), ("max".to_owned(), bound(max))];
    let fields = [
        ("days", EditValue::List(days)),
        ("from", text(WindowChoice::clock(window.from))),
        ("to", text(WindowChoice::clock(window.to))),
        ("timezone", text("UTC".to_owned())),
        ("replicas", EditValue::Map(replicas)),
    ];
    EditValue::Map(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn is_same(one: &Service, other: &Service) -> bool {
    let step = |service: &Service| {
        let (up, down) = (&service.autoscaling.up, &service.autoscaling.down);
        (up.threshold.value.0, down.threshold.value.0, up.delay.value.0, down.delay.value.0)
    };
    let window = |service: &Service| -> Vec<_> {
        let all = service.schedule.iter();
        all.map(|window| {
            (window.days.value.clone(), window.from.value.0, window.to.value.0, window.min.value, window.max.value)
        })
        .collect()
    };
    step(one) == step(other)
        && (one.replicas.min.value, one.replicas.max.value) == (other.replicas.min.value, other.replicas.max.value)
        && window(one) == window(other)
}
