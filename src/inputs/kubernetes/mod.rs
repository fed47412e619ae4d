//! Kubernetes manifests: files, streams, lists, dumps and kustomizations, read into sets of linked objects and into layers.
//!
//! ```text
//! file ─► documents ─► Manifest ─► Workload, Autoscaler, Budget, …     (one file each)
//! Manifests of one apply ─► ManifestSet, with links                    (set)
//! ManifestSet ─► convert ─► Layer: a service a workload, objects       (convert)
//! ```
//!
//! Knows no rule and no target.

mod access;
mod alternatives;
mod amount_refusals;
mod apply_patches;
mod autoscaler;
mod backing;
mod bounds;
mod changed_fields;
mod changed_objects;
mod convert;
mod counted_kind;
mod cron;
mod documents;
mod facts;
mod field_path;
mod field_table;
mod file_copies;
mod follow;
mod ingress_refusals;
mod job_refusals;
mod json_patch;
mod keda_refusals;
mod known_kinds;
mod kustomization;
mod label_index;
mod limits;
mod made_set;
mod name_pattern;
mod names;
mod network;
mod patch_target;
mod pod;
mod pod_refusals;
mod pod_security;
mod read_set;
pub mod recognition;
mod refusals;
mod refused;
pub mod removed;
mod replacement;
mod seldon;
mod selector;
mod service_refusals;
mod set;
mod shape;
mod strategic_merge;
mod take_files;
mod transformer_files;
mod transformers;
mod trees;
mod workload;

pub use autoscaler::{AutoscalerObject, ManifestAutoscaler, ScalingMetric};
pub use bounds::{DisruptionBudget, Quota, RangeItem, VolumeClaim};
pub use changed_objects::{ChangedObjects, ObjectChange};
pub use convert::{
    DrainHook, container_names, layer, name_services, named, unsaid_of_pods, unsaid_of_probes, written_container,
    written_pod,
};
pub use counted_kind::CountedKind;
pub use documents::{MAX_OBJECTS, Manifest, manifests_of};
pub use field_table::{fields, is_custom, type_of, typed_kinds, types, unknown_path};
pub use known_kinds::{ServedKinds, served_kinds};
pub use limits::limited_fields;
pub use made_set::set_of_objects;
pub use network::{NetworkService, RoutePath};
pub use pod::{PodContainer, PodMount, PodPort, PodTemplate, PodVolume, VolumeSource};
pub use read_set::{MAX_MANIFEST_FILES, ReadManifests, read_manifests};
pub use seldon::{SELDON_COMPONENTS, SeldonRuntime};
pub use selector::LabelSelector;
pub use set::{ManifestSet, SetChanges, WorkloadLinks, same_namespace};
pub use trees::LargeFiles;
pub use workload::{ClaimTemplate, ManifestWorkload, RolloutStrategy, WorkloadKind};
