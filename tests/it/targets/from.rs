//! Law 4: compose files under `from:` become whole manifests, which a strict reading of the Kubernetes API takes, and everything that they
//! say is in them or named as lost. The corpus (`SCALEGEN_CORPUS`), and projects of our own.

use crate::change::import::{composed, projects};
use crate::common::judge::{Call, say};
use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::{Finding, Severity};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Default)]
struct Tally {
    projects: usize,
    /// Refused by compose itself.
    not_taken: usize,
    /// Refused by lint, by rule.
    refused: BTreeMap<String, usize>,
    accepted: usize,
    services: usize,
    /// Values found in the manifests.
    carried: usize,
    /// Values named as lost.
    named: usize,
    failures: Vec<String>,
}

fn spec(files: &[String], env_file: Option<&String>) -> String {
    let compose = env_file.map_or(json!({}), |file| json!({"envFile": file}));
    json!({"version": 1, "name": "law", "from": files, "targets": {"compose": compose, "kubernetes": {}}}).to_string()
}

fn one(tally: &mut Tally, name: &str, folder: &Path, files: &[String], env_file: Option<&String>) -> Option<()> {
    tally.projects += 1;
    let Ok(project) = composed(folder, files)? else {
        tally.not_taken += 1;
        return Some(());
    };
    let source = Folder(folder.to_path_buf());
    let text = spec(files, env_file);
    let targets = ["kubernetes".to_owned()];
    let rendered = scalegen::render("scalegen.yaml", text.as_bytes(), &source, None, &targets).unwrap();
    let findings = &rendered.checked.findings;
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    if let Some(error) = errors.first() {
        println!("{name}: {}: {}", error.rule, error.message);
        *tally.refused.entry(error.rule.to_string()).or_default() += 1;
        return Some(());
    }
    let texts: Vec<&str> = rendered.files[0].1.iter().map(|file| file.text.as_str()).collect();
    let objects: Vec<Json> = texts.iter().map(|text| serde_yaml::from_str(text).unwrap()).collect();
    let api = |object: &&Json| !object["apiVersion"].as_str().unwrap_or_default().starts_with("kustomize");
    let stream: Vec<String> = objects.iter().filter(api).map(Json::to_string).collect();
    let stream = stream.join("\n---\n");
    if !stream.is_empty() {
        let verdict = Call { args: vec!["-"], env: Vec::new(), input: &stream }.ask("k8s.py")?;
        if !verdict.accepted {
            tally.failures.push(format!("{name}: refused: {}{}", verdict.out, verdict.err));
            return Some(());
        }
    }
    tally.accepted += 1;
    let said: String = findings.iter().map(|finding| format!("{}\n", finding.message)).collect();
    for (service, composed) in project["services"].as_object().unwrap() {
        carried(tally, name, service, composed, &objects, &said);
    }
    Some(())
}

