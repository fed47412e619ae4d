//! What manifests of strangers were told wrongly: each kind was met in a repository that nobody here wrote.

use super::kubernetes_beside::found;
use crate::common::sets::found_in_manifests;
use scalegen::Files;
use std::collections::BTreeMap;

struct One<'a>(&'a str);

impl Files for One<'_> {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.as_bytes().to_vec())
    }

    fn exists(&self, path: &str) -> bool {
        path == "all.yaml"
    }
}

/// The messages and helps of one rule in a single file.
fn words(text: &str, rule: &str) -> Vec<(String, String)> {
    let all = found_in_manifests(&["all.yaml".to_owned()], &One(text));
    let own = all.into_iter().filter(|found| found.rule == rule);
    own.map(|found| (found.message, found.help)).collect()
}

/// An Ingress whose two paths are equal, the first with this port.
fn two_paths(annotations: &str, first: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: shop\n  annotations: {{ kubernetes.io/ingress.class: alb{annotations} }}\n\
         spec:\n  rules:\n  - http:\n      paths:\n      - path: /*\n        pathType: ImplementationSpecific\n        backend: {first}\n      \
         - path: /*\n        pathType: ImplementationSpecific\n        backend: {{ service: {{ name: web, port: {{ number: 80 }} }} }}\n"
    )
}

#[test]
fn an_action_of_a_load_balancer_is_no_second_way() {
    let of = |annotations: &str, first: &str| found(&[("all.yaml", &two_paths(annotations, first))]);
    assert_eq!(of("", "{ service: { name: api, port: { number: 80 } } }"), ["all.yaml:13 same-route-twice"]);
    assert_eq!(of("", "{ service: { name: to-https, port: { name: use-annotation } } }"), [""; 0]);
    // a request must also have a header, say
    let condition = ", alb.ingress.kubernetes.io/conditions.api: '[]'";
    assert_eq!(of(condition, "{ service: { name: api, port: { number: 80 } } }"), [""; 0]);
    let condition = ", alb.ingress.kubernetes.io/conditions.other: '[]'";
    assert_eq!(of(condition, "{ service: { name: api, port: { number: 80 } } }"), ["all.yaml:13 same-route-twice"]);
    // the betas write a port otherwise
    let beta = two_paths("", "{ serviceName: to-https, servicePort: use-annotation }");
    let beta = beta.replace("networking.k8s.io/v1", "networking.k8s.io/v1beta1");
    assert!(!found(&[("all.yaml", &beta)]).iter().any(|one| one.ends_with("same-route-twice")));
}

#[test]
fn of_two_routes_of_a_gateway_it_is_known_which_answers() {
    let route = |name: &str, rules: usize| {
        let rule = "  - { backendRefs: [{ name: web, port: 80 }] }\n".repeat(rules);
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{ name: {name} }}\nspec:\n  \
             parentRefs: [{{ name: public }}]\n  hostnames: [shop.example.com]\n  rules:\n{rule}"
        )
    };
    let told = |text: &str| words(text, "same-route-twice").into_iter().map(|(message, _)| message).collect::<Vec<_>>();
    assert_eq!(told(&route("one", 2)), ["shop.example.com and path / appear twice: all requests go to the first"]);
    let two = format!("{}---\n{}", route("one", 1), route("two", 1));
    assert_eq!(
        told(&two),
        ["shop.example.com and path / appear twice: all requests go to the route that was created first"]
    );
}

#[test]
fn a_kustomization_names_the_namespace_itself() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: _ }\n";
    assert_eq!(found(&[("ns.yaml", namespace)]), ["ns.yaml:3 refused-by-api"]);
    let of = |head: &str| {
        let text = format!("{head}resources: [ns.yaml]\n");
        found(&[("kustomization.yaml", text.as_str()), ("ns.yaml", namespace)])
    };
    assert_eq!(of("namespace: shop\n"), [""; 0]);
    assert_eq!(of(""), ["ns.yaml:3 refused-by-api"]);
    // neither a prefix nor a suffix changes it
    assert_eq!(of("namePrefix: a\nnameSuffix: b\n"), ["ns.yaml:3 refused-by-api"]);
}

#[test]
fn the_branches_of_a_template_write_no_object_twice() {
    let object = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web }\n";
    let twice = format!("{object}---\n{object}");
    assert_eq!(found(&[("all.yaml", &twice)]), ["all.yaml:7 same-object-twice"]);
    let branches = format!(
        "{{{{- if .Values.old }}}}\n{object}---\n{object}---\n{{{{- else }}}}\n{object}---\n{object}---\n{{{{- end }}}}\n"
    );
    assert_eq!(found(&[("all.yaml", &branches)]), [""; 0]);
}

#[test]
fn templates_of_openshift_are_no_misspelt_kind() {
    let of =
        |api: &str, kind: &str| format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{ name: shop }}\nobjects: []\n");
    assert_eq!(found(&[("all.yaml", &of("v1", "Template"))]), [""; 0]);
    assert_eq!(found(&[("all.yaml", &of("v1", "PodTemplat"))]), ["all.yaml:2 refused-by-api"]);
}

#[test]
fn a_port_of_the_host_network_is_freed_by_its_own_field() {
    let of = |pod: &str, port: &str| {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: agent }}\nspec:\n  replicas: 2\n  selector: {{ matchLabels: {{ app: agent }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: agent }} }}\n    spec:\n      containers:\n      - name: agent\n        image: agent:1\n        \
             ports: [{{ containerPort: 9000{port} }}]\n{pod}"
        );
        words(&text, "host-port-unknown-nodes").into_iter().map(|(_, help)| help).collect::<Vec<_>>()
    };
    let help = |field: &str| format!("take `{field}` out and put a Service in front, or write a `maxUnavailable` of 1");
    assert_eq!(of("", ", hostPort: 9000"), [help("hostPort")]);
    assert_eq!(of("      hostNetwork: true\n", ""), [help("hostNetwork")]);
    assert_eq!(of("      hostNetwork: true\n", ", hostPort: 9000"), [help("hostPort")]);
}

#[test]
fn a_choice_of_files_counts_once_in_a_quota() {
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: all, namespace: shop }\nspec: { hard: { requests.memory: 1Gi } }\n";
    let workload = |name: &str, memory: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: {name}, namespace: shop }}\nspec:\n  replicas: 2\n  serviceName: {name}\n  \
             selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n      \
             - {{ name: web, image: \"web:1\", resources: {{ requests: {{ memory: {memory} }} }} }}\n"
        )
    };
    let of = |second: &str, memory: &str| {
        let (one, two) = (workload("web", "300Mi"), workload(second, memory));
        let files: BTreeMap<&str, &str> = [("a.yaml", &*one), ("b.yaml", &*two), ("quota.yaml", quota)].into();
        found(&files.into_iter().collect::<Vec<_>>())
    };
    // 2 × 300Mi + 2 × 400Mi of two workloads, 2 × 400Mi of one that two files write, and 2 × 600Mi
    assert_eq!(of("api", "400Mi"), ["quota.yaml:4 quota-exceeded"]);
    assert_eq!(of("web", "400Mi"), [""; 0]);
    assert_eq!(of("web", "600Mi"), ["quota.yaml:4 quota-exceeded"]);
}

#[test]
fn a_job_of_the_first_betas_is_of_a_removed_version() {
    let job = "apiVersion: extensions/v1beta1\nkind: Job\nmetadata: { name: once }\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{ name: once, image: \"once:1\" }]\n";
    let told = words(job, "removed-api");
    let expected =
        ("`extensions/v1beta1` of Job is not served since Kubernetes 1.6", "write `batch/v1`, whose fields may differ");
    assert_eq!(told, [(expected.0.to_owned(), expected.1.to_owned())]);
}
