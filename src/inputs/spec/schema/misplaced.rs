//! Finds where fields in the wrong mapping belong, from the schema itself.

use serde_json::Value as Json;

/// The most mappings below a place that are searched.
const DEEPEST: usize = 3;

/// Where a field belongs that is not allowed here: in a mapping below, or in one above.
pub(super) fn help(schema: &'static Json, here: &'static Json, pointer: &str, key: &str) -> Option<String> {
    let mut below = Vec::new();
    paths_below(schema, here, key, &mut Vec::new(), &mut below);
    match below.as_slice() {
        [] => above(schema, pointer, key),
        [path] => Some(format!("write it in `{path}`, as `{path}.{key}`")),
        several => {
            let all: Vec<String> = several.iter().map(|path| format!("`{path}.{key}`")).collect();
            Some(format!("write it as {}", all.join(" or ")))
        }
    }
}

/// Where a service belongs that has a field, or a kind, which only backing services have.
pub(super) fn of_backing_service(schema: &'static Json, pointer: &str, key: &str) -> Option<String> {
    let name = pointer.strip_prefix("/services/").filter(|name| !name.contains('/'))?;
    let has = |map: &str| fields_below(schema, map).contains(&key);
    (has("/backingServices") && !has("/services")).then(|| to_backing_services(name))
}

/// Where a service belongs whose kind is that of a backing service.
pub(super) fn of_backing_kind(schema: &'static Json, pointer: &str, kind: &str) -> Option<String> {
    let name = pointer.strip_prefix("/services/")?.strip_suffix("/kind").filter(|name| !name.contains('/'))?;
    may_be(schema, "/backingServices/*", "kind", kind).then(|| to_backing_services(name))
}

fn to_backing_services(name: &str) -> String {
    let name = name.escape_debug();
    format!("move `{name}` from `services` to `backingServices`: it is counted, not scaled")
}

/// The fields of the named entries in a map at the root.
pub(super) fn fields_below(schema: &'static Json, map: &str) -> Vec<&'static str> {
    let map = at(schema, map);
    let each = map.and_then(|map| map.get("additionalProperties")).map(|each| resolved(schema, each));
    let fields = each.and_then(|each| each.get("properties")?.as_object());
    fields.into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect()
}

fn resolved(schema: &'static Json, part: &'static Json) -> &'static Json {
    let target =
        part.get("$ref").and_then(Json::as_str).and_then(|reference| schema.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(part)
}

/// The schema of the value at a pointer in a spec.
fn at(schema: &'static Json, pointer: &str) -> Option<&'static Json> {
    let mut part = schema.pointer("/$defs/spec")?;
    for key in pointer.split('/').skip(1) {
        part = resolved(schema, part);
        let named = part.get("properties").and_then(|fields| fields.get(key));
        part = named.or_else(|| part.get("additionalProperties")).or_else(|| part.get("items"))?;
    }
    Some(resolved(schema, part))
}

/// A field of the mapping at a pointer with the first example that the schema has for it, on one line.
pub(super) fn example(schema: &'static Json, pointer: &str, key: &str) -> Option<String> {
    let part = at(schema, pointer)?;
    let forms = part.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    let field = std::iter::once(part).chain(forms).find_map(|form| form.get("properties")?.get(key))?;
    let examples = |part: &'static Json| part.get("examples").and_then(|all| all.get(0));
    let example = examples(field).or_else(|| examples(resolved(schema, field)))?;
    Some(format!("{key}: {}", super::sample::line(example))).filter(|text| text.len() <= 40)
}

/// Whether a field of the mapping at a pointer takes one of several words, and this is one.
pub(super) fn may_be(schema: &'static Json, pointer: &str, key: &str, word: &str) -> bool {
    let field =
        at(schema, pointer).and_then(|part| part.get("properties")?.get(key)).map(|field| resolved(schema, field));
    let words = field.and_then(|field| field.get("enum")?.as_array());
    words.is_some_and(|words| words.iter().any(|known| known.as_str() == Some(word)))
}

/// Paths to the mappings below that have a field of this name. Lists and maps by name are not searched.
fn paths_below(
    schema: &'static Json,
    part: &'static Json,
    key: &str,
    path: &mut Vec<&'static str>,
    found: &mut Vec<String>,
) {
    if path.len() >= DEEPEST {
        return;
    }
    let part = resolved(schema, part);
    let forms = part.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    for form in std::iter::once(part).chain(forms) {
        let Some(fields) = form.get("properties").and_then(Json::as_object) else { continue };
        if !path.is_empty() && fields.contains_key(key) {
            found.push(path.join("."));
        }
        for (name, below) in fields {
            path.push(name);
            paths_below(schema, below, key, path, found);
            path.pop();
        }
    }
}

/// The mapping above that has a field of this name; at the root, a service.
fn above(schema: &'static Json, pointer: &str, key: &str) -> Option<String> {
    if pointer.is_empty() {
        return fields_below(schema, "/services")
            .contains(&key)
            .then(|| format!("write it in a service: `services: {{ web: {{ {key}: … }} }}`"));
    }
    let mut pointer = pointer;
    while let Some((parent, _)) = pointer.rsplit_once('/') {
        let fields = at(schema, parent).and_then(|part| part.get("properties")?.as_object());
        if fields.is_some_and(|fields| fields.contains_key(key)) {
            return Some(match parent.rsplit('/').next().filter(|name| !name.is_empty()) {
                Some(name) => format!("write it in `{}` itself, less indented", name.escape_debug()),
                None => "write it at the root of the spec, not indented".to_owned(),
            });
        }
        pointer = parent;
    }
    None
}
