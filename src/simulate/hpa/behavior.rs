//! `spec.behavior`: what may be written, and the defaults that the API server fills in (S17).

use crate::simulate::{Nanos, SECOND};

/// `spec.behavior`. A direction that is absent gets every default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Behavior {
    /// `scaleUp`.
    pub scale_up: Rules,
    /// `scaleDown`.
    pub scale_down: Rules,
}

/// The rules of one direction as written; `None` takes the default of S17.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// `stabilizationWindowSeconds`.
    pub window: Option<Nanos>,
    /// `selectPolicy`.
    pub select: Option<Select>,
    /// `policies`.
    pub policies: Option<Vec<ScalingPolicy>>,
    /// `tolerance` as a share, 0 allowed (S7); see [`tolerance_from_milli`].
    pub tolerance: Option<f64>,
}

/// Which of several policies binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Select {
    /// The one that allows the largest change.
    #[default]
    Max,
    /// The one that allows the smallest change.
    Min,
    /// No change in this direction.
    Disabled,
}

/// One policy: at most so much change within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// What `value` counts.
    pub kind: PolicyKind,
    /// `value`, above 0.
    pub value: i32,
    /// `periodSeconds`.
    pub period: Nanos,
}

/// What a policy's value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Pods.
    Pods,
    /// Percent of the replicas at the start of the period.
    Percent,
}

/// A tolerance written in thousandths (`150m`), as the controller turns it into a number: thousandths × 0.001. The
/// quotient by 1000 may differ from it in the last bit.
#[must_use]
pub fn tolerance_from_milli(milli: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "tolerances are far below 2^53 thousandths")]
    let whole = milli as f64;
    if milli % 1000 == 0 { whole / 1000.0 } else { whole * 0.001 }
}

/// The rules of both directions, every default filled in.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    pub(super) up: FilledRules,
    pub(super) down: FilledRules,
}

/// The rules of one direction, every default filled in.
#[derive(Debug, Clone)]
pub(super) struct FilledRules {
    pub(super) window: Nanos,
    pub(super) select: Select,
    pub(super) policies: Vec<ScalingPolicy>,
}

impl Filled {
    pub(super) fn new(behavior: &Behavior, down_window: Nanos) -> Self {
        let percent = ScalingPolicy { kind: PolicyKind::Percent, value: 100, period: 15 * SECOND };
        let pods = ScalingPolicy { kind: PolicyKind::Pods, value: 4, period: 15 * SECOND };
        Filled {
            up: FilledRules::new(&behavior.scale_up, 0, &[pods, percent]),
            down: FilledRules::new(&behavior.scale_down, down_window, &[percent]),
        }
    }
}

impl FilledRules {
    fn new(rules: &Rules, window: Nanos, policies: &[ScalingPolicy]) -> Self {
        FilledRules {
            window: rules.window.unwrap_or(window),
            select: rules.select.unwrap_or_default(),
            policies: rules.policies.clone().unwrap_or_else(|| policies.to_vec()),
        }
    }

    /// The longest period of the policies (S20), 0 without one.
    pub(super) fn longest_period(&self) -> Nanos {
        self.policies.iter().map(|policy| policy.period).max().unwrap_or(0)
    }
}
