#!/usr/bin/env python3
"""Counts the instructions of a few commands with valgrind's callgrind and holds them below committed bounds.

usage: instructions.py KIND SCALEGEN [--update]      called by instructions.sh, which builds the program

Instructions do not depend on what else the machine does, so a slower scalegen shows where wall time is noise. They do
depend on the compiler and the C library: with those that the bounds were counted with, a count may be a quarter above
its bound; with others, half. KIND is debug or release, each with bounds of its own: a debug build is at hand wherever
the tests run, and work that grows out of proportion shows in it as well. Only the program's own instructions count: what
the loader takes to place it differs with the linker, by a quarter of a small command.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import bars

BOUNDS = pathlib.Path(__file__).resolve().parent / "instructions.json"
SAME, OTHER = 1.25, 1.50


def count(argv, folder, good):
    """The instructions of one process in the program itself, not in libraries or the loader."""
    profile = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", *argv]
    # a bare environment: its size would be counted
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    if run.returncode != good:
        sys.exit(f"{' '.join(argv)}: exit code {run.returncode}, not {good}\n{run.stderr[-2000:]}")
    own = instructions_of(argv[0], profile.read_text())
    if own == 0:
        sys.exit(f"{' '.join(argv)}: callgrind names no instruction of the program")
    return own


def instructions_of(program, profile):
    """The instructions that a profile of callgrind counts in one object file. A line of costs stands below the name of its
    object, which is written out once and numbered from then on; the line after `calls=` has what a called function took."""
    names, current, total, called = {}, None, 0, False
    for line in profile.splitlines():
        if named := re.match(r"(c?)ob=\((\d+)\)(?: (.*))?$", line):
            if named[3]:
                names[named[2]] = named[3]
            if not named[1]:
                current = names[named[2]]
        elif line.startswith("calls="):
            called = True
        elif re.match(r"[0-9+*-]", line):
            if not called and current == program:
                total += int(line.split()[-1])
            called = False
    return total


def toolchain():
    def first(*argv):
        run = subprocess.run(argv, capture_output=True, text=True)
        return (run.stdout or run.stderr).splitlines()[0]

    return {"rustc": first("rustc", "--version").split(" (")[0], "libc": first("ldd", "--version").split(") ")[-1]}


def main():
    kind = sys.argv[1]
    scalegen = str(pathlib.Path(sys.argv[2]).resolve())
    update = "--update" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        shutil.copy(bars.SPEC, folder / "scalegen.yaml")
        files = {"large.yaml": bars.large(100), "listed.scalegen.yaml": bars.listed(80), "rendered.yaml": bars.rendered(10)}
        for name, text in files.items():
            (folder / name).write_text(text)
        commands = {
            "lint a spec with two profiles and a target": (["lint", "scalegen.yaml"], 0),
            "lint 100 services": (["lint", "large.yaml"], 0),
            "read 80 services as YAML": (["lint", "listed.scalegen.yaml"], 1),
            "render 10 services for five targets": (["render", "rendered.yaml", "--out", "out"], 0),
        }
        counted = {name: count([scalegen, *argv], folder, good) for name, (argv, good) in commands.items()}
    here = toolchain()
    all_ = json.loads(BOUNDS.read_text()) if BOUNDS.exists() else {}
    if update:
        all_[kind] = {"counted with": here, "instructions": counted}
        BOUNDS.write_text(json.dumps(all_, indent=2) + "\n")
    if kind not in all_:
        sys.exit("\n".join([*(f"instructions: {name}: {number:,}" for name, number in counted.items()),
                            f"instructions: no bounds are committed for a {kind} build: add --update"]))
    bounds = all_[kind]
    same = bounds["counted with"] == here
    if not same:
        print(f"instructions: counted with {here}, the bounds with {bounds['counted with']}: {OTHER:.0%} of them are allowed")
    above = []
    for name, instructions in counted.items():
        bound = bounds["instructions"][name]
        print(f"instructions: {name}: {instructions:,}, {instructions / bound:.1%} of {bound:,}")
        if instructions > bound * (SAME if same else OTHER):
            above.append(name)
    if above:
        sys.exit(f"instructions: more than the bound for: {'; '.join(above)}\n"
                 f"if the work is worth it: bash tests/bench/instructions.sh {kind} --update, and say why in the commit")


if __name__ == "__main__":
    main()
