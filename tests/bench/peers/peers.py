#!/usr/bin/env python3
"""Runs scalegen and its peers on one deployment: what they find of planted faults, how long they take, how much memory.

usage: peers.py SCALEGEN [--update] [--rounds N]      called by ../peers.sh, which installs the peers

A fault is found when a finding speaks of it that the clean twin does not give: a line of the report (of one in JSON, a
finding) that holds one of the fault's words; of scalegen's only the fault's own rule counts. scalegen is asked three
times: of the spec, and of each file that others read too, without any spec. Every tool gets its strictest flags. Nothing
here is asserted but that the committed table is the one of this run.
"""

import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
OUT = ROOT / ".consumers"
CLEAN = HERE / "clean"
VALUES = "chart/values.yaml"
TIME = "/usr/bin/time"
FOUND, SILENT, UNASKED = "found", "–", ""


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("INFO ")]


def nothing(_text):
    """For a command whose standard output is what it renders."""
    return []


def compose_lint(text):
    found = json.loads(text)
    found = found if isinstance(found, list) else found.get("findings", [])
    return [f"{one.get('rule_id')} {one.get('message')}" for one in found]


def dclint(text):
    return [f"{one['rule']} {one['message']}" for file in json.loads(text) for one in file["messages"]]


def scalegen(text):
    return [f"{one['rule']} {one['message']}" for one in json.loads(text)["findings"]]


class Tool:
    """One tool: what it reads, how it is called, how its report is taken apart."""

    def __init__(self, name, reads, *commands, rule=None):
        """Each command with what takes its standard output apart; for scalegen the key of a fault's rule in this file."""
        self.name, self.reads, self.commands, self.rule = name, reads, commands, rule

    def findings(self, folder):
        """The set of its findings, without the places that a planted fault moves."""
        found = []
        for command, parse in self.commands:
            run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment())
            try:
                found += parse(run.stdout)
            except ValueError:
                # no report, but a word about why not
                found += lines(run.stdout)
            found += lines(run.stderr)
        return {re.sub(r"\bline \d+|:\d+:\d+|:\d+\b", "", line.replace(str(folder), "")) for line in found}


def environment():
    return {**os.environ, "POSTGRES_PASSWORD": "set", "NO_COLOR": "1"}


