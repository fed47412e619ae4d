//! One field of the spec or of the settings as a page of Markdown, for `scalegen explain`. The words are the schemas' own.

use super::field::FieldPage;
use super::settings;
use super::spec::{ValueSyntax, YAML, fields};
use crate::support::suggest::{closest, distance};
use serde_json::json;

/// The most fields of one name that are shown together.
const MOST: usize = 4;

/// The pages of the fields that a name means: a whole path (`services.web.replicas`, with any name in place of `web`, or none:
/// `services.replicas`), or the last keys of one (`limits.memory`). `None` if there is no such field.
#[must_use]
pub fn field_page(name: &str) -> Option<String> {
    pages_of(&keys_of(name), &fields(), &YAML)
}

/// The same of a field of `.scalegen.toml`: `ignore.until` or `settings.ignore.until`; `settings` for all of them.
#[must_use]
pub fn settings_page(name: &str) -> Option<String> {
    let all = settings::fields();
    if SETTINGS.contains(&name) {
        let mut out = format!("# {}\n\n{}\n\n## Fields\n\n", SETTINGS[0], settings::about());
        let top = all.iter().filter(|field| field.depth == 0);
        top.for_each(|field| out.push_str(&format!("- `{}`: {}\n", field.name, field.description)));
        return Some(out);
    }
    pages_of(&settings_keys(name), &all, &settings::TOML)
}

/// The names of the settings as a whole.
const SETTINGS: [&str; 2] = ["settings", ".scalegen.toml"];

fn settings_keys(name: &str) -> Vec<String> {
    keys_of(name.strip_prefix("settings.").unwrap_or(name))
}

fn pages_of(asked: &[String], all: &[FieldPage], syntax: &ValueSyntax) -> Option<String> {
    let meant = fields_at(all, asked);
    if meant.is_empty() {
        return None;
    }
    let mut pages: Vec<String> = meant.iter().take(MOST).map(|field| page(field, all, syntax)).collect();
    if meant.len() > MOST {
        let more: Vec<String> = meant.iter().skip(MOST).map(|field| format!("`{}`", field.path)).collect();
        pages.push(format!("The same name elsewhere: {}.\n", more.join(", ")));
    }
    Some(pages.join("\n"))
}

/// The fields that take a word as their value: `keda`, `singleton`.
#[must_use]
pub fn page_of_value(word: &str) -> Option<String> {
    let all = fields();
    let takes = |field: &&FieldPage| field.choices.iter().any(|(choice, _)| choice.eq_ignore_ascii_case(word));
    let pages: Vec<String> = all.iter().filter(takes).take(MOST).map(|field| page(field, &all, &YAML)).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// The field that was probably meant by a path whose last word is in place of an entry's name: `services.replica`.
#[must_use]
pub fn misspelt_field(name: &str) -> Option<String> {
    let (asked, all) = (keys_of(name), fields());
    let meant = fields_at(&all, &asked);
    let [entry] = meant.as_slice() else { return None };
    let word = asked.last().filter(|word| !["*", NAME].contains(&word.as_str()))?;
    entry.path.strip_suffix(NAME)?;
    let below = |field: &FieldPage| {
        field.path.strip_prefix(&entry.path)?.strip_prefix('.').filter(|key| !key.contains('.')).map(str::to_owned)
    };
    let below: Vec<String> = all.iter().filter_map(below).collect();
    Some(format!("{}.{}", entry.path, closest(word, below.iter().map(String::as_str))?))
}

/// The path of the field that was probably meant: one word differs, or the words between are left out.
#[must_use]
pub fn near_field(name: &str) -> Option<String> {
    let in_profile = name.strip_prefix("profiles.").and_then(|rest| rest.split('.').next());
    let near = nearest_path(&keys_of(name), &fields()).map(|path| match in_profile {
        Some(profile) if keys_of(name).first().is_some_and(|key| key != "profiles") => {
            format!("profiles.{profile}.{path}")
        }
        _ => path,
    });
    let of_settings = || near_setting(name).map(|path| format!("{}.{path}", SETTINGS[0]));
    near.filter(|_| !name.starts_with("settings.")).or_else(of_settings)
}

fn near_setting(name: &str) -> Option<String> {
    nearest_path(&settings_keys(name), &settings::fields())
}

fn nearest_path(asked: &[String], all: &[FieldPage]) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for field in all {
        let whole = keys(&field.path);
        let bare: Vec<&str> = whole.iter().copied().filter(|key| *key != NAME).collect();
        for path in [&whole, &bare] {
            let Some(tail) = path.len().checked_sub(asked.len()).and_then(|from| path.get(from..)) else { continue };
            let is_other = |(key, asked): &(&&str, &String)| **key != NAME && **key != asked.as_str();
            let mut others = tail.iter().zip(asked).enumerate().filter(|(_, pair)| is_other(pair));
            let (Some((place, (key, word))), None) = (others.next(), others.next()) else { continue };
            if closest(word, std::iter::once(*key)).is_none() {
                continue;
            }
            let distance = distance(word, key);
            if best.as_ref().is_none_or(|(least, _)| distance < *least) {
                let words = asked.iter().enumerate().map(|(own, word)| if own == place { *key } else { word.as_str() });
                let words: Vec<String> = words.map(str::to_owned).collect();
                // a name may stand for any word, also where no name can be
                if !fields_at(all, &words).is_empty() {
                    best = Some((distance, words.join(".")));
                }
            }
        }
    }
    best.map(|(_, path)| path).or_else(|| below(asked, all))
}

