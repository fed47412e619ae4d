//! scalegen: one scaling spec in, every platform's configuration out, checked before it ships.
//!
//! # The map
//!
//! ```text
//!            cli reads                                                                  cli writes
//! spec.yaml ─► source ─► syntax ─► profiles ─► schema ─► model ─► rules ─► plan ─► targets ─► files
//!                        tree +    one tree    shape     Spec     findings Plan    lower: View + losses
//!                        spans     a profile                                       render: text, read back
//! ```
//!
//! Data flows one way. A room may use only the rooms whose doors are drawn in `tests/it/tidy.rs`; the bottom ones use nothing.
//!
//! | room | what it is for | what it must not know |
//! |---|---|---|
//! | `source` | text, byte spans, lines and columns | everything else |
//! | `diagnostic` | findings as plain data; one for each rule and place over all profiles | rules, formats |
//! | `suggest` | "did you mean" | everything else |
//! | `syntax` | YAML to a tree whose every key and value keeps its bytes | the spec |
//! | `profiles` | short forms written out, overlays laid over the base | schema, model |
//! | `schema` | the shape of a merged spec, against `schemas/spec.schema.json`; the same schema as editors read it | model, rules |
//! | `model` | what a spec means: typed, defaults filled in; states of the week; placement on nodes | YAML text, rules, targets |
//! | `models` | a spec's text to its models, unchecked: for `plan` and `scale` | rules, findings |
//! | `markdown` | the manual's Markdown, for a terminal and as HTML | everything else |
//! | `site` | the manual as a static site: rules, targets, schema and command line in, files out | files, clocks, the network |
//! | `base` | a compose file beside the spec, read for what bounds scaling | rules, targets |
//! | `inputs` | files of other tools, read into layers of one effective model | rules, targets, reports |
//! | `chart` | a Helm chart beside the spec, read for the keys and the schema of its values | rules, targets, templates |
//! | `secrets` | what of a name or a line of text is likely a secret, so that nobody prints it | formats, fields |
//! | `unified` | two texts as a unified diff without likely secrets | formats, files |
//! | `scalars` | bare words that YAML 1.1 takes for something else | fields, rules |
//! | `sums` | sums of connections and capacity over states, and their words: shared by rules that ask the same of different moments | rules, targets |
//! | `rules` | one file and one page a rule: reads the model, reports findings | text, plan, targets, other rules |
//! | `plan` | what is to run, with its numbers worked out | any target's words |
//! | `targets` | one file, one page and one folder of templates a target: plan to view (`lower`), view to text (`render`) | the model behind the plan, other targets, files |
//! | `threads` | the same work for each item of a list, on several threads | everything else |
//! | `subject` | fields that no target of a run reads | any target |
//! | `formation` | how many of what, sums over the week, shares of the machines: what `plan` shows | targets, printing |
//! | `edit` | changes of single values in a YAML text, every other byte kept | the spec's fields, files |
//! | `scale` | a wish for one service, as changes of its spec | bytes, files |
//! | `starter` | the spec that `init` writes, after a compose file where one stands beside it | rules, targets, files |
//! | `fingerprint` | what a finding is known by while lines move | formats, files |
//! | `baseline` | findings accepted for now: read with places, written, what of them is stale | files, settings |
//! | `settings` | `.scalegen.toml`: severities, ignores, profiles to check, with places | files, clocks, specs |
//! | `sandbox` | minijinja within bounds: strict, with fuel, without files | templates, policies |
//! | `policy` | rules that a team writes itself, over the model of each profile | files, targets, reports |
//! | `suppress` | comments that allow a finding | what rules mean |
//! | `report` | findings to text, JSON, SARIF and what code hosts read | filters, exit codes, standard output |
//! | `fixable` | which fixes of findings are offered: none through an alias, none across profiles | rules |
//! | `pipeline` | the way of one spec through all of these: [`lint`] and [`render`] | files, printing |
//! | `fix` | the offered fixes made in a text, which is checked again until none is left | rules, files |
//! | `changes` | what one spec before and after differ in: numbers, findings, rendered files | git, files, printing |
//! | `cli` (in the binary) | arguments, files, streams, exit codes | — nothing may use it |
//!
//! Nothing outside `src/cli/` touches files, the environment, a clock, the network or a stream. A fault in the user's file is a
//! finding, never an `Err`; an `Err` is our own bug or a door that stayed shut.
//!
//! # Where does it go?
//!
//! | I want to … | files |
//! |---|---|
//! | add a rule | `src/rules/<id>.rs`, `src/rules/<id>.md` (manual page, `explain` text and test), one word in `src/rules/mod.rs` |
//! | add a target | `src/targets/<t>.rs`, `src/targets/<t>.md`, `templates/<t>/`, one word in `src/targets/mod.rs`; then `UPDATE=1 cargo test` |
//! | add a field to the spec | `schemas/spec.schema.json`, `src/model/`, `fixtures/everything.yaml`, a verdict in each target's page; tests name what was forgotten |
//! | add a report format | `src/report/<format>.rs`, one word in `src/report/mod.rs` |
//! | add a setting | `schemas/settings.schema.json`, `src/settings.rs`, `fixtures/settings/everything.toml`; tests name what was forgotten |
//! | give policies a name or a word | `src/policy/context/`, `src/policy/words.rs` and its kinds in `src/policy/check/`; then `UPDATE=1 cargo test` |
//! | add a command | `src/cli/<command>.rs`, one variant in `src/cli/args.rs`; the site's page has it by itself |
//! | mend a wrong line or column | `src/syntax/`, or `Source::numbers` |
//! | change a default | `src/model/lower/` and the schema's `default` |
#![forbid(unsafe_code)]

pub mod base;
pub mod baseline;
pub mod changes;
pub mod chart;
pub mod diagnostic;
pub mod edit;
pub mod fingerprint;
pub mod fix;
pub mod fixable;
pub mod formation;
pub mod inputs;
pub mod markdown;
pub mod model;
pub mod models;
pub mod pipeline;
pub mod plan;
pub mod policy;
pub mod profiles;
pub mod report;
pub mod rules;
pub mod sandbox;
pub mod scalars;
pub mod scale;
pub mod schema;
pub mod secrets;
pub mod settings;
pub mod site;
pub mod source;
pub mod starter;
pub mod subject;
pub mod suggest;
pub mod sums;
pub mod suppress;
pub mod syntax;
pub mod targets;
pub mod threads;
pub mod unified;

pub use fix::{Fixed, fix};
pub use models::models;
pub use pipeline::{
    Checked, Decided, Files, Lowering, NoFiles, Rendered, Wanted, decide, lint, lint_owned, lower, render,
    render_wanted,
};
