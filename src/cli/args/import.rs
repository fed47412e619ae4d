//! The arguments of `import` and `init`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Import {
    /// The files of one compose project, each laid over those before it; manifests or a folder with them, or a kustomization; the
    /// folder of a chart or its values; a convox.yml; or - for standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Where to write the spec; - prints it.
    #[arg(long, value_name = "FILE", default_value = "scalegen.yaml")]
    pub to: PathBuf,
    /// Name of the deployment. Without it: after the folder.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The file of variables that docker compose reads beside the files; no value of it is copied.
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Init {
    /// The spec to write, or - for standard output.
    #[arg(value_name = "FILE", default_value = "scalegen.yaml")]
    pub file: PathBuf,
    /// Name of the deployment. Without it: after the folder.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Name this schema in the spec, a path relative to it or an address, and write none.
    #[arg(long, value_name = "SCHEMA")]
    pub schema: Option<String>,
    /// Neither name nor write a schema.
    #[arg(long, conflicts_with = "schema")]
    pub no_schema: bool,
    /// Overwrite what stands there.
    #[arg(long)]
    pub force: bool,
}
