//! The published hooks under the real pre-commit and prek: a commit with faults is refused with readable findings, a mended one goes.

use crate::cli::program::scalegen;
use crate::common::judge::{Call, Verdict, judge};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const HOOKS: &str = include_str!("../../../.pre-commit-hooks.yaml");
const PAGE: &str = include_str!("../../../src/cli/manual/ci.md");
const RUNNERS: [&str; 2] = ["pre-commit", "prek"];

const GOOD: &str = "version: 1
name: shop
services:
  web: { image: \"shop/web:1\", replicas: 2, resources: { limits: { memory: 1Gi } } }
targets:
  compose: {}
";

/// A git repository whose commits pass through hooks.
struct Repository {
    dir: TempDir,
    runner: &'static str,
    /// Whether a hook may be built.
    builds: bool,
}

impl Repository {
    fn empty(runner: &'static str) -> Repository {
        Repository { dir: TempDir::new().unwrap(), runner, builds: false }
    }

    /// The hooks as published, but with the binary at hand instead of one that the runner builds.
    fn new(runner: &'static str, hooks: &[&str]) -> Repository {
        let published: Vec<Json> = serde_yaml::from_str(HOOKS).unwrap();
        let mut chosen: Vec<Json> =
            published.into_iter().filter(|hook| hooks.contains(&hook["id"].as_str().unwrap())).collect();
        assert_eq!(chosen.len(), hooks.len(), "{hooks:?} are published");
        for hook in &mut chosen {
            let entry = hook["entry"].as_str().unwrap().strip_prefix("scalegen ").unwrap();
            hook["entry"] = format!("{} {entry}", env!("CARGO_BIN_EXE_scalegen")).into();
            hook["language"] = "system".into();
        }
        let repository = Repository::empty(runner);
        let config = json!({"repos": [{"repo": "local", "hooks": chosen}]});
        repository.write(".pre-commit-config.yaml", &config.to_string());
        repository
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Puts another text where one stands.
    fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{old} in {text}");
        self.write(name, &text.replace(old, new));
    }

    fn run(&self, command: &[&str]) -> Option<Verdict> {
        let mut args = vec![self.path().to_str().unwrap()];
        args.extend(command);
        let mut call = Call { args, ..Call::default() };
        if self.builds {
            call.env.push(("BUILD", "1"));
        }
        call.ask("pre-commit.sh")
    }

    /// Makes the repository; whether the runner is here.
    fn installed(&self) -> bool {
        self.run(&["git", "init", "-q"]).is_some_and(|made| made.accepted("git init", "").accepted)
            && self.run(&[self.runner, "install"]).is_some_and(|made| made.accepted("install", "").accepted)
    }

    fn commit(&self) -> Verdict {
        self.run(&["git", "add", "-A"]).unwrap().accepted("git add", "");
        self.run(&["git", "commit", "-q", "-m", "x"]).unwrap()
    }

    /// A commit that a hook refuses: what it says.
    fn refused(&self) -> String {
        let verdict = self.commit();
        let said = verdict.out + &verdict.err;
        assert!(!verdict.accepted, "{} let it go: {said}", self.runner);
        said
    }

    /// Runs the command line at hand in this repository, which must exit with 0.
    fn scalegen(&self, args: &[&str]) {
        let ran = scalegen(self.path(), args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn the_published_file_is_a_manifest() {
    for runner in RUNNERS {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join(".pre-commit-hooks.yaml"), HOOKS).unwrap();
        let args = [dir.path().to_str().unwrap(), runner, "validate-manifest", ".pre-commit-hooks.yaml"];
        if let Some(verdict) = judge("pre-commit.sh", &args) {
            verdict.accepted(runner, HOOKS);
        }
    }
}

#[test]
fn a_commit_with_faults_is_refused_with_every_finding() {
    for runner in RUNNERS {
        let repository = Repository::new(runner, &["scalegen-lint"]);
        if !repository.installed() {
            return;
        }
        let bad = GOOD.replace("replicas: 2", "replicas: { min: 3, max: 2 }");
        let name = |number: usize| {
            format!("apps/{number}/{}", if number.is_multiple_of(2) { "scalegen.yaml" } else { "shop.scalegen.yml" })
        };
        for number in 0..20 {
            repository.write(&name(number), if number < 5 { &bad } else { GOOD });
        }
        repository.write("apps/other.yaml", &bad);
        repository.write("apps/notscalegen.yaml", &bad);
        let said = repository.refused();
        assert_eq!(said.matches("error[min-above-max]: min 3 is above max 2").count(), 5, "{said}");
        assert_eq!(said.matches("help: write `min: 2` or `max: 3`").count(), 5, "{said}");
        assert!(said.contains("[apps/3/shop.scalegen.yml:4:48]"), "{said}");
        assert_eq!(said.matches("5 errors, 0 warnings, 0 notes in 20 files").count(), 1, "one run, one report: {said}");
        for number in 0..5 {
            repository.write(&name(number), GOOD);
        }
        repository.commit().accepted("the mended commit", "");
    }
}

#[test]
fn a_commit_without_its_rendered_files_is_refused() {
    for runner in RUNNERS {
        let repository = Repository::new(runner, &["scalegen-lint", "scalegen-render-check"]);
        if !repository.installed() {
            return;
        }
        let render = || repository.scalegen(&["render", "scalegen.yaml", "--out", "deploy"]);
        repository.write("scalegen.yaml", GOOD);
        assert!(repository.refused().contains("missing deploy/compose/compose.yaml"));
        render();
        repository.commit().accepted("with its files", "");
        repository.replace("scalegen.yaml", "replicas: 2", "replicas: 4");
        let said = repository.refused();
        assert!(said.contains("-      replicas: 2") && said.contains("+      replicas: 4"), "{said}");
        render();
        repository.commit().accepted("rendered again", "");
        fs::remove_file(repository.path().join("deploy/compose/compose.yaml")).unwrap();
        assert!(repository.refused().contains("missing deploy/compose/compose.yaml"), "a removed file is missed");
    }
}

/// The base alone is in the commit: what it breaks in the spec over it is found.
#[test]
fn a_base_that_changes_is_checked_with_its_spec() {
    let base = "services:\n  web:\n    image: shop/web:1\n    mem_limit: 1g\n";
    let spec = "version: 1\nname: shop\nservices:\n  web: { replicas: 2, resources: { requests: { memory: 512Mi } } }\n\
                targets: { compose: { base: docker-compose.yml } }\n";
    let alone = "services:\n  db:\n    image: postgres:16\n    mem_limit: 256m\n    mem_reservation: 512m\n";
    for runner in RUNNERS {
        let repository = Repository::new(runner, &["scalegen-lint"]);
        if !repository.installed() {
            return;
        }
        repository.write("docker-compose.yml", base);
        repository.write("scalegen.yaml", spec);
        repository.commit().accepted("both", "");
        repository.replace("docker-compose.yml", "1g", "256m");
        let said = repository.refused();
        assert!(said.contains("error[request-above-limit]: memory request 512Mi is above its limit 256Mi"), "{said}");
        repository.replace("docker-compose.yml", "256m", "2g");
        repository.commit().accepted("the base mended", "");
        // a compose file that no spec names is checked as it is
        repository.write("other/compose.yaml", alone);
        assert!(repository.refused().contains("[other/compose.yaml:"), "{runner}");
    }
}

/// Every YAML file of a commit is given to the hooks: those of a format that is read are checked and mended, all others pass unseen.
#[test]
fn files_of_every_known_format_are_checked_and_no_other() {
    let deployment = |replicas: &str, limit: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web }}\nspec:\n  replicas: {replicas}\n  selector: {{ matchLabels: {{ app: web }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: web }} }}\n    spec: {{ containers: [{{ name: web, image: \"web:1\", resources: {{ limits: {{ memory: {limit} }} }} }}] }}\n"
        )
    };
    let strange = [
        (".github/workflows/ci.yml", "on: push\njobs: { a: { runs-on: x, steps: [] } }\n"),
        ("mkdocs.yml", "site_name: a\nnav: [a.md]\n"),
        ("chart/templates/web.yaml", "{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n"),
        ("broken.yaml", "a: [b\n"),
        ("playbook.yaml", "- hosts: all\n  tasks: []\n"),
    ];
    for runner in RUNNERS {
        let repository = Repository::new(runner, &["scalegen-lint", "scalegen-fix"]);
        if !repository.installed() {
            return;
        }
        strange.iter().for_each(|(name, text)| repository.write(name, text));
        let said = repository.commit().accepted("files of no known format", "");
        assert!(!(said.out + &said.err).contains("error"), "{runner}");
        repository.write("k8s/web.yaml", &deployment("2", "1Gi"));
        repository.write("k8s/kustomization.yaml", "resources: [web.yaml]\n");
        repository.write("convox.yml", "services:\n  web:\n    build: .\n    port: 3000\n");
        repository.commit().accepted("files in order", "");
        repository.write("k8s/web.yaml", &deployment("two", "1Gi"));
        let said = repository.refused();
        assert!(said.contains("`replicas` is a string, but Kubernetes takes a whole number there"), "{said}");
        // what a fix can mend is mended in place, and the next commit goes
        repository.write("k8s/web.yaml", &deployment("2", "1024Mib"));
        assert!(repository.refused().contains("did you mean `1024Mi`?"), "{runner}");
        repository.write("k8s/web.yaml", &deployment("2", "1Gi"));
        repository.replace("mkdocs.yml", "a.md", "b.md");
        repository.commit().accepted("mended", "");
    }
}

#[test]
fn a_commit_is_mended_and_what_is_left_is_refused() {
    for runner in RUNNERS {
        let repository = Repository::new(runner, &["scalegen-fix"]);
        if !repository.installed() {
            return;
        }
        repository.write("scalegen.yaml", &GOOD.replace("1Gi", "1GB"));
        assert!(repository.refused().contains("fixed 1 finding in 1 file"));
        assert_eq!(repository.read("scalegen.yaml"), GOOD);
        repository.commit().accepted("the mended commit", "");
        repository.write("scalegen.yaml", &GOOD.replace("replicas: 2", "replicas: { min: 3, max: 2 }"));
        let said = repository.refused();
        assert!(
            said.contains("error[min-above-max]: min 3 is above max 2"),
            "what runs is not changed unasked: {said}"
        );
    }
}

/// The specs of the tour, with one fault each, and what mends the fault by its help line.
const FAULTS: [(&str, &str, &str); 5] = [
    ("memory: 1Gi", "memory: 16GB", "error[invalid-quantity]: `16GB` has the unknown unit `GB`"),
    ("replicas: 2", "replicsa: 2", "error[unknown-field]: unknown field `replicsa` in `web`"),
    ("replicas: 2", "replicas: { min: 3, max: 2 }", "error[min-above-max]: min 3 is above max 2"),
    (
        "replicas: 2",
        "replicas: 6, concurrency: { limit: 10, env: WORKERS }, connections: { db: { perSlot: 4 } }",
        "error[connections-exhausted]: 6 replicas × 10 slots × 4 connections + 3 reserved = 243",
    ),
    (
        "replicas: 2",
        "replicas: 2, port: 80, publish: 8079",
        "error[port-collision]: host port 8080 of `api` meets 8079-8080",
    ),
];

const TOUR: &str = "version: 1
name: shop
services:
  web: { image: \"shop/web:1\", replicas: 2, resources: { limits: { memory: 1Gi } } }
  api: { image: \"shop/api:1\", ports: [{ port: 80, publish: 8080 }], resources: { limits: { memory: 1Gi } } }
backingServices:
  db: { kind: postgres, maxConnections: 200, external: { urlEnv: DATABASE_URL } }
targets:
  compose: {}
";

/// The configuration that the manual shows, for this repository and commit.
fn from_readme(address: &str, commit: &str) -> String {
    let block = PAGE.split("```yaml\n# .pre-commit-config.yaml").nth(1).expect("the page shows a configuration");
    let block = block.split("\n```").next().unwrap();
    let text = block.replace("<address or path of this repository>", address).replace("<a commit of it>", commit);
    assert!(text.contains(address) && text.contains(commit), "{text}");
    format!("#{text}\n")
}

/// Copies this checkout as it stands, without what git ignores.
pub fn copied(to: &Path) {
    let listed = Command::new("git").args(["ls-files", "-z", "-co", "--exclude-standard"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for name in listed.split_terminator('\0').filter(|name| Path::new(name).is_file()) {
        let to = to.join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(name, to).unwrap();
    }
}

/// This checkout as it stands, committed in a repository of its own: what a runner can clone.
fn published() -> Option<(Repository, String)> {
    let published = Repository::empty("git");
    published.run(&["git", "init", "-q"])?.accepted("git init", "");
    copied(published.path());
    published.commit().accepted("git commit", "");
    let commit = published.run(&["git", "rev-parse", "HEAD"])?.out.trim().to_owned();
    Some((published, commit))
}

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("`{before}` in {text}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("`{after}` in {rest}")).0
}

/// A newcomer's way: the README's configuration, hooks that the runner builds itself, 20 specs with 5 faults, `--fix`, the help lines.
#[test]
fn the_readme_leads_from_five_faults_to_a_commit() {
    let Some((published, commit)) = published() else { return };
    let address = published.path().to_str().unwrap();
    for runner in RUNNERS {
        let mut repository = Repository::empty(runner);
        repository.builds = true;
        repository.write(".pre-commit-config.yaml", &from_readme(address, &commit));
        for number in 0..20 {
            let fault = FAULTS.get(number).map_or(("", "", ""), |fault| *fault);
            repository.write(&format!("apps/{number}/scalegen.yaml"), &TOUR.replacen(fault.0, fault.1, 1));
        }
        if !repository.installed() {
            return;
        }
        let said = repository.refused();
        for (number, (_, _, message)) in FAULTS.iter().enumerate() {
            assert!(said.contains(message), "{message} in {said}");
            assert!(said.contains(&format!("[apps/{number}/scalegen.yaml:")), "{said}");
        }
        assert!(said.contains("5 errors, 0 warnings, 0 notes in 20 files"), "{said}");
        assert_eq!(said.matches("  help: ").count(), 5, "{said}");

        let fixed = scalegen(repository.path(), &["lint", "--fix"]);
        assert!(fixed.err.contains("fixed 1 finding in 1 file") || fixed.out.contains("fixed 1 finding in 1 file"));
        assert!(repository.read("apps/0/scalegen.yaml").contains("memory: 16Gi"));
        let said = repository.refused();
        assert!(said.contains("4 errors, 0 warnings, 0 notes in 20 files"), "{said}");

        // each mended with the words of its own help line
        let name = between(&said, "help: did you mean `", "`");
        repository.replace("apps/1/scalegen.yaml", "replicsa", name);
        let bound = between(&said, "help: write `", "`");
        repository.replace("apps/2/scalegen.yaml", "min: 3", bound);
        let enough = between(&said, "help: set maxConnections to at least ", ",");
        repository.replace("apps/3/scalegen.yaml", "maxConnections: 200", &format!("maxConnections: {enough}"));
        let free = between(&said, "help: publish ", ",");
        repository.replace("apps/4/scalegen.yaml", "publish: 8080", &format!("publish: {free}"));
        repository.commit().accepted("the mended commit", &said);

        // the other two, built with it
        repository.replace(
            ".pre-commit-config.yaml",
            "- id: scalegen-lint",
            "- id: scalegen-fix\n      - id: scalegen-render-check",
        );
        repository.write("scalegen.yaml", &GOOD.replace("1Gi", "1GB"));
        let said = repository.refused();
        assert!(
            said.contains("fixed 1 finding in 1 file") && said.contains("missing deploy/compose/compose.yaml"),
            "{said}"
        );
        repository.scalegen(&["render", "scalegen.yaml", "--out", "deploy"]);
        repository.commit().accepted("mended and rendered", "");
        assert_eq!(repository.read("scalegen.yaml"), GOOD);
    }
}
