//! Completion, names, hover, symbols and folds.

use super::{Editor, SPEC, apply, marked, place};
use serde_json::{Value as Json, json};

const SHOP: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    replicas: { min: 2, max: 6 }
    concurrency: 10
    connections: { db: 5 }
  worker:
    image: shop/worker:1
    replicas: 3
    partitionedBy: stream
    connections:
      db: { perReplica: 2 }
backingServices:
  db: { kind: postgres, maxConnections: 100 }
  stream: { kind: kafka, partitions: 6 }
recommendations:
  big: { services: { web: { replicas: 4 } } }
profiles:
  large:
    services: { web: { replicas: { max: 12 } } }
    claims: big
  huge:
    extends: large
    services:
      \"web\": { concurrency: 20 }
targets:
  compose: {}
";

fn complete(rest: &str) -> Vec<(String, String)> {
    let (text, at) = marked(&format!("version: 1\nname: shop\n{rest}"));
    let items = Editor::with(&text).at("textDocument/completion", at);
    let pair = |item: &Json| {
        (item["label"].as_str().unwrap().to_owned(), item["textEdit"]["newText"].as_str().unwrap().to_owned())
    };
    items.as_array().unwrap().iter().map(pair).collect()
}

const TAIL: &str =
    "\nbackingServices:\n  db: { kind: postgres }\n  stream: { kind: kafka }\nprofiles:\n  large: {}\n  small: {}\n";

/// The spec after its name, with the cursor; what must be offered, with the text that it inserts; what must not be.
type Offer = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const OFFERS: &[Offer] = &[
    (
        "‸",
        &[("services", "services:\n  "), ("targets", "targets:\n  "), ("limitResources", "limitResources: ")],
        &["version", "name"],
    ),
    (
        "services:\n  web:\n    ‸\n    image: a",
        &[("replicas", "replicas: "), ("health", "health:\n      ")],
        &["image", "extends"],
    ),
    ("services:\n  web: { image: a, re‸ }", &[("replicas", "replicas: "), ("resources", "resources: ")], &["image"]),
    ("services:\n  web:\n    kind: ‸", &[("stateless", "stateless"), ("singleton", "singleton")], &["db"]),
    ("services:\n  web:\n    kind:‸", &[("stateful", " stateful")], &[]),
    ("services:\n  web:\n    re‸plicas: 3", &[("replicas", "replicas"), ("resources", "resources")], &[]),
    ("services:\n  web:\n    autoscaling:\n      predictive: ‸", &[("true", "true"), ("false", "false")], &[]),
    ("services:\n  web:\n    ports:\n      - ‸", &[("port", "port: "), ("protocol", "protocol: ")], &["image"]),
    ("services:\n  web:\n    ports:\n      - name: a\n        ‸", &[("port", "port: ")], &["name"]),
    ("services:\n  web:\n    ports: [{ protocol: ‸ }]", &[("tcp", "tcp"), ("udp", "udp")], &[]),
    (
        "services:\n  web:\n    resources: {\n      requests: { cpu: 1 },\n      ‸\n    }",
        &[("limits", "limits: ")],
        &["requests", "image"],
    ),
    ("services:\n  web: {\n    kind:\n      ‸\n  }", &[("stateful", "stateful")], &["image"]),
    ("services:\n  web:\n    schedule:\n    - days: [mon, ‸]", &[("fri", "fri")], &[]),
    ("services:\n  web:\n    connections:\n      db: 3\n      ‸", &[("stream", "stream: ")], &["db"]),
    ("services:\n  web:\n    connections: { ‸ }", &[("db", "db: "), ("stream", "stream: ")], &[]),
    ("services:\n  web:\n    partitionedBy: ‸", &[("db", "db"), ("stream", "stream")], &["web"]),
    ("services:\n  web:\n    # scalegen: allow ‸", &[("slow-ramp", "slow-ramp")], &["yaml-syntax"]),
    ("targets:\n  ‸", &[("compose", "compose:\n    "), ("kubernetes", "kubernetes:\n    ")], &["services"]),
    ("targets:\n  nginx:\n    from: ‸", &[("host", "host"), ("network", "network")], &[]),
];

