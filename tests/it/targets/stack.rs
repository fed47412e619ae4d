//! Files for `docker stack deploy`: what they leave out, what they say otherwise, and whether docker reads them so.

use super::consumers::{read, required};
use crate::common::judge::Call;
use scalegen::{Files, Rendered, render};
use serde_json::{Value as Json, json};
use std::fs;
use tempfile::TempDir;

/// One compose file under one name.
struct Beside(&'static str);

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "base.yml" && !self.0.is_empty() {
            Ok(self.0.as_bytes().to_vec())
        } else {
            Err("no such file".to_owned())
        }
    }
}

fn run(services: &str, base: &'static str) -> Rendered {
    let base_option = if base.is_empty() { "" } else { ", base: base.yml" };
    let spec = format!("version: 1\nname: shop\n{services}\ntargets:\n  compose: {{ form: stack{base_option} }}\n");
    render("scalegen.yaml", spec.as_bytes(), &Beside(base), None, &[]).unwrap()
}

fn said(rendered: &Rendered) -> Vec<String> {
    let checked = &rendered.checked;
    checked.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}

/// What docker makes of the file, over the base where there is one.
fn stack(rendered: &Rendered, base: &str) -> Option<Json> {
    let dir = TempDir::new().unwrap();
    let (_, files) = rendered.files.first().unwrap_or_else(|| panic!("{:#?}", said(rendered)));
    let [file] = files.as_slice() else { panic!("{:#?}", said(rendered)) };
    let own = dir.path().join(&file.path);
    fs::write(&own, &file.text).unwrap();
    let mut args = vec![own.to_str().unwrap().to_owned()];
    if !base.is_empty() {
        let below = dir.path().join("base.yml");
        fs::write(&below, base).unwrap();
        args.insert(0, below.to_str().unwrap().to_owned());
    }
    let names = required(&file.text);
    let env = names.iter().map(|name| (name.as_str(), "given")).collect();
    let verdict = Call { args: args.iter().map(String::as_str).collect(), env, input: "" }.ask("stack.sh")?;
    Some(read(&verdict.accepted("the stack", &file.text).out))
}

const WHOLE: &str = "services:
  web:
    image: example/web:1
    replicas: 3
    port: 80
    publish: 8080
    spread: node
    stopGracePeriod: 45s
    update: { surge: 1 }
    health: { command: [\"true\"], interval: 10s }
    connections: { db: 5 }
    resources:
      requests: { cpu: 250m, memory: 256Mi, gpu: 1 }
      limits: { cpu: 1, memory: 512Mi, pids: 100, gpu: 1 }
backingServices:
  db: { kind: postgres, image: \"postgres:17\", maxConnections: 50, memory: 1Gi }";

#[test]
fn docker_reads_the_numbers_of_a_whole_stack() {
    let rendered = run(WHOLE, "");
    let text = &rendered.files[0].1[0].text;
    assert_eq!(rendered.files[0].1[0].path, "stack.yaml");
    // what Swarm refuses or passes over is not written
    for word in ["name:", "devices", "restart", "expose", "depends_on", "!reset", "8080-"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let said = said(&rendered);
    assert!(
        said.iter().any(|one| one.contains("a stack file has no `devices`: 1 GPU of `web` is not written")),
        "{said:#?}"
    );
    assert!(!said.iter().any(|one| one.contains("only Swarm") || one.contains("nothing is spread")), "{said:#?}");
    let Some(stack) = stack(&rendered, "") else { return };
    let web = &stack["services"]["web"];
    assert_eq!(web["deploy"]["replicas"], 3);
    assert_eq!(web["deploy"]["resources"]["limits"], json!({ "cpus": "1", "memory": "536870912", "pids": 100 }));
    assert_eq!(web["deploy"]["resources"]["reservations"], json!({ "cpus": "0.25", "memory": "268435456" }));
    assert_eq!(web["deploy"]["update_config"]["order"], "start-first");
    // one port of every machine leads to all replicas
    assert_eq!(web["ports"], json!([{ "mode": "ingress", "target": 80, "published": 8080, "protocol": "tcp" }]));
    assert_eq!(web["stop_grace_period"], "45s");
    assert_eq!(stack["services"]["db"]["deploy"]["resources"]["limits"]["memory"], "1073741824");
}

const BASE: &str = "version: \"3.8\"
services:
  web:
    image: example/web:1
    container_name: the-web
    ports: [\"8080:80\"]
    deploy: { replicas: 2, resources: { limits: { memory: 256M } } }
";

#[test]
fn a_stack_laid_over_a_base_appends_and_takes_nothing_away() {
    let same = "services:\n  web: { replicas: 4, port: 80, publish: 8080, resources: { limits: { memory: 512Mi } } }";
    let rendered = run(same, BASE);
    let said_of = said(&rendered);
    assert!(!said_of.iter().any(|one| one.contains("cannot share") || one.contains("container")), "{said_of:#?}");
    assert_eq!(rendered.files[0].1[0].path, "stack.override.yaml");
    if let Some(stack) = stack(&rendered, BASE) {
        let web = &stack["services"]["web"];
        assert_eq!((web["deploy"]["replicas"].clone(), web["ports"].as_array().unwrap().len()), (json!(4), 1));
        assert_eq!(web["deploy"]["resources"]["limits"]["memory"], "536870912");
    }
    let other = run("services:\n  web: { replicas: 4, port: 80, publish: 9090 }", BASE);
    let message = "lost-in-target: compose: a stack file appends ports: host port 8080 of base.yml stays beside 9090";
    assert!(said(&other).contains(&message.to_owned()), "{:#?}", said(&other));
    if let Some(stack) = stack(&other, BASE) {
        assert_eq!(stack["services"]["web"]["ports"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn what_stops_docker_in_a_base_is_an_error_there() {
    let base = "services:\n  web: { image: example/web:1, mem_limit: 512m }\n";
    let rendered = run("services:\n  web: { replicas: 2 }", base);
    let message = "refused-by-target: compose: `docker stack deploy` refuses `mem_limit` of `web` in base.yml";
    assert!(said(&rendered).contains(&message.to_owned()), "{:#?}", said(&rendered));
    let unlimited = run("limitResources: false\nservices:\n  web: { replicas: 2 }", BASE);
    let kept = "a stack file takes nothing away: `deploy.resources.limits` of `web` in base.yml stays";
    assert!(said(&unlimited).iter().any(|one| one.contains(kept)), "{:#?}", said(&unlimited));
}

#[test]
fn the_name_of_a_stack_is_said_to_be_lost() {
    let spec = "version: 1\nname: shop\nservices: { web: { image: a } }\ntargets: { compose: { form: stack, project: mine } }\n";
    let rendered = render("scalegen.yaml", spec.as_bytes(), &Beside(""), None, &[]).unwrap();
    assert!(
        said(&rendered)
            .contains(&"lost-in-target: compose: a stack file has no name: `mine` is not written".to_owned())
    );
}
