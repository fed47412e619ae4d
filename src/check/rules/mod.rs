//! The rules: one file and one page each; one line in the list registers both. A rule sees the model, never text or plan.

pub use crate::check::context::{Context, LoadFacts, RecommendedRequest, Replicated, TargetFacts, TwoThresholds};
pub use crate::model::states::Reach;
use crate::support::diagnostic::{Bound, Finding, Severity};
use crate::support::source::FileSpan;

/// What a rule is about; the order of groups is the order of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the manual")]
pub enum Group {
    Shape,
    Replicas,
    Autoscaling,
    Schedule,
    Resources,
    Backing,
    Capacity,
    Network,
    Base,
    Secrets,
    Disruption,
    Targets,
    Hygiene,
    Settings,
}

impl Group {
    /// The heading in the manual.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Group::Shape => "shape",
            Group::Replicas => "replicas",
            Group::Autoscaling => "autoscaling",
            Group::Schedule => "schedule",
            Group::Resources => "resources",
            Group::Backing => "backing services",
            Group::Capacity => "capacity",
            Group::Network => "network",
            Group::Base => "base file",
            Group::Secrets => "secrets",
            Group::Disruption => "disruption",
            Group::Targets => "targets",
            Group::Hygiene => "hygiene",
            Group::Settings => "settings",
        }
    }
}

/// A rule's function: reads one merged spec, reports what it finds.
pub type RuleFn = fn(&Context<'_>, &mut Report<'_>);

/// What a rule's file says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Names the fault and reads well after "allow".
    pub id: &'static str,
    /// How severe; settings can change it.
    pub severity: Severity,
    /// What it is about.
    pub group: Group,
    /// Whether a comment, the settings or the baseline may allow a finding, and settings may change its severity. False for
    /// a shape that cannot be read, and for what the consumer would refuse.
    pub suppressible: bool,
    /// Its function; `None` if another module finds the fault on its way (the page names that module).
    pub check: Option<RuleFn>,
}

/// A rule with its page.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What its file says of it.
    pub meta: Meta,
    /// Manual page, `explain` text and test, in Markdown.
    pub page: &'static str,
    /// Whether it also reports in files of other tools without a spec.
    pub foreign: bool,
    /// Whether it needs a load, so that it runs only in `simulate` and `size`.
    pub loaded: bool,
}

impl Rule {
    /// The first paragraph of the page: the rule in one line.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.page.split("\n\n").nth(1).unwrap_or_default().trim()
    }
}

