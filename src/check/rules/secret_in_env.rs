//! Secrets written out in `env`. Never prints one.

use super::{Context, Group, Meta, Report};
use crate::model::{EnvValue, EnvVar, refers};
use crate::support::diagnostic::Severity;
use crate::support::secrets;
use std::collections::HashSet;

pub(super) const META: Meta = Meta {
    id: "secret-in-env",
    severity: Severity::Error,
    group: Group::Secrets,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let shared: HashSet<&str> = service.shared_secrets.iter().map(|name| name.value.as_str()).collect();
        for variable in &service.env {
            let name = &variable.name;
            let literal = variable.value.value.is_literal();
            if literal && shared.contains(name.as_str()) {
                // `shared-secret-inline` says so
                continue;
            }
            let message = if literal && secrets::is_name(name) {
                format!("`{name}` holds a secret as plain text")
            } else if has_password(variable) {
                format!("`{name}` holds a URL with its password as plain text")
            } else {
                continue;
            };
            let help =
                format!("name `{name}` in `sharedSecrets` instead: its value is then given where the service runs");
            report.push(report.at(variable.value.place(), message).help(help).secret(variable.value.at.value));
        }
    }
}

/// `scheme://user:password@host`, where the password is not a reference.
fn has_password(variable: &EnvVar) -> bool {
    let EnvValue::Text(text) = &variable.value.value else { return false };
    secrets::url_password(text).is_some_and(|at| !text.get(at).is_some_and(refers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Val;
    use crate::support::source::FieldSpan;

    fn var(text: &str) -> EnvVar {
        EnvVar { name: "X".into(), value: Val::new(EnvValue::Text(text.into()), FieldSpan::default()) }
    }

    #[test]
    fn urls() {
        for text in ["postgres://u:p@db/x", "redis://:p@r:6379", "amqp+tls://u:p%40@h", "http://u:$x$y@h"] {
            assert!(has_password(&var(text)), "{text}");
        }
        for text in [
            "postgres://db/x",
            "postgres://u@db",
            "postgres://u:@db",
            "postgres://u:${PW}@db",
            "postgres://u:$PW@db",
            "http://h/?mail=a:b@c",
            "u:p@h",
            "://u:p@h",
            "see http and u:p",
        ] {
            assert!(!has_password(&var(text)), "{text}");
        }
    }

    #[test]
    fn literals() {
        let text = |text: &str| EnvValue::Text(text.into()).is_literal();
        assert!(text("abc") && text("a$b") && text("$a-b") && EnvValue::Number("1234".into()).is_literal());
        assert!(!text("") && !text(" ") && !text("${A}") && !text("x${A}") && !text("$A") && !text("true"));
        assert!(!EnvValue::Bool(true).is_literal());
    }
}
