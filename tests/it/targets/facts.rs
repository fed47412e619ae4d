//! What is said of consumers holds for the releases that it names, and what they refuse is refused here.

use scalegen::support::diagnostic::Finding;
use scalegen::{CheckOptions, NoFiles, lint, render};
use serde_json::{Value as Json, json};

fn spec(services: &str, targets: &str) -> String {
    format!("version: 1\nname: shop\nservices:\n{services}{targets}")
}

fn found(spec: &str) -> Vec<Finding> {
    lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &CheckOptions::default()).findings
}

fn of<'f>(findings: &'f [Finding], rule: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|finding| finding.rule == rule).collect()
}

/// The text of one file of one target.
fn text(spec: &str, target: &str, path: &str) -> String {
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &[target.to_owned()]).unwrap();
    let files = rendered.files.iter().flat_map(|(_, files)| files);
    let file = files.into_iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("{:#?}", rendered.checked.findings)).text.clone()
}

fn document(spec: &str, target: &str, path: &str) -> Json {
    serde_yaml::from_str(&text(spec, target, path)).unwrap()
}

/// A service that scales, with its autoscaling and the options of kubernetes.
fn scaled(autoscaling: &str, options: &str) -> String {
    scaled_between("{ min: 1, max: 5 }", autoscaling, options)
}

fn scaled_between(replicas: &str, autoscaling: &str, options: &str) -> String {
    let resources = "{ requests: { cpu: 500m, memory: 256Mi }, limits: { cpu: 1, memory: 256Mi } }";
    spec(
        &format!(
            "  web: {{ image: 'e/w:1', replicas: {replicas}, concurrency: {{ limit: 2, env: SLOTS }}, resources: {resources}, autoscaling: {autoscaling} }}\n"
        ),
        &format!("targets: {{ kubernetes: {{ {options} }} }}\n"),
    )
}

const HPA: &str = "web-horizontalpodautoscaler.yaml";

#[test]
fn two_thresholds_are_tolerances_from_kubernetes_1_35_on() {
    let both = "{ signal: load, scaleUp: { threshold: 0.95 }, scaleDown: { threshold: 0.38 } }";
    for version in ["1.35", "v1.35.2", "1.37"] {
        let spec = scaled(both, &format!("version: \"{version}\""));
        let findings = found(&spec);
        assert!(of(&findings, "threshold-never-fires").is_empty() && of(&findings, "lost-in-target").is_empty());
        let behavior = &document(&spec, "kubernetes", HPA)["spec"]["behavior"];
        assert_eq!(behavior["scaleUp"]["tolerance"], json!("0"));
        assert_eq!(behavior["scaleDown"]["tolerance"], json!("600m"));
    }
    // cpu: of the whole percent that is the target
    let cpu = "{ signal: cpu, scaleUp: { threshold: 0.6 }, scaleDown: { threshold: 0.4 } }";
    let behavior = &document(&scaled(cpu, "version: \"1.36\""), "kubernetes", HPA)["spec"]["behavior"];
    // 1 − 0.4 ÷ 0.6, up to the next billionth
    assert_eq!(behavior["scaleDown"]["tolerance"], json!("333333334n"));
    // nothing that an older release lacks, and where none is named the help names one
    for options in ["", "version: \"1.34\""] {
        let lower = "{ signal: load, scaleUp: { threshold: 0.8 }, scaleDown: { threshold: 0.38 } }";
        let hpa = text(&scaled(lower, options), "kubernetes", HPA);
        assert!(!hpa.contains("tolerance"), "{hpa}");
        let findings = found(&scaled(both, options));
        let [fires] = of(&findings, "threshold-never-fires")[..] else { panic!("{findings:#?}") };
        assert!(fires.help.as_ref().unwrap().contains("`version: \"1.35\"`"), "{fires:?}");
        let lost = of(&findings, "lost-in-target");
        let lost = lost.iter().find(|finding| finding.message.contains("scale-down at")).unwrap();
        assert!(lost.message.contains("before Kubernetes 1.35"), "{}", lost.message);
        assert!(lost.help.as_ref().unwrap().contains("`version: \"1.35\"`"));
    }
    // one threshold of load has no tolerance, because its rule has none; equal ones are one
    for one in [
        "{ signal: load, scaleUp: { threshold: 0.8 } }",
        "{ signal: load, scaleUp: { threshold: 0.8 }, scaleDown: { threshold: 0.8 } }",
    ] {
        let behavior = &document(&scaled(one, "version: \"1.37\""), "kubernetes", HPA)["spec"]["behavior"];
        assert_eq!(
            (&behavior["scaleUp"]["tolerance"], &behavior["scaleDown"]["tolerance"]),
            (&json!("0"), &json!("0"))
        );
        assert!(!text(&scaled(one, "version: \"1.34\""), "kubernetes", HPA).contains("tolerance"));
    }
    // one of what is measured keeps the cluster's, and so does load beside it
    for one in ["{ signal: cpu, scaleUp: { threshold: 0.8 } }", "{ signal: [load, cpu], scaleUp: { threshold: 0.8 } }"]
    {
        assert!(!text(&scaled(one, "version: \"1.37\""), "kubernetes", HPA).contains("tolerance"));
    }
    // with tolerance 0 the load itself is still never above 1
    let full = "{ signal: load, scaleUp: { threshold: 1 }, scaleDown: { threshold: 0.4 } }";
    let findings = found(&scaled(full, "version: \"1.35\""));
    assert_eq!(of(&findings, "threshold-never-fires").len(), 1, "{findings:#?}");
    // both thresholds act, and the wrong way round they cannot
    let crossed = "{ signal: cpu, scaleUp: { threshold: 0.4 }, scaleDown: { threshold: 0.6 } }";
    assert_eq!(of(&found(&scaled(crossed, "version: \"1.35\"")), "scale-up-below-scale-down").len(), 1);
    assert!(of(&found(&scaled(crossed, "version: \"1.34\"")), "scale-up-below-scale-down").is_empty());
}

