#!/usr/bin/env python3
"""Prints the licences of the crates that are part of the program: each text once, with the crates it is the text of.

    notices.py TARGET > NOTICES.txt

Their licences want to be passed on with the program. Reads the crates' sources where cargo keeps them.
"""

import json
import pathlib
import re
import subprocess
import sys

NAMES = re.compile(r"(LICEN[CS]E|UNLICENSE|COPYING|COPYRIGHT|NOTICE)", re.IGNORECASE)


def shipped(metadata: dict) -> "list[dict]":
    """The packages that are linked into the program: no development, no build scripts, no macros."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    seen, todo = set(), [root]
    while todo:
        here = todo.pop()
        if here in seen or any("proc-macro" in target["kind"] for target in packages[here]["targets"]):
            continue
        seen.add(here)
        todo += [dep["pkg"] for dep in nodes[here]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    return sorted((packages[one] for one in seen - {root}), key=lambda package: (package["name"], package["version"]))


def main(target: str) -> None:
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    texts: "dict[str, list[str]]" = {}
    print("scalegen is made of these crates too. Their licences, and then the texts that they come with:\n")
    for package in shipped(metadata):
        name = f"{package['name']} {package['version']}"
        print(f"{name}: {package['license']}")
        folder = pathlib.Path(package["manifest_path"]).parent
        for file in sorted(file for file in folder.iterdir() if file.is_file() and NAMES.match(file.name)):
            text = "\n".join(line.rstrip() for line in file.read_text(encoding="utf-8", errors="replace").strip().splitlines())
            texts.setdefault(text, []).append(name)
    for text, names in texts.items():
        print(f"\n{'=' * 80}\n{', '.join(dict.fromkeys(names))}\n{'=' * 80}\n\n{text}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
