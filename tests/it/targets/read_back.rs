//! Law 3 for Kubernetes and compose: what scalegen renders as whole files, read by the reader of such files, is the spec again in every
//! field but those that the target's page lists under "Read back", each with why.
//!
//! Every scenario and the spec of every field, in the base and every profile, with each autoscaler and each form.

use crate::common::judge::say;
use crate::pipeline::scenarios::Folder;
use scalegen::inputs::input_meta::SetPurpose;
use scalegen::inputs::{InputFiles, ReadFiles, Unread, recognise};
use scalegen::model::{Backing, Check, Disruption, Health, NamedText, PodSettings, Service, ServiceField, Step, Val};
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, each_effective_model, targets};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The fields that do not come back, as the page lists them, with why: each must still differ somewhere, so that the list can only shrink.
fn not_read_back(target: &str) -> Vec<(String, String)> {
    let page = targets::get(target).unwrap().page;
    let section = page.split("## Read back").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(field, why)| (field.to_owned(), why.trim_end_matches(" |").to_owned())).collect()
}

struct Disk(PathBuf);

impl ReadFiles for Disk {
    fn read(&self, path: &str, _most: usize) -> Result<Vec<u8>, Unread> {
        fs::read(self.0.join(path)).map_err(|error| Unread { why: error.to_string(), missing: true })
    }
}

/// What a service says, field by field.
pub fn leaves(service: &Service) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut put = |key: &str, value: String| drop(all.insert(key.to_owned(), value));
    put("kind", service.kind.value.word().to_owned());
    put("image", service.image.as_ref().map(|image| image.value.to_string()).unwrap_or_default());
    for (key, words) in [("command", &service.command), ("args", &service.args)] {
        put(key, words.as_ref().map(|words| words.value.join("\u{1f}")).unwrap_or_default());
    }
    for variable in &service.env {
        put(&format!("env.{}", variable.name), variable.value.value.text().to_owned());
    }
    for port in &service.ports {
        let key = format!("{}/{}", port.port.value, port.protocol.value.word());
        put(&format!("ports.{key}"), "there".to_owned());
        put(&format!("ports.name.{key}"), port.name.as_ref().map(|name| name.value.clone()).unwrap_or_default());
    }
    if !service.broken.has(ServiceField::Replicas) {
        put("replicas.min", service.replicas.min.value.to_string());
        put("replicas.max", service.replicas.max.value.to_string());
    }
    for (side, amounts) in [("requests", &service.resources.requests), ("limits", &service.resources.limits)] {
        let mut amount = |key: &str, value: Option<String>| {
            put(&format!("resources.{side}.{key}"), value.unwrap_or_default());
        };
        amount("cpu", amounts.cpu.map(|cpu| cpu.value.to_string()));
        amount("memory", amounts.memory.map(|memory| memory.value.bytes.to_string()));
        amount("gpu", amounts.gpu.map(|gpu| gpu.value.to_string()));
        amount("ephemeralStorage", amounts.ephemeral_storage.map(|storage| storage.value.bytes.to_string()));
        amount("pids", amounts.pids.map(|pids| pids.value.to_string()));
    }
    if service.scales() {
        let scaling = &service.autoscaling;
        let known = !service.broken.has(ServiceField::Autoscaling);
        let signals: Vec<&str> = scaling.signals().map(|signal| signal.value.word()).collect();
        put("autoscaling.signal", if known { signals.join(",") } else { "unknown".to_owned() });
        let mut step = |key: &str, step: &Step| {
            put(&format!("autoscaling.{key}.threshold"), step.threshold.value.to_string());
            put(&format!("autoscaling.{key}.delay"), step.delay.value.to_string());
            put(&format!("autoscaling.{key}.step"), format!("{:?}", step.rates()));
            put(&format!("autoscaling.{key}.tolerance"), format!("{:?}", step.tolerance.map(|share| share.value)));
        };
        step("scaleUp", &scaling.up);
        step("scaleDown", &scaling.down);
    }
    let mut check = |name: &str, check: &Health| {
        let asks = match &check.check.value {
            Check::Http(path) => format!("http {path}"),
            Check::Tcp => "tcp".to_owned(),
            Check::Command(words) => words.join("\u{1f}"),
        };
        put(&format!("{name}.check"), asks);
        put(&format!("{name}.port"), format!("{:?}", check.port.map(|port| port.value)));
        for (key, time) in
            [("interval", check.interval), ("timeout", check.timeout), ("startPeriod", check.start_period)]
        {
            put(&format!("{name}.{key}"), time.map(|time| time.value.to_string()).unwrap_or_default());
        }
        put(&format!("{name}.retries"), format!("{:?}", check.retries.map(|retries| retries.value)));
    };
    service.health.iter().for_each(|health| check("health", health));
    service.pod.iter().flat_map(|pod| pod.probes()).for_each(|(name, own)| check(name, own));
    let update = &service.update();
    put("update.strategy", format!("{:?}", update.strategy.value));
    put("update.surge", update.surge.value.to_string());
    put("update.unavailable", update.unavailable.map(|amount| amount.value.to_string()).unwrap_or_default());
    put("stopGracePeriod", service.stop_grace_period.map(|time| time.value.to_string()).unwrap_or_default());
    let disruption = service.disruption.map(|disruption| match disruption.value {
        Disruption::MinAvailable(amount) => format!("min {amount}"),
        Disruption::MaxUnavailable(amount) => format!("max {amount}"),
    });
    put("disruption", disruption.unwrap_or_default());
    put("spread", service.spread.map(|spread| format!("{:?}", spread.value)).unwrap_or_default());
    put("schedule", service.schedule.len().to_string());
    let expose = service.expose.as_ref();
    put("expose", expose.is_some().to_string());
    put(
        "expose.host",
        expose.and_then(|expose| expose.host.as_ref()).map(|host| host.value.clone()).unwrap_or_default(),
    );
    put(
        "expose.path",
        expose.map(|e| e.path.as_ref().map_or("/", |path| path.value.as_str())).unwrap_or_default().to_owned(),
    );
    for volume in &service.volumes {
        put(&format!("volumes.{}", volume.mount.value), format!("{} {}", volume.name.value, volume.size.value.bytes));
        let class = volume.storage_class.as_ref().map(|class| class.value.clone());
        put(&format!("volumes.{}.storageClass", volume.mount.value), class.unwrap_or_default());
    }
    if let Some(expose) = expose {
        put("expose.class", text(expose.class.as_ref()));
        put("expose.tls", text(expose.tls.as_ref()));
        put("expose.annotations", texts(&expose.annotations));
        let gateway = expose.gateway.as_ref();
        put("expose.gateway.name", text(gateway.map(|gateway| &gateway.name)));
        put("expose.gateway.namespace", text(gateway.and_then(|gateway| gateway.namespace.as_ref())));
        put("expose.gateway.listener", text(gateway.and_then(|gateway| gateway.listener.as_ref())));
    }
    all.extend(service.pod.iter().flat_map(|pod| pod_leaves(pod)));
    all
}

