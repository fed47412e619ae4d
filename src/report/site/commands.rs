//! The command line's page. Knows what the command line says of itself, no parser of arguments.

use super::named::NamedPages;
use super::shell::{SideItem, SideList, SitePage};
use crate::support::markdown::{self, escape};

/// One command.
#[derive(Clone, Debug)]
pub struct CommandPage {
    /// As typed, the tool's name in front.
    pub name: String,
    /// What it does, in Markdown.
    pub about: String,
    /// How it is called.
    pub usage: String,
    /// What it takes, arguments before options.
    pub arguments: Vec<Argument>,
    /// Text behind all that: examples.
    pub after: String,
}

/// One argument or option.
#[derive(Clone, Debug)]
pub struct Argument {
    /// As it is typed: `--target <NAME>`, `[PATH]...`.
    pub name: String,
    /// What it means, in Markdown.
    pub help: String,
    /// The value it has when it is not given.
    pub default: Option<String>,
    /// The values it takes, each with what it means; empty if it takes any.
    pub values: Vec<(String, String)>,
}

/// The anchor of a command.
pub(super) fn id(command: &CommandPage) -> String {
    markdown::anchor(command.name.strip_prefix("scalegen ").unwrap_or(&command.name))
}

pub(super) fn page(commands: &[CommandPage], named: &NamedPages) -> SitePage {
    let links = named.on("commands.html");
    let text = |text: &str| markdown::html(&markdown::blocks(text), &links);
    let mut body = "<h1>Commands</h1>\n".to_owned();
    let mut items = Vec::new();
    for command in commands {
        let (name, id) = (escape(&command.name), id(command));
        items.push(SideItem { code: true, ..SideItem::new(command.name.clone(), format!("#{id}")) });
        body.push_str(&format!(
            "<h2 id=\"{id}\"><code>{name}</code> {}</h2>\n",
            markdown::heading_link(&id, &command.name)
        ));
        body.push_str(&text(&command.about));
        body.push_str(&markdown::code("", &command.usage));
        for argument in &command.arguments {
            let default = argument
                .default
                .as_ref()
                .map(|default| format!(" <span class=\"fact\">default <code>{}</code></span>", escape(default)));
            body.push_str(&format!(
                "<div class=\"field\">\n<p class=\"name\"><code>{}</code>{}</p>\n{}",
                escape(&argument.name),
                default.unwrap_or_default(),
                text(&argument.help)
            ));
            if argument.values.iter().any(|(_, help)| !help.is_empty()) {
                body.push_str("<ul>\n");
                for (value, help) in &argument.values {
                    let help = if help.is_empty() { String::new() } else { format!(": {}", escape(help)) };
                    body.push_str(&format!("<li><code>{}</code>{help}</li>\n", escape(value)));
                }
                body.push_str("</ul>\n");
            } else if !argument.values.is_empty() {
                let values: Vec<String> =
                    argument.values.iter().map(|(value, _)| format!("<code>{}</code>", escape(value))).collect();
                body.push_str(&format!("<p>One of {}.</p>\n", values.join(", ")));
            }
            body.push_str("</div>\n");
        }
        let after = command.after.trim();
        if let Some((title, lines)) = after.split_once('\n').filter(|(title, _)| title.ends_with(':')) {
            let examples = lines.split("\n\n").next().unwrap_or_default();
            let rest = lines.get(examples.len()..).unwrap_or_default();
            let examples: Vec<&str> = examples.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            body.push_str(&format!("<p>{}</p>\n{}", escape(title), markdown::code("", &examples.join("\n"))));
            body.push_str(&text(rest));
        } else {
            body.push_str(&text(after));
        }
    }
    SitePage {
        path: "commands.html".to_owned(),
        title: "Commands".to_owned(),
        summary: "The command line of scalegen.".to_owned(),
        section: "commands.html",
        body,
        side: SideList { title: "Commands", items },
    }
}
