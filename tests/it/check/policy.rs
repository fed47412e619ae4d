//! Policies: what they may say, where their faults stand, and that what they find behaves as every other finding.

use crate::cli::program::{Ran, folder, scalegen};
use crate::common::golden::golden;
use crate::targets::support::nodes;
use scalegen::check::policy;
use scalegen::check::settings::{CalendarDay, NAME};
use scalegen::support::diagnostic::{Collector, Finding, RuleId, SPEC, Severity};
use scalegen::support::source::{FileSpan, Source, Span};
use scalegen::{CheckOptions, CheckResult, LoadedSettings, NoFiles, lint, load_settings};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const SPEC_TEXT: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    replicas: { min: 1, max: 4 }
    resources: { limits: { memory: 64Gi } }
  worker:
    replicas: 2
    resources: { limits: { memory: 1Gi } }
profiles:
  prod: {}
  large:
    services: { web: { resources: { limits: { memory: 96Gi } } } }
";

fn read(text: &str) -> LoadedSettings {
    load_settings(&Source::new(NAME, text), CalendarDay::parse("2026-11-26").unwrap())
}

fn checked(settings: &str, spec: &str) -> CheckResult {
    let decided = read(settings);
    assert!(decided.findings.is_empty(), "{settings}\n{:#?}", decided.findings);
    let wanted = CheckOptions {
        settings: Some(decided.settings),
        policies: Some(decided.policies),
        path: "scalegen.yaml".to_owned(),
        ..CheckOptions::default()
    };
    lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &wanted)
}

/// One policy with this condition.
fn requiring(require: &str) -> String {
    let quoted = toml::Value::String(require.to_owned());
    format!("[[policy]]\nid = \"own\"\nrequire = {quoted}\nmessage = \"broken by {{{{ service.name }}}}\"\n")
}

/// `line:column message (profiles) [help]` of what one policy finds.
fn found(checked: &CheckResult, rule: &str) -> Vec<String> {
    let own = checked.findings.iter().filter(|finding| finding.rule == rule);
    own.map(|finding| {
        let source = &checked.sources[usize::from(finding.at.file.0)];
        let at = source.numbers(finding.at.span.start);
        let profiles = match finding.profiles.is_empty() {
            true => String::new(),
            false => format!(" ({})", finding.profiles.join(", ")),
        };
        format!("{}:{} {}{profiles}", at.line, at.column, finding.message)
    })
    .collect()
}

#[test]
fn words_of_the_spec_are_words_of_a_policy() {
    let spec = SPEC_TEXT.replace(
        "  worker:\n",
        "    port: 80
    expose: { host: shop.example.com, method: least-conn }
    update: { strategy: recreate }
    spread: zone
  worker:\n",
    );
    for (field, has, other) in [
        ("service.expose.method", "least-conn", "ip-hash"),
        ("service.update.strategy", "recreate", "rolling"),
        ("service.spread", "zone", "node"),
    ] {
        let broken = |word: &str| {
            let checked = checked(&requiring(&format!("service.name != 'web' or {field} == '{word}'")), &spec);
            found(&checked, "own")
        };
        assert_eq!(broken(has), Vec::<String>::new());
        assert!(matches!(&broken(other)[..], [one] if one.ends_with("broken by web")), "{:?}", broken(other));
    }
}

#[test]
fn a_folder_of_policies_and_a_spec_that_breaks_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = scalegen(root, &["lint", "fixtures/policy", "--ignore", "missing-limits"]);
    golden("fixtures/policy/expected/lint.txt", &ran.out);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for id in ["min-replicas", "max-memory", "no-latest", "headroom", "pooled", "total-cpu"] {
        assert!(ran.out.contains(&format!("[{id}]")), "{id} found nothing");
    }
}

/// A condition, the part of it that is wrong, the message and its help.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("service.replica.min >= 2", "replica", "`service` has no field `replica`", "did you mean `replicas`?"),
    ("servce.replicas.min >= 2", "servce", "nothing is named `servce`", "did you mean `service`?"),
    ("replicas.min >= 2", "replicas", "nothing is named `replicas`", "write `service.replicas`"),
    ("service.image.tag == 'x'", "tag", "`service.image` is text, it has no field `tag`", ""),
    (
        "service.ports.publish == 2",
        "publish",
        "`service.ports` is a list, it has no field `publish`",
        "take one, `service.ports[0]`, or a field of all, `service.ports | map(attribute=\"publish\")`",
    ),
    (
        "service.resources.limits.memory <= '32Gi'",
        "service.resources.limits.memory <= '32Gi'",
        "compares an amount of memory with text",
        "write `memory(\"32Gi\")`",
    ),
    (
        "service.resources.limits.memory <= 32",
        "service.resources.limits.memory <= 32",
        "compares an amount of memory with a number",
        "write `memory(\"32Gi\")`",
    ),
    (
        "2 < service.resources.limits.cpu",
        "2 < service.resources.limits.cpu",
        "compares a number with an amount of CPU",
        "write `cpu(\"2\")`",
    ),
    (
        "service.autoscaling.scaleUp.delay >= 300",
        "service.autoscaling.scaleUp.delay >= 300",
        "compares a length of time with a number",
        "write `duration(\"300s\")`",
    ),
    (
        "service.resources.limits.memory <= memory('32GB')",
        "'32GB'",
        "`32GB` has the unknown unit `GB`; units are n u m, k M G T P E, Ki Mi Gi Ti Pi Ei",
        "write `memory(\"32Gi\")`",
    ),
    (
        "service.resources.limits.cpu <= cpu(service.name)",
        "cpu(service.name)",
        "`cpu` takes one quantity in quotes",
        "write it out: `cpu(\"500m\")`",
    ),
    (
        "service.resources.limits.cpu + service.resources.limits.memory > 0",
        "service.resources.limits.cpu + service.resources.limits.memory",
        "an amount of CPU and an amount of memory cannot be added",
        "",
    ),
    (
        "service.replicas.min",
        "service.replicas.min",
        "this gives a number, and a policy needs true or false",
        "compare it: `… >= 2`",
    ),
    (
        "not service.image",
        "service.image",
        "text where true or false is needed",
        "compare it, or ask `service.image is defined`",
    ),
    (
        "service.expose is defined",
        "service.expose is defined",
        "`service.expose` is always there, and empty where nothing is set",
        "write `service.expose`",
    ),
    (
        "service.image.endswith(':latest')",
        "service.image.endswith(':latest')",
        "values have no methods, such as `endswith`",
        "write `… is endingwith(…)`",
    ),
    (
        "service.image | imagetag == 'x'",
        "service.image | imagetag",
        "no filter is named `imagetag`",
        "did you mean `image_tag`?",
    ),
    ("service.name is startswith('a')", "startswith('a')", "no test is named `startswith`", ""),
    ("range(9) | length > 1", "range(9)", "no function is named `range`", "there are: cpu, memory, duration"),
    ("service.kind in ['stateless', 3]", "3", "this is text or a number, and a value has one type", ""),
    ("4 in service.env", "4 in service.env", "this holds text, and never a number", ""),
    (
        "service.ports | selectattr('publsh', 'defined') | list | length == 0",
        "'publsh'",
        "it has no field `publsh`",
        "did you mean `publish`?",
    ),
    (
        "service.partitionedBy == none",
        "none",
        "no field is ever `none`",
        "what is not written is undefined: write `… is not defined`",
    ),
    ("service.replicas.min = 2", "=", "unexpected input after expression", "did you mean `==`?"),
    ("service.replicas.min >= 2 && true", "&", "unexpected character", "did you mean `and`?"),
    (
        "{{ service.replicas.min >= 2 }}",
        "{{ service.replicas.min >= 2 }}",
        "an expression has no `{{ }}` around it",
        "write only what is between them",
    ),
    ("service.replicas.min >=", ">=", "unexpected end of input, expected expression", ""),
    ("[1] * 100000000 == [1]", "[1]", "arithmetic does not work on a list", ""),
    ("'a' * 100000000 == 'b'", "'a'", "arithmetic does not work on text", ""),
    (
        "service.ports | map | list == []",
        "service.ports | map",
        "`map` does not say what to take",
        "write `map(attribute=\"name\")`",
    ),
    ("service.ports | map('uper') | list == []", "'uper'", "no filter is named `uper`", "did you mean `upper`?"),
    (
        "service.ports | selectattr | list == []",
        "service.ports | selectattr",
        "`selectattr` does not say which field",
        "write `selectattr(\"kind\", \"eq\", \"singleton\")`",
    ),
    ("service.ports | selectattr('port', 'big') | list == []", "'big'", "no test is named `big`", ""),
    ("service.ports | map(attribute='port') | select('upper') | list == []", "'upper'", "no test is named `upper`", ""),
    (
        "service.ports | max == 1",
        "service.ports | max",
        "`max` cannot order a group of fields",
        "say by which field: `attribute=\"…\"`",
    ),
    (
        "service.ports | map(attribute='protocol') | sum == 1",
        "service.ports | map(attribute='protocol') | sum",
        "`sum` adds numbers, and these are text",
        "",
    ),
    (
        "plan.services | map(attribute='resources.limits.memory') | join(',') == 'x'",
        "plan.services | map(attribute='resources.limits.memory') | join(',')",
        "`join` would print bare numbers",
        "write `… | map(\"memory\") | join(\", \")`",
    ),
    ("service.image is odd", "service.image is odd", "`odd` cannot test text", ""),
    (
        "service.image is startingwith(3)",
        "service.image is startingwith(3)",
        "`startingwith` cannot test text with a number",
        "",
    ),
    ("service.image is endingwith", "service.image is endingwith", "`endingwith` does not say with what", ""),
    ("service.replicas.min is gt('2')", "service.replicas.min is gt('2'", "compares a number with text", ""),
    ("cpu(*['1']) == cpu('1')", "cpu(*['1'])", "arguments are written one by one here", ""),
    (
        "service.resources.limits.cpu * service.resources.limits.cpu > cpu('1')",
        "service.resources.limits.cpu * service.resources.limits.cpu",
        "an amount of CPU times an amount of CPU has no unit",
        "",
    ),
    ("{'a': 1} == 1", "{'a': 1}", "a map cannot be written here", ""),
    ("service['nme'] == 'x'", "'nme'", "it has no field `nme`", "did you mean `name`?"),
    ("service.replicas[0] == 1", "service.replicas[0]", "a group of fields has nothing at a number", ""),
    ("service.name | abs == 1", "service.name | abs", "`abs` takes a number, and this is text", ""),
    (
        "service.replicas.min | first == 1",
        "service.replicas.min | first",
        "`first` takes a list, and this is a number",
        "",
    ),
    (
        "service.replicas.min | lower == 'x'",
        "service.replicas.min | lower",
        "`lower` takes text, and this is a number",
        "",
    ),
    (
        "service.replicas.min | length == 1",
        "service.replicas.min | length",
        "`length` takes a list, and this is a number",
        "",
    ),
    (
        "service.replicas.min | memory == '1'",
        "service.replicas.min | memory",
        "`memory` takes such a quantity, to print it, and this is a number",
        "",
    ),
    (
        "service.autoscaling.scaleUp.delay <= duration(service.name)",
        "duration(service.name)",
        "`duration` takes one quantity in quotes",
        "write it out: `duration(\"90s\")`",
    ),
    (
        "service.resources.limits.memory <= memory(service.name)",
        "memory(service.name)",
        "`memory` takes one quantity in quotes",
        "write it out: `memory(\"32Gi\")`",
    ),
    (
        "true if service.replicas.min > 1",
        "true if service.replicas.min > 1",
        "`if` without `else` can give nothing",
        "write what holds otherwise: `… if … else …`",
    ),
];

