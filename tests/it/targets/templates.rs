//! Templates of the user's own: they stand in for ours, and what is wrong with them is said at its place.

use crate::cli::program::{Ran, folder, scalegen};
use std::fs;
use std::process::Command;

const SPEC: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    port: 8080
    expose: { host: shop.example.com }
    replicas: 2
    resources: { limits: { memory: 128Mi } }
targets:
  compose: {}
  nginx: { from: network }
";
const SETTINGS: &str =
    "templates = \"deploy/templates\"\n[rules]\nlost-in-target = \"off\"\nexposed-without-health = \"off\"\n";
const COMPOSE: &str = "deploy/templates/compose/compose.yaml.j2";
const NGINX: &str = "deploy/templates/nginx/nginx.conf.j2";

fn render(files: &[(&str, &str)], target: &str) -> Ran {
    let dir = folder(&[&[("scalegen.yaml", SPEC), (".scalegen.toml", SETTINGS)], files].concat());
    scalegen(dir.path(), &["render", "scalegen.yaml", "--target", target])
}

#[test]
fn a_template_of_ones_own_replaces_the_built_in() {
    let own = "{{ header }}\n{% include \"builtin/compose.yaml.j2\" %}\n{% include \"_team.j2\" %}\n";
    let files = [
        (COMPOSE, own),
        ("deploy/templates/compose/_team.j2", "x-team: payments\n"),
        ("deploy/templates/README.md", ""),
    ];
    let ran = render(&files, "compose");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("replicas: 2") && ran.out.ends_with("x-team: payments\n"), "{}", ran.out);
    // another target is as ever
    let ran = render(&files, "nginx");
    assert!(ran.code == 0 && ran.out.contains("proxy_pass"), "{}{}", ran.out, ran.err);
    let dir = folder(&[("scalegen.yaml", SPEC), (".scalegen.toml", SETTINGS), (COMPOSE, own)]);
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml", "--target", "compose", "--isolated"]);
    assert!(ran.code == 0 && !ran.out.contains("x-team"), "{}", ran.out);
}

/// What a template of compose's own is refused with, and where.
fn refused(template: &str) -> String {
    let ran = render(&[(COMPOSE, template)], "compose");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{template}: {}", ran.err);
    assert!(!ran.err.contains("our bug"), "{}", ran.err);
    let lines: Vec<&str> = ran.err.lines().take_while(|line| !line.contains('│')).map(str::trim).collect();
    lines.join(" ")
}

#[test]
fn a_template_that_cannot_be_used_is_a_finding_of_its_file() {
    let at = format!("─[{COMPOSE}");
    for (template, message, place) in [
        ("{{ header }}\n{% for x in %}\n", "unexpected end of block", ":2:13]"),
        ("{{ header }}\na: {{ doc.nmae }}\n", "undefined value", ":2:7]"),
        ("{{ header }}\na: {{ doc.name | nothing }}\n", "unknown filter: filter nothing is unknown", ":2:18]"),
        ("{{ header }}\n{% include \"/etc/passwd\" %}\n", "template not found", ":2:"),
        ("{{ header }}\n{% include \"../../scalegen.yaml\" %}\n", "template not found", ":2:"),
        ("{% include \"compose.yaml.j2\" %}\n", "recursion", ":1:"),
        (
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}\n",
            "it takes too long or too much memory",
            ":1:",
        ),
        (
            "{% set n = namespace(s='xxxxxxxx') %}{% for a in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}\n",
            "it takes too long or too much memory",
            ":1:",
        ),
    ] {
        let said = refused(template);
        assert!(said.contains("error[broken-template]") && said.contains(message), "{template}: {said}");
        assert!(said.contains(&format!("{at}{place}")), "{template}: {said}");
    }
}

