//! What a spec means, computed a second time from its text: profiles laid, short forms written out, quantities read.
//!
//! Nothing of scalegen is used, so that the numbers compared with its output are not its own.

use serde_json::{Map, Value as Json, json};

/// The spec with a profile laid over it.
pub fn whole(text: &str, profile: Option<&str>) -> Json {
    let root: Json = serde_yaml::from_str(text).unwrap();
    let mut base = written_out(&root);
    let profiles = root["profiles"].clone();
    base.as_object_mut().unwrap().remove("profiles");
    let mut chain = Vec::new();
    let mut next = profile.map(str::to_owned);
    while let Some(name) = next {
        let overlay = profiles[&name].clone();
        next = overlay["extends"].as_str().map(str::to_owned);
        chain.push(written_out(&overlay));
    }
    for overlay in chain.iter().rev() {
        lay(&mut base, overlay);
    }
    for (_, service) in entries_mut(&mut base, "services") {
        let publish = service.get("publish").cloned();
        if let (Some(publish), Some(ports)) = (publish, service.get_mut("ports")) {
            ports[0]["publish"] = publish;
        }
    }
    base
}

/// Short forms of services as the long ones.
fn written_out(root: &Json) -> Json {
    let mut root = root.clone();
    for (_, service) in entries_mut(&mut root, "services") {
        let Some(fields) = service.as_object_mut() else { continue };
        if let Some(number) = fields.get("replicas").filter(|value| value.is_number()).cloned() {
            fields.insert("replicas".into(), json!({"min": number, "max": number}));
        }
        if let Some(number) = fields.get("concurrency").filter(|value| value.is_number()).cloned() {
            fields.insert("concurrency".into(), json!({"limit": number}));
        }
        if let Some(port) = fields.remove("port") {
            fields.insert("ports".into(), json!([{"port": port}]));
        }
    }
    root
}

fn entries_mut<'j>(root: &'j mut Json, key: &str) -> Vec<(String, &'j mut Json)> {
    let map = root.get_mut(key).and_then(Json::as_object_mut);
    map.map_or_else(Vec::new, |map| map.iter_mut().map(|(name, value)| (name.clone(), value)).collect())
}

/// One tree over another: maps merge, `null` removes, the rest replaces.
pub fn lay(under: &mut Json, over: &Json) {
    match (under, over) {
        (Json::Object(under), Json::Object(over)) => {
            for (key, value) in over.iter().filter(|(key, _)| *key != "extends") {
                match under.get_mut(key) {
                    _ if value.is_null() => drop(under.shift_remove(key)),
                    Some(old) => lay(old, value),
                    None => drop(under.insert(key.clone(), value.clone())),
                }
            }
        }
        (under, over) => *under = over.clone(),
    }
}

/// The named things under a key, in the order written.
pub fn entries<'j>(root: &'j Json, key: &str) -> impl Iterator<Item = (&'j str, &'j Json)> {
    root[key].as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

/// Least and most replicas of a service outside every window, or of a window.
pub fn bounds(service: &Json) -> (u64, u64) {
    let replicas = &service["replicas"];
    let bound = |which: &str| replicas.as_u64().or(replicas[which].as_u64()).unwrap_or(1);
    (bound("min"), bound("max"))
}

/// The number that a target without an autoscaler writes.
pub fn fixed(service: &Json) -> u64 {
    let (min, max) = bounds(service);
    min.max(u64::from(max > 0))
}

/// Cores: `500m`, `2`, `0.5`.
pub fn cores(quantity: &Json) -> Option<f64> {
    let text = text(quantity)?;
    match text.strip_suffix('m') {
        Some(millis) => millis.parse::<f64>().ok().map(|millis| millis / 1000.0),
        None => text.parse().ok(),
    }
}

/// Bytes: `512Mi`, `4G`, `1000`.
pub fn bytes(quantity: &Json) -> Option<f64> {
    let text = text(quantity)?;
    let units = [("Ki", 1024f64.powi(1)), ("Mi", 1024f64.powi(2)), ("Gi", 1024f64.powi(3)), ("Ti", 1024f64.powi(4))];
    let decimal = [("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)];
    for (unit, size) in units.into_iter().chain(decimal) {
        if let Some(number) = text.strip_suffix(unit) {
            return number.parse::<f64>().ok().map(|number| number * size);
        }
    }
    text.parse().ok()
}

/// A scalar's text.
pub fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[test]
fn profiles_and_short_forms() {
    let text = "services: {a: {replicas: 3, port: 80, publish: 90, concurrency: {limit: 2, env: X}}}\n\
                profiles: {x: {services: {a: {replicas: {max: 6}, concurrency: 4}}}, y: {extends: x, services: {a: {publish: null}}}}";
    let a = whole(text, Some("y"))["services"]["a"].clone();
    assert_eq!(
        a,
        json!({"replicas": {"min": 3, "max": 6}, "ports": [{"port": 80}], "concurrency": {"limit": 4, "env": "X"}})
    );
    assert_eq!(whole(text, None)["services"]["a"]["ports"], json!([{"port": 80, "publish": 90}]));
    assert_eq!(
        (cores(&json!("250m")), cores(&json!(2)), bytes(&json!("2Mi"))),
        (Some(0.25), Some(2.0), Some(2097152.0))
    );
}
