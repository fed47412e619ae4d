//! Reads and parses the files of a compose project, and reports those that cannot be read. Knows no key of a service.

use super::dotenv::{self, BadLine};
use super::loader::{EnvFile, FileDocuments, Loader};
use super::variables::Variables;
use super::{MAX_SERVICES, MAX_VALUES, NamedFile, plain_keys, volumes};
use crate::inputs::files::{InputFile, InputFormat, MAX_FILES, Unread};
use crate::inputs::text::is_unknown;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FieldSpan, FileId, FileSpan, Source};
use crate::syntax::{self, Entry, Node, ParseMode, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// Files that other files name and that are not read, because they are on other machines.
const REMOTE: [&str; 7] = ["oci://", "https://", "http://", "git://", "ssh://", "git@", "github.com/"];

/// What projects call the example of a file of variables that they keep out of version control.
const SAMPLES: [&str; 4] = ["example", "sample", "template", "dist"];
/// The most places that are shown for one missing file.
const MOST_NAMED: usize = 8;

impl Loader<'_> {
    /// The documents of a file, each of which compose lays over those before it, with the id of the file.
    pub(super) fn documents(&mut self, named: &NamedFile) -> Option<FileDocuments> {
        self.asked += 1;
        let read = self.read_before.get(&named.path).cloned();
        if let Some(read) = read.filter(|_| self.asked <= MAX_FILES) {
            return read;
        }
        let read = self.parse(named);
        self.read_before.insert(named.path.clone(), read.clone());
        read
    }

    fn parse(&mut self, named: &NamedFile) -> Option<FileDocuments> {
        let text = if self.asked > MAX_FILES {
            Err(Unread { why: format!("the project reads more than {MAX_FILES} files"), missing: false })
        } else {
            self.reader.text(&named.path)
        };
        let text = match text {
            Ok(text) => text,
            Err(unread) => {
                self.unreadable(named, unread);
                return None;
            }
        };
        if !is_likely(&text)
            && let Some(at) = named.at
        {
            let message = format!("`{}` is not a compose file: it has no line `services:`", named.path.escape_debug());
            let finding = Finding::new("invalid-value", Severity::Error, at, message);
            self.report(finding.help("name a file with `services`"));
            self.out.partial = true;
            return None;
        }
        let file = self.add(named, text, InputFormat::COMPOSE)?;
        self.directives(file);
        let source = &self.into.get(file)?.source;
        let stream = syntax::parse_stream(file, source, ParseMode::Base);
        let start = FileSpan { file, ..FileSpan::default() };
        let mut roots = Vec::with_capacity(stream.documents.len());
        let mut weight = 0u32;
        for document in stream.documents {
            document.findings.into_iter().for_each(|finding| self.report(finding));
            let Some(root) = document.root else { continue };
            weight = weight.saturating_add(root.weight);
            roots.push(root);
        }
        // an empty file is reported below
        for span in stream.empty.into_iter().filter(|_| !roots.is_empty()) {
            let message =
                "docker compose takes a mapping with `services` as each document, and behind this mark is none";
            let finding = Finding::new("wrong-type", Severity::Error, FileSpan { file, span }, message);
            self.report(finding.help("take this `---` out"));
        }
        let services = roots.iter().filter_map(|root| root.get("services"));
        let many = services.into_iter().find(|services| services.node.entries().len() > MAX_SERVICES);
        let mut keys = Vec::new();
        if weight <= MAX_VALUES && many.is_none() {
            roots.iter().for_each(|root| plain_keys::judge(root, &mut keys));
        }
        keys.into_iter().for_each(|finding| self.report(finding));
        let own = self.into.get_mut(file)?;
        own.comments = stream.comments;
        own.documents.clone_from(&roots);
        if let Some(finding) = many.map(too_many).or_else(|| (weight > MAX_VALUES).then(|| too_large(&roots, start))) {
            self.report(finding);
            self.out.partial = true;
            return None;
        }
        Some((file, roots.into()))
    }

    /// Reports the directives that compose's reader refuses.
    fn directives(&mut self, file: FileId) {
        let Some(input) = self.into.get(file) else { return };
        let refused = syntax::directives(&input.source.text).filter(syntax::YamlDirective::refused_by_go);
        let finding = |directive: syntax::YamlDirective<'_>| {
            let message = format!("docker compose reads YAML 1.1, and refuses `{}`", directive.text.escape_debug());
            let at = FileSpan { file, span: directive.span };
            Finding::new(syntax::UNSUPPORTED_YAML, Severity::Error, at, message).help("take the line out")
        };
        let found: Vec<Finding> = refused.map(finding).collect();
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// Reports an empty file, or one that is not a mapping: compose refuses it, except for an empty
    /// included file.
    pub(super) fn without_content(&mut self, file: FileId, roots: &[Rc<Node>]) {
        let faulty = self.out.findings.iter().any(|finding| finding.at.file == file);
        if faulty {
            return;
        }
        let start = FileSpan { file, ..FileSpan::default() };
        let is_nothing = |root: &Rc<Node>| matches!(&root.value, Value::Map(entries) if entries.is_empty());
        if roots.iter().all(is_nothing) {
            let finding = Finding::new("missing-field", Severity::Error, start, "docker compose refuses an empty file");
            self.report(finding.help("write `services` with an `image` or a `build` for each"));
        }
        let other = |root: &&Rc<Node>| !matches!(root.value, Value::Map(_) | Value::Unknown);
        for root in roots.iter().filter(other) {
            let message = format!("docker compose takes a mapping with `services` as its file, not {}", root.kind());
            let finding = Finding::new("wrong-type", Severity::Error, root.at().place(), message);
            self.report(finding.help("write `services` with an `image` or a `build` for each"));
        }
    }

    fn add(&mut self, named: &NamedFile, text: String, format: InputFormat) -> Option<FileId> {
        let source = Source::new(named.path.clone(), text);
        let file = self.into.add(InputFile::new(source, format, self.origin))?;
        self.out.files.push(file);
        Some(file)
    }

    /// Reports a file that cannot be read, at the line that names it.
    pub(super) fn unreadable(&mut self, named: &NamedFile, unread: Unread) {
        self.out.partial = true;
        let Some(at) = named.at else {
            self.out.unread.push((named.path.clone(), unread));
            return;
        };
        let message = format!("`{}` cannot be read: {}", named.path.escape_debug(), unread.why);
        // one file that is not here is one cause, however many services name it
        let is_told = |known: &&mut Finding| known.rule == "unreadable-file" && known.message == message;
        if let Some(known) = self.out.findings.iter_mut().find(is_told) {
            if known.related.len() < MOST_NAMED {
                *known = known.clone().label(at, "named here too");
            }
            return;
        }
        let help = match self.sample_of(&named.path).filter(|_| unread.missing) {
            Some(sample) => format!("copy `{sample}` to `{}`, or correct the path", named.path.escape_debug()),
            None => "correct the path or put the file there".to_owned(),
        };
        let finding = Finding::new("unreadable-file", Severity::Error, at, message);
        self.report(finding.help(help));
    }

    /// The example that a project has in place of a file of variables that is not checked in.
    fn sample_of(&mut self, path: &str) -> Option<String> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut all = SAMPLES.iter().filter(|_| name.contains("env")).map(|end| format!("{path}.{end}"));
        all.find(|sample| self.reader.text(sample).is_ok())
    }

    /// Reads a file of variables, once: its names with their places, and their values.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) fn env_file(&mut self, named: &NamedFile, raw: bool) -> Result<EnvFile, Unread> {
        let key = (named.path.clone(), raw);
        if let Some(read) = self.env_files.get(&key) {
            return read.clone();
        }
        let read = self.read_env_file(named, raw);
        self.env_files.insert(key, read.clone());
        read
    }

    fn read_env_file(&mut self, named: &NamedFile, raw: bool) -> Result<EnvFile, Unread> {
        let text = self.reader.text(&named.path)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let read = if raw { dotenv::read_raw(text) } else { dotenv::read(text) };
        let refused = |why: String| Unread { why, missing: false };
        let read = read.map_err(|BadLine(line)| refused(format!("line {line} of it is no `NAME=value`")))?;
        let file = self.add(named, dotenv::covered(text, &read), InputFormat::ENVIRONMENT);
        let file = file.ok_or_else(|| refused("the run has too many files".to_owned()))?;
        Ok((file, Rc::new(read)))
    }

    /// The values of a file of variables, for references; `outer` and `earlier` take precedence.
    pub(super) fn variables(
        &mut self,
        named: &NamedFile,
        outer: &Variables,
        earlier: &HashMap<String, String>,
    ) -> HashMap<String, String> {
        match self.env_file(named, false) {
            Ok((_, read)) => dotenv::values(&read, outer, earlier),
            Err(unread) => {
                self.unreadable(named, unread);
                HashMap::new()
            }
        }
    }

    /// The file that a text names, from a folder; `None` if it is not to be read, and then the project is partial.
    pub(super) fn named(&mut self, node: &Node, at: FieldSpan, folder: &str) -> Option<NamedFile> {
        let path = node.as_str().filter(|path| !path.is_empty())?;
        if is_unknown(node) || REMOTE.iter().any(|scheme| path.starts_with(scheme)) || path.starts_with('~') {
            self.out.partial = true;
            return None;
        }
        Some(NamedFile { path: volumes::place(folder, path), at: Some(at.place()) })
    }
}

/// Reports more services than are checked.
fn too_many(services: &Entry) -> Finding {
    let count = services.node.entries().len();
    let message = format!("{count} in `services`, more than {MAX_SERVICES}: nothing of this file is checked");
    Finding::new("invalid-value", Severity::Error, services.at().key(), message).help("divide the file")
}

/// Reports more values than are read, at the first key.
fn too_large(roots: &[Rc<Node>], start: FileSpan) -> Finding {
    let message = format!("with its aliases written out the file has over {MAX_VALUES} values");
    let entries = roots.iter().flat_map(|root| root.entries());
    let first = entries.map(|entry| entry.at().key()).next().unwrap_or(start);
    Finding::new("invalid-value", Severity::Error, first, message).help("write fewer aliases of aliases")
}

/// Whether a text could be a compose file: empty, or with a line that begins `services:` or `include:`. Lines of another file that
/// is named by mistake, or by malice, must not be shown.
fn is_likely(text: &str) -> bool {
    let begins = |line: &str| {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{', '"', '\'']);
        let words = ["services", "include", "volumes", "networks"];
        let rest = words.iter().find_map(|word| line.strip_prefix(word));
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    text.trim().is_empty() || text.lines().any(begins)
}