#[test]
fn what_may_stand_at_the_cursor_is_offered() {
    for (rest, wanted, unwanted) in OFFERS {
        let offers = complete(&format!("{rest}{TAIL}"));
        let labels: Vec<&str> = offers.iter().map(|(label, _)| label.as_str()).collect();
        for (label, text) in *wanted {
            let found = offers.iter().find(|(offered, _)| offered == label);
            assert_eq!(found.map(|(_, text)| text.as_str()), Some(*text), "{rest:?}: {label} in {labels:?}");
        }
        for label in *unwanted {
            assert!(!labels.contains(label), "{rest:?}: {label} is offered");
        }
    }
}

#[test]
fn profiles_are_offered_where_one_is_named_and_services_of_the_base_within_one() {
    let offers = complete("services:\n  web: {}\n  api: {}\nprofiles:\n  small: {}\n  large:\n    extends: ‸\n");
    assert_eq!(offers.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>(), ["small"]);
    let offers =
        complete("services:\n  web: {}\n  api: {}\nprofiles:\n  large:\n    services:\n      web: {}\n      ‸\n");
    assert_eq!(offers, [("api".to_owned(), "api:\n        ".to_owned())]);
}

#[test]
fn a_blank_or_a_dash_that_was_typed_calls_for_offers_only_where_something_may_begin() {
    let offered = |text: &str, typed: &str| {
        let (text, at) = marked(&format!("version: 1\nname: shop\nservices:\n  web:\n{text}\n"));
        let mut params = place(SPEC, at);
        params["context"] = json!({ "triggerKind": 2, "triggerCharacter": typed });
        Editor::with(&text).ask("textDocument/completion", params).as_array().is_some_and(|all| !all.is_empty())
    };
    assert!(
        offered("    kind: ‸", " ") && offered("    ports:\n      - ‸", " ") && offered("    resources: { ‸ }", " ")
    );
    assert!(offered("    # scalegen: allow ‸", " ") && offered("    #‸", "#"));
    assert!(
        !offered("    image: a b ‸", " ") && !offered("    # why this is ‸", " ") && !offered("    image: a-‸", "-")
    );
    assert!(!offered("    ‸", " "), "indentation");
}

#[test]
fn nothing_is_offered_in_files_of_other_tools() {
    let mut editor = Editor::new(&[], &[]);
    editor.open("file:///shop/docker-compose.yml", "services:\n  web:\n    \n");
    assert_eq!(editor.ask("textDocument/completion", place("file:///shop/docker-compose.yml", (2, 4))), Json::Null);
    // it is checked all the same
    let shown = &editor.shown["file:///shop/docker-compose.yml"];
    assert_eq!(shown.iter().map(|one| &one["code"]).collect::<Vec<_>>(), ["wrong-type"]);
    editor.open("file:///shop/deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nversion: 1\n");
    let shown = &editor.shown["file:///shop/deploy.yaml"];
    assert_eq!(
        shown.iter().map(|one| &one["code"]).collect::<Vec<_>>(),
        ["unknown-field"],
        "a manifest has no version"
    );
    editor.open("file:///shop/sizes.yml", "version: 1\nnam: shop\n");
    assert!(!editor.shown["file:///shop/sizes.yml"].is_empty(), "a spec by what stands in it");
}

/// `line:start-end` of each location.
fn spots(found: &Json) -> Vec<String> {
    let spot = |one: &Json| {
        let range = if one["location"].is_null() { &one["range"] } else { &one["location"]["range"] };
        format!("{}:{}-{}", range["start"]["line"], range["start"]["character"], range["end"]["character"])
    };
    found.as_array().map(|all| all.iter().map(spot).collect()).unwrap_or_default()
}

#[test]
fn names_lead_to_where_they_are_given_and_used() {
    let mut editor = Editor::with(SHOP);
    let cases: &[((usize, usize), &[&str], usize)] = &[
        ((21, 17), &["3:2-5"], 4),
        ((26, 8), &["3:2-5"], 4),
        ((18, 23), &["3:2-5"], 4),
        ((7, 20), &["15:2-4"], 3),
        ((11, 21), &["16:2-8"], 2),
        ((24, 15), &["20:2-7"], 2),
        ((22, 13), &["18:2-5"], 2),
    ];
    for (at, given, all) in cases {
        assert_eq!(spots(&editor.at("textDocument/definition", *at)), *given, "{at:?}");
        let mut params = place(SPEC, *at);
        params["context"] = json!({ "includeDeclaration": true });
        assert_eq!(spots(&editor.ask("textDocument/references", params.clone())).len(), *all, "{at:?}");
        params["context"] = json!({ "includeDeclaration": false });
        assert_eq!(spots(&editor.ask("textDocument/references", params)).len(), all - given.len(), "{at:?}");
        assert_eq!(spots(&editor.at("textDocument/documentHighlight", *at)).len(), *all);
    }
    assert_eq!(editor.at("textDocument/definition", (0, 2)), Json::Null);
}

