//! One field of the spec as a page of Markdown, for `scalegen explain`. The words are the schema's own.

use super::field::FieldPage;
use super::spec::fields;
use crate::inputs::spec::schema::sample;
use crate::support::suggest::{closest, distance};

/// So many fields of one name are shown together.
const MOST: usize = 4;

/// The pages of the fields that a name means: a whole path (`services.web.replicas`, with any name where one stands or none:
/// `services.replicas`), or the last keys of one (`limits.memory`). `None` if there is no such field.
#[must_use]
pub fn field_page(name: &str) -> Option<String> {
    let asked = keys_of(name);
    let all = fields();
    let meant = meant(&all, &asked);
    if meant.is_empty() {
        return None;
    }
    let mut pages: Vec<String> = meant.iter().take(MOST).map(|field| page(field, &all)).collect();
    if meant.len() > MOST {
        let more: Vec<String> = meant.iter().skip(MOST).map(|field| format!("`{}`", field.path)).collect();
        pages.push(format!("The same name elsewhere: {}.\n", more.join(", ")));
    }
    Some(pages.join("\n"))
}

/// The path of a field that was probably meant: one word of it is another.
#[must_use]
pub fn near_field(name: &str) -> Option<String> {
    let asked = keys_of(name);
    let mut best: Option<(usize, String)> = None;
    for field in fields() {
        let whole = keys(&field.path);
        let bare: Vec<&str> = whole.iter().copied().filter(|key| *key != NAME).collect();
        for path in [&whole, &bare] {
            let Some(tail) = path.len().checked_sub(asked.len()).and_then(|from| path.get(from..)) else { continue };
            let is_other = |(key, asked): &(&&str, &String)| **key != NAME && **key != asked.as_str();
            let mut others = tail.iter().zip(&asked).enumerate().filter(|(_, pair)| is_other(pair));
            let (Some((place, (key, word))), None) = (others.next(), others.next()) else { continue };
            if closest(word, std::iter::once(*key)).is_none() {
                continue;
            }
            let distance = distance(word, key);
            if best.as_ref().is_none_or(|(least, _)| distance < *least) {
                let words = asked.iter().enumerate().map(|(own, word)| if own == place { *key } else { word.as_str() });
                best = Some((distance, words.collect::<Vec<_>>().join(".")));
            }
        }
    }
    best.map(|(_, path)| path)
}

/// What is in a path for a name that the spec gives.
const NAME: &str = "<name>";

fn keys(path: &str) -> Vec<&str> {
    path.split('.').map(|key| key.trim_end_matches("[]")).collect()
}

/// The keys of a path as a person or a report writes it: `services.web.schedule[0].from`, `/services/web/schedule/0/from`. What
/// is in a profile is what is in the spec.
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

/// The fields that a path means: the first way of reading it by which there are any.
fn meant<'f>(all: &'f [FieldPage], asked: &[String]) -> Vec<&'f FieldPage> {
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

fn page(field: &FieldPage, all: &[FieldPage]) -> String {
    let mut out = format!("# {}\n\n{}\n\n", field.path, field.description);
    let default =
        field.default.as_ref().map(|default| format!(", default `{}`", sample::line(default))).unwrap_or_default();
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
        inner.iter().for_each(|one| out.push_str(&format!("- `{}`: {}\n", one.name, one.description)));
    }
    let mut examples: Vec<String> = Vec::new();
    for example in &field.examples {
        let text = sample::yaml(&serde_json::json!({ field.name.as_str(): example }));
        if !examples.contains(&text) && field.name != "<name>" {
            examples.push(text);
        }
    }
    if !examples.is_empty() {
        out.push_str("\n## Examples\n");
        examples.iter().for_each(|text| out.push_str(&format!("\n```yaml\n{text}\n```\n")));
    }
    out
}

/// The fields at the top of a spec, each with what it is for.
#[must_use]
pub fn top_fields() -> Vec<(String, String)> {
    let service =
        |field: &FieldPage| field.path.strip_prefix("services.<name>.").is_some_and(|rest| !rest.contains('.'));
    let all = fields().into_iter().filter(|field| field.depth == 0 || service(field));
    all.map(|field| (field.path.replace("services.<name>", "services.*"), field.description)).collect()
}
