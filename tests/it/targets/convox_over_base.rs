//! A spec over a convox.yml: the file is written again with what the spec changes, and every other word of it stays.

use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::Severity;
use serde_yaml::Value as Yaml;
use std::fs;

const BASE: &str = "environment: [LOG=debug, TOKEN]
resources:
  database: { type: postgres, options: { storage: 100 } }
services:
  web:
    build: .
    command: bin/web
    environment: [PORT=3000, SECRET]
    port: https:3000
    health: /up
    resources: [database]
    privileged: true
    domain: ${HOST}
    scale: { count: 2-4, cpu: 256, memory: 512, targets: { cpu: 70 } }
    deployment: { minimum: 50, maximum: 200 }
    tls: { redirect: false }
  job: { build: ., scale: 1, internal: true }
timers:
  clean: { schedule: '0 3 * * *', command: bin/clean, service: job }
";

struct Over {
    file: Yaml,
    said: Vec<(String, String)>,
}

fn over(base: &str, rest: &str, target: &str) -> Over {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("convox.yml"), base).unwrap();
    let spec = format!("version: 1\nname: shop\nfrom: convox.yml\n{rest}\ntargets: {{ {target}: {{}} }}\n");
    let files = Folder(dir.path().to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &[target.to_owned()]).unwrap();
    let found = &rendered.checked.findings;
    assert!(found.iter().all(|finding| finding.severity != Severity::Error), "{found:#?}");
    let said = found.iter().map(|finding| (finding.rule.to_string(), finding.message.clone())).collect();
    let file = rendered.files.first().and_then(|(_, files)| files.first());
    Over { file: file.map_or(Yaml::Null, |file| serde_yaml::from_str(&file.text).unwrap()), said }
}

fn base() -> Yaml {
    serde_yaml::from_str(BASE).unwrap()
}

#[test]
fn a_spec_that_changes_nothing_writes_the_file_again() {
    for services in [
        "services: { web: {}, job: {} }",
        "services: {}",
        "services: { web: { replicas: { min: 2, max: 4 }, resources: { requests: { cpu: 0.256, memory: 0.5Gi } }, env: { PORT: '3000' } } }",
    ] {
        let written = over(BASE, services, "convox");
        assert_eq!(written.file, base(), "{services}");
        assert!(!written.said.iter().any(|(rule, _)| rule == "lost-in-target"), "{services}: {:?}", written.said);
    }
}

#[test]
fn a_change_of_the_spec_is_one_change_of_the_file() {
    let yaml = |text: &str| serde_yaml::from_str::<Yaml>(text).unwrap();
    for (field, key, value) in [
        ("replicas: { max: 6 }", "scale", "{ count: 2-6, cpu: 256, memory: 512, targets: { cpu: 70 } }"),
        (
            "resources: { requests: { cpu: 0.5 } }",
            "scale",
            "{ count: 2-4, cpu: 500, memory: 512, targets: { cpu: 70 } }",
        ),
        (
            "autoscaling: { scaleUp: { threshold: 0.5 } }",
            "scale",
            "{ count: 2-4, cpu: 256, memory: 512, targets: { cpu: 50 } }",
        ),
        ("env: { PORT: '4000' }", "environment", "[PORT=4000, SECRET]"),
        ("env: { MORE: '1' }", "environment", "[PORT=3000, SECRET, MORE=1]"),
        ("health: { http: /ready }", "health", "{ path: /ready }"),
        ("stopGracePeriod: 45s", "termination", "{ grace: 45 }"),
    ] {
        let written = over(BASE, &format!("services: {{ web: {{ {field} }} }}"), "convox");
        let mut wanted = base();
        wanted["services"]["web"][key] = yaml(value);
        assert_eq!(written.file, wanted, "{field}: {:?}", written.said);
    }
    let more = over(BASE, "services: { more: { image: a:1, replicas: 2 } }", "convox");
    assert_eq!(
        more.file["services"]["more"],
        yaml("{ image: a:1, scale: { count: 2 }, deployment: { maximum: 150 } }")
    );
    assert_eq!(more.file["services"]["web"], base()["services"]["web"]);
    // references of the base work because nothing is escaped, so none of ours may come beside them
    let reference = over(BASE, "services: { web: { env: { A: 'x${HOME}' } } }", "convox");
    assert_eq!(reference.file, base());
    assert!(reference.said.iter().any(|(_, message)| message.contains("a value with `${` is not written")));
}

