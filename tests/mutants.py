"""Mutation tests: every mutant that cargo-mutants knows of the given files, all in one build, each run by the tests that reach it.

    python3 tests/mutants.py [--again] [--sample N] [--slow SECONDS] [--jobs N] src/check/rules src/model/quantity.rs ...

cargo-mutants (cargo install --locked cargo-mutants) lists the mutants. One build a mutant would take days, so each function gets
a `match` over its mutants, and an environment variable says which one runs. What does not compile is unviable and taken out. A first
turn runs each test alone and notes the functions that it reaches; then each mutant meets those tests, the quickest first. A
survivor that nobody can see stands in tests/mutants.md with the reason; any other one fails the run. `--again` tries only what
survived the last time. Tests of installed consumers, of time, memory, kills and of the sources themselves take no part.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "mutants"
TREE = WORK / "tree"
SKIPPED = "bombs consumers corpus delivery editor engine faults hooks killed readme site terminal tidy yaml_suite".split()
# lists of modules that stand in a macro
LISTS = ["src/check/rules/mod.rs", "src/targets/mod.rs", "src/inputs/mod.rs", "src/report/findings/mod.rs"]
# what is generated into the copy: says which mutant runs, and notes what is reached
SWITCH = """//! Which mutant runs.
#![allow(missing_docs)]
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
static RUNS: OnceLock<(u32, Option<String>)> = OnceLock::new();
static HIT: [AtomicBool; GROUPS] = [const { AtomicBool::new(false) }; GROUPS];
pub fn active(group: usize) -> u32 {
    let of = |name| std::env::var(name).ok();
    let (runs, log) = RUNS.get_or_init(|| (of("MUTANT").and_then(|n| n.parse().ok()).unwrap_or(0), of("MUTANTS_LOG")));
    if let Some(log) = log && !HIT[group].swap(true, Ordering::Relaxed) {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(log);
        let _ = file.and_then(|mut file| file.write_all(format!("{group}\\n").as_bytes()));
    }
    *runs
}
pub fn boxed<'a, T>(all: impl Iterator<Item = T> + 'a) -> Box<dyn Iterator<Item = T> + 'a> {
    Box::new(all)
}
"""


def put(path, text):
    """Writes only what differs, so that cargo builds only what changed."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def copy():
    """The files of the checkout, with the modules that a macro declares named once more where no compiler looks."""
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    names = [name for name in files.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    sources = {}
    for name in names:
        raw = (ROOT / name).read_bytes()
        if name.startswith("src/") and name.endswith(".rs"):
            sources[name] = raw.decode()
            continue
        target = TREE / name
        if not target.exists() or target.read_bytes() != raw:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    for path in sorted((TREE / "src").rglob("*.rs")) if (TREE / "src").exists() else []:
        if str(path.relative_to(TREE)) not in sources:
            path.unlink()
    return sources


def listed(sources, globs):
    """The mutants of these files, as cargo-mutants lists them, each with a name that outlives moved lines."""
    listing = WORK / "listing"
    for name, text in sources.items():
        if name in LISTS:
            words = re.findall(r"\bmod (\w+);", re.search(r"^cfg_if! \{\n(.*?)^\}", text, re.S | re.M).group(1))
            text += "".join(f"#[cfg(any())]\nmod {word};\n" for word in words)
        put(listing / name, text)
    for name in ("Cargo.toml", "Cargo.lock", "tests/it/main.rs"):
        put(listing / name, (ROOT / name).read_text())
    wanted = [part for name in globs for part in ("--file", name if name.endswith(".rs") else f"{name}/**")]
    command = ["cargo", "mutants", "--no-config", "--list", "--json", "--dir", str(listing), *wanted]
    mutants = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    seen = Counter()
    for number, mutant in enumerate(mutants, 1):
        plain = re.sub(r":\d+:\d+:", ":", mutant["name"])
        seen[plain] += 1
        mutant.update(number=number, plain=plain if seen[plain] == 1 else f"{plain} #{seen[plain]}")
    return mutants


def offsets(text):
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return lambda place: starts[place["line"] - 1] + place["column"] - 1


TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|b?r(\#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])'|'\w+|[{}]""", re.S
)


def body(text, start, end):
    """The inside of a function's block: between the last brace and the one it closes."""
    stack, found = [], None
    for token in TOKEN.finditer(text, start, end):
        if token.group() == "{":
            stack.append(token.end())
        elif token.group() == "}":
            found = (stack.pop(), token.start())
    return found


def grouped(name, text, mutants):
    """Mutants by the outermost function they stand in; what stands in none, or in a `const fn`, cannot be switched."""
    at = offsets(text)
    spans = sorted({(at(m["function"]["span"]["start"]), at(m["function"]["span"]["end"])) for m in mutants if m["function"]})
    outer, rest = [], []
    for start, end in spans:
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    groups = defaultdict(list)
    for mutant in mutants:
        start, end = at(mutant["span"]["start"]), at(mutant["span"]["end"])
        home = next(((s, e) for s, e in outer if s <= start and end <= e), None)
        inside = body(text, *home) if home else None
        if not inside or not inside[0] <= start <= end <= inside[1] or re.search(r"\bconst fn\b", text[home[0] : inside[0]]):
            rest.append(mutant)
            continue
        groups[inside].append((start, end, mutant))
    return groups, rest


def woven(text, groups, first, dropped, places):
    """The text with a `match` in each function. Notes the lines of each mutant and of each function."""
    out, done, line = [], 0, 1

    def add(part):
        nonlocal line
        out.append(part)
        line += part.count("\n")

    for group, ((start, end), mutants) in enumerate(sorted(groups.items()), first):
        kept = [entry for entry in mutants if entry[2]["number"] not in dropped]
        add(text[done:start])
        opened = line
        if kept:
            # arms of one type, where the function promises an iterator of whatever type
            head = text[text.rfind("fn ", 0, start) : start]
            box, close = ("crate::mutants::boxed({", "})") if "-> impl Iterator" in head else ("", "")
            add(f"match crate::mutants::active({group}) {{\n")
            for left, right, mutant in kept:
                begins = line
                add(f"{mutant['number']} => {{ {box}{text[start:left]} {mutant['replacement']} {text[right:end]}\n{close}}}\n")
                places.append((begins, line - 1, [mutant["number"]]))
            add(f"_ => {{{box}{text[start:end]}\n{close}}}}}")
            places.append((opened, line, [mutant["number"] for _, _, mutant in kept]))
        else:
            add(text[start:end])
        done = end
    add(text[done:])
    return "".join(out)


def cargo(arguments):
    env = dict(os.environ, CARGO_TARGET_DIR=str(WORK / "build"))
    command = ["cargo", *arguments, "--locked", "--message-format", "json"]
    run = subprocess.run(command, cwd=TREE, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return run, [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def built(sources, mutants):
    """Weaves and compiles until nothing is wrong; gives the test binaries, the groups, and the numbers of unviable mutants."""
    by_file, weavings, rest, first = defaultdict(list), {}, [], 0
    for mutant in mutants:
        by_file[mutant["file"]].append(mutant)
    for name, of_file in by_file.items():
        groups, others = grouped(name, sources[name], of_file)
        weavings[name] = (groups, first)
        first += len(groups)
        rest += others
    # what did not compile before is not tried again
    known = WORK / "unviable.json"
    names = {mutant["number"]: mutant["name"] for mutant in mutants}
    before = set(json.loads(known.read_text())) if known.exists() else set()
    unviable = {number for number, name in names.items() if name in before}
    dropped = {mutant["number"] for mutant in rest} | unviable
    while True:
        places = defaultdict(list)
        for name, text in sources.items():
            if name in weavings:
                text = woven(text, *weavings[name], dropped, places[name])
            if name == "src/lib.rs":
                text = text.replace("#![forbid", "#![allow(warnings, arithmetic_overflow, unconditional_panic)]\n#![forbid", 1)
                text += "pub mod mutants;\n"
            put(TREE / name, text)
        put(TREE / "src/mutants.rs", SWITCH.replace("GROUPS", str(first + 1)))
        run, messages = cargo(["build", "--lib"])
        if run.returncode == 0:
            break
        found = set()
        for message in messages:
            if message.get("reason") != "compiler-message" or message["message"]["level"] != "error":
                continue
            for span in message["message"]["spans"]:
                if span["is_primary"]:
                    meant = [p for p in places[span["file_name"]] if p[0] <= span["line_start"] <= p[1]]
                    found.update(min(meant, key=lambda place: place[1] - place[0])[2] if meant else [])
        if not found - dropped:
            sys.exit(f"mutants: the copy does not compile:\n{run.stderr}\n" + "\n".join(
                message["message"]["rendered"] for message in messages if message.get("message", {}).get("level") == "error"))
        print(f"mutants: {len(found)} do not compile", flush=True)
        unviable |= found
        dropped |= found
        known.write_text(json.dumps(sorted(before | {names[number] for number in unviable})))
    run, messages = cargo(["test", "--no-run"])
    if run.returncode:
        sys.exit(run.stderr)
    binaries = [m["executable"] for m in messages if m.get("executable") and "/deps/" in m["executable"]]
    group_of = {}
    for groups, first in weavings.values():
        for number, (_, entries) in enumerate(sorted(groups.items()), first):
            group_of.update({mutant["number"]: number for _, _, mutant in entries})
    return binaries, group_of, unviable, {mutant["number"] for mutant in rest}


def bounds():
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 29, resource.getrlimit(resource.RLIMIT_STACK)[1]))


def ran(binary, names, seconds, **env):
    """How the tests of one binary end: passed, failed or timeout."""
    more = {"PROPTEST_RNG_SEED": "20261122", "RUST_MIN_STACK": str(1 << 28), "TMPDIR": str(WORK / "tmp"), "RUST_TEST_THREADS": "1"}
    child = subprocess.Popen(
        [binary, "--exact", "--quiet", *names], cwd=TREE, env={**os.environ, **more, **env}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=bounds,
    )
    try:
        return "passed" if child.wait(seconds) == 0 else "failed"
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()


def reach(binaries, jobs, slow):
    """For each test: its binary, its name, its seconds and the groups that it reaches."""
    tests = []
    for binary in binaries:
        text = subprocess.run([binary, "--list"], cwd=TREE, stdout=subprocess.PIPE, text=True, check=True).stdout
        for name in re.findall(r"^(\S+): test$", text, re.M):
            if not set(name.split("::")[:-1]) & set(SKIPPED) or binary != binaries[-1]:
                tests.append((binary, name))

    def one(test):
        log = WORK / "reach" / re.sub(r"\W", "_", test[1])
        start = time.monotonic()
        how = ran(test[0], [test[1]], slow, MUTANTS_LOG=str(log))
        groups = set(map(int, log.read_text().split())) if log.exists() else set()
        return (*test, time.monotonic() - start, groups, how)

    shutil.rmtree(WORK / "reach", ignore_errors=True)
    (WORK / "reach").mkdir(parents=True)
    with ThreadPoolExecutor(jobs) as pool:
        all_of_them = list(pool.map(one, tests))
    for binary, name, seconds, _, how in all_of_them:
        if how != "passed":
            print(f"mutants: without {name}: {how} after {seconds:.0f} s with no mutant", flush=True)
    return sorted((test for test in all_of_them if test[4] == "passed"), key=lambda test: test[2])


def judged(mutant, group, tests):
    """What becomes of one mutant."""
    meeting = [test for test in tests if group in test[3]]
    if not meeting:
        return "missed", "no test reaches it"
    budget = 0.5
    while meeting:
        # most mutants fall to the quickest tests: the first batch is short, and each next one longer
        batch, seconds, budget = [], 0.0, budget * 4
        while meeting and meeting[0][0] == (batch or meeting)[0][0] and (not batch or seconds + meeting[0][2] < budget):
            seconds += meeting[0][2]
            batch.append(meeting.pop(0))
        how = ran(batch[0][0], [test[1] for test in batch], 20 + 5 * seconds, MUTANT=str(mutant["number"]))
        if how != "passed":
            return ("caught" if how == "failed" else "timeout"), batch[0][1]
    return "missed", "every test passes"


def home(mutant, files):
    """Which of the files or folders asked for a mutant stands in."""
    return next((index, name) for index, name in enumerate(files) if mutant["file"].startswith(name))


def explained():
    """The names of the mutants that tests/mutants.md explains."""
    page = ROOT / "tests" / "mutants.md"
    return set(re.findall(r"^\| `([^|]*)` \|", page.read_text(), re.M)) if page.exists() else set()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="only every Nth mutant")
    parser.add_argument("--slow", type=int, default=30, metavar="SECONDS", help="a test that takes longer takes no part")
    parser.add_argument("files", nargs="+", help="files or folders of src/")
    options = parser.parse_args()
    if not shutil.which("cargo-mutants"):
        sys.exit("mutants: NOT TRIED: no cargo-mutants here (cargo install --locked cargo-mutants)")
    sources = copy()
    mutants = listed(sources, options.files)[:: options.sample]
    mutants.sort(key=lambda mutant: home(mutant, options.files)[0])
    known = explained()
    record = WORK / "outcomes.json"
    if options.again:
        before = json.loads(record.read_text())
        again = {name for name, outcome in before.items() if outcome == "missed"}
    (WORK / "tmp").mkdir(parents=True, exist_ok=True)
    binaries, group_of, unviable, rest = built(sources, mutants)
    tests = reach(binaries, options.jobs, options.slow)
    print(f"mutants: {len(mutants)} mutants, {len(tests)} tests", flush=True)
    outcomes = {m["plain"]: "unviable" for m in mutants if m["number"] in unviable}
    outcomes |= {m["plain"]: "no switch" for m in mutants if m["number"] in rest}

    # an interrupt ends the run after the mutants at work, with the figures so far
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())

    def one(mutant):
        name = mutant["plain"]
        if name in outcomes:
            return
        if stop.is_set():
            outcomes[name] = "not tried"
            return
        if options.again and name not in again:
            outcomes[name] = before.get(name, "not tried")
            return
        outcomes[name], why = judged(mutant, group_of[mutant["number"]], tests)
        if outcomes[name] == "missed" and name in known:
            outcomes[name] = "explained"
        elif outcomes[name] == "missed":
            print(f"missed: {mutant['name']}: {why}", flush=True)

    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(one, mutants))
    finally:
        record.write_text(json.dumps(outcomes, indent=1))
        shutil.rmtree(WORK / "tmp", ignore_errors=True)
    rooms = defaultdict(Counter)
    for mutant in mutants:
        rooms[home(mutant, options.files)[1]][outcomes[mutant["plain"]]] += 1
    for room, counts in rooms.items():
        print(f"{room}: {sum(counts.values())} mutants: " + ", ".join(f"{n} {word}" for word, n in sorted(counts.items())))
    missed = sum(counts["missed"] for counts in rooms.values())
    if missed:
        sys.exit(f"mutants: {missed} survived without an explanation in tests/mutants.md")


if __name__ == "__main__":
    main()
