//! Bytes as the compose file below a spec, checked and rendered over.
#![no_main]

use scalegen::{CheckOptions, lint};
use scalegen_fuzz::files::Held;
use scalegen_fuzz::{properties, render};
use std::collections::BTreeMap;

const SPEC: &str = "version: 1
name: shop
services:
  api: { replicas: 3, port: 8080, publish: 8000, resources: { limits: { cpu: 1, memory: 512Mi } } }
  worker: { replicas: { min: 2, max: 4 }, resources: { limits: { memory: 1Gi } } }
  web: { kind: singleton, port: 80 }
backingServices:
  db: { kind: postgres, maxConnections: 100 }
targets:
  compose: { base: compose.yaml }
";

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let files = Held(BTreeMap::from([("compose.yaml".to_owned(), data.to_vec())]));
    let checked = lint("shop/scalegen.yaml", SPEC.as_bytes(), &files, &CheckOptions::default());
    properties::checked(&checked);
    properties::reports(&checked, data);
    render::holds(SPEC.as_bytes(), &files, None, "compose");
}
