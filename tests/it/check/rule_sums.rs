//! Rules that compute over several services, states and files, at the edges that no page shows.

use scalegen::check::rules::{self, Context, Reach};
use scalegen::inputs::compose::project::{NamedFile, ProjectRequest};
use scalegen::inputs::compose::read_project;
use scalegen::inputs::merge::{MergeCache, lay_over};
use scalegen::inputs::spec::profiles;
use scalegen::inputs::{InputFile, InputFiles, InputFormat, Origin};
use scalegen::model::TargetOptions;
use scalegen::model::states::States;
use scalegen::support::diagnostic::Finding;
use scalegen::support::source::{FileId, FileSpan, Source};
use scalegen::targets;

/// Whether the target with these options starts new replicas before it stops old ones.
fn starts_new_first(target: &TargetOptions) -> bool {
    scalegen::targets::get(&target.name).is_some_and(|target| target.meta.starts_new_first)
}

/// One base beside the spec.
struct Beside<'t>(&'t str);

impl scalegen::inputs::ReadFiles for Beside<'_> {
    fn read(&self, path: &str, _most: usize) -> Result<Vec<u8>, scalegen::inputs::Unread> {
        let missing = scalegen::inputs::Unread { why: "it is not there".to_owned(), missing: true };
        if path == "base.yml" { Ok(self.0.as_bytes().to_vec()) } else { Err(missing) }
    }
}

/// The findings of all rules over one spec, which must be sound, laid over a base where there is one.
fn check(text: &str, reach: Reach, file: Option<&str>) -> Vec<Finding> {
    let source = Source::new("scalegen.yaml", format!("version: 1\nname: example\n{text}"));
    let parsed = scalegen::syntax::parse(FileId(0), &source, scalegen::syntax::ParseMode::Spec);
    let mut found = parsed.findings;
    let root = parsed.root.unwrap();
    let mut tree = profiles::lay_with(&root, profiles::Removals::Kept, &mut found).next().unwrap().tree;
    let mut inputs = InputFiles::default();
    inputs.add(InputFile::new(source, InputFormat::SPEC, Origin::Spec));
    let base = file.map(|text| {
        let files = vec![NamedFile { path: "base.yml".to_owned(), at: Some(FileSpan::default()) }];
        read_project(&ProjectRequest { files, ..ProjectRequest::default() }, &Beside(text), &mut inputs)
    });
    if let Some(base) = &base {
        tree = lay_over(&base.layer, &tree, &mut MergeCache::default()).tree;
    }
    found.extend(scalegen::inputs::spec::schema::ShapeChecker::default().check(&tree));
    let lowered = scalegen::model::lower(&tree, &mut Default::default());
    found.extend(lowered.findings);
    assert!(found.is_empty(), "{found:?}");
    let spec = lowered.spec;
    let states = match reach {
        Reach::Range => States::of(&spec),
        Reach::Fixed => States::without_windows(),
    };
    let mut all = Vec::new();
    let cluster = targets::cluster(&spec.targets);
    let context = Context {
        target_facts: super::target_facts(&spec, cluster.as_ref()),
        spec: &spec,
        states: &states,
        reach,
        base: base.as_ref(),
        has_targets: !spec.targets.is_empty(),
        starts_new_first: spec.targets.is_empty() || spec.targets.iter().any(starts_new_first),
        on_machines: true,
        foreign: false,
        loads: &[],
    };
    rules::check(&context, |finding| all.push(finding));
    all
}

/// The messages of one rule.
fn said(rule: &str, text: &str, reach: Reach, base: Option<&str>) -> Vec<String> {
    let found = check(text, reach, base).into_iter().filter(|finding| finding.rule == rule);
    found.map(|finding| finding.message).collect()
}

fn one(rule: &str, text: &str) -> String {
    let messages = said(rule, text, Reach::Range, None);
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages[0].clone()
}

fn none(rule: &str, text: &str) {
    assert_eq!(said(rule, text, Reach::Range, None), Vec::<String>::new());
}

