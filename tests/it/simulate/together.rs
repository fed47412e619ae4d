//! What services take together at each instant: sums by hand, placements, shards, and what assertions may name.

use super::command::{json, minutes};
use crate::cli::program::scalegen;
use scalegen::plan::scenario::places;
use scalegen::simulate::results::Statistic;
use scalegen::simulate::together::{Member, SharedKind, SharedResource, SharedResources, sum};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn member(service: &str, known: &[(i64, i64)], existing: &[(i64, u32)]) -> Member {
    Member {
        service: service.to_owned(),
        known: known.to_vec(),
        seeds: vec![7],
        existing: vec![existing.to_vec()],
        hours: vec![1_000_000_000],
        costs: vec![Some(5)],
    }
}

fn resources() -> SharedResources {
    let each = |one: u64, two: u64| [("one".to_owned(), one), ("two".to_owned(), two)].into();
    SharedResources {
        resources: vec![SharedResource {
            kind: SharedKind::Connections,
            of: "db".to_owned(),
            steady: 3,
            each: each(10, 1),
            limit: Some(40),
        }],
        nodes: vec![([4, 0, 0], 2)],
        each: [("one".to_owned(), [3, 0, 0]), ("two".to_owned(), [1, 0, 0])].into(),
        ..SharedResources::default()
    }
}

#[test]
fn a_sum_is_taken_wherever_a_count_changes() {
    // one: 2 from before 0, 4 from 30, 1 from 80; two: 0, 5 from 50
    let members = [
        member("one", &[(0, 100)], &[(-10, 2), (30, 4), (80, 1)]),
        member("two", &[(0, 60), (70, 100)], &[(-10, 0), (50, 5)]),
    ];
    let found = sum(&resources(), &members, &places);
    assert_eq!(found.known, [(0, 60), (70, 100)]);
    let db = &found.resources[0];
    // 23 to 30, 43 to 50, 48 to 60; from 70 again, 18 to 100
    assert_eq!(db.series, [(0, 23), (30, 43), (50, 48), (70, 48), (80, 18)]);
    let number = |name: &str, statistic| db.results.across(name, statistic).unwrap().median;
    assert_eq!(number("connections", Some(Statistic::Max)), 48);
    // 20 at 18, 30 at 23, 20 at 43, 20 at 48: half of 90 is reached at 23
    assert_eq!(number("connections", Some(Statistic::P50)), 23);
    assert_eq!(number("connections", Some(Statistic::Mean)), (20 * 18 + 30 * 23 + 20 * 43 + 20 * 48) / 90);
    assert_eq!(number("over_limit", None), 1_000_000_000 * 40 / 90);
    let peak = db.peak.unwrap();
    assert_eq!((peak.taken, peak.at, peak.seed), (48, 50, 7));
    // a node of 4 holds one of 3 and one of 1: two of `one` fit, four do not, one and five of `two` do
    assert_eq!(found.all.across("unplaced", None).unwrap().median, 1_000_000_000 * 40 / 90);
    assert_eq!(found.all.across("replica_hours", None).unwrap().median, 2_000_000_000);
    assert_eq!(found.all.across("cost", None).unwrap().median, 10);
}

#[test]
fn what_has_no_time_in_common_has_no_sum() {
    let members = [member("one", &[(0, 10)], &[(0, 2)]), member("two", &[(10, 20)], &[(0, 2)])];
    let found = sum(&resources(), &members, &places);
    assert!(found.known.is_empty() && found.resources[0].peak.is_none());
    assert!(found.resources[0].results.across("connections", Some(Statistic::Max)).is_none());
    assert!(found.all.across("unplaced", None).is_none());
}

