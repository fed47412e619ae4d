//! The ports of a compose service, in all their forms. What cannot be read is passed over.

use super::BasePort;
use super::interpolate::{UNKNOWN, fill};
use super::read::scalar;
use crate::model::Protocol;
use crate::support::source::FieldSpan;
use crate::syntax::{Node, Value};
use serde_json::Value as Json;

/// One item of `ports`.
pub(super) fn read(item: &Node) -> Option<BasePort> {
    match item.value {
        Value::Map(_) => long(item),
        _ => short(&fill(scalar(item)?), item.at()),
    }
    .map(|port| BasePort { written: word_for_word(item), ..port })
}

/// An item of `ports` as it was written; `22:22` and `80` are text to compose.
pub(super) fn word_for_word(item: &Node) -> Json {
    scalar(item).map_or_else(|| item.to_json(), Json::from)
}

/// `[[address:]host:]container[/protocol]`, each port a number or a range.
fn short(text: &str, at: FieldSpan) -> Option<BasePort> {
    let (ports, protocol) = match text.rsplit_once('/') {
        Some((ports, word)) => (ports, protocol(word)?),
        None => (text, Protocol::Tcp),
    };
    let (before, container) = match ports.rsplit_once(':') {
        Some((before, container)) => (Some(before), container),
        None => (None, ports),
    };
    let container = range(container)?;
    let (ip, host) = match before {
        None => (None, None),
        Some(before) => match before.rsplit_once(':') {
            Some((ip, host)) => (Some(ip), Some(host)),
            None => (None, Some(before)),
        },
    };
    let ip = ip.map(|ip| ip.trim_start_matches('[').trim_end_matches(']'));
    build(at, host, ip, container, protocol)
}

/// `{target, published, protocol, host_ip}`.
fn long(item: &Node) -> Option<BasePort> {
    let text = |key: &str| item.get(key).and_then(|entry| scalar(&entry.node)).map(fill);
    let protocol = text("protocol").map_or(Some(Protocol::Tcp), |word| protocol(&word))?;
    build(item.at(), text("published").as_deref(), text("host_ip").as_deref(), range(&text("target")?)?, protocol)
}

fn build(
    at: FieldSpan,
    host: Option<&str>,
    ip: Option<&str>,
    container: (u16, u16),
    protocol: Protocol,
) -> Option<BasePort> {
    let unknown_host = host.is_some_and(|host| host.contains(UNKNOWN));
    let host = match host {
        None | Some("") => None,
        Some(host) if host.contains(UNKNOWN) => None,
        Some(host) => Some(range(host)?),
    };
    // several container ports need as many host ports, one to one
    let width = |(first, last): (u16, u16)| last - first;
    if width(container) > 0 && host.is_some_and(|host| width(host) != width(container)) {
        return None;
    }
    let ip = ip.filter(|ip| !ip.is_empty()).map(str::to_owned);
    Some(BasePort { at, written: Json::Null, host, unknown_host, ip, container, protocol })
}

fn protocol(word: &str) -> Option<Protocol> {
    match word.to_ascii_lowercase().as_str() {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        _ => None,
    }
}

/// `80` or `80-82`.
fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|port| digits && *port > 0)
    };
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::{fill, short};
    use crate::model::Protocol::{Tcp, Udp};
    use crate::support::source::FieldSpan;

    #[test]
    fn short_forms() {
        let cases = [
            ("80", None, None, (80, 80), Tcp),
            ("3000-3005", None, None, (3000, 3005), Tcp),
            ("8080:80", Some((8080, 8080)), None, (80, 80), Tcp),
            ("8080-8082:80", Some((8080, 8082)), None, (80, 80), Tcp),
            ("8080-8082:80-82", Some((8080, 8082)), None, (80, 82), Tcp),
            ("127.0.0.1:8080:80/udp", Some((8080, 8080)), Some("127.0.0.1"), (80, 80), Udp),
            ("127.0.0.1::80", None, Some("127.0.0.1"), (80, 80), Tcp),
            ("[::1]:8080:80", Some((8080, 8080)), Some("::1"), (80, 80), Tcp),
            ("::1:8080:80", Some((8080, 8080)), Some("::1"), (80, 80), Tcp),
            ("${PORT:-8080}:80", Some((8080, 8080)), None, (80, 80), Tcp),
            ("${IP:-127.0.0.1}:${PORT:-8080}:80", Some((8080, 8080)), Some("127.0.0.1"), (80, 80), Tcp),
            ("${PORT}:80", None, None, (80, 80), Tcp),
            ("22:22", Some((22, 22)), None, (22, 22), Tcp),
        ];
        for (text, host, ip, container, protocol) in cases {
            let port = short(&fill(text), FieldSpan::default());
            let got = port.as_ref().map(|port| (port.host, port.ip.as_deref(), port.container, port.protocol));
            assert_eq!(got, Some((host, ip, container, protocol)), "{text}");
        }
    }

    #[test]
    fn what_is_no_port_is_passed_over() {
        for text in [
            "",
            ":",
            "a:b",
            "0:80",
            "80:0",
            "70000:80",
            "8080:${PORT}",
            "9-8:80",
            "1-3:80-81",
            "80/sctp",
            "-1:80",
            "8080:80:90:/",
        ] {
            assert!(short(&fill(text), FieldSpan::default()).is_none(), "{text}");
        }
    }
}
