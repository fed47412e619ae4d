//! SARIF 2.1.0 for code scanning: frozen by its standard, so it has its own structs. Names rules and their pages, no rule's logic.
//!
//! Every rule is listed, also those that found nothing. Columns count Unicode scalar values and ends are exclusive, which
//! `columnKind` says. What comments, settings and baselines allow is there too, as suppressed.

use std::io::{self, Write};

use serde::Serialize;

use super::{Batch, Position, Reported, TextStyle, fingerprint::Fingerprints, json_text, sentence};
use crate::check::rules::{self, Rule};
use crate::support::diagnostic::{DismissedBy, Finding, Fix, Severity, Suppressed};
use crate::support::source::{FileId, FileSpan, LineColumn};
use crate::support::uri;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The base of relative addresses: where the source was checked out.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'a str,
    version: &'a str,
    runs: [SarifRun<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'a> {
    tool: Tool<'a>,
    column_kind: &'a str,
    newline_sequences: [&'a str; 3],
    results: Vec<SarifOutcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    short_description: Text<'a>,
    full_description: Text<'a>,
    help: Page<'a>,
    default_configuration: Configuration,
    properties: Tags,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Page<'a> {
    text: &'a str,
    markdown: &'a str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Tags {
    tags: [&'static str; 1],
    #[serde(rename = "problem.severity")]
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifOutcome<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprint,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    fully_qualified_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Fingerprint {
    #[serde(rename = "scalegen/v1")]
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    artifact_changes: Vec<Change<'a>>,
    properties: Safety,
}

#[derive(Serialize)]
struct Safety {
    safe: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
}

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let mut results = Vec::new();
    for file in batch.files {
        for (finding, path) in file.findings() {
            results.push(outcome(batch, file, finding, path, &mut fingerprints));
        }
        for Suppressed { finding, path, by } in file.suppressed {
            let suppressions = vec![match by {
                DismissedBy::Comment => Suppression { kind: "inSource", justification: None },
                DismissedBy::Ignore(reason) => Suppression { kind: "external", justification: Some(reason) },
                DismissedBy::Baseline => Suppression { kind: "external", justification: Some("in the baseline") },
            }];
            results.push(SarifOutcome { suppressions, ..outcome(batch, file, finding, path, &mut fingerprints) });
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    let built_in = rules::ALL.iter().map(|rule| {
        let Rule { meta, page, .. } = rule;
        descriptor((meta.id, meta.severity), rule.summary(), page, meta.group.heading())
    });
    let own = batch.policies.iter().map(|own| descriptor((&own.id, own.severity), &own.summary, &own.page, "policy"));
    let rules = built_in.chain(own).collect();
    let run = SarifRun {
        tool: Tool { driver: Driver { name: "scalegen", version, semantic_version: version, rules } },
        column_kind: "unicodeCodePoints",
        newline_sequences: ["\r\n", "\n", "\r"],
        results,
    };
    writeln!(out, "{}", json_text(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?)
}

fn descriptor<'a>(
    (id, severity): (&'a str, Severity),
    summary: &'a str,
    page: &'a str,
    group: &'static str,
) -> Descriptor<'a> {
    Descriptor {
        id,
        short_description: Text { text: summary },
        full_description: Text { text: summary },
        help: Page { text: page, markdown: page },
        default_configuration: Configuration { level: severity.word() },
        properties: Tags {
            tags: [group],
            severity: match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
        },
    }
}

/// The index of a rule in the list of rules.
fn index(batch: &Batch<'_>, rule: &str) -> Option<usize> {
    let own = || batch.policies.iter().position(|own| own.id == rule).map(|index| rules::ALL.len() + index);
    rules::ALL.iter().position(|known| known.meta.id == rule).or_else(own)
}

fn outcome<'a>(
    batch: &Batch<'_>,
    file: &Reported<'a>,
    finding: &'a Finding,
    path: &'a str,
    fingerprints: &mut Fingerprints,
) -> SarifOutcome<'a> {
    let mut text = sentence(finding);
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let related = finding.related.iter().enumerate().filter_map(|(index, related)| {
        let message = Some(Text { text: &related.label });
        Some(Location { id: Some(index + 1), message, ..location(file, related.place)? })
    });
    let mut own = location(file, finding.at);
    if let Some(own) = own.as_mut().filter(|_| !path.is_empty()) {
        own.logical_locations.push(Logical { fully_qualified_name: path, kind: None });
        let object = finding.object.as_deref();
        own.logical_locations.extend(object.map(|name| Logical { fully_qualified_name: name, kind: Some("resource") }));
    }
    SarifOutcome {
        rule_id: &finding.rule,
        rule_index: index(batch, &finding.rule),
        level: finding.severity.word(),
        message: Message { text },
        locations: own.into_iter().collect(),
        related_locations: related.collect(),
        partial_fingerprints: Fingerprint { value: fingerprints.of(file, finding, path) },
        fixes: finding.fix.iter().filter_map(|fix| sarif_fix(file, finding, fix)).collect(),
        suppressions: Vec::new(),
    }
}

fn sarif_fix<'a>(file: &Reported<'a>, finding: &'a Finding, fix: &'a Fix) -> Option<SarifFix<'a>> {
    let replacement = |edit: &'a crate::support::diagnostic::Edit| {
        let at = file.position(FileSpan { file: edit.file_for(finding.at.file), span: edit.span });
        Replacement { deleted_region: region(at.start, at.end), inserted_content: Text { text: &edit.text } }
    };
    // one change a file; edits are in the order of their files
    let changes = fix.edits.chunk_by(|one, next| one.file == next.file).map(|edits| {
        let own = edits.first()?.file_for(finding.at.file);
        let replacements = edits.iter().map(replacement).collect();
        Some(Change { artifact_location: artifact(file, own)?, replacements })
    });
    Some(SarifFix {
        description: finding.help.as_deref().map(|text| Text { text }),
        artifact_changes: changes.collect::<Option<Vec<_>>>()?,
        properties: Safety { safe: fix.safe },
    })
}

/// `None` for a place in a file that is not in the list: an address cannot be empty.
fn location<'a>(file: &Reported<'a>, place: FileSpan) -> Option<Location<'a>> {
    let Position { start, end, .. } = file.position(place);
    let physical_location = Physical { artifact_location: artifact(file, place.file)?, region: region(start, end) };
    Some(Location { id: None, physical_location, logical_locations: Vec::new(), message: None })
}

fn region(start: LineColumn, end: LineColumn) -> Region {
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// The address of a file: relative to the root of the source, or with a scheme if the path is absolute.
fn artifact(file: &Reported<'_>, id: FileId) -> Option<Artifact> {
    let name = &file.source(id)?.name;
    let name = if cfg!(windows) { name.replace('\\', "/") } else { name.clone() };
    let drive = cfg!(windows) && name.chars().nth(1) == Some(':');
    Some(if name.starts_with('/') || drive {
        let slash = if drive { "/" } else { "" };
        Artifact { uri: format!("file://{slash}{}", uri::escaped(&name)), uri_base_id: None }
    } else {
        Artifact { uri: uri::escaped(name.trim_start_matches("./")), uri_base_id: Some(ROOT) }
    })
}
