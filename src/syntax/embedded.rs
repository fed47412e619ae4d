//! Documents in the text of a scalar: a patch in a kustomization. Knows no format.

use super::ParseMode;
use super::stream::{StreamDocument, moved, parse_stream, place_nodes};
use super::tree::{Node, Style};
use crate::support::source::{Source, Span};

/// The documents in the text of a scalar of this source. Their places are exact if the text is in the file as it is, in a block; else all have
/// that of the scalar.
#[must_use]
pub fn embedded_documents(source: &Source, scalar: &Node) -> Vec<StreamDocument> {
    let exact = lines_of(source, scalar);
    let text = exact.map_or(&*scalar.text, |span| source.slice(span));
    let mut stream = parse_stream(scalar.file, &Source::new("", text), ParseMode::Base);
    for root in stream.documents.iter_mut().filter_map(|document| document.root.as_mut()) {
        match exact {
            Some(lines) => place_nodes(root, |span| moved(span, lines.start)),
            None => place_nodes(root, |_| scalar.span),
        }
    }
    stream.documents
}

/// The lines of a block whose text is only indented. Marks between documents are none if they are indented.
fn lines_of(source: &Source, scalar: &Node) -> Option<Span> {
    if scalar.style != Style::BlockScalar || scalar.text.lines().any(|line| line.starts_with("---")) {
        return None;
    }
    let before = source.text.get(..scalar.span.start as usize)?;
    let from = before.rfind('\n').map_or(0, |end| end + 1);
    let lines = source.text.get(from..scalar.span.end as usize)?;
    let indent = lines.len() - lines.trim_start_matches(' ').len();
    let text = lines.lines().map(|line| line.get(indent..).unwrap_or_default());
    let same = text.eq(scalar.text.trim_end().lines());
    same.then(|| Span::new(from, scalar.span.end as usize))
}
