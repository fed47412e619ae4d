//! minijinja with limits: undefined values are errors, steps are counted, no file can be read. Knows no template and no
//! policy.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

/// Puts an environment in bounds: `fuel` steps for one text, and nothing undefined passes for empty.
#[must_use]
pub fn bounded(mut environment: Environment<'static>, fuel: u64) -> Environment<'static> {
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(fuel));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
}

/// How the texts are written: a block's own line leaves no empty line.
#[must_use]
pub fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    builder.build().unwrap_or_default()
}

/// What went wrong, with the line of the text if there is one.
#[must_use]
pub fn describe(error: &Error) -> String {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{error}{line}")
}
