//! The foundation of a spec: files of other tools, read into layers of one effective model. Knows no rule, no target and no report.
//!
//! # The types
//!
//! | type | it is | it lives |
//! |---|---|---|
//! | [`InputFile`] | the text of one file, its comments, and what it is to the run ([`Origin`]) | as long as the run; its index is the [`FileId`] of every place in it |
//! | a format's project ([`compose::project::Project`]) | several files merged as that tool merges them, in that tool's own vocabulary | until the layer is made |
//! | [`Layer`] | what a project says of each service, in the vocabulary of the spec, and [`Facts`] for what the spec has no field for | as long as the run |
//! | [`merge::Merged`] | a layer with a spec (and its profile chain) laid over it: one tree for the schema and the model, and what was dropped on the way | one profile |
//! | [`EffectiveService`](merge::EffectiveService) | one service of the merged tree with the facts that hold for it | one profile |
//!
//! Every value of every one of them is a [`syntax::Node`](crate::syntax::Node) or carries an
//! [`At`](crate::support::source::FieldSpan): it names the bytes, in its own file, that a person would change.
//!
//! # Where things happen
//!
//! ```text
//! files ─► parse ─► interpolate ─► one service form ─► merge as the tool does ─► Project      (inputs/<format>)
//! Project ─► convert ─► Layer                                                                  (inputs/<format>/convert)
//! spec ⊕ profile chain          = overlay   (lists replace, as ever; removals stay as nulls)   (inputs/spec)
//! layer ⊕ overlay               = Merged    (rules below)                                      (inputs/merge)
//! Merged ─► schema ─► model ─► rules, sums, policies, plan, targets
//! ```
//!
//! **Conversion comes before merging, merging before defaults.** The model fills in defaults once, in the merged tree. So a
//! default never beats a written value, whichever layer wrote it, and no reader needs to know a default of the spec.
//!
//! **The overlay is merged first.** `base ⊕ (spec ⊕ profiles)`, not `(base ⊕ spec) ⊕ profiles`: a list of a profile replaces
//! the list of the spec as it always did, and only the result is merged with the base by key. A null of a profile then removes
//! what spec *and* base say, which is what its reader expects.
//!
//! # Origin
//!
//! The origin of a value is the file of its place: [`InputFiles::origin`]. `Spec` is the spec and its profiles, `Base` a file of the
//! layer. A value nobody wrote has `written: false` in the model. From these follow:
//!
//! * an override writes a value only if its origin is `Spec` and the base's value at the same path is another amount;
//! * a service is *base-only* if its key is in a base ([`merge::EffectiveService::base_only`]): the merge keeps the key of the
//!   spec for services that both have;
//! * a fix of the spec's language is offered only in the spec. An [`Edit`](crate::support::diagnostic::Edit) elsewhere is made by the rule
//!   that knows the format, and a converted value (`512m` read as `512Mi`) gets none.
//!
//! A converted value has the text of the spec's vocabulary and the span of the original. The original text is the slice of the
//! span, so nothing is held twice.
//!
//! # Unknown is not absent
//!
//! A value that depends on a variable without a default is [`Value::Unknown`](crate::syntax::Value::Unknown) in a layer, at its
//! place. The schema skips it, the model marks the part as broken, a sum with it is not computed, and an override
//! still knows that the base says something there. A value that depends on an environment file is known and *private*
//! ([`text::is_private`]): numbers count, the text is never printed or written.
//!
//! # Merging
//!
//! Maps merge by key. Other values replace. Besides ([`merge`]):
//!
//! * exclusive forms replace each other whole: `health`, `liveness`, `startup`, `disruption`, `external` and `image` of a backing service;
//! * `ports` merge by container port and protocol, `volumes` by mount, `env` by name (it is a map);
//! * a number as `replicas` of a base is one fixed number. A partial range over it does not become a range with the base's number
//!   at the other end: it replaces the number, and the schema asks for the missing end;
//! * `null` removes. What a base loses (by null, or whole by an exclusive form) is noted as [`merge::Dropped`] with both
//!   places: a target writes `!reset`, `!override` or `null` there, rules see absence. An empty value (`web:`) removes nothing.
//!
//! A base service with the name of a backing service is that backing service's layer. The reader cannot know these names, so a
//! [`LayerService`] carries both readings; the merge takes one.
//!
//! # Places, suppressions, fingerprints, fixes across files
//!
//! * **Places**: [`InputFiles`] gives out one [`FileId`] for each file read, whichever project it belongs to. A file that two
//!   projects read is read twice, because what it means differs (other variables, another folder).
//! * **Suppressions**: each [`InputFile`] keeps its comments. A comment allows a finding whose primary or related place is on its
//!   line, in its own file.
//! * **Fingerprints**: the path of a place in its document, and the [`ObjectName`] where a file holds several documents; never an
//!   index of a document.
//! * **Fixes**: an edit names its file; see *Origin*.
//!
//! # More formats
//!
//! A manifest becomes a [`LayerService`] per workload with [`Facts::object`] set; containers besides the main one are
//! [`Facts::sidecars`], which sums add. Autoscalers, budgets, services and claims are converted into the fields that say the
//! same, and are in [`Layer::objects`] with their own names and links, so that a patch can name them. `convox.yml` and
//! chart values give plain layers. A format adds a folder here with a `recognition` whose `META` says how its files are recognised and read
//! ([`input_meta::InputMeta`]) and one line in the list of formats below.
//!
//! # What it costs
//!
//! With `B` bytes of base files, `S` of spec, `P` profiles that change `k` services each, and `T` different bases:
//!
//! * reading: every file is parsed once for each project that reads it; interpolation and canonical forms copy only what they
//!   change, everything else is shared by `Rc`;
//! * extends: each service is merged once for each service that extends it. All merging of a project draws on one budget of
//!   [`compose::project::MAX_MERGED`] entries, so that chains of long lists end in a finding, not in memory;
//! * merging: `O(services)` for each profile and base, plus the services that a profile changes. A pair (base service, overlay
//!   service) that was merged before gives the same `Rc`, and the model's own table of services seen works as it does
//!   without a base: `P × (services + k × size)`, not `P × B`;
//! * memory: trees are dropped with the project; a layer keeps the converted nodes and the facts, below the size of the tree.
//!
//! # Bounds
//!
//! A project reads at most [`MAX_FILES`] files with [`MAX_BYTES`] bytes together, follows [`compose::project::MAX_EXTENDS`] services
//! that extend each other and [`compose::project::MAX_INCLUDES`] files that include each other. Past a bound there is a finding at the line
//! that crosses it, and everything read so far is kept.

pub mod base;
mod facts;
mod field_rows;
mod files;
pub mod images;
pub mod input_meta;
mod layer;
mod leaf;
pub mod load;
pub mod merge;
pub mod outline;
pub mod recognise;
mod server_flags;
pub mod text;
mod tree;

/// The list of the formats.
macro_rules! formats {
    ($(mod $name:ident;)*) => {
        $(pub mod $name;)*
        /// Every format that is read, in the order in which content is tested.
        pub const ALL: &[&input_meta::InputMeta] = &[$(&$name::recognition::META),*];
    };
}

cfg_if! {
    if #[formats] {
        mod spec;
        mod compose;
        mod kubernetes;
        mod convox;
        mod helm;
    }
}

pub use facts::{
    Address, AddressKind, Device, EnvOrigin, Facts, HostPort, Mount, MountKind, Network, ObjectName, RareFacts,
    ReplicationMode, Sidecar, Variable,
};
pub use files::{InputFile, InputFiles, InputFormat, KEPT_TEXT, MAX_BYTES, MAX_FILES, Origin, ReadFiles, Unread};
pub use layer::{Layer, LayerObject, LayerService};
