//! What an import is asked for, and what comes of it. Plain data.

use crate::support::source::FileSpan;
use crate::syntax::Entry;

/// What an import is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions<'a> {
    /// Name of the deployment, a DNS label.
    pub name: &'a str,
    /// File name of the spec, for the commands in its comments.
    pub file: &'a str,
    /// What the line for language servers names: a path relative to the spec, or an address.
    pub schema: Option<&'a str>,
    /// The files, relative to the spec; none where they came by standard input.
    pub base: &'a [String],
    /// What they are for.
    pub target: ImportTarget<'a>,
}

/// The target whose files are imported, and what only its options say.
#[derive(Clone, Copy, Debug)]
pub enum ImportTarget<'a> {
    /// docker compose.
    Compose {
        /// The file of variables, relative to the spec.
        env_file: Option<&'a str>,
        /// A file of variables that stands beside the files and was not named: the spec asks for it.
        unread_env_file: Option<&'a str>,
    },
    /// Kubernetes.
    Kubernetes {
        /// The containers that services mean, where no base says what they are called.
        containers: &'a [(String, String)],
    },
    /// A chart, by its values.
    Chart,
    /// One whose files are no base of patches, by its name: the spec is laid over them for every target.
    Whole(&'a str),
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The spec.
    pub text: String,
    /// Values that the spec has now, in its order.
    pub taken: Vec<TakenValue>,
    /// What the base alone says, service by service.
    pub stays: Vec<Stays>,
    /// What bounds replicas and no field of a spec can hold.
    pub not_held: Vec<NotHeld>,
}

/// One value that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenValue {
    /// The field: `services.web.replicas`.
    pub path: String,
    /// The value as the spec writes it.
    pub value: String,
    /// Where it comes from.
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

/// Something that no field can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHeld {
    /// The service.
    pub service: String,
    /// What, and why: lowercase, no full stop.
    pub why: String,
    /// Where it stands.
    pub place: FileSpan,
}

/// One service of the spec.
pub(super) struct SelectedService {
    pub(super) name: String,
    /// Whether it is a backing service.
    pub(super) backing: bool,
    /// Its fields.
    pub(super) fields: Vec<Entry>,
    /// The fields that only a person can fill in, each with the question.
    pub(super) questions: Vec<String>,
}