def tools(binary):
    peers, py, kube = OUT / "peers", OUT / "py/bin", OUT / "kube"
    compose = "docker-compose.yml"
    json_ = ["--format", "json"]
    node = ["node", peers / "node_modules/.bin/dclint", "--max-warnings", "0", "-f", "json", compose]

    def own(name, file, rule):
        # a folder without the spec, which would be checked in place of the compose file that it names
        command = [binary, "lint", *json_, file if rule == "rule" else f"alone/{file}"]
        return Tool(name, file, (command, scalegen), rule=rule)

    return [
        own("scalegen lint", "scalegen.yaml", "rule"),
        own("scalegen lint, compose file alone", compose, "in_compose"),
        Tool("docker compose config", compose, ([py / "docker-compose", "-f", compose, "config", "-q"], lines)),
        Tool("check-jsonschema", compose,
             ([py / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", compose], lines)),
        Tool("compose-lint", compose,
             ([peers / "bin/compose-lint", "check", "--fail-on", "low", *json_, compose], compose_lint)),
        Tool("dclint", compose, (node, dclint)),
        own("scalegen lint, manifests alone", "kubernetes.yaml", "in_manifests"),
        Tool("kubernetes-validate", "kubernetes.yaml", ([py / "kubernetes-validate", "--strict", "kubernetes.yaml"], lines)),
        Tool("helm lint, template", "values.yaml", ([kube / "helm", "lint", "--strict", "chart"], lines),
             ([kube / "helm", "template", "shop", "chart"], nothing)),
    ]


def planted(fault, folder):
    """A copy of the clean files with one fault in every form that can say it."""
    shutil.copytree(CLEAN, folder, dirs_exist_ok=True)
    for name, change in fault.items():
        if not name.endswith((".yaml", ".yml")):
            continue
        path = folder / (VALUES if name == "values.yaml" else name)
        text = path.read_text()
        for out, into in change if isinstance(change[0], list) else [change]:
            if text.count(out) != 1:
                sys.exit(f"{fault['rule']}: {out!r} stands {text.count(out)} times in {name}")
            text = text.replace(out, into)
        path.write_text(text)
    if fault.get("base"):
        shutil.copy(folder / "overlay.scalegen.yaml", folder / "scalegen.yaml")
    (folder / "alone").mkdir(exist_ok=True)
    for name in ("docker-compose.yml", "kubernetes.yaml"):
        shutil.copy(folder / name, folder / "alone" / name)


def asked(tool, fault):
    return tool.reads in fault or (tool.reads == "scalegen.yaml" and fault.get("base"))


def faults(all_, folder):
    """For each fault and tool the finding that speaks of it."""
    said = []
    clean = folder / "clean"
    planted({}, clean)
    based = folder / "based"
    planted({"base": True}, based)
    twins = {tool.name: tool.findings(clean) for tool in all_}
    twins_based = {**twins, "scalegen lint": all_[0].findings(based)}
    for fault in yaml.safe_load((HERE / "faults.yaml").read_text()):
        # one path for all, so that none stands in a difference
        twin = twins_based if fault.get("base") else twins
        where = folder / "planted"
        shutil.rmtree(where, ignore_errors=True)
        planted(fault, where)
        row = {}
        for tool in all_:
            if asked(tool, fault):
                new = sorted(tool.findings(where) - twin[tool.name])
                rule = tool.rule and fault.get(tool.rule, fault["rule"])
                words = re.compile(f"^{rule} " if rule else fault["words"], re.IGNORECASE)
                row[tool.name] = next((line for line in new if words.search(line)), None)
        said.append((fault, row))
    return said


def measured(all_, folder, rounds):
    """Seconds (median of runs in turn) and peak bytes of each tool on the clean files."""
    planted({}, folder / "timed")
    seconds, peaks = {tool.name: [] for tool in all_}, {tool.name: 0 for tool in all_}
    for _ in range(rounds):
        for tool in all_:
            spent = 0.0
            for command, _ in tool.commands:
                start = time.perf_counter()
                subprocess.run(command, cwd=folder / "timed", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
                spent += time.perf_counter() - start
            seconds[tool.name].append(spent)
    for tool in all_:
        for command, _ in tool.commands:
            # a child of this process would inherit its peak
            run = subprocess.run([TIME, "-q", "-f", "%M", "-o", folder / "peak", *command], cwd=folder / "timed",
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
            if run.returncode != 127:
                peaks[tool.name] = max(peaks[tool.name], int((folder / "peak").read_text().split()[-1]) * 1024)
    return {name: statistics.median(all_) for name, all_ in seconds.items()}, peaks


def table(said, all_):
    names = [tool.name for tool in all_]
    rows = [f"| fault | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for fault, row in said:
        cells = [FOUND if row.get(name) else SILENT if name in row else UNASKED for name in names]
        rows.append(f"| {fault['fault']} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def short(said, all_, seconds, peaks):
    rows = ["| tool | reads | found | of the faults its files can say | time | memory |", "|---|---|---|---|---|---|"]
    for tool in all_:
        cells = [row[tool.name] for _, row in said if tool.name in row]
        spent = seconds[tool.name] * 1000
        spent = f"{spent:.1f} ms" if spent < 10 else f"{spent:.0f} ms"
        found = sum(1 for cell in cells if cell)
        rows.append(f"| {tool.name} | {tool.reads} | {found} | {len(cells)} | {spent} | {peaks[tool.name] / 1e6:.0f} MB |")
    return "\n".join(rows) + "\n"


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    update = "--update" in sys.argv
    rounds = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 15
    if not os.path.exists(TIME):
        sys.exit(f"{TIME} measures memory: install the package `time`")
    all_ = tools(binary)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        said = faults(all_, folder)
        seconds, peaks = measured(all_, folder, rounds)
    print(table(said, all_))
    for fault, row in said:
        for name, line in row.items():
            if line:
                print(f"{fault['fault']}: {name}: {line[:300]}")
    print()
    text = short(said, all_, seconds, peaks)
    print(text)
    found = HERE / "found.md"
    readme = ROOT / "tests/README.md"
    if update:
        found.write_text(table(said, all_))
        old = readme.read_text()
        begin, end = "<!-- peers -->\n", "<!-- /peers -->"
        readme.write_text(old[: old.index(begin) + len(begin)] + text + old[old.index(end):])
    elif not found.exists() or found.read_text() != table(said, all_):
        sys.exit(f"{found.relative_to(ROOT)} is not what this run found: read the difference, then run with --update")


if __name__ == "__main__":
    main()
