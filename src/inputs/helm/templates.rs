//! What a chart's own templates name of its values, looked up in their text. Runs no template.

/// The text of some of a chart's templates.
#[derive(Clone, Debug, Default)]
pub(super) struct TemplateText {
    texts: Vec<String>,
}

/// So many characters below a `with` its copy is looked for.
const BLOCK: usize = 200;

impl TemplateText {
    /// The templates with these names that are there.
    pub(super) fn read(names: &[&str], read: &dyn Fn(&str) -> Option<String>) -> TemplateText {
        TemplateText { texts: names.iter().filter_map(|name| read(&format!("templates/{name}"))).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether one of these words is in it.
    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        self.texts.iter().any(|text| words.iter().any(|word| text.contains(word)))
    }

    /// Whether a template names the value at this path.
    pub(super) fn names(&self, path: &str) -> bool {
        self.texts.iter().any(|text| self::after(text, &format!(".Values.{path}")).next().is_some())
    }

    /// Whether a template writes the value at this path out as it is.
    pub(super) fn copies(&self, path: &str) -> bool {
        let whole = |text: &String| self::after(text, &format!("toYaml .Values.{path}")).next().is_some();
        let opening = format!("with .Values.{path}");
        let block = |text: &String| {
            let mut blocks = self::after(text, &opening);
            blocks.any(|rest| {
                let end = rest.char_indices().nth(BLOCK).map_or(rest.len(), |(index, _)| index);
                let near = rest.get(..end).unwrap_or(rest);
                near.split("{{- end").next().is_some_and(|block| block.contains("toYaml . "))
            })
        };
        self.texts.iter().any(|text| whole(text) || block(text))
    }
}

/// The text behind each place where `word` stands and does not go on.
fn after<'t>(text: &'t str, word: &str) -> impl Iterator<Item = &'t str> {
    let ends = text.match_indices(word).map(|(start, found)| start + found.len()).collect::<Vec<_>>();
    ends.into_iter().filter_map(|end| {
        let rest = text.get(end..)?;
        let goes_on = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        (!goes_on).then_some(rest)
    })
}
