//! Finding `.scalegen.toml`: the nearest above each spec, or the one of `--config`. The library reads what is in it.

mod evaluate;
mod paths;

use super::args::SettingsArgs;
use super::baseline::{self, BaselineFile};
use super::{Failure, clock, read, templates};
use evaluate::{add, report};
use paths::{relative, slashes, whole};
use scalegen::check::policy::Policies;
use scalegen::check::rules;
use scalegen::check::settings::{self, Settings};
use scalegen::report::PolicyRule;
use scalegen::support::source::Source;
use scalegen::targets::Templates;
use scalegen::{CheckOptions, CheckResult};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The settings files of a run, each read once.
pub struct SettingsFiles {
    /// Whether the folders above a spec are searched.
    search: bool,
    /// The file of `--config`, which holds for every spec.
    given: Option<usize>,
    here: PathBuf,
    loaded: Vec<Loaded>,
    /// The settings file of each folder, as far as it is known.
    folders: HashMap<PathBuf, Option<usize>>,
    /// The baseline of the command line, which applies to every spec; or none, if one is to be written.
    accepted: Accepted<BaselineFile>,
}

/// Which findings are accepted for now.
pub enum Accepted<T> {
    /// Those in the baseline that the settings name.
    BySettings,
    /// Those in this one.
    By(T),
    /// None: the baseline is to be written.
    Nothing,
}

struct Loaded {
    folder: PathBuf,
    /// The file itself and its templates.
    files: Vec<PathBuf>,
    settings: Arc<Settings>,
    templates: Option<Arc<Templates>>,
    baseline: Option<BaselineFile>,
    policies: Arc<Policies>,
    /// What is wrong with the file itself.
    checked: CheckResult,
    /// Faults of files that it names, one report for each file.
    beside: Vec<CheckResult>,
}

/// The settings of one spec.
pub struct AppliedSettings {
    /// The options of the spec's check, with its settings.
    pub wanted: CheckOptions,
    /// Faults of the settings and of the files that they name.
    pub reported: Vec<CheckResult>,
    /// The files they were read from.
    pub files: Vec<PathBuf>,
}

/// Which settings file governs a spec, and the spec's path as that file and the baseline see it.
#[derive(Clone, Debug, Default)]
pub struct Governed {
    by: Option<usize>,
    path: String,
    listed: String,
}

impl Loaded {
    fn reports(&self) -> impl Iterator<Item = &CheckResult> {
        std::iter::once(&self.checked).chain(&self.beside).chain(self.baseline.as_ref().map(|known| &known.checked))
    }
}

impl SettingsFiles {
    /// # Errors
    /// The file of `--config`, or that of `--baseline`, cannot be read.
    pub fn new(config: &SettingsArgs, accepted: Accepted<&Path>) -> Result<SettingsFiles, Failure> {
        let here =
            std::env::current_dir().map_err(|error| Failure(format!("where am I? {}", read::io_error_text(&error))))?;
        let (loaded, folders) = (Vec::new(), HashMap::new());
        let mut governing = SettingsFiles {
            search: !config.isolated,
            given: None,
            here,
            loaded,
            folders,
            accepted: Accepted::BySettings,
        };
        governing.accepted = match accepted {
            Accepted::BySettings => Accepted::BySettings,
            Accepted::Nothing => Accepted::Nothing,
            Accepted::By(file) => {
                let known = governing.baseline_for(&whole(&governing.here, file));
                Accepted::By(known.map_err(|why| Failure(format!("cannot read {}: {why}", file.display())))?)
            }
        };
        if let Some(file) = &config.config {
            governing.given = Some(governing.load(&whole(&governing.here, file))?);
        }
        Ok(governing)
    }

    /// The settings of one spec, for a command that reads no other.
    ///
    /// # Errors
    /// A settings file is there and cannot be read.
    pub fn for_spec(config: &SettingsArgs, spec: &Path, wanted: &CheckOptions) -> Result<AppliedSettings, Failure> {
        let mut governing = SettingsFiles::new(config, Accepted::BySettings)?;
        let governed = governing.of(spec)?;
        let wanted = governing.wanted(wanted, &governed).into_owned();
        let files = governing.files();
        Ok(AppliedSettings { wanted, reported: governing.reports(), files })
    }

    /// Faults of the settings of one spec and of the files that they name, with the result of its own check taken into account.
    ///
    /// # Errors
    /// A settings file is there and cannot be read.
    pub fn reported(config: &SettingsArgs, spec: &Path, checked: &CheckResult) -> Result<Vec<CheckResult>, Failure> {
        let mut governing = SettingsFiles::new(config, Accepted::BySettings)?;
        let governed = governing.of(spec)?;
        governing.judge(&[], &[(governed, checked)]);
        Ok(governing.reports())
    }

