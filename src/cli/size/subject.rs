//! The subject of a sizing: the spec with what was chosen so far, and one service of it. Chooses nothing.

use super::SizeQuestion;
use super::requests::Metrics;
use crate::cli::Failure;
use crate::cli::args::Size;
use crate::cli::given::GivenSpec;
use crate::cli::simulate::loads::ServiceTimes;
use scalegen::model::{ClusterOptions, Service, Spec};
use scalegen::plan::scenario::{AutoscalerKind, Scenario, TrialInputs, scenario};
use scalegen::report::{LoadView, Trial};

/// What sizes one service after the other; each writes into the text that the one before left.
pub(super) struct Sizer<'a> {
    pub args: &'a Size,
    pub asked: &'a SizeQuestion,
    pub spec: &'a GivenSpec,
    pub model: &'a Spec,
    pub metrics: &'a [Metrics],
    pub measured: &'a [ServiceTimes],
    /// The spec with what was chosen so far.
    pub text: String,
}

/// What the HTML file draws of a service.
pub(super) struct SizedDrawing {
    pub load: LoadView,
    pub trials: Vec<Trial>,
}

/// One service with everything that its candidates share.
pub(super) struct SizingSubject<'a> {
    pub(super) service: &'a Service,
    pub(super) cluster: Option<ClusterOptions>,
    pub(super) kind: AutoscalerKind,
    pub(super) inputs: TrialInputs,
    pub(super) arrivals: scalegen::simulate::trace::Arrivals,
}

impl SizingSubject<'_> {
    pub(super) fn scenario(&self, service: &Service, kind: AutoscalerKind) -> Result<Scenario, Failure> {
        let mut made = scenario(service, self.cluster.as_ref(), kind, &self.inputs).map_err(Failure)?;
        made.service.arrivals = self.arrivals.clone();
        Ok(made)
    }
}
