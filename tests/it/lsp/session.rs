//! A session with the real program: what an editor sends over its standard input, and what comes back.

use lsp_server::{Message, Notification, Request};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use tempfile::TempDir;

pub struct Session {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: Receiver<Message>,
    number: i32,
    pub shown: BTreeMap<String, Vec<Json>>,
    /// Answers that came, by number.
    answers: BTreeMap<i32, Result<Json, i32>>,
    /// Requests of the server.
    asked: Vec<Request>,
}

impl Session {
    pub fn start(folder: &Path, encodings: &[&str]) -> Session {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scalegen"))
            .args(["lsp", "--stdio"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, mut lines) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        // an editor reads while it writes
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut lines) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut session = Session {
            child,
            input: BufWriter::new(input),
            output,
            number: 0,
            shown: BTreeMap::new(),
            answers: BTreeMap::new(),
            asked: Vec::new(),
        };
        let able = session.ask(
            "initialize",
            json!({
                "processId": null, "rootUri": null,
                "capabilities": {
                    "general": { "positionEncodings": encodings },
                    "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
                    "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
                },
            }),
        );
        assert_eq!(able.unwrap()["serverInfo"]["name"], "scalegen");
        session.tell("initialized", json!({}));
        session
    }

    pub fn tell(&mut self, method: &str, params: Json) {
        Message::Notification(Notification::new(method.to_owned(), params)).write(&mut self.input).unwrap();
    }

    /// Sends a request without waiting for its answer.
    pub fn send(&mut self, method: &str, params: Json) -> i32 {
        self.number += 1;
        let request = Request::new(self.number.into(), method.to_owned(), params);
        Message::Request(request).write(&mut self.input).unwrap();
        self.number
    }

    /// Reads until a request is answered.
    pub fn answer(&mut self, number: i32) -> Result<Json, i32> {
        loop {
            if let Some(answer) = self.answers.remove(&number) {
                return answer;
            }
            match self.output.recv().expect("the server is there") {
                Message::Response(response) => {
                    let id = response.id.to_string().parse().unwrap();
                    self.answers.insert(id, response.response_result.map_err(|error| error.code));
                }
                Message::Notification(sent) => {
                    assert_eq!(sent.method, "textDocument/publishDiagnostics");
                    let uri = sent.params["uri"].as_str().unwrap().to_owned();
                    self.shown.insert(uri, sent.params["diagnostics"].as_array().unwrap().clone());
                }
                Message::Request(request) => self.asked.push(request),
            }
        }
    }

    pub fn ask(&mut self, method: &str, params: Json) -> Result<Json, i32> {
        let number = self.send(method, params);
        self.answer(number)
    }

    pub fn open(&mut self, path: &Path, text: &str) {
        let uri = scalegen::support::uri::from_path(path);
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 0, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Waits until everything sent so far is computed and shown.
    pub fn settle(&mut self) {
        // what is answered after the diagnostics of a message that came before: two rounds
        for _ in 0..2 {
            let nothing =
                json!({ "textDocument": { "uri": "file:///nowhere" }, "position": { "line": 0, "character": 0 } });
            self.ask("textDocument/hover", nothing).unwrap();
        }
    }

    /// Ends as the protocol wants, and gives the exit code.
    pub fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Json::Null), Ok(Json::Null));
        assert_eq!(self.ask("textDocument/hover", json!({})), Err(-32600));
        self.tell("exit", Json::Null);
        self.child.wait().unwrap().code().unwrap()
    }
}

const SPEC: &str = "version: 1\nname: shop\nservices:\n  web: { image: a, replicas: { min: 3, max: 2 } }\ntargets:\n  compose: { base: compose.base.yml }\n";

fn shop() -> (TempDir, String) {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("scalegen.yaml"), SPEC).unwrap();
    fs::write(dir.path().join("compose.base.yml"), "services:\n  web: { image: a }\n").unwrap();
    let uri = scalegen::support::uri::from_path(&dir.path().canonicalize().unwrap().join("scalegen.yaml"));
    (dir, uri)
}

fn rules(session: &Session, uri: &str) -> Vec<String> {
    let shown = session.shown.get(uri).map(Vec::as_slice).unwrap_or_default();
    shown.iter().map(|one| one["code"].as_str().unwrap_or("settings").to_owned()).collect()
}

#[test]
fn a_session_begins_shows_and_ends_as_the_protocol_wants() {
    let (dir, uri) = shop();
    let folder = dir.path().canonicalize().unwrap();
    let mut session = Session::start(&folder, &[]);
    session.open(&folder.join("scalegen.yaml"), SPEC);
    session.settle();
    assert!(rules(&session, &uri).contains(&"min-above-max".to_owned()));
    let asked: Vec<&str> = session.asked.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(asked, ["client/registerCapability"]);
    assert_eq!(session.ask("workspace/nothing", json!({})), Err(-32601));
    assert_eq!(session.ask("textDocument/hover", json!({ "textDocument": 3 })), Err(-32602));
    session.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    session.settle();
    assert_eq!(session.shown[&uri], Vec::<Json>::new());
    assert_eq!(session.end(), 0);
}

