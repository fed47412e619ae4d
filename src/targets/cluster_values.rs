//! What a service says of its pods, in the form that values of charts have it: the form of the API. Knows no chart.

use crate::plan::{NamedText, Toleration, Val};
use serde_json::{Map, Value as Json, json};

/// A map of texts.
pub(super) fn texts(texts: &[NamedText]) -> Json {
    texts.iter().map(|text| (text.name.clone(), json!(text.value.value))).collect::<Map<_, _>>().into()
}

/// The list of a pod.
pub(super) fn tolerations(all: &[Toleration]) -> Json {
    all.iter().map(toleration).collect::<Vec<_>>().into()
}

fn toleration(own: &Toleration) -> Json {
    let text = |text: &Option<Val<String>>| text.as_ref().map(|text| json!(text.value));
    let fields = [
        ("key", text(&own.key)),
        // `Equal` is what the API takes where nothing is said
        ("operator", own.value.is_none().then(|| json!("Exists"))),
        ("value", text(&own.value)),
        ("effect", own.effect.map(|effect| json!(effect.value.word()))),
        ("tolerationSeconds", own.seconds.map(|seconds| json!(seconds.value))),
    ];
    let written = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    written.collect::<Map<_, _>>().into()
}
