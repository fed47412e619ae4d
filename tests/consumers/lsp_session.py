"""Sessions of an editor with `scalegen lsp`: opened, typed in, asked. pytest-lsp stands in for the editor, with what
Visual Studio Code and Neovim say they can. Run by lsp.sh."""

import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SPEC = """version: 1
name: shop
services:
  web:
    image: "é漢😀"  # wide characters
    replica: 3
  api: { image: "😀", replicas: { min: 4, max: 2 }, connections: { db: 5 } }
backingServices:
  db: { kind: postgres, maxConnections: 100 }
profiles:
  large: { services: { api: { replicas: { min: 1, max: 6 } } } }
targets:
  compose: {}
"""
RULES = ["unknown-field", "min-above-max"]


@pytest_lsp.fixture(
    params=["visual_studio_code", "neovim"],
    config=ClientServerConfig(server_command=[os.environ["SCALEGEN"], "lsp"]),
)
async def client(request, lsp_client: LanguageClient):
    capabilities = client_capabilities(request.param)
    # Visual Studio Code lets servers ask for it; the stand-in has no answer of its own
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    able = await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    lsp_client.encoding = able.capabilities.position_encoding
    yield lsp_client
    await lsp_client.shutdown_session()


class Spec:
    """A spec that is open in the editor."""

    def __init__(self, client, folder: pathlib.Path, text: str):
        path = folder / "scalegen.yaml"
        path.write_text(text, encoding="utf-8")
        self.client, self.uri, self.text, self.version = client, path.as_uri(), text, 0

    def place(self, mark: str, shift: int = 0, behind: bool = False) -> types.Position:
        """Where a text stands, or ends, in the encoding that the two agreed on."""
        before = self.text[: self.text.index(mark) + (len(mark) if behind else 0)]
        line = before.split("\n")[-1]
        wide = self.client.encoding == types.PositionEncodingKind.Utf16
        units = len(line.encode("utf-16-le")) // 2 if wide else len(line.encode())
        return types.Position(before.count("\n"), units + shift)

    async def shown(self):
        await self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return list(self.client.diagnostics[self.uri])

    async def open(self):
        item = types.TextDocumentItem(self.uri, "yaml", self.version, self.text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.shown()

    async def type(self, old: str, new: str):
        """Replaces a text, as an editor sends it: by its range."""
        start, end = self.place(old), self.place(old, behind=True)
        change = types.TextDocumentContentChangePartial(range=types.Range(start, end), text=new)
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        self.text = self.text.replace(old, new, 1)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        return await self.shown()

    @property
    def document(self):
        return types.TextDocumentIdentifier(self.uri)


def codes(diagnostics):
    return [one.code for one in diagnostics]


def of_spec(spec: Spec, edit: types.WorkspaceEdit):
    """The edits of the spec; with its version if the client can tell versions apart."""
    if edit.document_changes is None:
        return edit.changes[spec.uri]
    change, = edit.document_changes
    assert (change.text_document.uri, change.text_document.version) == (spec.uri, spec.version)
    return change.edits


def applied(spec: Spec, edits) -> str:
    text = spec.text
    wide = spec.client.encoding == types.PositionEncodingKind.Utf16

    def offset(position):
        lines = text.split("\n")
        start = sum(len(line) + 1 for line in lines[: position.line])
        name, size = ("utf-16-le", 2) if wide else ("utf-8", 1)
        return start + len(lines[position.line].encode(name)[: size * position.character].decode(name))

    for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


@pytest.mark.asyncio
async def test_findings_follow_what_is_typed(client, tmp_path):
    spec = Spec(client, tmp_path, SPEC)
    found = await spec.open()
    assert set(RULES) <= set(codes(found))
    wide = next(one for one in found if one.code == "min-above-max")
    assert wide.range.start.line == 6
    assert wide.range.start in (spec.place("4, max"), spec.place("2 }, conn"))
    assert wide.source == "scalegen" and wide.severity == types.DiagnosticSeverity.Error
    found = await spec.type("replica: 3", "replicas: 3")
    assert "unknown-field" not in codes(found)
    # a line that is half typed hides nothing of the others
    found = await spec.type("replicas: 3", "replicas: 3\n    conn")
    assert "yaml-syntax" in codes(found) and "min-above-max" in codes(found)
    found = await spec.type("\n    conn", "")
    assert "yaml-syntax" not in codes(found) and "min-above-max" in codes(found)
    found = await spec.type("min: 4", "min: 1")
    assert "min-above-max" not in codes(found)


@pytest.mark.asyncio
async def test_a_fix_is_offered_and_mends(client, tmp_path):
    spec = Spec(client, tmp_path, SPEC)
    found = await spec.open()
    assert client.encoding in ("utf-8", "utf-16")
    at = next(one for one in found if one.code == "unknown-field")
    context = types.CodeActionContext(diagnostics=[at])
    params = types.CodeActionParams(spec.document, at.range, context)
    actions = await client.text_document_code_action_async(params)
    fix = next(one for one in actions if "`replicas`" in one.title)
    assert fix.kind == types.CodeActionKind.QuickFix
    mended = applied(spec, of_spec(spec, fix.edit))
    assert mended == SPEC.replace("replica: 3", "replicas: 3")


@pytest.mark.asyncio
async def test_hover_completion_and_names(client, tmp_path):
    spec = Spec(client, tmp_path, SPEC.replace("replica: 3", "replicas: 3"))
    await spec.open()
    hover = await client.text_document_hover_async(types.HoverParams(spec.document, spec.place("replicas: { min: 4", 2)))
    assert "| large | `{ min: 1, max: 6 }` |" in hover.contents.value

    await spec.type("replicas: 3\n", "replicas: 3\n    \n")
    at = spec.place("    \n", 4)
    answer = await client.text_document_completion_async(types.CompletionParams(spec.document, at))
    labels = [item.label for item in (answer.items if isinstance(answer, types.CompletionList) else answer)]
    assert "connections" in labels and "replicas" not in labels

    at = spec.place("db: 5", 1)
    where = await client.text_document_definition_async(types.DefinitionParams(spec.document, at))
    where = where if isinstance(where, list) else [where]
    assert [one.range.start for one in where] == [spec.place("db: { kind")]
    context = types.ReferenceContext(include_declaration=True)
    uses = await client.text_document_references_async(
        types.ReferenceParams(context=context, text_document=spec.document, position=at)
    )
    assert len(uses) == 2

    params = types.RenameParams(spec.document, spec.place("api: { image", 1), "front")
    edit = await client.text_document_rename_async(params)
    assert applied(spec, of_spec(spec, edit)) == spec.text.replace("api:", "front:")
    with pytest.raises(Exception, match="called `db` already"):
        params = types.RenameParams(spec.document, spec.place("api: { image", 1), "db")
        await client.text_document_rename_async(params)


@pytest.mark.asyncio
async def test_hints_folds_and_symbols(client, tmp_path):
    spec = Spec(client, tmp_path, SPEC)
    await spec.open()
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(spec.document))
    assert [one.name for one in symbols][:3] == ["version", "name", "services"]
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(spec.document))
    assert (2, 6) in [(fold.start_line, fold.end_line) for fold in folds]
    whole = types.Range(types.Position(0, 0), types.Position(99, 0))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(spec.document, whole))
    labels = [hint.label for hint in hints]
    assert "= 20 of 100" in labels or "= 10 of 100" in labels, labels
