//! Which format a file is taken for: names first, then content, also in texts that do not parse.

use scalegen::inputs::InputFormat;
use scalegen::inputs::recognise::{by_content, by_name, in_folder, recognise, what_is_read};

fn named(path: &str) -> Option<InputFormat> {
    by_name(path).map(|format| format.format)
}

fn content(text: &str) -> Option<InputFormat> {
    by_content(text).map(|format| format.format)
}

#[test]
fn names_tell_before_content() {
    for path in ["scalegen.yaml", "a/scalegen.yml", "b/shop.scalegen.yaml", "c\\x.scalegen.yml"] {
        assert_eq!(named(path), Some(InputFormat::SPEC), "{path}");
    }
    for path in ["compose.yaml", "a/docker-compose.yml", "docker-compose.prod.yml", "compose-dev.yaml"] {
        assert_eq!(named(path), Some(InputFormat::COMPOSE), "{path}");
    }
    for path in ["compose.txt", "my-compose.yml", "scalegen.json", "xscalegen.yaml", "compose"] {
        assert_eq!(named(path), None, "{path}");
    }
    let spec = "version: 1\nservices: { web: { image: x } }\n";
    assert_eq!(
        recognise("docker-compose.yml", spec, &|_| None).map(|format| format.format),
        Some(InputFormat::COMPOSE)
    );
    assert_eq!(recognise("web.yaml", spec, &|_| None).map(|format| format.format), Some(InputFormat::SPEC));
}

#[test]
fn content_tells_files_with_other_names() {
    let spec = [
        "version: 1\nname: x\n",
        "\u{feff}# a spec\nname: x\nbackingServices: {}\n",
        "capacity: { nodes: [] }\n",
        "\"version\": 1\n",
        "{ version: 1, name: x }",
        // nothing stands in it
        "# nothing\n\n",
        "",
    ];
    for text in spec {
        assert_eq!(content(text), Some(InputFormat::SPEC), "{text:?}");
    }
    let compose = [
        "services:\n  web:\n    image: x\n",
        "version: '3.7'\nservices:\n  web:\n    build: .\n",
        "services:\n    # first\n\n    web: { image: x }\n",
        "x-a: &a { image: x }\nservices:\n  web:\n    ports: []\n    image: x\n",
        "{\"services\": {\"web\": {\"image\": \"x\"}}}",
        // it does not parse
        "services:\n  web:\n    image: [\n",
        "---\nservices:\n  web:\n    image: x\n",
        "services: { web: { image: x } }\n",
        "services: {\n  web: { build: . } }\n",
        // all of it is indented
        "# moved\n  x: 1\n  services:\n    web:\n      image: x\n",
    ];
    for text in compose {
        assert_eq!(content(text), Some(InputFormat::COMPOSE), "{text:?}");
    }
    let neither = [
        "a: 1\n",
        "services:\n  - docker:dind\nimage: x\n",
        "jobs:\n  a:\n    services:\n      db:\n        image: x\n",
        "services:\n  web:\n    needs:\n      image: x\n",
        "services: { web: { needs: { image: x } } }\n",
        "  jobs:\n    services:\n      db:\n        image: x\n",
        "version: v1\nplugins: []\n",
        "[1, 2]\n",
    ];
    for text in neither {
        assert_eq!(content(text), None, "{text:?}");
    }
}

#[test]
fn manifests_are_told_by_two_keys() {
    for text in [
        "apiVersion: v1\nkind: Service\n",
        "---\n# second\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: x\n",
        "%YAML 1.2\n---\nkind: Service\napiVersion: v1\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"Service\"}",
    ] {
        assert_eq!(content(text), Some(InputFormat::KUBERNETES), "{text:?}");
    }
    for text in
        ["kind: pipeline\n", "spec:\n  apiVersion: v1\n  kind: Service\n", "- apiVersion: v1\n  kind: Service\n"]
    {
        assert_eq!(content(text), None, "{text:?}");
    }
}

#[test]
fn a_search_takes_no_file_for_a_spec_by_its_content() {
    let text = |text: &str| Some(text.to_owned());
    assert!(in_folder(".github/dependabot.yml", || text("version: 2\nupdates: []\n"), &|_| None).is_none());
    assert!(in_folder("values.yaml", || text("profiles: [a]\n"), &|_| None).is_none());
    assert!(in_folder("stack.yml", || text("services:\n  web:\n    image: x\n"), &|_| None).is_some());
    // the name is enough
    assert!(in_folder("compose.yml", || None, &|_| None).is_some());
}

#[test]
fn the_sentence_names_every_format() {
    let sentence = what_is_read();
    for format in scalegen::inputs::ALL {
        assert!(sentence.contains(format.noun) && sentence.contains(format.sign), "{sentence}");
    }
}

#[test]
fn a_format_has_the_name_of_its_folder() {
    for meta in scalegen::inputs::ALL {
        let file = format!("src/inputs/{}/recognition.rs", meta.format.name());
        assert!(std::path::Path::new(&file).is_file(), "{file} has the `META` of another format: {}", meta.noun);
    }
}