#[test]
fn windows_that_never_meet_are_not_added() {
    let spec = |second: &str| {
        format!(
            r#"
backingServices: {{ db: {{ kind: mysql, maxConnections: 90 }} }}
services:
  day:
    replicas: 1
    connections: {{ db: 10 }}
    schedule: [{{ days: [mon], from: "08:00", to: "18:00", timezone: UTC, replicas: {{ min: 1, max: 5 }} }}]
  night:
    replicas: 1
    connections: {{ db: 10 }}
    schedule: [{{ days: [mon], from: "{second}", to: "23:00", timezone: UTC, replicas: {{ min: 1, max: 5 }} }}]
"#
        )
    };
    none("connections-exhausted", &spec("18:00"));
    assert_eq!(
        one("connections-exhausted", &spec("17:59")),
        "day 5 × 10 + night 5 × 10 = 100, above maxConnections 90, from mon 17:59 UTC"
    );
    // a target without an autoscaler never gets there
    assert!(said("connections-exhausted", &spec("17:59"), Reach::Fixed, None).is_empty());
}

#[test]
fn a_long_sum_shows_its_largest_parts() {
    let mut spec = String::from("backingServices: { db: { kind: mysql, maxConnections: 10 } }\nservices:\n");
    for n in 1..=9 {
        spec += &format!("  s{n}: {{ replicas: {n}, connections: {{ db: 2 }} }}\n");
    }
    assert_eq!(
        one("connections-exhausted", &spec),
        "s4 4 × 2 + s5 5 × 2 + s6 6 × 2 + s7 7 × 2 + s8 8 × 2 + s9 9 × 2 + 3 others 12 = 90, above maxConnections 10"
    );
}

#[test]
fn an_unknown_concurrency_counts_one_and_is_said() {
    let spec = r#"
backingServices: { db: { kind: mysql, maxConnections: 10 } }
services: { api: { replicas: 4, connections: { db: { perReplica: 2, perSlot: 3 } } } }
"#;
    assert_eq!(
        one("connections-exhausted", spec),
        "4 replicas × (2 + 1 slot × 3) connections = 20, above maxConnections 10 (the concurrency of `api` is unknown and counts 1)"
    );
}

#[test]
fn equal_to_the_bound_is_enough() {
    none(
        "connections-exhausted",
        "backingServices: { db: { kind: postgres, maxConnections: 43 } }\nservices: { api: { replicas: 2, connections: { db: 20 } } }\n",
    );
}

#[test]
fn rollouts_of_compose_start_nothing_extra() {
    let spec = |target: &str| {
        format!(
            "backingServices: {{ db: {{ kind: mysql, maxConnections: 40 }} }}\nservices: {{ api: {{ replicas: 2, connections: {{ db: 20 }} }} }}\ntargets: {{ {target}: {{}} }}\n"
        )
    };
    none("connections-exhausted-in-rollout", &spec("compose"));
    assert_eq!(
        one("connections-exhausted-in-rollout", &spec("kubernetes")),
        "in a rollout (2 + 1) replicas × 20 connections = 60, above maxConnections 40"
    );
}

#[test]
fn every_exceeded_resource_is_in_the_sum() {
    let spec = r#"
capacity: { nodes: [{ name: n, count: 2, cpu: 2, memory: 4Gi, reserved: { cpu: 500m } }, { count: 1, cpu: 1, memory: 1Gi, gpu: 1 }] }
backingServices: { db: { kind: postgres, memory: 2Gi }, far: { kind: redis, memory: 9Gi, external: { urlEnv: R } } }
services:
  web: { replicas: 4, resources: { requests: { cpu: 1 }, limits: { cpu: 2, memory: 2Gi } } }
  idle: { replicas: 2 }
"#;
    assert_eq!(
        one("exceeds-capacity", spec),
        "web 4 × 2Gi + db 2Gi = 10Gi of memory, above 9Gi (2 × 4Gi + 1 × 1Gi); idle counts 0: no requests"
    );
    let spec = spec.replace("replicas: 4", "replicas: 6");
    assert_eq!(
        one("exceeds-capacity", &spec),
        "6 replicas × 1 = 6 cores, above 4 (2 × 1.5 + 1 × 1); web 6 × 2Gi + db 2Gi = 14Gi of memory, above 9Gi (2 × 4Gi + 1 × 1Gi); idle counts 0: no requests"
    );
}

