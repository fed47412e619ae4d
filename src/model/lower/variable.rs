//! Names of environment variables.

use super::is_variable_name;
use super::read::ValueReader;
use crate::support::source::FieldSpan;

/// The longest name of a variable: YAML itself takes no key over 1024 characters on one line.
const LONGEST_VARIABLE: usize = 255;

/// Checks a variable's name: every shell and every target must accept it.
pub(super) fn check_variable(reader: &mut ValueReader, name: &str, at: FieldSpan) -> bool {
    if !is_variable_name(name) {
        let (before, value) = name.split_once('=').map_or((name, ""), |(name, _)| (name, "=…"));
        let message = format!("`{}{value}` cannot name a variable", before.escape_debug());
        let inner = crate::syntax::in_curled_quotes(name).filter(|inner| is_variable_name(inner));
        let help = inner.map(|inner| format!("write `{inner}`: curled quotes are letters of the name"));
        let help = help.or_else(|| {
            let alone = is_variable_name(before) && !value.is_empty();
            alone.then(|| format!("write `{before}`, the name alone: its value does not belong here"))
        });
        let help = help.unwrap_or_else(|| "use letters, digits and `_`, starting with a letter or `_`".to_owned());
        reader.report("invalid-value", at.key(), message, help);
        return false;
    }
    if name.len() > LONGEST_VARIABLE {
        let message = format!("a variable's name of {} characters, above {LONGEST_VARIABLE}", name.len());
        reader.report("invalid-value", at.key(), message, "give it a shorter name");
        return false;
    }
    true
}
