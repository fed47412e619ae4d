//! An image of the spec that replaces the base's. Reads both.

use super::{Context, Group, Meta, Report};
use crate::model::Val;
use crate::support::diagnostic::Severity;
use std::rc::Rc;

pub(super) const META: Meta =
    Meta { id: "image-drift", severity: Severity::Warning, group: Group::Base, suppressible: true, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    let services = context.spec.services().map(|service| (&*service.name, service.image.as_deref()));
    let backing = context.spec.backing.iter().map(|backing| (&*backing.name, backing.image.as_ref()));
    for (name, image) in services.chain(backing) {
        let Some(image) = image.filter(|image| image.is_of_spec()) else { continue };
        let Some(own) = base.service(name).and_then(|member| member.service.image.as_deref()) else { continue };
        if own.value != image.value {
            drift(report, &base.name, name, image, own);
        }
    }
}

fn drift(report: &mut Report, path: &str, name: &str, image: &Val<Rc<str>>, own: &Val<Rc<str>>) {
    let (ours, theirs) = (image.value.escape_debug(), own.value.escape_debug());
    let message = format!("`{name}` runs {ours}, not {theirs} of {path}: the override replaces it");
    let finding = report
        .at(image.place(), message)
        .label(own.place(), "this image is not used")
        .help(format!("write `{theirs}`, or take `image` out here, so that {path} alone says it"));
    report.push(finding);
}
