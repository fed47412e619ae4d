//! What files that lie beside each other say of each other, and what they do not: folders of examples, kustomizations that name
//! kustomizations, patches, names that files of other tools have too. Each kind was met in a project that nobody here wrote.

use crate::common::sets::found_in_manifests;
use scalegen::inputs::recognise::{in_folder, recognise};
use scalegen::{Files, inputs::InputFormat};
use std::collections::BTreeMap;

struct Given(BTreeMap<String, String>);

impl Files for Given {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| "no such file".to_owned())
    }

    fn exists(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

/// `file:line rule` of every finding, but for limits, which these examples do not write.
pub(super) fn found(files: &[(&str, &str)]) -> Vec<String> {
    let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let given = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let all = found_in_manifests(&paths, &Given(given));
    let told = all.iter().filter(|one| one.rule != "files-without-limits");
    told.map(|one| format!("{}:{} {}", one.file, one.line, one.rule)).collect()
}

fn ingress(name: &str, head: &str, host: &str, backend: &str) -> String {
    let host = if host.is_empty() { String::new() } else { format!("host: {host}, ") };
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: {name}{head} }}\nspec:\n  rules:\n  - {{ {host}http: {{ paths: [{{ path: /, pathType: Prefix, backend: {{ service: {{ name: {backend}, port: {{ number: 80 }} }} }} }}] }} }}\n"
    )
}

#[test]
fn routes_of_examples_that_lie_beside_each_other_are_not_the_same() {
    let one = |host, backend| (ingress("one", "", host, backend), ingress("two", "", host, "other"));
    // each leads elsewhere, and both have a host
    let (first, second) = one("shop.example.com", "web");
    assert_eq!(found(&[("a.yaml", &first), ("b.yaml", &second)]), ["b.yaml:6 same-route-twice"]);
    // examples name no host, or lead to the same backend
    let (first, second) = one("", "web");
    assert_eq!(found(&[("a.yaml", &first), ("b.yaml", &second)]), [""; 0]);
    let (first, second) = one("shop.example.com", "other");
    assert_eq!(found(&[("a.yaml", &first), ("b.yaml", &second)]), [""; 0]);
    // one example holds all that another holds
    let rest = ingress("three", "", "blog.example.com", "blog");
    let (one, two) = (
        format!("{first}---\n{rest}"),
        format!("{second}---\n{}", rest.replace("three", "four").replace("name: blog", "name: old")),
    );
    let (one, two) = (one.replace("name: other", "name: web"), two);
    assert_eq!(found(&[("a.yaml", &one), ("b.yaml", &two)]), [""; 0]);
    // a kustomization applies them together, and so does a stream
    let kustomization = "resources: [a.yaml, b.yaml]\n";
    let all = [("kustomization.yaml", kustomization), ("a.yaml", first.as_str()), ("b.yaml", second.as_str())];
    assert_eq!(found(&all), ["b.yaml:6 same-route-twice"]);
    let both = format!("{first}---\n{second}");
    assert_eq!(found(&[("a.yaml", &both)]), ["a.yaml:13 same-route-twice"]);
}

#[test]
fn an_ingress_with_a_load_balancer_of_its_own_shares_no_route() {
    let of = |class: &str, group: &str| {
        let group =
            if group.is_empty() { String::new() } else { format!(", alb.ingress.kubernetes.io/group.name: {group}") };
        let head = |group: &str| format!(", annotations: {{ kubernetes.io/ingress.class: {class}{group} }}");
        let two = ingress("two", &head(&group), "", "api");
        found(&[("all.yaml", &format!("{}---\n{two}", ingress("one", &head(&group), "", "web")))])
    };
    assert_eq!(of("nginx", ""), ["all.yaml:13 same-route-twice"]);
    assert_eq!(of("alb", ""), [""; 0]);
    assert_eq!(of("gce", ""), [""; 0]);
    assert_eq!(of("alb", "shop"), ["all.yaml:13 same-route-twice"]);
}

#[test]
fn routes_of_a_gateway_are_the_same_where_they_meet() {
    let route = |name: &str, namespace: &str, rest: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{ name: {name}, namespace: {namespace} }}\nspec:\n{rest}  rules:\n  - backendRefs: [{{ name: {name}, port: 80 }}]\n"
        )
    };
    let both = |one: &str, two: &str, rest: &str| {
        let text = format!("{}---\n{}", route("a", one, rest), route("b", two, rest));
        found(&[("all.yaml", &text)]).len()
    };
    let parent = "  parentRefs: [{ name: front, namespace: system }]\n";
    assert_eq!(both("shop", "shop", parent), 1);
    // without hosts those of the listeners count, each of which may take one namespace's routes
    assert_eq!(both("shop", "blog", parent), 0);
    let named = format!("{parent}  hostnames: [shop.example.com]\n");
    assert_eq!(both("shop", "blog", &named), 1);
    // nothing comes through a route that names no gateway
    assert_eq!(both("shop", "shop", ""), 0);
}

