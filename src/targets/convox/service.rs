//! One service of a `convox.yml`. Knows the service and its backing services, no other service.

use super::generation::Generation;
use super::view::{ContainerCommand, ConvoxService, Termination};
use super::{resources, rollout, routing, scale};
use crate::plan::{Disruption, Kind, Plan, Spread, Workload};
use crate::targets::LoweredPlan;
use crate::targets::render::kubernetes_text::literal;
use crate::targets::render::shell::shell_word;

/// The service as convox reads it.
pub(super) fn service(
    workload: &Workload,
    plan: &Plan,
    generation: &Generation,
    out: &mut LoweredPlan,
) -> ConvoxService {
    let scale = scale::scale(workload, plan, generation, out);
    let mut view = ConvoxService {
        image: workload.image.as_ref().map(|image| image.value.to_string()),
        command: command(workload, generation, out),
        environment: environment(workload, plan, out),
        resources: resources::connected(workload, plan, generation),
        singleton: (workload.kind.value == Kind::Singleton).then_some(true),
        deployment: rollout::rollout(workload, &scale.count, generation, out),
        scale,
        termination: workload.stop_grace_period.map(|time| {
            let grace = time.value.as_seconds();
            if !time.value.0.is_multiple_of(1000) {
                let message = format!("convox counts whole seconds: {} is written as {grace}", time.value);
                out.lost(time.at, message, format!("write `{grace}s`"));
            }
            Termination { grace }
        }),
        ..ConvoxService::default()
    };
    routing::route(workload, generation, &mut view, out);
    unwritten(workload, generation, out);
    view
}

/// Settings that convox does not have.
fn unwritten(workload: &Workload, generation: &Generation, out: &mut LoweredPlan) {
    if let Some(concurrency) = workload.concurrency.as_ref().filter(|concurrency| concurrency.env.is_none()) {
        let limit = concurrency.limit.value;
        let message = format!("convox has no word for a concurrency of {limit}");
        out.lost(concurrency.limit.at, message, format!("name the variable: `{{limit: {limit}, env: NAME}}`"));
    }
    if workload.kind.value == Kind::Stateful {
        let message = "convox runs processes that are all alike: none keeps its name";
        out.lost(workload.kind.at, message, "keep state in a backing service");
    }
    for volume in &workload.volumes {
        let message = format!(
            "convox gives a process no volume of its own that outlives it: `{}` is not written",
            volume.name.value
        );
        out.lost(volume.at, message, "keep state in a backing service");
    }
    if let Some(disruption) = workload.disruption {
        let what = match disruption.value {
            Disruption::MinAvailable(amount) => format!("minAvailable {amount}"),
            Disruption::MaxUnavailable(amount) => format!("maxUnavailable {amount}"),
        };
        let message = format!("a convox.yml says nothing of drains: {what} is not written");
        let help = if generation.word == "v3" {
            "the rack parameter `pdb_default_min_available_percentage` holds for every service"
        } else {
            "remove `disruption`"
        };
        out.lost(disruption.at, message, help);
    }
    for (what, at) in workload.cluster_fields() {
        out.lost(
            at,
            format!("no word of a convox.yml takes the {what} of {}", workload.name),
            "remove it, or add the kubernetes target",
        );
    }
    if let Some(spread) = workload.spread {
        let what = match spread.value {
            Spread::Node => "node",
            Spread::Zone => "zone",
            Spread::None => return,
        };
        let message = format!("a convox.yml cannot spread processes over each {what}: the rack places them");
        out.lost(spread.at, message, "remove `spread`");
    }
}

/// Convox passes its `command` to the image's entry point, which stays.
fn command(workload: &Workload, generation: &Generation, out: &mut LoweredPlan) -> Option<ContainerCommand> {
    let word = |word: &String| if generation.on_kubernetes { literal(word) } else { word.clone() };
    let words: Vec<String> =
        workload.command.iter().chain(&workload.args).flat_map(|words| words.value.iter().map(word)).collect();
    if let Some(command) = &workload.command {
        let message = "convox hands these words to the image's entry point where it has one, and cannot replace that";
        out.ignored(command.at, message, "right as it is for an image without an entry point; else give only `args`");
    }
    if words.is_empty() {
        return None;
    }
    Some(if generation.command_words {
        ContainerCommand::Words(words)
    } else {
        ContainerCommand::Line(words.iter().map(|word| shell_word(word, "-_./:=@%+,")).collect::<Vec<_>>().join(" "))
    })
}

/// `NAME=value` is a default; a bare `NAME` must be set before convox deploys.
fn environment(workload: &Workload, plan: &Plan, out: &mut LoweredPlan) -> Vec<String> {
    let carried = workload.concurrency.as_ref().and_then(|concurrency| {
        concurrency.env.as_ref().map(|env| (env.value.as_str(), concurrency.limit.value.to_string()))
    });
    let mut lines: Vec<String> = Vec::new();
    for variable in &workload.env {
        if let Some((name, limit)) = &carried
            && variable.name == *name
        {
            if variable.value.value.text() != limit {
                let message = format!(
                    "{name} carries the concurrency limit: {limit} is written, not {}",
                    variable.value.value.text().escape_debug()
                );
                out.lost(variable.value.at, message, "remove the variable from `env`");
            }
            continue;
        }
        lines.push(format!("{}={}", variable.name, variable.value.value.text()));
    }
    lines.extend(carried.map(|(name, limit)| format!("{name}={limit}")));
    let addresses = workload.connections.iter().filter_map(|connection| {
        let external = plan.backing(&connection.to)?.external.as_ref()?;
        Some(&external.url_env.value)
    });
    for name in workload.shared_secrets.iter().map(|secret| &secret.value).chain(addresses) {
        let given = format!("{name}=");
        if !lines.iter().any(|line| line == name || line.starts_with(&given)) {
            lines.push(name.clone());
        }
    }
    lines
}
