#!/usr/bin/env python3
"""Measures whole processes: time as a ratio in one run, memory as the kernel counted it. Asserts nothing but the bars.

usage: bars.py SCALEGEN EMPTY [--bars]      --bars: exit 1 where a bar is missed
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import many
from peak import peak
from typed import change_to_diagnostics

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "tests/bench/spec.yaml"
# what docker compose is measured on: a compose file of about the same size
BASE = ROOT / "fixtures/scenarios/flow-like/docker-compose.yml"
SCHEMA = ROOT / "schemas/spec.schema.json"


def run(argv, cwd):
    """One process: seconds, exit code."""
    null = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    _, status = os.waitpid(pid, 0)
    seconds = time.perf_counter() - start
    os.close(null)
    return seconds, os.waitstatus_to_exitcode(status)


def medians(commands, cwd, rounds):
    """Medians of commands run in turn, so that what slows the machine slows all of them."""
    os.chdir(cwd)
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (argv, good) in commands.items():
            seconds, code = run(argv, cwd)
            if code != good:
                sys.exit(f"{name}: exit code {code}, not {good}: {' '.join(argv)}")
            times[name].append(seconds)
    return {name: statistics.median(all_) for name, all_ in times.items()}


def service(number):
    return f"""  service-{number}:
    image: registry.example.com/team/service-{number}:1.{number}
    port: 8080
    replicas: {{ min: 2, max: {3 + number % 5} }}
    concurrency: 4
    resources:
      requests: {{ cpu: 250m, memory: 256Mi }}
      limits: {{ cpu: 4, memory: 512Mi }}
    health: {{ http: /healthz }}
"""


def large(count):
    return "version: 1\nname: large\nservices:\n" + "".join(service(n) for n in range(count))


def rendered(count):
    """A spec of services that every target of whole deployments can write."""
    text = large(count)
    for number in range(count):
        text = text.replace("    port: 8080\n", f"    ports: [{{ port: 8080, publish: {10_000 + 10 * number} }}]\n"
                            f"    expose: {{ host: service-{number}.example.com }}\n", 1)
    text = text.replace("    concurrency: 4\n", "    concurrency: { limit: 4, env: WORKERS }\n")
    return text + "targets: { compose: {}, nginx: {}, kubernetes: {}, convox: {}, helm: { convention: helm-create } }\n"


def listed(count):
    """The same services as a list, which is read as YAML and refused as a spec: what reading costs."""
    indented = (service(n).replace("\n  ", "\n    ").replace(f"  service-{n}:", f"- service-{n}:", 1) for n in range(count))
    return "".join(indented)


MODULE = """version: 1
name: bench
services:
  api:
    image: bench/api:1
    replicas: { min: 1, max: 40 }
    concurrency: 4
    stopGracePeriod: 2m
    workload: { serviceTime: 20s }
    autoscaling: { signal: load, scaleUp: { threshold: 0.75, delay: 1m }, scaleDown: { threshold: 0.5, delay: 30m } }