#[test]
fn a_claim_of_each_pod_takes_the_place_of_a_volume_of_its_name() {
    let set = |template: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: db }}\nspec:\n  replicas: 3\n  selector: {{ matchLabels: {{ app: db }} }}\n  template:\n    metadata: {{ labels: {{ app: db }} }}\n    spec:\n      containers: [{{ name: db, image: postgres, volumeMounts: [{{ name: data, mountPath: /var/lib/postgresql/data }}] }}]\n      volumes: [{{ name: data, persistentVolumeClaim: {{ claimName: data }} }}]\n  volumeClaimTemplates:\n  - metadata: {{ name: {template} }}\n    spec: {{ accessModes: [ReadWriteOnce], resources: {{ requests: {{ storage: 1Gi }} }} }}\n"
        )
    };
    assert_eq!(found(&[("db.yaml", &set("data"))]), [""; 0]);
    assert_eq!(found(&[("db.yaml", &set("logs"))]), ["db.yaml:5 shared-volume-replicated"]);
}

fn workload(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  replicas: 2\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec: {{ containers: [{{ name: {name}, image: example/{name}:1.0 }}] }}\n"
    )
}

fn budget(name: &str, least: u32) -> String {
    format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{ name: {name} }}\nspec: {{ minAvailable: {least}, selector: {{ matchLabels: {{ app: {name} }} }} }}\n"
    )
}

#[test]
fn labels_of_a_kustomization_are_those_of_what_it_takes_up() {
    let one = format!("{}---\n{}", workload("web"), budget("web", 1));
    let other = format!("{}---\n{}", workload("api"), budget("api", 1));
    let files = |labels: &str, outer: &str| {
        let all = [
            ("kustomization.yaml", format!("resources: [web, api]\n{outer}")),
            ("web/kustomization.yaml", format!("resources: [web.yaml]\n{labels}")),
            ("web/web.yaml", one.clone()),
            ("api/kustomization.yaml", "resources: [api.yaml]\nnamespace: api\n".to_owned()),
            ("api/api.yaml", other.clone()),
        ];
        let given: Vec<(&str, &str)> = all.iter().map(|(path, text)| (*path, text.as_str())).collect();
        found(&given)
    };
    assert_eq!(files("", ""), [""; 0]);
    // one label for all that stands below `web`: the budgets of `api` and of `web` keep their own pods
    assert_eq!(files("commonLabels: { app: web }\n", ""), [""; 0]);
    // one label for all of both: each budget keeps every pod
    let all = files("", "namespace: all\ncommonLabels: { app: all }\n");
    assert!(all.iter().all(|one| one.ends_with("drain-blocked")) && !all.is_empty(), "{all:?}");
    // namespaces of their own keep them apart
    assert_eq!(files("namespace: web\n", "commonLabels: { app: all }\n"), [""; 0]);
}

