//! The values of a service for a chart: each with its word and its place in the spec. Knows no path.

use super::pod_values;
use super::table::ValuesTable;
use crate::inputs::helm::ChartFacts;
use crate::inputs::helm::conventions::Convention;
use crate::plan::{Amounts, Check, Cpu, Health, Memory, Port, Share, Signal, Unit, Workload};
use crate::support::diagnostic::SPEC;
use crate::support::source::FieldSpan;
use crate::targets::Input;
use serde_json::{Map, Value as Json, json};

/// One value with its word.
pub(super) struct WordedValue {
    pub word: &'static str,
    pub value: Json,
    /// Its place in the spec.
    pub at: FieldSpan,
}

/// Every value of a service for which its table has a path.
pub(super) fn of(workload: &Workload, input: &Input<'_>, table: &ValuesTable) -> Vec<WordedValue> {
    let mut out = Writer { table, chart: input.chart, given: Vec::new() };
    numbers(workload, &mut out);
    rest(workload, input, &mut out);
    out.given
}

/// Everything but the number of replicas and what changes it.
pub(super) fn rest(workload: &Workload, input: &Input<'_>, out: &mut Writer<'_>) {
    slots(workload, out);
    container(workload, out);
    network(workload, out);
    pod(workload, out);
    resources(workload, input.plan.limit_resources.value, out);
}

pub(super) struct Writer<'a> {
    pub table: &'a ValuesTable,
    pub chart: Option<&'a ChartFacts>,
    pub given: Vec<WordedValue>,
}

impl Writer<'_> {
    /// Whether a value at this place is written: over values, only what the spec says.
    fn is_written(&self, at: FieldSpan) -> bool {
        !self.table.of_base || at.file == SPEC
    }

    pub(super) fn put(&mut self, word: &'static str, value: impl Into<Json>, at: FieldSpan) {
        if self.is_written(at) && self.table.has(word) {
            self.given.push(WordedValue { word, value: value.into(), at });
        }
    }

    /// Whether the chart has a value of its own for a word, or for a key below it; `None` if the chart is not known.
    pub(super) fn chart_has(&self, word: &str, key: &str) -> Option<bool> {
        let (chart, route) = self.chart.zip(self.table.route(word))?;
        let path: Vec<String> = route.path.iter().cloned().chain((!key.is_empty()).then(|| key.to_owned())).collect();
        Some(chart.own_value(&path).is_some_and(|own| !own.is_null()))
    }
}

fn numbers(workload: &Workload, out: &mut Writer<'_>) {
    let replicas = &workload.replicas;
    let scales = workload.scales && out.table.scales();
    let runs = if scales { workload.peak } else { workload.fixed };
    out.put("enabled", runs > 0, replicas.at);
    if !scales {
        out.put("replicas", workload.fixed, replicas.min.at);
        out.put("autoscaling", false, replicas.at);
        if !out.table.has("autoscaling") {
            // an autoscaler that cannot be turned off is bounded by the number
            out.put("minReplicas", workload.fixed, replicas.min.at);
            out.put("maxReplicas", workload.fixed, replicas.min.at);
        }
    } else {
        // never `replicas` beside it: each upgrade would reset the autoscaler's number. A chart that writes it anyway gets the
        // least, so that an upgrade never sets a number outside the bounds
        if out.table.resets {
            out.put("replicas", replicas.min.value.max(1), replicas.min.at);
        }
        out.put("autoscaling", true, replicas.at);
        out.put("minReplicas", replicas.min.value.max(1), replicas.min.at);
        out.put("maxReplicas", replicas.max.value, replicas.max.at);
        let scaling = &workload.autoscaling;
        let (cpu, memory) = (scaling.watches(Signal::Cpu), scaling.watches(Signal::Memory));
        if !cpu && !memory {
            return;
        }
        let target = json!(percent(scaling.up.threshold.value));
        // in `helm create`'s layout a null target means none; otherwise the chart's default would act beside ours
        let known = out.table.convention == Some(Convention::HelmCreate);
        for (word, watched) in [("targetCPU", cpu), ("targetMemory", memory)] {
            if watched {
                out.put(word, target.clone(), scaling.up.threshold.at);
            } else if known && out.chart_has(word, "").unwrap_or(word == "targetCPU") {
                out.put(word, Json::Null, scaling.signal.at);
            }
        }
    }
}

fn slots(workload: &Workload, out: &mut Writer<'_>) {
    if let Some(concurrency) = &workload.concurrency {
        out.put("concurrency", concurrency.limit.value, concurrency.limit.at);
    }
}