/// What grows without end ends soon and in little memory, with its place; `lint` runs no template and says nothing of it.
#[test]
fn no_template_runs_for_ever_or_takes_all_memory() {
    for (template, place) in [
        ("{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}\n", ":1:"),
        ("{{ header }}\n{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}\n{{ m('xxxx') }}\n", ":2:"),
        (
            "a: 1\n{% set n = namespace(s='xxxxxxxx') %}{% for a in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}\n",
            ":2:",
        ),
        ("a: {{ 'x' * 500000000 }}\n", ":1:7]"),
        ("a: {{ [1] * 500000000 }}\n", ":1:7]"),
        ("a: {{ range(1000000000)|list|length }}\n", ":1:7]"),
        ("a: {{ 'x'|indent(2000000000) }}\n", ":1:11]"),
        ("a: {{ '%500000000d'|format(1) }}\n", ":1:"),
        ("a: {{ doc|block(70000) }}\n", ":1:"),
        // lists within lists double with each step
        (
            "{% set n = namespace(l=[1]) %}{% for a in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}\na: {{ n.l }}\n",
            ":2:",
        ),
        (
            "{% set n = namespace(l=[1]) %}{% for a in range(9000) %}{% set n.l = [n.l] %}{% endfor %}\na: {{ n.l }}\n",
            ":2:",
        ),
    ] {
        let dir = folder(&[("scalegen.yaml", SPEC), (".scalegen.toml", SETTINGS), (COMPOSE, template)]);
        let script = "ulimit -v 1000000; exec \"$@\"";
        let output = Command::new("sh")
            .args([
                "-c",
                script,
                "sh",
                env!("CARGO_BIN_EXE_scalegen"),
                "render",
                "scalegen.yaml",
                "--target",
                "compose",
            ])
            .current_dir(dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{template}: {said}");
        let at = format!("─[{COMPOSE}{place}");
        assert!(said.contains("error[broken-template]: ") && said.contains(&at), "{template}: {said}");
        let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{template}");
        // a comparison renders both sides
        fs::write(dir.path().join("old.yaml"), SPEC.replace("replicas: 2", "replicas: 1")).unwrap();
        let ran = scalegen(dir.path(), &["diff", "old.yaml", "scalegen.yaml", "--target", "compose"]);
        assert!(
            ran.code == 1 && ran.out.contains("compose, the base: not rendered, 1 error before, 1 error now"),
            "{}",
            ran.out
        );
    }
}

/// What no step counts: lists made of themselves, which are small until something walks through them, what nests deeper than
/// a stack, and lists of which all but the end is skipped. Each is a finding of its template, and the command goes on.
#[test]
fn what_grows_or_nests_beyond_all_steps_is_stopped_too() {
    let twice = |step: &str, use_: &str| {
        let other = step.replace("n.l", "n.m");
        let loops =
            format!("{{% for a in range(60) %}}{{% set n.l = {step} %}}{{% set n.m = {other} %}}{{% endfor %}}");
        format!("{{% set n = namespace(l=[1], m=[1]) %}}{loops}\na: {{{{ {use_} }}}}\n")
    };
    let deep = |step: &str| {
        format!(
            "{{% set n = namespace(l=[1]) %}}{{% for a in range(100000) %}}{{% set n.l = {step} %}}{{% endfor %}}a: 1\n"
        )
    };
    let (long, much) =
        ("it takes too long: it may have 3 seconds", "it takes too much memory or nests too deep: it may have");
    for (template, messages) in [
        (twice("n.l + n.l", "n.l | length"), [long, much]),
        (twice("[n.l, n.l]", "n.l == n.m"), [long, much]),
        (twice("{'a': n.l, 'b': n.l}", "'' ~ n.l"), [long, much]),
        (
            "{% for a in range(9999) %}{% for x in ([1] * 100000000)[99999998:] %}{% endfor %}{% endfor %}\n"
                .to_owned(),
            [long, long],
        ),
        (deep("[n.l]"), [much, much]),
        (deep("n.l * 1"), [much, long]),
        ("{% set n = namespace() %}{% set n.a = n %}\na: {{ n ~ '' }}\n".to_owned(), [much, much]),
    ] {
        let said = refused(&template);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(messages.iter().any(|message| said.contains(message)), "{template}: {said}");
        assert!(said.contains("error[broken-template]: ") && said.contains(&format!("─[{COMPOSE}:1:1]")), "{said}");
    }
    // a text alone can be too deep to be read, and the other templates are read all the same
    let text = format!("a: {{{{ 1{} }}}}\n", "+1".repeat(100_000));
    let files = [("scalegen.yaml", SPEC), (".scalegen.toml", SETTINGS), (COMPOSE, &text), (NGINX, "{% if %}")];
    let ran = scalegen(folder(&files).path(), &["lint", "--format", "concise"]);
    let said: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.code, said.len()), (1, 2), "{}", ran.out);
    assert!(said.iter().any(|line| line.starts_with(COMPOSE) && line.contains("nests too deep")), "{}", ran.out);
    assert!(said.iter().any(|line| line.starts_with(NGINX) && line.contains("unexpected end of block")), "{}", ran.out);
}

#[test]
fn what_a_template_writes_must_be_in_the_language_of_the_file() {
    let rendered = format!("─[compose.yaml (rendered by {COMPOSE})");
    for (template, message, place) in [
        ("{{ header }}\nservices: [\n", "the text is not YAML", ":2:11]"),
        ("{{ header }}\na: 1\na: 2\n", "the text is not YAML", ":3:1]"),
        ("", "the text is empty", ":1:1]"),
        ("{{ header }}\na: 1\n---\nb: 1\n", "the text is not YAML", ":3:"),
    ] {
        let said = refused(template);
        assert!(said.contains(message) && said.contains(&format!("{rendered}{place}")), "{template}: {said}");
    }
    let ran = render(&[(NGINX, "{{ header }}\nserver {\n")], "nginx");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("nginx could not read this: a block is not closed"), "{}", ran.err);
}

