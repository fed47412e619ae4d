//! `scalegen explain`: Markdown into a pipe, a laid-out page where it is asked for, and names that nobody has.

use crate::cli::program::{folder, scalegen};
use scalegen::check::rules;
use scalegen::support::markdown::{Screen, blocks, terminal};
use scalegen::targets;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    out + rest
}

#[test]
fn a_page_is_laid_out_and_on_demand_as_it_is_written() {
    let page = rules::get("port-collision").unwrap().page;
    // a pipe gets what a terminal gets, without colour
    let ran = scalegen(Path::new("."), &["explain", "nginx"]);
    let said = terminal(&blocks(targets::get("nginx").unwrap().page), Screen { width: 100, color: false });
    assert_eq!((ran.code, ran.out), (0, said));
    let ran = scalegen(Path::new("."), &["explain", "port-collision", "--markdown"]);
    assert_eq!((ran.code, ran.out), (0, format!("port-collision (error, network)\n\n{page}")));
    assert_eq!(scalegen(Path::new("."), &["explain", "nginx", "--markdown"]).out, targets::get("nginx").unwrap().page);
}

#[test]
fn colour_that_is_asked_for_comes_with_a_layout() {
    let ran = scalegen(Path::new("."), &["explain", "port-collision", "--color", "always"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.starts_with("\u{1b}[1mport-collision (error, network)\u{1b}[0m\n\n"), "{}", ran.out);
    assert!(ran.out.contains("\u{1b}[31m# error: "), "{}", ran.out);
    assert!(!bare(&ran.out).contains("```") && !bare(&ran.out).contains("##"), "{}", ran.out);
}

#[test]
fn without_a_name_it_lists_and_a_wrong_one_gets_a_better_one() {
    let ran = scalegen(Path::new("."), &["explain"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("port-collision") && ran.out.contains("kubernetes"));
    // a blank line before each heading but the first
    for heading in ["Commands\n", "Fields of a spec", "Fields of .scalegen.toml", "Targets\n", "Rules\n"] {
        assert_eq!(ran.out.matches(&format!("\n\n{heading}")).count(), 1, "{heading}");
    }
    let ran = scalegen(Path::new("."), &["explain", "port-colision"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean `port-collision`?"), "{}", ran.err);
}

#[test]
fn a_field_is_found_by_its_path_with_names_or_without() {
    let titles = |name: &str| {
        let ran = scalegen(Path::new("."), &["explain", name, "--markdown"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        ran.out.lines().filter_map(|line| line.strip_prefix("# ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let field = "services.<name>.replicas";
    for name in [
        "services.replicas",
        "services.*.replicas",
        "services.<name>.replicas",
        "services.web.replicas",
        "profiles.large.services.web.replicas",
        "/services/web/replicas",
    ] {
        assert_eq!(titles(name), [field], "{name}");
    }
    assert_eq!(titles("services.web"), ["services.<name>"]);
    for name in
        ["schedule.from", "services.web.schedule[0].from", "/services/web/schedule/0/from", "services.schedule.from"]
    {
        assert_eq!(titles(name), ["services.<name>.schedule[].from"], "{name}");
    }
    assert_eq!(titles("replicas").first().map(String::as_str), Some(field));
    for (name, near) in [
        ("services.web.replicsa", "services.web.replicas"),
        ("services.web.resources.limit.memory", "services.web.resources.limits.memory"),
        ("thresold", "threshold"),
        ("replicsa", "replicas"),
    ] {
        let ran = scalegen(Path::new("."), &["explain", name]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.out);
        assert_eq!(ran.err, format!("scalegen: nothing is named `{name}`; did you mean `{near}`?\n"));
        titles(near);
    }
}

#[test]
fn every_page_fits_every_width_with_and_without_colour() {
    let pages = rules::ALL.iter().map(|rule| rule.page).chain(targets::ALL.iter().map(|target| target.page));
    for page in pages {
        let blocks = blocks(page);
        let mut code: Vec<&str> = Vec::new();
        let mut open = false;
        for line in page.lines() {
            open ^= line.starts_with("```");
            code.extend(Some(line).filter(|_| open));
        }
        for width in [80, 120] {
            let plain = terminal(&blocks, Screen { width, color: false });
            let painted = bare(&terminal(&blocks, Screen { width, color: true }));
            for line in plain.lines().chain(painted.lines()) {
                // a line of code is not broken
                let kept = code.iter().any(|code| line.trim_start() == code.trim_start());
                assert!(
                    kept || UnicodeWidthStr::width(line) <= width,
                    "{} columns: {line}",
                    UnicodeWidthStr::width(line)
                );
            }
            // every word of the page is there, in both
            let words = |text: &str| {
                text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::len).sum::<usize>()
            };
            let table = page.lines().any(|line| line.starts_with('|'));
            if !table {
                assert_eq!(words(&plain), words(&painted));
            }
        }
    }
}

#[test]
fn a_page_is_laid_out_as_it_reads() {
    let page = "# title\n\nOne `two three` **four** five six seven eight nine ten eleven twelve.\n\n- a point\n- another one that is long enough to \
                wrap\n\n1. first\n2. second\n\n| name | what |\n|---|---|\n| `a` | short |\n| `bb` | a cell with words enough to take more lines than two of them |\n";
    let plain = terminal(&blocks(page), Screen { width: 40, color: false });
    let wanted = "title

One `two three` four five six seven
eight nine ten eleven twelve.

• a point
• another one that is long enough to
  wrap

1. first
2. second

name  what
────  ──────────────────────────────────
`a`   short

`bb`  a cell with words enough to take
      more lines than two of them
";
    assert_eq!(plain.replace("\n\n`bb`", "\n`bb`"), wanted.replace("\n\n`bb`", "\n`bb`"));
}

#[test]
fn a_profile_of_the_folder_has_a_page() {
    let spec = "version: 1\nname: shop\nservices:\n  web: { image: a, replicas: 2, env: { DB_PASSWORD: x } }\nprofiles:\n  small: {}\n  \
                large: { extends: small, services: { web: { replicas: { min: 2, max: 6 }, env: { DB_PASSWORD: hunter2 } } } }\n  \
                bare: { services: { web: { env: null } } }\n";
    let dir = folder(&[("scalegen.yaml", spec)]);
    let page = scalegen(dir.path(), &["explain", "large", "--markdown"]);
    assert_eq!(page.code, 0, "{}", page.err);
    for part in [
        "# profile large\n",
        "over the profile `small`",
        "| `services.web.replicas.min` | `2` | – |",
        "| `services.web.env.DB_PASSWORD` | a secret | a secret |",
    ] {
        assert!(page.out.contains(part), "{part}: {}", page.out);
    }
    assert!(!page.out.contains("hunter2"), "{}", page.out);
    // a removal shows what it removes
    let bare = scalegen(dir.path(), &["explain", "bare", "--markdown"]);
    assert!(bare.out.contains("| `services.web.env` | nothing | `{ DB_PASSWORD: a secret }` |"), "{}", bare.out);
    assert!(scalegen(dir.path(), &["explain", "small"]).out.contains("writes nothing of its own"));
    assert!(scalegen(dir.path(), &["explain", "larg"]).err.contains("did you mean `large`?"));
    assert!(scalegen(dir.path(), &["explain"]).out.contains("Profiles\n  small"));
}

/// Misspelt names, each with what is meant. The spec of the folder has a service `web` and a profile `large`.
const MISSPELT: [(&str, &str); 24] = [
    ("services.replica", "services.<name>.replicas"),
    ("services.prots", "services.<name>.ports"),
    ("services.web.replica", "services.web.replicas"),
    ("services.wbe", "services.web"),
    ("services.health.htp", "services.health.http"),
    ("services.schedule.form", "services.schedule.from"),
    ("services.resource.limits.memory", "services.resources.limits.memory"),
    ("backingServices.maxConnection", "backingServices.<name>.maxConnections"),
    ("backingService.kind", "backingServices.kind"),
    ("capacity.node", "capacity.nodes"),
    ("recommendation", "recommendations"),
    ("profiles.larg", "profiles.large"),
    ("profiles.extend", "profiles.<name>.extends"),
    ("profiles.large.service", "profiles.large.services"),
    ("profiles.large.services.web.replica", "profiles.large.services.web.replicas"),
    ("targets.kubernets", "targets.kubernetes"),
    ("targets.kubernets.autoscaler", "targets.kubernetes.autoscaler"),
    ("targets.autoscaler", "targets.kubernetes.autoscaler"),
    ("targets.helm.path", "targets.helm.paths"),
    ("target.compose", "targets.compose"),
    ("setings", "settings"),
    ("settings.fail-lvel", "settings.fail-level"),
    ("settings.ignore.untill", "settings.ignore.until"),
    ("policy.requires", "settings.policy.require"),
];

#[test]
fn a_misspelt_field_profile_target_or_setting_is_named_and_what_is_meant_has_a_page() {
    let spec = "version: 1\nname: shop\nservices:\n  web: { image: a, replicas: 2 }\nprofiles:\n  large: { services: { web: { replicas: 4 } } }\n";
    let dir = folder(&[("scalegen.yaml", spec)]);
    for (name, near) in MISSPELT {
        let ran = scalegen(dir.path(), &["explain", name]);
        let said = format!("scalegen: nothing is named `{name}`; did you mean `{near}`?\n");
        assert_eq!((ran.code, ran.err, ran.out), (2, said, String::new()), "{name}");
        let ran = scalegen(dir.path(), &["explain", near]);
        assert_eq!(ran.code, 0, "{near}: {}", ran.err);
    }
    // a name that the spec has is not a slip, whatever it resembles
    let dir = folder(&[("scalegen.yaml", &spec.replace("  web:", "  replica:"))]);
    let ran = scalegen(dir.path(), &["explain", "services.replica", "--markdown"]);
    assert!(ran.code == 0 && ran.out.starts_with("# services.<name>\n"), "{}{}", ran.out, ran.err);
}

#[test]
fn settings_have_pages_in_their_own_language() {
    let page = |name: &str| {
        let ran = scalegen(Path::new("."), &["explain", name, "--markdown"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        ran.out
    };
    assert!(page("settings").contains("- `fail-level`: "));
    assert_eq!(page("settings"), page(".scalegen.toml"));
    let until = page("settings.ignore.until");
    assert!(
        until.starts_with("# ignore[].until\n") && until.contains("```toml\nuntil = \"2027-01-31\"\n```"),
        "{until}"
    );
    assert!(page("settings.ignore").contains("```toml\n[[ignore]]\nrules = "), "{}", page("settings.ignore"));
    assert!(page("settings.profiles").contains("profiles = [\"base\", \"large\"]"));
    assert!(page("profiles").starts_with("# profiles\n"), "the spec's own field comes first");
}
