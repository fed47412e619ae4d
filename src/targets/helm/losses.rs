//! Reports every written field of a service for which the table has no path. Writes no value.

use super::table::ValuesTable;
use super::values::{cpu_text, memory_text};
use crate::plan::{Amounts, Cpu, Kind, Memory, Protocol, Strategy, Workload};
use crate::support::source::FieldSpan;
use crate::targets::{Input, LoweredPlan};

/// Reports every written field of a service that is not written.
pub(super) fn report(workload: &Workload, table: &ValuesTable, input: &Input<'_>, lowered: &mut LoweredPlan) {
    let mut out = Losses { name: &workload.name, table, lowered };
    out.bounds(workload);
    if workload.scales && table.scales() {
        out.signal(workload);
    }
    out.container(workload);
    out.ports(workload);
    out.resources(workload, input.plan.limit_resources.value);
    out.rest(workload);
}

pub(super) struct Losses<'a> {
    pub name: &'a str,
    pub table: &'a ValuesTable,
    pub lowered: &'a mut LoweredPlan,
}

impl Losses<'_> {
    /// A field without a path, and the words of `paths` that would give it one.
    fn no_path(&mut self, what: &str, at: FieldSpan, words: &[&str]) {
        let message = format!("no path says where the {what} of {} goes", self.name);
        let help = match words.first() {
            Some(word) => format!("add `{word}` under `paths.{}`, or remove it here", self.name),
            None => "set it in values of your own, or remove it here".to_owned(),
        };
        self.lowered.lost(at, message, help);
    }

    /// Reports it if no word has a path.
    pub(super) fn needs(&mut self, what: &str, at: FieldSpan, words: &[&str]) {
        if !words.iter().any(|word| self.table.has(word)) {
            self.no_path(what, at, words);
        }
    }

    fn bounds(&mut self, workload: &Workload) {
        let replicas = &workload.replicas;
        let (min, max) = (replicas.min, replicas.max);
        let scales = workload.scales && self.table.scales();
        if scales {
            if min.value == 0 {
                let message = "min 0 is not written: a HorizontalPodAutoscaler keeps at least 1, so 1 is";
                self.lowered.lost(min.at, message, "write `min: 1`");
            }
            self.needs("least number", min.at, &["minReplicas"]);
            if self.table.resets && !self.table.of_base {
                let least = min.value.max(1);
                let message = format!(
                    "the chart writes `replicas` beside the autoscaler of {}: each upgrade sets the number to {least}, from \
                     where it is raised again",
                    self.name
                );
                let help = "upgrade when the load is low, or write as `min` what an upgrade must leave";
                self.lowered.ignored(max.at, message, help);
            }
        } else if replicas.written {
            let held = self.table.has("maxReplicas") && !self.table.has("autoscaling");
            if !self.table.has("replicas") && !held {
                self.no_path("number of replicas", replicas.at, &["replicas"]);
            }
            if workload.scales {
                let why = "no path says where the most goes";
                let message = format!("max {} is not written, the number stays {}: {why}", max.value, workload.fixed);
                let help = "add `autoscaling`, `minReplicas` and `maxReplicas` to its paths, or write one number";
                self.lowered.lost(max.at, message, help);
            }
        }
        if workload.autoscaling.written && !scales && (workload.scales || !workload.schedule.is_empty()) {
            let message = format!("autoscaling is not written: the number stays {}", workload.fixed);
            self.lowered.lost(workload.autoscaling.at, message, "remove it, or give the chart's autoscaler paths");
        }
        let stays = if scales { format!("{} to {}", min.value.max(1), max.value) } else { workload.fixed.to_string() };
        for window in &workload.schedule {
            let (label, wanted) = (window.label(), window.replicas());
            let message =
                format!("the window {label} with {wanted} of {} is not written: {stays} at all times", workload.name);
            self.lowered.lost(window.at, message, "let `replicas` hold what every hour needs, or drop the window");
        }
    }

    fn container(&mut self, workload: &Workload) {
        if let Some(image) = &workload.image {
            self.needs("image", image.at, &["image", "repository"]);
            let tagged = image.value.rsplit('/').next().is_some_and(|name| name.contains(':'));
            if tagged && self.table.has("repository") && !self.table.has("tag") && !self.table.has("image") {
                self.no_path("tag", image.at, &["tag"]);
            }
        }
        if let Some(command) = &workload.command {
            self.needs("command", command.at, &["command"]);
        }
        if let Some(args) = &workload.args {
            self.needs("arguments", args.at, &["args"]);
        }
        for var in &workload.env {
            self.needs(&format!("variable {}", var.name), var.value.at, &["env", "envMap"]);
        }
        if let Some(concurrency) = &workload.concurrency {
            let env = self.table.has("env") || self.table.has("envMap");
            match &concurrency.env {
                Some(name) if !env && self.table.has("concurrency") => {
                    let message = format!(
                        "{} takes its concurrency from the chart's own key, not from {}",
                        self.name, name.value
                    );
                    self.lowered.lost(name.at, message, "remove `env`");
                }
                Some(name) if !env => {
                    self.no_path(&format!("variable {}", name.value), name.at, &["env", "envMap"]);
                    self.no_path("concurrency", concurrency.limit.at, &["concurrency", "env"]);
                }
                Some(_) => {}
                None => self.needs("concurrency", concurrency.limit.at, &["concurrency"]),
            }
        }
        for secret in &workload.shared_secrets {
            let message = format!("{} is not written: a secret is not part of a values file", secret.value);
            self.lowered.lost(secret.at, message, "name an existing Secret in values of your own");
        }
    }

    fn ports(&mut self, workload: &Workload) {
        for (index, port) in workload.ports.iter().enumerate() {
            if index > 0 {
                let message = format!("port {} is not written: the values have one port", port.port.value);
                self.lowered.lost(port.port.at, message, "set further ports in values of your own");
            } else {
                self.needs("port", port.port.at, &["port"]);
            }
            if let Some(name) = &port.name {
                self.no_path("name of the port", name.at, &[]);
            }
            if port.protocol.written {
                let what = if port.protocol.value == Protocol::Udp { "protocol udp" } else { "protocol" };
                self.no_path(what, port.protocol.at, &[]);
            }
            if let Some(publish) = port.publish {
                let message = format!("host port {} is not written: a pod is reached by its Service", publish.value);
                self.lowered.lost(publish.at, message, "remove `publish`, or use another target for it");
            }
        }
        let Some(expose) = &workload.expose else { return };
        if let Some(class) = &expose.class {
            self.needs("ingress class", class.at, &["ingressClass"]);
        }
        if let Some(secret) = &expose.tls {
            self.needs("certificate", secret.at, &["ingressTLS"]);
        }
        if let Some(first) = expose.annotations.first() {
            self.needs("annotations of the ingress", first.value.at, &["ingressAnnotations"]);
        }
        for (what, value, word) in [("host", &expose.host, "host"), ("path", &expose.path, "path")] {
            if let Some(value) = value {
                self.needs(what, value.at, &[word, "ingressHosts"]);
            }
        }
    }

    fn resources(&mut self, workload: &Workload, limited: bool) {
        let written = &workload.resources;
        let sides: [(&Amounts, &str, &str, &str); 2] = [
            (&written.requests, "requests", "requests.cpu", "requests.memory"),
            (&written.limits, "limits", "limits.cpu", "limits.memory"),
        ];
        for (amounts, side, cpu_word, memory_word) in sides {
            let said = limited || side == "requests";
            if let Some(cpu) = amounts.cpu.filter(|_| said) {
                self.needs(&format!("{side}.cpu"), cpu.at, &["resources", side, cpu_word]);
                let text = cpu_text(cpu.value);
                if Cpu::parse(&text).ok() != Some(cpu.value) {
                    let message = format!("{} is finer than 1m, the least step: {text} is written", cpu.value);
                    self.lowered.lost(cpu.at, message, format!("write {text}"));
                }
            }
            if let Some(memory) = amounts.memory.filter(|_| said) {
                self.needs(&format!("{side}.memory"), memory.at, &["resources", side, memory_word]);
                debug_assert_eq!(
                    Memory::parse(&memory_text(memory.value)).map(|read| read.bytes),
                    Ok(memory.value.bytes)
                );
            }
            if let Some(gpu) = amounts.gpu {
                self.needs("GPUs", gpu.at, &["resources", "limits"]);
            }
            if let Some(pids) = amounts.pids {
                let message = format!("{} processes are not written: a container has no field for them", pids.value);
                self.lowered.lost(pids.at, message, "set podPidsLimit on the nodes' kubelets");
            }
        }
        if let (Some(request), Some(limit)) = (written.requests.gpu, written.limits.gpu)
            && request.value != limit.value
        {
            let message =
                format!("requests.gpu {} is not written: limits.gpu {} counts for both", request.value, limit.value);
            self.lowered.lost(request.at, message, format!("write {} in both", limit.value));
        }
    }

    fn rest(&mut self, workload: &Workload) {
        if workload.kind.value == Kind::Stateful && self.table.convention.is_some() {
            let message = format!("the chart runs {} without state of its own, as a Deployment", self.name);
            self.lowered.lost(workload.kind.at, message, "remove `kind: stateful`");
        }
        if let Some(health) = &workload.health {
            self.needs("health check", FieldSpan { block: true, ..health.at }, &["readinessProbe"]);
            if let Some(period) = health.start_period.filter(|_| self.table.asks_at_once()) {
                let message = "the start period is not written: a readiness probe only keeps requests away until the first answer";
                self.lowered.lost(period.at, message, "remove it");
            }
            if let (Some(port), Some(_)) = (health.port, self.table.route("readinessProbe"))
                && matches!(health.check.value, crate::plan::Check::Command(_))
            {
                self.lowered.lost(port.at, format!("port {} is not asked by a command", port.value), "remove it");
            }
        }
        for volume in &workload.volumes {
            self.no_path(&format!("volume {}", volume.name.value), volume.at, &[]);
        }
        if workload.update().written {
            let what = match workload.update().strategy.value {
                Strategy::Rolling => "rolling update",
                Strategy::Recreate => "update strategy",
            };
            self.no_path(what, FieldSpan { block: true, ..workload.update().at }, &[]);
        }
        if let Some(period) = workload.stop_grace_period {
            self.needs("stop grace period", period.at, &["terminationGracePeriod"]);
        }
        let budget = workload.disruption.filter(|_| !self.table.has("minAvailable"));
        let rest = [
            ("disruption budget", budget.map(|budget| budget.at)),
            ("spread", workload.spread.map(|spread| spread.at)),
        ];
        let rest = rest.into_iter().filter_map(|(what, at)| Some((what, at?)));
        for (what, at) in rest {
            self.no_path(what, at, &[]);
        }
        for (what, at) in workload.cluster_fields() {
            let words: &[&str] = match what {
                "ephemeral storage" => &["resources", "requests", "limits"],
                "liveness check" => &["livenessProbe"],
                "startup check" => &["startupProbe"],
                "service account" => &["serviceAccount"],
                "node selector" => &["nodeSelector"],
                "labels" => &["podLabels"],
                "annotations" => &["podAnnotations"],
                "tolerations" => &["tolerations"],
                "pod security" => &["podSecurityContext", "securityContext"],
                _ => &[],
            };
            self.needs(what, at, words);
        }
    }
}
