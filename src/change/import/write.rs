//! The text of an imported spec. Knows how a spec is written, and no format of another tool.

use super::origin::Origins;
use super::outcome::{ImportOptions, ImportTarget, SelectedService};
use super::swarm::Reader;
use crate::inputs::spec::schema::sample;
use crate::model::quantity::Cpu;
use crate::support::source::FileSpan;
use crate::syntax::{Entry, Node, Value};
use std::fmt::Write;

/// The spec.
pub(super) fn spec(
    options: &ImportOptions<'_>,
    reader: Reader,
    services: &[SelectedService],
    asked: &[(String, Vec<String>)],
    origins: &Origins<'_>,
) -> String {
    let mut out = String::new();
    // writing to a string cannot fail
    let _ = write(&mut out, options, services, origins).and_then(|()| target(&mut out, options, reader, asked));
    out
}

/// The most files that are named in a sentence and in one line.
const MOST_FILES: usize = 3;

fn write(
    out: &mut String,
    options: &ImportOptions<'_>,
    services: &[SelectedService],
    origins: &Origins<'_>,
) -> std::fmt::Result {
    let base = match options.base.len() {
        0 => "standard input".to_owned(),
        1..=MOST_FILES => options.base.join(", "),
        several => format!("{several} files"),
    };
    if let Some(schema) = options.schema {
        writeln!(out, "# yaml-language-server: $schema={schema}")?;
    }
    writeln!(out, "# How {} scales. Imported from {base}, which stays as it is and says all", options.name)?;
    writeln!(
        out,
        "# that is not written here. The comment behind a number is what it said then. Lines with a ? ask for what only a person knows.\n"
    )?;
    writeln!(out, "version: 1\nname: {}", quoted(options.name))?;
    for (section, backing) in [("services", false), ("backingServices", true)] {
        let mut own = services.iter().filter(|service| service.backing == backing).peekable();
        if own.peek().is_some() {
            writeln!(out, "\n{section}:")?;
        }
        own.try_for_each(|service| write_service(out, service, origins))?;
    }
    writeln!(
        out,
        "\n# capacity: {{ nodes: [{{ count: ?, cpu: ?, memory: ? }}] }} the machines on which everything must fit\n"
    )?;
    Ok(())
}

/// The files, with the options that decide how they are read.
fn target(
    out: &mut String,
    options: &ImportOptions<'_>,
    reader: Reader,
    asked: &[(String, Vec<String>)],
) -> std::fmt::Result {
    match options.target {
        ImportTarget::Compose { env_file, unread_env_file } => {
            writeln!(out, "targets:\n  compose:")?;
            base(out, options, "    base", "the file that this is kept in")?;
            match reader {
                Reader::Compose => {}
                Reader::Unclear => writeln!(out, "    # form: stack ? where `docker stack deploy` reads the file")?,
                Reader::Swarm => writeln!(out, "    form: stack # for `docker stack deploy`")?,
            }
            if let Some(file) = env_file {
                let file = file_name(file);
                writeln!(out, "    envFile: {file} # what docker compose reads; no value of it is copied")?;
            } else if let Some(file) = unread_env_file {
                let file = file_name(file);
                writeln!(out, "    # envFile: {file} ? docker compose reads it where it is beside the file")?;
            }
        }
        ImportTarget::Kubernetes { containers } => {
            writeln!(out, "targets:\n  kubernetes:")?;
            base(out, options, "    base", "the file that these manifests are kept in")?;
            if options.base.is_empty() && !containers.is_empty() {
                writeln!(out, "    containers:")?;
                containers
                    .iter()
                    .try_for_each(|(service, name)| writeln!(out, "      {}: {}", quoted(service), quoted(name)))?;
            }
            for (service, names) in asked {
                let names = names.join(", ");
                writeln!(out, "    # containers: {{ {service}: ? }} which of {names} the fields of {service} mean")?;
            }
        }
        ImportTarget::Chart => {
            writeln!(out, "targets:\n  helm:")?;
            base(out, options, "    base", "the file that these values are kept in")?;
        }
        ImportTarget::Whole(name) => {
            base(out, options, "from", "the file that this is kept in")?;
            if let Some(name) = name {
                writeln!(out, "targets:\n  {name}: {{}}")?;
            }
        }
    }
    Ok(())
}