#[test]
fn a_plain_autoscaler_sleeps_from_kubernetes_1_37_on() {
    let least = |autoscaling: &str, options: &str| {
        let spec = scaled_between("{ min: 0, max: 5 }", autoscaling, options);
        let lost = found(&spec).into_iter().find(|finding| finding.message.contains("min 0 is not written"));
        (document(&spec, "kubernetes", HPA)["spec"]["minReplicas"].clone(), lost.map(|lost| lost.message))
    };
    assert_eq!(least("{ signal: load }", "version: \"1.37\""), (json!(0), None));
    for options in ["", "version: \"1.36\""] {
        let (min, lost) = least("{ signal: load }", options);
        assert_eq!(min, json!(1));
        assert!(lost.unwrap().contains("before Kubernetes 1.37"));
    }
    let (min, lost) = least("{ signal: cpu }", "version: \"1.37\"");
    assert_eq!(min, json!(1));
    assert!(lost.unwrap().contains("on cpu or memory alone"));
    // nothing runs at 0: the metric must count what waits
    let spec = scaled_between("{ min: 0, max: 5 }", "{ signal: load }", "version: \"1.37\"");
    assert!(found(&spec).iter().any(|finding| finding.message.contains("the work that waits")));
    // a window of 0 is written too
    let window = "schedule: [{ days: [sat], from: '00:00', to: '24:00', timezone: UTC, replicas: { min: 0, max: 2 } }]";
    let spec = scaled_between("{ min: 1, max: 5 }", &format!("{{ signal: load }}, {window}"), "version: \"1.37\"");
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    let all: String = rendered.files.iter().flat_map(|(_, files)| files).map(|file| file.text.as_str()).collect();
    assert!(all.contains("\\\"minReplicas\\\":0,") || all.contains("\"minReplicas\":0,"), "{all}");
}

