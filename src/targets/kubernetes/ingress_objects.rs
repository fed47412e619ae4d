//! The types of an Ingress and an HTTPRoute, field for field as in their APIs. Knows no plan.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngressSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_class_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls: Vec<IngressTls>,
    pub rules: [IngressRule; 1],
}

#[derive(Serialize)]
pub(super) struct IngressRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    pub http: IngressHttp,
}

#[derive(Serialize)]
pub(super) struct IngressHttp {
    pub paths: [IngressPath; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngressPath {
    pub path: String,
    pub path_type: &'static str,
    pub backend: IngressBackend,
}

#[derive(Serialize)]
pub(super) struct IngressBackend {
    pub service: IngressService,
}

#[derive(Serialize)]
pub(super) struct IngressService {
    pub name: String,
    pub port: IngressPort,
}

#[derive(Serialize)]
pub(super) struct IngressPort {
    pub number: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngressTls {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    pub secret_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteSpec {
    pub parent_refs: [ParentRef; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hostnames: Vec<String>,
    pub rules: [RouteRule; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParentRef {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteRule {
    pub matches: [RouteMatch; 1],
    pub backend_refs: [RouteBackend; 1],
}

#[derive(Serialize)]
pub(super) struct RouteMatch {
    pub path: PathMatch,
}

#[derive(Serialize)]
pub(super) struct PathMatch {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub value: String,
}

#[derive(Serialize)]
pub(super) struct RouteBackend {
    pub name: String,
    pub port: u16,
}