/// The files, or a question that follows them.
fn base(out: &mut String, options: &ImportOptions<'_>, key: &str, what: &str) -> std::fmt::Result {
    let names: Vec<String> = options.base.iter().map(|path| file_name(path)).collect();
    let indent = key.len() - key.trim_start().len();
    match names.as_slice() {
        [] => writeln!(out, "{}# {}: ? {what}", " ".repeat(indent), key.trim_start()),
        [one] => writeln!(out, "{key}: {one}"),
        several if several.len() <= MOST_FILES => writeln!(out, "{key}: [{}]", several.join(", ")),
        several => {
            writeln!(out, "{key}:")?;
            several.iter().try_for_each(|name| writeln!(out, "{}- {name}", " ".repeat(indent + 2)))
        }
    }
}

fn write_service(out: &mut String, service: &SelectedService, origins: &Origins<'_>) -> std::fmt::Result {
    let name = quoted(&service.name);
    if service.fields.is_empty() {
        // a mapping that holds only comments would be null
        writeln!(out, "  {name}: {{}}")?;
    } else {
        writeln!(out, "  {name}:")?;
    }
    service.fields.iter().try_for_each(|entry| field(out, entry, 4, "", origins))?;
    service.questions.iter().try_for_each(|question| writeln!(out, "    # {question}"))
}

/// Fields that come from the words of a command.
const FLAGS: [&str; 3] = [".maxConnections", ".sharedBuffers", ".workMem"];

/// One field in block style, every value on a line of its own with its origin.
fn field(out: &mut String, entry: &Entry, indent: usize, path: &str, origins: &Origins<'_>) -> std::fmt::Result {
    let path = format!("{path}.{}", entry.key);
    let pad = " ".repeat(indent);
    let key = quoted(&entry.key);
    match &entry.node.value {
        Value::Map(entries) => {
            writeln!(out, "{pad}{key}:")?;
            entries.iter().try_for_each(|entry| field(out, entry, indent + 2, &path, origins))
        }
        Value::Seq(items) if path == ".ports" => {
            writeln!(out, "{pad}{key}:")?;
            items.iter().try_for_each(|item| {
                let fields: Vec<String> =
                    item.entries().iter().map(|entry| format!("{}: {}", entry.key, scalar("", &entry.node))).collect();
                writeln!(out, "{pad}  - {{ {} }} # {}", fields.join(", "), origins.comment(place(item)))
            })
        }
        _ => {
            let value = scalar(&path, &entry.node);
            let place = place(&entry.node);
            // for a flag of a command, nothing else of the command is repeated
            let comment = match FLAGS.contains(&path.as_str()) {
                true => format!("{}: {value}", origins.file(place)),
                false => origins.comment(place),
            };
            writeln!(out, "{pad}{key}: {value} # {comment}")
        }
    }
}

fn place(node: &Node) -> FileSpan {
    FileSpan { file: node.file, span: node.span }
}

/// A value that is not a mapping, as a spec writes it.
pub(super) fn scalar(path: &str, node: &Node) -> String {
    match &node.value {
        Value::Str if path.ends_with(".cpu") => {
            Cpu::parse(&node.text).map_or_else(|_| quoted(&node.text), |cpu| cpu.to_string())
        }
        Value::Int(number) => number.to_string(),
        Value::Float(_) | Value::Bool(_) => node.text.to_string(),
        Value::Seq(items) => {
            format!("[{}]", items.iter().map(|item| quoted(&item.text)).collect::<Vec<_>>().join(", "))
        }
        _ => quoted(&node.text),
    }
}

/// A path; a dot at its front needs no quotes.
fn file_name(path: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let hidden = path.starts_with("../") || path.starts_with(".env");
    if hidden && path.chars().all(safe) { path.to_owned() } else { quoted(path) }
}

fn quoted(text: &str) -> String {
    sample::line(&serde_json::Value::from(text))
}
