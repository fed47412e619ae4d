//! A time zone that the IANA database does not have. Such a window opens at no known instant and overlaps with none.

use super::{Context, Group, Meta, Report};
use crate::model::states;
use crate::support::diagnostic::Severity;
use crate::support::source::FieldSpan;
use crate::support::suggest::closest;
use std::collections::BTreeMap;

pub(super) const META: Meta = Meta {
    id: "unknown-timezone",
    severity: Severity::Error,
    group: Group::Schedule,
    suppressible: true,
    check: Some(check),
};

/// How many different names get a suggestion: each is compared with the whole database.
const SUGGESTED: usize = 100;

fn check(context: &Context<'_>, report: &mut Report) {
    let set = context.base_manifests();
    let of_jobs = set.iter().flat_map(|set| &set.workloads).filter_map(|workload| workload.time_zone.as_ref());
    let of_triggers = set.iter().flat_map(|set| &set.autoscalers).flat_map(|scaler| &scaler.time_zones);
    for zone in of_jobs.chain(of_triggers) {
        if !states::known_zone(&zone.value) && !zone.value.contains(['$', '{']) {
            unknown(report, &zone.value, zone.at, meaning(&zone.value, &states::zones()).as_deref());
        }
    }
    let windows = context.spec.services().flat_map(|service| service.windows());
    let mut known: Option<Vec<String>> = None;
    let mut meant: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for window in windows {
        let Some(timezone) = window.timezone.filter(|timezone| timezone.value.is_none()) else { continue };
        let name = window.zone;
        if meant.len() < SUGGESTED && !meant.contains_key(name) {
            let names = known.get_or_insert_with(states::zones);
            meant.insert(name, meaning(name, names));
        }
        unknown(report, name, timezone.at, meant.get(name).and_then(Option::as_deref));
    }
}

fn unknown(report: &mut Report, name: &str, at: FieldSpan, close: Option<&str>) {
    let finding = report
        .at(at.place(), format!("`{}` is not a name of the IANA time zone database", name.escape_debug()))
        .help(match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => "write a place as in `Europe/Berlin`, or `UTC`".to_owned(),
        });
    report.push(match close {
        Some(close) => finding.fix(at.value, close, false),
        None => finding,
    });
}

/// `europe/berlin` and `Berlin` are `Europe/Berlin`; an offset (`UTC+2`) is not a place, and `Etc/GMT-2` would be a trap.
fn meaning(name: &str, names: &[String]) -> Option<String> {
    if name.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = || names.iter().filter(|known| known.contains('/') && !known.starts_with("Etc/"));
    let written: String = name.chars().map(|c| if c == ' ' { '_' } else { c }).collect();
    let city = places().find(|known| known.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&written)));
    // `PST` is near `EST`, which is another time
    let is_short = name.len() <= 5 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    match city {
        Some(city) => Some(city.clone()),
        None if is_short => None,
        None => closest(&written, names.iter().map(String::as_str)).map(str::to_owned),
    }
}
