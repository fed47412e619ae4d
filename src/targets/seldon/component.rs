//! One component of an installation: its replicas, and the settings that Seldon does not have. Knows one service at a time.

use super::facts::{COMPONENTS, Component, closest_component, component};
use super::install::{Install, InstallForm};
use super::written::ComponentOutput;
use super::{bounds, resources};
use crate::plan::{Amounts, Duration, Kind, TargetOptions, Val, Workload};
use crate::support::source::FieldSpan;
use crate::targets::LoweredPlan;
use serde_json::{Map, json};

/// Every service that is a component, each once.
pub(super) fn components(install: &Install<'_>, out: &mut LoweredPlan) -> Vec<ComponentOutput> {
    let mut all: Vec<ComponentOutput> = Vec::new();
    for workload in &install.plan.workloads {
        let Some(component) = component(&workload.name) else {
            unknown(workload, out);
            continue;
        };
        if all.iter().any(|old| std::ptr::eq(old.component, component)) {
            let message = format!(
                "`{}` is {} once more: an installation has each component once",
                workload.name, component.chart
            );
            out.refused(key(workload.at), message, "merge the two services");
            continue;
        }
        all.push(write(workload, component, install, out));
    }
    all
}

/// The models or pipelines that a component reads topics of.
pub(super) fn topics(options: &TargetOptions, service: &str) -> Option<Val<u32>> {
    let (work, at) = options.int(component(service)?.bound?.option)?;
    Some(Val::new(u32::try_from(work).ok().filter(|work| *work > 0)?, at))
}

/// The place of a service's key, where the name is meant and not its value.
fn key(at: FieldSpan) -> FieldSpan {
    FieldSpan { value: at.key, ..at }
}

fn unknown(workload: &Workload, out: &mut LoweredPlan) {
    let name = workload.name.escape_debug();
    let message = format!("Seldon has no component `{name}`: an override of another name is ignored without a word");
    let help = match closest_component(&workload.name) {
        Some(closest_component) => format!("did you mean `{closest_component}`?"),
        None => {
            let names: Vec<&str> = COMPONENTS.iter().map(|component| component.chart).collect();
            format!("the components are {}", names.join(", "))
        }
    };
    out.refused(key(workload.at), message, help);
}

fn write(
    workload: &Workload,
    component: &'static Component,
    install: &Install<'_>,
    out: &mut LoweredPlan,
) -> ComponentOutput {
    let mut written =
        ComponentOutput { component, replicas: workload.fixed, container: Map::new(), grace: None, setup: Map::new() };
    replicas(workload, component, out);
    bounds::clamp(workload, component, install, out);
    let mut workload = workload.clone();
    if !install.plan.limit_resources.value {
        std::rc::Rc::make_mut(&mut workload.service).resources.limits = Amounts::default();
    }
    match install.form {
        InstallForm::Runtime if component.runtime.is_none() => {
            resources::lost_without_override(&workload, component, out)
        }
        InstallForm::Runtime => resources::runtime(&workload, &mut written, out),
        InstallForm::Values => resources::setup(&workload, &mut written.setup, out),
    }
    concurrency(&workload, install.form, &mut written, out);
    variables(&workload, install.form, &mut written, out);
    if let Some(time) = workload.stop_grace_period {
        grace(time, install.form, &mut written, out);
    }
    resources::volumes(&workload, install.form, &mut written, out);
    unwritten(&workload, out);
    written
}

/// One number is written, and some components must have exactly 1.
fn replicas(workload: &Workload, component: &Component, out: &mut LoweredPlan) {
    let (min, max) = (workload.replicas.min, workload.replicas.max);
    // the bounds of the base before those of a window
    let windows = workload.schedule.iter().flat_map(|window| [window.max, window.min]);
    let wrong = [max, min].into_iter().chain(windows).find(|bound| bound.value != 1);
    if let (true, Some(wrong)) = (component.once, wrong) {
        let message = format!(
            "{} must run exactly once: it keeps its state on one volume, and {} is not 1",
            workload.name, wrong.value
        );
        out.refused(wrong.at, message, "remove `replicas` and `schedule`");
        return;
    }
    if let (true, Some(wrong)) = (component.runtime.is_none(), wrong) {
        let message = format!(
            "{} has no replicas key: the setup chart's Deployment always runs 1, not {}",
            workload.name, wrong.value
        );
        out.refused(wrong.at, message, "write `replicas: 1`, and scale it with a patch of your own");
        return;
    }
    if workload.scales {
        let message =
            format!("Seldon's components have no autoscaler: {} is written, not up to {}", workload.fixed, max.value);
        out.lost(max.at, message, format!("write `replicas: {}`", workload.fixed));
    }
    let auto = &workload.autoscaling;
    if auto.written {
        let message = format!("Seldon's components have no autoscaler: {} is written", workload.fixed);
        out.lost(auto.at, message, "remove `autoscaling`");
    }
    for window in &workload.schedule {
        let message = format!("Seldon has no windows: {} is written for {} too", workload.fixed, window.label());
        out.lost(window.at, message, "remove the window");
    }
}

