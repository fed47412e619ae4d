"""Much at once: the files of many projects in one call, and ten times the services in one spec."""

import os
import pathlib
import shutil
import statistics
import subprocess
import time

from peak import peak

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


WINDOWS = """    autoscaling: { signal: cpu, scaleUp: { threshold: 0.7, delay: 1m }, scaleDown: { threshold: 0.4, delay: 10m } }
    health: { http: /healthz }
    schedule:
      - { days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", timezone: UTC, replicas: { min: 3, max: 4 } }
      - { days: [sat, sun], from: "10:00", to: "16:00", timezone: UTC, replicas: { min: 2, max: 3 } }
"""

OBJECTS = """apiVersion: apps/v1
kind: Deployment
metadata: {{ name: web-{n}, labels: {{ app: web-{n} }} }}
spec:
  selector: {{ matchLabels: {{ app: web-{n} }} }}
  template:
    metadata: {{ labels: {{ app: web-{n} }} }}
    spec:
      containers:
        - name: web
          image: registry.example.com/team/web:{n}
          ports: [{{ containerPort: 8080 }}]
          resources: {{ requests: {{ cpu: 100m, memory: 128Mi }}, limits: {{ memory: 256Mi }} }}
          readinessProbe: {{ httpGet: {{ path: /healthz, port: 8080 }} }}
---
apiVersion: v1
kind: Service
metadata: {{ name: web-{n} }}
spec: {{ selector: {{ app: web-{n} }}, ports: [{{ port: 80, targetPort: 8080 }}] }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{ name: web-{n} }}
spec:
  scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: web-{n} }}
  minReplicas: 2
  maxReplicas: 6
  metrics: [{{ type: Resource, resource: {{ name: cpu, target: {{ type: Utilization, averageUtilization: 70 }} }} }}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{ name: web-{n} }}
spec: {{ minAvailable: 1, selector: {{ matchLabels: {{ app: web-{n} }} }} }}
---
"""


def memory(scalegen, folder, row):
    """Peak memory of large inputs of each kind, beside 16 MB and 20 x the input."""
    head = "version: 1\nname: large\nservices:\n"
    rich = "".join(SERVICE.format(number=n, next=(n + 1) % 5000).replace("    connections: { main: 2 }\n", "") + WINDOWS for n in range(5000))
    inputs = {
        "10,000 services of which nothing is written": head + "".join(f"  s{n}: {{}}\n" for n in range(10_000)),
        "5,000 services with windows and autoscaling": head + rich,
        "a stream of 5,000 times four objects": "".join(OBJECTS.format(n=n) for n in range(5000)),
        "a compose file of 10,000 services": "services:\n" + "".join(f"  s{n}: {{ image: 'x:{n}' }}\n" for n in range(10_000)),
    }
    for what, text in inputs.items():
        path = folder / ("compose.yaml" if "compose" in what else "memory.yaml")
        path.write_text(text)
        most, code = peak([scalegen, "lint", path.name], folder)
        if code not in (0, 1):
            raise SystemExit(f"lint of {what} ended with {code}")
        bound = 16_000_000 + 20 * len(text)
        row(f"{what}, {len(text) / 1e6:.2f} MB: memory", f"{most / 1e6:.1f} MB at its peak",
            f"16 MB + 20 × input = {bound / 1e6:.1f} MB", most <= bound)
        path.unlink()


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
    memory(scalegen, folder, row)
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
            # no name of a compose file: it would be read as one
            path = folder / f"spec-{target}-{count}.yaml"
            path.write_text(spec(count, target))
            _, took[count], code = times([scalegen, "lint", path.name], folder, 7)
            # a target that loses a range warns of it
            if code not in (0, 1):
                raise SystemExit(f"lint of {count} services for {target} ended with {code}")
        growth = took[10_000] / took[1000]
        row(f"time on the cores from 1,000 to 10,000 services with capacity, connections and the target {target}",
            f"× {growth:.1f}", "× 11", growth <= 11)