#[test]
fn what_fits_no_node_is_left_out_of_the_other_sums() {
    let spec = r#"
capacity: { nodes: [{ count: 2, cpu: 2, memory: 4Gi }, { name: gpu, count: 1, cpu: 1, memory: 4Gi, gpu: 1 }] }
backingServices: { db: { kind: postgres, memory: 5Gi } }
services:
  huge: { replicas: 9, resources: { requests: { cpu: 2, gpu: 1 } } }
  web: { replicas: 4, resources: { requests: { cpu: 1 } } }
"#;
    let messages = said("exceeds-node", spec, Reach::Range, None);
    assert_eq!(
        messages,
        [
            "one replica needs 2 cores, 1 gpu; nodes[0] has 2 cores, 4Gi, gpu has 1 core, 4Gi, 1 gpu",
            "`db` needs 5Gi; nodes[0] has 2 cores, 4Gi, gpu has 1 core, 4Gi, 1 gpu",
        ]
    );
    none("exceeds-capacity", spec);
    none("unplaceable", spec);
}

#[test]
fn a_broken_part_leaves_its_sums_uncomputed() {
    let source = Source::new(
        "scalegen.yaml",
        "capacity: { nodes: [{ count: 1, cpu: 1, memory: 1Gi }] }\nservices: { a: { replicas: 9, resources: { requests: { cpu: 1 } } }, b: { resources: { requests: { cpu: lots } } } }\n",
    );
    let parsed = scalegen::syntax::parse(FileId(0), &source, scalegen::syntax::ParseMode::Spec);
    let spec = scalegen::model::lower(&parsed.root.unwrap(), &mut Default::default()).spec;
    let states = States::of(&spec);
    let context = Context {
        spec: &spec,
        states: &states,
        reach: Reach::Range,
        base: None,
        has_targets: false,
        target_facts: Default::default(),
        starts_new_first: true,
        on_machines: true,
        foreign: false,
        loads: &[],
    };
    rules::check(&context, |finding| assert_ne!(finding.rule.as_str(), "exceeds-capacity"));
}

#[test]
fn ports_meet_across_services_and_files() {
    let collide = |spec: &str, base: Option<&str>| said("port-collision", spec, Reach::Range, base);
    let base = r#"
services:
  api: { image: x, ports: ["8080:80"] }
  local: { image: x, ports: ["127.0.0.1:9001:80"] }
  dns: { image: x, ports: ["9000:53/udp"] }
"#;
    let spec = |publish: u16, replicas: u32| {
        format!("services: {{ web: {{ port: 80, publish: {publish}, replicas: {replicas} }} }}\n")
    };
    assert_eq!(collide(&spec(8079, 2), Some(base)), ["host ports 8079-8080 of `web` meet 8080 of `api`"]);
    assert_eq!(collide(&spec(9000, 2), Some(base)), ["host ports 9000-9001 of `web` meet 9001 of `local`"]);
    assert!(collide(&spec(9000, 1), Some(base)).is_empty(), "udp is another port");
    assert!(collide(&spec(1, 1), Some(base)).is_empty());
    let twins =
        format!("{base}  twin: {{ image: x, ports: [\"7000:1\"] }}\n  other: {{ image: x, ports: [\"7000:1\"] }}\n");
    assert_eq!(collide(&spec(1, 1), Some(&twins)), ["host port 7000 of `other` meets 7000 of `twin`"]);
    // what the spec lets go of the base meets nothing
    let scaled_twin = "services: { twin: { replicas: 2 } }\n";
    assert!(collide(scaled_twin, Some(&twins)).is_empty());
    assert!(collide(&spec(8080, 0), Some(base)).is_empty(), "no replica, no port");
    // the base's own port gives way where the service is scaled, or publishes it itself
    let both = "services: { api: { port: 80, publish: 8080, replicas: 2 } }\n";
    assert!(collide(both, Some(base)).is_empty());
    let scaled = "services: { api: { replicas: 2 }, web: { port: 80, publish: 8080 } }\n";
    assert!(collide(scaled, Some(base)).is_empty());
    let own = "services: { web: { replicas: 2, ports: [{ port: 1, publish: 500 }, { port: 2, publish: 501 }] } }\n";
    assert_eq!(collide(own, None), ["host ports 501-502 of `web` meet its own 500-501"]);
    // three in a row: the two later ones
    let row = "services: { a: { port: 1, publish: 10, replicas: 9 }, b: { port: 1, publish: 12 }, c: { port: 1, publish: 14 } }\n";
    assert_eq!(collide(row, None).len(), 2);
}