/// A share as whole percent, at least one.
pub(super) fn percent(share: Share) -> u64 {
    share.percent().max(1)
}

fn container(workload: &Workload, out: &mut Writer<'_>) {
    if let Some(image) = &workload.image {
        let (repository, tag, digest) = parts(&image.value, out.table.has("digest"));
        out.put("image", &*image.value, image.at);
        out.put("repository", repository, image.at);
        out.put("tag", tag, image.at);
        if let Some(digest) = digest {
            out.put("digest", digest, image.at);
        }
    }
    for (word, words) in [("command", &workload.command), ("args", &workload.args)] {
        if let Some(words) = words {
            out.put(word, words.value.clone(), words.at);
        }
    }
    let mut vars: Vec<(&str, String, FieldSpan)> = Vec::new();
    for var in &workload.env {
        vars.push((&var.name, var.value.value.text().to_owned(), var.value.at));
    }
    if let Some(concurrency) = &workload.concurrency
        && let Some(env) = &concurrency.env
    {
        vars.retain(|(name, ..)| *name != env.value);
        vars.push((&env.value, concurrency.limit.value.to_string(), concurrency.limit.at));
    }
    if let Some((_, _, at)) = vars.first() {
        let at = *at;
        let list: Vec<Json> = vars.iter().map(|(name, value, _)| json!({ "name": name, "value": value })).collect();
        let map: Map<String, Json> = vars.iter().map(|(name, value, _)| ((*name).to_owned(), json!(value))).collect();
        out.put("env", list, at);
        out.put("envMap", map, at);
    }
}

/// `host/name`, tag and digest. A chart that joins repository and tag by a colon gets a digest cut at its own colon.
fn parts(image: &str, takes_digest: bool) -> (&str, &str, Option<&str>) {
    if takes_digest && let Some((name, digest)) = image.split_once('@') {
        let (repository, tag, _) = parts(name, false);
        return (repository, tag, Some(digest));
    }
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    match image.rfind(':') {
        Some(colon) if colon >= name => {
            (image.get(..colon).unwrap_or(image), image.get(colon + 1..).unwrap_or("latest"), None)
        }
        _ => (image, "latest", None),
    }
}

fn network(workload: &Workload, out: &mut Writer<'_>) {
    if let Some(port) = workload.ports.first() {
        out.put("port", port.port.value, port.port.at);
    }
    if let Some(expose) = &workload.expose {
        out.put("ingress", true, expose.at);
        let path = expose.path.as_ref().map_or("/", |path| path.value.as_str());
        let mut rule = Map::new();
        if let Some(host) = &expose.host {
            rule.insert("host".to_owned(), json!(host.value));
            out.put("host", host.value.clone(), host.at);
        }
        rule.insert("paths".to_owned(), json!([{ "path": path, "pathType": "Prefix" }]));
        out.put("ingressHosts", json!([rule]), expose.at);
        if let Some(path) = &expose.path {
            out.put("path", path.value.clone(), path.at);
        }
    }
    if let Some(health) = &workload.health {
        probe(workload, health, "readinessProbe", out);
    }
    for (field, health) in workload.pod.iter().flat_map(|pod| pod.probes()) {
        probe(workload, health, if field == "startup" { "startupProbe" } else { "livenessProbe" }, out);
    }
}

/// A question in Kubernetes' form.
fn probe(workload: &Workload, health: &Health, word: &'static str, out: &mut Writer<'_>) {
    let first = workload.ports.first();
    let port = health.port.map(|port| port.value).or_else(|| first.map(|port| port.port.value));
    // the chart's own port, which its probes call by its name
    let is_own = |own: &&Port| {
        let is_named = own.name.as_ref().is_some_and(|name| name.value == "http");
        is_named && !own.port.is_of_spec() && port == Some(own.port.value)
    };
    let port = port.filter(|_| first.filter(is_own).is_none());
    let (form, question) = match &health.check.value {
        Check::Http(path) => ("httpGet", json!({ "path": path, "port": named(port) })),
        Check::Tcp => ("tcpSocket", json!({ "port": named(port) })),
        Check::Command(words) => ("exec", json!({ "command": words })),
    };
    let mut probe = Map::from_iter([(form.to_owned(), question)]);
    for other in ["httpGet", "tcpSocket", "exec"].into_iter().filter(|other| *other != form) {
        // the chart's own probe would be beside ours, and two are refused
        let usual = other == "httpGet" && out.table.convention == Some(Convention::HelmCreate);
        if out.chart_has(word, other).unwrap_or(usual && word != "startupProbe") {
            probe.insert(other.to_owned(), Json::Null);
        }
    }
    for (key, time) in [("periodSeconds", health.interval), ("timeoutSeconds", health.timeout)] {
        if let Some(time) = time {
            probe.insert(key.to_owned(), json!(time.value.as_seconds().max(1)));
        }
    }
    if let Some(period) = health.start_period.filter(|_| out.table.delays && word == "readinessProbe") {
        probe.insert("initialDelaySeconds".to_owned(), json!(period.value.as_seconds()));
    }
    if let Some(retries) = health.retries {
        probe.insert("failureThreshold".to_owned(), json!(retries.value.max(1)));
    }
    out.put(word, probe, health.at);
}

