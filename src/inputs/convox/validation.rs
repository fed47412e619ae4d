//! What the validation of Convox refuses in a file whose shapes are right: names, references between sections, schedules, bounds.
//! Knows no key that is unknown and no shape.
//!
//! The sources are `pkg/manifest/validate.go` and `manifest.go` of convox/convox 3.24.9 (v3), and `Validate` of `pkg/manifest/manifest.go`
//! and the templates of convox/rack 20260421192651 (v2).

use super::refusals::{REFUSED, REFUSED_BY_V3, Refusals, RefusingReader, is_blank, is_name, section, text};
use super::{ConvoxFindings, hangs_on_a_variable, service_refusals};
use crate::syntax::{Entry, Node};

/// Labels that Convox sets itself.
const RESERVED_LABELS: [&str; 7] = ["system", "rack", "app", "name", "service", "release", "type"];

/// Reports what Convox' validation refuses. `is_of_v3` says that the file was not written for v2.
pub(super) fn report(root: &Node, is_of_v3: bool, found: &mut ConvoxFindings) {
    let mut refusals = Refusals::new(root, is_of_v3, found);
    refusals.resources();
    refusals.labels(root);
    for service in section(root, "services") {
        refusals.name("service", service, RefusingReader::Both);
        refusals.labels(&service.node);
        refusals.linked_resources(&service.node);
        service_refusals::report(root, service, &mut refusals);
    }
    service_refusals::shared_ports(root, &mut refusals);
    refusals.balancers();
    refusals.timers();
}

impl Refusals<'_> {
    /// A name of a section.
    fn name(&mut self, what: &str, entry: &Entry, by: RefusingReader) {
        if &*entry.key != "<<" && !hangs_on_a_variable(&entry.key) && !is_name(&entry.key) {
            let message =
                format!("the name `{}` of a {what} is not of small letters, digits and `-`", entry.key.escape_debug());
            self.refuse(
                entry.at().key(),
                message,
                by,
                "begin it with a small letter, and write small letters, digits and `-`",
            );
        }
    }

    fn resources(&mut self) {
        for resource in section(self.root, "resources") {
            self.name("resource", resource, RefusingReader::NotV2);
            if &*resource.key != "<<" && is_blank(&resource.node, "type") {
                let message = format!("resource `{}` has no `type`", resource.key.escape_debug());
                self.missing(resource.at().key(), message, REFUSED, "add `type`, as in `type: postgres`");
            }
        }
    }

    /// `resources: [database, "cache:CACHE_ADDRESS"]` of a service.
    fn linked_resources(&mut self, service: &Node) {
        let items = service.get("resources").map_or(&[][..], |linked| linked.node.items());
        for item in items {
            let Some(text) = item.as_str().filter(|text| !hangs_on_a_variable(text)) else { continue };
            let name = text.split(':').next().unwrap_or(text);
            if !self.has("resources", name) {
                let then = "Convox v3 refuses the file, and v2 links nothing";
                self.unknown(item.at().place(), ("a resource", name), "resources", then);
            }
        }
    }

    fn labels(&mut self, node: &Node) {
        for label in section(node, "labels").iter().filter(|label| RESERVED_LABELS.contains(&&*label.key)) {
            let message = format!("Convox sets the label `{}` itself", label.key);
            self.refuse(label.at().key(), message, RefusingReader::V3, "give it another name");
        }
    }

    fn balancers(&mut self) {
        for balancer in section(self.root, "balancers").iter().filter(|balancer| &*balancer.key != "<<") {
            let (name, node) = (balancer.key.escape_debug(), &balancer.node);
            if section(node, "ports").is_empty() && node.get("<<").is_none() {
                self.missing(
                    balancer.at().key(),
                    format!("balancer `{name}` has no ports"),
                    REFUSED_BY_V3,
                    "add `ports`",
                );
            }
            for port in section(node, "ports").iter().filter(|port| port.key.parse::<i64>().is_err()) {
                let message = format!("`{}` is not a port", port.key.escape_debug());
                self.refuse(
                    port.at().key(),
                    message,
                    RefusingReader::V3,
                    "write the number that the balancer listens on",
                );
            }
            if is_blank(node, "service") {
                let message = format!("balancer `{name}` has no `service`");
                self.missing(balancer.at().key(), message, REFUSED_BY_V3, "add `service`");
            }
            self.named_service(node, REFUSED_BY_V3);
        }
    }

    /// `service`, which must be one of the file.
    fn named_service(&mut self, node: &Node, then: &str) {
        if let Some((entry, name)) = text(node, "service").filter(|(_, name)| !name.trim().is_empty())
            && !self.has("services", name)
        {
            self.unknown(entry.at().place(), ("a service", name), "services", then);
        }
    }

    fn timers(&mut self) {
        for timer in section(self.root, "timers").iter().filter(|timer| &*timer.key != "<<") {
            self.name("timer", timer, RefusingReader::NotV2);
            if is_blank(&timer.node, "service") {
                let message = format!("timer `{}` has no `service`", timer.key.escape_debug());
                self.missing(timer.at().key(), message, REFUSED, "add `service`, whose image runs the command");
            }
            self.named_service(&timer.node, REFUSED);
            if let Some((entry, schedule)) = text(&timer.node, "schedule")
                && let Some((why, by)) = schedule_fault(schedule)
            {
                let message = format!("schedule `{}` {why}", schedule.escape_debug());
                self.refuse(
                    entry.at().place(),
                    message,
                    by,
                    "write minute, hour, day, month and weekday, as in `0 3 * * *`",
                );
            }
        }
    }
}

/// Minute, hour, day of the month and month: the least and the most.
const CRON_FIELDS: [(&str, u32, u32); 4] = [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12)];

/// The fault of a schedule. v2 gives it to AWS and takes five or six fields (`timer.go`), v3 to a CronJob and takes the first five, with
/// `*` in place of a `?` that stands alone (`ApplyCompatibility`). Weekdays differ, so they are not judged.
fn schedule_fault(schedule: &str) -> Option<(String, RefusingReader)> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if schedule.trim().starts_with('@') {
        return None;
    }
    if fields.len() < CRON_FIELDS.len() + 1 {
        let count = fields.len();
        return Some((
            format!("has {count} field{}, not five", if count == 1 { "" } else { "s" }),
            RefusingReader::Both,
        ));
    }
    let outside = fields.iter().zip(CRON_FIELDS).find_map(|(field, (what, least, most))| {
        let parts = field.split(',').flat_map(|part| part.split('/').next().unwrap_or(part).split('-'));
        let mut numbers = parts.filter_map(|part| part.parse::<u32>().ok());
        let number = numbers.find(|number| *number < least || *number > most)?;
        Some(format!("has {number} for the {what}, which is from {least} to {most}"))
    });
    if let Some(why) = outside {
        return Some((why, RefusingReader::Both));
    }
    let first = fields.iter().take(CRON_FIELDS.len() + 1);
    let mark = first.filter(|field| **field != "?").any(|field| field.contains('?'));
    mark.then(|| ("has a `?` beside something else".to_owned(), RefusingReader::NotV2))
}
