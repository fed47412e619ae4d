//! Secrets written out in `command` and `args`. Never prints one.

use super::{Context, Group, Meta, Report};
use crate::model::{Service, refers};
use crate::support::diagnostic::Severity;
use crate::support::secrets;

pub(super) const META: Meta = Meta {
    id: "secret-in-args",
    severity: Severity::Error,
    group: Group::Secrets,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        for words in [&service.command, &service.args].into_iter().flatten() {
            // the list has one place: one finding names every flag
            let mut flags = flags(&words.value);
            flags.dedup();
            if flags.is_empty() {
                continue;
            }
            let finding = report.at(words.place(), message(&flags)).help(help(service));
            report.push(finding.secret(words.at.value));
        }
    }
}

/// Where a command has a secret: in a flag, or in a URL with its password.
fn flags(words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            // the value is the next word, if that is not a flag itself
            None => (word.as_str(), words.get(index + 1).map(String::as_str).filter(|next| !next.starts_with('-'))),
        };
        let name = flag.trim_start_matches('-').replace(['-', '.'], "_");
        let is_flag = flag.starts_with('-') || word.contains('=');
        if is_flag && secrets::is_name(&name) && value.is_some_and(is_literal) {
            found.push(format!("`{}`", flag.escape_debug()));
        } else if has_password(word) || word.split_once('=').is_some_and(|(_, value)| has_password(value)) {
            found.push("a URL with its password".to_owned());
        }
    }
    found
}

/// Whether a word is a URL with its password written out.
fn has_password(word: &str) -> bool {
    secrets::url_password(word).is_some_and(|at| !word.get(at).is_some_and(refers))
}

/// Whether a value is written out: no reference to a variable, no switch, no path of a file that holds it.
fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let reference = refers(value) || value.contains("$(") || value.starts_with('/');
    !value.is_empty() && !reference && !matches!(value, "true" | "false")
}

fn message(flags: &[String]) -> String {
    let verb = if flags.len() == 1 { "holds a secret" } else { "hold secrets" };
    format!("{} {verb} as plain text, which every list of processes shows too", flags.join(", "))
}

fn help(service: &Service) -> String {
    format!(
        "name a variable in `sharedSecrets` of `{}` and let the process read that: its value is then given where the service runs",
        service.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str]) -> usize {
        flags(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).len()
    }

    #[test]
    fn flags_and_their_near_misses() {
        assert_eq!(found(&["--db-password=hunter2", "--token", "abc"]), 2);
        assert_eq!(found(&["--dsn", "postgres://u:p@db/x"]), 1);
        assert_eq!(found(&["--dsn=postgres://u:p@db/x", "DB=amqp://u:p@q"]), 2);
        assert_eq!(found(&["--dsn=postgres://u:${PASSWORD}@db/x", "--dsn=postgres://u@db/x"]), 0);
        for words in [
            &["--password-file=/run/secret", "--token-ttl", "5m"][..],
            &["--token", "--verbose"],
            &["--token=${TOKEN}", "--secret=$(SECRET)", "--api-key=/run/key", "--password="],
            &["token", "abc"],
            &["--no-password"],
        ] {
            assert_eq!(found(words), 0, "{words:?}");
        }
    }
}
