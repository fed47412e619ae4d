#!/usr/bin/env python3
"""Collects what fuzzing starts from: seeds out of the repository's fixtures and pages, and a dictionary of its words.

usage: prepare.py OUT      writes OUT/seeds/<fuzz target>/… and OUT/words.dict
"""

import hashlib
import json
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
# targets that take bytes as decisions of a generator: their seeds are noise
GENERATED = ["spec", "render", "fix_spec", "scale"]
TARGETS = 7
BASELINE = b"""{
  "version": 1,
  "findings": [
    {"file": "shop/scalegen.yaml", "path": "/services/api", "rule": "missing-limits", "fingerprint": "0011223344556677", "count": 1}
  ]
}
"""


def words(node, found):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties" and isinstance(value, dict):
                found.update(value)
            if key == "enum":
                found.update(str(one) for one in value)
            if key == "examples":
                found.update(str(one) for one in value if isinstance(one, (str, int, float)))
            words(value, found)
    elif isinstance(node, list):
        for one in node:
            words(one, found)


def dictionary():
    found = set()
    for schema in ("spec", "settings"):
        words(json.loads((ROOT / f"schemas/{schema}.schema.json").read_text()), found)
    found.update(path.stem.replace("_", "-") for path in (ROOT / "src/check/rules").glob("*.md"))
    found.update(path.stem for path in (ROOT / "src/targets").glob("*/*.md"))
    found.update(["scalegen: allow ", "<<: *", "&a ", "*a", "!!str ", "!override ", "? ", "- ", ": ", "|-\n", ">+\n"])
    found.update(["---\n", "...\n", "\ufeff", "\u2028", "\u0085", "\t", "\r\n", "{}", "[]", "${X:-y}", "$$", "1e400"])
    # of the policies' manual: every name and word of their expressions
    found.update(re.findall(r"`([^`\n]{1,40})`", (ROOT / "src/check/policy.md").read_text()))
    found.update(["[[policy]]\n", "[rules]\n", "require = ", "message = ", "{{ ", " }}", "{% ", " %}"])
    found.update(["deploy:", "container_name:", "network_mode: host", "mem_limit:", "cpus:", "extends:", "include:"])

    def quoted(word):
        safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:/<>*&!?|+{}[]$%,="
        return '"' + "".join(chr(b) if b in safe else f"\\x{b:02x}" for b in word.encode()) + '"'

    return "".join(quoted(word) + "\n" for word in sorted(found) if word)


def blocks(language):
    for page in sorted(ROOT.glob("src/**/*.md")) + [ROOT / "README.md"]:
        yield from re.findall(rf"```{language}[^\n]*\n(.*?)```", page.read_text(), re.S)


def seeds():
    texts = [path.read_bytes() for path in sorted(FIXTURES.rglob("*.y*ml"))]
    texts += [text.encode() for text in blocks("yaml")]
    specs = [text for text in texts if b"version:" in text]
    yield from (("lint", text) for text in texts)
    yield from (("yaml", text) for text in texts)
    yield from (("common", text) for text in texts)
    for text in specs:
        yield from (("fix", bytes([flag]) + text) for flag in (0, 1))
        yield from (("render_text", bytes([target]) + text) for target in range(TARGETS))
    yield from (("base", text) for text in texts if b"\nservices:" in b"\n" + text)
    for folder in sorted({path.parent for path in FIXTURES.rglob("Chart.yaml")}):
        held = [folder / name for name in ("values.yaml", "values.schema.json", "Chart.yaml")]
        joined = b"\0".join(path.read_bytes() if path.exists() else b"" for path in held)
        yield from (("chart", bytes([flag]) + joined) for flag in (0, 1))
    settings = [path.read_bytes() for path in sorted(FIXTURES.rglob("*.toml"))] + [text.encode() for text in blocks("toml")]
    known = [text.encode() for text in blocks("json") if '"fingerprint"' in text]
    known.append(BASELINE)
    yield from (("settings", text) for text in settings)
    yield from (("settings", settings[at % len(settings)] + b"\0" + text) for at, text in enumerate(known))
    comments = {line.split("#", 1)[1] for text in texts for line in text.decode(errors="replace").splitlines() if "# scalegen:" in line}
    comments = sorted(comments) or [" scalegen: allow request-above-limit (known)"]
    yield from (("comments", (b"\n" * at + comment.encode())) for at in range(0, 24, 3) for comment in comments)
    numbers = {word for text in texts for word in re.findall(rb"[:\[ ]([0-9.][0-9A-Za-z.:+-]*)", text)}
    yield from (("numbers", word) for word in sorted(numbers))
    noise = random.Random(20261122)
    for target in GENERATED:
        for size in [32, 128, 512, 2048] * 12:
            yield target, noise.randbytes(size)


def main():
    out = pathlib.Path(sys.argv[1])
    for target, seed in seeds():
        folder = out / "seeds" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    (out / "words.dict").write_text(dictionary())


main()
