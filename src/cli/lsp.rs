//! `scalegen lsp`: moves messages between the editor and the server, and gives the server files and settings.
//!
//! Waiting messages are taken together. Of several changes only the newest version is checked, and a request that the
//! client has cancelled meanwhile is not answered.

use super::args::{Lsp, SettingsArgs};
use super::settings::{self, AppliedSettings};
use super::wire::{self, Incoming, Outgoing};
use super::{Exit, Failure, read, subjects};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use scalegen::inputs::input_meta::InputMeta;
use scalegen::lsp::{Host, LanguageServer, SpecSettings, publication};
use scalegen::{CheckOptions, CheckResult};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::Receiver;

/// Serves one editor until it says `exit` or goes away.
pub fn run(args: &Lsp) -> Result<Exit, Failure> {
    let incoming = wire::read();
    let (outgoing, writer) = wire::write();
    let served = serve(&incoming, &outgoing, &args.config);
    // the writer ends when no sender is left
    drop(outgoing);
    let written = writer.join().unwrap_or(Ok(()));
    let exit = served?;
    match written {
        // an editor that went away reads no more
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(exit),
    }
}

/// The state of the session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// `initialize` is still to come.
    New,
    Open,
    /// `shutdown` was answered, `exit` is still to come.
    Ending,
}

fn serve(incoming: &Receiver<Incoming>, out: &Outgoing, config: &SettingsArgs) -> Result<Exit, Failure> {
    let mut server = LanguageServer::new(Disk::new(config)?);
    let mut stage = Stage::New;
    // without an editor there is nothing left to do
    while let Ok(first) = incoming.recv() {
        let batch: Vec<Incoming> = std::iter::once(first).chain(incoming.try_iter()).collect();
        let cancelled: BTreeSet<String> = batch.iter().filter_map(cancels).collect();
        for incoming in batch {
            let message = match incoming {
                Incoming::Message(message) => message,
                Incoming::Broken(broken) => {
                    out.refuse(&broken);
                    continue;
                }
                Incoming::Lost(why) => {
                    out.refuse(&why.as_str().into());
                    return Err(Failure(format!("the editor does not speak the protocol: {why}")));
                }
            };
            match message {
                Message::Notification(Notification { method, .. }) if method == "exit" => {
                    return Ok(if stage == Stage::Ending { Exit::Clean } else { Exit::Findings });
                }
                // the protocol requires them to be dropped before `initialize`
                Message::Notification(_) if stage == Stage::New => {}
                Message::Notification(Notification { method, .. }) if method == "initialized" => {
                    server.registration().into_iter().for_each(|request| out.send(Message::Request(request)));
                }
                Message::Notification(notification) => server.notify(notification),
                Message::Request(request) => {
                    out.send(Message::Response(answer(&mut server, request, &mut stage, &cancelled)));
                }
                // the answer to our registration: if it is refused, files are read again with the next change
                Message::Response(_) => {}
            }
        }
        for params in server.publish() {
            out.send(publication(params));
        }
    }
    Ok(Exit::Clean)
}

fn answer(
    server: &mut LanguageServer<Disk>,
    request: Request,
    stage: &mut Stage,
    cancelled: &BTreeSet<String>,
) -> Response {
    let refused = |id: RequestId, code: ErrorCode, why: &str| Response::new_err(id, code as i32, why.to_owned());
    match (*stage, &*request.method) {
        (Stage::New, "initialize") => {
            // capabilities that cannot be parsed count as none
            let params = serde_json::from_value(request.params).unwrap_or_default();
            *stage = Stage::Open;
            Response::new_ok(request.id, server.initialize(&params))
        }
        (Stage::New, _) => refused(request.id, ErrorCode::ServerNotInitialized, "`initialize` comes first"),
        (Stage::Ending, _) => refused(request.id, ErrorCode::InvalidRequest, "the server is shutting down"),
        (Stage::Open, "initialize") => refused(request.id, ErrorCode::InvalidRequest, "`initialize` comes once"),
        (Stage::Open, "shutdown") => {
            *stage = Stage::Ending;
            Response::new_ok(request.id, Json::Null)
        }
        (Stage::Open, _) if cancelled.contains(&request.id.to_string()) => {
            refused(request.id, ErrorCode::RequestCanceled, "taken back by the client")
        }
        (Stage::Open, _) => server.request(request),
    }
}

