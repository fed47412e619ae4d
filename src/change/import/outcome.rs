//! The input and the result of an import. Plain data.

use crate::support::source::FileSpan;
use crate::syntax::Entry;

/// The input of an import.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions<'a> {
    /// Name of the deployment, a DNS label.
    pub name: &'a str,
    /// File name of the spec, for the commands in its comments.
    pub file: &'a str,
    /// The schema that the line for language servers names: a path relative to the spec, or an address.
    pub schema: Option<&'a str>,
    /// The files, relative to the spec; empty if they came by standard input.
    pub base: &'a [String],
    /// Their target.
    pub target: ImportTarget<'a>,
}

/// The target whose files are imported, with its options.
#[derive(Clone, Copy, Debug)]
pub enum ImportTarget<'a> {
    /// docker compose.
    Compose {
        /// The file of variables, relative to the spec.
        env_file: Option<&'a str>,
        /// A file of variables next to the files that was not named: the spec asks about it.
        unread_env_file: Option<&'a str>,
    },
    /// Kubernetes.
    Kubernetes {
        /// The main containers of services, if no base tells.
        containers: &'a [(String, String)],
    },
    /// A chart, by its values.
    Chart,
    /// A target that cannot be laid over its own files, by its name, or none that writes such files: the files become the base of
    /// every target.
    Whole(Option<&'static str>),
}

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The spec.
    pub text: String,
    /// Values that the spec has taken, in its order.
    pub taken: Vec<TakenValue>,
    /// Keys that stay in the base, service by service.
    pub stays: Vec<Stays>,
    /// Settings that bound replicas and that no field of a spec can hold.
    pub not_held: Vec<NotHeld>,
}

/// One value that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenValue {
    /// The field: `services.web.replicas`.
    pub path: String,
    /// The value as the spec writes it.
    pub value: String,
    /// Its place in the files.
    pub place: FileSpan,
}

/// Keys of one service that stay in the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stays {
    /// The service.
    pub service: String,
    /// Its keys, in the order written.
    pub keys: Vec<String>,
}

/// A setting that no field can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHeld {
    /// The service.
    pub service: String,
    /// The setting, and why: lowercase, no full stop.
    pub why: String,
    /// Where it is written.
    pub place: FileSpan,
}

/// One service of the spec.
pub(super) struct SelectedService {
    pub(super) name: String,
    /// Whether it is a backing service.
    pub(super) backing: bool,
    /// Its fields.
    pub(super) fields: Vec<Entry>,
    /// The fields that only a person can fill in, each with a question.
    pub(super) questions: Vec<String>,
}
