//! The shape of an Ingress, field for field as its API names them. Knows no plan.

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct IngressSpec {
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