#[test]
fn settings_baseline_and_comments_hold_and_a_change_of_them_or_of_a_base_is_seen() {
    let (dir, uri) = shop();
    let folder = dir.path().canonicalize().unwrap();
    let mut session = Session::start(&folder, &[]);
    session.open(&folder.join("scalegen.yaml"), SPEC);
    session.settle();
    let all = rules(&session, &uri);
    assert!(all.contains(&"missing-limits".to_owned()), "{all:?}");
    let changed =
        json!({ "changes": [{ "uri": scalegen::support::uri::from_path(&folder.join(".scalegen.toml")), "type": 2 }] });
    fs::write(folder.join(".scalegen.toml"), "[rules]\nmissing-limits = \"off\"\n").unwrap();
    session.tell("workspace/didChangeWatchedFiles", changed.clone());
    session.settle();
    assert!(!rules(&session, &uri).contains(&"missing-limits".to_owned()));
    fs::write(folder.join(".scalegen.toml"), "[rules]\nmissing-limts = \"off\"\n").unwrap();
    session.tell("workspace/didChangeWatchedFiles", changed.clone());
    session.settle();
    let settings = scalegen::support::uri::from_path(&folder.join(".scalegen.toml"));
    assert!(!rules(&session, &settings).is_empty(), "what is wrong with the settings stands in them");
    fs::remove_file(folder.join(".scalegen.toml")).unwrap();
    fs::remove_file(folder.join("compose.base.yml")).unwrap();
    session.tell("workspace/didChangeWatchedFiles", changed);
    session.settle();
    assert!(rules(&session, &uri).contains(&"unreadable-file".to_owned()));
    assert!(rules(&session, &settings).is_empty());
    // a base that is open counts as it stands in the editor
    session.open(&folder.join("compose.base.yml"), "services:\n  web: { image: a }\n");
    session.settle();
    assert!(!rules(&session, &uri).contains(&"unreadable-file".to_owned()));
    session.end();
}

#[test]
fn a_manifest_is_checked_with_those_of_its_folder_as_they_stand_in_the_editor() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().canonicalize().unwrap();
    let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 1\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: \"web:1\" }] }\n";
    let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec:\n  minAvailable: 1\n  selector: { matchLabels: { app: web } }\n";
    fs::write(folder.join("a.yaml"), workload).unwrap();
    fs::write(folder.join("b.yaml"), budget).unwrap();
    let [first, second] = ["a.yaml", "b.yaml"].map(|name| scalegen::support::uri::from_path(&folder.join(name)));
    let mut session = Session::start(&folder, &[]);
    session.open(&folder.join("b.yaml"), budget);
    session.settle();
    assert!(rules(&session, &second).contains(&"drain-blocked".to_owned()), "{:?}", rules(&session, &second));
    assert!(rules(&session, &first).is_empty(), "what is wrong with the other is said where it is open");
    session.open(&folder.join("a.yaml"), &workload.replace("replicas: 1", "replicas: 3"));
    session.settle();
    assert!(!rules(&session, &second).contains(&"drain-blocked".to_owned()), "{:?}", rules(&session, &second));
    assert!(!rules(&session, &first).is_empty());
    // without it no workload is known whose pods the budget keeps
    fs::remove_file(folder.join("a.yaml")).unwrap();
    session.tell("textDocument/didClose", json!({ "textDocument": { "uri": first } }));
    session.tell("textDocument/didSave", json!({ "textDocument": { "uri": second } }));
    session.settle();
    assert!(!rules(&session, &second).contains(&"drain-blocked".to_owned()));
    session.end();
}