fn text(value: Option<&Val<String>>) -> String {
    value.map(|value| value.value.clone()).unwrap_or_default()
}

fn texts(all: &[NamedText]) -> String {
    let mut all: Vec<String> = all.iter().map(|text| format!("{}={}", text.name, text.value.value)).collect();
    all.sort();
    all.join(", ")
}

/// What a service says that only a cluster has, field by field.
fn pod_leaves(pod: &PodSettings) -> BTreeMap<String, String> {
    let number = |number: Option<Val<u32>>| number.map(|number| number.value.to_string()).unwrap_or_default();
    let mut all = BTreeMap::from([
        ("drainDelay".to_owned(), pod.drain_delay.map(|delay| delay.value.to_string()).unwrap_or_default()),
        ("nodeSelector".to_owned(), texts(&pod.node_selector)),
        ("serviceAccount".to_owned(), text(pod.service_account.as_ref())),
        ("labels".to_owned(), texts(&pod.labels)),
        ("annotations".to_owned(), texts(&pod.annotations)),
    ]);
    let tolerations = pod.tolerations.iter().map(|own| {
        let effect = own.effect.map(|effect| effect.value.word()).unwrap_or_default();
        let (key, value) = (text(own.key.as_ref()), own.value.as_ref().map(|value| value.value.clone()));
        format!("{key} {value:?} {effect} {}", number(own.seconds))
    });
    all.insert("tolerations".to_owned(), tolerations.collect::<Vec<_>>().join(", "));
    if let Some(security) = &pod.security {
        all.insert("podSecurity.profile".to_owned(), security.profile.value.word().to_owned());
        all.insert("podSecurity.user".to_owned(), number(security.user));
        all.insert("podSecurity.group".to_owned(), number(security.group));
        all.insert("podSecurity.volumeGroup".to_owned(), number(security.volume_group));
        all.insert("podSecurity.readOnly".to_owned(), security.read_only.value.to_string());
    }
    all
}

