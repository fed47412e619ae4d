//! Helm charts: values files read as what their chart makes of them, and the charts that specs are written into.
//!
//! # Values as an input
//!
//! ```text
//! values.yaml ─┐ laid over each other, as helm does (layers)
//! values-prod ─┴► values ─► components, by a known layout (components, conventions, polyaxon)
//! component ─► Deployment, autoscaler, budget, as the chart's templates write them (objects)
//! objects ─► set of manifests ─► layer                                  (inputs::kubernetes)
//! ```
//!
//! No template is run. A layout of values is known with what its templates make of each key, so each component becomes the
//! Kubernetes objects that a build would give, and every value in them keeps its place in the file that it was written in: the
//! chart's own or the override. Whatever is known of manifests then holds for values too, and rules need no word for them.
//!
//! **Which charts.** A file counts only beside a `Chart.yaml`, over that chart's own `values.yaml`: what an override leaves out the
//! chart says. A layout is told by the shape of the values (`replicaCount` with `image.repository`; Flow-Like's and
//! Polyaxon's sections in charts of these names). Many charts began as one of `helm create` and went their own way. So of that
//! layout a key counts only where the chart's template names it ([`templates`]), and a section such as `resources` only where the
//! template copies it whole; a chart that writes its resources in another way is not judged at all.
//!
//! **What is off.** `autoscaling.enabled: false` makes no autoscaler, and its numbers count for nothing, but they wait for whoever
//! turns it on. Each thing that is off is also built once as if it were on ([`BaseProject::latent`]), by itself. The pipeline
//! says of these what contradicts itself within the part that is off.
//!
//! [`BaseProject::latent`]: crate::inputs::base::BaseProject::latent

pub mod chart_base;
pub mod chart_facts;
mod chart_folder;
mod components;
pub mod conventions;
mod layers;
mod objects;
pub mod polyaxon;
mod read;
pub mod recognition;
mod templates;
mod unread_sections;

pub use chart_base::{ChartBase, ChartPath};
pub use chart_facts::{ChartFacts, HasKey, UnreadChartFile, ValuesFault};
pub use chart_folder::{CHART, OWN};
