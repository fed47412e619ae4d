//! Values that docker compose takes and the engine refuses: lint refuses them too, and nothing beside them. The live test asks the
//! engine about each row.

use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::Severity;
use scalegen::{NoFiles, lint_any};

/// Keys of a service, and whether the engine creates and starts it.
pub const ROWS: [(&str, bool); 76] = [
    ("working_dir: relative", false),
    ("working_dir: /tmp", true),
    ("tmpfs: [\"relative:size=1m\"]", false),
    ("tmpfs: [\"/x:size=1m\"]", true),
    ("volumes: [\"a:b\"]", false),
    ("volumes: [{ type: tmpfs, target: x }]", false),
    ("volumes: [\"/tmp:/\"]", false),
    ("volumes: [\"/tmp:/x\"]", true),
    ("dns: [\"8.8.8\"]", false),
    ("dns: name.example", false),
    ("dns: [\"8.8.8.8\", \"::1\"]", true),
    ("extra_hosts: [\"a:1.2.3\"]", false),
    ("extra_hosts: { a: name.example }", false),
    ("extra_hosts: [\"a:1.2.3.4\", \"b=[::1]\"]", true),
    ("hostname: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg", false),
    ("hostname: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg", true),
    ("{ hostname: x, uts: host }", false),
    ("uts: host", true),
    ("stop_signal: SIGFOO", false),
    ("stop_signal: \"0\"", false),
    ("stop_signal: rtmin+3", true),
    ("stop_signal: \"15\"", true),
    ("stop_signal: term", true),
    ("cap_add: [NET_ADMINN]", false),
    ("cap_drop: [CAP_FOO]", false),
    ("{ cap_add: [cap_net_admin, SYS_NICE], cap_drop: [all] }", true),
    ("sysctls: { vm.max_map_count: 262144 }", false),
    ("sysctls: [\"kernel.pid_max=1000\"]", false),
    ("{ sysctls: { net.core.somaxconn: 1024 }, network_mode: host }", false),
    ("{ sysctls: { kernel.msgmax: 65536 }, ipc: host }", false),
    ("sysctls: { net.core.somaxconn: 1024, kernel.msgmax: 65536, fs.mqueue.msg_max: 20 }", true),
    ("expose: [foo]", false),
    ("expose: [\"80-70\"]", false),
    ("expose: [\"8080:80\"]", false),
    ("expose: [\"80-90\", 81, \"53/udp\"]", true),
    ("restart: always:3", false),
    ("restart: on-failure:3", true),
    ("cpus: 0.001", false),
    ("cpus: -1", false),
    ("deploy: { resources: { limits: { cpus: \"0.0001\" } } }", false),
    ("cpus: 0.01", true),
    ("cpus: 0", true),
    ("cpu_quota: 500", false),
    ("cpu_quota: 1000", true),
    ("cpu_period: 500", false),
    ("cpu_period: 2000000", false),
    ("cpu_period: 1000000", true),
    ("cpu_shares: -1", false),
    ("cpu_shares: 512", true),
    ("cpuset: a", false),
    ("cpuset: \"1-0\"", false),
    ("cpuset: \"0\"", true),
    ("shm_size: -1", false),
    ("shm_size: 1m", true),
    ("mem_reservation: 1m", false),
    ("deploy: { resources: { reservations: { memory: 5m } } }", false),
    ("mem_reservation: 6m", true),
    ("mem_limit: 5m", false),
    ("mem_limit: 6m", true),
    ("memswap_limit: 64m", false),
    ("memswap_limit: -1", true),
    ("{ mem_limit: 64m, memswap_limit: 64m }", true),
    ("healthcheck: { test: [CMD, \"true\"], interval: 500us }", false),
    ("healthcheck: { test: [CMD, \"true\"], interval: 1ms, timeout: 1s }", true),
    ("ulimits: { nofile: { soft: 2048, hard: 1024 } }", false),
    ("ulimits: { bogus: 100 }", false),
    ("ulimits: { nofile: { soft: 512, hard: 1024 }, core: 0 }", true),
    ("mac_address: xx", false),
    ("mac_address: \"02:42:ac:11:00:02\"", true),
    ("mac_address: 0242.ac11.0002", true),
    ("ipc: foo", false),
    ("ipc: shareable", true),
    ("image: \"Scalegen-test:1\"", false),
    ("image: \"scalegen-test:1:2\"", false),
    ("oom_score_adj: 1001", false),
    ("oom_score_adj: 500", true),
];

/// The compose file of a row.
pub fn file(row: &str) -> String {
    let keys = row.strip_prefix("{ ").and_then(|row| row.strip_suffix(" }")).unwrap_or(row);
    let image = if keys.starts_with("image") { "" } else { "image: \"scalegen-test:1\", " };
    format!("name: refused\nservices:\n  web: {{ {image}{keys} }}\n")
}

#[test]
fn lint_refuses_what_the_engine_refuses_and_nothing_else() {
    for (row, starts) in ROWS {
        let checked = lint_any("compose.yaml", file(row).as_bytes(), &NoFiles, &Default::default());
        let errors: Vec<&str> = checked
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(errors.is_empty(), starts, "{row}: {errors:?}");
    }
}

#[test]
fn a_spec_over_the_file_hides_no_value_that_it_cannot_change() {
    let dir = tempfile::tempdir().unwrap();
    let spec =
        "version: 1\nname: over\nservices: { web: { replicas: 2 } }\ntargets: { compose: { base: compose.yaml } }\n";
    for (row, starts) in [
        ("cpu_quota: 500", false),
        ("cpu_quota: 1000", true),
        ("cpuset: \"1-0\"", false),
        ("shm_size: -1", false),
        ("ulimits: { nofile: { soft: 2048, hard: 1024 } }", false),
        ("working_dir: relative", false),
        ("cap_add: [NET_ADMINN]", false),
        ("cap_add: [NET_ADMIN]", true),
    ] {
        std::fs::write(dir.path().join("compose.yaml"), file(row)).unwrap();
        let files = Folder(dir.path().to_path_buf());
        let checked = lint_any("scalegen.yaml", spec.as_bytes(), &files, &Default::default());
        let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert_eq!(errors.count() == 0, starts, "{row}: {:?}", checked.findings);
    }
}
