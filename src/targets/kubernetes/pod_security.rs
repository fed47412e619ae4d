//! What the profile `restricted` of Pod Security asks of a pod and its containers. Knows no plan.

use serde::Serialize;

/// The pod's part.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSecurity {
    run_as_non_root: bool,
    run_as_user: u32,
    run_as_group: u32,
    seccomp_profile: SeccompProfile,
}

#[derive(Serialize)]
struct SeccompProfile {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A container's part.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerSecurity {
    allow_privilege_escalation: bool,
    read_only_root_filesystem: bool,
    capabilities: Capabilities,
}

#[derive(Serialize)]
struct Capabilities {
    drop: [&'static str; 1],
}

/// A number that no image gives to root.
const NOBODY: u32 = 65532;

impl PodSecurity {
    /// What runs as nobody.
    pub(super) fn restricted() -> PodSecurity {
        let seccomp_profile = SeccompProfile { kind: "RuntimeDefault" };
        PodSecurity { run_as_non_root: true, run_as_user: NOBODY, run_as_group: NOBODY, seccomp_profile }
    }
}

impl ContainerSecurity {
    /// What writes no file of its own image.
    pub(super) fn restricted() -> ContainerSecurity {
        ContainerSecurity {
            allow_privilege_escalation: false,
            read_only_root_filesystem: true,
            capabilities: Capabilities { drop: ["ALL"] },
        }
    }
}