/// The first field of the last word somewhere below the first one: `targets.kubernetes.autoscaler` for `targets.autoscaler`.
fn below(asked: &[String], all: &[FieldPage]) -> Option<String> {
    let [first, .., last] = asked else { return None };
    let is_meant = |field: &&FieldPage| field.name == *last && keys(&field.path).first() == Some(&first.as_str());
    all.iter().find(is_meant).map(|field| field.path.clone())
}

/// Replaces a name of the spec in a path.
const NAME: &str = "<name>";

fn keys(path: &str) -> Vec<&str> {
    path.split('.').map(|key| key.trim_end_matches("[]")).collect()
}

/// The keys of a path as a person or a report writes it: `services.web.schedule[0].from`, `/services/web/schedule/0/from`. What
/// Fields of a profile have the path of the spec's.
fn keys_of(name: &str) -> Vec<String> {
    let dotted = name.strip_prefix('/').map_or_else(|| name.to_owned(), |path| path.replace('/', "."));
    let bare = |key: &str| key.split('[').next().unwrap_or(key).to_owned();
    let is_index = |key: &String| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    let keys: Vec<String> = dotted.split('.').map(bare).filter(|key| !is_index(key)).collect();
    match keys.as_slice() {
        [profiles, _, below @ ..] if profiles == "profiles" && !below.is_empty() => below.to_vec(),
        _ => keys,
    }
}

/// Whether the path of a field is one that is meant.
type PathTest<'a> = &'a dyn Fn(&[&str]) -> bool;

/// The fields of a path, by the first reading that finds any.
fn fields_at<'f>(all: &'f [FieldPage], asked: &[String]) -> Vec<&'f FieldPage> {
    let same = |path: &[&str], is_name: &dyn Fn(&str) -> bool| {
        path.len() == asked.len()
            && path.iter().zip(asked).all(|(key, asked)| key == asked || (*key == NAME && is_name(asked)))
    };
    let is_open = |asked: &str| asked == "*";
    let ways: [PathTest<'_>; 4] = [
        &|path| same(path, &is_open),
        // `services.replicas`: the names are left out
        &|path| same(&path.iter().copied().filter(|key| *key != NAME).collect::<Vec<_>>(), &|_| false),
        &|path| same(path, &|_| true),
        &|path| is_end(path, asked),
    ];
    let by =
        |way: &PathTest<'_>| -> Vec<&'f FieldPage> { all.iter().filter(|field| way(&keys(&field.path))).collect() };
    ways.iter().map(by).find(|meant| !meant.is_empty()).unwrap_or_default()
}

/// Whether a path ends so.
fn is_end(path: &[&str], asked: &[String]) -> bool {
    let Some(from) = path.len().checked_sub(asked.len()) else { return false };
    let tail = path.get(from..).unwrap_or_default();
    // a name alone is not a field of ours
    let names_a_field = |key: Option<&&str>| key.is_some_and(|key| *key != NAME || from == 0);
    names_a_field(tail.first())
        && names_a_field(tail.last())
        && tail.iter().zip(asked).all(|(key, asked)| key == asked || *key == NAME)
}

fn page(field: &FieldPage, all: &[FieldPage], syntax: &ValueSyntax) -> String {
    let mut out = format!("# {}\n\n{}\n\n", field.path, field.description);
    let default =
        field.default.as_ref().map(|default| format!(", default `{}`", (syntax.line)(default))).unwrap_or_default();
    let required = if field.required { ", required" } else { "" };
    out.push_str(&format!("Form: {}{default}{required}.\n", field.kind));
    for (word, meaning) in &field.choices {
        let meaning = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
        out.push_str(&format!("\n- `{word}`{meaning}"));
    }
    if !field.choices.is_empty() {
        out.push('\n');
    }
    let prefix = [format!("{}.", field.path), format!("{}[].", field.path)];
    let inner: Vec<&FieldPage> = all
        .iter()
        .filter(|one| {
            prefix.iter().filter_map(|prefix| one.path.strip_prefix(prefix.as_str())).any(|rest| !rest.contains('.'))
        })
        .collect();
    if !inner.is_empty() {
        out.push_str("\n## Fields\n\n");
        inner.iter().for_each(|field| out.push_str(&format!("- `{}`: {}\n", field.name, field.description)));
    }
    let mut examples: Vec<String> = Vec::new();
    for example in &field.examples {
        let text = (syntax.example)(&json!({ field.name.as_str(): example }));
        if !examples.contains(&text) && field.name != "<name>" {
            examples.push(text);
        }
    }
    if !examples.is_empty() {
        out.push_str("\n## Examples\n");
        examples.iter().for_each(|text| out.push_str(&format!("\n```{}\n{text}\n```\n", syntax.language)));
    }
    out
}

/// Whether a path ends where an entry of a map has its name.
#[must_use]
pub fn is_entry(name: &str) -> bool {
    let (asked, all) = (keys_of(name), fields());
    fields_at(&all, &asked).first().is_some_and(|field| field.path.ends_with(NAME))
        && asked.last().is_some_and(|word| word != "*")
}

/// The fields at the top of the settings, each with its description.
#[must_use]
pub fn top_settings() -> Vec<(String, String)> {
    let top = settings::fields().into_iter().filter(|field| field.depth == 0);
    top.map(|field| (format!("{}.{}", SETTINGS[0], field.name), field.description)).collect()
}

/// The fields at the top of a spec, each with its description.
#[must_use]
pub fn top_fields() -> Vec<(String, String)> {
    let service =
        |field: &FieldPage| field.path.strip_prefix("services.<name>.").is_some_and(|rest| !rest.contains('.'));
    let all = fields().into_iter().filter(|field| field.depth == 0 || service(field));
    all.map(|field| (field.path.replace("services.<name>", "services.*"), field.description)).collect()
}
