//! Settings of a whole Seldon installation: its form, release, topics and multiplier. Knows no component.

use super::facts;
use crate::plan::{Backing, BackingKind, Plan, Val};
use crate::support::source::FieldSpan;
use crate::targets::{Input, LoweredPlan};

/// The output: the operator's own object, or the values of the charts that make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InstallForm {
    Runtime,
    Values,
}

/// One installation.
#[derive(Debug)]
pub(super) struct Install<'p> {
    pub(super) plan: &'p Plan,
    pub(super) form: InstallForm,
    pub(super) namespace: Option<(&'p str, FieldSpan)>,
    /// Whether the operator lowers replicas by the amount of work.
    pub(super) clamps: bool,
    /// The multiplier as written in the spec, if this form and release have it.
    pub(super) written_multiplier: Option<(i64, FieldSpan)>,
    /// The multiplier the operator will use.
    pub(super) multiplier: i64,
    /// The kafka backing service that holds all topics.
    pub(super) kafka: Option<&'p Backing>,
    models: Option<(i64, FieldSpan)>,
    pipelines: Option<(i64, FieldSpan)>,
}

impl<'p> Install<'p> {
    /// Reads the options; reports those that this form or release does not have.
    pub(super) fn of(input: &Input<'p>, out: &mut LoweredPlan) -> Install<'p> {
        let options = input.options;
        let form = match options.text("form") {
            Some(("values", _)) => InstallForm::Values,
            _ => InstallForm::Runtime,
        };
        let kafka = kafka(input.plan, out);
        let clamps = clamps(input, out);
        let mut install = Install {
            plan: input.plan,
            form,
            namespace: options.text("namespace"),
            clamps,
            written_multiplier: None,
            multiplier: facts::MULTIPLIER,
            kafka,
            models: options.int("models"),
            pipelines: options.int("pipelines"),
        };
        install.multiply(options.int("maxShardCountMultiplier"), out);
        install
    }

    pub(super) fn partitions(&self) -> Option<Val<u32>> {
        self.kafka.and_then(|kafka| kafka.partitions)
    }

    /// How many models or pipelines there are at once, by the option's name.
    pub(super) fn work(&self, option: &str) -> Option<(i64, FieldSpan)> {
        if option == "models" { self.models } else { self.pipelines }
    }

    fn multiply(&mut self, written: Option<(i64, FieldSpan)>, out: &mut LoweredPlan) {
        if let (Some((value, at)), false) = (written, self.clamps) {
            let message = format!(
                "this release has no scalingConfig.pipelines: the API server would drop the multiplier {value} without a word"
            );
            out.refused(at, message, "remove `maxShardCountMultiplier`, or target version 2.10");
            return;
        }
        if self.form == InstallForm::Runtime {
            self.written_multiplier = written;
            self.multiplier = written.map_or(facts::MULTIPLIER, |(value, _)| value);
            return;
        }
        // the setup chart takes one number for both
        self.multiplier = self.partitions().map_or(facts::MULTIPLIER, |partitions| i64::from(partitions.value));
        if let Some((value, at)) = written
            && value != self.multiplier
        {
            let message =
                format!("the setup chart sets the multiplier to its numPartitions {}, not {value}", self.multiplier);
            out.lost(at, message, "use `form: runtime`, or write the number of partitions");
        }
    }
}

/// The kafka of the components' partitions, else the only one.
fn kafka<'p>(plan: &'p Plan, out: &mut LoweredPlan) -> Option<&'p Backing> {
    let is_kafka = |backing: &&Backing| backing.kind.is_some_and(|kind| kind.value == BackingKind::Kafka);
    let mut named = plan.workloads.iter().filter_map(|workload| workload.partitioned_by.as_ref());
    if let Some(first) = named.next() {
        for other in named.filter(|other| other.value != first.value) {
            let message = format!(
                "one installation has one number of partitions for all topics: that of {} is written, not that of {}",
                first.value, other.value
            );
            out.refused(other.at, message, format!("write `partitionedBy: {}`", first.value));
        }
        return plan.backing(&first.value).filter(is_kafka);
    }
    let mut all = plan.backing.iter().filter(is_kafka);
    let first = all.next()?;
    for other in all {
        let message = format!("one installation has one kafka: {} is written, {} is not", first.name, other.name);
        out.lost(other.at, message, "say which one with `partitionedBy`");
    }
    Some(first)
}

/// Whether the operator of a release clamps replicas; an unreadable version counts as the newest.
fn clamps(input: &Input<'_>, out: &mut LoweredPlan) -> bool {
    let Some((version, at)) = input.options.text("version") else { return true };
    let Some(release) = facts::release(version) else {
        out.unsafe_value(
            at,
            format!("`{}` is not a version of Seldon Core", version.escape_debug()),
            "write a number such as \"2.10\"",
        );
        return true;
    };
    release >= facts::CLAMPS_SINCE
}
