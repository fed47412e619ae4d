//! `spec.behavior` as Kubernetes writes it.

use crate::simulate::SECOND;
use crate::simulate::hpa::{Behavior, PolicyKind, Rules, ScalingPolicy, Select};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    scale_up: Option<WrittenRules>,
    #[serde(default)]
    scale_down: Option<WrittenRules>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenRules {
    #[serde(default)]
    stabilization_window_seconds: Option<i64>,
    #[serde(default)]
    select_policy: Option<String>,
    #[serde(default)]
    policies: Option<Vec<WrittenPolicy>>,
    #[serde(default)]
    tolerance: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenPolicy {
    r#type: String,
    value: i32,
    period_seconds: i64,
}

impl Written {
    pub(super) fn behavior(&self) -> Result<Behavior, String> {
        let rules = |written: &Option<WrittenRules>| written.clone().unwrap_or_default().rules();
        Ok(Behavior { scale_up: rules(&self.scale_up)?, scale_down: rules(&self.scale_down)? })
    }
}

impl WrittenRules {
    fn rules(&self) -> Result<Rules, String> {
        let select = match self.select_policy.as_deref() {
            None => None,
            Some("Max") => Some(Select::Max),
            Some("Min") => Some(Select::Min),
            Some("Disabled") => Some(Select::Disabled),
            Some(other) => return Err(format!("selectPolicy `{other}` is not Max, Min or Disabled")),
        };
        let policies = self.policies.as_ref().map(|list| list.iter().map(WrittenPolicy::policy).collect());
        Ok(Rules {
            window: self.stabilization_window_seconds.map(|seconds| seconds.saturating_mul(SECOND)),
            select,
            policies: policies.transpose()?,
            tolerance: self.tolerance.as_deref().map(tolerance).transpose()?,
        })
    }
}

impl WrittenPolicy {
    fn policy(&self) -> Result<ScalingPolicy, String> {
        let kind = match self.r#type.as_str() {
            "Pods" => PolicyKind::Pods,
            "Percent" => PolicyKind::Percent,
            other => return Err(format!("policy type `{other}` is not Pods or Percent")),
        };
        Ok(ScalingPolicy { kind, value: self.value, period: self.period_seconds.saturating_mul(SECOND) })
    }
}

/// A tolerance as a Kubernetes quantity: a decimal number, `m`, `u` or `n` after it. The controller multiplies the
/// canonical mantissa by a power of ten.
pub(super) fn tolerance(text: &str) -> Result<f64, String> {
    let wrong = || format!("tolerance `{text}` is not a number with m, u or n after it");
    let (number, suffix) = match text.strip_suffix(['m', 'u', 'n']) {
        Some(number) => (number, text.chars().next_back()),
        None => (text, None),
    };
    let exponent: i32 = match suffix {
        Some('m') => -3,
        Some('u') => -6,
        Some('n') => -9,
        _ => 0,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut mantissa: i64 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
    let mut exponent = exponent - i32::try_from(fraction.len()).map_err(|_| wrong())?;
    // the canonical form has the smallest mantissa whose exponent is a multiple of 3
    while mantissa != 0 && mantissa % 10 == 0 && exponent < 0 {
        mantissa /= 10;
        exponent += 1;
    }
    if mantissa == 0 {
        return Ok(0.0);
    }
    while exponent % 3 != 0 {
        mantissa = mantissa.checked_mul(10).ok_or_else(wrong)?;
        exponent -= 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "the controller converts the same way")]
    let mantissa = mantissa as f64;
    Ok(match exponent {
        0.. => mantissa,
        -3 => mantissa * 1e-3,
        -6 => mantissa * 1e-6,
        _ => mantissa * 1e-9,
    })
}
