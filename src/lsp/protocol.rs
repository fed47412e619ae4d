//! Dispatches the messages of the protocol: requests to their answers, notifications to their effects.

use super::document::OpenDocument;
use super::host::{beside, normal};
use super::position::{self, Encoding};
use super::recognize::FileKind;
use super::{Host, LanguageServer, actions, complete, hover, inlay, names, outline, rename};
use crate::inputs::spec::edit;
use crate::support::diagnostic::{Finding, SPEC, Severity};
use crate::support::uri;
use gen_lsp_types::*;
use lsp_server::{ErrorCode, Message as Wire, Notification as WireNotification, Request as WireRequest, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::path::Path;

/// Why a request is not answered: the protocol's code, and a message.
struct Refused(ErrorCode, String);

type Answer = Result<Json, Refused>;

fn answer(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| Refused(ErrorCode::InternalError, error.to_string()))
}

fn params<P: DeserializeOwned>(params: Json) -> Result<P, Refused> {
    serde_json::from_value(params).map_err(|error| Refused(ErrorCode::InvalidParams, error.to_string()))
}

impl<H: Host> LanguageServer<H> {
    /// Reads the client's capabilities, and returns the server's.
    pub fn initialize(&mut self, params: &InitializeParams) -> InitializeResult {
        let client = &params.capabilities;
        let offered = client.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        self.encoding = Encoding::choose(offered.unwrap_or_default());
        let shown = client.text_document.as_ref().and_then(|text| text.publish_diagnostics.as_ref());
        self.client.related =
            shown.and_then(|shown| shown.diagnostics_capabilities.related_information).unwrap_or_default();
        let watched = client.workspace.as_ref().and_then(|space| space.did_change_watched_files.as_ref());
        self.client.watches = watched.and_then(|watched| watched.dynamic_registration).unwrap_or_default();
        let edits = client.workspace.as_ref().and_then(|space| space.workspace_edit.as_ref());
        self.client.versions = edits.and_then(|edits| edits.document_changes).unwrap_or_default();
        if let Some(WorkspaceFolders::WorkspaceFolderList(folders)) =
            &params.workspace_folders_initialize_params.workspace_folders
        {
            self.roots = folders.iter().filter_map(|folder| Some(normal(&uri::to_path(&folder.uri.0)?))).collect();
        }
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        InitializeResult {
            capabilities: self.capabilities(),
            server_info: Some(ServerInfo { name: "scalegen".to_owned(), version }),
        }
    }