/// Everything of one service is in its manifest, or its name stands in a finding that says so.
fn carried(tally: &mut Tally, name: &str, service: &str, composed: &Json, objects: &[Json], said: &str) {
    tally.services += 1;
    let workload = objects.iter().find(|object| {
        ["Deployment", "StatefulSet"].contains(&object["kind"].as_str().unwrap())
            && object["metadata"]["name"] == service
    });
    let lost = |what: &str| said.lines().any(|line| line.contains(&format!("`{service}`")) && line.contains(what));
    let Some(workload) = workload else {
        if !lost("is not written") {
            tally.failures.push(format!("{name}: {service} is neither written nor named\n{said}"));
        }
        tally.named += 1;
        return;
    };
    let container = &workload["spec"]["template"]["spec"]["containers"][0];
    let mut check = |what: &str, is: bool, named: bool| match (is, named) {
        (true, _) => tally.carried += 1,
        (false, true) => tally.named += 1,
        (false, false) => {
            tally.failures.push(format!("{name}: {service}: {what} is neither carried nor named\n{container}"))
        }
    };
    let replicas = composed["deploy"]["replicas"].as_u64().or(composed["scale"].as_u64()).unwrap_or(1);
    check("replicas", workload["spec"]["replicas"] == replicas, lost("`deploy.mode`"));
    let bare = |text: &str| text.replace("$$", "$");
    for (variable, value) in composed["environment"].as_object().into_iter().flatten() {
        let env = container["env"].as_array().into_iter().flatten().find(|one| one["name"] == *variable);
        let literal = |text: &str| text.replace("$$", "$");
        let same = env.is_some_and(|env| match (&env["value"], value) {
            // a variable that another service requires was given for the judge
            (Json::String(_), Json::String(theirs)) if theirs.contains("given") => true,
            (Json::String(ours), Json::String(theirs)) => literal(ours) == bare(theirs),
            _ => {
                env["valueFrom"]["secretKeyRef"]["key"] == *variable
                    && said.contains(&format!("`{variable}` may be a secret"))
            }
        });
        check(variable, same, lost(&format!("`{variable}`")) || lost(" more"));
    }
    for port in composed["ports"].as_array().into_iter().flatten() {
        let there =
            container["ports"].as_array().into_iter().flatten().any(|one| one["containerPort"] == port["target"]);
        check("a port", there, port["protocol"] == "sctp");
    }
    for (part, ours) in [("limits", "limits"), ("reservations", "requests")] {
        for key in ["cpus", "memory"] {
            let theirs = &composed["deploy"]["resources"][part][key];
            let theirs = theirs.as_str().map(str::to_owned).or_else(|| theirs.as_f64().map(|cores| cores.to_string()));
            if theirs.is_some_and(|text| text.parse::<f64>().is_ok_and(|number| number > 0.0)) {
                let key = if key == "cpus" { "cpu" } else { key };
                check(part, !container["resources"][ours][key].is_null(), lost("`resources`"));
            }
        }
    }
    let test = composed["healthcheck"]["test"].as_array();
    if test.is_some_and(|test| test.len() > 1) && composed["healthcheck"]["disable"] != true {
        check("health", !container["readinessProbe"]["exec"].is_null(), lost("`health`"));
    }
    for volume in composed["volumes"].as_array().into_iter().flatten() {
        check("a volume", false, lost(volume["target"].as_str().unwrap().trim_end_matches('/')));
    }
}

#[test]
fn compose_files_become_whole_manifests_and_what_is_lost_is_named() {
    let mut tally = Tally::default();
    for (name, dir, args) in projects() {
        if one(&mut tally, &name, dir.path(), &args.files, args.env_file.as_ref()).is_none() {
            return;
        }
    }
    say(&format!(
        "law 4: {} projects, {} not taken by compose itself, refused by lint {:?}, {} sets of manifests accepted; {} services, {} values \
         carried, {} named as lost",
        tally.projects, tally.not_taken, tally.refused, tally.accepted, tally.services, tally.carried, tally.named
    ));
    assert!(tally.accepted > 0 && tally.carried > 0, "nothing was written");
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
}