/// The id of the request that a message cancels, as `RequestId` prints it.
fn cancels(incoming: &Incoming) -> Option<String> {
    let Incoming::Message(Message::Notification(notification)) = incoming else { return None };
    let id = notification.params.get("id").filter(|_| notification.method == "$/cancelRequest")?;
    serde_json::from_value::<RequestId>(id.clone()).ok().map(|id| id.to_string())
}

/// Files and settings as `scalegen lint` finds them.
struct Disk {
    config: SettingsArgs,
    here: PathBuf,
    /// By spec. A change of any file drops them.
    known: HashMap<PathBuf, KnownFiles>,
    /// By folder, the files of other tools that a search of it finds. A change of any file drops it.
    searched: HashMap<PathBuf, Vec<subjects::FoldersFile>>,
}

struct KnownFiles {
    governing: Rc<SpecSettings>,
    reported: Rc<Vec<CheckResult>>,
}

impl Disk {
    fn new(config: &SettingsArgs) -> Result<Disk, Failure> {
        let here = std::env::current_dir();
        let here =
            here.map_err(|error| Failure(format!("cannot find the current folder: {}", read::io_error_text(&error))))?;
        Ok(Disk { config: config.clone(), here, known: HashMap::new(), searched: HashMap::new() })
    }

    fn load(&self, spec: &Path) -> KnownFiles {
        match settings::SettingsFiles::for_spec(&self.config, spec, &CheckOptions::default()) {
            Ok(AppliedSettings { wanted, mut reported, .. }) => {
                reported.iter_mut().for_each(CheckResult::keep_causes);
                KnownFiles { governing: Rc::new(SpecSettings { wanted, failure: None }), reported: Rc::new(reported) }
            }
            Err(Failure(why)) => {
                let governing = SpecSettings { wanted: CheckOptions::default(), failure: Some(why) };
                KnownFiles { governing: Rc::new(governing), reported: Rc::default() }
            }
        }
    }
}

impl Host for Disk {
    fn settings(&mut self, spec: &Path) -> Rc<SpecSettings> {
        if !self.known.contains_key(spec) {
            self.known.insert(spec.to_path_buf(), self.load(spec));
        }
        self.known.get(spec).map(|known| Rc::clone(&known.governing)).unwrap_or_default()
    }

    fn reports(&mut self, spec: &Path, checked: &CheckResult) -> Rc<Vec<CheckResult>> {
        let known = self.known.get(spec);
        if known.is_some_and(|known| known.governing.wanted.baseline.is_some()) {
            // which entries are stale depends on the present text of the spec
            if let Ok(mut reported) = settings::SettingsFiles::reported(&self.config, spec, checked) {
                reported.iter_mut().for_each(CheckResult::keep_causes);
                return Rc::new(reported);
            }
        }
        known.map(|known| Rc::clone(&known.reported)).unwrap_or_default()
    }

    fn is_base(&self, path: &Path) -> bool {
        !subjects::specs_over(path).is_empty()
    }

    fn beside(&mut self, path: &Path, format: &'static InputMeta) -> Vec<PathBuf> {
        let Some(folder) = path.parent() else { return Vec::new() };
        let searched = self.searched.entry(folder.to_path_buf()).or_insert_with(|| subjects::beside(folder));
        // files that we wrote are only checked with other files that we wrote
        let is_ours = searched.iter().any(|file| file.path == path && file.is_ours);
        let same = searched.iter().filter(|file| file.format.format == format.format && file.is_ours == is_ours);
        same.map(|file| file.path.clone()).collect()
    }

    fn forget(&mut self) {
        self.known.clear();
        self.searched.clear();
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
