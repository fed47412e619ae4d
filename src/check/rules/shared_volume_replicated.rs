//! Several replicas of a database or broker, or two of them, on one data folder. Reads the base's facts.

use super::{Context, Group, Meta, Report};
use crate::inputs::Mount;
use crate::inputs::base::{BaseMember, BaseProject, is_data};
use crate::inputs::images::{self, KnownImage};
use crate::inputs::text::UNKNOWN;
use crate::support::diagnostic::Severity;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "shared-volume-replicated",
    severity: Severity::Error,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context.replicated_together() {
        let image = replicated.service.and_then(|service| images::known_image(&service.image.as_ref()?.value));
        let Some(image) = image.or(replicated.member.facts.image) else { continue };
        let mounts = &replicated.member.facts.mounts;
        let Some(mount) = mounts.iter().find(|mount| is_data(image, mount)) else { continue };
        let (replicas, path) = (replicated.replicas, replicated.base.of_files());
        let source = mount
            .source
            .as_deref()
            .map_or_else(|| "one volume".to_owned(), |name| format!("`{}`", name.escape_debug()));
        let message = format!(
            "{replicas} replicas of {} share {source}{path}: each would write the data of the others",
            image.name
        );
        let finding = report
            .at(replicated.place, message)
            .label(mount.at.place(), format!("one data folder for {replicas}"))
            .help(format!(
                "run one `{}`, or give each replica of it a service and a volume of its own",
                replicated.member.name
            ))
            .rank(replicas);
        report.push(finding);
    }
    if let Some(base) = context.base.filter(|base| base.manifests.is_none()) {
        two_services(base, report);
    }
}

/// Two databases of a project that keep their data in one place.
fn two_services(base: &BaseProject, report: &mut Report) {
    let mut first: HashMap<&str, Vec<(&BaseMember, &Mount)>> = HashMap::new();
    for member in &base.services {
        let Some(image) = member.facts.image.filter(|image| starts_server(member, image)) else { continue };
        let Some(mount) = member.facts.mounts.iter().find(|mount| is_data(image, mount)) else { continue };
        let Some(source) = mount.source.as_deref().filter(|source| !source.contains(UNKNOWN)) else { continue };
        let others = first.entry(source).or_default();
        if let Some((other, its)) = others.iter().find(|(other, _)| run_together(member, other)) {
            let message = format!(
                "`{}` keeps its data in `{}`{}, as `{}` does: each would write the data of the other",
                member.name,
                source.escape_debug(),
                base.of_files(),
                other.name
            );
            let finding = report
                .at(mount.at.place(), message)
                .label(its.at.place(), format!("the data of `{}`", other.name))
                .help("give each a volume of its own");
            report.push(finding);
        }
        others.push((member, mount));
    }
}

/// Whether a service starts the server of its image: another command may read the data of a server that is stopped.
fn starts_server(member: &BaseMember, image: &KnownImage) -> bool {
    let own = ["postgres", "mysqld", "mariadbd", "redis-server", "valkey-server", "mongod", "rabbitmq-server"];
    let word = member.view().command.as_ref().map(|command| command.value.as_deref().and_then(<[String]>::first));
    member.view().entrypoint.is_none()
        && match word {
            None => true,
            Some(Some(word)) => word.starts_with('-') || own.contains(&word.as_str()) || *word == image.name,
            Some(None) => false,
        }
}

/// Whether two services run at once: those of different profiles may never.
fn run_together(one: &BaseMember, other: &BaseMember) -> bool {
    let names = |member: &BaseMember| member.facts.profiles.iter().map(|name| name.value.clone()).collect::<Vec<_>>();
    let (own, others) = (names(one), names(other));
    own.is_empty() && others.is_empty() || own.iter().any(|name| others.contains(name))
}