#[test]
fn host_ports_that_replicas_can_share_stay() {
    let fixed = |base: &str| {
        said("fixed-host-port", "services: { api: { port: 90, replicas: 3 } }\n", Reach::Range, Some(base))
    };
    let base = |ports: &str| format!("services: {{ api: {{ image: x, ports: [{ports}] }} }}\n");
    for ports in ["\"8080-8082:80\"", "\"80\"", "\"127.0.0.1::80\""] {
        assert!(fixed(&base(ports)).is_empty(), "{ports}");
    }
    assert_eq!(
        fixed(&base("\"${PORT}:80\"")),
        ["3 replicas cannot share host port ${…}:80 of base.yml: the override lets it go"]
    );
    assert_eq!(
        fixed(&base("\"8080-8081:80\", \"7000-7002:70-72\", \"90\", \"9090:90\"")),
        ["3 replicas cannot share host ports 8080-8081, 7000-7002, 9090 of base.yml: the override lets them go"]
    );
}

#[test]
fn a_base_that_says_an_amount_twice_is_compared_as_compose_does() {
    let conflicts = |base: &str| {
        let base = format!("services: {{ api: {{ image: x, {base} }} }}\n");
        said("conflicts-with-base", "services: { api: {} }\n", Reach::Range, Some(&base)).len()
    };
    let limits = |limits: &str| format!("deploy: {{ resources: {{ limits: {{ {limits} }} }} }}");
    assert_eq!(conflicts("scale: 3, deploy: { replicas: 2 }"), 1);
    assert_eq!(conflicts("scale: \"${N:-3}\", deploy: { replicas: 3 }"), 0);
    assert_eq!(conflicts("scale: \"${N}\", deploy: { replicas: 3 }"), 0, "not known");
    assert_eq!(conflicts(&format!("cpus: 0.5, {}", limits("cpus: \"0.50\""))), 0);
    assert_eq!(conflicts(&format!("cpus: 0.5, {}", limits("cpus: \"1\""))), 1);
    assert_eq!(conflicts(&format!("mem_limit: 1g, {}", limits("cpus: \"1\""))), 1, "the map exists without the key");
    assert_eq!(conflicts(&format!("mem_limit: 1073741824, {}", limits("memory: 1g"))), 0);
    assert_eq!(conflicts(&format!("mem_reservation: 1g, {}", limits("memory: 2g"))), 0, "another map");
    assert_eq!(conflicts("mem_limit: 1g, cpus: 2, pids_limit: 5"), 0, "one style");
}

#[test]
fn memory_and_swap_bound_the_memory_of_services_and_backing_services() {
    let spec = "backingServices: { db: { kind: postgres, memory: 1Gi } }\nservices: { api: { resources: { limits: { memory: 1Gi } } } }\n";
    let conflicts = |swap: &str| {
        let base = format!(
            "services: {{ api: {{ image: x, memswap_limit: {swap} }}, db: {{ image: x, memswap_limit: {swap} }} }}\n"
        );
        said("conflicts-with-base", spec, Reach::Range, Some(&base)).len()
    };
    assert_eq!(conflicts("512m"), 2);
    assert_eq!(conflicts("1g"), 0);
    assert_eq!(conflicts("-1"), 0, "no bound");
    assert_eq!(conflicts("\"${SWAP}\""), 0, "not known");
}

