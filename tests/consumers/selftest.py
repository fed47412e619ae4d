#!/usr/bin/env python3
"""Judges the judges: each must take what its consumer takes and refuse what it refuses.

    selftest.py [JUDGE]...     all of them where none is named; `live` starts an engine

A case is (judge's command, files, what must be in the answer); `None` stands for accepted.
Prints one line a case and `N passed, N failed, N skipped` last; exit 1 if one failed.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

BASE = "services: {api: {image: 'scalegen-test:1', ports: ['18080:80']}}"
OVER = """
services:
  api:
    ports: !override ["127.0.0.1:18080-18082:80"]
    deploy:
      replicas: 3
      resources:
        limits: {cpus: '0.5', memory: 64M, pids: 50}
        reservations: {memory: 32M, cpus: '0.25'}
"""
POLYAXON = """
deploymentType: kubernetes
deploymentChart: platform
limitResources: true
broker: redis
redis: {enabled: true}
gateway: {replicas: 3, concurrency: 2, perCore: true}
scheduler: {enabled: true, replicas: 2, concurrency: 10, hpa: {enabled: false}}
"""
POLYAXON_V0 = """
limitResources: true
api: {replicas: 3}
scheduler: {replicas: 2, concurrency: 10}
eventMonitors: {replicas: 3}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: acme/api:1
          resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "2", memory: 4Gi}}
"""
HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 1
  maxReplicas: 4
  behavior: {scaleUp: {stabilizationWindowSeconds: 60, policies: [{type: Pods, value: 1, periodSeconds: 60}]}}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
"""
KEDA = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: runtime}
spec:
  scaleTargetRef: {name: runtime}
  minReplicaCount: 1
  maxReplicaCount: 10
  advanced: {scalingModifiers: {target: "1", formula: "running > 2 && office > 1 ? running : 0.5"}}
  triggers:
    - {type: prometheus, name: running, metadata: {serverAddress: "http://p:9090", query: q, threshold: "1", ignoreNullValues: "false"}}
    - {type: cron, name: office, metadata: {timezone: Europe/Berlin, start: "0 8 * * 1-5", end: "0 18 * * MON-FRI", desiredReplicas: "2"}}
