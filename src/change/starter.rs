//! The spec that `scalegen init` writes if there is nothing to import: one service, and examples to uncomment. Knows how
//! a spec is written, no rule and no target.
//!
//! A line that begins with `#` and no space is an example: without the `#` it is YAML. Prose has a space.

use crate::inputs::spec::schema::sample;
use std::fmt::Write;

/// The values that fill in the starter.
#[derive(Clone, Copy, Debug)]
pub struct Starter<'a> {
    /// Name of the deployment, a DNS label.
    pub name: &'a str,
    /// File name of the spec, for the commands in its comments.
    pub file: &'a str,
    /// What the line for language servers names: a path relative to the spec, or an address.
    pub schema: Option<&'a str>,
}

/// A name for a deployment after the name of a folder; `None` if no letter or digit is left of it.
#[must_use]
pub fn label(folder: &str) -> Option<String> {
    let plain = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let plain: String = plain.collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let label: String = words.join("-").chars().take(63).collect();
    let label = label.trim_end_matches('-').to_owned();
    (!label.is_empty()).then_some(label)
}

impl Starter<'_> {
    /// The text of the spec.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        // writing to a string cannot fail
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let Starter { name, file, schema, .. } = self;
        if let Some(schema) = schema {
            writeln!(out, "# yaml-language-server: $schema={schema}")?;
        }
        writeln!(out, "# How {name} scales. Checked by `scalegen lint`; `scalegen plan {file}` shows the sums,")?;
        writeln!(out, "# `scalegen render {file} --out deploy` writes the files of the targets below.")?;
        writeln!(out, "# Lines that begin with # and no space are examples.\n")?;
        writeln!(out, "version: 1\nname: {}\n", quoted(name))?;
        self.alone(out)
    }

    /// A spec of its own, with one service.
    fn alone(&self, out: &mut String) -> std::fmt::Result {
        out.push_str(
            "services:
  web:
    image: example/web:1.0 # without images the targets write overlays for files that exist
    port: 8080
    replicas: 2 # or { min: 2, max: 6 }, which turns autoscaling on
    resources:
      requests: { memory: 256Mi }
      limits: { memory: 512Mi }
    #concurrency: { limit: 10, env: WORKERS } # work one replica does at once, and the variable that says so
    #connections: { postgres: 10 } # opened by one replica, held against maxConnections below
    #health: { http: /health }
    #expose: { path: / } # behind a load balancer

",
        );
        out.push_str("# What the services depend on and what bounds them.\n");
        out.push_str("#backingServices: { postgres: { kind: postgres, maxConnections: 100, memory: 1Gi } }\n\n");
        self.capacity(out);
        self.profiles("web", out);
        write!(
            out,
            "targets:\n  compose: {{}}\n  #nginx: {{}}\n  #kubernetes: {{ namespace: {} }}\n",
            quoted(self.name)
        )
    }

    fn capacity(&self, out: &mut String) {
        out.push_str("# The machines on which everything must fit.\n");
        out.push_str("#capacity: { nodes: [{ count: 2, cpu: 4, memory: 16Gi }] }\n\n");
    }

    fn profiles(&self, service: &str, out: &mut String) {
        let (file, name) = (self.file, quoted(service));
        out.push_str(&format!("# Partial specs laid over the above: `scalegen render {file} --profile large`.\n"));
        out.push_str(&format!("#profiles: {{ large: {{ services: {{ {name}: {{ replicas: 6 }} }} }} }}\n\n"));
    }
}

fn quoted(text: &str) -> String {
    sample::line(&serde_json::Value::from(text))
}
