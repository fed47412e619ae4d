//! The options of the target, read and checked. Knows no service.

use super::Lowered;
use super::names::{is_label, is_subdomain};
use crate::plan::{Opt, TargetOptions};
use crate::source::At;

/// What moves the number of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Autoscaler {
    Hpa,
    Keda,
    None,
}

impl Autoscaler {
    /// The option, or its default.
    pub(super) fn of(options: &TargetOptions) -> Autoscaler {
        match options.get("autoscaler").map(|value| &value.value) {
            Some(Opt::Text(word)) if word == "keda" => Autoscaler::Keda,
            Some(Opt::Text(word)) if word == "none" => Autoscaler::None,
            _ => Autoscaler::Hpa,
        }
    }

    /// Its name in messages.
    pub(super) fn title(self) -> &'static str {
        match self {
            Autoscaler::Hpa => "a HorizontalPodAutoscaler",
            Autoscaler::Keda => "the simple ScaledObject",
            Autoscaler::None => "a fixed number of replicas",
        }
    }
}

/// The options, defaults filled in.
pub(super) struct Settings {
    pub namespace: Option<String>,
    pub autoscaler: Autoscaler,
    /// One name for the secrets of every service; unset means one secret each.
    pub secret_name: Option<String>,
}

/// The oldest release with every API written: autoscaling/v2.
const KUBERNETES: (u32, u32) = (1, 23);
/// The oldest release with every field written: initialCooldownPeriod.
const KEDA: (u32, u32) = (2, 14);

impl Settings {
    /// Reads the options; what the API server would refuse is a finding at the option.
    pub(super) fn read(options: &TargetOptions, out: &mut Lowered) -> Settings {
        let autoscaler = Autoscaler::of(options);
        let text = |name: &str| options.text(name);
        if let Some((name, at)) = text("namespace")
            && !is_label(name)
        {
            let message = format!("`{}` cannot name a namespace", name.escape_debug());
            out.refused(at, message, "use 1 to 63 lowercase letters, digits and `-`");
        }
        if let Some((name, at)) = text("secretName")
            && !is_subdomain(name)
        {
            let message = format!("`{}` cannot name a Secret", name.escape_debug());
            out.refused(at, message, "use lowercase letters, digits, `-` and `.`");
        }
        if let Some((version, at)) = text("version") {
            release(version, at, KUBERNETES, "Kubernetes", "autoscaling/v2", out);
        }
        if let Some((version, at)) = text("kedaVersion") {
            release(version, at, KEDA, "KEDA", "initialCooldownPeriod", out);
        }
        Settings {
            namespace: text("namespace").map(|(name, _)| name.to_owned()),
            autoscaler,
            secret_name: text("secretName").map(|(name, _)| name.to_owned()),
        }
    }
}

fn release(version: &str, at: At, least: (u32, u32), what: &str, why: &str, out: &mut Lowered) {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.').map(|part| part.parse::<u32>().ok());
    let (Some(Some(major)), Some(Some(minor))) = (parts.next(), parts.next()) else {
        let message = format!("`{}` is no release of {what}", version.escape_debug());
        out.refused(at, message, format!("write it as \"{}.{}\"", least.0, least.1));
        return;
    };
    if (major, minor) < least {
        let message = format!("{what} {major}.{minor} is older than {}.{}, the first with {why}", least.0, least.1);
        out.refused(at, message, format!("name the release that runs, {}.{} or later", least.0, least.1));
    }
}