    fn capabilities(&self) -> ServerCapabilities {
        let words = ["-", "#", ":", " "].map(str::to_owned);
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::Incremental),
                save: Some(Save::Bool(true)),
                ..TextDocumentSyncOptions::default()
            })),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(words.to_vec()),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProvider::Bool(true)),
            definition_provider: Some(DefinitionProvider::Bool(true)),
            references_provider: Some(ReferencesProvider::Bool(true)),
            document_highlight_provider: Some(DocumentHighlightProvider::Bool(true)),
            document_symbol_provider: Some(DocumentSymbolProvider::Bool(true)),
            code_action_provider: Some(CodeActionProvider::CodeActionOptions(CodeActionOptions {
                code_action_kinds: Some(vec![
                    CodeActionKind::QuickFix,
                    CodeActionKind::Custom(actions::FIX_ALL.into()),
                ]),
                ..CodeActionOptions::default()
            })),
            rename_provider: Some(RenameProvider::RenameOptions(RenameOptions {
                prepare_provider: Some(true),
                ..RenameOptions::default()
            })),
            folding_range_provider: Some(FoldingRangeProvider::Bool(true)),
            inlay_hint_provider: Some(InlayHintProvider::Bool(true)),
            ..ServerCapabilities::default()
        }
    }

    /// The requests of the server to the client once it runs: to be notified when files change that specs may name.
    #[must_use]
    pub fn registration(&self) -> Option<WireRequest> {
        let watchers = ["**/*.{yaml,yml,json,toml}", "**/Chart.yaml"]
            .map(|pattern| FileSystemWatcher { glob_pattern: GlobPattern::Pattern(pattern.to_owned()), kind: None });
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.to_vec() };
        let registration = Registration {
            id: "watched-files".to_owned(),
            method: DidChangeWatchedFilesNotification::METHOD.to_string(),
            register_options: Some(serde_json::to_value(options).ok()?),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        let id = "register-watched-files".to_owned().into();
        self.client.watches.then(|| WireRequest::new(id, RegistrationRequest::METHOD.to_string(), params))
    }

    /// Applies a notification. Unknown and malformed ones are ignored, as the protocol requires.
    pub fn notify(&mut self, notification: WireNotification) {
        let method = notification.method;
        let _ = self.take(method.as_str().into(), notification.params);
    }

    fn take(&mut self, method: LspNotificationMethod<'_>, json: Json) -> Result<(), Refused> {
        use LspNotificationMethod as Method;
        match method {
            Method::TextDocumentDidOpen => {
                self.open(params::<DidOpenTextDocumentParams>(json)?.text_document);
            }
            Method::TextDocumentDidChange => {
                let DidChangeTextDocumentParams { text_document, content_changes } = params(json)?;
                let uri = text_document.text_document_identifier.uri.0;
                let encoding = self.encoding;
                let Some(document) = self.documents.get_mut(&uri) else { return Ok(()) };
                let (host, own) = (&self.host, document.path.clone());
                document.change(text_document.version, content_changes, encoding, &|name| {
                    beside(host, own.as_deref(), name)
                });
                let path = document.path.clone();
                self.stale.insert(uri);
                self.changed(path.as_deref());
            }
            Method::TextDocumentDidClose => {
                let uri = params::<DidCloseTextDocumentParams>(json)?.text_document.uri.0;
                let path = self.documents.remove(&uri).and_then(|document| document.path);
                self.stale.insert(uri);
                self.changed(path.as_deref());
            }
            Method::TextDocumentDidSave | Method::WorkspaceDidChangeWatchedFiles => {
                self.host.forget();
                self.depend(None);
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, item: TextDocumentItem) {
        let TextDocumentItem { uri: Uri(uri), language_id, version, text } = item;
        let path = uri::to_path(&uri).map(|path| normal(&path));
        let language = language_id.to_string();
        let near = |name: &str| beside(&self.host, path.as_deref(), name);
        let document = OpenDocument::new(uri.clone(), path.clone(), &language, version, text, &near);
        self.documents.insert(uri.clone(), document);
        self.stale.insert(uri);
        self.changed(path.as_deref());
    }

    /// Other documents may name the one that has changed.
    fn changed(&mut self, path: Option<&Path>) {
        if let Some(path) = path {
            self.depend(Some(path));
        }
    }

    /// Answers a request.
    pub fn request(&mut self, request: WireRequest) -> Response {
        let WireRequest { id, method, params } = request;
        match self.reply(method.as_str().into(), params) {
            Ok(value) => Response::new_ok(id, value),
            Err(Refused(code, why)) => Response::new_err(id, code as i32, why),
        }
    }

    fn reply(&mut self, method: LspRequestMethod<'_>, json: Json) -> Answer {
        use LspRequestMethod as Method;
        match method {
            Method::TextDocumentHover => self.hover(params(json)?),
            Method::TextDocumentCompletion => self.completion(params(json)?),
            Method::TextDocumentDefinition => self.definition(params(json)?),
            Method::TextDocumentReferences => self.references(params(json)?),
            Method::TextDocumentDocumentHighlight => self.highlight(params(json)?),
            Method::TextDocumentCodeAction => self.code_action(params(json)?),
            Method::TextDocumentPrepareRename => self.prepare_rename(params(json)?),
            Method::TextDocumentRename => self.rename(params(json)?),
            Method::TextDocumentInlayHint => self.inlay_hint(params(json)?),
            Method::TextDocumentFoldingRange => {
                let params: FoldingRangeParams = params(json)?;
                answer(self.spec(&params.text_document.uri).map(outline::folds))
            }
            Method::TextDocumentDocumentSymbol => {
                let (params, encoding): (DocumentSymbolParams, _) = (params(json)?, self.encoding);
                answer(self.spec(&params.text_document.uri).map(|document| outline::symbols(document, encoding)))
            }
            method => Err(Refused(ErrorCode::MethodNotFound, format!("`{method}` is not known"))),
        }
    }

    /// An open spec; `None` for documents of another kind, for which every answer is empty.
    fn spec(&mut self, uri: &Uri) -> Option<&mut OpenDocument> {
        let document = self.documents.get_mut(&uri.0)?;
        document.kind.is_spec().then_some(document)
    }

    /// An open spec and the byte offset of a place in it.
    fn place(&mut self, at: &TextDocumentPositionParams) -> Option<(&mut OpenDocument, u32)> {
        let encoding = self.encoding;
        let document = self.spec(&at.text_document.uri)?;
        let offset = position::offset(&document.source, at.position, encoding);
        Some((document, offset))
    }

    fn hover(&mut self, params: HoverParams) -> Answer {
        let encoding = self.encoding;
        let place = self.place(&params.text_document_position_params);
        answer(place.and_then(|(document, offset)| hover::hover(document, offset, encoding)))
    }

    fn completion(&mut self, params: CompletionParams) -> Answer {
        let encoding = self.encoding;
        let typed = params.context.and_then(|context| context.trigger_character).unwrap_or_default();
        let place = self.place(&params.text_document_position_params);
        let wanted =
            place.filter(|(document, offset)| typed.is_empty() || complete::expected(document, *offset, &typed));
        answer(wanted.map(|(document, offset)| complete::items(document, offset, encoding)))
    }

    /// The occurrences of the name at a position that `pick` chooses.
    fn named(
        &mut self,
        at: &TextDocumentPositionParams,
        pick: impl for<'o> Fn(&'o [names::Occurrence], &names::Occurrence) -> Vec<&'o names::Occurrence>,
    ) -> Option<Vec<Location>> {
        let encoding = self.encoding;
        let (document, offset) = self.place(at)?;
        let all = names::all(&document.readable()?.root);
        let occurrence = names::at(&all, offset)?;
        let location = |occurrence: &names::Occurrence| Location {
            uri: at.text_document.uri.clone(),
            range: position::range(&document.source, occurrence.span, encoding),
        };
        Some(pick(&all, occurrence).into_iter().map(location).collect())
    }

    fn definition(&mut self, params: DefinitionParams) -> Answer {
        answer(self.named(&params.text_document_position_params, names::definitions))
    }

    fn references(&mut self, params: ReferenceParams) -> Answer {
        let all = params.context.include_declaration;
        answer(self.named(&params.text_document_position_params, |names, one| {
            let mut found = names::references(names, one);
            let given: Vec<_> = names::definitions(names, one).iter().map(|definition| definition.span).collect();
            found.retain(|occurrence| all || !given.contains(&occurrence.span));
            found
        }))
    }

    fn highlight(&mut self, params: DocumentHighlightParams) -> Answer {
        let found = self.named(&params.text_document_position_params, names::references);
        let highlight = |location: Location| DocumentHighlight { range: location.range, kind: None };
        answer(found.map(|found| found.into_iter().map(highlight).collect::<Vec<_>>()))
    }

    fn code_action(&mut self, params: CodeActionParams) -> Answer {
        let encoding = self.encoding;
        let uri = &params.text_document.uri;
        // a file of another tool has fixes too
        let known = self.documents.get(&uri.0).filter(|document| !matches!(document.kind, FileKind::Other));
        let within = known.map(|document| position::span(&document.source, params.range, encoding));
        answer(within.map(|within| self.actions(&uri.0, within, params.context.only.as_deref())))
    }

    fn prepare_rename(&mut self, params: PrepareRenameParams) -> Answer {
        let encoding = self.encoding;
        let Some((document, offset)) = self.place(&params.text_document_position_params) else { return Ok(Json::Null) };
        match rename::prepare(document, offset) {
            Ok((span, placeholder)) => answer(PrepareRenamePlaceholder {
                range: position::range(&document.source, span, encoding),
                placeholder,
            }),
            Err(_) => Ok(Json::Null),
        }
    }

    fn rename(&mut self, params: RenameParams) -> Answer {
        let at = &params.text_document_position_params;
        let Some((document, offset)) = self.place(at) else { return Ok(Json::Null) };
        let edits = rename::rename(document, offset, &params.new_name);
        let edits = edits.map_err(|why| Refused(ErrorCode::RequestFailed, why))?;
        let renamed = edit::apply(&document.source.text, &edits);
        if let Some(why) = self.worse(&at.text_document.uri.0, &renamed) {
            return Err(Refused(ErrorCode::RequestFailed, why));
        }
        answer(self.documents.get(&at.text_document.uri.0).map(|document| self.edit(document, SPEC, &edits)))
    }

    /// The first error of another text, if it has more errors than the document.
    fn worse(&mut self, uri: &str, text: &str) -> Option<String> {
        self.check(uri);
        let errors =
            |findings: &[Finding]| findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let before = errors(&self.documents.get(uri)?.analysis.as_ref()?.checked.findings);
        let after = self.check_text(uri, text)?.findings;
        let brought =
            after.iter().find(|finding| finding.severity == Severity::Error).filter(|_| errors(&after) > before);
        brought.map(|finding| finding.message.clone())
    }

    fn inlay_hint(&mut self, params: InlayHintParams) -> Answer {
        let encoding = self.encoding;
        let document = self.spec(&params.text_document.uri);
        answer(document.map(|document| {
            let within = position::span(&document.source, params.range, encoding);
            inlay::hints(document, within, encoding)
        }))
    }
}

/// The notification that publishes diagnostics.
#[must_use]
pub fn publication(params: PublishDiagnosticsParams) -> Wire {
    let method = PublishDiagnosticsNotification::METHOD.to_string();
    Wire::Notification(WireNotification::new(method, params))
}
