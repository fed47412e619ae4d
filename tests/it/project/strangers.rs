//! Trees that a stranger wrote, so that git would run a command: whatever the way, `scalegen diff` and the action's scripts
//! leave no trace of it, and nothing that they start has a secret in its environment.

use crate::common::judge::not_tested;
use crate::project::delivery::{git, run};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// What no child may see.
pub const SECRET: &str = "s3cret-of-the-job";

/// The variables that a child may have, but those that git is told by scalegen itself.
const MAY_HAVE: &[&str] =
    &["PATH", "HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "LC_ALL"];
/// What scalegen or the action tells git by its environment, and what shells set for themselves.
const IS_TOLD: &[&str] = &[
    "GIT_CEILING_DIRECTORIES",
    "GIT_ALLOW_PROTOCOL",
    "GIT_NO_LAZY_FETCH",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
    "PWD",
    "SHLVL",
    "_",
];

fn spec(replicas: u32) -> String {
    format!("version: 1\nname: a\nservices:\n  a: {{ image: x, replicas: {replicas} }}\n")
}

/// A checkout whose branch `pr` asks for 5 replicas where `main` has 2, and a trap: a program that leaves a file behind.
pub struct Checkout {
    folder: TempDir,
}

/// Every setting that lets git start a program, armed with one. Protocols that the caller forbids are allowed here.
pub fn armed(trap: &Path) -> String {
    let trap = trap.display();
    let commands = ["rev-parse", "merge-base", "ls-tree", "cat-file", "check-ignore", "status", "diff", "fetch", "log"];
    let each = |text: &str| commands.iter().map(|name| format!("\t{name} = \"{text}{trap}\"\n")).collect::<String>();
    format!(
        "[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tworktree = .\n\tfsmonitor = {trap}\n\thooksPath = {hooks}\n\
         \tsshCommand = {trap}\n\taskPass = {trap}\n\tpager = {trap}\n\teditor = {trap}\n\tgitProxy = {trap}\n\
         \talternateRefsCommand = {trap}\n\tattributesFile = {hooks}/attributes\n\
         [extensions]\n\tpartialClone = origin\n\
         [remote \"origin\"]\n\turl = /nowhere\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\
         \tuploadpack = \"{trap}; false\"\n\
         [protocol]\n\tallow = always\n[protocol \"file\"]\n\tallow = always\n[protocol \"ext\"]\n\tallow = always\n\
         [filter \"x\"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired = true\n\
         [diff]\n\texternal = {trap}\n[diff \"x\"]\n\ttextconv = {trap}\n\tcommand = {trap}\n\
         [pager]\n{pagers}[alias]\n{aliases}[gpg]\n\tprogram = {trap}\n[log]\n\tshowSignature = true\n\
         [credential]\n\thelper = \"!{trap}\"\n[uploadpack]\n\tpackObjectsHook = {trap}\n[include]\n\tpath = more\n",
        hooks = Path::new(&trap.to_string()).parent().unwrap().join("hooks").display(),
        pagers = each(""),
        aliases = each("!"),
    )
}

impl Checkout {
    pub fn new() -> Checkout {
        let checkout = Checkout { folder: TempDir::new().unwrap() };
        let origin = checkout.path("origin");
        fs::create_dir_all(origin.join("deploy")).unwrap();
        git(&origin, &["init", "-q", "-b", "main"]);
        for (branch, replicas) in [("main", 2), ("pr", 5)] {
            fs::write(origin.join("deploy/scalegen.yaml"), spec(replicas)).unwrap();
            git(&origin, &["add", "-A"]);
            git(&origin, &["commit", "-q", "-m", branch]);
            if branch == "main" {
                git(&origin, &["checkout", "-q", "-b", "pr"]);
            }
        }
        git(&origin, &["config", "uploadpack.allowFilter", "true"]);
        git(&origin, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let trap = checkout.trap();
        fs::create_dir_all(trap.parent().unwrap().join("hooks")).unwrap();
        fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", checkout.trace().display())).unwrap();
        fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(trap.parent().unwrap().join("hooks/attributes"), "* filter=x diff=x\n").unwrap();
        for hook in ["post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"] {
            symlink(&trap, trap.parent().unwrap().join("hooks").join(hook)).unwrap();
        }
        checkout.clone_as("work", &["--branch", "pr"]);
        git(&checkout.work(), &["branch", "-q", "main", "origin/main"]);
        checkout
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn work(&self) -> PathBuf {
        self.path("work")
    }

    pub fn trap(&self) -> PathBuf {
        self.path("elsewhere/trap")
    }

    /// What the trap leaves behind.
    fn trace(&self) -> PathBuf {
        self.path("pwned")
    }

    fn clone_as(&self, name: &str, options: &[&str]) -> PathBuf {
        let from = format!("file://{}", self.path("origin").display());
        let to = self.path(name);
        git(self.folder.path(), &[&["clone", "-q"], options, &[&from, to.to_str().unwrap()]].concat());
        to
    }

    /// Puts a bare repository with armed settings and without the file of `main` into a folder.
    fn plant_bare(&self, folder: &Path) {
        plant_bare(folder, &armed(&self.trap()));
    }

    fn untouched(&self, what: &str) {
        assert!(!self.trace().exists(), "{what}: a stranger's command ran");
    }

    /// Plain git does run the command: the trap is one.
    fn springs(&self, folder: &Path, args: &[&str]) {
        let mut plain = Command::new("git");
        plain.args(args).current_dir(folder).env_remove("GIT_DIR").output().unwrap();
        assert!(self.trace().exists(), "plain git {args:?} in {} runs nothing", folder.display());
        fs::remove_file(self.trace()).unwrap();
    }

    /// `scalegen diff --base main PATH…` in a folder, with more of an environment.
    fn diff(&self, folder: &Path, paths: &[&str], env: &[(&str, &str)]) -> (i32, String) {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_scalegen"))
            .args(["diff", "--base", "main"])
            .args(paths)
            .current_dir(folder)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        (status.code().unwrap(), String::from_utf8([stdout, stderr].concat()).unwrap())
    }

    /// What the whole comparison says: 2 replicas and then 5.
    fn compares(&self, folder: &Path, paths: &[&str], env: &[(&str, &str)]) {
        let (code, said) = self.diff(folder, paths, env);
        let what = format!("{} {paths:?} {env:?}", folder.display());
        self.untouched(&what);
        assert!(code == 1 && said.contains("replicas       2      5      +3"), "{what}: {code}: {said}");
    }

    /// Refused with these words.
    fn refuses(&self, folder: &Path, paths: &[&str], words: &str) {
        let (code, said) = self.diff(folder, paths, &[]);
        self.untouched(&format!("{} {paths:?}", folder.display()));
        assert!(code == 2 && said.contains(words), "{paths:?}: {code}: {said}");
    }
}

/// A folder that git takes for a bare repository.
pub fn plant_bare(folder: &Path, config: &str) {
    for name in ["objects/info", "objects/pack", "refs/heads"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(folder.join("config"), config).unwrap();
    fs::write(folder.join("more"), config.replace("[include]", "[included]")).unwrap();
    // a commit that is there, its tree and files that are not
    fs::write(folder.join("refs/heads/main"), "0123456789012345678901234567890123456789\n").unwrap();
}

const LACKS: &str = "0123456789012345678901234567890123456789";

#[test]
fn a_folder_that_looks_like_a_bare_repository_configures_nothing() {
    let checkout = Checkout::new();
    let (work, deploy) = (checkout.work(), checkout.work().join("deploy"));
    checkout.plant_bare(&deploy);
    checkout.springs(&deploy, &["cat-file", "-p", LACKS]);
    checkout.compares(&work, &["deploy"], &[]);
    checkout.compares(&work, &["deploy/scalegen.yaml"], &[]);
    checkout.compares(&deploy, &[], &[]);
    checkout.compares(checkout.folder.path(), &["work/deploy"], &[]);
    // committed it is the same
    git(&work, &["add", "-f", "-A"]);
    git(&work, &["commit", "-q", "-m", "x"]);
    checkout.compares(&work, &["deploy"], &[]);
    // at the top beside the real one, and where there is no real one at all
    checkout.plant_bare(&work);
    checkout.compares(&work, &[], &[]);
    let loose = checkout.path("loose");
    fs::create_dir(&loose).unwrap();
    checkout.plant_bare(&loose);
    fs::write(loose.join("scalegen.yaml"), spec(5)).unwrap();
    checkout.springs(&loose, &["cat-file", "-p", LACKS]);
    checkout.refuses(&loose, &[], "not a git repository");
}

#[test]
fn a_repository_inside_the_tree_is_not_the_one_that_is_asked() {
    let checkout = Checkout::new();
    let (work, config) = (checkout.work(), armed(&checkout.trap()));
    // a `.git` folder, and a `.git` file that leads to a bare folder, a module or elsewhere
    plant_bare(&work.join("nested/.git"), &config);
    plant_bare(&work.join("bare"), &config);
    plant_bare(&work.join(".git/modules/sub"), &config);
    plant_bare(&checkout.path("elsewhere/other"), &config);
    let outside = checkout.path("elsewhere/other").display().to_string();
    for (name, to) in [("file", "../bare"), ("sub", "../.git/modules/sub"), ("far", &outside)] {
        fs::create_dir_all(work.join(name)).unwrap();
        fs::write(work.join(name).join(".git"), format!("gitdir: {to}\n")).unwrap();
    }
    for name in ["nested", "file", "sub", "far"] {
        let folder = work.join(name);
        fs::create_dir_all(folder.join("below")).unwrap();
        for file in ["scalegen.yaml", "below/scalegen.yaml"] {
            fs::write(folder.join(file), spec(5)).unwrap();
        }
        checkout.springs(&folder, &["cat-file", "-p", LACKS]);
        for path in [name.to_owned(), format!("{name}/scalegen.yaml"), format!("{name}/below/scalegen.yaml")] {
            checkout.refuses(&work, &[&path], "belongs to another repository");
            // of two around a path nobody knows which is meant
            checkout.refuses(
                checkout.folder.path(),
                &[&format!("work/{path}")],
                "run scalegen in the one that is meant",
            );
        }
        // a search passes it over
        checkout.compares(&work, &[], &[]);
        // the user stands in it, so it is the one; it has no such commit, and what it says runs nothing
        checkout.refuses(&folder, &[], &folder.canonicalize().unwrap().display().to_string());
    }
}

#[test]
fn a_link_does_not_decide_which_repository_is_asked() {
    let checkout = Checkout::new();
    let (work, outside) = (checkout.work(), checkout.path("elsewhere/other"));
    plant_bare(&outside.join(".git"), &armed(&checkout.trap()));
    fs::write(outside.join("scalegen.yaml"), spec(5)).unwrap();
    checkout.springs(&outside, &["cat-file", "-p", LACKS]);
    symlink(&outside, work.join("link")).unwrap();
    checkout.refuses(&work, &["link"], "is outside the repository");
    checkout.refuses(&work, &["link/scalegen.yaml"], "is outside the repository");
    checkout.refuses(checkout.folder.path(), &["work/link/scalegen.yaml"], "run scalegen in the one that is meant");
    // a link to a folder that looks like a repository, and one to an honest folder
    checkout.plant_bare(&work.join("bare"));
    symlink("bare", work.join("again")).unwrap();
    fs::write(work.join("bare/scalegen.yaml"), spec(5)).unwrap();
    let (code, said) = checkout.diff(&work, &["again"], &[]);
    checkout.untouched("a link to a bare folder");
    assert!(code == 1 && said.contains("again/scalegen.yaml: new"), "{said}");
    symlink("deploy", work.join("same")).unwrap();
    checkout.compares(&work, &["same"], &[]);
}

#[test]
fn the_repository_itself_starts_no_program_whatever_its_settings() {
    let checkout = Checkout::new();
    // an unpacked archive can bring a `.git`: all of its settings are armed, and the file at `main` is not there
    for options in [&["--branch", "pr"][..], &["--branch", "pr", "--filter=blob:none"]] {
        let work = checkout.clone_as(if options.len() == 2 { "whole" } else { "part" }, options);
        git(&work, &["branch", "-q", "main", "origin/main"]);
        let config = armed(&checkout.trap());
        fs::write(work.join(".git/config"), config.replace("worktree = .", "worktree = ../elsewhere")).unwrap();
        fs::write(work.join(".git/more"), "").unwrap();
        fs::write(work.join(".gitattributes"), "* filter=x diff=x\n").unwrap();
        checkout.springs(&work, &["--work-tree=.", "status"]);
        match options.len() {
            2 => checkout.compares(&work, &["deploy"], &[]),
            _ => {
                checkout.springs(&work, &["--work-tree=.", "cat-file", "-p", "main:deploy/scalegen.yaml"]);
                checkout.refuses(&work, &["deploy"], "this clone lacks files of main");
            }
        }
        // a file that is not at the commit is asked for, which looks at what is ignored
        fs::write(work.join("deploy/c.yml"), "services: { a: { image: x } }\n").unwrap();
        fs::write(work.join("deploy/scalegen.yaml"), spec(5) + "targets: { compose: { base: c.yml } }\n").unwrap();
        checkout.diff(&work, &["deploy"], &[]);
        checkout.untouched("what is ignored");
    }
    // a linked working tree, whose settings are those of the repository
    let work = checkout.path("whole");
    fs::write(work.join(".git/config"), "").unwrap();
    let linked = checkout.path("linked");
    git(&work, &["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "pr"]);
    fs::write(work.join(".git/config"), armed(&checkout.trap()).replace("\tworktree = .\n", "")).unwrap();
    checkout.springs(&linked, &["status"]);
    plant_bare(&linked.join("deploy"), &armed(&checkout.trap()));
    checkout.compares(&linked, &["deploy"], &[]);
}

#[test]
fn the_environment_of_the_caller_names_no_program_and_no_repository() {
    let checkout = Checkout::new();
    let (work, trap) = (checkout.work(), checkout.trap().display().to_string());
    checkout.plant_bare(&work.join("bare"));
    let bare = work.join("bare").display().to_string();
    let config = work.join("bare/config").display().to_string();
    for (name, value) in [
        ("GIT_DIR", bare.as_str()),
        ("GIT_COMMON_DIR", &bare),
        ("GIT_WORK_TREE", &bare),
        ("GIT_OBJECT_DIRECTORY", &bare),
        ("GIT_INDEX_FILE", &config),
        ("GIT_NAMESPACE", "x"),
        ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=x'"),
        ("GIT_CONFIG_GLOBAL", &config),
        ("GIT_CONFIG_SYSTEM", &config),
        ("GIT_EXTERNAL_DIFF", &trap),
        ("GIT_SSH_COMMAND", &trap),
        ("GIT_PAGER", &trap),
        ("GIT_ASKPASS", &trap),
        ("GIT_PROXY_COMMAND", &trap),
        ("GIT_EXEC_PATH", &bare),
        ("GIT_TEMPLATE_DIR", &bare),
        ("GIT_CEILING_DIRECTORIES", work.to_str().unwrap()),
        ("GIT_TRACE2_EVENT", "/dev/full"),
        ("GIT_CONFIG_COUNT", "many"),
    ] {
        checkout.compares(&work, &["deploy"], &[(name, value)]);
    }
    // a home in the tree holds the tree's settings
    fs::rename(work.join("bare/config"), work.join(".gitconfig")).unwrap();
    fs::create_dir_all(work.join("git")).unwrap();
    fs::copy(work.join(".gitconfig"), work.join("git/config")).unwrap();
    let top = work.to_str().unwrap();
    checkout.compares(&work, &["deploy"], &[("HOME", top), ("XDG_CONFIG_HOME", top)]);
    checkout.compares(&work, &["deploy"], &[("HOME", "."), ("XDG_CONFIG_HOME", ".")]);
}

#[test]
fn git_is_not_taken_from_the_tree() {
    let checkout = Checkout::new();
    let (work, real) = (checkout.work(), std::env::var("PATH").unwrap());
    fs::create_dir(work.join("bin")).unwrap();
    for name in ["git", "bin/git", "deploy/git"] {
        fs::copy(checkout.trap(), work.join(name)).unwrap();
    }
    let links = checkout.path("links");
    fs::create_dir(&links).unwrap();
    symlink(work.join("git"), links.join("git")).unwrap();
    symlink(work.join("bin"), checkout.path("linked")).unwrap();
    let (bin, linked) = (work.join("bin"), checkout.path("linked"));
    for first in [".", "", "bin", "deploy", bin.to_str().unwrap(), links.to_str().unwrap(), linked.to_str().unwrap()] {
        checkout.compares(&work, &["deploy"], &[("PATH", &format!("{first}:{real}"))]);
        checkout.compares(&work.join("deploy"), &[], &[("PATH", &format!("{first}:{real}"))]);
    }
    let (code, said) = checkout.diff(&work, &["deploy"], &[("PATH", ".")]);
    checkout.untouched("PATH=.");
    assert!(code == 2 && said.contains("git is not installed"), "{said}");
}

/// A program that writes down its arguments and its environment, and then is the real one.
pub fn recorder(name: &str, log: &Path) -> String {
    let real = run(Command::new("sh").args(["-c", &format!("command -v {name}")]));
    // `env` is a program too: its own variables are those of the shell
    // a file for each process: several write at once
    format!("{{ echo \"$0 $*\"; env; echo; }} >>'{}'.$$\nexec {} \"$@\"", log.display(), real.trim())
}

/// What all [`recorder`]s of a log wrote.
pub fn recorded(log: &Path) -> String {
    let name = format!("{}.", log.file_name().unwrap().to_str().unwrap());
    let files = fs::read_dir(log.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&name));
    files.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// What a [`recorder`] wrote holds no secret and no variable but the allowed ones.
pub fn has_only_what_it_may(log: &str, also: &[&str]) {
    assert!(!log.contains(SECRET), "a child got a secret:\n{log}");
    let names = log.lines().filter_map(|line| line.split_once('='));
    let names: BTreeSet<&str> = names.map(|(name, _)| name).filter(|name| is_variable(name)).collect();
    let allowed: BTreeSet<&str> = [MAY_HAVE, IS_TOLD, also].concat().into_iter().collect();
    let more: Vec<_> = names.difference(&allowed).collect();
    assert!(more.is_empty(), "children got {more:?}:\n{log}");
    assert!(names.contains("PATH"), "nothing was written down: {log}");
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[test]
fn git_gets_an_environment_without_secrets() {
    let checkout = Checkout::new();
    let (programs, log) = (checkout.path("programs"), checkout.path("log"));
    fs::create_dir(&programs).unwrap();
    fs::write(programs.join("git"), format!("#!/bin/sh\n{}\n", recorder("git", &log))).unwrap();
    fs::set_permissions(programs.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let home = checkout.path("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join(".gitconfig"), "[core]\n\tabbrev = 12\n").unwrap();
    let header = format!("AUTHORIZATION: basic {SECRET}");
    let env = [
        ("PATH", path.as_str()),
        ("HOME", home.to_str().unwrap()),
        ("GH_TOKEN", SECRET),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("GIT_TOKEN", SECRET),
        ("HTTPS_PROXY", SECRET),
        ("LD_LIBRARY_PATH", SECRET),
        ("GIT_CONFIG_COUNT", "3"),
        ("GIT_CONFIG_KEY_0", "http.https://github.com/.extraheader"),
        ("GIT_CONFIG_VALUE_0", &header),
        ("GIT_CONFIG_KEY_1", "safe.directory"),
        ("GIT_CONFIG_VALUE_1", "/checked/out"),
        ("GIT_CONFIG_KEY_2", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_2", SECRET),
    ];
    fs::write(checkout.work().join("deploy/c.yml"), "services: { a: { image: x } }\n").unwrap();
    let based = spec(5) + "targets: { compose: { base: c.yml } }\n";
    fs::write(checkout.work().join("deploy/scalegen.yaml"), based).unwrap();
    checkout.compares(&checkout.work(), &["deploy"], &env);
    let said = recorded(&log);
    has_only_what_it_may(&said, &[]);
    // every way git is asked: its names, its folders, its files
    for command in ["rev-parse", "ls-tree", "cat-file"] {
        assert!(said.lines().any(|line| line.contains(&format!(" {command} "))), "{command}: {said}");
    }
    let calls: Vec<&str> = said.lines().filter(|line| line.contains("/git --no-pager ")).collect();
    for word in ["-c safe.bareRepository=explicit", "-c protocol.allow=never", "-c safe.directory=/checked/out"] {
        assert!(calls.iter().all(|call| call.contains(word)), "{word}: {calls:#?}");
    }
    let inside = format!("--git-dir={} ", checkout.work().canonicalize().unwrap().join(".git").display());
    // the first question is where the repository is
    let first: Vec<_> = calls.iter().filter(|call| !call.contains(&inside)).collect();
    assert!(first.len() == 1 && first[0].ends_with(" rev-parse --absolute-git-dir"), "{calls:#?}");
    assert!(said.contains("GIT_NO_LAZY_FETCH=1\n") && said.contains("GIT_ALLOW_PROTOCOL=\n"), "{said}");
}

/// A checkout of another user is refused as git does it, and taken where the caller trusts it.
#[test]
fn a_checkout_of_another_user_is_taken_only_where_it_is_trusted() {
    let checkout = Checkout::new();
    let own = Command::new("chown").args(["-R", "12345:12345"]).arg(checkout.work()).output().unwrap();
    if !own.status.success() {
        return not_tested("a checkout of another user: this needs root");
    }
    let home = checkout.path("home");
    fs::create_dir(&home).unwrap();
    let env = [("HOME", home.to_str().unwrap()), ("GIT_CONFIG_NOSYSTEM", "1")];
    let (code, said) = checkout.diff(&checkout.work(), &["deploy"], &env);
    assert!(code == 2 && said.contains("git config --global --add safe.directory /"), "{said}");
    let all = [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")];
    checkout.compares(&checkout.work(), &["deploy"], &[&env[..], &all].concat());
    fs::write(home.join(".gitconfig"), "[safe]\n\tdirectory = *\n").unwrap();
    checkout.compares(&checkout.work(), &["deploy"], &env);
}

#[test]
fn a_clone_that_lacks_objects_says_so_and_nothing_is_fetched() {
    let checkout = Checkout::new();
    let objects = |work: &Path| walkdir::WalkDir::new(work.join(".git/objects")).into_iter().count();
    for (name, option, words) in [
        ("blobless", "--filter=blob:none", "this clone lacks files of main"),
        ("treeless", "--filter=tree:0", "this clone lacks files of main"),
        (
            "shallow",
            "--depth=1",
            "a shallow clone; a branch or tag that is not here yet has to be fetched first: git fetch --depth=1 origin main",
        ),
    ] {
        let work = checkout.clone_as(name, &["--branch", "pr", option]);
        if name != "shallow" {
            git(&work, &["branch", "-q", "main", "origin/main"]);
        }
        let before = objects(&work);
        checkout.refuses(&work, &["deploy"], words);
        checkout.refuses(&work, &[], words);
        assert_eq!(objects(&work), before, "{name}: something was fetched");
        // what the message says does help
        match name {
            "shallow" => {
                let main = git(&checkout.path("origin"), &["rev-parse", "main"]);
                git(&work, &["fetch", "-q", "--depth=1", "origin", &main]);
                git(&work, &["branch", "-q", "main", &main]);
            }
            _ => drop(git(&work, &["fetch", "-q", "--refetch", "--no-filter"])),
        }
        checkout.compares(&work, &["deploy"], &[]);
    }
}

/// The process in which templates run is this program again: it has no use for what the job knows.
#[test]
fn the_process_of_templates_gets_an_environment_without_secrets() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("scalegen.yaml", &(spec(2) + "targets: { nginx: {} }\n"));
    write(".scalegen.toml", "templates = \"templates\"\n");
    for name in fs::read_dir("templates/nginx").unwrap().map(|entry| entry.unwrap().file_name()) {
        let name = name.to_str().unwrap().to_owned();
        write(&format!("templates/nginx/{name}"), &fs::read_to_string(format!("templates/nginx/{name}")).unwrap());
    }
    let log = folder.path().join("log");
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-v", "-s", "4096", "-e", "trace=execve", "-o"])
        .arg(&log)
        .args([env!("CARGO_BIN_EXE_scalegen"), "render", "scalegen.yaml", "--target", "nginx"])
        .current_dir(folder.path())
        .env("GH_TOKEN", SECRET)
        .output();
    let Some(text) = traced.ok().and_then(|_| fs::read_to_string(&log).ok()).filter(|text| text.contains("execve"))
    else {
        return not_tested("the environment of the process of templates: strace is not here or may not trace");
    };
    let child = text.lines().find(|line| line.contains("--template-apart")).unwrap_or_else(|| panic!("{text}"));
    assert!(text.contains(SECRET), "the program itself has it: {text}");
    let env = child.rsplit_once(", [").unwrap().1.split_once(']').unwrap().0;
    let env: Vec<&str> = env.split(", ").filter(|text| !text.is_empty()).collect();
    assert!(env.iter().all(|variable| variable.starts_with("\"LLVM_PROFILE_FILE=")), "{env:?}");
}