#[test]
fn replicas_of_another_target_go_beyond_the_published_range() {
    let spec = |targets: &str| {
        format!(
            "services: {{ api: {{ port: 80, publish: 8080, replicas: {{ min: 2, max: 6 }}, expose: {{}} }} }}\ntargets: {{ {targets} }}\n"
        )
    };
    let both = spec("nginx: {}, kubernetes: {}");
    assert_eq!(one("unbalanced-upstream", &both), "nginx lists 2 servers for up to 6 replicas of `api`");
    assert!(said("unbalanced-upstream", &spec("nginx: {}"), Reach::Fixed, None).is_empty());
    none("unbalanced-upstream", &spec("nginx: { from: network }, kubernetes: {}"));
}

#[test]
fn the_rule_on_upstreams_looks_where_nginx_does() {
    // the target takes the network as soon as one exposed service publishes no TCP port
    let spec = |web: &str, nginx: &str| {
        format!(
            "services:\n  api: {{ port: 80, publish: 8080, replicas: {{ min: 2, max: 6 }}, expose: {{ path: /api }} }}\n  \
             web: {{ ports: [{web}], expose: {{}} }}\ntargets: {{ nginx: {{{nginx}}}, kubernetes: {{}} }}\n"
        )
    };
    none("unbalanced-upstream", &spec("{ port: 81 }", ""));
    none("unbalanced-upstream", &spec("{ port: 81, protocol: udp, publish: 8181 }", ""));
    assert_eq!(said("unbalanced-upstream", &spec("{ port: 81 }", " from: host "), Reach::Range, None).len(), 1);
    let both = spec("{ port: 81, publish: 8181 }", "");
    assert_eq!(one("unbalanced-upstream", &both), "nginx lists 2 servers for up to 6 replicas of `api`");
}

#[test]
fn an_hpa_takes_a_limit_for_the_missing_request() {
    let spec = |more: &str| {
        format!(
            "{more}\nservices: {{ api: {{ image: api, replicas: {{ min: 1, max: 2 }}, resources: {{ limits: {{ cpu: 1 }} }} }} }}\ntargets: {{ kubernetes: {{}} }}\n"
        )
    };
    none("missing-requests", &spec(""));
    assert_eq!(said("missing-requests", &spec("limitResources: false"), Reach::Range, None).len(), 1);
}

#[test]
fn services_that_may_stand_in_an_included_file_are_not_unknown() {
    let spec = "services: { api: {} }\n";
    let unknown = |base: &str| said("unknown-service", spec, Reach::Range, Some(base)).len();
    assert_eq!(unknown("services: { web: { image: x } }\n"), 1);
    assert_eq!(unknown("include: [more.yml]\nservices: { web: { image: x } }\n"), 0);
    assert_eq!(unknown("nothing: here\n"), 0, "a file without services has its own finding");
}

#[test]
fn ten_thousand_services_are_summed() {
    let mut spec = String::from(
        "backingServices: { db: { kind: mysql, maxConnections: 100 } }\ncapacity: { nodes: [{ count: 5000, cpu: 8, memory: 16Gi }] }\nservices:\n",
    );
    let mut base = String::from("services:\n");
    for n in 0..10_000 {
        let (cpu, publish) = (100 + n % 900, 1000 + n);
        spec += &format!(
            "  s{n}: {{ replicas: 3, port: 80, publish: {publish}, connections: {{ db: 1 }}, resources: {{ requests: {{ cpu: {cpu}m, memory: 512Mi }} }} }}\n"
        );
        base += &format!("  s{n}: {{ image: x, ports: [\"{publish}:80\"], scale: 2 }}\n");
    }
    let found = check(&spec, Reach::Range, Some(&base));
    let count = |rule: &str| found.iter().filter(|finding| finding.rule == rule).count();
    assert_eq!(count("connections-exhausted"), 1);
    // the override writes `scale` as the base does
    assert_eq!(count("conflicts-with-base"), 0);
    assert_eq!(count("port-collision"), 9_999);
    assert_eq!(count("exceeds-capacity") + count("unplaceable") + count("placement-not-found"), 0);
}