#[test]
fn a_budget_that_a_kustomization_patches_is_not_judged() {
    let all = format!("{}---\n{}", workload("web"), budget("web", 2));
    let patch =
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { minAvailable: 0 }\n";
    let kustomization = |patches: &str| format!("resources: [upstream/all.yaml]\n{patches}");
    let files = |patches: &str| {
        let kustomization = kustomization(patches);
        found(&[
            ("base/kustomization.yaml", &kustomization),
            ("base/patch.yaml", patch),
            ("base/upstream/all.yaml", &all),
        ])
    };
    assert_eq!(files(""), ["base/upstream/all.yaml:14 drain-blocked"]);
    assert_eq!(files("patches: [{ path: patch.yaml }]\n"), [""; 0]);
    // paths as a search gives them: relative to the folder of the file
    let above = |patches: &str| {
        let kustomization = kustomization(patches);
        let beside = [
            ("../kustomization.yaml", kustomization.as_str()),
            ("../patch.yaml", patch),
            ("../upstream/all.yaml", &all),
        ];
        let own = [("all.yaml", all.as_str())];
        let given = beside.iter().chain(&own);
        let given = Given(given.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
        found_in_manifests(&["all.yaml".to_owned()], &given).iter().filter(|one| one.rule == "drain-blocked").count()
    };
    assert_eq!(above(""), 1);
    assert_eq!(above("patches: [{ path: patch.yaml }]\n"), 0);
}

#[test]
fn a_manifest_may_be_called_as_compose_files_are() {
    let web = workload("web");
    let format = |name: &str, text: &str| {
        let own = |path: &str| name.ends_with(path).then(|| text.to_owned());
        let found = recognise(name, text, &own);
        assert_eq!(
            in_folder(name, || Some(text.to_owned()), &own).map(|format| format.format),
            found.map(|format| format.format)
        );
        found.map(|format| format.format)
    };
    assert_eq!(format("a/compose-review-service.yaml", &web), Some(InputFormat::KUBERNETES));
    // the names that compose itself looks for, and variants of them, are compose's whatever stands in them
    for name in ["compose.yaml", "docker-compose.yml", "docker-compose.prod.yml"] {
        assert_eq!(format(name, &web), Some(InputFormat::COMPOSE), "{name}");
    }
    let convox = "services:\n  web: { image: web, port: 80 }\n";
    assert_eq!(format("convox.yml", convox), Some(InputFormat::CONVOX));
    assert_eq!(format("compose-dev.yaml", "x-a: 1\n"), Some(InputFormat::COMPOSE));
}

#[test]
fn what_is_left_to_be_filled_in_is_no_fault() {
    let of = |ports: &str, more: &str| {
        let text = workload("web").replace("image: example/web:1.0", &format!("image: example/web:1.0{ports}"));
        found(&[("web.yaml", &text.replace("spec: { containers", &format!("spec: {{ {more}containers")))])
    };
    assert_eq!(of(", ports: [{ containerPort: PORT }]", ""), [""; 0]);
    assert_eq!(of(", ports: [{ containerPort: Port }]", ""), ["web.yaml:9 wrong-type"]);
    assert_eq!(of("", "tolerations: { WEB_TOLERATIONS: \"\" }, "), [""; 0]);
    assert_eq!(of("", "tolerations: { key: a }, "), ["web.yaml:9 wrong-type"]);
    let binding = |name: &str| {
        found(&[(
            "rbac.yaml",
            &format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: web\nroleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: Role, name: web }}\nsubjects:\n- kind: ServiceAccount\n  name:{name}\n"
            ),
        )])
    };
    assert_eq!(binding(" #{ACCOUNT}"), [""; 0]);
    assert_eq!(binding(" # to be said"), ["rbac.yaml:7 missing-field"]);
}

#[test]
fn objects_without_a_name_are_not_one_object() {
    let ingress = ingress("\"\"", "", "shop.example.com", "web");
    let other = ingress.replace("shop.", "blog.");
    assert_eq!(found(&[("all.yaml", &format!("{ingress}---\n{other}"))]), [""; 0]);
}

#[test]
fn a_patch_with_a_target_may_have_any_name() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: \"*\" }\nspec: { template: { metadata: { labels: { mesh: \"false\" } } } }\n";
    assert_eq!(found(&[("patches/mesh.yaml", patch)]), [""; 0]);
    let whole = workload("web").replacen("name: web", "name: \"*\"", 1);
    assert_eq!(found(&[("patches/mesh.yaml", &whole)]), ["patches/mesh.yaml:3 refused-by-api"]);
}

/// Golden files of a chart's tests: several define the Deployment, several the budget, and nobody knows which belong together.
#[test]
fn variants_of_different_objects_are_not_one_set() {
    let blocked = |file: &str| vec![format!("{file}:4 drain-blocked")];
    let (web, budget) = (workload("web"), budget("web", 2));
    let other = workload("web").replace("example", "registry/example");
    // what stands once belongs to what stands beside it
    assert_eq!(found(&[("web.yaml", &web), ("budget.yaml", &budget)]), blocked("budget.yaml"));
    let variants = [("a.yaml", &*web), ("b.yaml", &other), ("p.yaml", &budget), ("q.yaml", &budget)];
    assert_eq!(found(&variants), [""; 0]);
    // one budget meets both, and a file that has both is complete by itself
    assert_eq!(found(&variants[..3]), blocked("p.yaml"));
    let both = format!("{budget}---\n{web}");
    assert_eq!(found(&[("all.yaml", &*both), ("b.yaml", &other)]), blocked("all.yaml"));
    // the parts of a whole that stands beside them belong together
    let parts = [("all.yaml", &*both), ("b.yaml", &web), ("p.yaml", &budget)];
    assert_eq!(found(&parts), [blocked("all.yaml"), blocked("p.yaml")].concat());
}
