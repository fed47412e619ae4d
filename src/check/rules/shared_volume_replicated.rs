//! Several replicas of a database or broker on one data folder. Reads the base's facts.

use super::{Context, Group, Meta, Report};
use crate::inputs::base::is_data;
use crate::inputs::images;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "shared-volume-replicated",
    severity: Severity::Error,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for one in context.replicated() {
        let image = one.service.and_then(|service| images::known(&service.image.as_ref()?.value));
        let Some(image) = image.or(one.member.facts.image) else { continue };
        let mounts = &one.member.facts.mounts;
        let Some(mount) = mounts.iter().find(|mount| is_data(image, mount)) else { continue };
        let (replicas, path) = (one.replicas, &one.base.name);
        let source = mount
            .source
            .as_deref()
            .map_or_else(|| "one volume".to_owned(), |name| format!("`{}`", name.escape_debug()));
        let message = format!(
            "{replicas} replicas of {} share {source} of {path}: each would write the data of the others",
            image.name
        );
        let finding = report
            .at(one.place, message)
            .label(mount.at.place(), format!("one data folder for {replicas}"))
            .help(format!(
                "run one `{}`, or give each replica of it a service and a volume of its own",
                one.member.name
            ))
            .rank(replicas);
        report.push(finding);
    }
}
