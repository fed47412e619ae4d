//! The release of Kubernetes since which an autoscaler has a field, and what follows from its tolerance. Rules, targets and scenarios go by it.

/// `behavior.scaleUp.tolerance` and `.scaleDown.tolerance`: the gate HPAConfigurableTolerance is beta and on.
pub const TOLERANCE: (u32, u32) = (1, 35);
/// `minReplicas: 0` with an External or Object metric: the gate HPAScaleToZero is beta and on.
pub const SCALE_TO_ZERO: (u32, u32) = (1, 37);

/// A floor of a cron trigger from which on the tolerance of 10 % swallows the last step: 12/11 is below 1.1.
pub const CRON_TOLERATED: u32 = 12;

/// The first minor release that is taken for a slip, such as `1.350`: at three a year it is decades away.
const NO_MINOR: u32 = 100;

/// Major, minor and patch of `1.35`, `v1.35` or `1.35.2`; `None` if it is no number.
#[must_use]
pub fn parse(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.').map(|part| part.parse::<u32>().ok());
    let (major, minor) = (parts.next()??, parts.next()??);
    (minor < NO_MINOR).then_some(())?;
    Some((major, minor, parts.next().flatten().unwrap_or(0)))
}

/// Whether a release has what came with another. One that is not named has nothing that the oldest release lacks.
#[must_use]
pub fn has(release: Option<(u32, u32, u32)>, since: (u32, u32)) -> bool {
    release.is_some_and(|(major, minor, _)| (major, minor) >= since)
}
