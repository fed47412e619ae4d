//! Parts of the command line that `simulate` and `size` share: forms of arrivals, names of services, limits on the work.

use crate::cli::{Failure, suggestion};
use scalegen::model::{Service, Spec};
use scalegen::plan::scenario::AutoscalerKind;
use scalegen::simulate::trace::Arrivals;
use scalegen::simulate::{HOUR, Nanos};
use scalegen::targets;

/// What the targets of a spec make of a service.
pub(in crate::cli) fn present_autoscaler(spec: &Spec, service: &Service) -> AutoscalerKind {
    AutoscalerKind::present(spec, targets::cluster(&spec.targets).as_ref(), service)
}

/// From this many jobs on, the cost is printed before the work begins.
pub(in crate::cli) const MANY: f64 = 2e8;
/// The most jobs that are played: about an hour of one core.
pub(in crate::cli) const MOST: f64 = 2e10;
/// How long before the load bounds are computed: the longest warm-up is a window of an hour.
pub(in crate::cli) const BEFORE: Nanos = 4 * HOUR;

/// The default for how jobs are spread over a step.
pub(in crate::cli) const USUAL: &str = "poisson";

/// How jobs are spread over a step.
pub(in crate::cli) fn arrivals(word: Option<&str>) -> Result<Arrivals, Failure> {
    match word.unwrap_or(USUAL) {
        "poisson" => Ok(Arrivals::Poisson),
        "even" => Ok(Arrivals::Even),
        word => {
            let size = word.strip_prefix("batch:").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
            let fault = || Failure(format!("--arrivals takes `poisson`, `even` or `batch:N`, not `{word}`"));
            size.map(Arrivals::Batch).ok_or_else(fault)
        }
    }
}

/// A service of the spec, or why there is none.
pub(in crate::cli) fn find_service<'s>(name: &str, spec: &'s Spec) -> Result<&'s Service, Failure> {
    spec.services().find(|service| *service.name == *name).ok_or_else(|| {
        let names = spec.services().map(|service| &*service.name);
        Failure(format!("no service is called `{name}`; {}", suggestion(name, names)))
    })
}

/// The load thresholds that the policy reads.
pub(in crate::cli) fn thresholds(service: &Service, kind: AutoscalerKind) -> Option<(u64, u64)> {
    let scaling = &service.autoscaling;
    let load = scaling.signal.value == scalegen::model::Signal::Load;
    let scales = !matches!(kind, AutoscalerKind::Fixed(_));
    (scales && (load || kind == AutoscalerKind::Foundry))
        .then_some((scaling.up.threshold.value.0, scaling.down.threshold.value.0))
}
