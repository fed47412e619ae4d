//! GitHub on loopback: the releases of one repository, the comments of one pull request and git over HTTP, with the fields and
//! refusals that its REST reference has. Knows nothing of scalegen.

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

pub const TOKEN: &str = "a-token";
/// `x-access-token:a-token` as git sends it.
pub const BASIC: &str = "basic eC1hY2Nlc3MtdG9rZW46YS10b2tlbg==";

/// What GitHub has: files of releases by path, the comments of pull request 7, and the folder of its repositories.
#[derive(Default)]
pub struct State {
    pub files: BTreeMap<String, Vec<u8>>,
    pub comments: Vec<Json>,
    pub repositories: PathBuf,
    pub forbidden: bool,
    /// Method and path of every request.
    asked: Vec<String>,
}

/// GitHub on loopback.
pub struct GitHub {
    pub address: String,
    pub state: Arc<Mutex<State>>,
}

impl GitHub {
    pub fn new() -> GitHub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let (there, base) = (Arc::clone(&state), address.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(request) = Request::read(&stream) {
                    let content = request.answer(&mut there.lock().unwrap(), &base);
                    // a client that went away misses its answer
                    let _ = (&stream).write_all(&content);
                }
            }
        });
        GitHub { address, state }
    }

    /// The comments that begin so.
    pub fn comments(&self, begin: &str) -> Vec<Json> {
        let state = self.state.lock().unwrap();
        let wanted = |comment: &&Json| comment["body"].as_str().unwrap().starts_with(begin);
        state.comments.iter().filter(wanted).cloned().collect()
    }

    /// How many requests began so: method and path.
    pub fn asked(&self, what: &str) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|asked| asked.starts_with(what)).count()
    }

    pub fn comment(&self, body: &str, user: Json) {
        self.state.lock().unwrap().comment(&self.address, body, user);
    }
}

impl State {
    fn comment(&mut self, base: &str, body: &str, user: Json) {
        let url = format!("{base}/repos/shop/specs/issues/comments/{}", self.comments.len());
        self.comments.push(json!({"url": url, "body": body, "user": user}));
    }
}

/// One request.
struct Request {
    method: String,
    path: String,
    query: String,
    /// `name: value`
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn answered(status: &str, headers: &str, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n");
    [head.as_bytes(), content].concat()
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Request> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 || line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        let mut words = lines.first()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let mut request = Request { method, path: path.to_owned(), query: query.to_owned(), headers, body: Vec::new() };
        let length = request.header("content-length").first().map_or(0, |length| length.parse().unwrap());
        request.body = vec![0; length];
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    fn answer(&self, state: &mut State, base: &str) -> Vec<u8> {
        state.asked.push(format!("{} {}", self.method, self.path));
        if let Some(file) = state.files.get(&self.path) {
            return answered("200 OK", "", file);
        }
        if let Some(inside) = self.path.strip_prefix("/shop/specs/") {
            return self.git(state, inside);
        }
        let Some(inside) = self.path.strip_prefix("/repos/shop/specs/issues/") else {
            return answered("404 Not Found", "", b"");
        };
        let message = |text| json!({"message": text, "documentation_url": "https://docs.github.com/rest"}).to_string();
        if self.header("authorization") != [format!("Bearer {TOKEN}")] {
            return answered("401 Unauthorized", "", message("Bad credentials").as_bytes());
        }
        if state.forbidden && self.method != "GET" {
            return answered("403 Forbidden", "", message("Resource not accessible by integration").as_bytes());
        }
        let text = || serde_json::from_slice::<Json>(&self.body).unwrap()["body"].as_str().unwrap().to_owned();
        match (self.method.as_str(), inside.split_once('/').unwrap()) {
            ("GET", ("7", "comments")) => {
                // pages of two
                let page: usize = self.query.split("&page=").nth(1).map_or(1, |page| page.parse().unwrap());
                let shown: Vec<&Json> = state.comments.iter().skip(2 * (page - 1)).take(2).collect();
                let next = format!("Link: <{base}{}?per_page=100&page={}>; rel=\"next\"\r\n", self.path, page + 1);
                let link = if state.comments.len() > 2 * page { next } else { String::new() };
                answered("200 OK", &link, &serde_json::to_vec(&shown).unwrap())
            }
            ("POST", ("7", "comments")) => {
                state.comment(base, &text(), json!({"type": "Bot"}));
                answered("201 Created", "", b"{}")
            }
            ("PATCH", ("comments", number)) => {
                state.comments[number.parse::<usize>().unwrap()]["body"] = text().into();
                answered("200 OK", "", b"{}")
            }
            other => panic!("GitHub has no {other:?}"),
        }
    }

    /// Git over HTTP, for those with the token and no second header of that name, which GitHub refuses.
    fn git(&self, state: &State, inside: &str) -> Vec<u8> {
        match self.header("authorization")[..] {
            [BASIC] => {}
            [] => return answered("401 Unauthorized", "WWW-Authenticate: Basic realm=\"GitHub\"\r\n", b""),
            _ => return answered("400 Bad Request", "", b"Duplicate header: \"Authorization\""),
        }
        let mut command = Command::new("git");
        command.arg("http-backend").env("GIT_PROJECT_ROOT", &state.repositories).env("GIT_HTTP_EXPORT_ALL", "1");
        command.env("PATH_INFO", format!("/origin/{inside}")).env("QUERY_STRING", &self.query);
        command.env("REQUEST_METHOD", &self.method).env("CONTENT_LENGTH", self.body.len().to_string());
        for (variable, header) in [
            ("CONTENT_TYPE", "content-type"),
            ("HTTP_CONTENT_ENCODING", "content-encoding"),
            ("GIT_PROTOCOL", "git-protocol"),
        ] {
            command.envs(self.header(header).iter().map(|value| (variable, value)));
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&self.body).unwrap();
        let output = child.wait_with_output().unwrap().stdout;
        let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let headers = format!("{}\r\n", String::from_utf8_lossy(&output[..end]));
        answered("200 OK", &headers, &output[end + 4..])
    }
}
