//! Arguments of `scalegen diff`.

use super::{PlayArgs, SettingsArgs};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Diff {
    /// Two specs, of which one may be - for standard input; with --base, specs and folders (without any: this folder).
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Compare with this commit of the git repository: a branch, tag or hash. With ... behind it, with where the current
    /// branch left it.
    #[arg(long, value_name = "GITREF")]
    pub base: Option<String>,
    /// Compare only this profile (repeatable). Without it: the base and every profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Compare what this target can reach and writes (repeatable). Without it: all bounds, and the targets the spec names.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// How to print it: text (as without it), markdown (a comment of at most 65,000 characters) or json. With =FILE into a
    /// file (repeatable).
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<String>,
    /// Say what the change does to waits and cost: a load of a service, as `simulate` reads it, is played under the policy before
    /// and the policy after (repeatable).
    #[arg(long, value_name = "[SERVICE=]KIND:FILE")]
    pub load: Vec<String>,
    #[command(flatten)]
    pub config: SettingsArgs,
    #[command(flatten, next_help_heading = "With --load")]
    pub play: PlayArgs,
}
