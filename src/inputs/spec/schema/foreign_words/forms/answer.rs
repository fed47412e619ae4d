//! The answer to a value of another form. Knows no form.

/// What to write for a value, and whether a program may write it.
pub(in crate::inputs::spec::schema) struct Form {
    /// The help.
    pub help: String,
    /// The new value, where it is unambiguous.
    pub text: Option<String>,
}

pub(super) fn write(text: String) -> Option<Form> {
    Some(Form { help: format!("write `{text}`"), text: Some(text) })
}

pub(super) fn help_only(help: impl Into<String>) -> Option<Form> {
    Some(Form { help: help.into(), text: None })
}