/// What a backing service says, field by field.
fn backing_leaves(backing: &Backing) -> BTreeMap<String, String> {
    let bytes = |memory: Option<scalegen::model::Val<scalegen::model::quantity::Memory>>| {
        memory.map(|memory| memory.value.bytes.to_string()).unwrap_or_default()
    };
    let number =
        |value: Option<scalegen::model::Val<u32>>| value.map(|value| value.value.to_string()).unwrap_or_default();
    [
        ("kind", backing.kind.map(|kind| kind.value.word().to_owned()).unwrap_or_default()),
        ("image", backing.image.as_ref().map(|image| image.value.to_string()).unwrap_or_default()),
        ("memory", bytes(backing.memory)),
        ("maxConnections", number(backing.max_connections)),
        ("sharedBuffers", bytes(backing.shared_buffers)),
        ("workMem", bytes(backing.work_mem)),
    ]
    .map(|(key, value)| (format!("backing.{key}"), value))
    .into()
}

/// The services that a folder of rendered files gives, and those of them that may be backing services.
fn read_back(folder: &Path, file: &str) -> (BTreeMap<String, Service>, BTreeMap<String, Backing>) {
    let format = if file.starts_with("kustomization") { file } else { "compose.yaml" };
    let meta = recognise::by_name(format).unwrap();
    let read = meta.sets.as_ref().unwrap().read;
    let mut files = InputFiles::default();
    let project = read(&[file.to_owned()], SetPurpose::default(), &Disk(folder.to_owned()), &mut files);
    assert!(project.unread.is_empty(), "{:?}", project.unread);
    let all = || project.services.iter();
    let backing = all().filter_map(|member| Some((member.name.to_string(), *member.backing.clone()?))).collect();
    (all().map(|member| (member.name.to_string(), (*member.service).clone())).collect(), backing)
}

#[derive(Default)]
struct Tally {
    listed: Vec<(String, String)>,
    specs: usize,
    services: usize,
    equal: usize,
    /// Named as lost when they were rendered.
    lost: usize,
    differ: BTreeMap<String, BTreeSet<String>>,
    failures: Vec<String>,
}

fn compare(tally: &mut Tally, (what, lost): (&str, &[String]), own: &Service, read: &Service) {
    tally.services += 1;
    // what does not scale has nothing to say of it: that it does not is a loss
    let scales = read.scales();
    let (name, own, read) = (format!("services/{}", own.name), leaves(own), leaves(read));
    compare_leaves(tally, (what, lost), &name, (&own, &read), scales);
}

fn compare_leaves(
    tally: &mut Tally,
    (what, lost): (&str, &[String]),
    name: &str,
    (own, read): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    scales: bool,
) {
    let listed = tally.listed.clone();
    let keys: BTreeSet<&String> = own.keys().chain(read.keys()).collect();
    for key in keys {
        let of = |leaves: &BTreeMap<String, String>| leaves.get(key).cloned().unwrap_or_default();
        if key.starts_with("autoscaling.") && !scales {
            continue;
        }
        if of(own) == of(read) {
            tally.equal += 1;
            continue;
        }
        let path = format!("/{name}/{}", key.trim_start_matches("backing.").replace('.', "/"));
        if lost.iter().any(|lost| *lost == path || path.starts_with(&format!("{lost}/"))) {
            tally.lost += 1;
            continue;
        }
        let field = listed.iter().find(|(field, _)| *key == *field || key.starts_with(&format!("{field}.")));
        let told = format!("{what}: {key}: {:?} is read as {:?}", of(own), of(read));
        match field {
            Some((field, _)) => drop(tally.differ.entry(field.clone()).or_default().insert(told)),
            None => tally.failures.push(told),
        }
    }
}

/// With an image everywhere a compose file is whole.
fn with_images(spec: &mut Json) {
    for map in ["services", "backingServices"] {
        for (name, one) in spec.get_mut(map).and_then(Json::as_object_mut).into_iter().flatten() {
            if one.is_null() {
                *one = json!({});
            }
            if let Some(fields) = one.as_object_mut().filter(|fields| !fields.contains_key("external")) {
                fields.entry("image").or_insert_with(|| json!(format!("example/{name}:1")));
            }
        }
    }
}

