//! A file to write: as a document, as text, and its header. Knows no target.

use super::render::yaml;

/// One file to write, as a document.
#[derive(Clone, Debug)]
pub struct View {
    /// Path inside the target's folder, `/` between parts.
    pub path: String,
    /// Template that writes it, one of the target's own.
    pub template: &'static str,
    /// The content of the file. For YAML this is the exact document: the text is read back and must equal it.
    /// For a language of directives it is the input of the template, and under `directives` the tree that the text must equal.
    /// A string that must carry a local tag (`!override`) is in `tags` by its JSON pointer.
    pub document: serde_json::Value,
    /// Local tags: JSON pointer in `document` → tag.
    pub tags: Vec<(String, &'static str)>,
}

/// One file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Path inside the target's folder.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The data of the header in every file.
#[derive(Clone, Debug)]
pub struct Header {
    /// The spec's file name, without folders: output must not depend on where a checkout is.
    pub spec: String,
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// The target.
    pub target: String,
    /// Whether the command names the target: one for all targets does not.
    pub named: bool,
    /// Further options of the command, each a word of its own.
    pub options: Vec<String>,
}

/// The beginning of every file that we write, by which `--prune` and `--check` know our files.
pub const MARK: &str = "# Written by scalegen from ";

impl Header {
    /// The one header line.
    #[must_use]
    pub fn line(&self) -> String {
        // line ends and invisible characters are left out
        let clean = |text: &str| text.chars().filter(|c| !yaml::is_hidden(*c)).collect::<String>();
        // the command can be pasted into a shell: a name with special characters is quoted
        let word = |text: &str| {
            let plain =
                |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+' | '@' | '%' | ':' | ',');
            if !text.is_empty() && text.chars().all(plain) && !text.starts_with('-') {
                text.to_owned()
            } else {
                format!("'{}'", text.replace('\'', "'\\''"))
            }
        };
        let spec = clean(&self.spec);
        let profile = self.profile.as_deref().map(clean);
        let named = profile.as_ref().map(|profile| format!(", profile {profile}")).unwrap_or_default();
        let chosen = profile.as_ref().map(|profile| format!(" --profile {}", word(profile))).unwrap_or_default();
        let target = if self.named { format!(" --target {}", self.target) } else { String::new() };
        let options: String =
            self.options.iter().map(|option| format!(" {}", option_word(&clean(option), word))).collect();
        format!("{MARK}{spec}{named}; do not edit, run: scalegen render {}{target}{chosen}{options}", word(&spec))
    }
}

/// An option's name is written literally, its value as a shell word.
fn option_word(text: &str, word: impl Fn(&str) -> String) -> String {
    if text.starts_with("--") && text.chars().skip(2).all(|c| c.is_ascii_lowercase()) {
        text.to_owned()
    } else {
        word(text)
    }
}