#[test]
fn one_number_is_one_target() {
    let errors = |spec: &str| {
        let loud = |finding: &Finding| finding.severity > scalegen::support::diagnostic::Severity::Note;
        found(spec).into_iter().filter(loud).map(|finding| finding.message).collect::<Vec<_>>()
    };
    let hpa = |signal: &str, up: &str| scaled(&format!("{{ signal: {signal}, scaleUp: {{ threshold: {up} }} }}"), "");
    for (signal, up) in [("cpu", "0.6"), ("cpu", "0.7"), ("memory", "0.6"), ("cpu", "0.1")] {
        assert_eq!(errors(&hpa(signal, up)), [""; 0], "{signal} {up}");
        assert_eq!(
            document(&hpa(signal, up), "kubernetes", HPA)["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"],
            json!((up.parse::<f64>().unwrap() * 100.0).round() as u64)
        );
    }
    // the votes follow both thresholds, and a number alone is both
    let metrics = "metrics: { prometheus: { server: 'http://p:9090', running: sum(r) } }";
    let keda = scaled_between(
        "{ min: 1, max: 3 }",
        &format!("{{ signal: load, scaleUp: {{ threshold: 0.6 }}, {metrics} }}"),
        "autoscaler: keda",
    );
    assert_eq!(of(&found(&keda), "scale-up-below-scale-down").len(), 0);
    // the author wrote one number: that both votes depend on it is not a fault of the spec
    assert_eq!(of(&found(&keda), "flapping-thresholds").len(), 0);
    assert!(text(&keda, "kubernetes", "web-scaledobject.yaml").contains("running*5 < 6*replicas"));
    let both =
        keda.replace("scaleUp: { threshold: 0.6 }", "scaleUp: { threshold: 0.6 }, scaleDown: { threshold: 0.6 }");
    assert_eq!(of(&found(&both), "flapping-thresholds").len(), 1);
    // whichever of the two is written, also above and below the default
    for (signal, version) in [("cpu", ""), ("cpu", "version: \"1.35\""), ("memory", "version: \"1.37\"")] {
        for down in ["0.9", "0.5"] {
            let alone = scaled(&format!("{{ signal: {signal}, scaleDown: {{ threshold: {down} }} }}"), version);
            assert_eq!(errors(&alone), [""; 0], "{signal} {version} {down}");
            let spec = &document(&alone, "kubernetes", HPA)["spec"];
            let percent = json!((down.parse::<f64>().unwrap() * 100.0).round() as u64);
            assert_eq!(spec["metrics"][0]["resource"]["target"]["averageUtilization"], percent);
            assert_eq!(spec["behavior"]["scaleDown"]["tolerance"], Json::Null);
        }
    }
    let keda = keda.replace("scaleUp", "scaleDown");
    assert_eq!(of(&found(&keda), "flapping-thresholds").len(), 0);
    assert!(text(&keda, "kubernetes", "web-scaledobject.yaml").contains("running*5 < 6*replicas"));
}

#[test]
fn use_may_be_above_the_request_as_far_as_the_limit_allows() {
    let at = |signal: &str, up: &str| {
        let spec = scaled(&format!("{{ signal: {signal}, scaleUp: {{ threshold: {up} }} }}"), "");
        found(&spec).into_iter().find(|finding| finding.rule == "threshold-out-of-range")
    };
    // 1 ÷ 500m = 2 for cpu, 1 for memory
    for (signal, up) in [("cpu", "1.5"), ("cpu", "2"), ("cpu", "1"), ("memory", "1"), ("load", "1")] {
        assert!(at(signal, up).is_none(), "{signal} {up}: {:?}", at(signal, up));
    }
    for (signal, up, words) in [
        ("cpu", "2.01", "`2.01` is above 1 ÷ 500m = 2.00"),
        ("cpu", "75", "`75` is above 1 ÷ 500m = 2.00"),
        ("memory", "1.2", "`1.20` is above 256Mi ÷ 256Mi = 1.00"),
        ("load", "1.5", "`1.50` is above 1"),
        ("load", "75", "`75` is above 1"),
    ] {
        let finding = at(signal, up).unwrap_or_else(|| panic!("{signal} {up}"));
        assert!(finding.message.contains(words), "{}", finding.message);
        assert_eq!(finding.help.unwrap().contains("write `0.75`"), up == "75");
    }
    let spec = scaled("{ signal: cpu, scaleUp: { threshold: 1.5 } }", "");
    let target = &document(&spec, "kubernetes", HPA)["spec"]["metrics"][0]["resource"]["target"];
    assert_eq!(target["averageUtilization"], json!(150));
    // without a limit nothing bounds the use, and a percentage is still seen
    let free = |up: &str| {
        let service = format!(
            "  web: {{ image: 'e/w:1', replicas: {{ min: 1, max: 5 }}, resources: {{ requests: {{ cpu: 500m }} }}, \
             autoscaling: {{ signal: cpu, scaleUp: {{ threshold: {up} }} }} }}\n"
        );
        of(&found(&spec_of(&service)), "threshold-out-of-range").len()
    };
    assert_eq!((free("1.5"), free("10"), free("75"), free("150")), (0, 0, 1, 1));
}

