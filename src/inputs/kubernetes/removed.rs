//! API versions that a release of Kubernetes no longer serves. A literal table.
//!
//! Up to 1.25: the "Deprecated API Migration Guide" of Kubernetes (kubernetes/website,
//! `content/en/docs/reference/using-api/deprecation-guide.md`). From 1.26 on: the OpenAPI of each release up to 1.37; a version is removed
//! if one release has it and the next does not. Before 1.16: the changelog of the release.

/// One version of some kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedApi {
    /// API group.
    pub group: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Kinds of it.
    pub kinds: &'static [&'static str],
    /// The first release that does not serve it.
    pub release: (u32, u32),
    /// Group and version to write instead; empty if nothing takes its place.
    pub instead: &'static str,
}

const fn row(
    group: &'static str,
    version: &'static str,
    kinds: &'static [&'static str],
    minor: u32,
    instead: &'static str,
) -> RemovedApi {
    RemovedApi { group, version, kinds, release: (1, minor), instead }
}

const FLOW: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];
const FLOW_V1: &str = "flowcontrol.apiserver.k8s.io/v1";
const RBAC: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const ADMISSION: &[&str] = &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
const CLAIMS: &[&str] = &["ResourceClaim", "ResourceClaimTemplate"];

/// The table, the newest release first.
#[rustfmt::skip]
pub const REMOVED: &[RemovedApi] = &[
    row("networking.k8s.io", "v1beta1", &["IPAddress", "ServiceCIDR"], 37, "networking.k8s.io/v1"),
    row("storage.k8s.io", "v1beta1", &["VolumeAttributesClass"], 37, "storage.k8s.io/v1"),
    row("scheduling.k8s.io", "v1alpha2", &["PodGroup", "Workload"], 37, "scheduling.k8s.io/v1alpha3"),
    row("certificates.k8s.io", "v1alpha1", &["ClusterTrustBundle"], 37, "certificates.k8s.io/v1beta1"),
    row("scheduling.k8s.io", "v1alpha1", &["Workload"], 36, "scheduling.k8s.io/v1alpha3"),
    row("storage.k8s.io", "v1alpha1", &["VolumeAttributesClass"], 35, "storage.k8s.io/v1"),
    row("storagemigration.k8s.io", "v1alpha1", &["StorageVersionMigration"], 35, "storagemigration.k8s.io/v1beta1"),
    row("certificates.k8s.io", "v1alpha1", &["PodCertificateRequest"], 35, "certificates.k8s.io/v1beta1"),
    row("admissionregistration.k8s.io", "v1beta1", ADMISSION, 34, "admissionregistration.k8s.io/v1"),
    row("resource.k8s.io", "v1alpha3", CLAIMS, 34, "resource.k8s.io/v1"),
    row("resource.k8s.io", "v1alpha3", &["DeviceClass", "ResourceSlice"], 34, "resource.k8s.io/v1"),
    row("authentication.k8s.io", "v1beta1", &["SelfSubjectReview"], 33, "authentication.k8s.io/v1"),
    row("flowcontrol.apiserver.k8s.io", "v1beta3", FLOW, 32, FLOW_V1),
    row("admissionregistration.k8s.io", "v1alpha1", ADMISSION, 32, "admissionregistration.k8s.io/v1"),
    row("authentication.k8s.io", "v1alpha1", &["SelfSubjectReview"], 32, "authentication.k8s.io/v1"),
    row("coordination.k8s.io", "v1alpha1", &["LeaseCandidate"], 32, "coordination.k8s.io/v1beta1"),
    row("resource.k8s.io", "v1alpha3", &["PodSchedulingContext"], 32, ""),
    row("networking.k8s.io", "v1alpha1", &["IPAddress", "ServiceCIDR"], 31, "networking.k8s.io/v1"),
    row("resource.k8s.io", "v1alpha2", CLAIMS, 31, "resource.k8s.io/v1"),
    row("resource.k8s.io", "v1alpha2", &["PodSchedulingContext", "ResourceClass", "ResourceClaimParameters", "ResourceClassParameters", "ResourceSlice"], 31, ""),
    row("flowcontrol.apiserver.k8s.io", "v1beta2", FLOW, 29, FLOW_V1),
    row("networking.k8s.io", "v1alpha1", &["ClusterCIDR"], 29, ""),
    row("storage.k8s.io", "v1beta1", &["CSIStorageCapacity"], 27, "storage.k8s.io/v1"),
    row("resource.k8s.io", "v1alpha1", CLAIMS, 27, "resource.k8s.io/v1"),
    row("resource.k8s.io", "v1alpha1", &["PodScheduling", "ResourceClass"], 27, ""),
    row("flowcontrol.apiserver.k8s.io", "v1beta1", FLOW, 26, FLOW_V1),
    row("autoscaling", "v2beta2", &["HorizontalPodAutoscaler"], 26, "autoscaling/v2"),
    row("autoscaling", "v2beta1", &["HorizontalPodAutoscaler"], 25, "autoscaling/v2"),
    row("batch", "v1beta1", &["CronJob"], 25, "batch/v1"),
    row("discovery.k8s.io", "v1beta1", &["EndpointSlice"], 25, "discovery.k8s.io/v1"),
    row("events.k8s.io", "v1beta1", &["Event"], 25, "events.k8s.io/v1"),
    row("policy", "v1beta1", &["PodDisruptionBudget"], 25, "policy/v1"),
    row("policy", "v1beta1", &["PodSecurityPolicy"], 25, ""),
    row("node.k8s.io", "v1beta1", &["RuntimeClass"], 25, "node.k8s.io/v1"),
    row("admissionregistration.k8s.io", "v1beta1", WEBHOOKS, 22, "admissionregistration.k8s.io/v1"),
    row("apiextensions.k8s.io", "v1beta1", &["CustomResourceDefinition"], 22, "apiextensions.k8s.io/v1"),
    row("apiregistration.k8s.io", "v1beta1", &["APIService"], 22, "apiregistration.k8s.io/v1"),
    row("authentication.k8s.io", "v1beta1", &["TokenReview"], 22, "authentication.k8s.io/v1"),
    row("authorization.k8s.io", "v1beta1", &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SubjectAccessReview"], 22, "authorization.k8s.io/v1"),
    row("certificates.k8s.io", "v1beta1", &["CertificateSigningRequest"], 22, "certificates.k8s.io/v1"),
    row("coordination.k8s.io", "v1beta1", &["Lease"], 22, "coordination.k8s.io/v1"),
    row("extensions", "v1beta1", &["Ingress"], 22, "networking.k8s.io/v1"),
    row("networking.k8s.io", "v1beta1", &["Ingress", "IngressClass"], 22, "networking.k8s.io/v1"),
    row("rbac.authorization.k8s.io", "v1beta1", RBAC, 22, "rbac.authorization.k8s.io/v1"),
    row("scheduling.k8s.io", "v1beta1", &["PriorityClass"], 22, "scheduling.k8s.io/v1"),
    row("storage.k8s.io", "v1beta1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], 22, "storage.k8s.io/v1"),
    row("extensions", "v1beta1", &["NetworkPolicy"], 16, "networking.k8s.io/v1"),
    row("extensions", "v1beta1", &["PodSecurityPolicy"], 16, ""),
    row("extensions", "v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 16, "apps/v1"),
    row("apps", "v1beta2", &["DaemonSet", "Deployment", "StatefulSet", "ReplicaSet"], 16, "apps/v1"),
    row("apps", "v1beta1", &["Deployment", "StatefulSet", "ReplicaSet"], 16, "apps/v1"),
    row("extensions", "v1beta1", &["Job"], 6, "batch/v1"),
];

/// The removal of a kind's API version; `None` if every release of the table that had it still has it.
#[must_use]
pub fn removed(group: &str, version: &str, kind: &str) -> Option<&'static RemovedApi> {
    REMOVED.iter().find(|row| row.group == group && row.version == version && row.kinds.contains(&kind))
}
