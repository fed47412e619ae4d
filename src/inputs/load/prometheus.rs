//! The JSON that Prometheus answers to `query_range`: one series of `[seconds, "value"]` pairs.

use super::{SampleReader, short, time_help, unix};
use crate::simulate::demand::DemandSample;
use crate::simulate::krr::PodSeries;
use crate::support::source::{Source, Span};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct QueryAnswer<'a> {
    #[serde(default)]
    status: String,
    #[serde(default)]
    error: Option<String>,
    #[serde(borrow, default)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(default)]
    result_type: String,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Series<'a> {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(borrow, default)]
    values: Vec<&'a RawValue>,
}

/// Reads one answer of one series; `skipped` bytes come before it.
pub(super) fn read(source: &Source, text: &str, skipped: usize, reader: &mut SampleReader) {
    let Some(series) = all_series(source, text, skipped, reader) else { return };
    let Some((first, others)) = series.split_first() else { return };
    let span_of = |raw: &RawValue| span(text, raw.get(), skipped);
    let Ok(one) = serde_json::from_str::<Series<'_>>(first.get()) else {
        return reader.error(span_of(first), "a series without `metric` and `values`", QUERY);
    };
    if let Some(second) = others.first() {
        let message = format!(
            "{} series where one is wanted; the first is {}, this is the second",
            series.len(),
            labels(&one.metric)
        );
        return reader.error(span_of(second), message, "ask for `sum(…)` of them");
    }
    for pair in one.values {
        sample(pair, span_of(pair), reader);
        if reader.is_full() {
            return;
        }
    }
}

/// Reads an answer of one series for each pod; `skipped` bytes come before it.
pub(super) fn read_pods(source: &Source, text: &str, skipped: usize, reader: &mut SampleReader) -> Vec<PodSeries> {
    let mut pods = Vec::new();
    for raw in all_series(source, text, skipped, reader).unwrap_or_default() {
        let span_of = |raw: &RawValue| span(text, raw.get(), skipped);
        let Ok(one) = serde_json::from_str::<Series<'_>>(raw.get()) else {
            reader.error(span_of(raw), "a series without `metric` and `values`", QUERY);
            continue;
        };
        let label = |name: &str| one.metric.get(name).cloned();
        let Some(pod) = label("pod") else {
            let message = format!(
                "a series, {}, has no label `pod`: of a total there is no number of KRR's",
                labels(&one.metric)
            );
            reader.error(span_of(raw), message, "ask for `max by (container, pod, job) (…)`");
            continue;
        };
        // each series begins again in time
        reader.load.samples.clear();
        for pair in &one.values {
            sample(pair, span_of(pair), reader);
            if reader.is_full() {
                return pods;
            }
        }
        let samples = reader.load.samples.iter().map(|sample| (sample.at, sample.value)).collect();
        let (container, job) = (label("container").unwrap_or_default(), label("job").unwrap_or_default());
        pods.push(PodSeries { pod, container, job, samples });
    }
    pods
}

/// The series of an answer, at least one; `None` if it is not one.
fn all_series<'t>(
    source: &Source,
    text: &'t str,
    skipped: usize,
    reader: &mut SampleReader,
) -> Option<Vec<&'t RawValue>> {
    let whole = Span::new(skipped, skipped + 1);
    if !text.trim_start().starts_with('{') {
        reader.error(
            whole,
            "no JSON: what pods used is told apart by the labels of its series, which CSV has not",
            QUERY,
        );
        return None;
    }
    let answer: QueryAnswer<'_> = match serde_json::from_str(text) {
        Ok(answer) => answer,
        Err(error) => {
            let line = source.line_span(error.line().saturating_sub(1)).start;
            let at = usize::try_from(line).unwrap_or(0) + error.column().saturating_sub(1);
            let message = format!("not the JSON of an answer to `query_range`: {}", reason(&error.to_string()));
            reader.error(Span::new(at, at + 1), message, QUERY);
            return None;
        }
    };
    if answer.status != "success" {
        let why = answer.error.unwrap_or_else(|| format!("status `{}`", answer.status));
        // Prometheus' own message explains the query's fault, so it is not cropped as a value is
        let why: String = why.chars().take(300).flat_map(char::escape_debug).collect();
        reader.error(whole, format!("Prometheus answered with an error: {why}"), "correct the query and ask again");
        return None;
    }
    let Some(Data { result_type, result: Some(result) }) = answer.data else {
        reader.error(whole, "an answer without a result", QUERY);
        return None;
    };
    let span_of = |raw: &RawValue| span(text, raw.get(), skipped);
    if result_type != "matrix" {
        let message = format!("the result is a `{}`, of one instant", short(&result_type));
        reader.error(span_of(result), message, QUERY);
        return None;
    }
    match serde_json::from_str::<Vec<&RawValue>>(result.get()) {
        Ok(series) if series.is_empty() => {
            reader.error(span_of(result), "no series: nothing matched the query", "check the query's labels");
            None
        }
        Ok(series) => Some(series),
        Err(_) => {
            reader.error(span_of(result), "a result that is not a list of series", QUERY);
            None
        }
    }
}

const QUERY: &str = "save what `/api/v1/query_range?query=…&start=…&end=…&step=…` answers";

fn sample(pair: &RawValue, span: Span, reader: &mut SampleReader) {
    let Ok((seconds, value)) = serde_json::from_str::<(f64, String)>(pair.get()) else {
        return reader.error(span, format!("`{}` is not a pair of a time and a text", short(pair.get())), QUERY);
    };
    let at = match unix(seconds) {
        Ok(at) => at,
        Err(why) => return reader.error(span, format!("{seconds} is {why}"), time_help(&seconds.to_string())),
    };
    if let Some(value) = reader.amount(&value, span, "value") {
        reader.push(DemandSample { at, value, ..DemandSample::default() }, span);
    }
}

/// The place of a slice in the text that it was cut from.
fn span(text: &str, piece: &str, skipped: usize) -> Span {
    let from = (piece.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len()) + skipped;
    Span::new(from, from + piece.len().min(200))
}

/// serde's message without its place, which is reported separately.
fn reason(text: &str) -> String {
    short(text.split(" at line ").next().unwrap_or(text))
}

fn labels(metric: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        metric.iter().take(4).map(|(key, value)| format!("{}={}", short(key), short(value))).collect();
    if pairs.is_empty() { "one without labels".to_owned() } else { format!("{{{}}}", pairs.join(",")) }
}
