"""How long an editor waits: from a change that it sends to the diagnostics that come back. Used by bars.py."""

import json
import statistics
import subprocess
import time


class Session:
    """A session with `scalegen lsp` for one document."""

    def __init__(self, scalegen, folder):
        self.process = subprocess.Popen([scalegen, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.uri = (folder / "scalegen.yaml").resolve().as_uri()
        self.tell("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, number=1)
        self.hear()
        self.tell("initialized", {})

    def tell(self, method, params, number=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def hear(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def open(self, text):
        document = {"uri": self.uri, "languageId": "yaml", "version": 0, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return self.hear()

    def type(self, version, change):
        """Seconds from a change to its diagnostics."""
        document = {"uri": self.uri, "version": version}
        start = time.perf_counter()
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        heard = self.hear()
        seconds = time.perf_counter() - start
        assert heard["params"]["version"] == version, heard
        return seconds

    def end(self):
        self.tell("shutdown", None, number=2)
        self.hear()
        self.tell("exit", None)
        self.process.wait(10)


def change_to_diagnostics(scalegen, folder, text, rounds):
    """The median, typing one character at the end of the document and taking it back."""
    session = Session(scalegen, folder)
    session.open(text)
    line = text.count("\n")
    times = []
    for version in range(1, rounds + 1):
        typed = version % 2
        start, end = {"line": line, "character": 0}, {"line": line, "character": 0 if typed else 1}
        times.append(session.type(version, {"range": {"start": start, "end": end}, "text": "#" if typed else ""}))
    session.end()
    return statistics.median(times)