/// What another platform gets of it is named where it is not all.
#[test]
fn what_another_platform_does_not_get_is_named() {
    let text = BASE.replacen("build: .", "image: example/web:1", 1);
    for target in ["kubernetes", "compose"] {
        let written = over(&text, "services: { web: { health: null } }", target);
        let words = "`command`, `resources`, `privileged`, `domain`, `tls` of `web` in convox.yml are not written";
        assert!(written.said.iter().any(|(_, message)| message.contains(words)), "{target}: {:#?}", written.said);
    }
    // a compose file for convox
    let dir = tempfile::tempdir().unwrap();
    let compose = "services: { web: { image: a, privileged: true, cap_add: [NET_ADMIN], volumes: ['data:/d'] } }\nvolumes: { data: {} }\n";
    fs::write(dir.path().join("compose.yaml"), compose).unwrap();
    let spec = "version: 1\nname: shop\nfrom: compose.yaml\nservices: { web: {} }\ntargets: { convox: {} }\n";
    let files = Folder(dir.path().to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["convox".to_owned()]).unwrap();
    for words in ["`cap_add`, `privileged` of `web` in compose.yaml are not written", "volume data at /d of `web`"] {
        assert!(
            rendered.checked.findings.iter().any(|finding| finding.message.contains(words)),
            "{words}: {:#?}",
            rendered.checked.findings
        );
    }
}

/// `port` may stand among `ports`, too; other platforms get each once.
#[test]
fn ports_of_a_convox_file_reach_other_platforms() {
    let text = "services: { web: { image: a:1, port: 3000, ports: [3000, 53/udp, 53] } }\n";
    let written = over(text, "services: { web: {} }", "compose");
    let wanted: Yaml = serde_yaml::from_str("['3000', 53/udp, '53']").unwrap();
    assert_eq!(written.file["services"]["web"]["expose"], wanted);
}

/// A fault of the base that Convox refuses is told although the file stays as it is: nothing is written without a word.
#[test]
fn a_name_of_the_base_that_is_refused_is_told() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("convox.yml"), "services: { web_1: { image: a:1 } }\n").unwrap();
    let spec =
        "version: 1\nname: shop\nfrom: convox.yml\nservices: { web_1: { replicas: 2 } }\ntargets: { convox: {} }\n";
    let files = Folder(dir.path().to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["convox".to_owned()]).unwrap();
    let refused = |finding: &&scalegen::support::diagnostic::Finding| finding.rule == "refused-by-target";
    assert_eq!(rendered.checked.findings.iter().filter(refused).count(), 1, "{:#?}", rendered.checked.findings);
}

/// A variable of a manifest whose value a Secret holds is asked for on other platforms; one that may be absent is named as lost.
#[test]
fn secrets_of_manifests_reach_other_platforms() {
    let dir = tempfile::tempdir().unwrap();
    let env = "[{name: LOG, value: debug}, {name: API_TOKEN, valueFrom: {secretKeyRef: {name: s, key: t}}}, \
               {name: MAYBE, valueFrom: {secretKeyRef: {name: s, key: m, optional: true}}}]";
    let text = format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{replicas: 2, selector: {{matchLabels: {{a: b}}}}, \
         template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: web, image: 'a:1', env: {env}}}]}}}}}}}}\n"
    );
    fs::write(dir.path().join("k.yaml"), text).unwrap();
    let spec = |head: &str, target: &str| {
        format!("version: 1\nname: shop\n{head}services: {{ web: {{ replicas: 3 }} }}\ntargets: {{ {target} }}\n")
    };
    let files = Folder(dir.path().to_path_buf());
    let written = |head: &str, target: &str, name: &str| {
        let spec = spec(head, target);
        scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &[name.to_owned()]).unwrap()
    };
    for (name, wanted) in [("compose", "API_TOKEN: ${API_TOKEN:?"), ("convox", "- API_TOKEN\n")] {
        let rendered = written("from: k.yaml\n", &format!("{name}: {{}}"), name);
        let all: String = rendered.files.iter().flat_map(|(_, files)| files).map(|file| file.text.clone()).collect();
        assert!(all.contains(wanted) && !all.contains("MAYBE"), "{name}: {all}");
        let lost = rendered.checked.findings.iter().filter(|one| one.rule == "lost-in-target");
        let lost: Vec<&str> = lost.map(|one| one.message.as_str()).collect();
        assert!(lost.iter().any(|message| message.contains("`MAYBE`") && !message.contains("API_TOKEN")), "{lost:?}");
    }
    // a patch leaves what the base has
    let rendered = written("", "kubernetes: { base: k.yaml }", "kubernetes");
    let all: String = rendered.files.iter().flat_map(|(_, files)| files).map(|file| file.text.clone()).collect();
    assert!(all.contains("replicas: 3") && !all.contains("API_TOKEN"), "{all}");
}
