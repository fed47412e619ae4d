//! Values of charts read as their chart makes objects of them: with their places, with nothing that the chart does not read, and with
//! what is off apart. The real helm says whether that is so.

use crate::cli::program::{Ran, scalegen, with_input};
use crate::targets::helm::helm;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A finding: rule, file, line.
type Found = (String, String, u64);

const CHART: (&str, &str) = ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
const VALUES: &str = "replicaCount: 2
image:
  repository: example/web
  tag: \"1.0\"
resources:
  requests:
    cpu: 100m
    memory: 128Mi
  limits:
    memory: 256Mi
nodeSelector: []
autoscaling:
  enabled: false
  minReplicas: 1
  maxReplicas: 4
  targetCPUUtilizationPercentage: 80
pdb:
  enabled: false
  minAvailable: 1
";
const DEPLOYMENT: &str = "spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    spec:
      containers:
        - image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
";
const HPA: &str = "{{- if .Values.autoscaling.enabled }}
spec:
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics: [{{ .Values.autoscaling.targetCPUUtilizationPercentage }}]
{{- end }}
";
const BUDGET: &str =
    "{{- if .Values.pdb.enabled }}\nspec:\n  minAvailable: {{ .Values.pdb.minAvailable }}\n{{- end }}\n";

/// A chart with these files beside or instead of the usual ones.
fn chart(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let usual = [
        CHART,
        ("values.yaml", VALUES),
        ("templates/deployment.yaml", DEPLOYMENT),
        ("templates/hpa.yaml", HPA),
        ("templates/pdb.yaml", BUDGET),
    ];
    for (name, text) in usual.iter().chain(files) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn findings(ran: &Ran) -> Vec<serde_json::Value> {
    let said: serde_json::Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}{}", ran.out, ran.err));
    said["findings"].as_array().unwrap().clone()
}

/// What lint says of a file or a folder, sorted.
fn found(dir: &Path, path: &str) -> Vec<Found> {
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    let one = |one: &serde_json::Value| {
        (text(one, "rule"), text(one, "file"), one["start"]["line"].as_u64().unwrap_or_else(|| panic!("{one}")))
    };
    let mut all: Vec<Found> = findings(&scalegen(dir, &["lint", path, "--format", "json"])).iter().map(one).collect();
    all.sort();
    all
}

fn of(rule: &str, file: &str, line: u64) -> Found {
    (rule.to_owned(), file.to_owned(), line)
}

#[test]
fn an_override_is_judged_over_its_charts_own_values() {
    let text = "replicaCount: 1\nresources: { requests: { memory: 1Gi } }\nautoscaling: { enabled: true, minReplicas: 9 }\n\
                pdb: { enabled: true, minAvailable: 9 }\n";
    let dir = chart(&[("values-prod.yaml", text)]);
    let all = found(dir.path(), "values-prod.yaml");
    // the limit and the most replicas stand in the chart's own file
    assert_eq!(
        all,
        [
            of("drain-blocked", "values-prod.yaml", 4),
            of("min-above-max", "values-prod.yaml", 3),
            of("request-above-limit", "values-prod.yaml", 2)
        ]
    );
    // by themselves the chart's own are sound, and the folder says each fault once
    assert_eq!(found(dir.path(), "values.yaml"), []);
    assert_eq!(found(dir.path(), "."), all);
}

#[test]
fn a_null_removes_what_the_chart_says() {
    let text = "resources: { limits: null, requests: { memory: 1Gi, cpu: null } }\nautoscaling: { enabled: true }\n";
    let dir = chart(&[("values-prod.yaml", text)]);
    assert_eq!(
        found(dir.path(), "values-prod.yaml"),
        [of("files-without-limits", "values-prod.yaml", 1), of("missing-requests", "values-prod.yaml", 1)]
    );
}

