//! The first releases in which an autoscaler has a field, and what follows from its tolerance. Used by rules, targets and scenarios.

use super::quantity::Share;

/// Major, minor and patch.
pub type ReleaseNumber = (u32, u32, u32);

/// `behavior.scaleUp.tolerance` and `.scaleDown.tolerance`: the gate HPAConfigurableTolerance is beta and on.
pub const TOLERANCE: (u32, u32) = (1, 35);
/// The release of KEDA since which the `behavior` of a ScaledObject has those two fields.
pub const KEDA_TOLERANCE: (u32, u32) = (2, 18);
/// `minReplicas: 0` with an External or Object metric: the gate HPAScaleToZero is beta and on.
pub const SCALE_TO_ZERO: (u32, u32) = (1, 37);

/// The controller's tolerance for objects without one of their own.
pub const USUAL_TOLERANCE: Share = Share(Share::ONE / 10);

/// Whether a cron trigger can raise the number by one to its floor: 12/11 is within a tolerance of 10 %, and so is 11/10.
#[must_use]
pub fn reaches_floor(floor: u32, tolerance: Share) -> bool {
    let (floor, one) = (u128::from(floor), u128::from(Share::ONE));
    floor < 2 || floor * one > (floor - 1) * (one + u128::from(tolerance.0))
}

/// The first minor release that is taken for a typo, such as `1.350`: at three a year it is decades away.
const NO_MINOR: u32 = 100;

/// Major, minor and patch of `1.35`, `v1.35` or `1.35.2`; `None` if it is not a number.
#[must_use]
pub fn parse(text: &str) -> Option<ReleaseNumber> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.').map(|part| part.parse::<u32>().ok());
    let (major, minor) = (parts.next()??, parts.next()??);
    (minor < NO_MINOR).then_some(())?;
    Some((major, minor, parts.next().flatten().unwrap_or(0)))
}

/// Whether a release has a feature of another one. An unnamed release has only features of the oldest.
#[must_use]
pub fn has(release: Option<ReleaseNumber>, since: (u32, u32)) -> bool {
    release.is_some_and(|(major, minor, _)| (major, minor) >= since)
}