    /// Every file that was read: settings, templates, baselines.
    pub fn files(&self) -> Vec<PathBuf> {
        let given = match &self.accepted {
            Accepted::By(known) => Some(&known.file),
            Accepted::BySettings | Accepted::Nothing => None,
        };
        let named = |loaded: &Loaded| loaded.baseline.as_ref().map(|known| known.file.clone());
        let files = self.loaded.iter().flat_map(|loaded| loaded.files.iter().cloned().chain(named(loaded)));
        files.chain(given.cloned()).collect()
    }

    /// The policies that hold in the current folder.
    ///
    /// # Errors
    /// A settings file is there and cannot be read.
    pub fn here(config: &SettingsArgs) -> Result<SettingsFiles, Failure> {
        let mut governing = SettingsFiles::new(config, Accepted::Nothing)?;
        if governing.search && governing.given.is_none() {
            let here = governing.here.clone();
            governing.nearest(&here)?;
        }
        Ok(governing)
    }

    /// Every policy of the settings files of the run, each id once.
    pub fn policies(&self) -> Vec<PolicyRule> {
        let all = self.loaded.iter().flat_map(|loaded| &loaded.policies.list);
        let mut list: Vec<PolicyRule> = Vec::new();
        for policy in all {
            let page = policy.page();
            match list.iter_mut().find(|known| policy.id == *known.id) {
                // two folders may use one name for different policies
                Some(known) if known.page != page => known.page = format!("{}\n{page}", known.page),
                Some(_) => {}
                None => {
                    let (id, severity, summary) = (policy.id.to_string(), policy.severity, policy.summary());
                    list.push(PolicyRule { id, severity, summary, page });
                }
            }
        }
        list
    }

    /// The settings that govern a spec.
    ///
    /// # Errors
    /// A settings file is there and cannot be read.
    pub fn of(&mut self, spec: &Path) -> Result<Governed, Failure> {
        let stdin = spec.as_os_str() == "-";
        let spec = whole(&self.here, spec);
        let by = match (self.given, spec.parent().filter(|_| self.search)) {
            (Some(given), _) => Some(given),
            (None, Some(folder)) => self.nearest(folder)?,
            (None, None) => None,
        };
        let folder = by.and_then(|index| self.loaded.get(index)).map(|loaded| &loaded.folder);
        let below = folder.filter(|_| !stdin).and_then(|folder| {
            // a file of --config need not be above the spec
            spec.strip_prefix(folder).or_else(|_| spec.strip_prefix(&self.here)).ok()
        });
        let path = below.map(slashes).unwrap_or_default();
        let mut governed = Governed { by, path, listed: String::new() };
        let known = self.baseline(&governed).filter(|_| !stdin);
        governed.listed = known.map(|known| slashes(&relative(&known.folder, &spec))).unwrap_or_default();
        Ok(governed)
    }