/// What a pod has beside its container.
fn pod(workload: &Workload, out: &mut Writer<'_>) {
    let own = workload.pod.iter().flat_map(|pod| pod_values::of(pod));
    let way_in = workload.expose.iter().flat_map(|expose| pod_values::ingress(expose));
    for (word, value, at) in own.chain(way_in) {
        out.put(word, value, at);
    }
    if let Some(grace) = workload.stop_grace_period {
        out.put("terminationGracePeriod", grace.value.as_seconds(), grace.at);
    }
}

/// The port's number, or the name that `helm create` gives its only port.
fn named(port: Option<u16>) -> Json {
    port.map_or_else(|| json!("http"), |port| json!(port))
}

fn resources(workload: &Workload, limited: bool, out: &mut Writer<'_>) {
    let written = &workload.resources;
    let (requests, limits) = (&written.requests, &written.limits);
    let none = Amounts::default();
    let limits = if limited { limits } else { &none };
    let mut all = Map::new();
    let mut place = None;
    // devices are requested by their limit, whether or not other limits are written
    let gpu = written.limits.gpu.or(written.requests.gpu).filter(|gpu| out.is_written(gpu.at));
    let sides: [(&str, &Amounts, [&'static str; 3]); 2] = [
        ("requests", requests, ["requests", "requests.cpu", "requests.memory"]),
        ("limits", limits, ["limits", "limits.cpu", "limits.memory"]),
    ];
    for (key, amounts, [whole, cpu_word, memory_word]) in sides {
        let mut map = Map::new();
        let at = amounts.at.unwrap_or(written.at);
        if let Some(cpu) = amounts.cpu.filter(|cpu| out.is_written(cpu.at)) {
            let text = json!(cpu_text(cpu.value));
            map.insert("cpu".to_owned(), text.clone());
            out.put(cpu_word, text, cpu.at);
        }
        if let Some(memory) = amounts.memory.filter(|memory| out.is_written(memory.at)) {
            let text = json!(memory_text(memory.value));
            map.insert("memory".to_owned(), text.clone());
            out.put(memory_word, text, memory.at);
        }
        if let Some(storage) = amounts.ephemeral_storage.filter(|storage| out.is_written(storage.at)) {
            map.insert("ephemeral-storage".to_owned(), json!(memory_text(storage.value)));
        }
        // over values only if one is: the limit counts for both
        let is_there = !out.table.of_base || key == "limits" || amounts.gpu.is_some();
        if let Some(gpu) = gpu.filter(|_| is_there) {
            map.insert("nvidia.com/gpu".to_owned(), json!(gpu.value.to_string()));
        }
        if !map.is_empty() {
            let own = amounts
                .cpu
                .map(|cpu| cpu.at)
                .into_iter()
                .chain(amounts.memory.map(|memory| memory.at))
                .chain(gpu.map(|gpu| gpu.at));
            let at = if out.table.of_base { own.chain([at]).find(|at| out.is_written(*at)).unwrap_or(at) } else { at };
            place = place.or(Some(at));
            out.put(whole, Json::Object(map.clone()), at);
            all.insert(key.to_owned(), Json::Object(map));
        }
    }
    if !all.is_empty() {
        let at = if out.table.of_base { place.unwrap_or(written.at) } else { written.at };
        out.put("resources", Json::Object(all), at);
    }
}

/// As Kubernetes writes it, in steps of 1m.
pub(super) fn cpu_text(cpu: Cpu) -> String {
    Cpu(cpu.millis().saturating_mul(1_000_000)).to_string()
}

/// In the family of units in which it was written: `4G` stays `4G`.
pub(super) fn memory_text(memory: Memory) -> String {
    let decimal: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")];
    let found = decimal.iter().find(|(size, _)| memory.bytes >= *size && memory.bytes.is_multiple_of(*size));
    match found {
        Some((size, name)) if memory.unit == Unit::Decimal => format!("{}{name}", memory.bytes / size),
        _ => memory.to_string(),
    }
}