const COMPOSE: &str = "services:
  web:
    image: example/web:1
    environment: { MODE: prod, API_TOKEN: do-not-copy-me, DB: \"postgres://u:do-not-copy-me@db/x\" }
    ports: [\"8080:80\"]
    deploy: { replicas: 3, resources: { limits: { memory: 256m } } }
    volumes: [\"./uploads:/uploads\"]
  db: { image: \"postgres:16\", environment: { POSTGRES_PASSWORD: do-not-copy-me }, volumes: [\"data:/var/lib/postgresql/data\"] }
volumes: { data: {} }
";

fn from(spec: &str) -> scalegen::Rendered {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("docker-compose.yml"), COMPOSE).unwrap();
    let files = Folder(dir.path().to_path_buf());
    scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["kubernetes".to_owned()]).unwrap()
}

#[test]
fn a_secret_is_a_reference_and_a_database_asks_where_it_runs() {
    for path in ["docker-compose.yml", ".", "[docker-compose.yml]"] {
        let rendered = from(&format!("version: 1\nname: x\nfrom: {path}\n"));
        let text: String = rendered.files[0].1.iter().map(|file| file.text.as_str()).collect();
        let said: String = rendered.checked.findings.iter().map(|finding| finding.message.clone() + "\n").collect();
        assert!(!text.contains("do-not-copy-me") && !said.contains("do-not-copy-me"), "{text}{said}");
        assert!(
            text.contains("replicas: 3") && text.contains("memory: 256Mi") && text.contains("containerPort: 80"),
            "{text}"
        );
        assert_eq!(text.matches("name: web-secrets").count(), 2, "{text}");
        assert!(said.contains("`API_TOKEN` may be a secret: it is read from the Secret `web-secrets`"), "{said}");
        assert!(
            said.contains("`db` is not written: it keeps the data of a postgres in /var/lib/postgresql/data"),
            "{said}"
        );
        assert!(said.contains("/uploads of `web` in docker-compose.yml is not written"), "{said}");
    }
    // a person says where the database runs, and what the uploads need
    let spec = "version: 1\nname: x\nfrom: docker-compose.yml\nservices: { web: { connections: { db: 5 }, kind: stateful, \
                volumes: [{ name: uploads, mount: /uploads, size: 1Gi }] } }\n\
                backingServices: { db: { kind: postgres, maxConnections: 100, external: { urlEnv: DATABASE_URL } } }\n";
    let rendered = from(spec);
    let said: String = rendered.checked.findings.iter().map(|finding| finding.message.clone() + "\n").collect();
    let text: String = rendered.files[0].1.iter().map(|file| file.text.as_str()).collect();
    assert!(!said.contains("`db` is not written") && !said.contains("/uploads"), "{said}");
    assert!(text.contains("storage: 1Gi") && text.contains("key: DATABASE_URL"), "{text}{said}");
}

/// What is said of a spec over one compose file, for one target.
fn said_over(compose: &str, spec: &str, target: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("docker-compose.yml"), compose).unwrap();
    let files = Folder(dir.path().to_path_buf());
    let wanted = scalegen::CheckOptions { targets: vec![target.to_owned()], ..scalegen::CheckOptions::default() };
    let checked = scalegen::lint("scalegen.yaml", spec.as_bytes(), &files, &wanted);
    checked.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}

#[test]
fn a_service_that_others_call_has_a_service_or_is_named() {
    let compose = "services:
  web:
    image: example/web:1
    ports: [\"8080:80\"]
    depends_on: [queue]
    environment: { API_URL: \"http://api:3000/v1\", MODE: lonely, CACHE: \"redis://cache:6379/0\", MAIL_HOST: mail }
  api: { image: example/api:1, command: [\"serve\", \"--metrics=web:9090\"] }
  queue: { image: rabbitmq:4 }
  cache: { image: example/cache:1, expose: [\"6379\"] }
  mail: { image: example/mail:1 }
  once: { image: example/once:1 }
  last: { image: example/last:1, depends_on: { once: { condition: service_completed_successfully } } }
  lonely: { image: example/lonely:1 }
";
    let spec = "version: 1\nname: x\nfrom: docker-compose.yml\n";
    let called: Vec<String> =
        said_over(compose, spec, "kubernetes").into_iter().filter(|text| text.contains("nothing answers")).collect();
    let of = |words: &[&str]| called.iter().filter(|text| words.iter().all(|word| text.contains(word))).count();
    assert_eq!(of(&["`api` gets no Service", "`API_URL` of web names api:3000"]), 1, "{called:#?}");
    assert_eq!(of(&["`queue` gets no Service", "`depends_on` of web"]), 1, "{called:#?}");
    assert_eq!(of(&["`mail` gets no Service", "`MAIL_HOST` of web"]), 1, "{called:#?}");
    assert_eq!(of(&["`args` of api names web:9090", "has 80"]), 1, "{called:#?}");
    assert_eq!(called.len(), 4, "{called:#?}");
    // with the port there is a Service
    let with = format!("{spec}services: {{ api: {{ port: 3000 }} }}\n");
    let said = said_over(compose, &with, "kubernetes");
    assert!(!said.iter().any(|text| text.contains("`api` gets no Service")), "{said:#?}");
}

#[test]
fn what_one_machine_has_once_is_no_subject_of_a_cluster() {
    let compose =
        "services:\n  web: { image: \"example/web:1\", container_name: web, hostname: w, ports: [\"8080:80\"] }\n";
    let spec = "version: 1\nname: x\nfrom: docker-compose.yml\nservices: { web: { replicas: 3 } }\n";
    let of = |target: &str| {
        let said = said_over(compose, spec, target);
        let machine = ["fixed-host-port", "fixed-address-reset", "container-name-replicated"];
        said.into_iter().filter(|text| machine.iter().any(|rule| text.starts_with(rule))).count()
    };
    assert_eq!((of("compose"), of("kubernetes")), (2, 0));
}
