//! The directives at the beginning of a text, which readers of YAML 1.1 take otherwise than we do. Knows no reader by name.

use crate::support::source::Span;

/// One directive.
#[derive(Clone, Copy, Debug)]
pub struct YamlDirective<'t> {
    /// Its line.
    pub span: Span,
    /// The line without blanks at its end, such as `%YAML 1.2`.
    pub text: &'t str,
}

impl YamlDirective<'_> {
    /// Whether Go's readers of YAML refuse it: they take the version 1.1 alone, and no name but `YAML` and `TAG`.
    #[must_use]
    pub fn refused_by_go(&self) -> bool {
        let mut words = self.text.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some("%YAML"), version) => version != Some("1.1"),
            (name, _) => name != Some("%TAG"),
        }
    }
}

/// The directives before the first document.
pub fn directives(text: &str) -> impl Iterator<Item = YamlDirective<'_>> {
    let bare = text.trim_start_matches('\u{feff}');
    let mut at = text.len() - bare.len();
    let lines = bare.split_inclusive('\n').map(move |line| {
        let from = at;
        at += line.len();
        (from, line.trim_end())
    });
    let before = lines.take_while(|(_, line)| line.is_empty() || line.starts_with(['%', '#']));
    let directives = before.filter(|(_, line)| line.starts_with('%'));
    directives.map(|(from, line)| YamlDirective { span: Span::new(from, from + line.len()), text: line })
}
