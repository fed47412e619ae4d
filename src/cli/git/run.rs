//! Starts git so that nothing in the tree it looks at runs, or decides what runs.
//!
//! Three things together hold this. Only commands are used that read objects and names (`rev-parse`, `merge-base`, `ls-tree`,
//! `cat-file --batch`, `check-ignore`): they run no filter, hook, pager or other program. The folder of the repository is
//! found once, at a top level that the caller names, and given to every later command. And what git could start to get a
//! missing object is refused three times, as no single way is known to every version of git.

use super::super::child;
use super::super::read::io_error_text;
use super::patient::{PATIENCE, Patient};
use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Settings that override those of the repository. An empty value removes a configured program.
const SETTINGS: &[&str] = &[
    // a folder that looks like a bare repository does not count as one
    "safe.bareRepository=explicit",
    "protocol.allow=never",
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.alternateRefsCommand=",
    "core.sshCommand=",
    "core.askPass=",
    "credential.helper=",
];

/// Variables that lead to the user's own settings, such as `safe.directory` for a checkout that another user owns.
const OWN_SETTINGS: &[&str] = &[
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
];

/// The most bytes of git's output that are read.
const LARGEST: u64 = 1 << 30;

/// git, for one repository.
pub struct Git {
    program: PathBuf,
    /// The top of the working tree, with links resolved.
    top: PathBuf,
    /// The git folder of the repository; `None` only while git is asked for it.
    repository: Option<PathBuf>,
    /// Why git is not started again: it hung.
    hung: OnceCell<String>,
}

impl Git {
    /// git for the repository that a folder is the top of.
    ///
    /// # Errors
    /// git is not installed, or does not take the folder for a repository, or refuses it as another user's.
    pub fn at(top: &Path) -> Result<Git, String> {
        let folders = child::search_path(top);
        let program = child::find("git", &folders, top).ok_or_else(|| {
            format!("git is not installed, or only in {}, from where no program is run", top.display())
        })?;
        let mut git = Git { program, top: top.to_owned(), repository: None, hung: OnceCell::new() };
        // git looks here and not above; it checks the owner too
        let folder = git.run(&["rev-parse", "--absolute-git-dir"]).map_err(|why| {
            let own = "; if you trust it: git config --global --add safe.directory";
            if why.contains("dubious ownership") { format!("{why}{own} {}", top.display()) } else { why }
        })?;
        let folder = String::from_utf8(folder).map_err(|_| "the repository's path is not UTF-8".to_owned())?;
        let folder = PathBuf::from(folder.trim_end_matches(['\n', '\r']));
        // git went on to a folder above because it could not read this one
        let here = top.join(".git");
        if here.is_dir() && here.canonicalize().ok() != folder.canonicalize().ok() {
            return Err("its .git is not a git repository".to_owned());
        }
        git.repository = Some(folder);
        Ok(git)
    }

    /// The output of git.
    ///
    /// # Errors
    /// The message of git.
    pub fn run(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        self.answers()?;
        let mut command = self.command(args);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| refused(&error))?;
        let errors = child.stderr.take();
        // both streams are read at once: git waits when one is full
        let errors = std::thread::spawn(move || {
            let mut said = Vec::new();
            // output after the first lines is read and dropped
            let _ = errors.map(|mut all| {
                let _ = (&mut all).take(1 << 16).read_to_end(&mut said);
                std::io::copy(&mut all, &mut std::io::sink())
            });
            said
        });
        let mut printed = Vec::new();
        let read = child.stdout.take().map(|out| Patient::new(out).take(LARGEST + 1).read_to_end(&mut printed));
        if let Some(Err(error)) = &read
            && error.kind() == std::io::ErrorKind::TimedOut
        {
            let _ = child.kill();
            let _ = child.wait();
            return Err(self.hangs());
        }
        if printed.len() as u64 > LARGEST || matches!(read, Some(Err(_))) {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| refused(&error))?;
        let said = errors.join().unwrap_or_default();
        if printed.len() as u64 > LARGEST {
            return Err(format!("git {} prints more than {LARGEST} bytes", args.join(" ")));
        }
        if status.success() {
            return Ok(printed);
        }
        let said = String::from_utf8_lossy(&said);
        let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").trim();
        Err(if said.is_empty() { format!("git {} failed", args.join(" ")) } else { format!("git: {said}") })
    }

    /// Whether git can be used.
    ///
    /// # Errors
    /// It hung before, and would hang again.
    pub fn answers(&self) -> Result<(), String> {
        self.hung.get().map_or(Ok(()), |why| Err(why.clone()))
    }

    /// Remembers that git hung, and why no further result comes from it.
    pub fn hangs(&self) -> String {
        let seconds = PATIENCE.as_secs();
        let why = || {
            let folder = self.repository.clone().unwrap_or_else(|| self.top.join(".git"));
            let folder = folder.display();
            format!("git said nothing for {seconds} seconds; is everything in {folder} a regular file?")
        };
        self.hung.get_or_init(why).clone()
    }

    /// A git process to be started. Its environment holds only the paths of the user's own settings.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.top).arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        for folder in trusted_folders() {
            command.args(["-c", &format!("safe.directory={folder}")]);
        }
        if let Some(repository) = &self.repository {
            command.arg(option("--git-dir=", repository));
        }
        // also before the repository is known: its settings can name another tree
        command.arg(option("--work-tree=", &self.top)).args(args);
        // a system of this kind needs the variable to start any program
        child::keep_only(&mut command, &["SYSTEMROOT"]);
        let own = OWN_SETTINGS.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
        // if a build has its home in the tree it builds, the settings there belong to the tree
        command.envs(own.filter(|(name, value)| {
            let path = Path::new(value);
            !is_path(name) || value.is_empty() || !child::is_inside(path, &self.top)
        }));
        let above = self.top.parent().unwrap_or(&self.top);
        command
            .env("PATH", child::joined(&child::search_path(&self.top)))
            .env("GIT_CEILING_DIRECTORIES", above)
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C");
        command
    }
}

/// An option with a path, which need not be UTF-8.
fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(value);
    option
}

/// Whether a variable of [`OWN_SETTINGS`] holds a whole path.
fn is_path(name: &str) -> bool {
    !["GIT_CONFIG_NOSYSTEM", "HOMEDRIVE", "HOMEPATH"].contains(&name)
}

/// The folders that the caller trusts by `GIT_CONFIG_COUNT`, as jobs in containers do. Other settings there can be
/// secrets, such as a header with a token, and are dropped.
fn trusted_folders() -> Vec<String> {
    let text = |name: &str| std::env::var(name).ok();
    let count = text("GIT_CONFIG_COUNT").and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    let pair = |index| Some((text(&format!("GIT_CONFIG_KEY_{index}"))?, text(&format!("GIT_CONFIG_VALUE_{index}"))?));
    // git itself stops at a missing number
    let pairs = (0..count).map_while(pair);
    pairs.filter(|(key, _)| key.eq_ignore_ascii_case("safe.directory")).map(|(_, value)| value).collect()
}

/// Why git could not be started.
pub fn refused(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "git is not installed".to_owned(),
        _ => format!("git cannot be run: {}", io_error_text(error)),
    }
}