fn rename(text: &str, at: (usize, usize), new: &str) -> Result<String, String> {
    let mut params = place(SPEC, at);
    params["newName"] = json!(new);
    let answer = Editor::with(text).response("textDocument/rename", params).response_result;
    answer.map(|edit| apply(text, &edit)).map_err(|error| error.message)
}

#[test]
fn a_service_is_renamed_everywhere_and_the_rest_stays() {
    let renamed = rename(SHOP, (3, 3), "front").unwrap();
    let wanted = SHOP.replace("  web:\n", "  front:\n").replace("{ web:", "{ front:").replace("\"web\"", "\"front\"");
    assert_eq!(renamed, wanted);
    assert!(renamed.contains("shop/web:1"));
    assert_eq!(rename(SHOP, (26, 9), "front").unwrap(), wanted, "from a place of use");
    let renamed = rename(SHOP, (15, 3), "store").unwrap();
    assert_eq!(renamed.matches("store").count(), 3);
    assert!(Editor::with(&renamed).rules(SPEC).iter().all(|rule| !rule.starts_with("unknown-reference")));
}

#[test]
fn paths_of_a_chart_and_both_halves_of_a_pooler_follow_a_rename() {
    let text = "version: 1
name: shop
services:
  web: { replicas: 2, connections: { pgbouncer: 5 } }
  pgbouncer: { replicas: 2 }
backingServices:
  pgbouncer: { kind: pgbouncer, maxConnections: 100 }
targets:
  helm: { paths: { web: { replicas: web.count }, pgbouncer: { replicas: pool.count } } }
profiles:
  large: { targets: { helm: { paths: { web: { replicas: web.many } } } } }
";
    let web = text.replace("  web:", "  front:").replace("{ web:", "{ front:");
    assert_eq!(rename(text, (3, 3), "front").unwrap(), web);
    let pooler = text.replace("pgbouncer:", "pool:").replace("{ kind: pool:", "{ kind: pgbouncer:");
    assert_eq!(rename(text, (4, 4), "pool").unwrap(), pooler);
    assert_eq!(rename(text, (3, 41), "pool").unwrap(), pooler, "from a place of use");
}

#[test]
fn a_rename_that_would_break_the_spec_is_refused() {
    for (new, why) in [
        ("worker", "called `worker` already"),
        ("db", "called `db` already"),
        ("-front", "not a name"),
        ("", "not a name"),
        ("a: b", "not a name"),
        ("null", "read as nothing"),
        ("12", "read as a number"),
        ("yes", "read as a boolean"),
        ("1.10", "read as a number"),
    ] {
        let refused = rename(SHOP, (3, 3), new);
        assert!(refused.as_ref().is_err_and(|said| said.contains(why)), "{new}: {refused:?}");
    }
    // a name that one of the targets cannot write
    let kubernetes = SHOP.replace("  compose: {}", "  kubernetes: {}");
    assert!(rename(&kubernetes, (3, 3), "front").is_ok());
    assert!(rename(&kubernetes, (3, 3), "Front_1").is_err());
    assert!(rename(SHOP, (20, 3), "other").unwrap_err().contains("profile"));
    let mut editor = Editor::with(SHOP);
    assert_eq!(editor.at("textDocument/prepareRename", (3, 3))["placeholder"], "web");
    assert_eq!(editor.at("textDocument/prepareRename", (20, 3)), Json::Null);
}