"""


def rates(days, jobs_a_day):
    """A recording by minutes: quiet nights, most at noon."""
    lines = ["time,value"]
    shape = [0.2 + max(0.0, 1 - abs(minute - 720) / 480) for minute in range(1440)]
    scale = jobs_a_day / (60 * sum(shape))
    for minute in range(days * 1440):
        lines.append(f"{1_795_392_000 + 60 * minute},{shape[minute % 1440] * scale:.6f}")
    return "\n".join(lines) + "\n"


def simulated(scalegen, folder, row):
    """What SIMULATE's bars are about: one day, the whole command, and a sizing over a week."""
    (folder / "module.yaml").write_text(MODULE)
    (folder / "day.csv").write_text(rates(1, 30_000))
    play = [scalegen, "simulate", "module.yaml", "--load", "rate:day.csv", "--policy", "hpa"]
    page = [*play, "--runs", "1", "--report", "out.html"]
    times = medians({"one": ([*play, "--runs", "1"], 0), "page": (page, 0), "all": (play, 0)}, folder, 9)
    each = (times["all"] - times["one"]) / 19
    row("simulate 24 h of 30,000 jobs, whole command with CSV and HTML", f"{times['page'] * 1000:.0f} ms", "100 ms",
        times["page"] <= 0.1)
    row("each further run of it, on the cores at hand", f"{each * 1000:.1f} ms", "10 ms", each <= 0.010)
    (folder / "week.csv").write_text(rates(10, 200_000 / 7))
    size = [scalegen, "size", "module.yaml", "--load", "rate:week.csv", "--policy", "foundry", "--assert", "wait.p95 < 60s",
            "--tune", "thresholds,min", "--format", "json"]
    began = time.perf_counter()
    told = subprocess.run(size, cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if told.returncode not in (0, 1):
        sys.exit(f"size ended with {told.returncode}: {told.stderr}")
    candidates = json.loads(told.stdout)["services"][0]["candidates"]
    bound = 12 * candidates / 1000 + 12
    row(f"size: {candidates} candidates on 7 days of 200,000 jobs, survivors in 20 seeds, 3 days held out",
        f"{seconds:.1f} s", f"12 s for 1,000 of them and 12 s = {bound:.1f} s", seconds <= bound)


def main():
    scalegen, empty = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
    enforce = "--bars" in sys.argv[3:]
    missed = []

    def row(what, measured, bar, met):
        print(f"| {what} | {measured} | {bar} | {'yes' if met else 'NO'} |")
        if not met:
            missed.append(what)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        shutil.copy(SPEC, folder / "scalegen.yaml")
        shutil.copy(BASE, folder / "docker-compose.yml")
        size = SPEC.stat().st_size
        commands = {"empty": ([empty], 0), "lint": ([scalegen, "lint", "scalegen.yaml"], 0)}
        medians(commands, folder, 30)
        small = medians(commands, folder, 400)
        ratio = small["lint"] / small["empty"]
        print("| what | measured | bar | met |\n|---|---|---|---|")
        row(f"lint one spec of {size} bytes with two profiles and a target, whole process",
            f"{small['lint'] * 1000:.2f} ms, {ratio:.2f} × an empty program ({small['empty'] * 1000:.2f} ms)",
            "1.2 ms and 2 ×", ratio <= 2 and small["lint"] <= 0.0012)

        text = SPEC.read_text()
        typed = text + "# " + "x" * max(0, 2045 - len(text.encode())) + "\n"
        seconds = change_to_diagnostics(scalegen, folder, typed, 400)
        row(f"from a change to diagnostics in the editor, {len(typed.encode())} bytes",
            f"{seconds * 1000:.2f} ms", "10 ms", seconds <= 0.01)

        peers = {}
        compose = ROOT / ".consumers/bin/docker-compose"
        for found in [compose, *ROOT.glob(".consumers/*/bin/docker-compose")]:
            if found.exists():
                peers["docker compose config"] = ([str(found), "-f", "docker-compose.yml", "config", "-q"], 0)
        for found in [*ROOT.glob(".consumers/bin/check-jsonschema"), *ROOT.glob(".consumers/*/bin/check-jsonschema")]:
            peers["check-jsonschema"] = ([str(found), "--schemafile", str(SCHEMA), "scalegen.yaml"], 0)
        if peers:
            for name, seconds in medians(peers, folder, 10).items():
                print(f"| {name}, same folder | {seconds * 1000:.0f} ms, {seconds / small['lint']:.0f} × scalegen lint | | |")
        else:
            print("| peers | not measured: run tests/consumers/install.sh | | |")

        text = SPEC.read_text()
        # the same services checked once, and with their profiles: base and two profiles are three whole checks
        for name, spec in [("without profiles and targets", text[: text.index("profiles:")]), ("as they are", text)]:
            copies = folder / "many"
            for number in range(2000):
                below = copies / f"s{number}"
                below.mkdir(parents=True, exist_ok=True)
                (below / "scalegen.yaml").write_text(spec)
            seconds = medians({"many": ([scalegen, "lint", "many"], 0)}, folder, 9)["many"]
            row(f"lint 2,000 such specs in one call, {name}", f"{seconds:.3f} s", "0.15 s", seconds <= 0.15)

        path = folder / "listed.scalegen.yaml"
        path.write_text(listed(800))
        both = medians({"empty": ([empty], 0), "read": ([scalegen, "lint", path.name], 1)}, folder, 41)
        rate = path.stat().st_size / (both["read"] - both["empty"]) / 1e6
        row(f"read {path.stat().st_size / 1e3:.0f} kB of YAML, from the file to its first finding",
            f"{rate:.0f} MB/s", "30 MB/s", rate >= 30)

        path = folder / "rendered.yaml"
        path.write_text(rendered(100))
        # into an empty folder each file reaches the disk before any has its name; later a file that is as rendered stays
        first = []
        for number in range(15):
            seconds, code = run([scalegen, "render", path.name, "--out", f"out{number}"], folder)
            first.append(seconds)
            if code != 0:
                sys.exit(f"render ended with {code}")
        again = medians({"render": ([scalegen, "render", path.name, "--out", "out0"], 0)}, folder, 15)["render"]
        files = sum(1 for _ in (folder / "out0").rglob("*.*"))
        for what, seconds in [("into an empty folder", statistics.median(first)), ("once more", again)]:
            row(f"render 100 services for five targets, {files} files, {what}",
                f"{seconds * 1000:.1f} ms", "30 ms", seconds <= 0.030)

        # the smallest is large enough that starting a process does not hide the work
        counts = [100, 1000, 10_000]
        results = {}
        for count in counts:
            path = folder / f"large{count}.yaml"
            path.write_text(large(count))
            runs = [run([scalegen, "lint", path.name], folder) for _ in range(7)]
            if any(code != 0 for _, code in runs):
                sys.exit(f"lint of {count} services ended with {runs[0][1]}")
            most, _ = peak([scalegen, "lint", path.name], folder)
            results[count] = (statistics.median(seconds for seconds, _ in runs), most, path.stat().st_size)
        for count in counts:
            seconds, most, size = results[count]
            bound = 16_000_000 + 20 * size
            row(f"{count:,} services in one spec of {size / 1e6:.2f} MB: memory",
                f"{most / 1e6:.1f} MB at its peak, {seconds * 1000:.1f} ms", f"16 MB + 20 × input = {bound / 1e6:.1f} MB",
                most <= bound)
        simulated(scalegen, folder, row)
        many.rows(scalegen, folder, row)

        base = small["empty"]
        growth = (results[10_000][0] - base) / (results[1000][0] - base)
        row("time from 1,000 to 10,000 services", f"× {growth:.1f}", "in proportion: × 10, half as much again at most",
            growth <= 15)
    if missed and enforce:
        sys.exit(f"bars missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
