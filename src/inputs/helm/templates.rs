//! Looks up in the text of a chart's templates which values they name. Runs no template.

/// The text of some of a chart's templates.
#[derive(Clone, Debug, Default)]
pub(super) struct TemplateText {
    texts: Vec<String>,
}

/// How many characters below a `with` its copy may be.
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

    /// Which of these paths is the value of the one port of its container, and the port's name, which may be empty.
    pub(super) fn port_of(&self, paths: &[&'static str]) -> Option<(&'static str, String)> {
        let lines: Vec<&str> = self.texts.iter().flat_map(|text| text.lines()).map(str::trim).collect();
        let mut all = lines.iter().enumerate().filter(|(_, line)| line.contains("containerPort:"));
        let (at, line) = all.next().filter(|_| all.next().is_none())?;
        let begins = line.starts_with('-');
        let value = line.trim_start_matches(['-', ' ']).strip_prefix("containerPort:")?;
        let value = value.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim_matches(['-', ' ']);
        let path = value.split('|').next()?.trim().strip_prefix(".Values.")?;
        let beside = if begins { at + 1 } else { at.checked_sub(1)? };
        let name = lines.get(beside).and_then(|line| line.trim_start_matches(['-', ' ']).strip_prefix("name:"));
        let name = name.unwrap_or_default().trim();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let path = paths.iter().copied().find(|own| *own == path).filter(|_| plain)?;
        Some((path, name.to_owned()))
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

/// The text after each place where `word` is a whole word.
fn after<'t>(text: &'t str, word: &str) -> impl Iterator<Item = &'t str> {
    let ends = text.match_indices(word).map(|(start, found)| start + found.len()).collect::<Vec<_>>();
    ends.into_iter().filter_map(|end| {
        let rest = text.get(end..)?;
        let goes_on = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        (!goes_on).then_some(rest)
    })
}
