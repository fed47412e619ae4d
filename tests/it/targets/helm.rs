//! The helm target from spec to values, and from values through the real `helm template` to what the chart makes of them.

use crate::common::judge::not_tested;
use crate::common::meant::{bounds, bytes, cores, entries, fixed, whole};
use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, Files, NoFiles, lint, render};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What a chart made, by kind and name.
type Objects = BTreeMap<(String, String), Value>;

/// A chart given as texts, by path.
struct Texts(Vec<(&'static str, &'static str)>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
    }
}

const ABOUT: &str =
    "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies: [{ name: postgresql, alias: db, version: 1.0.0 }]\n";

fn spec(services: &str, options: &str) -> String {
    format!("version: 1\nname: shop\nservices:\n{services}targets:\n  helm: {{ {options} }}\n")
}

/// The values of a spec that must be free of errors, as text.
fn text(spec: &str, files: &dyn Files) -> String {
    let rendered = render("scalegen.yaml", spec.as_bytes(), files, None, &["helm".to_owned()]).unwrap();
    assert!(!rendered.files.is_empty(), "{:#?}", rendered.checked.findings);
    let (_, files) = &rendered.files[0];
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path, "values.yaml");
    files[0].text.clone()
}

fn values(services: &str, options: &str) -> Value {
    serde_yaml::from_str(&text(&spec(services, options), &NoFiles)).unwrap()
}

/// What this target says: rule, path, message and help.
fn said(services: &str, options: &str, files: &dyn Files) -> Vec<(String, String, String, String)> {
    let checked = lint("scalegen.yaml", spec(services, options).as_bytes(), files, &CheckOptions::default());
    let ours = [
        "lost-in-target",
        "ignored-by-consumer",
        "refused-by-target",
        "invalid-value",
        "missing-field",
        "unreadable-file",
    ];
    let findings = checked.findings.into_iter().zip(checked.paths);
    let ours = findings.filter(|(finding, _)| ours.contains(&finding.rule.as_str()));
    let parts = |(finding, path): (scalegen::support::diagnostic::Finding, String)| {
        (finding.rule.to_string(), path, finding.message, finding.help.unwrap_or_default().into_owned())
    };
    ours.map(parts).collect()
}

const WEB: &str = "  web:\n    image: registry.example.com:5000/web:1.10\n    port: 8080\n    replicas: { min: 2, max: 6 }\n    \
                   resources: { requests: { cpu: 250m, memory: 256Mi }, limits: { cpu: 2, memory: 1Gi } }\n    \
                   autoscaling: { signal: cpu, scaleUp: { threshold: 0.8 } }\n";

#[test]
fn one_service_stands_at_the_root_and_several_under_their_names() {
    let one = values(WEB, "convention: helm-create");
    assert_eq!(
        one,
        json!({
            "autoscaling": { "enabled": true, "minReplicas": 2, "maxReplicas": 6, "targetCPUUtilizationPercentage": 80 },
            "image": { "repository": "registry.example.com:5000/web", "tag": "1.10" },
            "service": { "port": 8080 },
            "resources": { "requests": { "cpu": "250m", "memory": "256Mi" }, "limits": { "cpu": "2", "memory": "1Gi" } },
        })
    );
    let two = values(&format!("{WEB}  beat:\n    replicas: 1\n"), "convention: helm-create");
    assert_eq!(two["web"], one);
    assert_eq!(two["beat"], json!({ "replicaCount": 1, "autoscaling": { "enabled": false } }));
}

#[test]
fn own_paths_come_before_the_convention() {
    let options = "convention: helm-create, paths: { web: { replicas: size, maxReplicas: hpa.most, limits.memory: 'pod.a\\.b' } }";
    let values = values(WEB, options);
    assert_eq!(values["hpa"], json!({ "most": 6 }));
    assert_eq!(values["autoscaling"]["minReplicas"], 2);
    assert_eq!(values["autoscaling"].get("maxReplicas"), None);
    assert_eq!(values["pod"], json!({ "a.b": "1Gi" }));
    assert_eq!(values.get("size"), None, "no replicas beside the autoscaler");
}

