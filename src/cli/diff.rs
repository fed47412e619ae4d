//! `scalegen diff`: chooses the two states of the specs to compare, from two files or through git. Computes no difference.

mod states;
mod tried;

use super::args::Diff;
use super::git::{GitTree, Repository};
use super::recorder::Recorder;
use super::settings::{Accepted, SettingsFiles};
use super::{Exit, Failure, complain, known_targets, lint, read, reports, subjects, suggestion};
use scalegen::change::diff::{Changes, NamedSide, Side, changes};
use scalegen::inputs::recognise;
use scalegen::report::{self, Comparison, TextStyle};
use scalegen::{CheckOptions, Files};
use states::{Both, TreeState, rename, side};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use tried::BothStates;

/// What was compared so far.
struct Compared<'a> {
    args: &'a Diff,
    /// The specs that are in both states, kept if loads are to be tried on them.
    both: Vec<BothStates>,
    /// The options of every spec.
    wanted: CheckOptions,
    governing: SettingsFiles,
    specs: Vec<Changes>,
    unchanged: usize,
    /// The profiles of all specs.
    profiles: Vec<String>,
    /// The specs that were read here, and the reader of the files that they name.
    read: Vec<PathBuf>,
    folders: Vec<read::Folder>,
    /// Whether there is a new finding that counts.
    fails: bool,
    /// Whether something could not be compared.
    failed: bool,
}

/// Compares and prints. A spec that cannot be read does not stop the rest.
pub fn run(args: &Diff, style: TextStyle, stderr: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let outputs = reports::wanted(&args.format)?;
    let profiles = args.profile.iter().cloned().map(Some).collect();
    let wanted = CheckOptions { profiles, targets: args.target.clone(), ..CheckOptions::default() };
    let mut all = Compared {
        args,
        both: Vec::new(),
        wanted,
        governing: SettingsFiles::new(&args.config, Accepted::BySettings)?,
        specs: Vec::new(),
        unchanged: 0,
        profiles: Vec::new(),
        read: Vec::new(),
        folders: Vec::new(),
        fails: false,
        failed: false,
    };
    let (from, to, names) = match (&args.base, &args.paths[..]) {
        (Some(base), paths) => all.with_commit(base, paths)?,
        (None, [old, new]) => all.two_files(old, new)?,
        (None, [one]) => {
            let one = one.display();
            return Err(Failure(format!(
                "{one} is to be compared with what? `scalegen diff --base main {one}`, or `scalegen diff OLD {one}`"
            )));
        }
        (None, _) => return Err(Failure("give two specs, OLD and NEW, or --base GITREF".to_owned())),
    };
    for profile in &args.profile {
        if !all.profiles.contains(profile) && (!all.failed || !all.profiles.is_empty()) {
            let known = all.profiles.iter().map(String::as_str);
            return Err(Failure(format!("unknown profile `{profile}`; {}", suggestion(profile, known))));
        }
    }
    if all.failed && all.specs.is_empty() && all.unchanged == 0 {
        return Ok(Exit::Failed);
    }
    if all.print(&outputs, (&from, to.as_deref(), names), (style, stderr), out)?.is_none() {
        return Ok(Exit::Failed);
    }
    let settings_fail = all.governing.fails(None);
    let mut settings = all.governing.reports();
    if !settings.is_empty() {
        lint::print_text(&mut settings, TextStyle { color: false, ..style }, &mut std::io::stderr())?;
    }
    let fails = all.fails || settings_fail || all.specs.iter().any(Changes::scaled);
    Ok(match (all.failed, fails) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Clean,
    })
}

/// The names of the two states (`None` is the working tree), and the question.
type DiffWords = (String, Option<String>, Vec<String>);

