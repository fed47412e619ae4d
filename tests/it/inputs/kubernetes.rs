//! Manifests as they come: streams, lists, dumps, templates, broken documents, amounts in every form.

use scalegen::inputs::kubernetes::{ManifestSet, read_manifests};
use scalegen::inputs::{InputFiles, ReadFiles, Unread};
use scalegen::support::diagnostic::Finding;
use std::collections::BTreeMap;
use std::fmt::Write as _;

struct Given(BTreeMap<String, String>);

impl ReadFiles for Given {
    fn read(&self, path: &str, _most: usize) -> Result<Vec<u8>, Unread> {
        let missing = || Unread { why: "no such file".to_owned(), missing: true };
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(missing)
    }
}

/// A set, what is found in its files, and the files themselves.
pub(crate) fn read(files: &[(&str, &str)]) -> (ManifestSet, Vec<Finding>, InputFiles) {
    let given = Given(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    let mut inputs = InputFiles::default();
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let first = folder(files[0].0);
    let paths: Vec<String> =
        files.iter().map(|(path, _)| (*path).to_owned()).filter(|path| folder(path) == first).collect();
    let project = read_manifests(&paths, false, &given, &mut inputs);
    (project.set, project.findings, inputs)
}

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  replicas: 2\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers: [{{ name: {name}, image: example/{name}:1.0 }}]\n"
    )
}

#[test]
fn one_broken_document_of_two_hundred_hides_no_other() {
    let mut text = String::new();
    for index in 0..200 {
        text += "---\n";
        text += &if index == 77 { "kind: [unclosed\n".to_owned() } else { deployment(&format!("w{index}")) };
    }
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let (set, findings, inputs) = read(&[("all.yaml", &text)]);
        assert_eq!(set.workloads.len(), 199);
        assert!(findings.iter().all(|finding| finding.rule == "yaml-syntax") && !findings.is_empty(), "{findings:#?}");
        let source = &inputs.all()[0].source;
        assert_eq!(&source.text[findings[0].at.span.start as usize..][..1], "[");
        // places are those of the whole file
        let last = set.workloads.last().unwrap();
        assert_eq!(source.slice(last.at.value), "w199");
        assert_eq!(source.slice(last.replicas.unwrap().at.value), "2");
    }
}

#[test]
fn a_list_of_a_thousand_and_a_list_of_one_kind_are_their_items() {
    let mut text = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
    for index in 0..1000 {
        writeln!(text, "- {{ apiVersion: apps/v1, kind: Deployment, metadata: {{ name: w{index} }}, spec: {{ template: {{ spec: {{ containers: [{{ name: a, image: b }}] }} }} }} }}").unwrap();
    }
    assert_eq!(read(&[("list.yaml", &text)]).0.workloads.len(), 1000);
    let own = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: { name: web }\n  spec: { template: { spec: { containers: [{ name: a, image: b }] } } }\n";
    let set = read(&[("list.yaml", own)]).0;
    assert_eq!((set.workloads.len(), set.workloads[0].object.kind.as_str()), (1, "Deployment"));
}

#[test]
fn templates_are_passed_over_and_dumps_known() {
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n{{- if .Values.on }}\n  replicas: 2\n{{- end }}\n";
    let (set, findings, _) = read(&[("templates/web.yaml", template)]);
    assert!(set.workloads.is_empty() && findings.is_empty(), "{findings:#?}");
    // marks inside a text are no template
    let text = deployment("web")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: rules }\ndata: { alert: 'of {{ $labels.pod }}' }\n";
    assert_eq!(read(&[("web.yaml", &text)]).0.manifests.len(), 2);
    let live = deployment("web").replace("{ name: web }", "{ name: web, uid: 5b1f }");
    assert!(read(&[("web.yaml", &live)]).0.workloads[0].live);
    // generators write an empty status
    assert!(!read(&[("web.yaml", &(deployment("web") + "status: {}\n"))]).0.workloads[0].live);
}

#[test]
fn a_workload_without_an_image_is_a_patch() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 5 }\n";
    let set = read(&[("patch.yaml", patch)]).0;
    assert!(set.workloads[0].patch);
    assert!(set.running(0).is_none());
}

