//! What `diff` says of an apply of the new files over a cluster that runs by the old ones: refused, reset, left behind.

use scalegen::change::diff::{NamedSide, Side, changes};
use scalegen::{CheckOptions, NoFiles};

/// A spec of one service `web` with these lines, under these options.
fn spec(service: &str, options: &str) -> String {
    format!(
        "version: 1\nname: shop\nservices:\n  web:\n    image: web:1\n    \
         resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ cpu: 2, memory: 1Gi }} }}\n    {service}\n\
         targets:\n  kubernetes: {{ {options} }}\n"
    )
}

fn told(old: &str, new: &str) -> Vec<(String, String)> {
    let (name, wanted) = ("scalegen.yaml", CheckOptions::default());
    let before = Side::of(name, old.as_bytes(), &NoFiles, &wanted);
    let after = Side::of(name, new.as_bytes(), &NoFiles, &wanted);
    let all = changes(Some(NamedSide { name, side: &before }), Some(NamedSide { name, side: &after })).unwrap();
    assert!(all.refused.is_empty(), "{old}{new}{:?}{:#?}", all.refused, all.findings);
    all.applied.into_iter().map(|one| (one.transition.message, one.transition.help)).collect()
}

const RANGE: &str = "replicas: { min: 4, max: 12 }";
const WINDOW: &str = "replicas: { min: 2, max: 6 }\n    \
    schedule: [{ days: [mon], from: '09:00', to: '17:00', timezone: Europe/London, replicas: { min: 4, max: 8 } }]";
const STATEFUL: &str = "kind: stateful\n    replicas: 3\n    volumes: [{ name: d, mount: /d, size: 1Gi }]";
const LOAD: &str = "replicas: { min: 1, max: 4 }\n    concurrency: 2\n    autoscaling: { signal: load, \
    metrics: { prometheus: { server: 'http://p:9090', running: sum(r) } } }";

/// Before and after as service and options, and what is told: words of the message and of the help.
type Case<'a> = ((&'a str, &'a str), (&'a str, &'a str), &'a [(&'a str, &'a str)]);

#[test]
fn an_apply_is_told_before_it_is_made() {
    let moved = WINDOW.replace("09:00", "10:30");
    let grown = STATEFUL.replace("1Gi }]", "2Gi }]");
    let stateful_range = STATEFUL.replace("replicas: 3", "replicas: { min: 3, max: 5 }");
    // before and after as service and options; how many things are told, words of the message and of the help
    let cases: &[Case<'_>] = &[
        (("replicas: 8", ""), (RANGE, ""), &[("8 replicas become 1", "edit-last-applied deployment/web")]),
        (
            ("replicas: 9", ""),
            (RANGE, "autoscaler: keda"),
            &[("9 replicas become 1", "edit-last-applied deployment/web")],
        ),
        ((STATEFUL, ""), (&stateful_range, ""), &[("3 replicas become 1", "edit-last-applied statefulset/web")]),
        (("replicas: 1", ""), (RANGE, ""), &[]),
        (("replicas: 8", ""), ("replicas: 4", ""), &[]),
        ((RANGE, ""), ("replicas: { min: 2, max: 12 }", ""), &[]),
        (
            (RANGE, ""),
            ("replicas: 8", ""),
            &[("each apply sets 8 again", "kubectl delete horizontalpodautoscaler web")],
        ),
        (
            (RANGE, "autoscaler: keda"),
            ("replicas: 8", "autoscaler: keda"),
            &[("each apply sets 8", "delete scaledobject web")],
        ),
        (
            (RANGE, ""),
            (RANGE, "autoscaler: none"),
            &[("each apply sets 4 again", "delete horizontalpodautoscaler web")],
        ),
        ((RANGE, ""), (RANGE, "autoscaler: keda"), &[("refused by KEDA", "delete horizontalpodautoscaler web` first")]),
        (
            (LOAD, "autoscaler: keda"),
            (LOAD, "autoscaler: hpa"),
            &[("set one number", "delete scaledobject web` at once")],
        ),
        ((RANGE, "selector: name"), (RANGE, ""), &[("the selector of Deployment web changed", "--cascade=orphan")]),
        ((RANGE, "namespace: a"), (RANGE, "namespace: b"), &[("every object is made anew in b", "delete -n a")]),
        ((STATEFUL, ""), (&grown, ""), &[("`volumeClaimTemplates` of StatefulSet web", "keep their size")]),
        (("replicas: 3", ""), (STATEFUL, ""), &[("Deployment web is written no more", "once the new ones are ready")]),
        ((WINDOW, ""), (&moved, ""), &[]),
        (
            (WINDOW, ""),
            ("replicas: { min: 2, max: 6 }", ""),
            &[
                ("CronJob web-otherwise is written no more", "delete cronjob web-otherwise"),
                ("Role web-schedule is written no more", "delete role"),
                ("RoleBinding web-schedule is written no more", "delete rolebinding"),
                ("ServiceAccount web-schedule is written no more", "delete serviceaccount"),
                ("CronJob web-window-1 is written no more", "delete cronjob web-window-1"),
            ],
        ),
        (("port: 80", ""), ("kind: stateless", ""), &[("Service web is written no more", "delete service web")]),
        (
            ("replicas: 2\n    disruption: { maxUnavailable: 1 }", ""),
            ("replicas: 2", ""),
            &[("PodDisruptionBudget web is written no more", "delete poddisruptionbudget web")],
        ),
        (
            ("port: 80\n    expose: { host: a.example.com }", ""),
            ("port: 80", ""),
            &[("Ingress web is written no more", "delete ingress web")],
        ),
    ];
    assert!(cases.len() >= 20);
    for ((old, old_options), (new, new_options), expected) in cases {
        let said = told(&spec(old, old_options), &spec(new, new_options));
        assert_eq!(said.len(), expected.len(), "{old} {old_options} → {new} {new_options}: {said:#?}");
        for (message, help) in *expected {
            let found = said.iter().any(|(told, way)| told.contains(message) && way.contains(help));
            assert!(found, "{message} | {help}: {said:#?}");
        }
    }
}

#[test]
fn a_name_or_a_deployment_that_changes_is_told() {
    let old = spec("replicas: 2", "");
    // the deployment's name is a label of the selector
    let said = told(&old, &old.replace("name: shop", "name: store"));
    assert!(said.iter().any(|(told, _)| told.contains("the selector of Deployment web changed")), "{said:#?}");
    let said = told(&old, &old.replace("  web:\n", "  site:\n"));
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].0.contains("Deployment web is written no more"), "{said:#?}");
    // nothing ran before, or nothing is to run: there is nothing to say
    assert_eq!(told(&old, &old), []);
}