"""
NGINX = """
upstream api { least_conn; server 127.0.0.1:18080 weight=2; server 127.0.0.1:18081; keepalive 8; }
server { listen 127.0.0.1:18090; location / { proxy_pass http://api; } }
"""
APPLY_SET = {"matchLabels": {"a": "b"}}
APPLY_POD = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}


def apply_case(**new):
    """One Deployment of 8 replicas, and the same with other fields."""

    def deployment(**spec):
        whole = {"replicas": 8, "selector": APPLY_SET, "template": APPLY_POD, **spec}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": whole}

    return json.dumps([{"old": [deployment()], "new": [deployment(**new)]}])


KUSTOMIZE = {"kustomization.yaml": "resources: [d.yaml]", "d.yaml": DEPLOYMENT}
SARIF = """\
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": [{"id": "r"}]}}, "results": [
{"ruleId": "r", "ruleIndex": 0, "level": "error", "message": {"text": "m"}, "partialFingerprints": {"v": "1"},
"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a%20b.yaml", "uriBaseId": "%SRCROOT%"},
"region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 5}}}]}]}]}
"""
GITLAB = """\
[{"description": "m", "check_name": "r", "fingerprint": "1", "severity": "major", "location":
{"path": "a.yaml", "lines": {"begin": 2}, "positions": {"begin": {"line": 2, "column": 3}}}}]
"""
JUNIT = """\
<testsuites tests="1" failures="1" skipped="0"><testsuite name="a" tests="1" failures="1" skipped="0" errors="0">
<testcase name="r" classname="a" file="a" line="2"><failure message="m" type="r">a:2:3: error[r]: m &lt; n</failure>
</testcase></testsuite></testsuites>
"""
GITHUB = "::error file=a%2Cb,line=2,endLine=2,col=3,endColumn=5,title=r::100%25%0Am\n"
MARKDOWN = "### x\n\n| place | rule | finding |\n|---|---|---|\n| `a:2:3` | error `r` | m \\| &lt;n |\n"
CHANGES = (
    "<!-- scalegen diff: a.yaml -->\n### scalegen diff: x\n\n#### `a.yaml`: m\n\n| a | b |\n|---|---:|\n| `c` | \\@<!-- -->d |\n\n"
    "<details><summary><code>e</code>: +1</summary>\n\n```diff\n-f\n+g\n```\n\n</details>\n"
)


def swap(text, old, new):
    assert old in text, old
    return text.replace(old, new)


def variants(judge, text, *changes):
    """One case for each (old, new, reason) change of a text that is accepted as it is."""
    command = judge.split()
    yield command, {"f": text}, None
    for old, new, reason in changes:
        yield command, {"f": swap(text, old, new)}, reason


# A schema, and what an editor with a file of that text asks of it.
EDITOR = {"schema.json": '{"properties": {"a": {"type": "integer"}}, "additionalProperties": false}'}


def ask(text):
    text = f"# yaml-language-server: $schema=schema.json\n{text}\n"
    return json.dumps({"files": [{"name": "spec.yaml", "text": text}]})


def ask_toml(text):
    return json.dumps({"files": [{"name": "settings.toml", "text": f"#:schema ./schema.json\n{text}\n"}]})


CASES = {
    "compose": [
        (["compose.sh"], {"a": BASE, "b": OVER}, None),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "64M", "64Mi")}, "invalid suffix"),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "memory: 64M", "memory: 64")}, "memory"),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "'0.5'", "500m")}, "cpus"),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "replicas: 3", "replica: 3")}, "replica"),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "replicas: 3", "replicas: -1")}, "replicas"),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "    deploy:", "    mem_limit: 1g\n    deploy:")}, "mem_limit"),
        (["compose.sh"], {"a": BASE, "b": swap(OVER, "memory: 32M", "memory: 32M, pids: 3")}, "pids"),
    ],
    "polyaxon": [
        *variants(
            "polyaxon.py", POLYAXON,
            ("gateway:", "api: {replicas: 3}\ngateway:", "api: Extra inputs"),
            ("replicas: 3", 'replicas: "3"', "gateway.replicas: Input should be a valid integer"),
            ("broker: redis", "", "broker"),
            ("limitResources: true", "limitResources: foo", "limitResources"),
            ("replicas: 3", "replicas: 3, resources: {foo: 1}", "foo"),
            ("replicas: 3", "replicas: 3, replicas: 4", "appears twice"),
        )
    ],
    "polyaxon_v0": [
        *variants(
            "polyaxon_v0.py", POLYAXON_V0,
            ("api:", "apii:", "apii: Unknown field"),
            ("replicas: 3}\nsch", "replicas: many}\nsch", "api.replicas: Not a valid integer"),
            ("concurrency: 10", "enabled: true", "enabled"),
        ),
        (["polyaxon_v0.py"], {"f": swap(POLYAXON_V0, "concurrency", "concurency")},
         ("ignored", ["scheduler.concurency"])),
    ],
    "k8s": [
        *variants(
            "k8s.py", DEPLOYMENT,
            ("replicas: 2", "replicas: '2'", "spec.replicas"),
            ("replicas: 2", "replica: 2", "'replica' was unexpected"),
            ("memory: 4Gi", "memory: 4GiB", "'4GiB' is not a quantity"),
            ("memory: 4Gi", "memory: 512Mi", "is above the limit"),
            ("labels: {app: api}", "labels: {app: web}", "do not match"),
            ("name: api}\nspec", "name: Api_1}\nspec", "is not a DNS name"),
            ("image: acme/api:1", "image: a, env: [{name: A, value: 3}]", ": not YAML"),
            ("image: acme/api:1", "image: a\n          env: [{name: A, value: 3}]", "3 is not of type"),
            ("apps/v1", "apps/v1beta1", "has no Deployment"),
            ("kind: Deployment", "kind: Deploiment", "has no Deploiment"),
        ),
        *variants(
            "k8s.py", HPA,
            ("minReplicas: 1", "minReplicas: 5", "is below minReplicas"),
            ("minReplicas: 1", "minReplicas: 0", "at least 1"),
            ("Seconds: 60,", "Seconds: 3601,", "must be 0 to 3600"),
            ("periodSeconds: 60", "periodSeconds: 1801", "must be 1 to 1800"),
            ("policies: [{type: Pods, value: 1, periodSeconds: 60}]", "policies: []", "at least one policy"),
            ("averageUtilization: 70", "averageUtilization: 0", "above 0"),
            ("type: Utilization", "type: Percent", "does not fit"),
        ),
        (["k8s.py"], {"a": DEPLOYMENT, "b": DEPLOYMENT}, "appears twice"),
        (["k8s.py"], {"a": HPA, "b": swap(HPA, "metadata: {name: api}", "metadata: {name: b}")}, "two autoscalers"),
        (["k8s.py", "--kubernetes", "1.25", "--kubernetes", "1.33"], {"a": DEPLOYMENT, "b": HPA}, None),
        (["k8s.py", "--kubernetes", "1.25"], {"f": swap(HPA, "metadata: {name: api}", "metadata: {name: api}\nstatus: {x: 1}")}, "'x' was unexpected"),
        (["k8s.py"], {"f": swap(KEDA, '"1", ign', "1, ign")}, "1 is not of type 'string'"),
    ],
    "keda": [
        *variants(
            "keda.py", KEDA,
            ('threshold: "1"', "threshold: 1", "1 is not of type 'string'"),
            ('target: "1"', "target: 1", "1 is not of type 'string'"),
            ('target: "1"', 'target: "0"', "not a number above 0"),
            ("name: running", "name: office", "appears twice"),
            ("name: running", "name: run-ning", "cannot be a name"),
            ("running > 2", "walking > 2", "walking is not a trigger's name"),
            ("maxReplicaCount: 10", "maxReplicaCount: 0", "less than the minimum"),
            ("minReplicaCount: 1", "minReplicaCount: 11", "above maxReplicaCount"),
            ("minReplicaCount: 1", "minReplicas: 1", "'minReplicas' was unexpected"),
            ("minReplicaCount: 1", "minReplicaCount: 1\n  idleReplicaCount: 1", "not below"),
            ("0 8 * * 1-5", "0 8 * * 1-7", "weekday '7'"),
            ("0 8 * * 1-5", "0 8 * *", "4 fields"),
            ("0 8 * * 1-5", "0 18 * * MON-FRI", "same as start"),
            ('desiredReplicas: "2"', 'desiredReplicas: "0"', "from 1 on"),
            ("Europe/Berlin", "Europe/Berlim", "no time zone"),
            (', end: "0 18 * * MON-FRI"', "", "needs `end`"),
        ),
        (["keda.py"], {"f": DEPLOYMENT}, "no ScaledObject"),
    ],
    "nginx": [
        *variants(
            "nginx.sh", NGINX,
            (" weight=2", " weight=0", "invalid"),
            ("server 127.0.0.1:18080 weight=2; server 127.0.0.1:18081;", "", "no servers are inside upstream"),
            ("server 127.0.0.1:18081", "server no-such-host.invalid:1", "host not found"),
            ("least_conn; server", "ip_hash; server 127.0.0.1:9 backup; server", "backup"),
            ("proxy_pass", "proxy_pas", "unknown directive"),
        ),
        (["nginx.sh"], {"f": "upstream a { server 127.0.0.1:1; keepalive 8; least_conn; }"},
         ("warnings", ["load balancing method redefined in CONF:1"])),
        (["nginx.sh", "--name", "api"], {"f": "upstream a { server api:8080; }"}, None),
    ],
    "report": [
        (["report.py", "github"], {"f": GITHUB}, ("findings", [["r", "a,b", 2, 3]])),
        *variants(
            "report.py sarif", SARIF,
            ('"level": "error"', '"level": "fatal"', "'fatal' is not one of"),
            ('"startLine": 2', '"startLine": 0', "less than the minimum"),
            ('"ruleIndex": 0', '"ruleIndex": 0, "rule_id": 1', "was unexpected"),
            ('"ruleId": "r"', '"ruleId": "s"', "ruleIndex 0 is r, not s"),
            ('"endColumn": 5', '"endColumn": 2', "ends before it starts"),
            ("a%20b.yaml", "a b.yaml", "holds what no address may"),
            (', "uriBaseId": "%SRCROOT%"', "", "with the base None"),
        ),
        *variants(
            "report.py gitlab", GITLAB,
            ("major", "error", "'error' is not one of"),
            ('"fingerprint": "1", ', "", "'fingerprint' is a required property"),
            ("[{", "[" + GITLAB.strip()[1:-1] + ",{", "appears twice"),
        ),
        *variants(
            "report.py junit", JUNIT,
            ("&lt;", "<", "cannot be read"),
            ("m &lt; n", "\x1b", "cannot be read"),
            ('tests="1" failures="1" skipped="0"><', 'tests="2" failures="1" skipped="0"><', "counts wrongly"),
        ),
        *variants(
            "report.py github", GITHUB,
            ("%0A", "\n", "not a command"),
            ("endLine=2", "endLine=3", "columns over several lines"),
            ("::error", ":error", "not a command"),
        ),
        *variants(
            "report.py markdown", MARKDOWN,
            ("&lt;n", "<script>", "HTML came through"),
            ("\\|", "|", "a row of too many"),
            (" m ", " [m](x) ", "a link_open came through"),
        ),
        *variants(
            "report.py changes", CHANGES,
            ("a.yaml -->", "a--> -->", "no marker"),
            ("| `c`", "| c | `c`", "a row of other cells"),
            ("\\@<!-- -->d", "\\@d", "a link or a mention"),
            ("<code>e</code>", "@e", "a link or a mention"),
            ("#### ", "# ", "a heading that is none of ours"),
            ("```\n\n</details>", "</details>", "a fence that is none of ours"),
            ("```\n\n</details>\n", "```\n", "a fold that is not closed"),
            ("-f\n", "```\n<script>\n", "HTML came through"),
        ),
    ],
    "editor": [
        (["editor.py", "q.json", "."], {**EDITOR, "q.json": ask("a: 1")}, None),
        (["editor.py", "q.json", "."], {**EDITOR, "q.json": ask("a: x")}, "spec.yaml:2:4: error: Incorrect type"),
        (["editor.py", "q.json", "."], {**EDITOR, "q.json": ask("\u00e4: 1")}, "spec.yaml:2:1: error: Property \u00e4"),
        (["editor.py", "--toml", "q.json", "."], {**EDITOR, "q.json": ask_toml("a = 1")}, None),
        (["editor.py", "--toml", "q.json", "."], {**EDITOR, "q.json": ask_toml("a = true")}, "settings.toml:2:5: error: expected a value of type Integer"),
        (["editor.py", "--toml", "q.json", "."], {**EDITOR, "q.json": ask_toml("b = 1")}, "settings.toml:2:1: error: \"b\" is not allowed"),
        (["editor.py", "q.json", "."], {"q.json": ask("a: 1")}, "Unable to load schema"),
    ],
    "browser": [
        (["browser.js", "."], {"a.html": '<a href="b.html#x">b</a>', "b.html": "<p id=x>b</p>"}, ("pages", 2)),
        (["browser.js", "."], {"a.html": '<a href="b.html#y">b</a>', "b.html": "<p id=x>b</p>"}, "no such anchor"),
        (["browser.js", "."], {"a.html": '<a href="c.html">c</a>'}, "leads nowhere"),
        (["browser.js", "."], {"a.html": '<div style="width: 500px">a</div>'}, "a.html at 375: 133 pixels wider"),
        (["browser.js", "."], {"a.html": "<script>console.log(1)</script>"}, "console: 1"),
        (["browser.js", "."], {"a.html": '<img src="b.png">'}, "cannot load"),
    ],
    "lsp": [
        # a server that ends at once
        (["lsp.sh", "/bin/true"], {}, "exited"),
    ],
    "neovim": [
        (["neovim.sh", "/bin/true", "1", "1"], {"f.yaml": "a: 1\n"}, "nothing came"),
    ],
    "vscode": [
        (["vscode.sh"], {}, None),
    ],
    "taplo": [
        (["taplo.sh"], {**EDITOR, "f.toml": "a = 1"}, None),
        (["taplo.sh"], {**EDITOR, "f.toml": "a = true"}, "true is not of type \"integer\""),
        (["taplo.sh"], {**EDITOR, "f.toml": "a = ["}, "invalid TOML"),
    ],
    "check-jsonschema": [
        (["check-jsonschema.sh"], {**EDITOR, "f.yaml": "a: 1"}, None),
        (["check-jsonschema.sh"], {**EDITOR, "f.yaml": "a: x"}, "'x' is not of type 'integer'"),
        (["check-jsonschema.sh"], {**EDITOR, "f.yaml": "a: ["}, "Failed to parse"),
    ],
    "apply": [
        (["apply.py"], {"cases": apply_case(replicas=3)}, None),
        (["apply.py"], {"cases": apply_case(selector={"matchLabels": {"a": "c"}})}, "spec.selector is immutable"),
    ],
    "kustomize": [
        (["kustomize.sh", "."], KUSTOMIZE, None),
        (["kustomize.sh", "."], {**KUSTOMIZE, "kustomization.yaml": "resources: [e.yaml]"}, "e.yaml"),
        (["kustomize.sh", "."], {**KUSTOMIZE, "kustomization.yaml": "resourses: [d.yaml]"}, "resourses"),
    ],
}  # fmt: skip


def call(command, files, folder):
    """(exit code, stdout, stderr) of a judge on those files."""
    for name, text in files.items():
        (folder / name).write_text(text)
    more = [] if command[-1] == "." else list(files)
    done = subprocess.run(
        [str(HERE / command[0]), *command[1:], *more],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def verdict(command, files, wanted):
    """Why the case failed, `None` where it did not; a string that starts with `skip` skips."""
    with tempfile.TemporaryDirectory(prefix="scalegen-selftest-") as name:
        code, out, err = call(command, files, pathlib.Path(name))
    if code == 2:
        return f"skip: {err.strip()}"
    if wanted is None:
        return None if code == 0 else f"refused: {err.strip() or out}"
    if isinstance(wanted, tuple):
        found = json.loads(out).get(wanted[0])
        return None if code == 0 and found == wanted[1] else f"exit {code}, {wanted[0]} = {found}"
    if code != 1:
        return f"exit {code}, where a refusal was due: {wanted}"
    return None if wanted in err + out else f"refused for another reason: {err.strip()}"


def live(folder):
    """Everything of a real engine, in order: (what, why it failed or None)."""
    up, judged = {"base": BASE, "over": OVER}, ["base", "over"]

    def run(script, *words):
        done = subprocess.run(
            [str(HERE / script), *words], cwd=folder, capture_output=True, text=True, timeout=300
        )
        return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}, done

    for name, text in up.items():
        (folder / name).write_text(text)
    code, answer, done = run("live.sh", "up", *judged)
    numbers = [
        (c["NanoCpus"], c["Memory"], c["MemoryReservation"], c["PidsLimit"])
        for c in answer.get("containers", [])
    ]
    yield "three replicas with their limits", (
        None if numbers == [(500000000, 67108864, 33554432, 50)] * 3 else done.stderr or numbers
    )
    code, answer, done = run("live.sh", "ask", *judged)
    ports = sorted(answer.get("answers", {}))
    yield "each port of the range answers", None if not code and ports == ["18080", "18081", "18082"] else done.stdout
    servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
    (folder / "conf").write_text(
        f"upstream api {{ {servers} }} server {{ listen 127.0.0.1:18090; location / {{ proxy_pass http://api; }} }}"
    )
    code, answer, done = run("live-nginx.sh", "conf", "http://127.0.0.1:18090/", "30")
    shares = sorted(answer.get("answers", {}).values())
    yield "nginx spreads 30 requests", None if shares == [10, 10, 10] else done.stdout + done.stderr
    code, answer, done = run("live.sh", "down", *judged)
    yield "down", None if code == 0 else done.stderr
    (folder / "over").write_text(swap(OVER, '!override ["127.0.0.1:18080-18082:80"]', "[]"))
    code, answer, done = run("live.sh", "up", *judged)
    told = "already allocated" in done.stderr
    yield "a fixed port for three is refused", None if code == 1 and told else done.stderr
    (folder / "other").write_text("services: {api: {image: 'ghcr.io/acme/api:1', ports: ['127.0.0.1:18085:9000']}}")
    code, answer, done = run("live.sh", "up", "--stand-in", "other")
    if code != 2:
        yield "an image that is not here, stood in for", None if code == 0 else done.stderr
        code, answer, done = run("live.sh", "ask", "other")
        yield "and answering", None if code == 0 else done.stdout
    run("live.sh", "down", "other")


def main():
    chosen = sys.argv[1:] or [*CASES, "live"]
    counts = {"passed": 0, "failed": 0, "skipped": 0}

    def count(label, why):
        kind = "passed" if why is None else "skipped" if str(why).startswith("skip") else "failed"
        counts[kind] += 1
        print(f"{kind}: {label}" + ("" if why is None else f": {why}"), flush=True)

    for name in chosen:
        for command, files, wanted in CASES.get(name, []):
            label = wanted if isinstance(wanted, str) else "takes it" if wanted is None else wanted[1]
            count(f"{' '.join(command)}: {label}", verdict(command, files, wanted))
    if "live" in chosen:
        engine = subprocess.run([str(HERE / "engine.sh"), "start"], capture_output=True, text=True)
        print(engine.stdout.strip())
        if engine.returncode:
            count("live", f"skip: {engine.stdout.strip()}")
        else:
            folder = pathlib.Path(tempfile.mkdtemp(prefix="scalegen-selftest-"))
            try:
                for label, why in live(folder):
                    count(f"live: {label}", why)
            finally:
                subprocess.run([str(HERE / "engine.sh"), "stop"], timeout=300)
                shutil.rmtree(folder, ignore_errors=True)
    print(", ".join(f"{number} {kind}" for kind, number in counts.items()))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
