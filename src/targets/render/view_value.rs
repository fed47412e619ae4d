//! The view as templates see it: its own lists and mappings, not copies of them. Knows no template.

use crate::targets::View;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt, ObjectRepr, Serde};
use serde_json::Value as Json;
use std::sync::Arc;

/// A list or a mapping of a view's document, by the way down to it.
#[derive(Clone, Debug)]
pub(super) struct ViewValue {
    view: Arc<View>,
    way: Vec<ValueStep>,
}

#[derive(Clone, Debug)]
enum ValueStep {
    Key(String),
    Item(usize),
}

impl ViewValue {
    /// The whole document.
    pub(super) fn whole(view: &Arc<View>) -> Value {
        ViewValue { view: Arc::clone(view), way: Vec::new() }.below(&view.document, None)
    }

    /// What is there.
    pub(super) fn json(&self) -> &Json {
        let mut here = &self.view.document;
        for step in &self.way {
            let below = match step {
                ValueStep::Key(key) => here.get(key),
                ValueStep::Item(index) => here.get(index),
            };
            match below {
                Some(json) => here = json,
                // no way is made but down what is there
                None => return &Json::Null,
            }
        }
        here
    }

    /// A value one step down, or this one; scalars are themselves.
    fn below(&self, json: &Json, step: Option<ValueStep>) -> Value {
        match json {
            Json::Null => Value::from(()),
            Json::Bool(flag) => Value::from(*flag),
            Json::Number(number) => Value::from(Serde(number)),
            Json::String(text) => Value::from(text.as_str()),
            Json::Array(_) | Json::Object(_) => {
                let way = self.way.iter().cloned().chain(step).collect();
                Value::from_object(ViewValue { view: Arc::clone(&self.view), way })
            }
        }
    }
}

impl Object for ViewValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.json().is_array() { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match self.json() {
            Json::Array(items) => {
                let index = key.as_usize()?;
                Some(self.below(items.get(index)?, Some(ValueStep::Item(index))))
            }
            _ => self.get_value_by_str(key.as_str()?),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(self.below(self.json().as_object()?.get(key)?, Some(ValueStep::Key(key.to_owned()))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.json() {
            Json::Array(items) => Enumerator::Seq(items.len()),
            _ => self.mapped_enumerator(|part| match part.json() {
                Json::Object(fields) => Box::new(fields.keys().map(|key| Value::from(key.as_str()))),
                _ => Box::new(std::iter::empty()),
            }),
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match self.json() {
            Json::Array(items) => Some(items.len()),
            Json::Object(fields) => Some(fields.len()),
            _ => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ViewValue;
    use crate::targets::View;
    use minijinja::value::Serde;
    use minijinja::{Environment, context};
    use serde_json::json;
    use std::sync::Arc;

    /// A template sees the same as of a copy.
    #[test]
    fn a_part_is_what_a_copy_would_be() {
        let document = json!({
            "b": {"x": 1, "y": [1, 2.5, -3, 18_446_744_073_709_551_615_u64, null, true]}, "a": "text",
            "empty": {}, "none": [], "list": [{"k": "v"}, [1, [2]]],
        });
        let view = View { path: String::new(), template: "", document: document.clone(), tags: Vec::new() };
        let part = ViewValue::whole(&Arc::new(view));
        let copy = minijinja::Value::from(Serde(&document));
        let environment = Environment::new();
        for text in [
            "{{ doc }}",
            "{% for key, value in doc | items %}{{ key }}={{ value }};{% endfor %}",
            "{% for key in doc %}{{ loop.index }}{{ key }}{{ loop.last }}{% endfor %}",
            "{% for item in doc.b.y %}{{ item }} {{ item is none }} {{ item is integer }},{% endfor %}",
            "{{ doc.b['x'] }}{{ doc.list[0].k }}{{ doc.list[-1][1][0] }}{{ doc.b.y[3] }}{{ doc.list[1:] }}",
            "{{ doc | length }}{{ doc.none | length }}{{ doc.empty is defined }}{{ doc.more is defined }}",
            "{{ 'a' in doc }}{{ 'c' in doc }}{{ 2.5 in doc.b.y }}{{ doc.b is mapping }}{{ doc.list is sequence }}",
            "{% if doc.empty %}1{% endif %}{% if doc.none %}2{% endif %}{% if doc.list %}3{% endif %}",
            "{{ doc | tojson }}{{ doc | dictsort }}{{ doc.b.y | first }}{{ doc.b.y | last }}{{ doc.list | list }}",
            "{{ doc.b == {'x': 1, 'y': doc.b.y} }}{{ doc.list[1] == [1, [2]] }}{{ doc.list[1] + [3] }}",
            "{{ doc.list | map(attribute='k') | list }}{{ doc.a | upper }}{{ doc.b.y | reverse }}{{ doc.b.y | join('-') }}",
        ] {
            let written =
                |doc: &minijinja::Value| environment.render_str(text, context! { doc }).map_err(|e| e.to_string());
            assert_eq!(written(&part), written(&copy), "{text}");
        }
    }
}
