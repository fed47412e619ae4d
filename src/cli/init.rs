//! `scalegen init`: a first spec and the schema for editors, as files. If there are files of another tool, the spec is an import of them; else
//! `change::starter` writes it.

use super::args::Init;
use super::import::{ImportFiles, ReadProject, deployment, folder_of, next_step};
use super::{Exit, Failure, complain, read, write};
use scalegen::change::import::Imported;
use scalegen::change::starter::Starter;
use scalegen::inputs::spec::schema;
use scalegen::model::is_plain_name;
use scalegen::support::diagnostic::Severity;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The schema's file beside the spec.
const SCHEMA: &str = "scalegen.schema.json";

/// Writes a first spec, or prints it.
pub fn run(args: &Init, out: &mut dyn Write) -> Result<Exit, Failure> {
    let printed = args.file.as_os_str() == "-";
    let name = if printed { Some("scalegen.yaml") } else { args.file.file_name().and_then(|name| name.to_str()) };
    let Some(file) = name else { return Err(Failure(format!("{} names no file", args.file.display()))) };
    let folder = folder_of(&args.file, printed);
    let deployment = deployment(args.name.as_deref(), &folder)?;
    let own_schema = !printed && !args.no_schema && args.schema.is_none();
    let schema = args.schema.as_deref().or(own_schema.then_some(SCHEMA));
    let found = imported(&folder);
    let spec = found.as_ref().map(|found| found.import(&deployment, file, schema));
    let text = match &spec {
        Some(imported) => imported.text.clone(),
        None => Starter { name: &deployment, file, schema }.text(),
    };
    if printed {
        out.write_all(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    // a file that could not be taken over was still read
    let mut read: Vec<PathBuf> =
        importable_files(&folder).iter().flat_map(|found| &found.read).map(|path| folder.join(path)).collect();
    read.extend(found.iter().flat_map(|found| found.read.iter().cloned()));
    put(args, &folder, &files(&folder, file, text.clone(), own_schema), &read, out)?;
    let base = match (&found, &spec) {
        (Some(found), Some(imported)) => tell(found, imported, out)?,
        _ => &[],
    };
    next_step(&folder, file, &text, base, out)
}

/// Prints what an import took and what it did not; returns the files that it read.
fn tell<'f>(found: &'f ReadProject, imported: &Imported, out: &mut dyn Write) -> Result<&'f [String], Failure> {
    found.lists(imported, out)?;
    Ok(found.base())
}

/// The spec, and the schema where it is wanted.
fn files(folder: &Path, file: &str, text: String, own_schema: bool) -> Vec<write::FileToWrite> {
    let mut files = vec![write::FileToWrite { path: file.into(), text }];
    let schema = own_schema.then(schema::for_editors);
    // an existing schema with the same text is not an obstacle
    let wanted = schema.filter(|schema| !says(&folder.join(SCHEMA), schema));
    files.extend(wanted.map(|text| write::FileToWrite { path: SCHEMA.into(), text }));
    files
}

/// Writes them, if nothing is in their way.
fn put(
    args: &Init,
    folder: &Path,
    files: &[write::FileToWrite],
    read: &[PathBuf],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let there = |file: &&write::FileToWrite| folder.join(&file.path).symlink_metadata().is_ok();
    if let (Some(there), false) = (files.iter().find(there), args.force) {
        let other = if there.path.as_os_str() == SCHEMA { ", --schema names another" } else { "" };
        let path = display_path(folder, &there.path);
        return Err(Failure(format!("{path} is there already; --force overwrites it{other}; nothing was changed")));
    }
    for wanted in files {
        let path = folder.join(&wanted.path);
        read::refuse_overwrite(&format!("init {}", display_path(folder, &wanted.path)), &path, read)
            .map_err(Failure)?;
    }
    let written = write::all(folder, files).map_err(Failure)?;
    for wanted in files {
        let written = written.iter().any(|written| written.path == wanted.path);
        writeln!(out, "{}", write::outcome(&display_path(folder, &wanted.path), written))?;
    }
    Ok(())
}

/// The files of a folder that can be imported, as `import` of the folder would find them.
fn importable_files(folder: &Path) -> Option<ImportFiles> {
    folder.is_dir().then(|| ImportFiles::of(&[folder.to_path_buf()], folder).ok())?
}

/// Reads them, if they have services. Files without services are reported and skipped.
fn imported(folder: &Path) -> Option<ReadProject> {
    let read = ReadProject::of(folder, importable_files(folder)?, None);
    if read.project.services.iter().any(|service| is_plain_name(&service.name)) {
        return Some(read);
    }
    let error = read.project.findings.iter().find(|finding| finding.severity == Severity::Error);
    let unread = read.project.unread.first().map(|(_, unread)| unread.why.as_str());
    let why = unread.or(error.map(|finding| &*finding.message)).unwrap_or("it has no service that a spec can name");
    let first = read.base().first().map_or(".", String::as_str);
    complain(&format!("{} is skipped: {why}", display_path(folder, Path::new(first))));
    None
}

fn says(path: &Path, text: &str) -> bool {
    read::file(path).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// A path as the user would write it.
fn display_path(folder: &Path, file: &Path) -> String {
    let path = if folder == Path::new(".") { file.to_path_buf() } else { folder.join(file) };
    super::display_path(&path)
}
