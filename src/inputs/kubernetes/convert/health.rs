//! The one probe that becomes the health check of the spec. Knows no other field of a container.

use crate::inputs::kubernetes::access;
use crate::inputs::kubernetes::pod::PodContainer;
use crate::inputs::leaf;
use crate::model::Val;
use crate::model::time::Duration;
use crate::syntax::{Entry, Node};

/// Kubernetes' defaults for a probe's period and number of failures.
const PERIOD: u32 = 10;
const FAILURES: u32 = 3;

/// The readiness probe, which decides whether a replica gets requests; else the liveness probe.
pub(super) fn of(item: &Node, container: &PodContainer) -> Option<Entry> {
    let probe = access::entry(item, "readinessProbe").or_else(|| access::entry(item, "livenessProbe"))?;
    let node = &*probe.node;
    let mut fields = Vec::new();
    let port = |action: &Entry| {
        let port = access::entry(&action.node, "port")?;
        let named = || {
            let own = container.ports.iter().find(|own| Some(own.name.as_str()) == port.node.as_str())?;
            Some(i64::from(own.port.value))
        };
        let number = port.node.as_whole().or_else(named).filter(|port| (1..=65_535).contains(port))?;
        Some(leaf::number("port", port.at(), number))
    };
    if let Some(http) = access::entry(node, "httpGet") {
        let path = access::text(access::entry(&http.node, "path")).filter(|path| path.value.starts_with('/'));
        let path = path.unwrap_or_else(|| Val::new("/".to_owned(), http.at()));
        fields.push(leaf::text("http", path.at, &path.value));
        fields.extend(port(http));
    } else if let Some(tcp) = access::entry(node, "tcpSocket") {
        fields.push(leaf::flag("tcp", tcp.at(), true));
        fields.extend(port(tcp));
    } else {
        let command = access::path(node, &["exec", "command"]).filter(|command| !command.node.items().is_empty())?;
        fields.push(command.clone());
    }
    let seconds =
        [("periodSeconds", "interval"), ("timeoutSeconds", "timeout"), ("initialDelaySeconds", "startPeriod")];
    let delayed = access::count(access::entry(node, "initialDelaySeconds")).is_some_and(|delay| delay.value > 0);
    for (key, own) in seconds {
        let value = access::count(access::entry(node, key)).filter(|value| value.value > 0);
        fields.extend(value.map(|value| leaf::text(own, value.at, &format!("{}s", value.value))));
    }
    let retries = access::count(access::entry(node, "failureThreshold")).filter(|value| value.value > 0);
    fields.extend(retries.map(|value| leaf::number("retries", value.at, value.value.into())));
    if !delayed {
        fields.extend(start_period(item, retries.map(|retries| retries.value)));
    }
    Some(leaf::mapping("health", probe.at(), fields))
}

/// The failures that a startup probe allows beyond the usual ones, as a duration.
fn start_period(item: &Node, retries: Option<u32>) -> Option<Entry> {
    let startup = access::entry(item, "startupProbe")?;
    let of = |key: &str| access::count(access::entry(&startup.node, key));
    let failures = of("failureThreshold")?;
    let free = failures.value.checked_sub(retries.unwrap_or(FAILURES)).filter(|free| *free > 0)?;
    let period = of("periodSeconds").map_or(PERIOD, |period| period.value);
    let seconds = u64::from(free) * u64::from(period);
    Some(leaf::text("startPeriod", failures.at, &Duration::seconds(seconds).to_string()))
}
