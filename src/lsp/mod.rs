//! The language server: messages of an editor in, answers and diagnostics out, over the same pipeline as `scalegen lint`.
//!
//! Pure: it reads no file itself and owns no stream. A [`Host`] gives it files and settings; `scalegen lsp` and the tests
//! each provide one and move the messages.
//!
//! Diagnostics are the findings of `scalegen lint` for the text in the editor; a manifest is read with those of its folder, as there. Everything else (hover, completion,
//! names, hints) is computed from a tree that stays usable while a line is half typed.

mod actions;
mod check;
mod complete;
mod cursor;
mod diagnostics;
mod document;
mod effective;
mod host;
mod hover;
mod inlay;
mod names;
mod outline;
pub mod position;
mod protocol;
pub mod recognize;
mod rename;
mod schema_at;
mod set_around;

pub use host::{Host, SpecSettings};
pub use position::Encoding;
pub use protocol::publication;

/// The manual's page on editors.
pub const PAGE: &str = include_str!("editors.md");

use document::OpenDocument;
use gen_lsp_types::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The server's state.
pub struct LanguageServer<H> {
    host: H,
    encoding: Encoding,
    client: Client,
    /// The folders that the editor has open: fixes may change files in them.
    roots: Vec<PathBuf>,
    documents: BTreeMap<String, OpenDocument>,
    /// Documents whose diagnostics are out of date, by URI.
    stale: BTreeSet<String>,
    /// The diagnostics that each document published, by the URI of the file that they are about.
    published: BTreeMap<String, BTreeMap<String, Vec<Diagnostic>>>,
}

/// The client's capabilities.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    related: bool,
    watches: bool,
    /// Whether it takes edits that name the version of their document.
    versions: bool,
}

impl<H: Host> LanguageServer<H> {
    /// A server without documents.
    #[must_use]
    pub fn new(host: H) -> LanguageServer<H> {
        LanguageServer {
            host,
            encoding: Encoding::default(),
            client: Client::default(),
            roots: Vec::new(),
            documents: BTreeMap::new(),
            stale: BTreeSet::new(),
            published: BTreeMap::new(),
        }
    }
}