#[test]
fn near_misses_stay_silent() {
    let overrides = [
        // digits in quotes are a number once they are written out
        "replicaCount: \"3\"\nautoscaling: { enabled: true, minReplicas: \"2\", maxReplicas: \"3\" }\n",
        // something fills these in
        "replicaCount: ${REPLICAS}\nresources: { requests: { memory: \"{{ .Values.x }}\", cpu: __CPU__ } }\n",
        "autoscaling: { enabled: \"${SCALED}\", minReplicas: 9 }\n",
        // a budget that is off, or leaves one to go
        "replicaCount: 1\npdb: { enabled: false, minAvailable: 1 }\n",
        "replicaCount: 3\npdb: { enabled: true, minAvailable: 2 }\n",
        // without a target it may have metrics of its own
        "autoscaling: { enabled: true, targetCPUUtilizationPercentage: 0 }\nresources: { requests: null }\n",
        // no layout knows these
        "other: { resources: { requests: { memory: 2Gi }, limits: { memory: 1Gi } } }\n",
        "# nothing\n",
        "{}\n",
    ];
    for text in overrides {
        let dir = chart(&[("values-prod.yaml", text)]);
        assert_eq!(found(dir.path(), "."), [], "{text}");
    }
    let wrong = VALUES.replace("memory: 128Mi", "memory: 4Gi").replace("minReplicas: 1", "minReplicas: 9");
    let charts: [&[(&str, &str)]; 6] = [
        // a chart that writes its amounts, its number or its bounds in a way of its own
        &[(
            "templates/deployment.yaml",
            "replicas: {{ .Values.replicaCount }}\nresources: {{ include \"web.resources\" . }}\n",
        )],
        &[("templates/deployment.yaml", "replicas: {{ .Values.count }}\nresources: {{ toYaml .Values.resources }}\n")],
        &[("templates/hpa.yaml", "maxReplicas: {{ mul 2 .Values.autoscaling.maxReplicas }}\n")],
        &[("templates/deployment.yaml", "# moved\n")],
        // templates for other charts
        &[("Chart.yaml", "apiVersion: v2\nname: web\ntype: library\n")],
        &[("Chart.yaml", "- no\n- chart\n")],
    ];
    for files in charts {
        let all: Vec<(&str, &str)> = [("values.yaml", wrong.as_str())].iter().chain(files).copied().collect();
        let dir = chart(&all);
        let said = found(dir.path(), ".");
        assert!(said.iter().all(|(_, file, _)| file != "values.yaml"), "{files:?}: {said:?}");
    }
    // the same chart with the usual templates
    let dir = chart(&[("values.yaml", &wrong)]);
    assert_eq!(
        found(dir.path(), "."),
        [of("fault-if-enabled", "values.yaml", 14), of("request-above-limit", "values.yaml", 8)]
    );
}

