//! Counts how many steps a document takes to check against a foreign schema, before it is done. Knows no schema of
//! ours.
//!
//! A schema may refer twice to a part that refers twice to the next: a few lines cause more steps than there is time. Each
//! pair of a part of the schema and a part of the document is counted once, so counting itself is bounded too.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The most steps of a check. One step: one part of the schema applied to one part of the document.
pub const MOST_STEPS: u64 = 500_000;
/// How deep parts of a schema may be applied inside each other: each level takes some of the stack.
pub const MOST_DEEP: usize = 192;
/// The most characters of all patterns, with their repetitions expanded: `x{1000}` has a thousand.
pub const MOST_PATTERN: u64 = 1_000_000;

/// Keywords with a schema for the same part of the document.
const ONE: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords with a list or a mapping of them.
const SEVERAL: [&str; 5] = ["allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies"];
/// Keywords with a schema for every item of a list that no other keyword covers.
const ITEMS: [&str; 5] = ["items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"];
/// Keywords with a schema for every value of a mapping that `properties` does not name.
const OTHERS: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
/// Keywords that apply schemas again to find out what the others covered.
const AGAIN: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];

/// Refuses a schema that would take too long over this document.
///
/// # Errors
/// The bound that is reached, as a message.
pub fn bounded(schema: &Json, document: &Json) -> Result<(), String> {
    if patterns(schema) > MOST_PATTERN {
        return Err(format!(
            "its patterns have more than {MOST_PATTERN} characters with their repetitions written out"
        ));
    }
    let mut effort = Effort { root: schema, anchors: HashMap::new(), known: HashMap::new() };
    anchors(schema, &mut effort.anchors);
    effort.of(schema, document, 0).map(|_| ())
}

struct Effort<'s> {
    root: &'s Json,
    /// Parts of the schema by their `$anchor`, `$dynamicAnchor` or `$id`.
    anchors: HashMap<&'s str, &'s Json>,
    /// Steps by part of the schema and part of the document; none while they are being counted.
    known: HashMap<(*const Json, *const Json), Option<u64>>,
}

impl<'s> Effort<'s> {
    /// The steps of one part of the schema over one part of the document.
    fn of(&mut self, schema: &'s Json, document: &Json, depth: usize) -> Result<u64, String> {
        let Json::Object(keywords) = schema else { return Ok(1) };
        if depth > MOST_DEEP {
            return Err(format!("its parts are nested more than {MOST_DEEP} deep, references followed"));
        }
        let key = (std::ptr::from_ref(schema), std::ptr::from_ref(document));
        match self.known.get(&key) {
            Some(Some(steps)) => return Ok(*steps),
            // a reference to the part itself adds nothing, and the validator knows that too
            Some(None) => return Ok(1),
            None => {}
        }
        self.known.insert(key, None);
        let mut steps = 1;
        for (keyword, value) in keywords {
            for (part, over) in self.applied(keywords, keyword, value, document) {
                steps = within(steps + self.of(part, over, depth + 1)?)?;
            }
        }
        if AGAIN.iter().any(|keyword| keywords.contains_key(*keyword)) {
            steps = within(steps * 2)?;
        }
        self.known.insert(key, Some(steps));
        if self.known.len() as u64 > MOST_STEPS { within(MOST_STEPS + 1) } else { Ok(steps) }
    }