#[test]
fn amounts_in_every_legal_and_illegal_form() {
    let of = |written: &str| {
        let text = deployment("web")
            .replace("image: example/web:1.0", &format!("image: b, resources: {{ limits: {{ memory: {written} }} }}"));
        let (_, findings, _) = read(&[("web.yaml", &text)]);
        findings.iter().map(|finding| finding.rule.to_string()).collect::<Vec<_>>().join(" ")
    };
    for legal in [
        "512Mi",
        "1Gi",
        "1.5Gi",
        "4G",
        "4e9",
        "4E9",
        "4294967296",
        "4294967296.0",
        "\"4294967296\"",
        "2000000k",
        "1Ei",
        "+1Gi",
    ] {
        assert_eq!(of(legal), "", "{legal}");
    }
    for illegal in
        ["512MB", "512mb", "1 Gi", "\" 1Gi\"", "Gi", "\"\"", "\"1,5Gi\"", "0x10", "1Gi1", "-1Gi", "1.2.3Gi", "16GG"]
    {
        assert_eq!(of(illegal), "invalid-quantity", "{illegal}");
    }
    assert_eq!(of("1024m"), "ambiguous-unit");
    assert_eq!(of("512"), "ambiguous-unit");
    assert_eq!(of("true"), "wrong-type");
    assert_eq!(of("[1Gi]"), "wrong-type");
    // what is filled in later
    for open in ["\"${MEMORY}\"", "$MEMORY", "\"<memory>\"", "__MEMORY__", "MEMORY_LIMIT"] {
        assert_eq!(of(open), "", "{open}");
    }
}

#[test]
fn a_kustomization_joins_what_it_names_and_nothing_else() {
    let web = deployment("web");
    let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { minAvailable: 2, selector: { matchLabels: { app: web } } }\n";
    let files = [
        ("overlay/kustomization.yaml", "resources: [../base, budget.yaml]\nreplicas: [{ name: web, count: 4 }]\n"),
        ("overlay/budget.yaml", budget),
        ("overlay/beside.yaml", budget),
        (
            "base/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml, https://example.com/x.yaml]\n",
        ),
        ("base/web.yaml", &web),
    ];
    let (set, findings, _) = read(&files);
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(set.workloads.len(), 1);
    assert_eq!(set.running(0).unwrap().1.value, 4);
    assert_eq!(set.links[0].budgets.len(), 1, "the budget beside is none of it");
}

#[test]
fn large_schemas_are_read_where_somebody_names_their_file() {
    let field = |index: usize| format!("            field{index}: {{ type: string, description: wörds of it }}\n");
    let schema: String = (0..500).map(field).collect();
    let of = |version: &str, tail: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/{version}\nkind: CustomResourceDefinition\nmetadata: {{ name: a.example.org }}\nspec:\n  versions:\n    - schema:\n        openAPIV3Schema:\n          properties:\n{schema}---\n{}{tail}",
            deployment("web")
        )
    };
    let kustomization = "resources: [../crds/all.yaml]\n";
    let (crds, files) = (of("v1", ""), of("v1", ""));
    let (named, findings, _) = read(&[("crds/all.yaml", &crds)]);
    assert!(findings.is_empty(), "{findings:#?}");
    let (set, findings, inputs) = read(&[("app/kustomization.yaml", kustomization), ("crds/all.yaml", &files)]);
    assert!(findings.is_empty(), "{findings:#?}");
    let has_schema = |set: &ManifestSet| set.manifests.iter().filter(|manifest| manifest.spec().is_some()).count();
    assert_eq!((has_schema(&named), has_schema(&set)), (2, 1));
    // all else keeps its place
    let place = set.workloads[0].replicas.unwrap().at;
    assert_eq!(inputs.all()[usize::from(place.file.0)].source.slice(place.value), "2");
}

#[test]
fn files_that_define_one_object_twice_are_alternatives() {
    let web = deployment("web");
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }, maxReplicas: 4 }\n";
    let green = format!("{web}---\n{hpa}");
    let (set, _, _) = read(&[("blue.yaml", &web), ("green.yaml", &green)]);
    assert_eq!(set.links.iter().map(|links| links.autoscalers.len()).collect::<Vec<_>>(), [0, 1]);
    let (set, _, _) = read(&[("blue.yaml", &web), ("green.yaml", &web), ("hpa.yaml", hpa)]);
    assert_eq!(set.links.iter().map(|links| links.autoscalers.len()).collect::<Vec<_>>(), [1, 1]);
}