fn spec_of(services: &str) -> String {
    spec(services, "targets: { kubernetes: {} }\n")
}

/// The products of a formula with two sides, for whole numbers of work in parts.
#[test]
fn votes_at_the_very_threshold_are_the_ones_of_the_spec() {
    for (limit, down, up) in [(7, "0.35", "0.9"), (1, "0.33", "0.75"), (3, "0.07", "0.29"), (9, "0.57", "0.58")] {
        let metrics = "metrics: { prometheus: { server: 'http://p:9090', running: sum(r) } }";
        let service = format!(
            "  web: {{ image: 'e/w:1', replicas: {{ min: 2, max: 20 }}, concurrency: {limit}, \
             resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}, \
             autoscaling: {{ signal: load, scaleUp: {{ threshold: {up} }}, scaleDown: {{ threshold: {down} }}, {metrics} }} }}\n"
        );
        let spec = spec(&service, "targets: { kubernetes: { autoscaler: keda } }\n");
        let document = document(&spec, "kubernetes", "web-scaledobject.yaml");
        let formula = document["spec"]["advanced"]["scalingModifiers"]["formula"].as_str().unwrap().to_owned();
        for (sign, threshold) in [(">=", up), ("<", down)] {
            let first =
                |line: &&str| line.starts_with(": running") && line.split(" && ").next().unwrap().contains(sign);
            let line = formula.lines().find(first).unwrap();
            let (left, right) = line.split(" && ").next().unwrap().split_once(&format!(" {sign} ")).unwrap();
            let factor = |side: &str, name: &str| -> f64 {
                let side = side.trim_start_matches(": ").replace(name, "");
                side.trim_matches('*').parse().unwrap_or(1.0)
            };
            let (work, each) = (factor(left, "running"), factor(right, "replicas"));
            let hundredths: f64 = (threshold.parse::<f64>().unwrap() * 100.0).round();
            for replicas in 1..=200 {
                let replicas = f64::from(replicas);
                // the quotient that a metric at the very threshold is
                let running = hundredths * f64::from(limit) * replicas / 100.0;
                assert_eq!(running * work, each * replicas, "{line}: {running} on {replicas}");
            }
        }
    }
}

#[test]
fn an_address_is_no_host_of_an_ingress() {
    let refused = |host: &str, targets: &str| {
        let service = format!(
            "  web: {{ image: 'e/w:1', port: 80, resources: {{ limits: {{ memory: 1Gi }} }}, expose: {{ host: '{host}' }} }}\n"
        );
        let findings = found(&spec(&service, targets));
        of(&findings, "refused-by-target").iter().any(|finding| finding.message.contains("IP address"))
    };
    let kubernetes = "targets: { kubernetes: {} }\n";
    for host in [
        "10.0.0.1",
        "255.255.255.255",
        "010.0.0.1",
        "::1",
        "fe80::1",
        "2001:db8::8:800:200c:417a",
        "::ffff:10.0.0.1",
        "[::1]",
    ] {
        assert!(refused(host, kubernetes), "{host}");
        assert!(refused(host, "targets: { convox: {} }\n"), "{host}");
    }
    for host in ["a.example.com", "10.0.0.1.nip.io", "1.2.3", "256.0.0.1", "*.10.0.0.1", "1.2.3.4.5"] {
        assert!(!refused(host, kubernetes), "{host}");
    }
    assert!(!refused("10.0.0.1", "targets: { convox: { generation: v2 } }\n"));
}

