#!/usr/bin/env python3
"""What does an editor show for these files? The real language servers answer, over LSP: yaml-language-server, and with
--toml tombi.

    editor.py [--toml] QUESTIONS FOLDER        (`-` is stdin)

FOLDER is the workspace. QUESTIONS is JSON: `settings` (what VS Code has under `yaml`), and
`files`, a list of {"name", "text", "complete": [[line, column]…], "hover": [[line, column]…]},
lines and columns 1-based, columns in characters. A text may differ from what is on disk, as in
an editor before saving.

`files` in the answer has, for each, `diagnostics` ({line, column, severity, message}),
`complete` (a list of {label, detail, documentation, text} for each place) and `hover` (Markdown).
It accepts when no file has a diagnostic. Nothing is fetched: a schema on the network is a diagnostic.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import _common

PATIENCE = 60
YAML = _common.INSTALLED / "npm/node_modules/yaml-language-server/bin/yaml-language-server"
TOML = _common.INSTALLED / "py-editor/bin/tombi"
SEVERITY = {1: "error", 2: "warning", 3: "information", 4: "hint"}


class Server:
    """The language server over its standard streams; what it asks of the client is answered."""

    def __init__(self, folder, command, settings):
        self.settings = settings
        self.diagnostics = {}
        self.answers = {}
        self.count = 0
        self.configured = False
        self.heard = threading.Condition()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        threading.Thread(target=self.listen, daemon=True).start()
        root = folder.as_uri()
        self.ask("initialize", {
            "processId": os.getpid(),
            "rootUri": root,
            "workspaceFolders": [{"uri": root, "name": folder.name}],
            "capabilities": {
                "workspace": {"configuration": True, "workspaceFolders": True},
                "textDocument": {
                    "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                    "hover": {"contentFormat": ["markdown"]},
                },
            },
        })  # fmt: skip
        self.tell("initialized", {})
        if settings is None:
            return
        # a file opened before the settings are taken in is checked without them; this request waits for that
        self.wait(lambda: self.configured or None, "the settings")
        self.ask("textDocument/codeLens", {"textDocument": {"uri": f"{root}/none.yaml"}})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        self.count += 1
        mine = self.count
        self.send({"id": mine, "method": method, "params": params})
        answer = self.wait(lambda: self.answers.pop(mine, None), method)
        if "error" in answer:
            _common.give_up(f"{method}: {answer['error']}")
        return answer["result"]

    def wait(self, found, what):
        kept = []

        def arrived():
            answer = found()
            kept.extend([] if answer is None else [answer])
            return bool(kept)

        with self.heard:
            if not self.heard.wait_for(arrived, PATIENCE):
                _common.give_up(f"no answer to {what} within {PATIENCE} s")
        return kept[0]

    def listen(self):
        pipe = self.process.stdout
        while head := pipe.readline():
            length = int(head.split(b":")[1])
            while pipe.readline().strip():
                pass
            message = json.loads(pipe.read(length))
            if "method" in message and "id" in message:
                self.send({"id": message["id"], "result": self.reply(message)})
                with self.heard:
                    self.configured |= message["method"] == "workspace/configuration"
                    self.heard.notify_all()
                continue
            with self.heard:
                if "id" in message:
                    self.answers[message["id"]] = message
                elif message["method"] == "textDocument/publishDiagnostics":
                    self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
                self.heard.notify_all()

    def reply(self, message):
        if message["method"] == "workspace/configuration":
            known = {"yaml": self.settings}
            return [known.get(item.get("section")) for item in message["params"]["items"]]
        return None


def position(text, place):
    """An LSP position, which counts UTF-16 units from 0, of a line and a column of characters."""
    line, column = place
    before = text.splitlines()[line - 1][: column - 1] if text else ""
    return {"line": line - 1, "character": len(before.encode("utf-16-le")) // 2}


def number(text, at):
    """The line and the column of characters of an LSP position."""
    lines = text.splitlines()
    line = lines[at["line"]] if at["line"] < len(lines) else ""
    before = line.encode("utf-16-le")[: 2 * at["character"]].decode("utf-16-le", "ignore")
    return at["line"] + 1, len(before) + 1


def plain(documentation):
    return documentation.get("value") if isinstance(documentation, dict) else documentation


def main():
    toml = sys.argv[1:2] == ["--toml"]
    arguments = sys.argv[2 if toml else 1 :]
    if len(arguments) != 2:
        _common.give_up("QUESTIONS and FOLDER are wanted")
    if not toml and (not YAML.exists() or not shutil.which("node")):
        _common.give_up("yaml-language-server is not installed: run tests/consumers/install.sh")
    if toml and not TOML.exists():
        _common.give_up("tombi is not installed: run tests/consumers/install.sh")
    folder = pathlib.Path(arguments[1]).resolve()
    with open(0 if arguments[0] == "-" else arguments[0], encoding="utf-8") as file:
        questions = json.load(file)
    if toml:
        language, command, settings = "toml", [str(TOML), "lsp", "--offline"], None
    else:
        language, command = "yaml", ["node", str(YAML), "--stdio"]
        settings = {
            "validate": True, "hover": True, "completion": True, "format": {"enable": False},
            "schemaStore": {"enable": False}, **questions.get("settings", {}),
        }  # fmt: skip
    server = Server(folder, command, settings)
    files, reasons = [], []
    for file in questions["files"]:
        uri, text = (folder / file["name"]).as_uri(), file["text"]
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        server.tell("textDocument/didOpen", {"textDocument": document})
        found = server.wait(lambda: server.diagnostics.get(uri), f"diagnostics of {file['name']}")
        diagnostics = []
        for each in found:
            line, column = number(text, each["range"]["start"])
            severity = SEVERITY[each["severity"]]
            diagnostics.append({"line": line, "column": column, "severity": severity, "message": each["message"]})
            reasons.append(f"{file['name']}:{line}:{column}: {severity}: {each['message']}")

        def at(place):
            return {"textDocument": {"uri": uri}, "position": position(text, place)}

        complete = []
        for place in file.get("complete", []):
            answer = server.ask("textDocument/completion", at(place)) or []
            items = answer["items"] if isinstance(answer, dict) else answer
            complete.append([
                {
                    "label": item["label"],
                    "detail": item.get("detail"),
                    "documentation": plain(item.get("documentation")),
                    "text": item.get("textEdit", {}).get("newText", item.get("insertText")),
                }
                for item in sorted(items, key=lambda item: item.get("sortText", item["label"]))
            ])  # fmt: skip
        hovers = [server.ask("textDocument/hover", at(place)) for place in file.get("hover", [])]
        hovers = [hover and plain(hover["contents"]) for hover in hovers]
        files.append({"name": file["name"], "diagnostics": diagnostics, "complete": complete, "hover": hovers})
    server.ask("shutdown", None)
    server.tell("exit", None)
    server.process.wait(PATIENCE)
    _common.answer(reasons, files=files)


main()