/// The list of the rules. One marked `foreign` also reports in files of other tools without a spec, one marked `loaded`
/// runs only in `simulate` and `size`.
macro_rules! rules {
    (@foreign foreign) => { true };
    (@loaded loaded) => { true };
    (@$mark:ident $($other:ident)?) => { false };
    ($($(#[$mark:ident])? mod $name:ident;)*) => {
        $(mod $name;)*
        /// Every rule, in the order of the manual.
        pub const ALL: &[Rule] = &[$(Rule {
            meta: $name::META,
            page: include_str!(concat!(stringify!($name), ".md")),
            foreign: rules!(@foreign $($mark)?),
            loaded: rules!(@loaded $($mark)?),
        }),*];
    };
}

cfg_if! {
    if #[rules] {
        #[foreign] mod yaml_syntax;
        mod unsupported_yaml;
        #[foreign] mod duplicate_key;
        #[foreign] mod unknown_field;
        #[foreign] mod missing_field;
        #[foreign] mod wrong_type;
        mod invalid_value;
        #[foreign] mod invalid_quantity;
        #[foreign] mod ambiguous_unit;
        mod ambiguous_scalar;
        #[foreign] mod unknown_reference;
        mod unreadable_file;
        #[foreign] mod removed_api;
        #[foreign] mod same_object_twice;
        #[foreign] mod refused_by_api;

        #[foreign] mod min_above_max;
        #[foreign] mod replicated_singleton;
        mod replicas_above_partitions;
        mod replicas_below_partitions;
        mod scaled_to_zero_behind_balancer;

        mod scale_up_below_scale_down;
        #[foreign] mod threshold_out_of_range;
        mod scale_up_slower_than_down;
        mod flapping_thresholds;
        mod slow_ramp;
        mod percent_only_from_zero;
        mod formula_below_zero;
        mod rollout_raises_replicas;
        mod nothing_to_scale;
        #[foreign] mod threshold_never_fires;
        #[foreign] mod replicas_beside_autoscaler;
        #[foreign] mod unknown_target;
        #[foreign] mod two_autoscalers;
        #[loaded] mod window_shorter_than_outage;

        mod overlapping_windows;
        mod empty_window;
        #[foreign] mod unknown_timezone;
        mod nonexistent_local_time;
        mod window_min_above_max;

        #[foreign] mod request_above_limit;
        mod limits_not_enforced;
        mod missing_limits;
        #[foreign] mod files_without_limits;
        #[foreign] mod missing_requests;
        mod concurrency_above_cores;
        mod below_recommendation;
        #[foreign] mod heap_above_memory;
        #[foreign] mod heap_near_memory;
        #[loaded] mod request_follows_target;

        #[foreign] mod connections_exhausted;
        #[foreign] mod connections_exhausted_in_rollout;
        #[foreign] mod shared_buffers_above_memory;
        #[foreign] mod replication_above_brokers;

        #[foreign] mod exceeds_node;
        #[foreign] mod exceeds_capacity;
        #[foreign] mod unplaceable;
        mod placement_not_found;
        #[foreign] mod exceeds_capacity_in_rollout;
        #[foreign] mod quota_exceeded;

        #[foreign] mod fixed_host_port;
        #[foreign] mod port_collision;
        #[foreign] mod container_name_replicated;
        #[foreign] mod host_network_replicated;
        #[foreign] mod host_port_replicated;
        #[foreign] mod host_port_unknown_nodes;
        #[foreign] mod same_route_twice;
        #[foreign] mod exposed_without_health;
        #[foreign] mod fixed_address_replicated;
        mod fixed_address_reset;
        mod unbalanced_upstream;

        mod unknown_service;
        #[foreign] mod conflicts_with_base;
        #[foreign] mod fault_if_enabled;
        mod image_drift;
        mod base_changed;
        #[foreign] mod shared_volume_replicated;
        #[foreign] mod shared_writable_volume;
        #[foreign] mod pod_security_refused;

        mod secret_in_env;
        mod secret_in_args;
        mod shared_secret_inline;
        mod shared_secret_empty_default;

        #[foreign] mod drain_blocked;
        mod drain_above_grace;
        #[foreign] mod rollout_leaves_none;
        #[foreign] mod rolling_update_one_volume;
        mod grace_shorter_than_jobs;

        mod lost_in_target;
        mod ignored_by_consumer;
        #[foreign] mod refused_by_target;
        mod replicas_clamped;
        #[foreign] mod multiplier_above_partitions;
        mod processes_not_placed;

        mod dead_setting;
        mod unused_suppression;
        mod suppression_without_reason;

        mod toml_syntax;
        mod expired_ignore;
        mod unused_ignore;
        mod broken_template;
        mod lost_in_template;
        mod broken_baseline;
        mod stale_baseline;
        mod invalid_policy;
        mod unused_policy;
    }
}

/// The rule with this id.
#[must_use]
pub fn get(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.meta.id == id)
}

/// Whether findings of a rule may be allowed; true for what is not a built-in rule.
#[must_use]
pub fn is_suppressible(id: &str) -> bool {
    get(id).is_none_or(|rule| rule.meta.suppressible)
}

/// How severe the findings of a rule are; `None` for what is not a built-in rule.
#[must_use]
pub fn severity(id: &str) -> Option<Severity> {
    get(id).map(|rule| rule.meta.severity)
}

/// A finding of a rule whose fault is found outside its file, as severe as the rule says.
#[must_use]
pub fn finding(rule: &'static str, at: FileSpan, message: impl Into<String>) -> Finding {
    ranked(Finding::of(rule, at, message))
}

/// A finding as severe as its rule says; what is of no built-in rule stays as it is.
#[must_use]
pub fn ranked(mut finding: Finding) -> Finding {
    finding.severity = severity(&finding.rule).unwrap_or(finding.severity);
    finding
}

/// Where one rule puts what it finds.
pub struct Report<'t> {
    meta: Meta,
    /// Takes what the rule finds.
    take: &'t mut dyn FnMut(Finding),
    bound: Bound,
}

impl<'t> Report<'t> {
    /// A report for one rule.
    pub fn new(meta: Meta, take: &'t mut dyn FnMut(Finding)) -> Report<'t> {
        Report { meta, take, bound: Bound::default() }
    }

    /// A finding of this rule at a place, to be completed and pushed.
    #[must_use]
    pub fn at(&self, place: FileSpan, message: impl Into<String>) -> Finding {
        Finding::new(self.meta.id, self.meta.severity, place, message)
    }

    /// Adds a finding, up to the bound.
    pub fn push(&mut self, finding: Finding) {
        if let Some(finding) = self.bound.take(finding, self.meta.severity == Severity::Error) {
            (self.take)(finding);
        }
    }
}

/// Runs every rule over one merged spec and hands on what they find one by one: there may be thousands of findings.
pub fn check(context: &Context<'_>, mut take: impl FnMut(Finding)) {
    for rule in ALL {
        let Some(check) = rule.meta.check else { continue };
        check(context, &mut Report::new(rule.meta, &mut take));
    }
}
