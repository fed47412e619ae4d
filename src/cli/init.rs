//! `scalegen init`: a starter spec and the schema for editors, as files. `change::starter` writes the text of the spec.

use super::args::Init;
use super::{Exit, Failure, complain, read, write};
use scalegen::CheckOptions;
use scalegen::change::starter::{Detail, Starter, label};
use scalegen::inputs::compose::Base;
use scalegen::inputs::spec::schema;
use scalegen::model::is_dns_label;
use scalegen::support::diagnostic::Severity;
use scalegen::support::source::{FileId, Source};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What docker compose takes for a compose file, in its order.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The schema's file beside the spec.
const SCHEMA: &str = "scalegen.schema.json";

/// Writes a starter spec, or prints it.
pub fn run(args: &Init, out: &mut dyn Write) -> Result<Exit, Failure> {
    let printed = args.file.as_os_str() == "-";
    let name = if printed { Some("scalegen.yaml") } else { args.file.file_name().and_then(|name| name.to_str()) };
    let Some(file) = name else { return Err(Failure(format!("{} names no file", args.file.display()))) };
    let folder = args.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let deployment = deployment(args, &folder)?;
    let own_schema = !printed && !args.no_schema && args.schema.is_none();
    let starter = Starter {
        name: &deployment,
        file,
        schema: args.schema.as_deref().or(own_schema.then_some(SCHEMA)),
        base: None,
        detail: Detail::Ports,
    };
    let base = compose(&folder);
    let made = best(&Starter { base: base.as_ref(), ..starter }, &folder);
    if printed {
        out.write_all(made.text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let mut files = vec![write::FileToWrite { path: file.into(), text: made.text }];
    if own_schema {
        files.push(write::FileToWrite { path: SCHEMA.into(), text: schema::for_editors() });
    }
    // a schema that is there already and says the same is no obstacle
    files.retain(|file| file.path.as_os_str() != SCHEMA || !says(&folder.join(SCHEMA), &file.text));
    let there = |file: &&write::FileToWrite| folder.join(&file.path).symlink_metadata().is_ok();
    if let (Some(there), false) = (files.iter().find(there), args.force) {
        let other = if there.path.as_os_str() == SCHEMA { ", --schema names another" } else { "" };
        let path = display_path(&folder, &there.path);
        return Err(Failure(format!("{path} is there already; --force overwrites it{other}; nothing was changed")));
    }
    // one that could not be taken over was read all the same
    let read: Vec<PathBuf> = standing(&folder).map(|path| folder.join(path)).into_iter().collect();
    for wanted in &files {
        let path = folder.join(&wanted.path);
        read::apart(&format!("init {}", display_path(&folder, &wanted.path)), &path, &read).map_err(Failure)?;
    }
    let written = write::all(&folder, &files).map_err(Failure)?;
    for wanted in &files {
        let written = written.iter().any(|written| written.path == wanted.path);
        writeln!(out, "{}", write::outcome(&display_path(&folder, &wanted.path), written))?;
    }
    let spec = display_path(&folder, Path::new(file));
    match (made.errors, made.warnings) {
        (0, 0) => writeln!(out, "next: scalegen render {spec}")?,
        (0, 1) => writeln!(out, "next: scalegen lint {spec}, which has a warning")?,
        (0, warnings) => writeln!(out, "next: scalegen lint {spec}, which has {warnings} warnings")?,
        (errors, _) => {
            let base = base.map_or_else(String::new, |base| base.path);
            let what = if errors == 1 { "something" } else { "things" };
            complain(&format!("{base} itself has {what} that lint refuses: scalegen lint {spec} says what"));
            return Ok(Exit::Findings);
        }
    }
    Ok(Exit::Clean)
}

/// A starter with what lint says of it.
struct Made {
    text: String,
    errors: usize,
    warnings: usize,
}

/// The starter that repeats as much of the compose file as lint takes.
fn best(starter: &Starter<'_>, folder: &Path) -> Made {
    let made = |detail| {
        let text = Starter { detail, ..*starter }.text();
        let files = read::Folder::of(&folder.join(starter.file));
        let checked = scalegen::lint(starter.file, text.as_bytes(), &files, &CheckOptions::default());
        let count = |severity| checked.findings.iter().filter(|finding| finding.severity == severity).count();
        Made { errors: count(Severity::Error), warnings: count(Severity::Warning), text }
    };
    let mut best = made(Detail::Ports);
    for detail in [Detail::Replicas, Detail::Names] {
        if best.errors > 0 {
            best = made(detail);
        }
    }
    best
}

/// The name given, or one after the folder.
fn deployment(args: &Init, folder: &Path) -> Result<String, Failure> {
    let Some(name) = &args.name else {
        let whole = folder.canonicalize().unwrap_or_else(|_| std::path::absolute(folder).unwrap_or_default());
        let last = whole.file_name().and_then(|name| name.to_str()).and_then(label);
        return Ok(last.unwrap_or_else(|| "app".to_owned()));
    };
    if is_dns_label(name) {
        return Ok(name.clone());
    }
    let meant = label(name).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    Err(Failure(format!(
        "--name: `{name}` is not 1 to 63 lowercase letters, digits and `-`, starting and ending with a letter or digit{meant}"
    )))
}

/// The compose file that stands in a folder.
fn standing(folder: &Path) -> Option<&'static str> {
    // a link that leads nowhere stands there too
    COMPOSE.into_iter().find(|path| folder.join(path).symlink_metadata().is_ok())
}

/// The compose file in a folder, read; one that cannot be is said and passed over.
fn compose(folder: &Path) -> Option<Base> {
    let path = standing(folder)?;
    let bytes = match read::file(&folder.join(path)) {
        Ok(bytes) => bytes,
        Err(why) => {
            complain(&format!("{} is passed over: {why}", display_path(folder, Path::new(path))));
            return None;
        }
    };
    let (base, findings) = Base::read(FileId(1), path, &Source::new(path, String::from_utf8_lossy(&bytes)));
    if let Some(finding) = findings.iter().find(|finding| finding.severity == Severity::Error) {
        complain(&format!("{} is passed over: {}", display_path(folder, Path::new(path)), finding.message));
        return None;
    }
    Some(base)
}

fn says(path: &Path, text: &str) -> bool {
    read::file(path).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// A path as the user would write it.
fn display_path(folder: &Path, file: &Path) -> String {
    let path = if folder == Path::new(".") { file.to_path_buf() } else { folder.join(file) };
    super::display_path(&path)
}
