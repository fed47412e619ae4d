//! The language server: asked in process, by messages as an editor sends them.

mod answers;
mod broken;
mod editors;
mod equality;
mod fixes;
mod fuzz;
mod hints;
mod positions;
mod session;

use gen_lsp_types::InitializeParams;
use lsp_server::{Message, Notification, Request, Response};
use scalegen::CheckResult;
use scalegen::lsp::{Host, LanguageServer, SpecSettings, publication};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files in memory, and no settings.
#[derive(Default)]
pub struct Memory(pub BTreeMap<PathBuf, String>);

impl Host for Memory {
    fn settings(&mut self, _spec: &Path) -> Rc<SpecSettings> {
        Rc::default()
    }

    fn reports(&mut self, _spec: &Path, _checked: &CheckResult) -> Rc<Vec<CheckResult>> {
        Rc::default()
    }

    fn is_base(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let names_it = |(file, text): (&PathBuf, &String)| {
            file.ends_with("scalegen.yaml") && text.lines().any(|line| line == format!("from: {name}"))
        };
        self.0.iter().any(names_it)
    }

    fn forget(&mut self) {}

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| "no such file".to_owned())
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    fn absolute(&self, name: &str) -> PathBuf {
        Path::new("/shop").join(name)
    }
}

/// An editor with one server.
pub struct Editor {
    pub server: LanguageServer<Memory>,
    /// The newest diagnostics of each file.
    pub shown: BTreeMap<String, Vec<Json>>,
    number: i32,
}

pub const SPEC: &str = "file:///shop/scalegen.yaml";

impl Editor {
    /// Positions in the given encodings, as the client offers them.
    pub fn new(encodings: &[&str], files: &[(&str, &str)]) -> Editor {
        Editor::able(encodings, files, false)
    }

    /// An editor that takes edits which name the version of their document.
    pub fn with_versions(files: &[(&str, &str)]) -> Editor {
        Editor::able(&["utf-16"], files, true)
    }

    fn able(encodings: &[&str], files: &[(&str, &str)], versions: bool) -> Editor {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        let mut server = LanguageServer::new(Memory(files));
        let params: InitializeParams = serde_json::from_value(json!({
            "processId": null, "rootUri": null,
            "capabilities": {
                "general": { "positionEncodings": encodings },
                "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
                "workspace": {
                    "didChangeWatchedFiles": { "dynamicRegistration": true },
                    "workspaceEdit": { "documentChanges": versions },
                },
            },
        }))
        .unwrap();
        let able = serde_json::to_value(server.initialize(&params)).unwrap();
        let wanted = if encodings.contains(&"utf-8") { "utf-8" } else { "utf-16" };
        assert_eq!(able["capabilities"]["positionEncoding"], wanted);
        Editor { server, shown: BTreeMap::new(), number: 0 }
    }

    /// An editor that speaks UTF-16 and has one spec open.
    pub fn with(text: &str) -> Editor {
        let mut editor = Editor::new(&["utf-16"], &[]);
        editor.open(SPEC, text);
        editor
    }

    pub fn tell(&mut self, method: &str, params: Json) {
        self.server.notify(Notification::new(method.to_owned(), params));
    }

    pub fn publish(&mut self) {
        for params in self.server.publish() {
            let Message::Notification(sent) = publication(params) else { panic!("no notification") };
            assert_eq!(sent.method, "textDocument/publishDiagnostics");
            let uri = sent.params["uri"].as_str().unwrap().to_owned();
            self.shown.insert(uri, sent.params["diagnostics"].as_array().unwrap().clone());
        }
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 0, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.publish();
    }

    /// Replaces the whole text.
    pub fn replace(&mut self, uri: &str, text: &str) {
        self.change(uri, json!([{ "text": text }]));
    }

    pub fn change(&mut self, uri: &str, changes: Json) {
        self.number += 1;
        let document = json!({ "uri": uri, "version": self.number });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
        self.publish();
    }

    pub fn response(&mut self, method: &str, params: Json) -> Response {
        self.number += 1;
        self.server.request(Request::new(self.number.into(), method.to_owned(), params))
    }

    /// The answer to a request that must not fail.
    pub fn ask(&mut self, method: &str, params: Json) -> Json {
        self.response(method, params).response_result.unwrap_or_else(|error| panic!("{method}: {}", error.message))
    }

    /// The answer to a request about a place.
    pub fn at(&mut self, method: &str, (line, character): (usize, usize)) -> Json {
        self.ask(method, place(SPEC, (line, character)))
    }

    /// `rule line:character` of each diagnostic of a file.
    pub fn rules(&self, uri: &str) -> Vec<String> {
        let said = |one: &Json| {
            let start = &one["range"]["start"];
            format!("{} {}:{}", one["code"].as_str().unwrap(), start["line"], start["character"])
        };
        self.shown.get(uri).map(|all| all.iter().map(said).collect()).unwrap_or_default()
    }
}

pub fn place(uri: &str, (line, character): (usize, usize)) -> Json {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

/// A text without its mark `‸`, and the mark's line and UTF-16 column.
pub fn marked(text: &str) -> (String, (usize, usize)) {
    let (before, after) = text.split_once('‸').expect("a mark");
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (format!("{before}{after}"), (line, column))
}

/// Applies the edits of a workspace edit to a text of ASCII characters, or any text in UTF-16.
pub fn apply(text: &str, edit: &Json) -> String {
    applied(text, edit["changes"][SPEC].as_array().expect("edits of the spec"))
}

/// Applies edits to a text in the same way.
pub fn applied(text: &str, edits: &[Json]) -> String {
    let offset = |at: &Json| {
        let (line, character) = (at["line"].as_u64().unwrap() as usize, at["character"].as_u64().unwrap() as usize);
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = 0;
        let rest = text[start..].char_indices().find(|(_, c)| {
            let here = units >= character;
            units += c.len_utf16();
            here
        });
        start + rest.map_or(text.len() - start, |(at, _)| at)
    };
    let mut all: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|one| (offset(&one["range"]["start"]), offset(&one["range"]["end"]), one["newText"].as_str().unwrap()))
        .collect();
    all.sort();
    let mut out = text.to_owned();
    for (start, end, new) in all.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}
