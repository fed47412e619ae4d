//! The formation in numbers, counted by hand, and `scalegen plan` as a person runs it.

use crate::cli::program::scalegen;
use crate::common::golden::golden;
use proptest::prelude::*;
use scalegen::model::Spec;
use scalegen::model::instant::Instant;
use scalegen::plan::summary::{Fact, Formation, LeastMost, SummaryQuestion, formation};
use scalegen::report::{SummaryForm, formations};
use serde_json::Value as Json;
use std::fs;
use tempfile::TempDir;

const SPEC: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    replicas: { min: 2, max: 6 }
    concurrency: 10
    resources: { requests: { cpu: 500m, memory: 512Mi }, limits: { cpu: 1, memory: 1Gi } }
    connections: { db: { perReplica: 2, perSlot: 1 } }
    schedule:
      - { days: [mon, fri], from: \"22:00\", to: \"02:00\", timezone: Europe/Berlin, replicas: { min: 4, max: 9 } }
  worker:
    image: shop/worker:1
    replicas: 3
    resources: { limits: { cpu: 250m, memory: 1Gi } }
    connections: { db: 5 }
    schedule:
      - { days: [sat], from: \"00:00\", to: \"01:00\", timezone: Europe/Berlin, replicas: 8 }
  cron: { image: shop/cron:1 }
backingServices:
  db: { kind: postgres, maxConnections: 200, memory: 2Gi }
  outside: { kind: redis, memory: 64Gi, external: { urlEnv: REDIS_URL } }
capacity:
  nodes:
    - { name: a, count: 2, cpu: 4, memory: 8Gi, reserved: { cpu: 500m, memory: 1Gi }, price: 40.5 }
    - { count: 1, cpu: 8, memory: 32Gi }
profiles:
  same: {}
  large: { services: { web: { replicas: { max: 12 } } } }
";

fn specs(text: &str) -> Vec<(Option<String>, Spec)> {
    scalegen::models(text.as_bytes())
}

fn base(text: &str) -> Formation {
    formation(&specs(text)[0].1, &SummaryQuestion::default())
}

fn at(text: &str, instant: &str) -> Formation {
    let instant = Instant::parse(instant).unwrap();
    formation(&specs(text)[0].1, &SummaryQuestion { instant: Some(&instant), ..SummaryQuestion::default() })
}

fn range(min: u64, max: u64) -> Fact<LeastMost> {
    Fact::Is(LeastMost { min, max })
}

const GI: u128 = 1 << 30;
const CORE: u128 = 1_000_000_000;

#[test]
fn the_sums_are_those_of_a_pencil() {
    let one = base(SPEC);
    let web = &one.services[0];
    assert_eq!(web.bounds.len(), 2);
    assert_eq!(web.bounds[0].replicas, range(2, 6));
    assert_eq!(web.bounds[0].slots, range(20, 60));
    assert_eq!(web.bounds[0].all.cpu, Fact::Is(3 * CORE));
    assert_eq!(web.bounds[0].connections, [Fact::Is(6 * 12)]);
    assert_eq!(web.bounds[1].all.memory, Fact::Is(9 * GI / 2));
    assert_eq!(web.bounds[1].window.as_deref(), Some("mon,fri 22:00-02:00 Europe/Berlin"));
    // limits stand in where there is no request
    assert_eq!(one.services[1].requests.cpu, Fact::Unset);
    assert_eq!(one.services[1].bounds[0].all.cpu, Fact::Is(3 * CORE / 4));
    assert_eq!(one.services[2].bounds[0].all.cpu, Fact::Unset);
    // 2 + 3 + 1 to 6 + 3 + 1; the postgres counts once, the external redis does not
    assert_eq!(one.total.replicas, range(6, 10));
    assert_eq!(one.total.slots, range(20, 60));
    assert_eq!(one.total.all.memory, Fact::Is(3 * GI + 3 * GI + 2 * GI));
    assert_eq!(one.backing, [("db".to_owned(), Fact::Is(2 << 30))]);
}

#[test]
fn the_week_is_summed_at_instants() {
    let one = base(SPEC);
    let peak = one.peak.as_ref().unwrap();
    // friday's window reaches into saturday's first hour, where the worker's is open: 9 and 8 at once
    assert_eq!(peak.replicas, range(6, 9 + 8 + 1));
    assert_eq!(peak.all.cpu, Fact::Is(9 * CORE / 2 + 2 * CORE));
    assert_eq!(peak.when.cpu.as_deref(), Some("sat 00:00 Europe/Berlin"));
    assert_eq!(one.pools[0].used, Fact::Is(9 * 12 + 8 * 5));
    assert_eq!((one.pools[0].max, one.pools[0].reserved), (Fact::Is(200), 3));
    assert_eq!(one.pools[0].permille(), Some(755));
    // were the windows never open together, the peaks would not add up
    let apart = base(&SPEC.replace("days: [sat]", "days: [wed]"));
    assert_eq!(apart.pools[0].used, Fact::Is(9 * 12 + 3 * 5));
}

#[test]
fn the_machines_are_what_is_left_of_them() {
    let one = base(SPEC);
    let Some(Fact::Is(machines)) = &one.machines else { panic!("there is capacity") };
    assert_eq!((machines.nodes, machines.price), (3, Some((81 * CORE, 2))));
    assert_eq!(machines.shares.cpu.of, 2 * 7 * CORE / 2 + 8 * CORE);
    assert_eq!(machines.shares.memory.of, 2 * 7 * GI + 32 * GI);
    assert_eq!(machines.shares.cpu.used, Fact::Is(13 * CORE / 2));
    assert_eq!(machines.shares.cpu.permille(), Some(434));
    let placed = machines.placed.as_ref().unwrap();
    assert!(placed.left.is_empty() && !placed.impossible);
    let mut held = std::collections::BTreeMap::new();
    for node in &placed.nodes {
        assert!(["a", "nodes[1]"].contains(&node.group.as_str()), "{}", node.group);
        node.holds.iter().for_each(|(name, count)| *held.entry(name.as_str()).or_insert(0) += count * node.count);
    }
    assert_eq!(held.into_iter().collect::<Vec<_>>(), [("db", 1), ("web", 9), ("worker", 8)]);
    let small = base(&SPEC.replace("max: 6", "max: 90"));
    let Some(Fact::Is(machines)) = &small.machines else { panic!("there is capacity") };
    assert!(machines.placed.as_ref().unwrap().impossible);
    assert!(machines.shares.cpu.permille() > Some(1000));
}

#[test]
fn an_instant_shows_the_bounds_in_force() {
    let web = |instant: &str| at(SPEC, instant).services[0].bounds[0].replicas;
    // 2026-11-23 is a monday; Berlin is an hour ahead of UTC in winter
    assert_eq!(web("2026-11-23T20:59Z"), range(2, 6));
    assert_eq!(web("2026-11-23T21:00Z"), range(4, 9));
    assert_eq!(web("2026-11-23T21:00"), range(4, 9));
    assert_eq!(web("2026-11-23T22:00[Europe/Berlin]"), range(4, 9));
    assert_eq!(web("2026-11-23T22:00+02:00"), range(2, 6));
    // over midnight, to the end and not beyond
    assert_eq!(web("2026-11-24T01:59[Europe/Berlin]"), range(4, 9));
    assert_eq!(web("2026-11-24T02:00[Europe/Berlin]"), range(2, 6));
    assert_eq!(web("2026-11-24T22:00[Europe/Berlin]"), range(2, 6));
    // in summer the same local hour is another one of UTC
    assert_eq!(web("2026-07-06T20:00Z"), range(4, 9));
    let one = at(SPEC, "2026-11-28T00:30[Europe/Berlin]");
    assert_eq!(one.total.replicas, range(4 + 8 + 1, 9 + 8 + 1));
    assert_eq!((one.peak, one.instant.unwrap().1.as_str()), (None, "2026-11-28T00:30:00+01:00"));
}

#[test]
fn an_instant_that_is_none_is_refused() {
    for (text, why) in [
        ("tomorrow", "is not a time like"),
        ("2026-13-01T00:00", "is not a time like"),
        ("2026-11-23T09:00[Europe/Berln]", "not an IANA time zone"),
        ("2026-11-23T09:00+05:00[Europe/Berlin]", "is not the offset of Europe/Berlin"),
        ("2026-03-29T02:30[Europe/Berlin]", "does not exist in Europe/Berlin"),
    ] {
        let error = Instant::parse(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    assert_eq!(Instant::parse("2026-11-23T09:00+05:30").unwrap().to_string(), "mon 2026-11-23 09:00 +05:30");
    // local mean time is not a whole minute off; RFC 3339 cannot say so
    let old = Instant::parse("1890-01-01T00:53:28[Europe/Berlin]").unwrap();
    assert_eq!(old.rfc3339(), "1890-01-01T00:00:00Z");
    assert_eq!(Instant::parse("4400-11-13T09:00:00-00:00:04").unwrap().rfc3339(), "4400-11-13T09:00:04Z");
}

#[test]
fn without_an_autoscaler_the_written_number_counts() {
    let spec = &specs(SPEC)[0].1;
    let one = formation(spec, &SummaryQuestion { fixed: true, ..SummaryQuestion::default() });
    assert!(one.services.iter().all(|line| line.bounds.len() == 1));
    assert_eq!((one.total.replicas, one.peak.is_none()), (range(6, 6), true));
    assert_eq!(one.pools[0].used, Fact::Is(2 * 12 + 3 * 5));
    // in a window of each service, too: no instant opens one
    for instant in ["2026-11-23T23:00[Europe/Berlin]", "2026-11-28T00:30[Europe/Berlin]"] {
        let instant = Instant::parse(instant).unwrap();
        let view = SummaryQuestion { fixed: true, instant: Some(&instant), ..SummaryQuestion::default() };
        let then = formation(spec, &view);
        assert_eq!((then.total.replicas, then.pools[0].used), (one.total.replicas, one.pools[0].used));
    }
}

#[test]
fn what_a_fault_hides_is_unknown_and_the_rest_is_not() {
    let one = base(&SPEC.replace("cpu: 500m, memory: 512Mi", "cpu: lots, memory: 512Mi"));
    assert_eq!(one.services[0].requests.cpu, Fact::Unknown);
    assert_eq!(one.services[0].bounds[0].replicas, range(2, 6));
    assert_eq!(one.total.all.cpu, Fact::Unknown);
    assert_eq!(one.total.replicas, range(6, 10));
    assert_eq!(one.services[1].bounds[0].all.cpu, Fact::Is(3 * CORE / 4));
    let Some(Fact::Is(machines)) = &one.machines else { panic!("there is capacity") };
    assert!(machines.placed.is_none() && machines.shares.cpu.used == Fact::Unknown);
    assert!(formations_text(&[one], SummaryForm::Table).contains('?'));
    // a limit that cannot be read hides no request, but what would follow from it
    let one = base(
        &SPEC.replace("cpu: 1, memory: 1Gi", "cpu: 1, memory: 1Gx").replace("250m, memory: 1Gi", "250m, memory: 1Gx"),
    );
    let [web, worker, _] = &one.services[..] else { panic!("three services") };
    assert_eq!((web.limits.memory, web.bounds[0].all.cpu), (Fact::Unknown, Fact::Is(6 * CORE / 2)));
    assert_eq!(worker.bounds[0].all.cpu, Fact::Unknown);
}

#[test]
fn a_part_of_another_form_is_unknown_and_not_left_out() {
    let spec = |service: &str| {
        format!("version: 1\nname: a\nservices:\n  web: {service}\nbackingServices:\n  db: {{ kind: postgres }}\n")
    };
    let line = |service: &str| base(&spec(service)).services[0].clone();
    for service in ["3", "[a]", "yes"] {
        let web = line(service);
        assert_eq!((web.bounds[0].replicas, web.concurrency), (Fact::Unknown, Fact::Unknown), "{service}");
    }
    for resources in ["3", "{ requests: 3 }", "{ limits: [a] }"] {
        let web = line(&format!("{{ replicas: 2, resources: {resources} }}"));
        assert_eq!((web.requests.cpu, web.bounds[0].all.memory), (Fact::Unknown, Fact::Unknown), "{resources}");
        assert_eq!(web.bounds[0].replicas, range(2, 2), "{resources}");
    }
    // an empty value is an empty mapping
    let web = line("{ replicas: 2, resources: , schedule: , connections: }");
    assert_eq!((web.requests.cpu, web.bounds[0].replicas), (Fact::Unset, range(2, 2)));
    assert_eq!(line("").bounds[0].replicas, range(1, 1));
    let week = base(&spec("{ replicas: 2, schedule: 3 }"));
    assert_eq!(week.total.replicas, range(2, 2), "the base bounds are what they are");
}

fn formations_text(all: &[Formation], form: SummaryForm) -> String {
    let mut out = Vec::new();
    formations(all, form, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn all(text: &str) -> Vec<Formation> {
    let specs = specs(text);
    let one = |(profile, spec): &(Option<String>, Spec)| {
        formation(spec, &SummaryQuestion { profile: profile.as_deref(), ..SummaryQuestion::default() })
    };
    specs.iter().map(one).collect()
}

#[test]
fn the_printed_forms_are_golden() {
    golden("fixtures/plan/shop.txt", &formations_text(&all(SPEC), SummaryForm::Table));
    golden("fixtures/plan/shop.md", &formations_text(&all(SPEC), SummaryForm::Markdown));
    golden("fixtures/plan/shop.json", &formations_text(&all(SPEC)[..1], SummaryForm::Json));
}

/// A plan is printed whatever stands in a spec, names that lint refuses too.
#[test]
fn no_name_is_live_in_markdown() {
    let names = [
        "![i](http://evil.example/x.png) @everyone <img src=x>",
        "www.evil.example",
        "a | b `c` **d** #12 GH-12 <!-- e",
        "`@team` [x](y)\n\n# heading",
        "\u{1b}[31m\u{202e}",
    ];
    let json = |name: &str| Json::from(name).to_string();
    let all_of = |text: fn(&str) -> String| names.iter().map(|name| text(name)).collect::<Vec<_>>().join("\n");
    let quoted = |indent: &str, rest: &str| {
        names.iter().map(|name| format!("{indent}{}: {rest}\n", json(name))).collect::<String>()
    };
    let groups = all_of(|name| format!("    - {{ name: {}, count: 1, cpu: 1, memory: 1Gi }}", Json::from(name)));
    let uses = names.map(|name| format!("{}: 1", json(name))).join(", ");
    let service = format!(
        "{{ image: x, resources: {{ requests: {{ cpu: 1m }} }}, connections: {{ {uses} }}, schedule: \
         [{{ days: [mon], from: \"08:00\", to: \"09:00\", timezone: {}, replicas: 2 }}] }}",
        json(names[0])
    );
    let text = format!(
        "version: 1\nname: {}\nservices:\n{}backingServices:\n{}capacity:\n  nodes:\n{groups}\nprofiles:\n{}",
        json(names[0]),
        quoted("  ", &service),
        quoted("  ", "{ kind: postgres, maxConnections: 9 }"),
        quoted("  ", "{ limitResources: false }"),
    );
    let markdown = formations_text(&all(&text), SummaryForm::Markdown);
    let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
    let mut headings = 0;
    for event in pulldown_cmark::Parser::new_ext(&markdown, options) {
        use pulldown_cmark::{Event, Tag};
        match event {
            Event::InlineHtml(html) | Event::Html(html) => assert_eq!(&*html, "<!-- -->", "{markdown}"),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strong) => panic!("{markdown}"),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            _ => {}
        }
    }
    assert_eq!(headings, 1 + names.len(), "{markdown}");
    let code = outside_code(&markdown);
    for live in ["@everyone", "@team", "www.", "://", "#12", "GH-12", "\u{1b}", "\u{202e}"] {
        assert!(!code.contains(live), "{live} in\n{code}");
    }
    for name in names {
        let table = formations_text(&all(&text), SummaryForm::Table);
        assert!(!table.contains('\u{1b}') && table.contains(&scalegen::report::clean(name)), "{table}");
    }
}

/// The text without its code spans, in which nothing is live.
fn outside_code(markdown: &str) -> String {
    markdown.split('`').step_by(2).collect()
}

#[test]
fn json_says_what_the_table_says() {
    let json: Json = serde_json::from_str(&formations_text(&all(SPEC), SummaryForm::Json)).unwrap();
    assert_eq!((&json["version"], &json["name"]), (&Json::from(1), &Json::from("shop")));
    let profiles: Vec<&Json> = json["formations"].as_array().unwrap().iter().map(|one| &one["profile"]).collect();
    assert_eq!(profiles, [&Json::Null, &Json::from("same"), &Json::from("large")]);
    let base = &json["formations"][0];
    assert_eq!(base["services"][0]["requests"]["cpu"], Json::from(0.5));
    assert_eq!(base["services"][0]["bounds"][1]["replicas"]["max"], Json::from(9));
    assert_eq!(base["capacity"]["price"]["amount"], Json::from(81.0));
    assert_eq!(base["unknown"], Json::from(Vec::<Json>::new()));
    let broken = formations_text(&[super::summary::base(&SPEC.replace("500m", "lots"))], SummaryForm::Json);
    let broken: Json = serde_json::from_str(&broken).unwrap();
    let unknown = broken["formations"][0]["unknown"].as_array().unwrap();
    assert!(unknown.contains(&Json::from("/services/0/requests")) && unknown.contains(&Json::from("/total/all")));
}

fn spec_folder(text: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("scalegen.yaml"), text).unwrap();
    dir
}

#[test]
fn the_command_prints_and_its_code_tells() {
    let dir = spec_folder(SPEC);
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out, formations_text(&all(SPEC), SummaryForm::Table));
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--profile", "large", "--format", "json"]);
    assert!(ran.code == 0 && ran.out.contains("\"profile\": \"large\""), "{}", ran.err);
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--profile", "lrge"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("did you mean `large`?"), "{}", ran.err);
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--at", "noon"]);
    assert!(ran.code == 2 && ran.err.contains("`noon` is not a time"), "{}", ran.err);
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--at", "2026-11-23T23:00[Europe/Berlin]"]);
    assert!(ran.code == 0 && ran.out.contains("4–9"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--target", "compose"]);
    assert!(ran.code == 0 && !ran.out.contains("4–9") && !ran.out.contains("2–6"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--target", "kubernetes"]);
    assert!(ran.out.contains("4–9"), "{}", ran.out);
}

#[test]
fn an_instant_is_in_a_window_on_its_days_and_hours_only() {
    let text =
        SPEC.replace("days: [sat], from: \"00:00\", to: \"01:00\"", "days: [sat], from: \"10:00\", to: \"12:00\"");
    let worker = |instant: &str| at(&text, instant).services[1].bounds[0].replicas;
    for (instant, number) in [
        ("2026-11-28T10:00[Europe/Berlin]", 8),
        ("2026-11-28T11:59[Europe/Berlin]", 8),
        ("2026-11-28T12:00[Europe/Berlin]", 3),
        ("2026-11-28T09:59[Europe/Berlin]", 3),
        ("2026-11-27T11:00[Europe/Berlin]", 3),
        ("2026-11-29T11:00[Europe/Berlin]", 3),
    ] {
        assert_eq!(worker(instant), range(number, number), "{instant}");
    }
    // nothing added to UTC is UTC, and an offset keeps its number
    for (instant, said) in [
        ("2026-11-28T10:00:00Z", "sat 2026-11-28 10:00 UTC"),
        ("2026-11-28T10:00:00+00:00", "sat 2026-11-28 10:00 UTC"),
        ("2026-11-28T10:00:00+02:30", "sat 2026-11-28 10:00 +02:30"),
    ] {
        assert_eq!(Instant::parse(instant).unwrap().to_string(), said);
    }
}

#[test]
fn errors_go_to_standard_error_and_the_rest_is_printed() {
    let dir = spec_folder(&SPEC.replace("min: 2, max: 6", "min: 7, max: 6"));
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--profile", "same"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("min-above-max") && !ran.err.contains("warning["), "{}", ran.err);
    assert!(ran.out.contains("worker"), "{}", ran.out);
    let dir = spec_folder("services: [");
    let ran = scalegen(dir.path(), &["plan", "scalegen.yaml"]);
    assert!(ran.code == 1 && ran.out.is_empty() && ran.err.contains("yaml-syntax"), "{}", ran.err);
    let ran = scalegen(dir.path(), &["plan", "nothing.yaml"]);
    assert!(ran.code == 2 && ran.err.contains("cannot read nothing.yaml"), "{}", ran.err);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the numbers, sums are exact and nothing overflows.
    #[test]
    fn sums_of_any_numbers_are_exact(min in 0u32..1_000_000, more in 0u32..1_000_000, cpu in 1u64..100_000, limit in 1u32..10_000) {
        let max = min + more;
        let text = SPEC
            .replace("min: 2, max: 6", &format!("min: {min}, max: {max}"))
            .replace("cpu: 500m", &format!("cpu: {cpu}m"))
            .replace("concurrency: 10", &format!("concurrency: {limit}"));
        let one = base(&text);
        let bounds = &one.services[0].bounds[0];
        prop_assert_eq!(bounds.all.cpu, Fact::Is(u128::from(max) * u128::from(cpu) * 1_000_000));
        prop_assert_eq!(bounds.slots, range(u64::from(min) * u64::from(limit), u64::from(max) * u64::from(limit)));
        prop_assert_eq!(bounds.connections[0], Fact::Is(u128::from(max) * u128::from(2 + limit)));
    }
}