#[test]
fn faults_stand_at_their_part_of_the_text() {
    for (require, part, message, help) in FAULTS {
        let text = requiring(require);
        let decided = read(&text);
        let source = Source::new(NAME, text.as_str());
        let [finding] = decided.findings.as_slice() else { panic!("{require}: {:#?}", decided.findings) };
        assert_eq!((&*finding.rule, finding.message.as_str()), ("invalid-policy", *message), "{require}");
        let toml = |text: &str| text.replace('"', "\\\"");
        assert_eq!(source.slice(finding.at.span), toml(part), "{require}");
        assert_eq!(decided.paths, ["/policy/0/require"]);
        let said = finding.help.as_deref().unwrap_or_default();
        assert!(said == *help || help.is_empty(), "{require}: {said}");
        assert!(decided.policies.list.is_empty(), "{require} is judged");
    }
}

#[test]
fn every_form_of_an_expression_counts() {
    let spec = "version: 1\nname: shop\nservices:\n  web:\n    image: shop/web:1.2\n    replicas: { min: 2, max: 6 }\n    \
                ports: [{ port: 80, name: http }, { port: 8443, protocol: udp }]\n    env: { A: x, B: 2 }\n    \
                resources: { limits: { cpu: 2, memory: 3Gi } }\n";
    let holds = [
        "service.image[0] == 's'",
        "service.image[0:4] == 'shop'",
        "service['name'] == 'web'",
        "service.env['A'] == 'x' and service.env.B == '2'",
        "service.env | length == 2 and service.name | count == 3",
        "service.name in ('api', 'web')",
        "service.ports | map(attribute='port') | select('gt', 80) | list | length == 1",
        "service.ports | map(attribute='port') | reject('in', [80, 81]) | list | first == 8443",
        "service.ports | map(attribute='port') | select('odd') | list | last == 8443",
        "service.ports | map(attribute='protocol') | map('upper') | join('+') == 'TCP+UDP'",
        "service.ports | selectattr('port', 'eq', 80) | map(attribute='name') | first == 'http'",
        "service.ports | selectattr('port', 'ne', 80) | list | length == 1",
        "service.ports | rejectattr('name', 'defined') | list | length == 1",
        "service.ports | map(attribute='port') | max == 8443 and service.ports | map(attribute='port') | min == 80",
        "service.ports | map(attribute='port') | sum == 8523",
        "service.ports | map(attribute='port') | sort | list == [80, 8443]",
        "service.replicas.max // service.replicas.min == 3 and service.replicas.max % 4 == 2",
        "service.replicas.min ** 3 == 8 and -service.replicas.min < 0 and (service.replicas.min - 5) | abs == 3",
        "service.resources.limits.memory / service.resources.limits.memory == 1",
        "service.resources.limits.memory / 3 == memory('1Gi') and 2 * cpu('1') == service.resources.limits.cpu",
        "service.resources.limits.memory - memory('1Gi') + memory('512Mi') == memory('2560Mi')",
        "service.resources.limits.memory | memory == '3Gi' and service.resources.limits.cpu | cpu == '2'",
        "duration('90s') | duration == '1m30s' and duration('90s') / duration('30s') == 3",
        "service.name ~ service.replicas.min == 'web2' and service.name + '!' == 'web!'",
        "service.name | replace('w', 'v') | upper | trim == 'VEB'",
        "service.image | image_tag == '1.2' and service.image is startingwith('shop/') and service.image is not endingwith(':1')",
        "(1 if service.replicas.min is even else 2) == 1",
        "service.replicas.min is ge(2) and service.replicas.min is lt(3) and 1 < service.replicas.min < 3",
        "service.concurrency.limit is undefined and service.expose.host is not defined",
        "'A' in service.env and 'C' not in service.env",
        "(2.5 | round) >= 2 and (2.9 | int) == 2",
    ];
    let fails = |require: &str| found(&checked(&requiring(require), spec), "own").len();
    for require in holds {
        assert_eq!((fails(require), fails(&format!("not ({require})"))), (0, 1), "{require}");
    }
}