    /// The parts that one keyword applies, and to which parts of the document.
    fn applied<'d>(
        &self,
        keywords: &'s Map<String, Json>,
        keyword: &str,
        value: &'s Json,
        document: &'d Json,
    ) -> Vec<(&'s Json, &'d Json)> {
        let fields = || document.as_object().into_iter().flatten();
        let items = || document.as_array().into_iter().flatten();
        match keyword {
            "$ref" | "$dynamicRef" | "$recursiveRef" => {
                self.referred(value).map(|part| (part, document)).into_iter().collect()
            }
            _ if ONE.contains(&keyword) => vec![(value, document)],
            _ if SEVERAL.contains(&keyword) => parts(value).map(|part| (part, document)).collect(),
            "properties" => {
                let all = value.as_object().into_iter().flatten();
                all.filter_map(|(name, part)| Some((part, document.get(name)?))).collect()
            }
            // which names a pattern has is not computed: each may have all
            "patternProperties" => parts(value).flat_map(|part| fields().map(move |(_, over)| (part, over))).collect(),
            "propertyNames" => fields().map(|_| (value, &Json::Null)).collect(),
            _ if OTHERS.contains(&keyword) => {
                let named = |name: &String| keywords.get("properties").is_some_and(|all| all.get(name).is_some());
                fields().filter(|(name, _)| !named(name)).map(|(_, over)| (value, over)).collect()
            }
            _ if ITEMS.contains(&keyword) => match value {
                Json::Array(list) => list.iter().zip(items()).collect(),
                _ => items().map(|over| (value, over)).collect(),
            },
            _ => Vec::new(),
        }
    }

    fn referred(&self, reference: &Json) -> Option<&'s Json> {
        let reference = reference.as_str()?;
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let root = if file.is_empty() { self.root } else { self.anchors.get(file).copied()? };
        match fragment {
            "" => Some(root),
            pointer if pointer.starts_with('/') => root.pointer(&percent_decode_str(pointer).decode_utf8_lossy()),
            anchor => self.anchors.get(anchor).copied(),
        }
    }
}

/// The items of a list, or the values of a mapping.
fn parts(value: &Json) -> impl Iterator<Item = &Json> {
    let list = value.as_array().into_iter().flatten();
    list.chain(value.as_object().into_iter().flat_map(Map::values))
}

fn within(steps: u64) -> Result<u64, String> {
    match steps > MOST_STEPS {
        true => Err(format!("it takes more than {MOST_STEPS} steps over these values, references followed")),
        false => Ok(steps),
    }
}

fn anchors<'s>(schema: &'s Json, found: &mut HashMap<&'s str, &'s Json>) {
    let mut left = vec![schema];
    while let Some(part) = left.pop() {
        match part {
            Json::Object(fields) => {
                for keyword in ["$anchor", "$dynamicAnchor", "$id", "id"] {
                    if let Some(name) = fields.get(keyword).and_then(Json::as_str) {
                        found.insert(name.trim_start_matches('#').trim_end_matches('#'), part);
                    }
                }
                left.extend(fields.values());
            }
            Json::Array(items) => left.extend(items),
            _ => {}
        }
    }
}

/// The characters of all patterns with their repetitions written out; saturates.
fn patterns(schema: &Json) -> u64 {
    let mut sum: u64 = 0;
    let mut left = vec![schema];
    while let Some(part) = left.pop() {
        match part {
            Json::Object(fields) => {
                let own = fields.get("pattern").and_then(Json::as_str);
                let named = fields.get("patternProperties").and_then(Json::as_object).into_iter().flatten();
                let all = own.into_iter().chain(named.map(|(pattern, _)| pattern.as_str()));
                sum = all.fold(sum, |sum, pattern| sum.saturating_add(written_out(pattern)));
                left.extend(fields.values());
            }
            Json::Array(items) => left.extend(items),
            _ => {}
        }
    }
    sum
}

/// The characters of one pattern, each multiplied by all its repetitions: an upper bound, never
/// too low.
fn written_out(pattern: &str) -> u64 {
    let counts = pattern.split('{').skip(1).filter_map(|rest| {
        let inside = rest.split('}').next()?;
        inside.split(',').filter_map(|count| count.trim().parse::<u64>().ok()).max()
    });
    let length = pattern.chars().count() as u64;
    // side by side they add up, inside each other they multiply: which it is, only the deepest nesting decides
    let (mut most, mut sum): (u64, u64) = (1, 0);
    for count in counts {
        most = most.saturating_mul(count.max(1));
        sum = sum.saturating_add(count);
    }
    if pattern.contains("){") {
        length.saturating_mul(most)
    } else {
        length.saturating_add(sum.saturating_mul(length.min(64)))
    }
}