#[test]
fn a_claim_of_nothing_is_refused() {
    for (size, refused) in [("0", true), ("0Mi", true), ("0Gi", true), ("1Mi", false)] {
        let service = format!(
            "  db: {{ kind: stateful, image: 'e/d:1', resources: {{ limits: {{ memory: 1Gi }} }}, \
             volumes: [{{ name: data, mount: /data, size: {size} }}] }}\n"
        );
        let findings = found(&spec(&service, "targets: { kubernetes: {} }\n"));
        assert_eq!(of(&findings, "refused-by-target").len(), usize::from(refused), "{size}: {findings:#?}");
    }
}

/// What Convox does to the file before it reads YAML: pkg/manifest/helpers.go.
fn interpolated(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((_, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        rest = behind;
    }
    out + rest
}

#[test]
fn convox_finds_nothing_to_replace() {
    let strange = "a ${NAME} b";
    for generation in ["v2", "v3"] {
        let service = format!(
            "  web:\n    image: e/w:1\n    port: 3000\n    env: {{ T: \"{strange}\", F: '${{Z:-q}}', L: \"x ${{A\\nb}} y\", M: \"one\\ntwo ${{A}}\", D: '$${{A}}', E: '${{' }}\n    \
             command: ['${{SHELL}}']\n    args: ['--greet', 'hello ${{USER}}', '$(POD)', \"it's ${{X}}\"]\n    \
             replicas: {{ min: 1, max: 6 }}\n    concurrency: {{ limit: 3, env: MAXC }}\n    \
             resources: {{ requests: {{ cpu: 250m, memory: 256Mi }}, limits: {{ memory: 512Mi }} }}\n    \
             health: {{ http: '/health?${{Q}}' }}\n    \
             autoscaling: {{ signal: load, metrics: {{ prometheus: {{ server: 'http://p:9090', running: 'sum(x{{ns=\"${{NAMESPACE}}\"}})' }} }} }}\n"
        );
        let spec = spec(&service, &format!("targets: {{ convox: {{ generation: {generation} }} }}\n"));
        let text = text(&spec, "convox", "convox.yml");
        assert_eq!(interpolated(&text), text, "{generation}");
        let file: Json = serde_yaml::from_str(&text).unwrap();
        let web = &file["services"]["web"];
        let env: Vec<&str> = web["environment"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        assert_eq!(
            env,
            ["T=a ${NAME} b", "F=${Z:-q}", "L=x ${A\nb} y", "M=one\ntwo ${A}", "D=$${A}", "E=${", "MAXC=3"]
        );
        assert_eq!(web["health"]["path"], "/health?${Q}");
        // v3 runs on Kubernetes, which takes `$$(` for `$(`
        let pod = if generation == "v3" { "$$(POD)" } else { "$(POD)" };
        let command = match &web["command"] {
            Json::Array(words) => words.iter().map(|word| word.as_str().unwrap().to_owned()).collect(),
            line => crate::targets::convox::split(line.as_str().unwrap()),
        };
        assert_eq!(command, ["${SHELL}", "--greet", "hello ${USER}", pod, "it's ${X}"]);
        if generation == "v3" {
            assert_eq!(web["scale"]["keda"]["triggers"][0]["metadata"]["query"], "sum(x{ns=\"${NAMESPACE}\"})");
        }
    }
}

#[test]
fn the_load_balancer_of_convox_v2_has_bounds() {
    let refused = |health: &str, generation: &str| {
        let service = format!(
            "  web: {{ image: 'e/w:1', port: 80, resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}, health: {{ http: /h, {health} }} }}\n"
        );
        let findings = found(&spec(&service, &format!("targets: {{ convox: {{ generation: {generation} }} }}\n")));
        of(&findings, "refused-by-target").iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    for (health, words) in [
        ("interval: 4s, timeout: 2s", "an interval of 4s: it is below 5 s"),
        ("interval: 301s, timeout: 9s", "an interval of 5m1s: it is above 300 s"),
        ("interval: 10s, timeout: 1s", "a timeout of 1s: it is below 2 s"),
        ("interval: 200s, timeout: 121s", "a timeout of 2m1s: it is above 120 s"),
        ("interval: 10s, timeout: 10s", "below the interval, 10 s"),
        ("timeout: 5s", "below the interval, 5 s, which holds where no interval is written"),
        ("interval: 200s", "takes 199 s, one less than the interval"),
    ] {
        let said = refused(health, "v2");
        assert!(said.len() == 1 && said[0].contains(words), "{health}: {said:#?}");
        assert_eq!(refused(health, "v3"), [""; 0], "{health}");
    }
    for health in ["interval: 5s", "interval: 300s, timeout: 120s", "interval: 121s", "timeout: 4s", "startPeriod: 1h"]
    {
        assert_eq!(refused(health, "v2"), [""; 0], "{health}");
    }
}

#[test]
fn a_rollout_of_convox_v2_can_begin() {
    let deployment = |replicas: &str, signal: &str, update: &str| {
        let service = format!(
            "  web: {{ image: 'e/w:1', port: 80, replicas: {replicas}, concurrency: 10, autoscaling: {{ signal: {signal} }}, \
             resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}, {update} }}\n"
        );
        let spec = spec(&service, "targets: { convox: { generation: v2 } }\n");
        let web = document(&spec, "convox", "convox.yml")["services"]["web"].clone();
        (web["scale"]["count"].clone(), web["deployment"]["minimum"].as_u64(), web["deployment"]["maximum"].as_u64())
    };
    let one_more = "update: { surge: 1, unavailable: 0 }";
    // v2 cannot follow load: 2 processes are written, and one more of them is half
    assert_eq!(deployment("{ min: 2, max: 10 }", "load", one_more), (json!(2), Some(100), Some(150)));
    // of a range the fewest must be able to begin
    assert_eq!(deployment("{ min: 2, max: 10 }", "cpu", one_more), (json!("2-10"), Some(100), Some(150)));
    assert_eq!(deployment("{ min: 3, max: 10 }", "cpu", one_more), (json!("3-10"), Some(100), Some(134)));
    assert_eq!(deployment("{ min: 1, max: 10 }", "cpu", "update: { surge: 25%, unavailable: 0 }").2, None);
    assert_eq!(deployment("{ min: 2, max: 10 }", "cpu", "update: { surge: 0, unavailable: 1 }").1, None);
    for replicas in ["1", "2", "3", "7", "{ min: 1, max: 3 }", "{ min: 2, max: 9 }", "{ min: 5, max: 40 }"] {
        for update in [
            "kind: stateless",
            one_more,
            "update: { surge: 10%, unavailable: 0 }",
            "update: { surge: 0, unavailable: 1 }",
            "update: { surge: 0, unavailable: 20% }",
        ] {
            for signal in ["cpu", "load"] {
                let (count, minimum, maximum) = deployment(replicas, signal, update);
                let fewest = match &count {
                    Json::String(range) => range.split('-').next().unwrap().parse().unwrap(),
                    count => count.as_u64().unwrap(),
                };
                // ECS rounds the least up and the most down
                let (minimum, maximum) = (minimum.unwrap_or(50), maximum.unwrap_or(200));
                let moves = fewest * maximum / 100 > (fewest * minimum).div_ceil(100);
                assert!(moves, "{replicas} {update} {signal}: {minimum} to {maximum} percent of {fewest}");
            }
        }
    }
}

#[test]
fn no_chart_of_polyaxon_can_render_flower() {
    let refused = |chart: &str, flower: &str| {
        let services = format!("  worker: {{ replicas: 1, concurrency: 2 }}\n  flower: {flower}\n");
        let spec = spec(&services, &format!("targets: {{ polyaxon: {{ chart: \"{chart}\" }} }}\n"));
        let findings = found(&spec);
        of(&findings, "refused-by-target").iter().any(|finding| finding.message.contains("flower"))
    };
    for chart in ["1.1.8", "1.20.0", "2.0.6", "2.15.1", "2.18.0"] {
        assert!(refused(chart, "{}") && refused(chart, "{ replicas: 2 }"), "{chart}");
        assert!(!refused(chart, "{ replicas: 0 }"), "{chart}");
    }
}

#[test]
fn a_version_that_no_release_has_is_refused() {
    for (options, what) in [
        ("version: \"1.350\"", "`1.350` is not a release of Kubernetes"),
        ("version: \"2.0\"", "`2.0` is not a release of Kubernetes"),
        ("version: \"1.36\"", ""),
    ] {
        let found = found(&scaled("{ signal: cpu }", options));
        let refused = of(&found, "refused-by-target");
        assert_eq!(
            refused.iter().filter(|one| one.message == what).count(),
            usize::from(!what.is_empty()),
            "{found:#?}"
        );
    }
}

#[test]
fn each_port_that_meets_another_is_sent_to_ports_of_its_own() {
    let service = |name: &str| {
        format!("  {name}: {{ image: x, port: 80, publish: 8080, resources: {{ limits: {{ memory: 1Gi }} }} }}\n")
    };
    let services: String = ["a", "b", "c", "d"].map(service).concat();
    let found = found(&spec(&services, "targets: { compose: {} }\n"));
    let help: Vec<&str> = of(&found, "port-collision").iter().filter_map(|one| one.help.as_deref()).collect();
    let ports = [8081, 8082, 8083].map(|port| format!("publish {port}, or another free port"));
    assert_eq!(help, ports);
}

#[test]
fn an_image_that_starts_as_root_is_told_where_root_may_not_run() {
    let told = |image: &str, security: &str, targets: &str| {
        let service = format!("  web: {{ image: '{image}', resources: {{ limits: {{ memory: 1Gi }} }}{security} }}\n");
        let findings = found(&spec(&service, targets));
        of(&findings, "lost-in-target").iter().any(|finding| finding.message.contains("starts as root"))
    };
    let restricted = "targets: { kubernetes: { podSecurity: restricted } }\n";
    for image in ["postgres:16", "docker.io/library/redis", "library/nginx:1.27@sha256:00", "rabbitmq"] {
        assert!(told(image, "", restricted), "{image}");
        assert!(told(image, ", podSecurity: { profile: restricted }", "targets: { kubernetes: {} }\n"), "{image}");
        assert!(!told(image, ", podSecurity: { user: 999 }", restricted), "{image}");
        assert!(!told(image, "", "targets: { kubernetes: {} }\n"), "{image}");
        assert!(!told(image, "", "targets: { compose: {} }\n"), "{image}");
    }
    // whoever made these may have given them a user
    for image in
        ["bitnami/postgresql:16", "example.com/team/nginx", "nginxinc/nginx-unprivileged", "memcached", "web:1"]
    {
        assert!(!told(image, "", restricted), "{image}");
    }
}

#[test]
fn a_prefix_is_the_same_with_a_slash_at_its_end() {
    let twice = |one: &str, other: &str, targets: &str| {
        let service = |name: &str, path: &str| {
            format!(
                "  {name}: {{ image: 'e/w:1', port: 80, resources: {{ limits: {{ memory: 1Gi }} }}, \
                 expose: {{ host: a.example.com, path: {path} }} }}\n"
            )
        };
        let findings = found(&spec(&format!("{}{}", service("a", one), service("b", other)), targets));
        !of(&findings, "same-route-twice").is_empty()
    };
    let kubernetes = "targets: { kubernetes: {} }\n";
    assert!(twice("/api", "/api/", kubernetes) && twice("/api/", "/api/", kubernetes) && twice("/", "/", kubernetes));
    assert!(!twice("/api", "/apis", kubernetes) && !twice("/", "/api", kubernetes));
}
