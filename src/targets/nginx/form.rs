//! Chooses the form of the output: where nginx runs, and so how it finds replicas. Knows no directive.

use crate::inputs::base::BaseMember;
use crate::inputs::compose::balancer;
use crate::inputs::images;
use crate::plan::{BalancerOptions, Expose, TargetOptions, Workload};
use crate::support::diagnostic::Finding;
use crate::support::source::FileSpan;
use crate::targets::{Input, LoweredPlan};

/// The first open-source version that follows names in an `upstream`.
const RESOLVES: [u32; 3] = [1, 27, 3];

/// The version that is assumed if none is known.
const OLDEST: [u32; 2] = [1, 22];

/// The port on which nginx answers.
pub(super) fn listen(options: &TargetOptions) -> u16 {
    options.int("listen").and_then(|(port, _)| u16::try_from(port).ok()).unwrap_or(80)
}

/// What the options say of nginx.
pub(super) fn balancer(options: &TargetOptions) -> BalancerOptions {
    BalancerOptions { on_host: options.text("from").map(|(from, _)| from == "host"), listen: listen(options) }
}

/// Where nginx runs and how it finds replicas.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NginxForm {
    /// On the host: one server for each published port.
    Host,
    /// On the network, resolving the name at each request.
    Variable,
    /// On the network, following the name in an upstream.
    Resolve,
}

/// The container in which nginx runs.
pub(super) struct NginxContainer<'i> {
    name: &'i str,
    place: FileSpan,
    /// The file that has it, for messages.
    whose: &'i str,
    /// The version of its image, empty if the tag has none.
    version: Vec<u32>,
    member: Option<&'i BaseMember>,
}

impl<'i> NginxContainer<'i> {
    /// The service of the compose file next to the spec, or of the spec, that is nginx and reads the output; `None` if nginx runs
    /// on the host.
    pub(super) fn of(input: &Input<'i>, listen: u16) -> Option<NginxContainer<'i>> {
        if let Some((base, member)) = input.beside.and_then(|base| Some((base, balancer::in_project(base, listen)?))) {
            let image = member.view().image.as_ref().and_then(|image| image.value.as_deref()).unwrap_or_default();
            let version = images::nginx(image).unwrap_or_default();
            let place = member.facts.at.key();
            return Some(NginxContainer {
                name: &member.name,
                place,
                whose: &base.name,
                version,
                member: Some(member),
            });
        }
        let own = input.plan.workloads.iter().find(|workload| balancer::is_balancer(workload, listen))?;
        let version = own.image.as_ref().and_then(|image| images::nginx(&image.value)).unwrap_or_default();
        Some(NginxContainer { name: &own.name, place: own.at.key(), whose: "the spec", version, member: None })
    }

    /// Refuses a service that shares no network with nginx.
    pub(super) fn reaches(&self, out: &mut LoweredPlan, input: &Input<'_>, workload: &Workload) {
        let other = input.beside.and_then(|base| base.service(&workload.name));
        let Some((own, other)) = self.member.zip(other) else { return };
        if balancer::share_network(own, other) {
            return;
        }
        let message = format!(
            "`{}` and `{}` have no network of {} in common: nginx cannot find it by its name",
            self.name, workload.name, self.whose
        );
        out.refused(
            workload.expose.as_ref().map_or(workload.at, |expose| expose.at),
            message,
            "give both one of the `networks` there, such as `default`",
        );
    }
}

/// The option; else the network if nginx is a container of the project, and the host if every exposed service publishes
/// a port.
pub(super) fn choose(
    out: &mut LoweredPlan,
    options: &TargetOptions,
    exposed: &[(&Workload, &Expose)],
    container: Option<&NginxContainer<'_>>,
) -> NginxForm {
    let host = match options.text("from") {
        Some((from, at)) => {
            if let (Some(container), true) = (container, from == "host") {
                let message = format!(
                    "`{}` of {} runs nginx in a container, where 127.0.0.1 is the container itself: it answers 502",
                    container.name, container.whose
                );
                let finding = Finding::of("ignored-by-consumer", at.place(), message);
                let finding = finding.label(container.place, "nginx runs here");
                out.findings.push(finding.help("write `from: network`, or take `from` out"));
            }
            from == "host"
        }
        None => {
            container.is_none()
                && exposed.iter().all(|(workload, _)| super::tcp(workload).any(|port| port.publish.is_some()))
        }
    };
    let tag = container.map(|container| container.version.clone()).filter(|version| !version.is_empty());
    let numbers = match options.text("version") {
        None => Some(tag.unwrap_or_else(|| OLDEST.to_vec())),
        Some((version, at)) => {
            let numbers: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
            if numbers.is_none() {
                let message = format!("`{}` is not a version of nginx", version.escape_debug());
                out.unsafe_value(at, message, "write it as \"1.27.3\"");
            }
            numbers
        }
    };
    match (host, numbers.is_some_and(|numbers| numbers.as_slice() >= RESOLVES.as_slice())) {
        (true, _) => NginxForm::Host,
        (false, true) => NginxForm::Resolve,
        (false, false) => NginxForm::Variable,
    }
}