#[test]
fn what_a_template_leaves_out_is_said_and_written_all_the_same() {
    let own = "services:\n  web:\n    image: {{ doc.services.web.image }}\n    deploy: { replicas: 3 }\n";
    let ran = render(&[(COMPOSE, own)], "compose");
    assert!(ran.code == 0 && ran.out == own.replace("{{ doc.services.web.image }}", "shop/web:1"), "{}", ran.out);
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in ["`/name` is missing", "and 2 more", "compose.yaml does not begin with the header"] {
        assert!(flat.contains(said), "{said}: {flat}");
    }
    // in nginx's language too: the host is gone
    let own = "{{ header }}\nupstream web { server 10.0.0.1; }\nserver { listen 80; }\n";
    let ran = render(&[(NGINX, own)], "nginx");
    assert!(ran.code == 0 && ran.err.contains("lost-in-template"), "{}", ran.err);
    let off = format!("{SETTINGS}lost-in-template = \"off\"\n");
    let dir = folder(&[("scalegen.yaml", SPEC), (".scalegen.toml", &off), (NGINX, own)]);
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml", "--target", "nginx"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn values_are_escaped_in_templates_of_ones_own_too() {
    let spec = SPEC.replace("image: shop/web:1", "image: \"yes\"");
    let dir = folder(&[
        ("scalegen.yaml", &spec),
        (".scalegen.toml", SETTINGS),
        (COMPOSE, "{{ header }}\na: {{ doc.services.web.image }}\n"),
    ]);
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml", "--target", "compose"]);
    assert!(ran.out.ends_with("a: \"yes\"\n"), "{}{}", ran.out, ran.err);
}

/// The place is the template's, which is to be mended; what of the spec it was rendered for stands beside it.
#[test]
fn a_finding_in_a_template_shows_the_target_and_the_service_it_is_about() {
    let two =
        SPEC.replace("targets:", "  api: { image: shop/api:1, resources: { limits: { memory: 1Gi } } }\ntargets:");
    let of = |template: &str| {
        let dir = folder(&[("scalegen.yaml", &two), (".scalegen.toml", SETTINGS), (COMPOSE, template)]);
        scalegen(dir.path(), &["render", "scalegen.yaml", "--target", "compose"]).err
    };
    let target = "─[scalegen.yaml:12:3]\n";
    let broken = of("{{ header }}\na: {{ doc.nmae }}\n");
    assert!(broken.contains(target) && broken.contains("rendered for `compose`"), "{broken}");
    // api loses nothing, web its number of replicas
    let own =
        "{{ header }}\nname: shop\nservices:\n  api:{{ doc.services.api | block(4) }}\n  web: { image: shop/web:1 }\n";
    let lost = of(own);
    assert!(lost.contains("[lost-in-template]") && lost.contains(target), "{lost}");
    assert!(lost.contains("─[scalegen.yaml:4:3]") && lost.contains("this service"), "{lost}");
    assert!(!lost.contains("scalegen.yaml:11:3]"), "{lost}");
}

#[test]
fn a_file_that_replaces_nothing_is_said() {
    let files = [
        ("scalegen.yaml", SPEC),
        (".scalegen.toml", SETTINGS),
        ("deploy/templates/compse/compose.yaml.j2", ""),
        ("deploy/templates/compose/compose.yml.j2", ""),
        ("deploy/templates/stray.j2", ""),
        ("deploy/templates/nginx/nginx.conf.j2", "{% if %}"),
        ("deploy/templates/.git/x.j2", ""),
    ];
    let dir = folder(&files);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    let said: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        said,
        [
            ".scalegen.toml:1:13: error[unknown-reference]: `compose/compose.yml.j2` replaces no template",
            ".scalegen.toml:1:13: error[unknown-reference]: `compse` in the folder of templates is not a target's folder",
            ".scalegen.toml:1:13: error[unknown-reference]: `stray.j2` in the folder of templates is not a target's folder",
            "deploy/templates/nginx/nginx.conf.j2:1:7: error[broken-template]: unexpected end of block",
        ]
    );
    assert_eq!(ran.code, 1);
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml", "--target", "compose"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    fs::remove_dir_all(dir.path().join("deploy")).unwrap();
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    let said =
        ".scalegen.toml:1:13: error[unreadable-file]: `deploy/templates` cannot be read: no such file or directory\n";
    assert_eq!((ran.code, ran.out.as_str()), (1, said));
    // relative to the settings file, wherever the command runs
    let dir = folder(&[("a/scalegen.yaml", SPEC), (".scalegen.toml", SETTINGS), (COMPOSE, "{{ header }}\na: 1\n")]);
    let ran = scalegen(&dir.path().join("a"), &["render", "scalegen.yaml", "--target", "compose"]);
    assert!(ran.out.ends_with("a: 1\n") && ran.err.contains("../deploy/templates/compose"), "{}{}", ran.out, ran.err);
}
