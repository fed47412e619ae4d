//! The text of a help: most are the same words each time, or the same for thousands of findings. Knows no finding.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The text of a help, which costs nothing to copy. Compared as its text.
#[derive(Clone)]
pub struct HelpText(Words);

#[derive(Clone)]
enum Words {
    Known(&'static str),
    Own(Arc<str>),
}

impl HelpText {
    /// The text, to be changed.
    #[must_use]
    pub fn into_owned(self) -> String {
        self.to_string()
    }
}

impl Deref for HelpText {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Words::Known(text) => text,
            Words::Own(text) => text,
        }
    }
}

impl Default for HelpText {
    fn default() -> HelpText {
        HelpText::from("")
    }
}

impl From<&'static str> for HelpText {
    fn from(text: &'static str) -> HelpText {
        HelpText(Words::Known(text))
    }
}

impl From<String> for HelpText {
    fn from(text: String) -> HelpText {
        HelpText(Words::Own(text.into()))
    }
}

impl From<Arc<str>> for HelpText {
    fn from(text: Arc<str>) -> HelpText {
        HelpText(Words::Own(text))
    }
}

impl From<Cow<'static, str>> for HelpText {
    fn from(text: Cow<'static, str>) -> HelpText {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

impl PartialEq for HelpText {
    fn eq(&self, other: &HelpText) -> bool {
        **self == **other
    }
}

impl Eq for HelpText {}

impl PartialEq<&str> for HelpText {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for HelpText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for HelpText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