fn concurrency(workload: &Workload, form: InstallForm, written: &mut ComponentOutput, out: &mut LoweredPlan) {
    let Some(concurrency) = &workload.concurrency else { return };
    let key = written.component.workers.filter(|_| form == InstallForm::Values);
    let known = concurrency.env.as_ref().is_none_or(|env| {
        written
            .component
            .variables
            .iter()
            .any(|(name, to)| *name == env.value && Some(*to) == written.component.workers)
    });
    match key {
        Some(key) if known => {
            written.setup.insert(key.to_owned(), json!(concurrency.limit.value));
        }
        _ => {
            let limit = concurrency.limit.value;
            let message = match &concurrency.env {
                Some(env) => format!("{} is not written: {}", env.value, no_variables(form)),
                None => format!("a concurrency of {limit} is not written: {}", no_variables(form)),
            };
            let help = match written.component.workers {
                Some(key) => format!("use `form: values`, which writes it as `{}.{key}`", written.component.chart),
                None => "remove `concurrency`".to_owned(),
            };
            out.lost(concurrency.at, message, help);
        }
    }
}

fn no_variables(form: InstallForm) -> &'static str {
    match form {
        InstallForm::Runtime => {
            "the operator puts variables behind the setup chart's own and reads the first of a name"
        }
        InstallForm::Values => "the setup chart takes no variables",
    }
}

fn variables(workload: &Workload, form: InstallForm, written: &mut ComponentOutput, out: &mut LoweredPlan) {
    for variable in &workload.env {
        let key = written.component.variables.iter().find(|(name, _)| *name == variable.name).map(|(_, key)| *key);
        let number = variable.value.value.text().parse::<u32>();
        match (form, key, number) {
            (InstallForm::Values, Some(key), Ok(number)) => {
                written.setup.entry(key).or_insert(json!(number));
            }
            _ => {
                let help = if key.is_some() { "use `form: values`" } else { "remove it" };
                out.lost(variable.value.at, format!("{} is not written: {}", variable.name, no_variables(form)), help);
            }
        }
    }
}

fn grace(time: Val<Duration>, form: InstallForm, written: &mut ComponentOutput, out: &mut LoweredPlan) {
    let seconds = time.value.as_seconds();
    if !time.value.0.is_multiple_of(1000) {
        let message = format!("Kubernetes counts whole seconds: {} is written as {seconds}", time.value);
        out.lost(time.at, message, format!("write `{seconds}s`"));
    }
    match form {
        InstallForm::Runtime if written.component.runtime.is_some() => written.grace = Some(seconds),
        InstallForm::Values if written.component.grace => {
            written.setup.insert("terminationGracePeriodSeconds".to_owned(), json!(seconds));
        }
        _ => {
            let message = format!(
                "the setup chart sets the time {} has to stop in: {} is not written",
                written.component.chart, time.value
            );
            out.lost(time.at, message, "remove `stopGracePeriod`");
        }
    }
}

/// Reports settings that neither a `SeldonRuntime` nor the charts have for their own components.
fn unwritten(workload: &Workload, out: &mut LoweredPlan) {
    let mut lost = |at: Option<FieldSpan>, what: &str| {
        if let Some(at) = at {
            out.lost(
                at,
                format!("Seldon's own component has its {what} already: it is not written"),
                format!("remove its {what}"),
            );
        }
    };
    lost(workload.command.as_ref().map(|command| command.at), "command");
    lost(workload.args.as_ref().map(|args| args.at), "args");
    for port in &workload.ports {
        lost(Some(port.at), "ports");
        lost(port.publish.map(|publish| publish.at), "ports");
    }
    lost(workload.expose.as_ref().map(|expose| expose.at), "service");
    lost(workload.health.as_ref().map(|health| health.at), "health checks");
    for secret in &workload.shared_secrets {
        lost(Some(secret.at), "secrets");
    }
    lost(workload.update().written.then_some(workload.update().at), "rollout");
    lost(workload.disruption.as_ref().map(|disruption| disruption.at), "disruption");
    lost(workload.spread.as_ref().map(|spread| spread.at), "spread");
    for (what, at) in workload.cluster_fields() {
        lost(Some(at), what);
    }
    let stateful =
        workload.kind.value == Kind::Stateful && component(&workload.name).is_some_and(|component| !component.once);
    lost(stateful.then_some(workload.kind.at), "kind");
}
