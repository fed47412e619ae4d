//! Profiles laid over the base: what merges, what replaces, what removes, and who stands on whom.

/// The base and the profile `p` laid over it, as the model has them.
fn laid(over: &str) -> Vec<scalegen::model::Spec> {
    let text = format!(
        "version: 1\nname: shop\nlimitResources: false\nservices:\n  a: {{ image: x, replicas: {{ min: 2, max: 5 }}, \
         concurrency: 4, port: 80, env: {{ A: a, B: b }}, resources: {{ limits: {{ cpu: 1, memory: 1Gi }} }} }}\n  \
         c: {{ image: y }}\nprofiles:\n  p: {over}\n"
    );
    scalegen::models(text.as_bytes()).into_iter().map(|(_, spec)| spec).collect()
}

#[test]
fn an_overlay_merges_maps_replaces_values_and_removes_by_null() {
    let p = |over: &str| laid(over).pop().unwrap();
    let service = |over: &str| p(&format!("{{ services: {{ a: {over} }} }}")).services[0].clone();
    let base = laid("{}").remove(0).services[0].clone();
    let bounds = |service: &scalegen::model::Service| (service.replicas.min.value, service.replicas.max.value);
    assert_eq!(bounds(&base), (2, 5));
    // a map merges, a number for it replaces both bounds, a null takes all of it away
    assert_eq!(bounds(&service("{ replicas: { max: 9 } }")), (2, 9));
    assert_eq!(bounds(&service("{ replicas: 7 }")), (7, 7));
    let gone = service("{ replicas: null }");
    assert_eq!((bounds(&gone), gone.replicas.written), ((1, 1), false));
    assert_eq!(bounds(&service("{ replicas: }")), (2, 5), "an empty value is an empty map");
    assert_eq!(bounds(&service("")), (2, 5));
    let names = |service: &scalegen::model::Service| {
        service.env.iter().map(|var| format!("{}={}", var.name, var.value.value.text())).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&service("{ env: { C: c, A: z } }")), "A=z B=b C=c", "in the order of the base, new ones behind");
    assert_eq!(names(&service("{ env: { A: null, D: null } }")), "B=b");
    assert_eq!(names(&service("{ env: ~ }")), "");
    let limits = |over: &str| {
        let limits = service(over).resources.limits.clone();
        (limits.cpu.map(|cpu| cpu.value.0 / 1_000_000), limits.memory.map(|memory| memory.value.bytes >> 20))
    };
    assert_eq!(limits("{ resources: { limits: { cpu: null } } }"), (None, Some(1024)));
    assert_eq!(limits("{ resources: { limits: { cpu: 2 } } }"), (Some(2000), Some(1024)));
    assert_eq!(limits("{ resources: { limits: } }"), (Some(1000), Some(1024)));
    assert_eq!(limits("{ resources: { limits: null } }"), (None, None));
    let slots = |over: &str| service(over).concurrency.as_ref().map(|concurrency| concurrency.limit.value);
    assert_eq!((slots("{ concurrency: { env: N } }"), slots("{ concurrency: 2 }")), (Some(4), Some(2)));
    assert_eq!(slots("{ concurrency: null }"), None);
    let ports = |over: &str| service(over).ports.iter().map(|port| port.port.value).collect::<Vec<_>>();
    assert_eq!(ports("{ port: 81 }"), [81], "a list replaces, also in its short form");
    assert_eq!(ports("{ ports: [{ port: 81 }, { port: 82 }] }"), [81, 82]);
    assert_eq!(ports("{ ports: null }"), [0; 0]);
    assert_eq!(ports("{ port: null }"), [0; 0], "the base may have either form");
    assert_eq!(ports("{ port: ~, ports: [{ port: 82 }] }"), [82]);
    let all = |over: &str| p(over).services.iter().map(|service| service.name.clone()).collect::<Vec<_>>().join(" ");
    assert_eq!(all("{ services: { a: null } }"), "c");
    assert_eq!(all("{ services: { b: { image: z }, a: ~ } }"), "c b");
    assert_eq!(all("{ services: { b: } }"), "a c b", "an empty value adds it");
    assert_eq!(all("{ services: }"), "a c");
    assert!(!p("{}").limit_resources.value && p("{ limitResources: true }").limit_resources.value);
    assert!(p("{ limitResources: null }").limit_resources.value, "the default is true");
}

