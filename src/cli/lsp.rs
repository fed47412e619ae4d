//! `scalegen lsp`: moves messages between the editor and the server, and gives the server files and settings.
//!
//! Messages that wait are taken together. So of several changes only the newest version is checked, and a request that the
//! client has taken back meanwhile is not worked out.

use super::args::{Config, Lsp};
use super::settings::{self, One};
use super::{Exit, Failure, read};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use scalegen::lsp::{Governing, Host, Server, publication};
use scalegen::{Checked, Wanted};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Serves one editor until it says `exit` or goes away.
pub fn run(args: &Lsp) -> Result<Exit, Failure> {
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection, &args.config);
    // the writer ends when nobody can send any more
    drop(connection);
    let exit = served?;
    match threads.join() {
        // an editor that went away reads no more
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(exit),
    }
}

fn serve(connection: &Connection, config: &Config) -> Result<Exit, Failure> {
    let broken = |error: lsp_server::ProtocolError| Failure(format!("the editor does not speak the protocol: {error}"));
    let mut server = Server::new(Disk::new(config)?);
    let (id, params) = connection.initialize_start().map_err(broken)?;
    // what an editor says of itself in words that are not known is as if it said nothing
    let params = serde_json::from_value(params).unwrap_or_default();
    let able = serde_json::to_value(server.initialize(&params)).map_err(|error| Failure(error.to_string()))?;
    connection.initialize_finish(id, able).map_err(broken)?;
    let send = |message: Message| connection.sender.send(message).is_ok();
    if let Some(request) = server.registration() {
        send(Message::Request(request));
    }
    let mut ending = false;
    // without an editor there is nothing left to do
    while let Ok(first) = connection.receiver.recv() {
        let batch: Vec<Message> = std::iter::once(first).chain(connection.receiver.try_iter()).collect();
        let cancelled: BTreeSet<String> = batch.iter().filter_map(cancels).collect();
        for message in batch {
            match message {
                Message::Notification(Notification { method, .. }) if method == "exit" => {
                    return Ok(if ending { Exit::Clean } else { Exit::Findings });
                }
                Message::Notification(notification) => server.notify(notification),
                Message::Request(request) => {
                    let shutdown = request.method == "shutdown";
                    let response = answer(&mut server, request, ending, &cancelled);
                    ending |= shutdown;
                    send(Message::Response(response));
                }
                // the answer to our registration: where it is refused, files are read again with the next change
                Message::Response(_) => {}
            }
        }
        for params in server.publish() {
            send(publication(params));
        }
    }
    Ok(Exit::Clean)
}

fn answer(server: &mut Server<Disk>, request: Request, ending: bool, cancelled: &BTreeSet<String>) -> Response {
    let refused = |id: RequestId, code: ErrorCode, why: &str| Response::new_err(id, code as i32, why.to_owned());
    if ending {
        return refused(request.id, ErrorCode::InvalidRequest, "the server is shutting down");
    }
    if cancelled.contains(&request.id.to_string()) {
        return refused(request.id, ErrorCode::RequestCanceled, "taken back by the client");
    }
    if request.method == "shutdown" {
        return Response::new_ok(request.id, Json::Null);
    }
    server.request(request)
}

/// The id of the request that a message takes back, as `RequestId` prints it.
fn cancels(message: &Message) -> Option<String> {
    let Message::Notification(notification) = message else { return None };
    let id = notification.params.get("id").filter(|_| notification.method == "$/cancelRequest")?;
    serde_json::from_value::<RequestId>(id.clone()).ok().map(|id| id.to_string())
}

/// Files and settings as `scalegen lint` finds them.
struct Disk {
    config: Config,
    here: PathBuf,
    /// By spec. A change of any file drops them.
    known: HashMap<PathBuf, Known>,
}

struct Known {
    governing: Rc<Governing>,
    reported: Rc<Vec<Checked>>,
}

impl Disk {
    fn new(config: &Config) -> Result<Disk, Failure> {
        let here = std::env::current_dir();
        let here = here.map_err(|error| Failure(format!("cannot find the current folder: {}", read::plain(&error))))?;
        Ok(Disk { config: config.clone(), here, known: HashMap::new() })
    }

    fn load(&self, spec: &Path) -> Known {
        match settings::Governing::one(&self.config, spec, &Wanted::default()) {
            Ok(One { wanted, reported, .. }) => {
                Known { governing: Rc::new(Governing { wanted, failure: None }), reported: Rc::new(reported) }
            }
            Err(Failure(why)) => {
                let governing = Governing { wanted: Wanted::default(), failure: Some(why) };
                Known { governing: Rc::new(governing), reported: Rc::default() }
            }
        }
    }
}

impl Host for Disk {
    fn settings(&mut self, spec: &Path) -> Rc<Governing> {
        if !self.known.contains_key(spec) {
            self.known.insert(spec.to_path_buf(), self.load(spec));
        }
        self.known.get(spec).map(|known| Rc::clone(&known.governing)).unwrap_or_default()
    }

    fn reports(&mut self, spec: &Path, checked: &Checked) -> Rc<Vec<Checked>> {
        let known = self.known.get(spec);
        if known.is_some_and(|known| known.governing.wanted.baseline.is_some()) {
            // which of its entries are stale hangs on what the spec says now
            if let Ok(reported) = settings::Governing::reported(&self.config, spec, checked) {
                return Rc::new(reported);
            }
        }
        known.map(|known| Rc::clone(&known.reported)).unwrap_or_default()
    }

    fn forget(&mut self) {
        self.known.clear();
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        read::file(path)
    }

    fn exists(&self, path: &Path) -> bool {
        read::stands(path)
    }

    fn absolute(&self, name: &str) -> PathBuf {
        self.here.join(name)
    }
}
