//! All fixes at once, in files of other tools too, and edits that name the version of their document.

use super::{Editor, applied};
use serde_json::{Value as Json, json};

/// The title of an action, and the documents that it edits: each with its version and its text after it.
type Edits = (String, Vec<(String, Json, String)>);

/// The actions of one kind for a whole file that is open with others, from a client that can name versions.
fn versioned(files: &[(&str, &str)], open: &[(&str, &str)], asked: &str, kind: Option<&str>) -> Vec<Edits> {
    let mut editor = Editor::with_versions(files);
    for (uri, text) in open {
        editor.open(uri, text);
        editor.replace(uri, text);
    }
    let text = |uri: &str| {
        let path = uri.strip_prefix("file://").unwrap();
        let all = open.iter().map(|(uri, text)| (*uri, *text)).chain(files.iter().copied());
        all.filter(|(name, _)| *name == uri || *name == path).map(|(_, text)| text.to_owned()).next().unwrap()
    };
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
    let context = kind.map_or(json!({ "diagnostics": [] }), |kind| json!({ "diagnostics": [], "only": [kind] }));
    let params = json!({ "textDocument": { "uri": asked }, "range": range, "context": context });
    let actions = editor.ask("textDocument/codeAction", params);
    let edited = |change: &Json| {
        let uri = change["textDocument"]["uri"].as_str().unwrap();
        let old = text(uri);
        (uri.to_owned(), change["textDocument"]["version"].clone(), applied(&old, change["edits"].as_array().unwrap()))
    };
    let one = |action: &Json| {
        let changes = action["edit"]["documentChanges"].as_array().expect("edits with versions");
        assert!(action["edit"].get("changes").is_none());
        (action["title"].as_str().unwrap().to_owned(), changes.iter().map(edited).collect())
    };
    actions.as_array().unwrap().iter().map(one).collect()
}

const MANIFEST: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers: [{ name: web, image: \"a:1\", env: [{ name: PORT, value: 8080 }] }]\n";

#[test]
fn all_fixes_of_a_file_of_another_tool_are_one_action_and_leave_its_neighbours() {
    let own = "file:///shop/web.yaml";
    let files = [("/shop/other.yaml", MANIFEST)];
    let all = versioned(&files, &[(own, MANIFEST)], own, Some("source.fixAll"));
    let [(title, changes)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(title, "fix 1 finding without changing what runs");
    assert_eq!(changes, &[(own.to_owned(), json!(1), MANIFEST.replace("8080", "\"8080\""))]);
    for (name, text, mended) in FOREIGN {
        let uri = format!("file:///shop/{name}");
        let beside = [
            ("/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
            ("/shop/templates/deployment.yaml", DEPLOYMENT),
        ];
        let all = versioned(&beside, &[(&uri, text)], &uri, None);
        let (_, changes) =
            all.iter().find(|(title, _)| title.starts_with("make ")).unwrap_or_else(|| panic!("{name}: {all:?}"));
        assert_eq!(changes, &[(uri.clone(), json!(1), mended.to_owned())], "{name}");
    }
}

/// Files of other tools with two fixes each, and what they become.
const FOREIGN: [(&str, &str, &str); 3] = [
    (
        "compose.yaml",
        "services:\n  web:\n    image: a:1\n    container_name: web\n    restrat: always\n    deploy: { replicas: 3 }\n",
        "services:\n  web:\n    image: a:1\n    restart: always\n    deploy: { replicas: 3 }\n",
    ),
    (
        "values.yaml",
        "replicaCount: 2\nimage: { repository: a, tag: \"1\" }\nresources:\n  requests: { cpu: 2, memory: 1Gi }\n  limits: { cpu: 1, memory: 512Mi }\nautoscaling: { enabled: false }\n",
        "replicaCount: 2\nimage: { repository: a, tag: \"1\" }\nresources:\n  requests: { cpu: 1, memory: 512Mi }\n  limits: { cpu: 1, memory: 512Mi }\nautoscaling: { enabled: false }\n",
    ),
    (
        "convox.yml",
        "services:\n  web:\n    build: .\n    port: 80\n    scale: { count: 1, cpu: 512, memory: 512, limit: { cpu: 256, memory: 256 } }\n",
        "services:\n  web:\n    build: .\n    port: 80\n    scale: { count: 1, cpu: 256, memory: 256, limit: { cpu: 256, memory: 256 } }\n",
    ),
];

const DEPLOYMENT: &str = "spec:\n  {{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.replicaCount }}\n  {{- end }}\n  template:\n    spec:\n      containers:\n        - image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n          {{- with .Values.resources }}\n          resources:\n            {{- toYaml . | nindent 12 }}\n          {{- end }}\n";

#[test]
fn a_document_that_is_no_file_yet_has_all_its_fixes_too() {
    let own = "untitled:Untitled-1";
    let mut editor = Editor::with_versions(&[]);
    let [(_, compose, mended), ..] = FOREIGN;
    for (text, mended, title) in
        [(compose, mended, "make "), (MANIFEST, &*MANIFEST.replace("8080", "\"8080\""), "fix 1 finding")]
    {
        editor.open(own, text);
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let params = json!({ "textDocument": { "uri": own }, "range": range, "context": { "diagnostics": [] } });
        let actions = editor.ask("textDocument/codeAction", params);
        let all = actions.as_array().unwrap();
        let action = all.iter().find(|one| one["title"].as_str().unwrap().starts_with(title));
        let changes = &action.unwrap_or_else(|| panic!("{actions:#}"))["edit"]["documentChanges"];
        assert_eq!(changes[0]["textDocument"]["uri"], own);
        assert_eq!(applied(text, changes[0]["edits"].as_array().unwrap()), mended);
        editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": own } }));
        editor.publish();
    }
}

#[test]
fn fixes_of_a_spec_and_of_the_open_base_under_it_name_the_versions_of_both() {
    let base = "services:\n  web:\n    image: a:1\n    mem_limit: 1g\n    restrat: always\n";
    let spec =
        "version: 1\nname: shop\nfrom: compose.yaml\nservices:\n  web:\n    replica: 2\ntargets:\n  compose: {}\n";
    let (own, under) = ("file:///shop/scalegen.yaml", "file:///shop/compose.yaml");
    let (open, saved) = ([(own, spec), (under, base)], [("/shop/scalegen.yaml", spec)]);
    let both = [
        (under.to_owned(), json!(2), base.replace("restrat", "restart")),
        (own.to_owned(), json!(1), spec.replace("replica:", "replicas:")),
    ];
    for asked in [own, under] {
        let all = versioned(&saved, &open, asked, None);
        let (_, changes) =
            all.iter().find(|(title, _)| title.contains("2 files")).unwrap_or_else(|| panic!("{asked}: {all:?}"));
        assert_eq!(changes, &both, "{asked}");
    }
    // the base's own finding has its fix there
    let all = versioned(&saved, &open, under, Some("quickfix"));
    assert!(all.iter().any(|(_, changes)| changes == &both[..1]), "{all:?}");
    // a base that is not open has no version, and one outside the folders that are open stays as it is
    let all = versioned(&[("/shop/compose.yaml", base)], &[(own, spec)], own, None);
    assert!(all.iter().any(|(_, changes)| changes.len() == 2 && changes[0].1.is_null()), "{all:?}");
    let far = spec.replace("compose.yaml", "../far/compose.yaml");
    let all = versioned(&[("/far/compose.yaml", base)], &[(own, &far)], own, None);
    assert!(
        all.iter().filter(|(title, _)| title.starts_with("make ")).all(|(_, changes)| changes.len() == 1),
        "{all:?}"
    );
}