#[test]
fn a_number_holds_an_autoscaler_that_cannot_be_turned_off() {
    let web = "  web:\n    replicas: 3\n";
    let held = values(web, "paths: { web: { minReplicas: least, maxReplicas: most } }");
    assert_eq!(held, json!({ "least": 3, "most": 3 }));
    let both = values(
        web,
        "paths: { web: { replicas: n, autoscaling: hpa.on, minReplicas: hpa.least, maxReplicas: hpa.most } }",
    );
    assert_eq!(both, json!({ "n": 3, "hpa": { "on": false } }));
}

#[test]
fn flow_like_sets_its_pool_to_the_least_at_each_upgrade() {
    let services = format!(
        "{}  runtime:\n    replicas: {{ min: 2, max: 8 }}\n    concurrency: {{ limit: 20, env: MAX_CONCURRENT_EXECUTIONS }}\n  \
         executor:\n    concurrency: 50\n  sink-services:\n    kind: singleton\n",
        WEB.replace("web:", "api:")
    );
    let values = values(&services, "convention: flow-like");
    assert_eq!(
        values["api"]["autoscaling"],
        json!({ "enabled": true, "minReplicas": 2, "maxReplicas": 6, "targetCPUUtilization": 80 })
    );
    assert_eq!(
        values["executorPool"],
        json!({
            "enabled": true, "replicaCount": 2, "autoscaling": { "enabled": true, "minReplicas": 2, "maxReplicas": 8, "targetCPUUtilization": 75 },
        })
    );
    assert_eq!(values["executor"], json!({ "maxConcurrentJobs": 50 }));
    let said = said(&services, "convention: flow-like", &NoFiles);
    let at = |path: &str| {
        said.iter()
            .filter(|(_, at, ..)| at == path)
            .map(|(rule, _, message, _)| (&**rule, &**message))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        at("/services/runtime/replicas/max"),
        [(
            "ignored-by-consumer",
            "helm: the chart writes `replicas` beside the autoscaler of runtime: each upgrade sets the number to 2, from where it is raised again"
        )]
    );
    assert_eq!(
        at("/services/executor/concurrency"),
        [(
            "ignored-by-consumer",
            "helm: `executor.maxConcurrentJobs` is written, but no template of the chart reads it"
        )]
    );
    assert_eq!(
        at("/services/sink-services"),
        [("lost-in-target", "helm: nothing of sink-services is written: Flow-Like's chart has no such service")]
    );
    assert_eq!(
        at("/services/runtime/concurrency/limit"),
        [("lost-in-target", "helm: no path says where the concurrency of runtime goes")]
    );
    assert_eq!(
        at("/services/api/autoscaling/signal"),
        [(
            "ignored-by-consumer",
            "helm: the chart's own target for memory stays beside it: the larger number of the two counts"
        )]
    );
}

#[test]
fn a_newer_flow_like_chart_takes_the_concurrency() {
    let files = Texts(vec![
        ("helm/Chart.yaml", ABOUT),
        (
            "helm/values.yaml",
            "executorPool: { enabled: true, replicaCount: 1, maxConcurrentExecutions: 10, autoscaling: { enabled: false } }\n",
        ),
    ]);
    let services = "  runtime:\n    replicas: 2\n    concurrency: 20\n";
    let text = text(&spec(services, "chart: helm, convention: flow-like"), &files);
    let values: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(values["executorPool"]["maxConcurrentExecutions"], 20);
}

#[test]
fn keys_that_the_chart_does_not_have_are_refused() {
    let files = Texts(vec![
        ("chart/Chart.yaml", ABOUT),
        ("chart/values.yaml", "api: { replicaCount: 1, image: nginx, extra: {}, pod: { limits: { cpu: 1 } } }\n"),
    ]);
    let refused = |path: &str| {
        let options = format!("chart: ./chart/, paths: {{ web: {{ replicas: {path} }} }}");
        let files = Texts(files.0.iter().map(|(name, text)| (*name, *text)).collect());
        let door = Prefixed(files);
        let said = said("  web:\n    replicas: 3\n", &options, &door);
        said.into_iter().map(|(rule, path, message, help)| [rule, path, message, help]).collect::<Vec<_>>()
    };
    for fine in ["api.replicaCount", "api.extra.size", "db.replicas", "global.size"] {
        assert_eq!(refused(fine), Vec::<[String; 4]>::new(), "{fine}");
    }
    let at = "/targets/helm/paths/web/replicas";
    let no = |message: &str, help: &str| vec![["refused-by-target", at, message, help].map(str::to_owned)];
    let lost = "helm takes it without a word and nothing reads it";
    assert_eq!(
        refused("api.replicaCuont"),
        no(
            &format!("the values of chart `./chart/` have no `api.replicaCuont`: {lost}"),
            "did you mean `api.replicaCount`?"
        )
    );
    assert_eq!(
        refused("app.replicaCount"),
        no(&format!("the values of chart `./chart/` have no `app`: {lost}"), "did you mean `api`?")
    );
    assert_eq!(
        refused("api.image.size"),
        no(
            &format!("the values of chart `./chart/` have no `api.image.size`: {lost}"),
            "`api.image` is one value there, not a mapping"
        )
    );
    assert_eq!(
        refused("api.pod"),
        no("helm: `api.pod` is a mapping in the chart, and `replicas` is one value", "name a key inside the mapping")
    );
}