/// Two services with a load and one without, on one node, at one database.
pub(super) fn shop(dir: &Path) {
    let spec = "version: 1\nname: shop\n\
        capacity: { nodes: [{ count: 2, cpu: 4, memory: 8Gi }] }\n\
        backingServices:\n  db: { kind: postgres, maxConnections: 100, external: { urlEnv: DB } }\nservices:\n  \
        api:\n    image: shop/api:1\n    replicas: 4\n    concurrency: 2\n    connections: { db: { perReplica: 1, perSlot: 3 } }\n    \
        resources: { requests: { cpu: 500m, memory: 1Gi } }\n    update: { surge: 2 }\n    workload: { serviceTime: 1s, start: 30s }\n  \
        mail:\n    image: shop/mail:1\n    replicas: 3\n    connections: { db: 5 }\n    \
        resources: { requests: { cpu: 250m, memory: 512Mi } }\n    workload: { serviceTime: 1s }\n  \
        cron:\n    image: shop/cron:1\n    replicas: 2\n    connections: { db: 4 }\n    \
        resources: { requests: { cpu: 250m, memory: 256Mi } }\n";
    fs::write(dir.join("scalegen.yaml"), spec).unwrap();
    minutes(dir, "load.csv", &[(1.0, 60)]);
}

const BOTH: [&str; 4] = ["--load", "api=rate:load.csv", "--load", "mail=rate:load.csv"];