    /// The options of a spec's check, with its settings.
    pub fn wanted<'w>(&self, base: &'w CheckOptions, governed: &Governed) -> Cow<'w, CheckOptions> {
        let loaded = governed.by.and_then(|index| self.loaded.get(index));
        let known = self.baseline(governed);
        if loaded.is_none() && known.is_none() {
            return Cow::Borrowed(base);
        }
        Cow::Owned(CheckOptions {
            settings: loaded.map(|loaded| Arc::clone(&loaded.settings)),
            policies: loaded.map(|loaded| Arc::clone(&loaded.policies)).filter(|policies| !policies.list.is_empty()),
            path: governed.path.clone(),
            templates: loaded.and_then(|loaded| loaded.templates.clone()),
            baseline: known.map(|known| (Arc::clone(&known.baseline), governed.listed.clone())),
            ..base.clone()
        })
    }

    /// The baseline that holds for a spec.
    fn baseline(&self, governed: &Governed) -> Option<&BaselineFile> {
        match &self.accepted {
            Accepted::BySettings => governed.by.and_then(|index| self.loaded.get(index)?.baseline.as_ref()),
            Accepted::By(known) => Some(known),
            Accepted::Nothing => None,
        }
    }

    /// Whether the settings of the run name this file as their baseline.
    pub fn names(&self, file: &Path) -> bool {
        let named = |loaded: &Loaded| Some(loaded.folder.join(&loaded.settings.baseline.as_ref()?.0));
        self.loaded.iter().filter_map(named).any(|named| read::same_file(&named, file))
    }

    /// The paths of specs as a baseline that is to be written has them.
    ///
    /// # Errors
    /// One of them is standard input, which has none.
    pub fn listed(&self, file: &Path, specs: &[&Path]) -> Result<(PathBuf, Vec<String>), Failure> {
        let file = whole(&self.here, file);
        let folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        let listed = |spec: &&Path| match spec.as_os_str() == "-" {
            true => Err(Failure("`-` has no path that a baseline could name".to_owned())),
            false => Ok(slashes(&relative(&folder, &whole(&self.here, spec)))),
        };
        let listed = specs.iter().map(listed).collect::<Result<_, _>>()?;
        Ok((file, listed))
    }

    fn baseline_for(&self, file: &Path) -> Result<BaselineFile, String> {
        baseline::load(file, self.display_path(file))
    }

    fn nearest(&mut self, folder: &Path) -> Result<Option<usize>, Failure> {
        let mut passed = Vec::new();
        let mut found = None;
        for folder in folder.ancestors() {
            if let Some(known) = self.folders.get(folder) {
                found = *known;
                break;
            }
            passed.push(folder.to_path_buf());
            let file = folder.join(settings::NAME);
            if self.stands(&file)? {
                found = Some(self.load(&file)?);
                break;
            }
        }
        self.folders.extend(passed.into_iter().map(|folder| (folder, found)));
        Ok(found)
    }

    fn load(&mut self, file: &Path) -> Result<usize, Failure> {
        let name = self.display_path(file);
        let bytes = read::file(file).map_err(|why| Failure(format!("cannot read {name}: {why}")))?;
        let mut checked = CheckResult::default();
        let (settings, policies) = match scalegen::syntax::decode(bytes) {
            Ok(text) => {
                let source = Source::new(name, text);
                let read = scalegen::load_settings(&source, clock::today());
                (checked.findings, checked.paths) = (read.findings, read.paths);
                checked.sources.push(source);
                (read.settings, read.policies)
            }
            Err((bytes, why)) => {
                checked.findings.push(settings::undecodable(why));
                checked.paths.push(String::new());
                checked.sources.push(Source::new(name, String::from_utf8_lossy(&bytes)));
                let none = scalegen::load_settings(&Source::new("", ""), clock::today());
                (none.settings, none.policies)
            }
        };
        let folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        let (mut templates, mut beside, mut files) = (None, Vec::new(), vec![file.to_path_buf()]);
        if let Some((named, at)) = &settings.templates {
            let folder = whole(&self.here, &folder.join(named));
            match templates::read(&folder, &self.display_path(&folder), *at, &mut files) {
                Ok(taken) => {
                    add(&mut checked, taken.misnamed.into_iter().map(rules::ranked).collect());
                    templates = Some(Arc::new(taken.templates));
                    beside = taken.broken.into_iter().map(report).collect();
                }
                Err(why) => {
                    let message = format!("`{}` cannot be read: {why}", named.escape_debug());
                    let finding = rules::finding("unreadable-file", *at, message);
                    add(&mut checked, vec![finding.help("the path is relative to the settings file")]);
                }
            }
        }
        let mut baseline = None;
        if let (Accepted::BySettings, Some((named, at))) = (&self.accepted, &settings.baseline) {
            match self.baseline_for(&whole(&self.here, &folder.join(named))) {
                Ok(known) => baseline = Some(known),
                Err(why) => {
                    let message = format!("`{}` cannot be read: {why}", named.escape_debug());
                    let finding = rules::finding("unreadable-file", *at, message);
                    let help = format!("`scalegen lint --write-baseline {named}` writes it");
                    add(&mut checked, vec![finding.help(help)]);
                }
            }
        }
        self.loaded.push(Loaded { folder, files, baseline, settings, policies, templates, checked, beside });
        Ok(self.loaded.len() - 1)
    }

    /// Whether anything has that name: a file that cannot be read, such as a dangling link, was still meant to apply.
    fn stands(&self, file: &Path) -> Result<bool, Failure> {
        match file.symlink_metadata() {
            Ok(_) => Ok(true),
            Err(error) if read::is_missing(&error) => Ok(false),
            Err(error) => {
                let (name, why) = (self.display_path(file), read::io_error_text(&error));
                Err(Failure(format!("cannot look for {name}: {why}; --isolated does not look")))
            }
        }
    }

    /// A path from the root as messages name it: as seen from the folder of the run.
    fn display_path(&self, file: &Path) -> String {
        slashes(&relative(&self.here, file))
    }
}