#[test]
fn faults_of_messages_stand_at_their_part() {
    let only = "a message has only `{{ }}`, `if`, `for` and `set`";
    for (message, part, said) in [
        ("{% for a, b in service.ports %}{% endfor %}", "a, b", "one name is needed here"),
        ("{% for a in service.name %}{% endfor %}", "service.name", "text is not a list"),
        ("{% for p in service.ports if p.prot %}{% endfor %}", "prot", "`p` has no field `prot`"),
        ("{% for p in service.ports %}{{ p.prot }}{% endfor %}", "prot", "`p` has no field `prot`"),
        ("{% for p in service.ports %}{% else %}{{ p }}{% endfor %}", "p", "nothing is named `p`"),
        ("{% set a, b = service.ports %}", "a, b", "one name is needed here"),
        ("{% set p = service.replicas %}{{ p.mni }}", "mni", "`p` has no field `mni`"),
        ("{% if service.image %}x{% endif %}", "service.image", "text where true or false is needed"),
        ("{% if true %}{{ service.nme }}{% endif %}", "nme", "`service` has no field `nme`"),
        ("{% if true %}{% else %}{{ service.nme }}{% endif %}", "nme", "`service` has no field `nme`"),
        ("{{ service.replicas }}", "service.replicas", "a group of fields is printed"),
        ("{% with a = 1 %}{% endwith %}", "with a = 1", only),
        ("{% filter upper %}x{% endfilter %}", "filter upper", only),
        ("{% set a %}x{% endset %}", "set a", only),
        ("{% import 'x' as y %}", "import 'x' as y", only),
        ("{% extends 'x' %}", "extends 'x'", only),
        ("{% block a %}{% endblock %}", "block a", only),
    ] {
        let quoted = toml::Value::String(message.to_owned());
        let text = format!("[[policy]]\nid = \"own\"\nrequire = \"true\"\nmessage = {quoted}\n");
        let source = Source::new(NAME, text.as_str());
        let findings = read(&text).findings;
        let told: Vec<_> = findings.iter().map(|finding| (source.slice(finding.at.span), &*finding.message)).collect();
        assert!(told.first().is_some_and(|(at, what)| at.starts_with(part) && *what == said), "{message}: {told:?}");
    }
    // names of a loop end with it, quantities are printed with their units
    let text = "[[policy]]\nid = \"own\"\nrequire = \"false\"\nmessage = '''{% set m = service.resources.limits.memory %}\
                {% if m > memory(\"2Gi\") %}{{ m }}{% else %}small{% endif %}{% for p in plan.services if p.name != \"web\" %} \
                {{ loop.index }} {{ p.name }} {{ p.resources.limits.memory }}{% endfor %}'''\n";
    assert_eq!(found(&checked(text, SPEC_TEXT), "own"), ["4:3 64Gi 1 worker 1Gi", "8:3 small 1 worker 1Gi"]);
}

#[test]
fn faults_of_a_table_are_said_where_they_are() {
    let text = "[[policy]]
id = \"port-collision\"
require = \"true\"
message = \"x\"

[[policy]]
id = \"all\"
require = \"true\"
message = \"{{ service.nme }}\"

[[policy]]
id = \"twice\"
require = \"true\"
message = \"{% include 'x' %}\"
at = \"replicas.mni\"

[[policy]]
id = \"twice\"
each = \"services\"
message = 3
severty = \"note\"

[[policy]]
id = \"a b\"
require = \"true\"
message = \"x {{\"
help = \"{{ service.resources }}\"

[rules]
twice = \"off\"
";
    let source = Source::new(NAME, text);
    let line = |finding: &Finding| {
        let at = source.numbers(finding.at.span.start);
        format!("{}:{} {} {}", at.line, at.column, source.slice(finding.at.span), finding.message)
    };
    let said: Vec<String> = read(text).findings.iter().map(line).collect();
    let expected = [
        "2:6 \"port-collision\" `port-collision` is a rule of scalegen",
        "7:6 \"all\" `all` has a meaning of its own where ids are written",
        "9:23 nme `service` has no field `nme`",
        "14:15 include 'x' a message has only `{{ }}`, `if`, `for` and `set`",
        "15:16 mni a service has no field `mni`",
        "17:1 [[policy]] `policy[3]` has no `require`",
        "18:6 \"twice\" `twice` is the id of two policies",
        "19:8 \"services\" the string `services` is not one of `service`, `backingService`, `plan`",
        "20:11 3 expected a string, found the number `3`",
        "21:1 severty unknown field `severty` in `policy[3]`",
        "24:6 \"a b\" `a b` cannot name a policy",
        "26:14 {{ unexpected end of input, expected expression",
        "27:12 service.resources a group of fields is printed",
        "30:1 twice `twice` is a policy: its severity is in its own table",
    ];
    assert_eq!(said, expected);
}

#[test]
fn places_hold_in_every_form_of_a_string() {
    let wrong = "service.replicaz.min";
    for literal in [
        format!("\"{wrong} > 1\""),
        format!("'{wrong} > 1'"),
        format!("\"service.name != \\\"é\\u00e9\\t\\n\\U0001F600\\\" and {wrong} > 1\""),
        format!("\"\"\"\n  service.name != \"x\" and \\\n\n    {wrong} > 1\"\"\""),
        format!("\"\"\"\r\nservice.name != \"x\"\r\n and \\\r\n  {wrong} > 1\"\"\""),
        format!("\"\"\"\r\n漢 \"\"\" # {wrong}"),
        format!("'''\r\nservice.name != '漢'\r\n and {wrong} > 1'''"),
        format!("\"\"\"service.name != \"\\e[31m\" and\n{wrong} > 1\n\"\"\""),
    ] {
        let text = format!("[[policy]]\nid = \"own\"\nrequire = {literal}\nmessage = \"x\"\n");
        let source = Source::new(NAME, text.as_str());
        let findings = read(&text).findings;
        let [finding] = findings.as_slice() else { panic!("{literal}: {findings:#?}") };
        let part = source.slice(finding.at.span);
        let expected = if literal.contains(&format!("{wrong} >")) { "replicaz" } else { "漢" };
        assert_eq!(part, expected, "{literal}: {}", finding.message);
    }
}

#[test]
fn what_nobody_wrote_does_not_pass_and_is_named() {
    let spec = SPEC_TEXT.replace("    resources: { limits: { memory: 1Gi } }\n", "");
    let memory = requiring("service.resources.limits.memory <= memory('128Gi')");
    let unset = "`service.resources.limits.memory` is not set, and policy `own` requires `service.resources.limits.memory <= memory('128Gi')`";
    assert_eq!(found(&checked(&memory, &spec), "own"), [format!("8:3 {unset}")]);
    let help = checked(&memory, &spec).findings.into_iter().find(|finding| finding.rule == "own").unwrap().help;
    let said =
        "set it, or let the policy say what holds without it: `service.resources.limits.memory is not defined or …`";
    assert_eq!(help.as_deref(), Some(said));
    for holds in [
        "service.resources.limits.memory is not defined or service.resources.limits.memory <= memory('128Gi')",
        "service.resources.limits.memory | default(memory('1Gi')) <= memory('128Gi')",
        "not service.expose and not service.health and not service.env",
        "service.expose.host is not defined",
        "service.resources.limits.cpu is not defined",
        "service.concurrency.limit is not defined",
        "service.replicas.min != 0",
        "service.ports | map(attribute='publish') | list | length == 0",
        "plan.services | sum(attribute='resources.limits.memory') >= memory('64Gi')",
        "plan.total.gpu is not defined and plan.capacity.cost is not defined",
    ] {
        assert_eq!(found(&checked(&requiring(holds), &spec), "own"), [""; 0], "{holds}");
    }
    // the most of nothing is nothing
    let most = found(&checked(&requiring("service.ports | map(attribute='port') | max < 1024"), SPEC_TEXT), "own");
    assert!(most.len() == 2 && most[0].contains("is not set, and policy `own` requires"), "{most:?}");
    let tag = found(&checked(&requiring("service.image | image_tag != 'latest'"), SPEC_TEXT), "own");
    assert!(tag.len() == 1 && tag[0].starts_with("8:3 ") && tag[0].contains("is not set, and policy"), "{tag:?}");
    // in a message it is said, not refused
    let message = "[[policy]]\nid = \"own\"\nrequire = \"false\"\nmessage = \"{{ service.concurrency.limit }}, {{ service.resources.limits.cpu }}\"\n";
    assert_eq!(found(&checked(message, &spec), "own")[0], "4:3 (not set), (not set)");
}

