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
//! Data flows one way, and dependencies run one way: a module may use only those that `tests/it/tidy.rs` lists for it, all of
//! them above it in this table. A file's first lines say what it is for and, as "Knows no …", what it must not depend on. Tests are
//! in `tests/it`, in the same folders.
//!
//! | module | what it is for | what it must not know |
//! |---|---|---|
//! | `support` | what every module may use | a spec |
//! | `support::source` | text, byte spans, lines and columns | everything else |
//! | `support::suggest` | "did you mean" | everything else |
//! | `support::plural` | a number with its noun: `2 replicas` | everything else |
//! | `support::pointer` | JSON pointers: their keys, and keys as parts of them | everything else |
//! | `support::uri` | file URIs and paths, each made from the other | everything else |
//! | `support::markdown` | the manual's Markdown, for a terminal and as HTML | everything else |
//! | `support::rare` | fields that nearly all of many things leave as they are, behind one pointer | everything else |
//! | `support::thin_vec` | lists that take one pointer while they are empty | everything else |
//! | `support::threads` | the same work for each item of a list, on several threads | everything else |
//! | `support::sandbox` | minijinja within bounds: strict, with fuel, without files | templates, policies |
//! | `support::secrets` | likely secrets in names and lines of text, so that nothing prints them | formats, fields |
//! | `support::unified` | two texts as a unified diff, with stars for likely secrets | formats, files |
//! | `support::diagnostic` | findings as plain data; one for each rule and place over all profiles | rules, formats |
//! | `syntax` | YAML to a tree in which every key and value keeps its bytes | the spec |
//! | `syntax::scalars` | bare words that YAML 1.1 reads differently | fields, rules |
//! | `model` | the typed spec with defaults filled in; states of the week; placement on nodes | YAML text, rules, targets |
//! | `simulate` | policies tried on a load: autoscalers as they really behave, and single jobs that wait for them | specs, files, findings, targets |
//! | `inputs::spec::profiles` | short forms expanded, overlays laid over the base | schema, model |
//! | `inputs::spec::schema` | the shape of a merged spec, against `schemas/spec.schema.json`; the same schema as editors read it | model, rules |
//! | `inputs::spec::models` | the models of a spec without a check, for `plan` and `scale` | rules, findings |
//! | `inputs::spec::edit` | changes of single values in a YAML text, with every other byte kept | the spec's fields, files |
//! | `inputs` | one folder for each format that is read, and the layers that files of other tools become | rules, targets, reports |
//! | `inputs::compose::keys` | the keys of a compose file: what each accepts, and what it means for replicas | files, projects |
//! | `inputs::compose::project` | several compose files in one project, read as compose reads them | the spec, rules, targets |
//! | `inputs::kubernetes` | manifests and kustomizations, read into sets of linked objects and into layers | the spec, rules, targets |
//! | `inputs::helm::chart_facts` | what a chart's own values and schema say of values | layouts, targets |
//! | `inputs::helm::chart_base` | values of a chart that others are laid over, with the paths of its components | layouts, targets |
//! | `inputs::base` | the project of another tool as a layer and as single services: under a spec, or without one | rules, targets |
//! | `inputs::input_meta` | the description of a format that is read: file names, signs, readers | any format |
//! | `inputs::spec::recognition` | recognises a spec | its content |
//! | `inputs::compose` | a compose file next to the spec, read for what limits its replicas | rules, targets |
//! | `inputs::kubernetes::recognition` | recognises a manifest, and which manifests are one set | rules, targets |
//! | `inputs::convox` | a `convox.yml`, read as Convox's lenient reader takes it | rules, targets |
//! | `inputs::helm` | a Helm chart: its values as an input, and the keys and schema of the values that are written | rules, targets, templates |
//! | `inputs::recognise` | the format of a file: by its name, else by its content | the meaning of its fields |
//! | `inputs::load` | recordings of load, as CSV and as Prometheus answers them | what the numbers count, specs |
//! | `plan` | what is to run, with its computed numbers | any target's words |
//! | `plan::scenario` | a service under a policy, in the words of the simulator | loads, files |
//! | `plan::summary` | the formation of `scalegen plan`: replicas, sums over the week, shares of the machines | targets, printing |
//! | `check` | what is wrong with a spec, and which findings count | targets |
//! | `check::sums` | sums of connections and capacity over states, shared by rules about different moments | rules, targets |
//! | `check::context` | the input of rules: one merged spec with its states, its base and the targets of the run | rules, text, plan |
//! | `check::rules` | one file and one page a rule: reads the model, reports findings | text, plan, targets, other rules |
//! | `check::fingerprint` | the identity of a finding while lines move | formats, files |
//! | `check::baseline` | accepted findings: reads and writes them, and reports stale ones | files, settings |
//! | `check::settings` | `.scalegen.toml`: severities, ignores, profiles to check, with places | files, clocks, specs |
//! | `check::policy` | rules that a team writes itself, over the model of each profile | files, targets, reports |
//! | `check::suppress` | comments that allow a finding | what rules mean |
//! | `check::noted_origins` | imported numbers whose files have changed since | any target |
//! | `check::unread_fields` | fields that no target of a run reads | any target |
//! | `check::fixable` | which fixes of findings are offered: none through an alias, none across profiles | rules |
//! | `targets` | one folder with its page and one folder of templates a target: plan to view (`lower`), view to text (`render`, which the targets share) | other targets, files |
//! | `pipeline` | the way of one spec through all of these: [`lint`] and [`render`] | files, printing |
//! | `change` | what edits or compares specs | printing |
//! | `change::fix` | applies the offered fixes to a text and checks it again, until none is left | rules, files |
//! | `change::scale` | a request for one service, as changes of its spec | bytes, files |
//! | `change::size` | the policies that `size` tries, as a grid over fields, and the edits of the chosen one | loads, files |
//! | `change::starter` | the spec that `init` writes if there is nothing to import | rules, targets, files |
//! | `change::import` | makes a spec from existing files: their numbers with their origins, and what a spec cannot hold | rules, targets, files |
//! | `change::diff` | the differences between a spec before and after: numbers, findings, rendered files | git, files, printing |
//! | `report` | findings, numbers and differences for people and for programs | filters, exit codes, standard output |
//! | `report::words` | text without control characters, and the style of text for people | everything else |
//! | `report::markdown_text` | foreign text escaped as Markdown | formats |
//! | `report::table` | columns of text, aligned or as Markdown | the meaning of the cells |
//! | `report::fit` | a text made of pieces fitted into a bound, the least important left out | the meaning of the pieces |
//! | `report::findings` | findings to text, JSON, SARIF and what code hosts read: one file a format | filters, exit codes |
//! | `report::summary` | what `scalegen plan` shows, as a table, Markdown or JSON | how numbers are computed |
//! | `report::simulation` | what `scalegen simulate` shows, as a table with charts, Markdown, JSON or one HTML file | specs, files |
//! | `report::changes` | what `scalegen diff` shows, as text, Markdown or JSON | how differences are computed |
//! | `report::site` | the manual as a static site: rules, targets, schema and command line in, files out | files, clocks, the network |
//! | `lsp` | the language server: an editor's messages in, answers and diagnostics out, over the same pipeline | files, streams |
//! | `cli` | in the binary: arguments, files, streams, exit codes | — nothing may use it |
//!
//! Nothing outside `src/cli/` touches files, the environment, a clock, the network or a stream. A fault in the user's file is a
//! finding, never an `Err`; an `Err` is our own bug, or a file or stream that could not be used.
//!
//! # Where does it go?
//!
//! | I want to … | files |
//! |---|---|
//! | add a rule | `src/check/rules/<id>.rs`, `src/check/rules/<id>.md` (manual page, `explain` text and test), one line in `src/check/rules/mod.rs`; then `UPDATE=1 cargo test` |
//! | add a target | `src/targets/<t>/mod.rs`, `src/targets/<t>/<t>.md`, `templates/<t>/`, one line in `src/targets/mod.rs`; its options, if it has any, in `src/targets/<t>/<t>.schema.json`; where its verdicts need other services, `fixtures/everything.<t>.yaml`; then `UPDATE=1 cargo test` |
//! | write files that are not YAML | `OutputFormat::Directives` in the target's `META`, with its syntax in the target's folder: see `src/targets/nginx/syntax.rs` |
//! | add a field to the spec | `schemas/spec.schema.json` (what is there under `targets` is written from the targets' folders), `src/model/`, `fixtures/everything.yaml`, a name for policies in `src/check/policy/context/`, a verdict in each target's page; tests name what was forgotten; then `UPDATE=1 cargo test` |
//! | add a format that is read | `src/inputs/<format>/` with a `recognition` whose `META` says how its files are recognised and read, one line in `src/inputs/mod.rs` |
//! | teach it a word of another tool | a row in `src/inputs/spec/schema/foreign_words/table/`; a test follows its help |
//! | add a report format | `src/report/findings/<format>.rs`, one entry in `src/report/findings/mod.rs`; then `UPDATE=1 cargo test` |
//! | add a setting | `schemas/settings.schema.json`, `src/check/settings.rs`, `fixtures/settings/everything.toml`; tests name what was forgotten |
//! | give policies a name or a word | `src/check/policy/context/`, `src/check/policy/words.rs` and its kinds in `src/check/policy/check/`; then `UPDATE=1 cargo test` |
//! | add a command | `src/cli/<command>.rs`, one variant in `src/cli/args.rs`; the site's page has it by itself |
//! | format every file | `cargo fmt` |
//! | fix a wrong line or column | `src/syntax/`, or `Source::numbers` |
//! | change a default | `src/model/lower/` and the schema's `default` |
#![forbid(unsafe_code)]

/// A list that registers modules: `cfg_if! { if #[maker] { … } }` gives what is between the braces to the macro `maker!`.
/// The name is not ours to choose: `cargo fmt` follows modules that a macro declares only if the macro has this name.
macro_rules! cfg_if {
    (if #[$maker:ident] { $($list:tt)* }) => { $maker! { $($list)* } };
}

pub mod change;
pub mod check;
pub mod inputs;
pub mod lsp;
pub mod model;
pub mod pipeline;
pub mod plan;
pub mod report;
pub mod simulate;
pub mod support;
pub mod syntax;
pub mod targets;

pub use change::fix::{FixedFile, FixedFiles, FixedSpec, fix, fix_set, fix_with_files};
pub use inputs::spec::models::models;
pub use pipeline::{
    CheckOptions, CheckResult, FileSet, Files, LoadedSettings, Lowering, NoFiles, Rendered, each_effective_model,
    foreign_format, lint, lint_alone, lint_any, lint_owned, lint_set, lint_syntax, load_settings, lower, model_of_set,
    named_bases, render, render_with_options,
};
