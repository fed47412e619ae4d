//! Which names, labels and keys the API server accepts. Knows no object.
//!
//! The sources are the functions of Kubernetes: `pkg/util/validation/validation.go` and `pkg/api/validate/content/kube.go` of
//! kubernetes/apimachinery, named at each check. If releases differ, only names that all of them refuse are reported.

use super::access::{entry, items};
use super::documents::Manifest;
use super::refused::{Say, refused};
use crate::support::source::FileSpan;
use crate::syntax::{Entry, Node};

/// The longest label of a host name, key and value of a label.
const LABEL_LENGTH: usize = 63;
/// The longest name of an object.
const NAME_LENGTH: usize = 253;
/// The longest name of a container's port.
const PORT_NAME_LENGTH: usize = 15;

/// Whether a text is still to be filled in before it is applied.
fn is_open(text: &str) -> bool {
    let shouts = |word: &str| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    text.contains(['$', '{', '<', '%', '@', '(']) || text.contains("__") || text.split(['-', '.', '/']).any(shouts)
}

/// The fault of a name: too long, or the first character that is not allowed.
fn fault(text: &str, most: usize, is_inner: fn(char) -> bool, is_outer: fn(char) -> bool) -> Option<String> {
    if text.chars().count() > most {
        return Some(format!("has {} letters, and {most} are taken", text.chars().count()));
    }
    if let Some(wrong) = text.chars().find(|letter| !is_inner(*letter)) {
        return Some(if wrong == ' ' { "has a space".to_owned() } else { format!("has `{}`", wrong.escape_debug()) });
    }
    let ends = [("begins", text.chars().next()), ("ends", text.chars().next_back())];
    let wrong = ends.into_iter().find_map(|(verb, letter)| Some((verb, letter.filter(|letter| !is_outer(*letter))?)));
    wrong.map(|(verb, letter)| format!("{verb} with `{letter}`"))
}

fn is_small(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit()
}

/// `IsDNS1123Label`.
fn dns_label(text: &str) -> Option<String> {
    fault(text, LABEL_LENGTH, |letter| is_small(letter) || letter == '-', is_small)
}

/// `IsDNS1123Subdomain`.
fn dns_subdomain(text: &str) -> Option<String> {
    let inner = |letter| is_small(letter) || matches!(letter, '-' | '.');
    fault(text, NAME_LENGTH, inner, is_small).or_else(|| {
        let part = text
            .split('.')
            .find(|part| part.is_empty() || dns_label(part).is_some_and(|why| why.contains("s with")))?;
        Some(if part.is_empty() {
            "has two dots beside each other".to_owned()
        } else {
            format!("has the part `{part}`")
        })
    })
}

/// `IsLabelValue`; an empty one is accepted.
fn label_value(text: &str) -> Option<String> {
    let outer = |letter: char| letter.is_ascii_alphanumeric();
    fault(text, LABEL_LENGTH, |letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'), outer)
}

/// `IsLabelKey`.
fn label_key(text: &str) -> Option<String> {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if name.is_empty() || prefix.is_some_and(str::is_empty) {
        return Some("has nothing beside its `/`".to_owned());
    }
    label_value(name).or_else(|| dns_subdomain(prefix?))
}

/// `IsValidPortName`.
fn port_name(text: &str) -> Option<String> {
    fault(text, PORT_NAME_LENGTH, |letter| is_small(letter) || letter == '-', is_small).or_else(|| {
        let no_letter = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        no_letter
            .then(|| "has no letter".to_owned())
            .or_else(|| text.contains("--").then(|| "has two hyphens beside each other".to_owned()))
    })
}

/// The characters that a name of this kind may have, for help.
const LABEL: &str = "write small letters, digits and `-`, with a letter or a digit at both ends";
const SUBDOMAIN: &str = "write small letters, digits, `-` and `.`, with a letter or a digit at both ends of each part";
const VALUE: &str = "write letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends";

fn tell(say: Say<'_>, at: FileSpan, (what, text): (&str, &str), why: Option<String>, help: &'static str) {
    if let Some(why) = why.filter(|_| !is_open(text)) {
        refused(say, at, format!("{what} `{}` {why}", text.escape_debug()), help);
    }
}

fn tell_entry(say: Say<'_>, what: &str, entry: Option<&Entry>, check: fn(&str) -> Option<String>, help: &'static str) {
    let Some(entry) = entry.filter(|entry| !entry.node.text.is_empty()) else { return };
    tell(say, entry.at().place(), (what, &entry.node.text), check(&entry.node.text), help);
}

/// Kinds whose names are paths, addresses or made of a signer's name, which have other characters.
const OTHER_NAMES: [&str; 7] =
    ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "APIService", "IPAddress", "ClusterTrustBundle"];

/// The name of an object: `ValidateServiceName` and `ValidateNamespaceName`, for all other kinds `NameIsDNSSubdomain`.
pub(super) fn of_object(manifest: &Manifest, say: Say<'_>) {
    let Some(name) = &manifest.name else { return };
    let (check, help): (fn(&str) -> Option<String>, _) = match manifest.kind.as_str() {
        kind if OTHER_NAMES.contains(&kind) => return,
        "Service" | "Namespace" => (dns_label, LABEL),
        _ => (dns_subdomain, SUBDOMAIN),
    };
    tell(say, name.at.place(), ("the name", &name.value), check(&name.value), help);
}

/// The host of an Ingress: `ValidateIngressRules`, where one part may be `*`.
pub(super) fn host(host: &Entry, say: Say<'_>) {
    let text = &*host.node.text;
    let rest = text.strip_prefix("*.").unwrap_or(text);
    tell(say, host.at().place(), ("the host", text), dns_subdomain(rest), SUBDOMAIN);
}

/// The keys and values of labels: `ValidateLabels`.
pub(super) fn labels(labels: Option<&Entry>, say: Say<'_>) {
    for label in labels.map_or(&[][..], |labels| labels.node.entries()) {
        tell(say, label.at().key(), ("the label key", &label.key), label_key(&label.key), VALUE);
        tell_entry(say, "the label value", Some(label), label_value, VALUE);
    }
}

/// The keys of annotations, in whatever case: `ValidateAnnotations`.
pub(super) fn annotations(annotations: Option<&Entry>, say: Say<'_>) {
    for annotation in annotations.map_or(&[][..], |annotations| annotations.node.entries()) {
        let why = label_key(&annotation.key.to_ascii_lowercase());
        tell(say, annotation.at().key(), ("the annotation key", &annotation.key), why, VALUE);
    }
}

/// Container names, volume names and names of ports: `validateContainerCommon`, `ValidateVolumes`, `validateContainerPorts`.
pub(super) fn of_pod(pod: &Node, say: Say<'_>) {
    for container in ["containers", "initContainers"].iter().flat_map(|key| items(pod, key)) {
        tell_entry(say, "the container name", entry(container, "name"), dns_label, LABEL);
        for port in items(container, "ports") {
            tell_entry(say, "the port name", entry(port, "name"), port_name, LABEL);
        }
    }
    for volume in items(pod, "volumes") {
        tell_entry(say, "the volume name", entry(volume, "name"), dns_label, LABEL);
    }
    labels(entry(pod, "nodeSelector"), say);
}

/// The name of a Service's port and of the port it leads to: `validateServicePort`.
pub(super) fn of_service_port(port: &Node, say: Say<'_>) {
    tell_entry(say, "the port name", entry(port, "name"), dns_label, LABEL);
    let named = entry(port, "targetPort").filter(|target| target.node.as_str().is_some());
    tell_entry(say, "the port name", named, port_name, LABEL);
}
