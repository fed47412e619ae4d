//! `--set SERVICE.KEY=VALUE`: values of `workload` in place of those of the spec, read as the spec is read.

use super::asked::find_service;
use crate::cli::Failure;
use scalegen::model::Spec;
use scalegen::{CheckOptions, NoFiles};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// Lays every value over the spec.
pub(super) fn apply(spec: &mut Spec, values: &[String]) -> Result<(), Failure> {
    for value in values {
        let form = || Failure(format!("--set {value}: write SERVICE.KEY=VALUE, as in api.serviceTime=30s"));
        let (path, text) = value.split_once('=').ok_or_else(form)?;
        let (service, key) = path.split_once('.').ok_or_else(form)?;
        find_service(service, spec)?;
        let one = read(value, key, text)?;
        for entry in spec.services.iter_mut().filter(|entry| *entry.name == *service) {
            let service = Rc::make_mut(entry);
            let Some(own) = service.work.as_deref_mut() else {
                service.work = Some(Box::new(one.clone()));
                continue;
            };
            own.service_time = one.service_time.or(own.service_time);
            own.dispatch = one.dispatch.or(own.dispatch);
            own.cpu_per_job = one.cpu_per_job.or(own.cpu_per_job);
            own.idle = one.idle.or(own.idle);
            own.queue_limit = one.queue_limit.or(own.queue_limit);
            own.patience = one.patience.or(own.patience);
            own.deadline = one.deadline.or(own.deadline);
            own.retry = one.retry.or(own.retry);
            own.start = one.start.or(own.start);
        }
    }
    Ok(())
}

/// One value as a `workload`, out of a spec that has nothing else.
fn read(value: &str, key: &str, text: &str) -> Result<scalegen::model::work::Work, Failure> {
    let typed = match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        // a number of JSON; `{ … }` gives the long forms
        _ => serde_json::from_str(text).ok().filter(|read: &Value| !read.is_array()).unwrap_or_else(|| json!(text)),
    };
    let mut work = Map::new();
    work.insert(key.to_owned(), typed);
    let spec = json!({ "version": 1, "name": "set", "services": { "set": { "workload": work } } }).to_string();
    let checked = scalegen::lint("--set", spec.as_bytes(), &NoFiles, &CheckOptions::default());
    let fault =
        checked.findings.iter().find(|finding| finding.severity == scalegen::support::diagnostic::Severity::Error);
    if let Some(fault) = fault {
        let help = fault.help.as_deref().map_or_else(String::new, |help| format!("; {help}"));
        return Err(Failure(format!("--set {value}: {}{help}", fault.message)));
    }
    let mut models = scalegen::models(spec.as_bytes());
    let work = models.pop().and_then(|(_, spec)| spec.services.first().and_then(|service| service.work.clone()));
    work.map(|work| *work).ok_or_else(|| Failure(format!("--set {value}: it says nothing")))
}