fn one(tally: &mut Tally, path: &Path, target: &str, options: &Json) {
    let mut spec: Json = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    // what is laid over a base is not a whole manifest
    spec["targets"][target] = options.clone();
    if target == "compose" {
        with_images(&mut spec);
    }
    let text = spec.to_string();
    let files = Folder(path.parent().unwrap().to_path_buf());
    let wanted = CheckOptions { targets: vec![target.to_owned()], ..CheckOptions::default() };
    let mut models = Vec::new();
    each_effective_model("scalegen.yaml", text.as_bytes(), &files, &wanted, |_, profile, spec| {
        models.push((profile, spec));
    });
    for (profile, spec) in models {
        let targets = [target.to_owned()];
        let rendered =
            scalegen::render("scalegen.yaml", text.as_bytes(), &files, profile.as_deref(), &targets).unwrap();
        let what = format!("{}, {options}, {}", path.display(), profile.as_deref().unwrap_or("base"));
        if rendered.checked.findings.iter().any(|finding| finding.severity == Severity::Error) {
            continue;
        }
        let Some((_, written)) = rendered.files.first().filter(|(_, files)| !files.is_empty()) else { continue };
        let file = match target {
            "kubernetes" => Some("kustomization.yaml".to_owned()),
            // an override is not a whole file
            _ => written.first().map(|file| file.path.clone()).filter(|path| !path.contains("override")),
        };
        let Some(file) = file else { continue };
        let dir = tempfile::tempdir().unwrap();
        written.iter().for_each(|file| fs::write(dir.path().join(&file.path), &file.text).unwrap());
        tally.specs += 1;
        let said = rendered.checked.findings.iter().zip(&rendered.checked.paths);
        let lost: Vec<String> =
            said.filter(|(finding, _)| finding.rule == "lost-in-target").map(|(_, path)| path.clone()).collect();
        let (services, backing) = read_back(dir.path(), &file);
        for service in spec.services() {
            // one without an image is a patch
            if let Some(read) = services.get(&*service.name) {
                compare(tally, (&format!("{what}: {}", service.name), &lost), service, read);
            }
        }
        for own in &spec.backing {
            if let Some(read) = backing.get(&own.name).filter(|_| target == "compose") {
                let (what, name) = (format!("{what}: {}", own.name), format!("backingServices/{}", own.name));
                compare_leaves(tally, (&what, &lost), &name, (&backing_leaves(own), &backing_leaves(read)), true);
            }
        }
    }
}

#[test]
fn manifests_are_read_back_as_the_spec() {
    law(
        "kubernetes",
        &[
            json!({"version": "1.37"}),
            json!({"autoscaler": "keda"}),
            json!({"autoscaler": "none", "namespace": "law"}),
            json!({}),
        ],
    );
}

#[test]
fn compose_files_are_read_back_as_the_spec() {
    law("compose", &[json!({}), json!({"form": "stack"}), json!({"project": "law"})]);
}

fn law(target: &str, forms: &[Json]) {
    let mut specs: Vec<PathBuf> =
        fs::read_dir("fixtures/scenarios").unwrap().map(|entry| entry.unwrap().path().join("scalegen.yaml")).collect();
    specs.push(PathBuf::from("fixtures/everything.yaml"));
    specs.sort();
    let mut tally = Tally { listed: not_read_back(target), ..Tally::default() };
    for path in specs {
        forms.iter().for_each(|options| one(&mut tally, &path, target, options));
    }
    let listed: Vec<String> = tally.differ.iter().map(|(field, all)| format!("{field} ({})", all.len())).collect();
    say(&format!(
        "law 3, {target}: {} specs, {} services, {} values equal, {} named as lost, {} listed: {}",
        tally.specs,
        tally.services,
        tally.equal,
        tally.lost,
        tally.differ.values().map(BTreeSet::len).sum::<usize>(),
        listed.join(", ")
    ));
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
    assert!(tally.services > 20, "{} services were read back", tally.services);
    for (field, why) in not_read_back(target) {
        assert!(tally.differ.contains_key(&field), "`{field}` comes back: take it out of the table ({why})");
    }
}
