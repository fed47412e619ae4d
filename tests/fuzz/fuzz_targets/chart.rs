//! Bytes as the files of a Helm chart: `values.yaml`, `values.schema.json` and `Chart.yaml`, parted by NUL.
#![no_main]

use scalegen::{CheckOptions, lint};
use scalegen_fuzz::files::Held;
use scalegen_fuzz::{properties, render};
use std::collections::BTreeMap;

const SPEC: &str = "version: 1
name: shop
services:
  api:
    image: acme/api:1
    port: 8080
    replicas: { min: 2, max: 4 }
    concurrency: 10
    resources: { requests: { cpu: 1, memory: 256Mi }, limits: { cpu: 1, memory: 512Mi } }
  worker: { image: acme/worker:1, replicas: 2, resources: { limits: { memory: 1Gi } } }
targets:
  helm:
    chart: charts/shop
    convention: CONVENTION
    paths:
      api: { replicas: api.replicaCount, resources: api.resources }
      worker: { concurrency: worker.concurrency, replicas: worker.replicas }
";

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let spec = SPEC.replace("CONVENTION", if first % 2 == 0 { "helm-create" } else { "flow-like" });
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    let names = ["values.yaml", "values.schema.json", "Chart.yaml"];
    let mut held = BTreeMap::new();
    for name in names {
        if let Some(bytes) = parts.next().filter(|bytes| !bytes.is_empty()) {
            held.insert(format!("charts/shop/{name}"), bytes.to_vec());
        }
    }
    held.entry("charts/shop/Chart.yaml".to_owned())
        .or_insert_with(|| b"apiVersion: v2\nname: shop\nversion: 1.0.0\n".to_vec());
    let files = Held(held);
    let checked = lint("shop/scalegen.yaml", spec.as_bytes(), &files, &CheckOptions::default());
    properties::checked(&checked);
    properties::reports(&checked, data);
    render::holds(spec.as_bytes(), &files, None, "helm");
}