#[test]
fn an_empty_value_removes_nothing_wherever_a_map_is_expected() {
    let text = |over: &str| {
        format!(
            "version: 1\nname: shop\nclaims: row\nservices:\n  a: {{ image: x, connections: {{ db: 2 }} }}\nbackingServices:\n  \
             db: {{ kind: postgres, maxConnections: 50 }}\ncapacity: {{ nodes: [{{ count: 1, cpu: 2, memory: 4Gi }}] }}\n\
             recommendations:\n  row: {{ services: {{ a: {{ replicas: 2 }} }} }}\ntargets:\n  compose: {{ file: x.yml }}\nprofiles:\n  p: {over}\n"
        )
    };
    let shown = |over: &str| {
        let spec = scalegen::models(text(over).as_bytes()).pop().unwrap().1;
        let connections: Vec<_> = spec.services().flat_map(|service| &service.connections).collect();
        format!(
            "{:?} {:?} {:?} {:?} {:?}",
            spec.backing.iter().map(|db| (&db.name, db.max_connections.map(|most| most.value))).collect::<Vec<_>>(),
            spec.capacity.as_ref().map(|capacity| capacity.nodes.len()),
            spec.recommendations.iter().map(|row| (&row.name, row.services.len())).collect::<Vec<_>>(),
            spec.targets.iter().map(|target| (&target.name, target.options.len())).collect::<Vec<_>>(),
            connections.iter().map(|entry| (&entry.to, entry.per_replica.value)).collect::<Vec<_>>(),
        )
    };
    let base = shown("{}");
    assert_eq!(base, r#"[("db", Some(50))] Some(1) [("row", 1)] [("compose", 1)] [("db", 2)]"#);
    for over in [
        "{ backingServices: }",
        "{ backingServices: { db: } }",
        "{ capacity: }",
        "{ recommendations: }",
        "{ targets: }",
        "{ targets: { compose: } }",
        "{ services: { a: { connections: } } }",
    ] {
        assert_eq!(shown(over), base, "{over}");
    }
    // where a number can stand, nothing is not a map
    assert!(shown("{ services: { a: { connections: { db: } } } }").ends_with("[]"));
}

#[test]
fn a_port_left_empty_is_one_fault() {
    let text = "version: 1\nname: shop\nlimitResources: false\nservices:\n  a: { image: x, port: 80 }\n  b: { image: x, port: }\n\
                profiles:\n  p: { services: { a: { port: } } }\n";
    let checked = scalegen::lint("spec", text.as_bytes(), &scalegen::NoFiles, &scalegen::CheckOptions::default());
    let said: Vec<_> = checked.findings.iter().map(|finding| (&*finding.rule, finding.message.as_str())).collect();
    assert_eq!(said, [("wrong-type", "expected a whole number, found nothing"); 2]);
}

#[test]
fn overlays_stand_on_each_other_and_on_many_services() {
    let text = |services: usize| {
        let mut text = "version: 1\nname: shop\nservices:\n".to_owned();
        for n in 0..services {
            text += &format!("  s{n}: {{ image: x, replicas: {n} }}\n");
        }
        text + "profiles:\n  top: { extends: middle, services: { s1: { replicas: { max: 90 } } } }\n  \
                middle: { extends: low, services: { s1: { replicas: 50 }, s3: null } }\n  \
                low: { services: { s1: { replicas: 40 }, s2: { replicas: 30 } } }\n"
    };
    // few entries and many are found in different ways
    for services in [4, 16, 17, 40] {
        let models = scalegen::models(text(services).as_bytes());
        let bounds = |profile: usize, name: &str| {
            let service = models[profile].1.services.iter().find(|service| *service.name == *name)?;
            Some((service.replicas.min.value, service.replicas.max.value))
        };
        let names: Vec<_> = models.iter().map(|(name, _)| name.as_deref().unwrap_or("-")).collect();
        assert_eq!(names, ["-", "top", "middle", "low"]);
        assert_eq!((bounds(0, "s1"), bounds(0, "s2"), bounds(0, "s3")), (Some((1, 1)), Some((2, 2)), Some((3, 3))));
        assert_eq!((bounds(3, "s1"), bounds(3, "s2"), bounds(3, "s3")), (Some((40, 40)), Some((30, 30)), Some((3, 3))));
        assert_eq!((bounds(2, "s1"), bounds(2, "s2"), bounds(2, "s3")), (Some((50, 50)), Some((30, 30)), None));
        assert_eq!((bounds(1, "s1"), bounds(1, "s2"), bounds(1, "s3")), (Some((50, 90)), Some((30, 30)), None));
    }
}

#[test]
fn a_merged_map_is_shown_as_the_base_writes_it() {
    let text = |resources: &str| {
        format!(
            "version: 1\nname: shop\nservices:\n  a:\n    image: x\n    resources:{resources}\ncapacity:\n  nodes: [{{ count: 1, cpu: 2, \
             memory: 4Gi }}]\nprofiles:\n  p: {{ services: {{ a: {{ resources: {{ requests: {{ cpu: 9 }} }} }} }} }}\n"
        )
    };
    for (resources, shown) in [
        ("\n      limits:\n        memory: 1Gi", "resources"),
        (" { limits: { memory: 1Gi } }", "{ limits: { memory: 1Gi } }"),
    ] {
        let text = text(resources);
        let checked = scalegen::lint("spec", text.as_bytes(), &scalegen::NoFiles, &scalegen::CheckOptions::default());
        let [finding] = checked.findings.as_slice() else { panic!("{:#?}", checked.findings) };
        assert_eq!(
            (&*finding.rule, finding.message.as_str()),
            ("exceeds-node", "one replica needs 9 cores, 1Gi; nodes[0] has 2 cores, 4Gi")
        );
        assert_eq!(checked.sources[0].slice(finding.at.span), shown);
    }
}

#[test]
fn what_profiles_share_is_found_in_each_and_named_by_its_own_key() {
    let text = "version: 1\nname: shop\nservices:\n  a: { image: x, resources: { limits: { memory: 512m } } }\n  b: { image: x }\n  c: &c { image: x }\n  \
                d: *c\nprofiles:\n  p: { services: { e: { image: y } } }\n  q: { services: { e: { image: z } } }\n";
    let wanted = scalegen::CheckOptions { profiles: vec![Some("p".into()), Some("q".into())], ..Default::default() };
    let checked = scalegen::lint("spec", text.as_bytes(), &scalegen::NoFiles, &wanted);
    let found: Vec<_> = checked
        .findings
        .iter()
        .filter(|finding| finding.rule == "ambiguous-unit")
        .map(|f| f.profiles.iter().map(|name| name.to_string()).collect::<Vec<_>>())
        .collect();
    assert_eq!(found, [["p", "q"]]);
    for (_, spec) in scalegen::models(text.as_bytes()) {
        let names: Vec<_> = spec.services().map(|service| &*service.name).collect();
        assert_eq!(names[..4], ["a", "b", "c", "d"], "an alias is the same value under another key");
    }
}