fn hover(text: &str) -> String {
    let (text, at) = marked(text);
    let hover = Editor::with(&text).at("textDocument/hover", at);
    hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn hover_shows_the_value_of_each_profile_and_where_it_is_written() {
    let shown = hover(&SHOP.replace("replicas: { min: 2", "repl‸icas: { min: 2"));
    for part in [
        "How many replicas run",
        "| base | `{ min: 2, max: 6 }` | line 6 |",
        "| large | `{ min: 2, max: 12 }` | line 6; line 22, profile `large` |",
        "| huge | `{ min: 2, max: 12 }` |",
        "|  | replicas | slots | cpu | memory | connections |",
        "| base | 2–6 | 20–60 | – | – | 30 db |",
        "| huge | 2–12 | 40–240 | – | – | 60 db |",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let shown = hover(&SHOP.replace("replicas: 3\n", "repl‸icas: 3\n"));
    assert!(shown.contains("| large | `3` | line 11 |"), "{shown}");
    let shown = hover(&SHOP.replace("{ kind: postgres, maxConnections", "{ kind: postgres, maxConn‸ections"));
    assert!(shown.contains("| base | 36 | 3 | 100 | 39.0 % |"), "{shown}");
    let shown = hover(&SHOP.replace("  large:\n", "  lar‸ge:\n"));
    assert!(shown.contains("shop, profile large") && shown.contains("2–12"), "{shown}");
}

#[test]
fn a_key_that_is_a_number_is_a_key() {
    let shown = hover("version: 1\nname: shop\nservices:\n  \"12\":\n    ports: [{ po‸rt: 80 }]\n");
    assert!(shown.contains("**`services.12.ports[0].port`**") && shown.contains("inside the container"), "{shown}");
}

#[test]
fn hover_says_nothing_where_there_is_nothing_to_say() {
    assert_eq!(hover(&SHOP.replace("    concurrency: 10", "    colour‸: 10")), "");
    assert_eq!(hover(&format!("{SHOP}# com‸ment\n")), "");
    assert_eq!(hover("version: 1\n‸\nname: shop\n"), "");
}

#[test]
fn hover_on_a_misspelt_key_shows_the_field_that_is_meant() {
    let shown = hover(&SHOP.replace("    concurrency: 10", "    concurency‸: 10"));
    assert!(
        shown.starts_with("`concurency` is not a field: `concurrency` is\n\n**`services.web.concurrency`**"),
        "{shown}"
    );
    assert!(shown.contains("How much work one replica does at once"), "{shown}");
    // joined in another way, below a misspelt key, and in a profile
    let spec = "version: 1\nname: a\nservices: { web: { drain_delay‸: 5s } }\n";
    assert!(hover(spec).contains("**`services.web.drainDelay`**"), "{}", hover(spec));
    let spec = "version: 1\nname: a\nservices: { web: { helth: { http‸: /x } } }\n";
    assert!(hover(spec).contains("**`services.web.health.http`**"), "{}", hover(spec));
    let spec = "version: 1\nname: a\nprofiles: { big: { services: { web: { replcias‸: 3 } } } }\n";
    assert!(hover(spec).contains("**`profiles.big.services.web.replicas`**"), "{}", hover(spec));
    // a name that is free, whatever it is like
    let spec = "version: 1\nname: a\nservices: { web: { env: { REPLCIAS‸: a } } }\n";
    assert!(!hover(spec).contains("is not a field"), "{}", hover(spec));
    assert_eq!(hover("version: 1\nname: a\nservices: { web: { colour: { limit‸: 1 } } }\n"), "");
}

#[test]
fn hover_on_a_rule_in_a_comment_shows_its_page() {
    let shown = hover("version: 1\n# scalegen: allow slow-ra‸mp (nights)\nname: shop\n");
    assert_eq!(shown, scalegen::check::rules::get("slow-ramp").unwrap().page);
}

#[test]
fn symbols_and_folds_follow_the_blocks() {
    let mut editor = Editor::with(&format!("# one\n# two\n{SHOP}"));
    let ask = json!({ "textDocument": { "uri": SPEC } });
    let symbols = editor.ask("textDocument/documentSymbol", ask.clone());
    let services = &symbols[2];
    assert_eq!((&services["name"], services["children"].as_array().unwrap().len()), (&json!("services"), 2));
    assert_eq!(services["children"][0]["selectionRange"]["start"], json!({ "line": 5, "character": 2 }));
    let folds = editor.ask("textDocument/foldingRange", ask);
    let folds: Vec<(u64, u64)> = folds
        .as_array()
        .unwrap()
        .iter()
        .map(|fold| (fold["startLine"].as_u64().unwrap(), fold["endLine"].as_u64().unwrap()))
        .collect();
    for wanted in [(0, 1), (4, 15), (5, 9), (10, 15), (14, 15), (16, 18), (21, 28), (29, 30)] {
        assert!(folds.contains(&wanted), "{wanted:?} in {folds:?}");
    }
}