#[test]
fn values_without_their_chart_are_silent_in_a_folder_and_told_by_name() {
    let dir = TempDir::new().unwrap();
    let sub = chart(&[("charts/redis/Chart.yaml", CHART.1), ("charts/redis/values.yaml", VALUES)]);
    fs::write(dir.path().join("values.yaml"), VALUES.replace("128Mi", "4Gi")).unwrap();
    let ran = scalegen(dir.path(), &["lint", "."]);
    assert!(
        ran.code == 2 && ran.out == "no file was checked\n" && !ran.err.contains("values.yaml"),
        "{}{}",
        ran.out,
        ran.err
    );
    let of_name = |dir: &Path, name: &str| {
        let ran = scalegen(dir, &["lint", name]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        ran.err
    };
    let said = of_name(dir.path(), "values.yaml");
    assert!(said.contains("is read only over its chart's own values: put it beside their Chart.yaml"), "{said}");
    assert!(said.contains("`helm template CHART -f values.yaml | scalegen lint -`"), "{said}");
    assert_eq!(found(sub.path(), "."), []);
    let said = of_name(sub.path(), "charts/redis/values.yaml");
    assert!(said.contains("is of a chart within a chart"), "{said}");
    let other = chart(&[("values.yaml", "a: 1\n"), ("values-prod.yaml", "b: 1\n")]);
    let said = of_name(other.path(), "values-prod.yaml");
    assert!(said.contains("is of a chart of no known layout (helm create, Flow-Like, Polyaxon)"), "{said}");
    fs::remove_file(other.path().join("values.yaml")).unwrap();
    let said = of_name(other.path(), "values-prod.yaml");
    assert!(said.contains("is read only over its chart's own values.yaml, which is not there"), "{said}");
}

#[test]
fn commands_that_write_over_a_file_say_what_to_import() {
    let dir = chart(&[]);
    for command in ["render", "scale"] {
        let args: &[&str] = if command == "scale" {
            &["scale", "values.yaml", "web", "--count", "3"]
        } else {
            &[command, "values.yaml"]
        };
        let ran = scalegen(dir.path(), args);
        assert_eq!(ran.code, 2, "{command}: {}", ran.out);
        assert!(ran.err.contains("values.yaml is a chart values file"), "{command}: {}", ran.err);
        assert!(ran.err.contains("`scalegen import values.yaml`"), "{command}: {}", ran.err);
    }
}

#[test]
fn plan_shows_what_the_chart_runs() {
    let dir = chart(&[("values-prod.yaml", "autoscaling: { enabled: true, minReplicas: 2 }\n")]);
    let ran = scalegen(dir.path(), &["plan", "values-prod.yaml"]);
    assert!(ran.code == 0 && ran.out.contains("web           2–4  100m   128Mi"), "{}{}", ran.out, ran.err);
}

const POLYAXON: &str = "deploymentType: kubernetes
limitResources: true
gateway:
  image: polyaxon/polyaxon-api
  replicas: 1
  concurrency: 2
  resources: { requests: { cpu: 1, memory: 2000Mi }, limits: { cpu: 6, memory: 8000Mi } }
  hpa: { enabled: false, cputhreshold: 70, minpods: 1, maxpods: 4 }
worker:
  enabled: false
  replicas: 1
  concurrency: 2
  resources: { requests: { cpu: 130m, memory: 200Mi }, limits: { cpu: 1, memory: 1Gi } }
  hpa: { enabled: false, cputhreshold: 70, minpods: 1, maxpods: 4 }
";

/// Polyaxon's chart of a version with values laid over its own.
fn polyaxon(version: &str, text: &str) -> TempDir {
    let about = format!("apiVersion: v2\nname: polyaxon\nversion: {version}\n");
    chart(&[("Chart.yaml", &about), ("values.yaml", POLYAXON), ("values-prod.yaml", text)])
}

#[test]
fn polyaxons_generations_are_read_with_their_own_words() {
    let text = "worker: { enabled: true, replicas: 3, concurrency: 8, resources: { requests: { memory: 2Gi } }, \
                hpa: { enabled: true, minpods: 6 } }\n";
    let dir = polyaxon("2.15.1", text);
    let ran = scalegen(dir.path(), &["lint", "values-prod.yaml"]);
    assert!(ran.out.contains("minpods 6 is above maxpods 4") && ran.out.contains("write `minpods: 4`"), "{}", ran.out);
    assert!(ran.out.contains("memory request 2Gi is above its limit 1Gi"), "{}", ran.out);
    let plan = scalegen(dir.path(), &["plan", "values-prod.yaml"]);
    assert!(plan.out.contains("gateway         1      2"), "{}", plan.out);
    // without limits there is none to be above, and a component that is off asks for nothing
    for text in [
        text.replace("minpods: 6", "minpods: 2").replace("worker:", "limitResources: false\nworker:"),
        "worker: { resources: { requests: { memory: 200Mi } } }\n".to_owned(),
    ] {
        let said = found(polyaxon("2.15.1", &text).path(), "values-prod.yaml");
        assert!(said.iter().all(|(rule, ..)| rule == "files-without-limits"), "{text}: {said:?}");
    }
    // nothing reads what only the first generation had, and a second beat sends all twice
    let old = "hpsearch: { replicas: 3 }\neventMonitors: null\nother: 1\n";
    assert_eq!(found(polyaxon("2.15.1", old).path(), "values-prod.yaml"), [of("unknown-field", "values-prod.yaml", 1)]);
    let beat = "beat: { enabled: true, replicas: 2, resources: { limits: { memory: 1Gi } } }\n";
    assert_eq!(
        found(polyaxon("2.15.1", beat).path(), "values-prod.yaml"),
        [of("replicated-singleton", "values-prod.yaml", 1)]
    );
    // from chart 1.22.0 on its template names a Deployment that is not there
    let scaled = "gateway: { hpa: { enabled: true } }\n";
    assert_eq!(
        found(polyaxon("2.15.1", scaled).path(), "values-prod.yaml"),
        [of("unknown-target", "values-prod.yaml", 1)]
    );
    assert_eq!(found(polyaxon("1.20.0", scaled).path(), "values-prod.yaml"), []);
}

#[test]
fn what_is_off_is_a_note_about_itself_alone() {
    let text = "worker: { resources: { requests: { memory: 2Gi } }, hpa: { minpods: 6 } }\n";
    let dir = polyaxon("2.15.1", text);
    let ran = scalegen(dir.path(), &["lint", "values-prod.yaml", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let all = findings(&ran);
    let said: BTreeSet<&str> = all.iter().map(|one| one["message"].as_str().unwrap()).collect();
    let wanted = [
        "if `worker.enabled` and `worker.hpa.enabled` are true: minpods 6 is above maxpods 4 (min-above-max)",
        "if `worker.enabled` is true: memory request 2Gi is above its limit 1Gi (request-above-limit)",
    ];
    assert!(said == BTreeSet::from(wanted) && all.iter().all(|one| one["severity"] == "note"), "{all:?}");
    // a comment at the switch, or at the value, allows it
    let allowed = text.replace(" }\n", " } # scalegen: allow fault-if-enabled (never on here)\n");
    let said = found(polyaxon("2.15.1", &allowed).path(), "values-prod.yaml");
    assert_eq!(said, []);
}

#[test]
fn flow_likes_sections_are_read() {
    let section = |name: &str, most: u32| {
        format!(
            "{name}:\n  enabled: true\n  replicaCount: 1\n  image: {{ repository: {name}, tag: v1 }}\n  resources:\n    requests: {{ cpu: 100m, memory: 256Mi }}\n    \
             limits: {{ cpu: 1, memory: 1Gi }}\n  autoscaling: {{ enabled: false, minReplicas: 1, maxReplicas: {most}, targetCPUUtilization: 70 }}\n"
        )
    };
    let own = section("api", 10) + &section("web", 5) + &section("executorPool", 10);
    let about = "apiVersion: v2\nname: flow-like\nversion: 0.1.0\n";
    let text = "api: { resources: { requests: { cpu: 2 } } }\nweb: { enabled: false, replicaCount: 9 }\n\
                executorPool: { autoscaling: { enabled: true, minReplicas: 12 } }\n";
    let dir = chart(&[("Chart.yaml", about), ("values.yaml", &own), ("values-production.yaml", text)]);
    assert_eq!(
        found(dir.path(), "."),
        [of("min-above-max", "values-production.yaml", 3), of("request-above-limit", "values-production.yaml", 1)]
    );
}

#[test]
fn hostile_values_are_findings_or_unread() {
    let own: [&[u8]; 9] = [
        b"replicaCount: [\n",
        b"replicaCount: &a { b: *a }\nimage: { repository: x }\n",
        b"- 1\n",
        b"3\n",
        b"~\n",
        b"\0",
        b"\xff\xfe",
        b"replicaCount: {}\nimage: { repository: x }\nautoscaling: []\nresources: 3\n",
        b"replicaCount: 1\nreplicaCount: 2\nimage: { repository: x }\n",
    ];
    for text in own {
        for name in ["values.yaml", "values-prod.yaml"] {
            let dir = chart(&[]);
            fs::write(dir.path().join(name), text).unwrap();
            for path in [name, "."] {
                let ran = scalegen(dir.path(), &["lint", path]);
                assert!([0, 1, 2].contains(&ran.code), "{text:?}: {} {}", ran.code, ran.err);
                assert!(!ran.err.contains("panicked"), "{text:?}: {}", ran.err);
            }
        }
    }
    let deep = format!("a: {}1{}\n", "{ b: ".repeat(60), " }".repeat(60));
    assert_eq!(found(chart(&[("values-prod.yaml", &deep)]).path(), "values-prod.yaml"), []);
}

/// The rules that speak of a chart's values and of what helm builds with them.
const SAME: [&str; 7] = [
    "min-above-max",
    "request-above-limit",
    "missing-requests",
    "invalid-quantity",
    "wrong-type",
    "unknown-field",
    "refused-by-api",
];

#[test]
fn helm_builds_what_is_judged() {
    let folder = TempDir::new().unwrap();
    let web = folder.path().join("web");
    let Some(made) = helm(&["create", web.to_str().unwrap()]) else { return };
    made.unwrap();
    let overrides = [
        "replicaCount: 3\n",
        "autoscaling: { enabled: true }\n",
        "autoscaling: { enabled: true, minReplicas: 200 }\nresources: { requests: { cpu: 100m } }\n",
        "autoscaling: { enabled: true, targetCPUUtilizationPercentage: null, targetMemoryUtilizationPercentage: 70 }\n",
        "autoscaling: { enabled: false, minReplicas: 200 }\n",
        "resources: { requests: { memory: 2Gi, cpu: 2 }, limits: { memory: 1Gi, cpu: 1 } }\n",
        "resources: { requests: { memory: banana } }\n",
        "resources: { request: { memory: 1Gi } }\n",
        "resources: null\nreadinessProbe: null\n",
        "replicaCount: many\n",
        "replicaCount: \"4\"\n",
        "readinessProbe: { httpGet: { path: /, port: http }, periodSecond: 3 }\n",
        "readinessProbe: { tcpSocket: { port: http } }\n",
        "nodeSelector: []\ntolerations: {}\n",
        "nodeSelector: { disk: ssd }\ntolerations: [{ key: a, operator: Exist }]\n",
        "affinity: [1]\n",
    ];
    let mut rules = BTreeSet::new();
    for text in overrides {
        fs::write(web.join("values-own.yaml"), text).unwrap();
        let of = |ran: &Ran| -> BTreeSet<String> {
            let all = findings(ran);
            let rule = |one: &serde_json::Value| one["rule"].as_str().unwrap().to_owned();
            all.iter().map(rule).filter(|rule| SAME.contains(&rule.as_str())).collect()
        };
        let own = of(&scalegen(&web, &["lint", "values-own.yaml", "--format", "json"]));
        let path = web.join("values-own.yaml");
        let built = helm(&["template", "test", web.to_str().unwrap(), "-f", path.to_str().unwrap()]).unwrap().unwrap();
        let built = of(&with_input(&web, &["lint", "-", "--format", "json"], &built));
        assert_eq!(own, built, "{text}");
        rules.extend(own);
    }
    assert!(rules.len() >= 6, "too few faults to prove anything: {rules:?}");
}

/// The container's port is the value that the one `containerPort` of the template names.
#[test]
fn the_port_of_a_chart_is_the_containers_if_its_template_says_so() {
    let values = "replicaCount: 2\nimage: { repository: example/web, tag: \"1.0\" }\nservice: { port: 8080 }\ncontainerPort: 3000\nresources: {}\n";
    let of = |port: &str| {
        let deployment = format!(
            "spec:\n  replicas: {{{{ .Values.replicaCount }}}}\n  template:\n    spec:\n      containers:\n        - image: \"{{{{ .Values.image.repository }}}}:{{{{ .Values.image.tag }}}}\"\n          \
             resources: {{{{- toYaml .Values.resources | nindent 12 }}}}\n          ports:\n{port}"
        );
        let dir = crate::cli::program::folder(&[
            ("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"),
            ("web/values.yaml", values),
            ("web/templates/deployment.yaml", &*deployment),
        ]);
        // a whole file of the values shows what is known of them
        let spec = "version: 1\nname: x\nfrom: web/values.yaml\ntargets: { compose: {} }\n";
        std::fs::write(dir.path().join("scalegen.yaml"), spec).unwrap();
        let ran = crate::cli::program::scalegen(dir.path(), &["render", "--target", "compose", "--out", "o"]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let text = std::fs::read_to_string(dir.path().join("o/compose/compose.yaml")).unwrap();
        [8080, 3000].into_iter().find(|port| text.contains(&format!("- \"{port}\"")))
    };
    let line =
        |path: &str| format!("            - name: http\n              containerPort: {{{{ .Values.{path} }}}}\n");
    assert_eq!(of(&line("service.port")), Some(8080));
    assert_eq!(of(&line("containerPort | int")), Some(3000));
    assert_eq!(
        of("            - containerPort: {{ .Values.containerPort }}\n              protocol: TCP\n"),
        Some(3000)
    );
    // a number of the template's own, a named one, and two ports: nothing is known
    assert_eq!(of("            - containerPort: 80\n              name: {{ .Values.service.port }}\n"), None);
    assert_eq!(of(&line("other.port")), None);
    assert_eq!(of(&format!("{}{}", line("service.port"), line("containerPort"))), None);
}