#[test]
fn a_rollout_holds_its_surge_beside_what_others_take() {
    let dir = TempDir::new().unwrap();
    shop(dir.path());
    // 28,999,040 minutes after 1970 it is 2025-02-19 05:20
    let rollout = ["--rollout-at", "api=2025-02-19T05:50:00Z", "--runs", "2", "--price", "cpu=1,memory=0"];
    let asserted =
        ["--assert", "connections.max <= 68", "--assert", "cpu: capacity.max < 57%", "--assert", "unplaced <= 0%"];
    let (code, said) = json(dir.path(), &[&BOTH[..], &rollout, &asserted].concat());
    assert_eq!(code, 0, "{said}");
    let together = &said["together"][0];
    assert_eq!(
        (&together["services"], &together["others"]["cron"]),
        (&serde_json::json!(["api", "mail"]), &Json::from(2))
    );
    let db = &together["things"][0];
    // 4 × 7 + 3 × 5 + 2 × 4 + 3 reserved = 54, and 2 × 7 more while two of the surge stand beside the old ones
    assert_eq!(db["results"]["connections"]["p50"]["median"], 54.0);
    assert_eq!(db["results"]["connections"]["max"]["highest"], 68.0);
    assert_eq!((&db["limit"], &db["peak"]["at"]), (&Json::from(100.0), &Json::from(28_999_070.0 * 60.0)));
    // 6 × 0.5 + 3 × 0.25 + 2 × 0.25 of 8 cores
    assert_eq!(together["things"][1]["results"]["capacity"]["max"]["median"], 4.25 / 8.0);
    assert_eq!(together["unplaced"]["median"], 0.0);
    let hours = together["replica_hours"]["median"].as_f64().unwrap();
    assert!(hours > 7.0 && hours < 7.1, "4 and 3 for an hour, and the surge: {hours}");
    let failing = json(dir.path(), &[&BOTH[..], &rollout, &["--assert", "db: connections.max < 68"]].concat());
    assert_eq!((failing.0, &failing.1["holds"]), (1, &Json::Bool(false)));
    let ran = scalegen(dir.path(), &[&["simulate"][..], &BOTH, &rollout].concat());
    for part in [
        "together: existing replicas of api, mail; without a load, and counted at their most: cron 2",
        "connections of db, most of 100",
        "02-19 05:50Z in seed 1",
        "cpu reserved, most of 8 cores",
        "time without a node for every replica",
        "cost of all",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn shards_are_summed_to_the_whole() {
    let dir = TempDir::new().unwrap();
    shop(dir.path());
    let own = ["simulate", "--format", "json", "--runs", "2", "--policy", "fixed", "--policy", "fixed:6"];
    for (code, bound) in [(0, "75%"), (1, "1%")] {
        let assertion = format!("capacity.max < {bound}");
        let more = ["--assert", &assertion];
        let whole = scalegen(dir.path(), &[&own[..], &BOTH, &more].concat());
        assert_eq!(whole.code, code, "{}", whole.err);
        for shard in ["1/2", "2/2"] {
            let ran = scalegen(dir.path(), &[&own[..], &BOTH, &more, &["--shard", shard]].concat());
            fs::write(dir.path().join(format!("{}.json", &shard[..1])), ran.out).unwrap();
        }
        let merged = scalegen(dir.path(), &["simulate", "--merge", "2.json", "1.json"]);
        assert_eq!((merged.code, merged.out), (code, whole.out));
    }
}

#[test]
fn an_assertion_on_what_nobody_shares_is_told() {
    let dir = TempDir::new().unwrap();
    shop(dir.path());
    let ran = |assertion: &str| {
        scalegen(dir.path(), &[&["simulate", "--runs", "1", "--assert", assertion][..], &BOTH].concat())
    };
    for (assertion, said) in [
        ("dbb: connections.max < 5", "did you mean `db`?"),
        ("api: capacity.max < 5%", "`capacity` is not measured for `api`"),
        ("api: unplaced <= 0%", "write `unplaced` without `api:`"),
        ("connections < 5", "write one of connections.p50"),
        ("connections.max < 5%", "is not a unit of `connections`"),
        ("capacity.max < 5", "has no unit"),
    ] {
        let ran = ran(assertion);
        assert_eq!((ran.code, ran.err.contains(said)), (2, true), "{assertion}: {}", ran.err);
    }
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    let text: String =
        text.lines().filter(|line| !line.starts_with("capacity")).map(|line| format!("{line}\n")).collect();
    fs::write(dir.path().join("scalegen.yaml"), text).unwrap();
    for assertion in ["capacity.max < 5%", "unplaced <= 0%"] {
        let ran = ran(assertion);
        assert_eq!((ran.code, ran.err.contains("the spec says no `capacity`")), (2, true), "{assertion}: {}", ran.err);
    }
    let sized = scalegen(dir.path(), &["size", "--load", "api=rate:load.csv", "--assert", "connections.max < 5"]);
    assert_eq!((sized.code, sized.err.contains("`size` looks at one service at a time")), (2, true), "{}", sized.err);
}

#[test]
fn a_difference_sums_each_side_by_its_own_spec() {
    let dir = TempDir::new().unwrap();
    let text = |replicas: u32, connections: u32, nodes: u32| {
        format!(
            "version: 1\nname: shop\nservices:\n  api:\n    image: shop/api:1\n    replicas: {replicas}\n    concurrency: 4\n    \
             resources: {{ requests: {{ cpu: 1, memory: 1Gi }} }}\n    connections: {{ db: {connections} }}\n    workload: {{ serviceTime: 1s }}\n  \
             mail:\n    image: shop/mail:1\n    replicas: 1\n    resources: {{ requests: {{ cpu: 1, memory: 1Gi }} }}\n    connections: {{ db: 5 }}\n\
             backingServices: {{ db: {{ kind: postgres, maxConnections: 60 }} }}\n\
             capacity: {{ nodes: [{{ name: a, count: {nodes}, cpu: 4, memory: 8Gi }}] }}\n"
        )
    };
    fs::write(dir.path().join("before.yaml"), text(2, 10, 2)).unwrap();
    fs::write(dir.path().join("after.yaml"), text(5, 12, 1)).unwrap();
    minutes(dir.path(), "rate.csv", &[(1.0, 30)]);
    let ran =
        scalegen(dir.path(), &["diff", "before.yaml", "after.yaml", "--load", "api=rate:rate.csv", "--runs", "2"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let row = |name: &str| {
        let line = ran.out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {}", ran.out));
        line[name.len()..].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ")
    };
    // 2 × 10 + 5 + 3 that are reserved, and 5 × 12 + 5 + 3
    assert_eq!(row("connections of db, most of 60"), "28 | 68");
    assert_eq!(row("connections of db, time above"), "0.00 % | 100.00 %");
    // 3 cores of 8, and 6 of 4
    assert_eq!(row("time without a node for every replica"), "0.00 % | 100.00 %");
    let cpu = ran.out.lines().filter(|line| line.starts_with("cpu reserved, most of")).collect::<Vec<_>>().join("\n");
    assert!(cpu.contains("37.50 %") && cpu.contains("150.00 %"), "{cpu}");
}
