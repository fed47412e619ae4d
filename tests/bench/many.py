"""Much at once: the files of many projects in one call, and ten times the services in one spec."""

import os
import pathlib
import shutil
import statistics
import subprocess
import time

CORPUS = os.environ.get("SCALEGEN_CORPUS")

SERVICE = """  service-{number}:
    image: registry.example.com/team/service:{number}
    port: 8080
    replicas: {{ min: 2, max: 4 }}
    concurrency: {{ limit: 4, env: WORKERS }}
    connections: {{ main: 2 }}
    health: {{ http: /healthz }}
    env: {{ UPSTREAM_URL: "http://service-{next}:8080" }}
    resources:
      requests: {{ cpu: 100m, memory: 256Mi }}
      limits: {{ cpu: 1, memory: 512Mi }}
"""


def spec(count, target):
    """Services that lean on a database, stand on machines, call one another and have a target."""
    head = (
        "version: 1\nname: large\n"
        "backingServices: { main: { kind: postgres, maxConnections: 1000000, external: { urlEnv: DATABASE_URL } } }\n"
        "capacity: { nodes: [{ count: 10000, cpu: 64, memory: 512Gi }] }\n"
        f"targets: {{ {target}: {{}} }}\nservices:\n"
    )
    return head + "".join(SERVICE.format(number=n, next=(n + 1) % count) for n in range(count))


def times(argv, folder, rounds):
    """Medians of the time on the clock and on the cores, and the exit code."""
    clock, cores, code = [], [], 0
    for _ in range(rounds):
        start = time.perf_counter()
        process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        clock.append(time.perf_counter() - start)
        cores.append(usage.ru_utime + usage.ru_stime)
    return statistics.median(clock), statistics.median(cores), code


def repeated(below, folder, count):
    """The YAML files of a folder, again and again until there are enough, each copy in a folder of its own."""
    files = sorted(path for path in pathlib.Path(below).rglob("*.y*ml"))
    for number in range(count):
        turn, source = number // len(files), files[number % len(files)]
        to = folder / f"copy-{turn}" / source.relative_to(below)
        to = to.with_suffix("") / "docker-compose.yml" if below.name == "compose" else to
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, to)


def rows(scalegen, folder, row):
    """Measures all, and gives each to `row` with its bar."""
    for name, count, bar in [("compose", 1000, 0.3), ("kubernetes", 1183, 0.5)]:
        what = f"lint {count:,} {'compose files' if name == 'compose' else 'manifests'} of the corpus in one call"
        if not CORPUS:
            print(f"| {what} | not measured: SCALEGEN_CORPUS names no folder | {bar} s | |")
            continue
        many = folder / f"corpus-{name}"
        repeated(pathlib.Path(CORPUS) / name, many, count)
        clock, cores, _ = times([scalegen, "lint", "."], many, 9)
        row(what, f"{clock:.3f} s, {cores:.3f} s on all cores", f"{bar} s", clock <= bar)
    for target in ["compose", "kubernetes", "helm"]:
        took = {}
        for count in [1000, 10_000]:
            path = folder / f"{target}-{count}.yaml"
            path.write_text(spec(count, target))
            _, took[count], code = times([scalegen, "lint", path.name], folder, 7)
            # a target that loses a range warns of it
            if code not in (0, 1):
                raise SystemExit(f"lint of {count} services for {target} ended with {code}")
        growth = took[10_000] / took[1000]
        row(f"time on the cores from 1,000 to 10,000 services with capacity, connections and the target {target}",
            f"× {growth:.1f}", "× 11", growth <= 11)