impl Compared<'_> {
    /// Prints what was compared; nothing if a load has errors, which are printed.
    fn print(
        &self,
        outputs: &[reports::ReportOutput<report::ChangesForm>],
        (from, to, names): (&str, Option<&str>, Vec<String>),
        (style, stderr): (TextStyle, TextStyle),
        out: &mut dyn Write,
    ) -> Result<Option<()>, Failure> {
        let beside = self.folders.iter().flat_map(read::Folder::has_read);
        let inputs: Vec<PathBuf> = self
            .read
            .iter()
            .cloned()
            .chain(beside)
            .chain(self.governing.files())
            .chain(tried::files(self.args))
            .collect();
        reports::refuse_overwrites(outputs, &inputs)?;
        let filters = self.args.profile.iter().map(|name| format!("profile={name}"));
        let filters = filters.chain(self.args.target.iter().map(|name| format!("target={name}")));
        let question: Vec<String> = names.into_iter().chain(filters).collect();
        let tried = match self.args.load.is_empty() {
            true => None,
            false => match tried::play(self.args, &self.both, stderr)? {
                Some(simulation) => Some(simulation),
                None => return Ok(None),
            },
        };
        let comparison = Comparison {
            from,
            to,
            asked: &question,
            specs: &self.specs,
            unchanged: self.unchanged,
            tried: tried.as_ref(),
        };
        reports::print(outputs, |form, style, out| report::changes(&comparison, form, style, out), style, out)?;
        Ok(Some(()))
    }

    fn two_files(&mut self, old: &Path, new: &Path) -> Result<DiffWords, Failure> {
        let stdin = |path: &Path| path.as_os_str() == "-";
        if stdin(old) && stdin(new) {
            return Err(Failure("only one of the two can be `-`".to_owned()));
        }
        let name = |path: &Path| if stdin(path) { "<stdin>".to_owned() } else { subjects::report_path(path) };
        let (from, to) = (name(old), name(new));
        let state = |path: &Path, name| {
            let bytes = if stdin(path) { read::stdin() } else { read::spec(path) };
            let bytes = bytes.map_err(|why| {
                let git = if path.is_dir() { "; for the specs of a folder: scalegen diff --base GITREF" } else { "" };
                Failure(format!("cannot read {}: {why}{git}", path.display()))
            })?;
            let folder = read::Folder::of(path);
            let files: Box<dyn Files> = Box::new(folder.clone());
            Ok::<_, Failure>((TreeState { name, bytes, files }, folder))
        };
        let ((before, one), (after, two)) = (state(old, &from)?, state(new, &to)?);
        self.read = vec![old.to_owned(), new.to_owned()];
        self.folders = vec![one, two];
        self.compare(new, Some(before), Some(after), false)?;
        Ok((from, Some(to.clone()), vec![to]))
    }

    /// Compares one spec and keeps its differences.
    ///
    /// Both sides use the settings of the later one, which govern its path: a change of settings is not a change of the spec.
    fn compare(
        &mut self,
        path: &Path,
        old: Option<TreeState<'_>>,
        new: Option<TreeState<'_>>,
        renamed: bool,
    ) -> Result<(), Failure> {
        // one name for both sides, so that headers do not differ; a file of another format is known by its own
        let name = new.as_ref().or(old.as_ref()).map_or("", |state| state.name);
        let old_name = old.as_ref().filter(|old| new.as_ref().is_some_and(|new| old.format() != new.format()));
        let old_name = old_name.map_or(name, |old| old.name);
        if let (Some(old), Some(new), false) = (&old, &new, self.args.load.is_empty()) {
            let (before, after) = ((old_name, &*old.bytes, &*old.files), (name, &*new.bytes, &*new.files));
            self.both.push(BothStates::read(self.args, before, after)?);
        }
        if let (Some(old), Some(new)) = (&old, &new)
            && !renamed
            && self.is_same(old, new)
        {
            self.unchanged += 1;
            return Ok(());
        }
        let governed = self.governing.of(path)?;
        let wanted = self.governing.wanted(&self.wanted, &governed);
        let (before, after) = (side(old_name, &old, &wanted), side(name, &new, &wanted));
        for side in before.iter().chain(&after) {
            self.profiles.extend(side.known.iter().cloned());
        }
        fn named<'s>(state: &'s Option<TreeState<'_>>, side: &'s Option<Side<'_>>) -> Option<NamedSide<'s>> {
            Some(NamedSide { name: state.as_ref()?.name, side: side.as_ref()? })
        }
        let found = changes(named(&old, &before), named(&new, &after));
        let found = found.map_err(|bug| Failure(format!("our bug, please report it: {bug}")))?;
        let found = Changes { renamed, ..found };
        self.fails |= found.fails(self.governing.least(None, &governed)) > 0;
        if found.is_empty() {
            self.unchanged += 1;
        } else {
            self.specs.push(found);
        }
        Ok(())
    }

    /// Whether both states have the same text and the files it names are the same too.
    fn is_same(&mut self, old: &TreeState<'_>, new: &TreeState<'_>) -> bool {
        if old.bytes != new.bytes {
            return false;
        }
        let recorder = Recorder::new(&*new.files);
        let wanted = CheckOptions { targets: self.wanted.targets.clone(), ..CheckOptions::default() };
        let checked = scalegen::lint_any(new.name, &new.bytes, &recorder, &wanted);
        let read = recorder.into_read();
        let same = read.iter().all(|(path, bytes)| old.files.read(path).ok() == *bytes);
        if same {
            self.profiles.extend(checked.profiles);
        }
        same
    }

    fn with_commit(&mut self, base: &str, paths: &[PathBuf]) -> Result<DiffWords, Failure> {
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        if paths.iter().any(|path| path.as_os_str() == "-") {
            return Err(Failure("`-` is at no commit: name files or folders with --base".to_owned()));
        }
        let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
        let repository = Repository::of(first).map_err(Failure)?;
        let tree = repository.at(base).map_err(Failure)?;
        let specs = self.specs(&repository, &tree, paths)?;
        for spec in &specs {
            let compared = self.compare_spec(&repository, &tree, spec)?;
            // a commit that was read in part compares with nothing
            if let Some(why) = tree.lacking() {
                return Err(Failure(why));
            }
            if let Err(why) = compared {
                complain(&why);
                self.failed = true;
            }
        }
        let names = paths.iter().filter_map(|path| repository.inside(path));
        let names = names.map(|name| if name.is_empty() { ".".to_owned() } else { name });
        Ok((base.to_owned(), None, names.collect()))
    }

    /// The specs to compare: those below the folders, here or at the commit, and the files that were named.
    fn specs(&mut self, repository: &Repository, tree: &GitTree<'_>, paths: &[PathBuf]) -> Result<Vec<Both>, Failure> {
        let known: BTreeSet<&str> = tree.files().collect();
        // by the path from the top: named twice is compared once
        let mut found: BTreeMap<String, Both> = BTreeMap::new();
        for path in paths {
            let inside = match repository.path_inside(path) {
                Ok(inside) => inside,
                Err(why) => {
                    complain(&why);
                    self.failed = true;
                    continue;
                }
            };
            let below = if inside.is_empty() { String::new() } else { format!("{inside}/") };
            let folder = path.is_dir() || (!path.exists() && known.iter().any(|file| file.starts_with(&below)));
            let count = found.len();
            if !folder {
                let old = known.contains(inside.as_str()).then(|| inside.clone());
                let new = path.exists().then(|| path.clone());
                if old.is_none() && new.is_none() {
                    complain(&format!("cannot read {}: it is neither here nor at {}", path.display(), tree.name));
                    self.failed = true;
                    continue;
                }
                found.insert(inside, Both { old, new, renamed: false });
                continue;
            }
            let all = if path.is_dir() { read::specs(path) } else { read::FoundSpecs::default() };
            for why in &all.shut {
                complain(&format!("cannot search {why}"));
                self.failed = true;
            }
            for (spec, _) in subjects::in_folder(&all) {
                let Ok(inside) = repository.path_inside(&spec) else { continue };
                let old = known.contains(inside.as_str()).then(|| inside.clone());
                let spec = spec.strip_prefix("./").map(Path::to_path_buf).unwrap_or(spec);
                found.entry(inside).or_insert(Both { old, new: Some(spec), renamed: false });
            }
            for file in known.iter().filter(|file| file.starts_with(&below) && recognise::by_name(file).is_some()) {
                // a file that exists but is not listed is ignored, or in a repository of its own
                if !repository.top.join(file).exists() {
                    let old = Some((*file).to_owned());
                    found.entry((*file).to_owned()).or_insert(Both { old, new: None, renamed: false });
                }
            }
            if found.len() == count && all.shut.is_empty() {
                let (path, name) = (path.display(), &tree.name);
                complain(&format!("no scalegen.yaml or *.scalegen.yaml in {path}, here or at {name}"));
                self.failed = true;
            }
        }
        let gone = known.iter().copied().filter(|file| read::is_spec(file) && !repository.top.join(file).exists());
        let gone: Vec<&str> = gone.collect();
        rename(tree, &gone, &mut found)?;
        Ok(found.into_values().collect())
    }

    /// Compares one spec with its earlier state; or returns why it cannot be read.
    fn compare_spec(
        &mut self,
        repository: &Repository,
        tree: &GitTree<'_>,
        spec: &Both,
    ) -> Result<Result<(), String>, Failure> {
        let is = spec.new.as_ref().map(|new| subjects::report_path(new)).unwrap_or_default();
        // the same path has the same name, however it was given: `../a`, `/top/a`, by a link
        let was = match &spec.old {
            Some(old) if spec.renamed || spec.new.is_none() => repository.seen_from_here(old),
            Some(_) => is.clone(),
            None => String::new(),
        };
        let mut states = (None, None);
        if let Some(old) = &spec.old {
            let bytes = match tree.read(old) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok(Err(format!("cannot read {was} at {}: it is not there", tree.name))),
                Err(why) => return Ok(Err(format!("cannot read {was} at {}: {why}", tree.name))),
            };
            let folder = old.rsplit_once('/').map_or("", |(folder, _)| folder);
            states.0 = Some(TreeState { name: &was, bytes, files: Box::new(tree.files_of(folder)) });
        }
        if let Some(new) = &spec.new {
            self.read.push(new.clone());
            let bytes = match read::file(new) {
                Ok(bytes) => bytes,
                Err(why) => return Ok(Err(format!("cannot read {}: {why}", new.display()))),
            };
            let folder = read::Folder::of(new);
            self.folders.push(folder.clone());
            states.1 = Some(TreeState { name: &is, bytes, files: Box::new(folder) });
        }
        let gone = repository.top.join(spec.old.as_deref().unwrap_or_default());
        self.compare(spec.new.as_ref().unwrap_or(&gone), states.0, states.1, spec.renamed).map(Ok)
    }
}