#[test]
fn quantities_are_exact_and_printed_as_written() {
    let spec = "version: 1\nname: shop\nservices:\n  web:\n    replicas: 3\n    resources: { requests: { cpu: 100m, memory: 1536Mi } }\n    stopGracePeriod: 90s\n    autoscaling: { scaleUp: { threshold: 0.8 } }\n";
    // in floating point three times 0.1 is more than 0.3
    for holds in [
        "service.replicas.max * service.resources.requests.cpu <= cpu('300m')",
        "service.replicas.max * service.resources.requests.cpu == cpu(0.3)",
        "service.resources.requests.memory == memory('1.5Gi')",
        "service.resources.requests.memory / memory('512Mi') == 3",
        "service.autoscaling.scaleUp.threshold <= 0.8",
        "service.stopGracePeriod == duration('1m30s')",
        "plan.total.memory == memory('4.5Gi')",
        "0 < service.resources.requests.cpu <= cpu('1') < cpu('2')",
    ] {
        assert_eq!(found(&checked(&requiring(holds), spec), "own"), [""; 0], "{holds}");
    }
    let text = "[[policy]]\nid = \"own\"\nrequire = \"false\"\nmessage = '''
{{ service.resources.requests.cpu }} {{ (service.replicas.max) * (service.resources.requests.memory) }}
{{ service.stopGracePeriod }} {{- service.resources.requests.memory / 2 -}} x {{ service.autoscaling.scaleUp.threshold }}
{{ plan.services | map(attribute=\"resources.requests.memory\") | list }} {{ service.resources.requests.memory - memory(\"2Gi\") }}
{{ memory(\"1Gi\") if true else memory(\"2Gi\") }} {{ 4 / 2 }} {{ service.replicas.min > 1 }}'''\n";
    let said = found(&checked(text, spec), "own");
    assert_eq!(said, ["4:3 100m 4608Mi 1m30s768Mix 0.8 1536Mi -512Mi 1Gi 2 true"]);
}

#[test]
fn a_finding_points_at_what_it_names() {
    let policy = |at: &str| {
        format!(
            "[[policy]]\nid = \"own\"\nrequire = \"service.replicas.max - service.replicas.min < 3\"\nmessage = \"x\"\n{at}"
        )
    };
    let places = |at: &str| {
        let checked = checked(&policy(at), SPEC_TEXT);
        let finding = checked.findings.iter().find(|finding| finding.rule == "own").unwrap().clone();
        let source = &checked.sources[0];
        let labels: Vec<String> = finding
            .related
            .iter()
            .map(|related| format!("{}: {}", source.slice(related.place.span), related.label))
            .collect();
        (source.slice(finding.at.span).to_owned(), labels)
    };
    // the first field that the condition reads, the others beside it
    assert_eq!(places(""), ("4".to_owned(), vec!["1: `replicas.min` is 1".to_owned()]));
    assert_eq!(places("at = \"replicas.min\"\n").0, "1");
    assert_eq!(places("at = \"replicas\"\n"), ("{ min: 1, max: 4 }".to_owned(), Vec::new()));
    // the nearest field above that is written
    assert_eq!(places("at = \"resources.limits.cpu\"\n").0, "limits");
    assert_eq!(places("at = \"resources.requests.cpu\"\n").0, "resources");
    assert_eq!(places("at = \"schedule\"\n").0, "web");
    // what a profile wrote stands there
    let memory = requiring("service.resources.limits.memory < memory('80Gi')");
    assert_eq!(found(&checked(&memory, SPEC_TEXT), "own"), ["14:55 broken by web (large)"]);
    // of the plan
    let plan = |at: &str| {
        let text =
            format!("[[policy]]\nid = \"own\"\neach = \"plan\"\nrequire = \"plan.name == 'x'\"\nmessage = \"x\"\n{at}");
        found(&checked(&text, SPEC_TEXT), "own")
    };
    assert_eq!(plan(""), ["2:7 x"]);
    assert_eq!(plan("at = \"profiles.large\"\n"), ["3:1 x"], "profiles are laid over, not part of the plan");
    assert_eq!(plan("at = \"services.worker.replicas\"\n"), ["9:15 x"]);
}

#[test]
fn a_policy_holds_in_its_profiles_and_the_worst_one_speaks() {
    let policy = |profiles: &str| {
        format!(
            "[[policy]]\nid = \"own\"\n{profiles}require = \"service.resources.limits.memory <= memory('32Gi')\"\nmessage = \"{{{{ profile }}}}: {{{{ service.resources.limits.memory }}}}\"\nat = \"name\"\n"
        )
    };
    let said = |profiles: &str| found(&checked(&policy(profiles), SPEC_TEXT), "own");
    // at one place, so one finding: the base breaks it too, and `large` breaks it most
    assert_eq!(said(""), ["4:3 large: 96Gi"]);
    assert_eq!(said("profiles = [\"prod\"]\n"), ["4:3 prod: 64Gi (prod)"]);
    assert_eq!(said("profiles = [\"prod\", \"large\"]\n"), ["4:3 large: 96Gi (prod, large)"]);
    assert_eq!(said("profiles = [\"base\"]\n"), ["4:3 base: 64Gi"]);
    assert_eq!(said("profiles = [\"other\"]\n"), [""; 0]);
}

fn run(settings: &str, spec: &str, args: &[&str]) -> Ran {
    let dir = folder(&[("scalegen.yaml", spec), (NAME, settings)]);
    scalegen(dir.path(), args)
}

const MIN: &str = "[[policy]]\nid = \"min-replicas\"\nrequire = \"service.replicas.min >= 2\"\nmessage = \"{{ service.replicas.min }} is too few\"\nreason = \"one is an outage\"\n";

#[test]
fn comments_ignores_and_options_know_a_policy() {
    let concise = ["lint", "--format", "concise"];
    let at = "scalegen.yaml:6:22: error[min-replicas]: 1 is too few";
    let ran = run(MIN, SPEC_TEXT, &concise);
    assert_eq!((ran.code, ran.out.trim()), (1, at), "{}", ran.err);
    let allow = |comment: &str| SPEC_TEXT.replace("max: 4 }", &format!("max: 4 }} # scalegen: allow {comment}"));
    let ran = run(MIN, &allow("min-replicas (one machine)"), &["lint"]);
    assert_eq!((ran.code, ran.out.trim()), (0, "no findings in 1 file (1 suppressed)"));
    let ran = run(MIN, &allow("min-replicas"), &concise);
    assert!(ran.code == 0 && ran.out.contains("note[suppression-without-reason]"), "{}", ran.out);
    let enough = allow("min-replicas (one machine)").replace("min: 1", "min: 2");
    let ran = run(MIN, &enough, &concise);
    assert!(
        ran.out.contains("warning[unused-suppression]: `min-replicas` reports nothing on this line"),
        "{}",
        ran.out
    );
    let ran = run(MIN, &allow("min-replica (one machine)"), &["lint"]);
    assert!(ran.out.contains("no rule is named `min-replica`") && ran.out.contains("did you mean `min-replicas`?"));
    // one that cannot be judged may be what the comment is for
    let broken = MIN.replace("replicas.min >=", "replica.min >=");
    for args in [&concise[..], &["lint", "--fix"]] {
        let ran = run(&broken, &enough, args);
        assert!(ran.out.contains("invalid-policy") && !ran.out.contains("unused-suppression"), "{}", ran.out);
    }
    let ran = run(MIN, SPEC_TEXT, &["lint", "--ignore", "min-replicas"]);
    assert_eq!((ran.code, ran.out.trim()), (0, "no findings in 1 file"));
    let ran = run(MIN, SPEC_TEXT, &["lint", "--ignore", "min-replica"]);
    assert_eq!((ran.code, ran.err.trim()), (2, "scalegen: unknown rule `min-replica`; did you mean `min-replicas`?"));
    let ran = run(MIN, SPEC_TEXT, &["lint", "--isolated"]);
    assert_eq!((ran.code, ran.out.trim()), (0, "no findings in 1 file"));
    let ignored =
        format!("{MIN}[[ignore]]\nrules = [\"min-replicas\"]\npaths = [\"*.yaml\"]\nreason = \"one machine\"\n");
    let ran = run(&ignored, SPEC_TEXT, &["lint"]);
    assert_eq!((ran.code, ran.out.trim()), (0, "no findings in 1 file (1 suppressed)"));
}

#[test]
fn a_policy_stops_a_render_as_every_error_does() {
    let dir = folder(&[("scalegen.yaml", SPEC_TEXT), (NAME, MIN)]);
    let args = ["render", "scalegen.yaml", "--target", "compose", "--out", "deploy", "--flat"];
    let ran = scalegen(dir.path(), &args);
    assert!(ran.code == 1 && ran.err.contains("error[min-replicas]"), "{}", ran.err);
    assert!(!dir.path().join("deploy").exists());
    fs::write(dir.path().join(NAME), MIN.replace("message", "severity = \"warning\"\nmessage")).unwrap();
    let ran = scalegen(dir.path(), &args);
    assert!(ran.code == 0 && ran.err.contains("warning[min-replicas]"), "{}", ran.err);
    // and so does one that cannot be judged, before or while it is
    for broken in [MIN.replace("min >= 2", "mni >= 2"), MIN.replace("min >= 2", "min / (service.replicas.max - 2) > 0")]
    {
        fs::remove_dir_all(dir.path().join("deploy")).unwrap_or_default();
        fs::write(dir.path().join(NAME), broken).unwrap();
        let ran = scalegen(dir.path(), &args);
        assert!(ran.code == 1 && ran.err.contains("error[invalid-policy]"), "{}", ran.err);
        assert!(!dir.path().join("deploy").exists());
    }
}

#[test]
fn every_format_has_a_policy_and_sarif_lists_it() {
    let dir = folder(&[("scalegen.yaml", SPEC_TEXT), (NAME, MIN)]);
    for format in scalegen::report::Format::ALL {
        let ran = scalegen(dir.path(), &["lint", "--format", format.name()]);
        assert!(ran.code == 1 && ran.out.contains("min-replicas"), "{}: {}", format.name(), ran.out);
        assert!(ran.out.contains("1 is too few"), "{}: {}", format.name(), ran.out);
    }
    let sarif: Value = serde_json::from_str(&scalegen(dir.path(), &["lint", "--format", "sarif"]).out).unwrap();
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "min-replicas");
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &rule["shortDescription"]["text"]), (&json!("min-replicas"), &json!("one is an outage")));
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("service.replicas.min >= 2"));
    assert_eq!(rule["defaultConfiguration"]["level"], "error");
}

#[test]
fn explain_and_rules_show_the_policies_of_the_folder() {
    let dir = folder(&[("a/b/x", ""), (NAME, MIN)]);
    let below = dir.path().join("a/b");
    let page = scalegen(&below, &["explain", "min-replicas", "--markdown"]);
    assert!(page.code == 0 && page.out.contains("# min-replicas\n\none is an outage\n"), "{}{}", page.out, page.err);
    assert!(page.out.contains("```jinja\nservice.replicas.min >= 2\n```"), "{}", page.out);
    let list = scalegen(&below, &["rules"]);
    assert!(list.out.contains("policy\n  min-replicas"), "{}", list.out);
    let json: Value = serde_json::from_str(&scalegen(&below, &["rules", "--format", "json"]).out).unwrap();
    let last = json.as_array().unwrap().last().unwrap();
    assert_eq!(
        last,
        &json!({"id": "min-replicas", "severity": "error", "group": "policy", "summary": "one is an outage"})
    );
    let none = scalegen(&below, &["explain", "min-replicas", "--isolated"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    let close = scalegen(&below, &["explain", "min-replica"]);
    assert!(close.err.contains("did you mean `min-replicas`?"), "{}", close.err);
    let manual = scalegen(&below, &["explain", "policy", "--markdown"]);
    assert_eq!(manual.out, policy::PAGE);
}

#[test]
fn a_policy_called_like_a_target_hides_behind_no_page() {
    let named = MIN.replace("min-replicas", "compose");
    let dir = folder(&[(NAME, &named)]);
    let target = scalegen::targets::get("compose").unwrap().page;
    let both = scalegen(dir.path(), &["explain", "compose", "--markdown"]);
    assert!(both.code == 0 && both.out.starts_with(target), "{}", both.err);
    let own = &both.out[target.len()..];
    assert!(own.starts_with("\ncompose (error, policy)\n\n# compose\n") && own.contains("one is an outage"), "{own}");
    assert_eq!(scalegen(dir.path(), &["explain", "compose", "--markdown", "--isolated"]).out, target);
    assert_eq!(
        scalegen(dir.path(), &["explain", "nginx", "--markdown"]).out,
        scalegen::targets::get("nginx").unwrap().page
    );
    // settings that cannot be read hide no page of scalegen's own
    let ran = scalegen(dir.path(), &["explain", "compose", "--markdown", "--config", "gone.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, target));
    // its findings can be allowed by its name as any other's
    let faulty = run(&named, SPEC_TEXT, &["lint", "--format", "concise"]);
    assert!(faulty.code == 1 && faulty.out.contains("error[compose]"), "{}", faulty.out);
    let allowed = run(&named, SPEC_TEXT, &["lint", "--format", "concise", "--ignore", "compose"]);
    assert!(!allowed.out.contains("error[compose]"), "{}", allowed.out);
}

#[test]
fn a_diff_shows_policies_in_every_form() {
    let two = SPEC_TEXT.replace("min: 1,", "min: 2,");
    assert_ne!(two, SPEC_TEXT);
    let dir = folder(&[("two.yaml", &two), ("one.yaml", SPEC_TEXT), (NAME, MIN)]);
    let diff = |old: &str, new: &str, format: &str| scalegen(dir.path(), &["diff", old, new, "--format", format]);
    for (old, new, word, list) in [("two.yaml", "one.yaml", "new", "new"), ("one.yaml", "two.yaml", "mended", "mended")]
    {
        let text = diff(old, new, "text").out;
        let place = if word == "new" { new } else { old };
        assert!(text.contains(&format!("{word} error[min-replicas] {place}:")), "{text}");
        assert!(text.contains(&format!("1 {word} error")), "{text}");
        let markdown = diff(old, new, "markdown").out;
        assert!(
            markdown.contains(&format!("| {word} | `{place}:")) && markdown.contains("| error `min-replicas` |"),
            "{markdown}"
        );
        let json: Value = serde_json::from_str(&diff(old, new, "json").out).unwrap();
        let found = &json["specs"][0]["findings"][list];
        assert_eq!((found.as_array().unwrap().len(), &found[0]["rule"]), (1, &json!("min-replicas")), "{json:#}");
        assert_eq!(json["newErrors"], i32::from(word == "new"));
    }
    // its message is what changed where only that did
    let three = SPEC_TEXT.replace("min: 1,", "min: 0,");
    fs::write(dir.path().join("zero.yaml"), three).unwrap();
    let text = diff("one.yaml", "zero.yaml", "text").out;
    assert!(text.contains("still error[min-replicas] zero.yaml:") && text.contains("    was: "), "{text}");
    // and without the settings there is none
    let ran = scalegen(dir.path(), &["diff", "two.yaml", "one.yaml", "--isolated"]);
    assert!(!ran.out.contains("min-replicas"), "{}", ran.out);
}

#[test]
fn what_holds_nowhere_is_worth_a_note() {
    let text = "[[policy]]
id = \"prod-only\"
profiles = [\"prd\", \"prod\", \"base\", \"nothing-like-it\"]
require = \"true\"
message = \"x\"

[[policy]]
id = \"databases\"
each = \"backingService\"
require = \"backingService.image is defined\"
message = \"x\"
";
    let spec = SPEC_TEXT.to_owned();
    let ran = run(text, &spec, &["lint", "--format", "concise"]);
    let notes: Vec<&str> = ran.out.lines().filter(|line| line.contains("unused-policy")).collect();
    let expected = [
        ".scalegen.toml:3:13: note[unused-policy]: no spec has a profile `prd`",
        ".scalegen.toml:3:36: note[unused-policy]: no spec has a profile `nothing-like-it`",
        ".scalegen.toml:8:6: note[unused-policy]: `databases` was judged nowhere: a backing service is in no spec",
    ];
    assert_eq!((notes.as_slice(), ran.code), (&expected[..], 0), "{}", ran.out);
    // one spec may not have what another one has
    for args in [&["scalegen.yaml"][..], &["--profile", "prod"]] {
        let ran = run(text, &spec, &[&["lint"], args].concat());
        assert!(!ran.out.contains("unused-policy"), "{args:?}: {}", ran.out);
    }
    let off = format!("{text}[rules]\nunused-policy = \"off\"\n");
    assert!(!run(&off, &spec, &["lint"]).out.contains("unused-policy"));
}

#[test]
fn a_service_that_cannot_be_read_is_not_judged() {
    let broken = SPEC_TEXT.replace("min: 1,", "min: one,");
    assert_eq!(found(&checked(MIN, &broken), "min-replicas"), [""; 0], "its numbers are not those that were meant");
    let sum = "[[policy]]\nid = \"own\"\neach = \"plan\"\nrequire = \"plan.total.replicas.max < 1\"\nmessage = \"x\"\n";
    assert_eq!(found(&checked(sum, SPEC_TEXT), "own").len(), 1);
    assert_eq!(found(&checked(sum, &broken), "own"), [""; 0]);
}

#[test]
fn a_backing_service_that_cannot_be_read_is_not_judged() {
    let spec = |db: &str, nodes: &str| {
        format!(
            "{SPEC_TEXT}backingServices:\n  db: {{ kind: postgres, maxConnections: {db} }}\n  cache: {{ kind: redis }}\n\
             capacity: {{ nodes: [{{ count: 1, cpu: 4, memory: {nodes} }}] }}\n"
        )
    };
    let each = |scope: &str, require: &str| {
        format!("[[policy]]\nid = \"own\"\neach = \"{scope}\"\nrequire = \"{require}\"\nmessage = \"x\"\n")
    };
    let backing = each("backingService", "backingService.kind == 'mysql'");
    let sum = each("plan", "plan.total.replicas.max < 1");
    let count = |policy: &str, spec: &str| found(&checked(policy, spec), "own").len();
    assert_eq!([count(&backing, &spec("70", "256Gi")), count(&sum, &spec("70", "256Gi"))], [2, 1]);
    // of the other one nothing is hidden, and a sum over both is not known
    assert_eq!([count(&backing, &spec("many", "256Gi")), count(&sum, &spec("many", "256Gi"))], [1, 0]);
    // what machines have is in no backing service
    assert_eq!([count(&backing, &spec("70", "much")), count(&sum, &spec("70", "much"))], [2, 0]);
}

#[test]
fn nothing_runs_for_ever() {
    let many: String = (0..400).map(|index| format!("  service-{index}: {{ replicas: 1 }}\n")).collect();
    let spec = format!("version: 1\nname: shop\nservices:\n{many}");
    let names = "plan.services | map(attribute='name') | join(',')";
    let faults = |text: &str| {
        let checked = checked(text, &spec);
        let faults: Vec<(String, String)> = checked
            .findings
            .iter()
            .zip(&checked.paths)
            .filter(|(finding, _)| finding.rule == "invalid-policy")
            .map(|(finding, path)| (finding.message.clone(), path.clone()))
            .collect();
        assert!(checked.sources.iter().any(|source| source.name == NAME) || faults.is_empty());
        faults
    };
    let bomb =
        format!("({names}) | replace('e', {names}) | replace('e', {names}) | replace('e', {names}) | length > 0");
    let one = vec![("this takes too many steps for `service-0`".to_owned(), "/policy/0/require".to_owned())];
    assert_eq!(faults(&requiring(&bomb)), one, "and it is judged no further");
    let loops = "{% for a in plan.services %}{% for b in plan.services %}{% for c in plan.services %}x{% endfor %}{% endfor %}{% endfor %}";
    let message = format!("[[policy]]\nid = \"own\"\nrequire = \"false\"\nmessage = \"{loops}\"\n");
    let one = vec![("this takes too many steps for `service-0`".to_owned(), "/policy/0/message".to_owned())];
    assert_eq!(faults(&message), one);
    let said = found(&checked(&message, &spec), "own");
    assert_eq!(said, ["4:3 policy `own` requires `false`"], "the finding stands, with what is required");
    // numbers grow as far as they go
    for power in ["2 ** 2 ** 2 ** 2 ** 9 > 1", "10.0 ** 400 > 1", "10 ** 400 > 1"] {
        assert!(faults(&requiring(power)).len() <= 1, "{power}");
    }
    // what is deep is refused when it is read
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        let text = requiring(&format!("{}{inner}{}", open.repeat(times), close.repeat(times)));
        read(&text).findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    for (open, inner, close) in [
        ("(", "true", ")"),
        ("not ", "true", ""),
        ("[", "1", "]"),
        ("-", "1", ""),
        ("true and ", "true", ""),
        ("", "1", " + 1"),
    ] {
        for times in [90, 150, 400, 900] {
            let said = deep(open, inner, close, times);
            assert!(said.len() <= 2, "{open} {times}: {said:?}");
            assert!(times < 150 || !said.is_empty(), "{open} {times}");
        }
    }
    assert!(deep("(", "true", ")", 40_000)[0].contains("a policy's text at most 4000"));
    let nested = "{% if true %}".repeat(250) + &"{% endif %}".repeat(50);
    let text = format!("[[policy]]\nid = \"own\"\nrequire = \"true\"\nmessage = \"{nested}\"\n");
    assert_eq!(read(&text).findings.len(), 1);
}

#[test]
fn text_of_a_spec_steers_no_terminal() {
    let spec = SPEC_TEXT.replace("shop/web:1", "shop/web:1\n    env: { A: \"w\\e[31meb\\u202e\\n\\r:1\" }");
    let text = "[[policy]]\nid = \"own\"\nrequire = \"'A' not in service.env\"\nmessage = \"{{ service.env.A }}\\u001b[2J\\u0085\"\nreason = \"a\\u202eb\\u001b\\u000a\"\nhelp = \"{{ service.env.A }}\"\n";
    let dir = folder(&[("scalegen.yaml", &spec), (NAME, text)]);
    for args in scalegen::report::Format::ALL.iter().map(|format| vec!["lint", "--format", format.name()]).chain([
        vec!["explain", "own"],
        vec!["rules"],
        vec!["render", "scalegen.yaml", "--target", "compose"],
    ]) {
        let ran = scalegen(dir.path(), &args);
        let shown = format!("{}{}", ran.out, ran.err);
        assert!(shown.contains("own"), "{args:?}: {shown}");
        let hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(hostile), "{args:?}: {shown:?}");
    }
    // a condition that is shown cannot either
    let text = requiring("service.name == '\u{1b}[2J'");
    let ran = run(&text, SPEC_TEXT, &["lint"]);
    assert!(ran.out.contains("[own]") && !ran.out.contains('\u{1b}'), "{:?}", ran.out);
}

/// Whether every name gives what its words say, over one spec: those that are defined.
fn defined(names: &[policy::ExpressionName], spec: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let each = name.path.split('.').next().unwrap();
        let is = match name.kind.starts_with("a list") || name.kind.starts_with("by name") {
            true => format!("{} | length == 0", name.path),
            false => format!("{} is not defined", name.path),
        };
        text.push_str(&format!(
            "[[policy]]\nid = \"p{index}\"\neach = \"{each}\"\nrequire = \"{is}\"\nmessage = \"x\"\n"
        ));
    }
    for finding in checked(&text, spec).findings {
        let index = finding.rule.strip_prefix('p').and_then(|index| index.parse::<usize>().ok());
        all.extend(index.map(|index| names[index].path.clone()));
    }
    all
}

#[test]
fn every_name_is_what_the_manual_says() {
    let names = policy::names();
    let everything = fs::read_to_string("fixtures/everything.yaml").unwrap();
    let least = "version: 1\nname: shop\nservices:\n  web: {}\nbackingServices:\n  db: { kind: postgres }\n";
    let all = defined(&names, &everything);
    // an unset step of cpu has a default for what one of load or one that is set leaves out
    let scaled = |scaling: &str| least.replace("web: {}", &format!("web: {{ autoscaling: {{ {scaling} }} }}"));
    let percent = "signal: load, scaleUp: { step: { percent: 10 } }, scaleDown: { step: { percent: 10 } }";
    let few = [least.to_owned(), scaled("signal: load"), scaled(percent)]
        .iter()
        .map(|spec| defined(&names, spec))
        .reduce(|few, other| few.intersection(&other).cloned().collect())
        .unwrap();
    let mut faults = Vec::new();
    for name in &names {
        if !all.contains(&name.path) {
            faults.push(format!("{} is nowhere in the spec that sets every field", name.path));
        }
        let scalar = !name.kind.starts_with("a list") && !name.kind.starts_with("by name");
        if scalar && few.contains(&name.path) == name.optional && name.path != "backingService.kind" {
            faults.push(format!("{}: `?` is wrong in the least spec", name.path));
        }
    }
    assert!(names.len() > 80, "{}", names.len());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_policy_can_name_every_field_of_services_and_backing_services() {
    let names = policy::names();
    // short forms of an item of `ports`
    let short = ["service.port", "service.publish"];
    let mut forgotten = Vec::new();
    for (leaf, _) in nodes() {
        let field = match (leaf.strip_prefix("services.*."), leaf.strip_prefix("backingServices.*.")) {
            (Some(field), _) => format!("service.{field}"),
            (_, Some(field)) => format!("backingService.{field}"),
            _ => continue,
        };
        // of what a list or a map holds, its own name tells the fields
        let (path, item) = match field.split_once("[]").or_else(|| field.split_once(".*")) {
            Some((path, item)) => (path, item.trim_start_matches('.').split('.').next().unwrap()),
            None => (field.as_str(), ""),
        };
        let below = format!("{path}.");
        let is_named = names.iter().any(|name| {
            (name.path == path && (item.is_empty() || name.kind.contains(&format!("`{item}`"))))
                || name.path.starts_with(&below)
        });
        if !is_named && !short.contains(&path) {
            forgotten.push(leaf);
        }
    }
    assert!(forgotten.is_empty(), "no policy can name these: add them in src/check/policy/context/: {forgotten:#?}");
}

#[test]
fn values_are_those_of_the_spec() {
    let everything = fs::read_to_string("fixtures/everything.yaml").unwrap();
    let holds = |require: &str, each: &str, name: &str| {
        let only = format!("{each}.name != '{name}' or ({require})");
        let text = format!(
            "[[policy]]\nid = \"own\"\neach = \"{each}\"\nprofiles = [\"base\"]\nrequire = \"{only}\"\nmessage = \"x\"\n"
        );
        let checked = checked(&text, &everything);
        let said = found(&checked, "own");
        assert!(said.is_empty(), "{require}: {said:?}");
    };
    for require in [
        "service.kind == 'stateless' and service.image is endingwith(':2.1.0')",
        "service.command == ['/usr/bin/gateway'] and service.args | length == 2",
        "service.env.LOG_LEVEL == 'warn' and service.env.QUEUE_DEPTH == '64' and 'TRACING' in service.env",
        "service.ports[0].port == 8080 and service.ports[0].publish == 8000 and service.ports[0].protocol == 'tcp'",
        "service.replicas.min == 2 and service.replicas.max == 6",
        "service.concurrency.limit == 20 and service.concurrency.env == 'MAX_CONCURRENT_REQUESTS'",
        "service.resources.requests.cpu == cpu('500m') and service.resources.limits.memory == memory('1Gi')",
        "service.resources.requests.pids == 64 and service.resources.limits.cpu == cpu(2)",
        "service.autoscaling.signal == 'load' and service.autoscaling.scaleUp.delay == duration('2m')",
        "service.autoscaling.scaleDown.threshold == 0.4 and not service.autoscaling.predictive",
        "service.autoscaling.metrics.prometheus.queued == 'sum(gateway_requests_queued)'",
        "service.schedule[0].from == '08:00' and service.schedule[1].replicas.max == 3 and 'sat' in service.schedule[1].days",
        "service.connections.postgres.perReplica == 5 and service.connections.postgres.perSlot == 1",
        "service.sharedSecrets == ['SESSION_SIGNING_KEY']",
        "service.expose.method == 'least-conn' and service.expose.keepalive == 32",
        "service.health.http == '/healthz' and service.health.startPeriod == duration('45s') and service.health.tcp is not defined",
        "service.update.strategy == 'rolling' and service.update.surge == '1' and service.disruption.minAvailable == '1'",
        "service.stopGracePeriod == duration('45s') and service.spread == 'zone'",
        "plan.connections.postgres.max == 500 and plan.connections.postgres.reserved == 5",
        "plan.capacity.nodes == 7 and plan.capacity.cost == 4 * 280 + 3 * 900 and plan.capacity.gpu == 6",
        "plan.claims == 'small' and 'helm' in plan.targets and plan.limitResources",
        "plan.services | map(attribute='name') | first == 'gateway' and plan.services | length == 8",
        "plan.total.replicas.min <= plan.services | sum(attribute='replicas.min')",
    ] {
        holds(require, "service", "gateway");
    }
    holds("service.volumes[0].size == memory('2Gi') and service.kind == 'singleton'", "service", "scheduler");
    holds("service.health.tcp and service.update.strategy == 'recreate'", "service", "scorer");
    holds("service.disruption.maxUnavailable == '1' and service.update.unavailable == '10%'", "service", "worker");
    holds(
        "service.health.command == ['/usr/bin/worker', 'ping'] and service.partitionedBy == 'kafka'",
        "service",
        "worker",
    );
    holds(
        "backingService.maxConnections == 500 and backingService.sharedBuffers == memory('1Gi')",
        "backingService",
        "postgres",
    );
    holds("backingService.connections == plan.connections.postgres.used", "backingService", "postgres");
    holds(
        "backingService.external.urlEnv == 'WAREHOUSE_URL' and backingService.kind == 'postgres'",
        "backingService",
        "warehouse",
    );
    holds("backingService.partitions == 6 and backingService.brokers == 5", "backingService", "kafka");
}

/// The blocks of a text in one language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let open = format!("```{language}\n");
    text.split(&open).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_manual_lists_every_name_and_its_example_works() {
    let (before, _) = policy::PAGE.split_once("| name | kind |").unwrap();
    let mut page = before.to_owned();
    for (name, words) in policy::WORDS {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let old = page.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap().to_owned();
        page = page.replace(&old, &format!("{name}: {}.", words.join(", ")));
    }
    page.push_str("| name | kind | |\n|---|---|---|\n");
    for name in policy::names() {
        let optional = if name.optional { "?" } else { "" };
        page.push_str(&format!("| `{}`{optional} | {} | {} |\n", name.path, name.kind, name.about));
    }
    golden("src/check/policy.md", &page);
    let [example] = blocks(policy::PAGE, "toml .scalegen.toml")[..] else { panic!("one example") };
    let checked = checked(example, SPEC_TEXT);
    assert_eq!(found(&checked, "max-memory").len(), 2);
    assert_eq!(found(&checked, "min-replicas"), ["6:22 1 replica at least, and prod needs 2 (prod)"]);
}

/// Words that expressions are made of, right and wrong ones.
const PIECES: &[&str] = &[
    "service",
    ".replicas",
    ".min",
    ".name",
    ".image",
    ".resources.limits.memory",
    ".ports",
    ".schedule",
    ".env",
    ".nme",
    "plan",
    ".services",
    ".total.cpu",
    "profile",
    "backingService",
    "1",
    "2.5",
    "'a'",
    "\"é漢\"",
    "true",
    "none",
    "[",
    "]",
    "(",
    ")",
    ",",
    " and ",
    " or ",
    " not ",
    " == ",
    " < ",
    " >= ",
    " in ",
    " is ",
    "defined",
    "startingwith",
    "eq",
    " | ",
    "map",
    "(attribute='name')",
    "sum",
    "length",
    "image_tag",
    "memory",
    "cpu",
    "('1Gi')",
    "default(1)",
    " if ",
    " else ",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "~",
    "{",
    "}",
    ":",
    "{{",
    "}}",
    "{%",
    "%}",
    "#",
    "\\",
    "\n",
    "selectattr('kind')",
    "[0]",
    "loop",
    "é",
    "\u{1b}",
];

/// Parts of expressions that could be meant.
const PARTS: &[&str] = &[
    "service.replicas.min",
    "service.replicas.max * 2",
    "service.resources.limits.memory",
    "memory('1Gi')",
    "1",
    "0",
    "service.ports | length",
    "service.name",
    "'a'",
    "plan.total.replicas.max",
    "service.env",
    "profile",
    "2.5",
    "plan.services | map(attribute='name') | list",
    "service.image | image_tag",
    "service.resources.limits.memory / 2",
    "(1 - service.replicas.min)",
    "service.ports[0].port",
    "not service.expose",
    "service.image is defined",
    "[1, 2]",
    "plan.services | sum(attribute='replicas.min')",
    "service.schedule | selectattr('timezone') | list",
    "true",
];
const BETWEEN: &[&str] =
    &[" == ", " != ", " < ", " >= ", " in ", " and ", " or ", " + ", " - ", " / ", " // ", " % ", " ** ", " ~ "];

#[test]
fn whatever_is_written_is_judged_or_refused_at_its_place() {
    // a linear congruence is random enough, and the same everywhere
    let mut state = 20_261_126_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut judged, mut refused) = (0, 0);
    for round in 0..4000 {
        let mut picked = |list: &[&str]| list[random(list.len())].to_owned();
        let (one, two, three) = (picked(PARTS), picked(PARTS), picked(PARTS));
        let sum = format!("{one}{}{two}{}{three}", picked(BETWEEN), picked(BETWEEN));
        let junk: String = (0..6).map(|_| picked(PIECES)).collect();
        let require = match round % 4 {
            0 => junk.clone(),
            1 => format!("service.replicas.min >= {junk}"),
            2 => sum,
            _ => format!("{one}{}{two}", picked(BETWEEN)),
        };
        let message = match round % 3 {
            0 => junk,
            1 => format!("{{{{ {one}{}{two} }}}}", picked(BETWEEN)),
            _ => "x".to_owned(),
        };
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let text =
            format!("[[policy]]\nid = \"own\"\nrequire = {}\nmessage = {}\n", quoted(&require), quoted(&message));
        let source = Source::new(NAME, text.as_str());
        let decided = read(&text);
        let whole = Span::new(0, text.len());
        for finding in &decided.findings {
            let part = text.get(finding.at.span.start as usize..finding.at.span.end as usize);
            assert!(
                whole.contains(finding.at.span) && part.is_some_and(|part| !part.is_empty()),
                "{text}: {finding:?}"
            );
            // minijinja itself found nothing that was not found before
            assert!(
                !finding.message.contains("0.message") && !finding.message.contains("0.require"),
                "{text}: {finding:?}"
            );
        }
        assert_eq!(decided.policies.list.is_empty(), !decided.findings.is_empty(), "{text}");
        if decided.findings.is_empty() {
            judged += 1;
            let wanted = CheckOptions { policies: Some(decided.policies), ..CheckOptions::default() };
            let checked = lint("scalegen.yaml", SPEC_TEXT.as_bytes(), &NoFiles, &wanted);
            for (finding, path) in checked.findings.iter().zip(&checked.paths) {
                let source = &checked.sources[usize::from(finding.at.file.0)];
                assert!(
                    source.text.get(finding.at.span.start as usize..finding.at.span.end as usize).is_some(),
                    "{path}"
                );
                // kinds were checked before: only numbers can still go wrong
                let known = ["unable to calculate", "too many steps", "too large"];
                let fine = finding.rule != "invalid-policy" || known.iter().any(|why| finding.message.contains(why));
                assert!(fine, "{text}: {}", finding.message);
            }
        } else {
            refused += 1;
            assert!(!source.text.is_empty());
        }
    }
    assert!(judged > 50 && refused > 1000, "{judged} {refused}");
}

#[test]
fn the_manual_s_policy_works() {
    let page = fs::read_to_string("src/cli/manual/findings.md").unwrap();
    let example: Vec<&str> = blocks(&page, "toml").into_iter().filter(|block| block.contains("[[policy]]")).collect();
    assert_eq!(example.len(), 1);
    // what it says of profiles is for other specs
    let own = example[0].replace("profiles = [\"base\", \"large\"]", "");
    let said = ["6:22 1 replica at least, and prod needs 2 (prod)"];
    assert_eq!(found(&checked(&own, SPEC_TEXT), "min-replicas"), said);
}

#[test]
fn ids_known_at_run_time_are_one_with_those_built_in() {
    let place = FileSpan { file: SPEC, span: Span::new(1, 2) };
    let own = |id: &str| RuleId::from(Arc::<str>::from(id));
    let mut collector = Collector::default();
    collector.add(None, Finding::new(own("slow-ramp"), Severity::Note, place, "one"));
    collector.add(None, Finding::new("slow-ramp", Severity::Note, place, "two").rank(1));
    collector.add(None, Finding::new(own("a"), Severity::Note, place, "three"));
    assert!(collector.has("slow-ramp", place) && collector.has("a", place) && !collector.has("b", place));
    let found: Vec<(String, String)> =
        collector.finish().into_iter().map(|finding| (finding.rule.to_string(), finding.message)).collect();
    assert_eq!(found, [("a".to_owned(), "three".to_owned()), ("slow-ramp".to_owned(), "two".to_owned())]);
}