/// The same files however the folder is written.
struct Prefixed(Texts);

impl Files for Prefixed {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.read(path.trim_start_matches("./"))
    }
}

#[test]
fn the_chart_s_schema_is_obeyed_at_the_value_that_breaks_it() {
    let schema = r#"{ "type": "object", "properties": { "n": { "type": "integer", "maximum": 5 }, "x": { "type": "string" } },
                      "additionalProperties": false }"#;
    let files = |schema| {
        Texts(vec![("c/Chart.yaml", ABOUT), ("c/values.yaml", "n: 1\nx: y\n"), ("c/values.schema.json", schema)])
    };
    let web = "  web:\n    replicas: 8\n    concurrency: 2\n";
    let options = "chart: c, paths: { web: { replicas: n, concurrency: x } }";
    let pairs = |said: Vec<(String, String, String, String)>| {
        said.into_iter().map(|(rule, path, message, _)| [rule, path, message]).collect::<Vec<_>>()
    };
    assert_eq!(
        pairs(said(web, options, &files(schema))),
        [
            [
                "refused-by-target",
                "/services/web/replicas",
                "helm: values.schema.json refuses `n`: 8 is greater than the maximum of 5"
            ]
            .map(str::to_owned),
            [
                "refused-by-target",
                "/services/web/concurrency",
                "helm: values.schema.json refuses `x`: 2 is not of type \"string\""
            ]
            .map(str::to_owned),
        ]
    );
    // what the chart breaks by itself is the chart's
    let own = schema.replace("\"string\"", "\"boolean\"");
    let own: &'static str = Box::leak(own.into_boxed_str());
    assert_eq!(
        pairs(said("  web:\n    replicas: 3\n", "chart: c, paths: { web: { replicas: n } }", &files(own))),
        [[
            "refused-by-target",
            "/targets/helm/chart",
            "helm: values.schema.json refuses `x`: \"y\" is not of type \"boolean\""
        ]
        .map(str::to_owned)]
    );
    // a schema that is none, or that names files nobody reads, is said and not guessed
    let [[rule, path, message]] = &pairs(said(
        "  web:\n    replicas: 3\n",
        "chart: c, paths: { web: { replicas: n } }",
        &files(r#"{ "$ref": "other.json" }"#),
    ))[..] else {
        panic!("one finding")
    };
    assert_eq!((&**rule, &**path), ("lost-in-target", "/targets/helm/chart"));
    assert!(
        message.starts_with("helm: values.schema.json cannot be obeyed, so nothing is checked by it: "),
        "{message}"
    );
    for (schema, words) in [
        (r##"{ "$ref": "other.json" }"##, "`$ref` leads to "),
        (
            r##"{ "$ref": "file:///etc/passwd" }"##,
            "`$ref` leads to file:///etc/passwd, and no file beside the schema is read",
        ),
        (r##"{ "$ref": "https://example.com/a.json" }"##, "`$ref` leads to https://example.com/a.json, and no file"),
        (r##"{ "$ref": "#/$defs/gone" }"##, "`$ref` leads to `/$defs/gone`, which it does not have"),
        (r##"{ "$ref": "#gone" }"##, "`$ref` leads to the anchor `gone`, which it does not have"),
    ] {
        let found =
            pairs(said("  web:\n    replicas: 3\n", "chart: c, paths: { web: { replicas: n } }", &files(schema)));
        assert!(found[0][2].contains(words), "{schema}: {}", found[0][2]);
        assert!(!found[0][2].contains("registry"), "{}", found[0][2]);
    }
}

#[test]
fn the_chart_s_own_amounts_are_looked_at() {
    let values = "replicaCount: 1\nautoscaling: { enabled: false }\nresources: { requests: { cpu: 500m, memory: 1Gi }, limits: { cpu: 1, memory: 2Gi } }\n";
    let files = || Texts(vec![("c/Chart.yaml", ABOUT), ("c/values.yaml", values)]);
    let said = |resources: &str| {
        let services = format!("  web:\n    replicas: 1\n    resources: {resources}\n");
        let said = said(&services, "chart: c, convention: helm-create", &files());
        said.into_iter().map(|(rule, path, message, _)| [rule, path, message]).collect::<Vec<_>>()
    };
    assert_eq!(
        said("{ requests: { cpu: 2 }, limits: { memory: 512Mi } }"),
        [
            [
                "refused-by-target",
                "/services/web/resources/requests/cpu",
                "helm: requests.cpu 2 is above 1, the chart's own limit, which stays"
            ]
            .map(str::to_owned),
            [
                "refused-by-target",
                "/services/web/resources/limits/memory",
                "helm: limits.memory 512Mi is below 1Gi, the chart's own request, which stays"
            ]
            .map(str::to_owned),
        ]
    );
    assert_eq!(said("{ requests: { cpu: 1 }, limits: { memory: 1Gi } }"), Vec::<[String; 3]>::new());
}

#[test]
fn what_cannot_be_a_path_or_a_value_is_said() {
    let one = |options: &str| {
        let said = said("  web:\n    replicas: 3\n    concurrency: 3\n", options, &NoFiles);
        said.into_iter()
            .filter(|(rule, ..)| rule != "lost-in-target")
            .map(|(rule, path, message, help)| [rule, path, message, help])
            .collect::<Vec<_>>()
    };
    let is = |parts: [&str; 4]| vec![parts.map(str::to_owned)];
    assert_eq!(
        one("paths: { web: { replicaz: n } }"),
        is([
            "invalid-value",
            "/targets/helm/paths/web/replicaz",
            "helm: `replicaz` is not a value of a service",
            "did you mean `replicas`?"
        ])
    );
    assert_eq!(
        one("paths: { web: { replicas: a..n } }")[0][..3],
        ["invalid-value", "/targets/helm/paths/web/replicas", "helm: `a..n` has an empty part between its dots"]
    );
    assert_eq!(
        one("paths: { web: { replicas: 'a[0].n' } }")[0][2],
        "helm: `a[0].n` goes into a list: values replace a list as a whole"
    );
    assert_eq!(
        one("paths: { web: { replicas: n, concurrency: n.m } }")[0][..3],
        ["refused-by-target", "/targets/helm/paths/web/concurrency", "helm: `n.m` is already taken by another value"]
    );
    assert_eq!(
        one("chart: nowhere, convention: helm-create"),
        is([
            "unreadable-file",
            "/targets/helm/chart",
            "`nowhere/Chart.yaml` cannot be read: there is no folder to read it from",
            "name the chart's folder, relative to the spec"
        ])
    );
    assert_eq!(one("")[0][..2], ["missing-field", "/targets/helm"]);
    let broken = Texts(vec![("c/Chart.yaml", ABOUT), ("c/values.yaml", "a: [1\n")]);
    let said = said("  web:\n    replicas: 3\n", "chart: c, convention: helm-create", &broken);
    assert!(said[0].2.starts_with("`c/values.yaml` cannot be read: line 1: "), "{said:?}");
}

#[test]
fn a_number_that_is_written_nowhere_is_lost() {
    let said = said(WEB, "paths: { web: { image: image } }", &NoFiles);
    let paths: Vec<&str> = said.iter().map(|(_, path, ..)| path.as_str()).collect();
    for lost in [
        "/services/web/replicas/max",
        "/services/web/autoscaling",
        "/services/web/port",
        "/services/web/resources/limits/cpu",
    ] {
        assert!(paths.contains(&lost), "{lost}: {paths:?}");
    }
}

// the real helm

const HELM: &str = ".consumers/kube/helm";

/// Runs helm; none where it is not installed. Gives stdout, or stderr where it fails.
pub fn helm(args: &[&str]) -> Option<Result<String, String>> {
    if !Path::new(HELM).exists() {
        not_tested("helm is not installed");
        return None;
    }
    let home = TempDir::new().unwrap();
    let output = Command::new(HELM).args(args).env("HOME", home.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Some(if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) })
}

/// What a chart makes of values, by kind and name.
fn template(chart: &str, values: &str) -> Option<Result<Objects, String>> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("values.yaml");
    fs::write(&path, values).unwrap();
    let text = match helm(&["template", "test", chart, "-f", path.to_str().unwrap()])? {
        Ok(text) => text,
        Err(why) => return Some(Err(why)),
    };
    let documents = serde_yaml::Deserializer::from_str(&text).map(|one| Value::deserialize(one).unwrap());
    let named =
        |one: &Value| (one["kind"].as_str().unwrap().to_owned(), one["metadata"]["name"].as_str().unwrap().to_owned());
    Some(Ok(documents.filter(|one| !one.is_null()).map(|one| (named(&one), one)).collect()))
}

/// A chart as `helm create` makes it, in a folder of its own.
fn created() -> Option<TempDir> {
    let folder = TempDir::new().unwrap();
    helm(&["create", folder.path().join("web").to_str().unwrap()])?.unwrap();
    Some(folder)
}

#[test]
fn a_created_chart_renders_with_the_numbers() {
    let Some(folder) = created() else { return };
    let chart = folder.path().join("web").to_str().unwrap().to_owned();
    let files = Folder(folder.path().to_path_buf());
    let objects = |services: &str| {
        let text = text(&spec(services, "chart: web, convention: helm-create"), &files);
        template(&chart, &text).unwrap().unwrap_or_else(|why| panic!("{why}\n{text}"))
    };
    let of = |objects: &Objects, kind: &str| {
        objects.iter().find(|((found, _), _)| found == kind).map(|(_, object)| object.clone())
    };
    let ranged = objects(WEB);
    let deployment = of(&ranged, "Deployment").unwrap();
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(deployment["spec"].get("replicas"), None, "the autoscaler stands alone");
    assert_eq!(container["image"], "registry.example.com:5000/web:1.10");
    assert_eq!(container["ports"][0]["containerPort"], 8080);
    assert_eq!(
        container["resources"],
        json!({ "requests": { "cpu": "250m", "memory": "256Mi" }, "limits": { "cpu": "2", "memory": "1Gi" } })
    );
    let hpa = of(&ranged, "HorizontalPodAutoscaler").unwrap();
    assert_eq!((&hpa["spec"]["minReplicas"], &hpa["spec"]["maxReplicas"]), (&json!(2), &json!(6)));
    let metric = |name: &str, share: u32| json!([{ "type": "Resource", "resource": { "name": name, "target": { "type": "Utilization", "averageUtilization": share } } }]);
    assert_eq!(hpa["spec"]["metrics"], metric("cpu", 80));

    // the chart's own target for cpu is gone, its own question too, and the ingress has our host
    let memory = WEB.replace("signal: cpu", "signal: memory")
        + "    health: { tcp: true }\n    expose: { host: shop.example.com, path: /api }\n";
    let memory = objects(&memory);
    assert_eq!(of(&memory, "HorizontalPodAutoscaler").unwrap()["spec"]["metrics"], metric("memory", 80));
    let probe = &of(&memory, "Deployment").unwrap()["spec"]["template"]["spec"]["containers"][0]["readinessProbe"];
    assert_eq!(probe, &json!({ "tcpSocket": { "port": 8080 } }));
    let rule = &of(&memory, "Ingress").unwrap()["spec"]["rules"][0];
    assert_eq!((&rule["host"], &rule["http"]["paths"][0]["path"]), (&json!("shop.example.com"), &json!("/api")));

    let fixed = objects("  web:\n    replicas: 3\n");
    assert_eq!(of(&fixed, "Deployment").unwrap()["spec"]["replicas"], 3);
    assert_eq!(of(&fixed, "HorizontalPodAutoscaler"), None);
}

/// What a pod has beside its container, through the templates of `helm create` and back to the pod.
#[test]
fn a_created_chart_renders_with_what_only_a_cluster_takes() {
    let Some(folder) = created() else { return };
    let chart = folder.path().join("web").to_str().unwrap().to_owned();
    let files = Folder(folder.path().to_path_buf());
    let services = "  web:
    image: web:1
    port: 8080
    health: { http: /ready }
    liveness: { command: [check, it], interval: 5s, retries: 4 }
    nodeSelector: { disk: ssd }
    tolerations: [{ key: batch, value: \"yes\", effect: NoExecute, seconds: 30 }, { key: spot }]
    serviceAccount: web-runner
    labels: { team: shop }
    annotations: { note: by hand }
    podSecurity: { profile: restricted, user: 1000, volumeGroup: 2000, readOnly: true }
    resources: { requests: { cpu: 100m, memory: 64Mi, ephemeralStorage: 1Gi }, limits: { memory: 64Mi } }
    expose: { host: a.example.com, class: nginx, tls: a-cert, annotations: { x.example.com/y: z } }
    startup: { tcp: true }
    drainDelay: 5s
";
    let options = "chart: web, convention: helm-create";
    let written = text(&spec(services, options), &files);
    let Some(objects) = template(&chart, &written) else { return };
    let objects = objects.unwrap_or_else(|why| panic!("{why}\n{written}"));
    let of = |kind: &str| objects.iter().find(|((found, _), _)| found == kind).map(|(_, object)| object.clone());
    let pod = &of("Deployment").unwrap()["spec"]["template"];
    let container = &pod["spec"]["containers"][0];
    assert_eq!(
        container["livenessProbe"],
        json!({ "exec": { "command": ["check", "it"] }, "periodSeconds": 5, "failureThreshold": 4 })
    );
    assert_eq!(container["readinessProbe"], json!({ "httpGet": { "path": "/ready", "port": 8080 } }));
    assert_eq!(container["resources"]["requests"]["ephemeral-storage"], "1Gi");
    assert_eq!(pod["spec"]["nodeSelector"], json!({ "disk": "ssd" }));
    assert_eq!(
        pod["spec"]["tolerations"],
        json!([
            { "key": "batch", "value": "yes", "effect": "NoExecute", "tolerationSeconds": 30 },
            { "key": "spot", "operator": "Exists" },
        ])
    );
    assert_eq!(pod["spec"]["serviceAccountName"], "web-runner");
    assert_eq!(of("ServiceAccount"), None, "it is one that is there");
    assert_eq!(
        (&pod["metadata"]["labels"]["team"], &pod["metadata"]["annotations"]["note"]),
        (&json!("shop"), &json!("by hand"))
    );
    assert_eq!(
        pod["spec"]["securityContext"],
        json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" }, "runAsUser": 1000, "fsGroup": 2000 })
    );
    assert_eq!(
        container["securityContext"],
        json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "readOnlyRootFilesystem": true })
    );
    let ingress = of("Ingress").unwrap();
    assert_eq!(ingress["spec"]["ingressClassName"], "nginx");
    assert_eq!(ingress["spec"]["tls"], json!([{ "hosts": ["a.example.com"], "secretName": "a-cert" }]));
    assert_eq!(ingress["metadata"]["annotations"], json!({ "x.example.com/y": "z" }));
    // what the layout has no key for is named, and nothing else
    let lost: Vec<String> = said(services, options, &files)
        .into_iter()
        .filter(|(rule, ..)| rule == "lost-in-target")
        .map(|(_, _, message, _)| message)
        .collect();
    assert_eq!(lost.len(), 2, "{lost:#?}");
    for what in ["startup check", "drain delay"] {
        assert!(lost.iter().any(|message| message.contains(what)), "{what}: {lost:#?}");
    }
    // a path of one's own takes one of them
    let own = "chart: web, convention: helm-create, paths: { web: { startupProbe: startupProbe } }";
    fs::write(
        folder.path().join("web/values.yaml"),
        fs::read_to_string(folder.path().join("web/values.yaml")).unwrap() + "\nstartupProbe: {}\n",
    )
    .unwrap();
    let values: Value = serde_yaml::from_str(&text(&spec(services, own), &files)).unwrap();
    assert_eq!(values["startupProbe"], json!({ "tcpSocket": { "port": 8080 } }));
    // an older layout has not all of these keys: they are lost, not refused
    let whole = fs::read_to_string(folder.path().join("web/values.yaml")).unwrap();
    fs::write(
        folder.path().join("web/values.yaml"),
        whole.replace("podLabels: {}", "").replace("livenessProbe:", "other:"),
    )
    .unwrap();
    let lost = said(services, options, &files);
    assert!(lost.iter().all(|(rule, ..)| rule != "refused-by-target"), "{lost:#?}");
    assert!(lost.iter().any(|(_, _, message, _)| message.contains("labels")), "{lost:#?}");
}

#[test]
fn the_chart_with_a_schema_takes_everything_in_every_profile() {
    let source = fs::read_to_string("fixtures/everything.yaml").unwrap();
    let files = Folder("fixtures".into());
    for profile in [None, Some("development"), Some("medium"), Some("large")] {
        let rendered = render("everything.yaml", source.as_bytes(), &files, profile, &["helm".to_owned()]).unwrap();
        let errors = rendered.checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert_eq!(errors.count(), 0, "{:#?}", rendered.checked.findings);
        let text = &rendered.files[0].1[0].text;
        let Some(objects) = template("fixtures/charts/everything", text) else { return };
        let objects = objects.unwrap_or_else(|why| panic!("{why}\n{text}"));
        let meant = whole(&source, profile);
        for (name, service) in entries(&meant, "services") {
            let object = |kind: &str| objects.get(&(kind.to_owned(), name.to_owned()));
            let deployment = object("Deployment").unwrap_or_else(|| panic!("{name} is not there"));
            let (min, max) = bounds(service);
            if min < max {
                assert_eq!(deployment["spec"].get("replicas"), None, "{name}");
                let spec = &object("HorizontalPodAutoscaler").unwrap()["spec"];
                assert_eq!((&spec["minReplicas"], &spec["maxReplicas"]), (&json!(min), &json!(max)), "{name}");
            } else {
                assert_eq!(deployment["spec"]["replicas"], json!(fixed(service)), "{name}");
                assert_eq!(object("HorizontalPodAutoscaler"), None, "{name}");
            }
            let resources = &deployment["spec"]["template"]["spec"]["containers"][0]["resources"];
            for side in ["requests", "limits"] {
                let (ours, theirs) = (&service["resources"][side], &resources[side]);
                assert_eq!(cores(&theirs["cpu"]), cores(&ours["cpu"]), "{name} {side}");
                assert_eq!(bytes(&theirs["memory"]), bytes(&ours["memory"]), "{name} {side}");
            }
        }
    }
}

#[test]
fn helm_refuses_what_we_refuse() {
    let chart = "fixtures/charts/everything";
    let services = "  gateway:\n    replicas: 60\n";
    let options = "paths: { gateway: { replicas: gateway.replicaCount } }";
    let text = text(&spec(services, options), &NoFiles);
    let Some(refused) = template(chart, &text) else { return };
    let why = refused.unwrap_err();
    assert!(why.contains("/gateway/replicaCount") && why.contains("50"), "{why}");
    let said = said(services, &format!("chart: {chart}, {options}"), &Folder(".".into()));
    let [(rule, path, message, _)] = &said[..] else { panic!("{said:#?}") };
    assert_eq!((&**rule, &**path), ("refused-by-target", "/services/gateway/replicas"));
    assert_eq!(
        message,
        "helm: values.schema.json refuses `gateway.replicaCount`: 60 is greater than the maximum of 50"
    );
}

#[test]
fn a_limit_of_the_chart_is_a_limit() {
    let chart = |values: &'static str| Texts(vec![("helm/Chart.yaml", ABOUT), ("helm/values.yaml", values)]);
    let missing = |services: &str, options: &str, files: &dyn Files| {
        let checked = lint("scalegen.yaml", spec(services, options).as_bytes(), files, &CheckOptions::default());
        checked.findings.iter().filter(|finding| finding.rule == "missing-limits").count()
    };
    let one = "  web:\n    replicas: 2\n";
    let own = chart("replicaCount: 1\nresources: { limits: { memory: 512Mi } }\n");
    assert_eq!(missing(one, "chart: helm, convention: helm-create", &own), 0);
    assert_eq!(missing(one, "convention: helm-create", &NoFiles), 1);
    let none = chart("replicaCount: 1\nresources: { limits: { memory: null } }\n");
    assert_eq!(missing(one, "chart: helm, convention: helm-create", &none), 1);
    let two = "  web:\n    replicas: 2\n  api:\n    replicas: 2\n";
    let apart = chart("web: { resources: { limits: { memory: 1Gi } } }\napi: { count: 1, most: { memory: 1Gi } }\n");
    let paths = "paths: { api: { replicas: api.count, limits: api.most } }";
    assert_eq!(missing(two, &format!("chart: helm, convention: helm-create, {paths}"), &apart), 0);
}