#[test]
fn a_request_that_is_taken_back_is_not_worked_out_and_of_many_versions_the_newest_is_shown() {
    let (dir, uri) = shop();
    let folder = dir.path().canonicalize().unwrap();
    let mut session = Session::start(&folder, &[]);
    session.open(&folder.join("scalegen.yaml"), SPEC);
    for version in 1..200 {
        let text = format!("{SPEC}# {version}\n");
        let document = json!({ "uri": uri, "version": version });
        session
            .tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }
    let good = SPEC.replace("min: 3", "min: 1");
    let document = json!({ "uri": uri, "version": 200 });
    session.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": good }] }));
    let number = session.send("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    session.tell("$/cancelRequest", json!({ "id": number }));
    // it may have been answered before it was taken back
    assert!(session.answer(number).map_or_else(|code| code == -32800, |answer| answer.is_array()));
    session.settle();
    assert!(!rules(&session, &uri).contains(&"min-above-max".to_owned()));
    session.end();
}

#[test]
fn without_an_editor_the_server_ends() {
    let (dir, _) = shop();
    let session = Session::start(dir.path(), &[]);
    let Session { mut child, input, output, .. } = session;
    drop((input, output));
    assert!(child.wait().unwrap().code().is_some());
}

/// Sends bytes and gives the answers, and the code the server ended with.
fn raw(input: &[u8]) -> (Vec<Json>, Option<i32>) {
    let dir = TempDir::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_scalegen"))
        .args(["lsp", "--stdio"])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // it may have ended before it took everything
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (mut answers, mut rest) = (Vec::new(), text.as_str());
    while let Some((header, after)) = rest.split_once("\r\n\r\n") {
        let (body, next) = after.split_at(header.strip_prefix("Content-Length: ").unwrap().parse().unwrap());
        answers.push(serde_json::from_str(body).unwrap());
        rest = next;
    }
    assert_eq!(rest, "");
    (answers, output.status.code())
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

fn request(id: i32, method: &str) -> String {
    framed(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": { "capabilities": {} } }).to_string())
}

fn exit() -> String {
    framed(r#"{"jsonrpc":"2.0","method":"exit"}"#)
}

#[test]
fn what_is_no_message_is_answered_and_the_session_goes_on() {
    let broken = [
        ("{", -32700, Json::Null),
        ("", -32700, Json::Null),
        ("\u{fffd}[", -32700, Json::Null),
        ("[]", -32600, Json::Null),
        ("3", -32600, Json::Null),
        (r#"{"jsonrpc":"2.0"}"#, -32600, Json::Null),
        (r#"{"jsonrpc":"2.0","id":7,"method":3}"#, -32600, json!(7)),
        (r#"{"jsonrpc":"2.0","id":5000000000,"method":"shutdown"}"#, -32600, json!(5_000_000_000_u64)),
        (r#"{"jsonrpc":"2.0","id":null,"method":"shutdown"}"#, -32600, Json::Null),
    ];
    for (body, code, id) in broken {
        let all = [request(1, "initialize"), framed(body), request(2, "shutdown"), exit()].concat();
        let (answers, ended) = raw(all.as_bytes());
        assert_eq!(answers.len(), 3, "{body}: {answers:?}");
        assert_eq!((&answers[1]["error"]["code"], &answers[1]["id"]), (&json!(code), &id), "{body}");
        assert_eq!((&answers[2]["id"], ended), (&json!(2), Some(0)), "{body}: {answers:?}");
    }
    let not_text =
        [request(1, "initialize").as_bytes(), b"Content-Length: 2\r\n\r\n\xff\xfe", exit().as_bytes()].concat();
    let (answers, ended) = raw(&not_text);
    assert_eq!((&answers[1]["error"]["code"], ended), (&json!(-32700), Some(1)));
}

#[test]
fn a_length_that_cannot_be_takes_no_memory_and_a_header_that_is_none_ends_the_session() {
    for (length, code) in [("99999999999999", -32600), ("18446744073709551615", -32600)] {
        let all = format!("{}Content-Length: {length}\r\n\r\n{{", request(1, "initialize"));
        let (answers, ended) = raw(all.as_bytes());
        assert_eq!((&answers[1]["error"]["code"], ended), (&json!(code), Some(0)), "{length}");
    }
    // one that is too long but whole is skipped, and the next is read
    let long = format!("{{{}}}", " ".repeat(33 << 20));
    let all = [request(1, "initialize"), framed(&long), request(2, "shutdown"), exit()].concat();
    let (answers, ended) = raw(all.as_bytes());
    assert_eq!((&answers[1]["error"]["code"], &answers[2]["id"], ended), (&json!(-32600), &json!(2), Some(0)));
    for header in [
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 1e3\r\n\r\n",
        "\r\n",
        "hello\r\n\r\n",
        "Content-Type: a\r\n\r\n",
    ] {
        let (answers, ended) = raw(format!("{}{header}", request(1, "initialize")).as_bytes());
        assert_eq!((&answers[1]["error"]["code"], ended), (&json!(-32700), Some(2)), "{header:?}");
    }
}

#[test]
fn requests_out_of_turn_are_refused_and_end_nothing() {
    let session = |messages: &[String]| {
        let (answers, ended) = raw(messages.concat().as_bytes());
        let codes = answers.iter().map(|answer| answer["error"]["code"].as_i64().unwrap_or_default());
        (codes.collect::<Vec<_>>(), ended)
    };
    let (init, stop) = (request(1, "initialize"), request(2, "shutdown"));
    assert_eq!(session(&[init.clone(), stop.clone(), exit()]), (vec![0, 0], Some(0)));
    assert_eq!(session(&[stop.clone(), init.clone(), stop.clone(), exit()]), (vec![-32002, 0, 0], Some(0)));
    assert_eq!(session(&[init.clone(), init.clone(), stop.clone(), exit()]), (vec![0, -32600, 0], Some(0)));
    assert_eq!(session(&[framed(r#"{"jsonrpc":"2.0","method":"initialized"}"#), exit()]), (vec![], Some(1)));
    assert_eq!(session(&[init, stop.clone(), stop, exit()]), (vec![0, 0, -32600], Some(0)));
}
