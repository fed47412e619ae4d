//! The options of the target, read and checked. Knows no service.

use super::LoweredPlan;
use super::names::{is_label, is_subdomain};
use crate::plan::{ClusterAutoscaler, ClusterOptions, Opt, SecurityProfile, TargetOptions, Val, releases};
use crate::support::source::FieldSpan;

/// The autoscaler: the option, or its default.
pub(super) fn autoscaler(options: &TargetOptions) -> ClusterAutoscaler {
    match options.text("autoscaler") {
        Some(("keda", _)) => ClusterAutoscaler::Keda,
        Some(("none", _)) => ClusterAutoscaler::None,
        _ => ClusterAutoscaler::Hpa,
    }
}

/// The name of an autoscaler in messages.
pub(super) fn autoscaler_title(autoscaler: ClusterAutoscaler) -> &'static str {
    match autoscaler {
        ClusterAutoscaler::Hpa => "a HorizontalPodAutoscaler",
        ClusterAutoscaler::Keda => "the simple ScaledObject",
        ClusterAutoscaler::None => "a fixed number of replicas",
    }
}

/// What rules and scenarios ask of the options.
pub(super) fn cluster(options: &TargetOptions) -> ClusterOptions {
    let text = |name: &str| options.text(name).map(|(text, _)| text);
    ClusterOptions {
        target: options.name.clone(),
        at: options.at,
        autoscaler: autoscaler(options),
        names_autoscaler: text("autoscaler").is_some(),
        release: text("version").and_then(releases::parse),
        keda_release: text("kedaVersion").and_then(releases::parse),
        namespace: text("namespace").map(str::to_owned),
        is_restricted: text("podSecurity") == Some(SecurityProfile::Restricted.word()),
    }
}

/// The labels that select a service's pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SelectorForm {
    /// The service's name and the deployment's.
    Instance,
    /// The service's name alone, as before 1.0.
    Name,
}

/// The options, defaults filled in.
#[derive(Clone)]
pub(super) struct KubernetesSettings {
    pub namespace: Option<String>,
    pub autoscaler: ClusterAutoscaler,
    pub selector: SelectorForm,
    /// The profile of Pod Security that the namespace enforces, if one is named.
    pub pod_security: Option<Val<SecurityProfile>>,
    /// One name for the secrets of every service; unset means one secret each.
    pub secret_name: Option<String>,
    /// Major, minor and patch of the release that will read the files, if one is named.
    pub version: Option<((u32, u32, u32), FieldSpan)>,
    /// The release of KEDA that will read them, if one is named.
    pub keda: Option<(u32, u32, u32)>,
    /// The container that each service's fields mean.
    pub containers: Vec<(String, String)>,
    /// The image that runs the patches of CronJobs.
    pub kubectl_image: String,
}

/// The oldest release with every API that is written: autoscaling/v2.
const KUBERNETES: (u32, u32) = (1, 23);
/// The default release of kubectl, and the first that is published as an image; kubectl works with an API one
/// release older.
const NEWEST: (u32, u32, u32) = (1, 33, 0);
const FIRST_IMAGE: (u32, u32, u32) = (1, 28, 0);
/// The oldest release with every field that is written: initialCooldownPeriod.
const KEDA: (u32, u32) = (2, 14);

impl KubernetesSettings {
    /// Whether the release that will read the files is named, and has the feature of another release.
    pub(super) fn has(&self, since: (u32, u32)) -> bool {
        releases::has(self.version.map(|(version, _)| version), since)
    }

    /// Whether the autoscaler has tolerances in every release that will read the files. A ScaledObject passes them on.
    pub(super) fn tolerates(&self) -> bool {
        self.autoscaler.tolerates(self.version.map(|(version, _)| version), self.keda)
    }

    /// Reads the options; a value that the API server would refuse is a finding at the option.
    pub(super) fn read(options: &TargetOptions, out: &mut LoweredPlan) -> KubernetesSettings {
        let autoscaler = autoscaler(options);
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
        let version = text("version").and_then(|(version, at)| {
            Some((release(version, at, KUBERNETES, "Kubernetes", "autoscaling/v2", out)?, at))
        });
        let keda = text("kedaVersion")
            .and_then(|(version, at)| release(version, at, KEDA, "KEDA", "initialCooldownPeriod", out));
        KubernetesSettings {
            namespace: text("namespace").map(|(name, _)| name.to_owned()),
            autoscaler,
            selector: match text("selector") {
                Some(("name", _)) => SelectorForm::Name,
                _ => SelectorForm::Instance,
            },
            pod_security: text("podSecurity").map(|(word, at)| Val::new(profile(word), at)),
            secret_name: text("secretName").map(|(name, _)| name.to_owned()),
            version,
            keda,
            containers: containers(options).map(|(name, one, _)| (name.to_owned(), one.to_owned())).collect(),
            kubectl_image: kubectl_image(options, version.map(|(version, _)| version), out),
        }
    }
}

/// The chosen containers of services, with their places.
pub(super) fn containers(options: &TargetOptions) -> impl Iterator<Item = (&str, &str, FieldSpan)> {
    let chosen = match options.get("containers").map(|chosen| &chosen.value) {
        Some(Opt::Map(chosen)) => chosen.as_slice(),
        _ => &[],
    };
    chosen.iter().filter_map(|(name, one)| match &one.0.value {
        Opt::Text(text) => Some((name.as_str(), text.as_str(), one.0.at)),
        _ => None,
    })
}

fn profile(word: &str) -> SecurityProfile {
    if word == SecurityProfile::Restricted.word() { SecurityProfile::Restricted } else { SecurityProfile::Baseline }
}

/// The named image, else the project's own of the same release.
fn kubectl_image(options: &TargetOptions, version: Option<(u32, u32, u32)>, out: &mut LoweredPlan) -> String {
    if let Some((image, at)) = options.text("kubectlImage") {
        if image.contains(char::is_whitespace) {
            out.refused(at, "an image with a space in it is refused", "take the space away");
        }
        return image.to_owned();
    }
    let (major, minor, patch) = version.unwrap_or(NEWEST).max(FIRST_IMAGE);
    format!("registry.k8s.io/kubectl:v{major}.{minor}.{patch}")
}

/// Reads a release; `None` if it is not a number.
fn release(
    version: &str,
    at: FieldSpan,
    least: (u32, u32),
    what: &str,
    why: &str,
    out: &mut LoweredPlan,
) -> Option<(u32, u32, u32)> {
    // the features of a next major release are unknown
    let read = releases::parse(version).filter(|(major, ..)| *major <= least.0);
    let Some((major, minor, patch)) = read else {
        let message = format!("`{}` is not a release of {what}", version.escape_debug());
        out.refused(at, message, format!("write it as \"{}.{}\"", least.0, least.1));
        return None;
    };
    if (major, minor) < least {
        let message = format!("{what} {major}.{minor} is older than {}.{}, the first with {why}", least.0, least.1);
        out.refused(at, message, format!("name the release that runs, {}.{} or later", least.0, least.1));
    }
    Some((major, minor, patch))
}
