//! The published hooks under the real pre-commit: a commit with faults is refused with readable findings, a mended one goes.

use crate::judge::{Verdict, judge};
use serde_json::{Value as Json, json};
use std::fs;
use tempfile::TempDir;

const HOOKS: &str = include_str!("../../.pre-commit-hooks.yaml");

const GOOD: &str = "version: 1
name: shop
services:
  web: { image: \"shop/web:1\", replicas: 2, resources: { limits: { memory: 1Gi } } }
targets:
  compose: {}
";

/// A git repository whose commits pass through hooks.
struct Repository(TempDir);

impl Repository {
    /// The hooks as published, but with the binary at hand: building one needs a registry.
    fn new(hooks: &[&str]) -> Repository {
        let published: Vec<Json> = serde_yaml::from_str(HOOKS).unwrap();
        let mut chosen: Vec<Json> =
            published.into_iter().filter(|hook| hooks.contains(&hook["id"].as_str().unwrap())).collect();
        assert_eq!(chosen.len(), hooks.len(), "{hooks:?} are published");
        for hook in &mut chosen {
            let entry = hook["entry"].as_str().unwrap().strip_prefix("scalegen ").unwrap();
            hook["entry"] = format!("{} {entry}", env!("CARGO_BIN_EXE_scalegen")).into();
            hook["language"] = "system".into();
        }
        let repository = Repository(TempDir::new().unwrap());
        let config = json!({"repos": [{"repo": "local", "hooks": chosen}]});
        repository.write(".pre-commit-config.yaml", &config.to_string());
        repository
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, command: &[&str]) -> Option<Verdict> {
        let mut args = vec![self.0.path().to_str().unwrap()];
        args.extend(command);
        judge("pre-commit.sh", &args)
    }

    /// Makes the repository; whether pre-commit is here.
    fn installed(&self) -> bool {
        self.run(&["git", "init", "-q"]).is_some_and(|made| made.accepted("git init", "").accepted)
            && self.run(&["pre-commit", "install"]).is_some_and(|made| made.accepted("install", "").accepted)
    }

    fn commit(&self) -> Verdict {
        self.run(&["git", "add", "-A"]).unwrap().accepted("git add", "");
        self.run(&["git", "commit", "-q", "-m", "x"]).unwrap()
    }
}

#[test]
fn the_published_file_is_a_manifest() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(".pre-commit-hooks.yaml"), HOOKS).unwrap();
    let args = [dir.path().to_str().unwrap(), "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"];
    if let Some(verdict) = judge("pre-commit.sh", &args) {
        verdict.accepted(".pre-commit-hooks.yaml", HOOKS);
    }
}

#[test]
fn a_commit_with_faults_is_refused_with_every_finding() {
    let repository = Repository::new(&["scalegen-lint"]);
    if !repository.installed() {
        return;
    }
    let bad = GOOD.replace("replicas: 2", "replicas: { min: 3, max: 2 }");
    for number in 0..20 {
        let name = if number % 2 == 0 { "scalegen.yaml" } else { "shop.scalegen.yml" };
        repository.write(&format!("apps/{number}/{name}"), if number < 5 { &bad } else { GOOD });
    }
    repository.write("apps/other.yaml", &bad);
    repository.write("apps/notscalegen.yaml", &bad);
    let refused = repository.commit();
    assert!(!refused.accepted, "{}", refused.err);
    let said = refused.out + &refused.err;
    assert_eq!(said.matches("error[min-above-max]: min 3 is above max 2").count(), 5, "{said}");
    assert_eq!(said.matches("help: write `min: 2` or `max: 3`").count(), 5, "{said}");
    assert!(said.contains("[apps/3/shop.scalegen.yml:4:48]"), "{said}");
    assert_eq!(said.matches("5 errors, 0 warnings, 0 notes in 20 files").count(), 1, "one run, one report: {said}");
    for number in 0..5 {
        let name = if number % 2 == 0 { "scalegen.yaml" } else { "shop.scalegen.yml" };
        repository.write(&format!("apps/{number}/{name}"), GOOD);
    }
    repository.commit().accepted("the mended commit", "");
}

#[test]
fn a_commit_without_its_rendered_files_is_refused() {
    let repository = Repository::new(&["scalegen-lint", "scalegen-render-check"]);
    if !repository.installed() {
        return;
    }
    let render = || {
        let ran = crate::cli::scalegen(repository.0.path(), &["render", "scalegen.yaml", "--out", "deploy"]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    };
    repository.write("scalegen.yaml", GOOD);
    let refused = repository.commit();
    assert!(!refused.accepted && (refused.out + &refused.err).contains("missing deploy/compose.yaml"));
    render();
    repository.commit().accepted("with its files", "");
    repository.write("scalegen.yaml", &GOOD.replace("replicas: 2", "replicas: 4"));
    let refused = repository.commit();
    assert!(!refused.accepted, "{}", refused.err);
    let said = refused.out + &refused.err;
    assert!(said.contains("-      replicas: 2") && said.contains("+      replicas: 4"), "{said}");
    render();
    repository.commit().accepted("rendered again", "");
    fs::remove_file(repository.0.path().join("deploy/compose.yaml")).unwrap();
    assert!(!repository.commit().accepted, "a removed file is missed");
}
