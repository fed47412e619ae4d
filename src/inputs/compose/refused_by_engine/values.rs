//! Values of a service that docker compose hands on, and with which the engine creates or starts no container: paths, addresses,
//! signals, capabilities, kernel parameters. No spec can change them. Knows no rule.
//!
//! Sources: moby at b985e23 (`daemon/container.go`, `daemon/volume/mounts/linux_parser.go`, `daemon/pkg/opts/hosts.go`,
//! `daemon/internal/runconfig/hostconfig_unix.go`, `moby/sys/signal`), capability.h of Linux, runc's `validate/validator.go`. Each
//! was also tried with an engine of release 20.10.

use super::showable_text;
use crate::inputs::base::BaseMember;
use crate::inputs::compose::project::ports;
use crate::inputs::text::UNKNOWN;
use crate::support::diagnostic::Finding;
use crate::support::source::FieldSpan;

/// The longest host name of Linux (`HOST_NAME_MAX`).
const LONGEST_HOST_NAME: usize = 64;

/// The capabilities of Linux 5.9 and later, without `CAP_`.
const CAPABILITIES: &str = "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE \
    DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN \
    NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE \
    SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM";

/// The signals that the engine knows by name, without `SIG` and those with a number behind a sign.
const SIGNALS: &str = "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS \
    TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX";

/// The kernel parameters of a container's own communication between processes.
const PROCESS_PARAMETERS: [&str; 8] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
];

/// The faults of one service.
pub(in crate::inputs::compose) fn of_member(member: &BaseMember, found: &mut Vec<Finding>) {
    paths(member, found);
    addresses(member, found);
    host_name(member, found);
    signal(member, found);
    capabilities(member, found);
    kernel_parameters(member, found);
    inner_ports(member, found);
    hardware_address(member, found);
    process_namespace(member, found);
}

/// The texts of a key, each with its place: of a single value, of a list, and of the values of a mapping.
fn texts<'a>(member: &'a BaseMember, key: &str) -> Vec<(&'a str, FieldSpan)> {
    let Some(entry) = member.project.entry.node.get(key) else { return Vec::new() };
    let own = showable_text(&entry.node).map(|text| (text, entry.at()));
    let items = entry.node.items().iter().filter_map(|item| Some((showable_text(item)?, item.at())));
    let values = entry.node.entries().iter().filter_map(|entry| Some((showable_text(&entry.node)?, entry.at())));
    own.into_iter().chain(items).chain(values).collect()
}

/// Paths in a container that do not begin at its root.
fn paths(member: &BaseMember, found: &mut Vec<Finding>) {
    let node = &member.project.entry.node;
    let volumes = node.get("volumes").map_or(&[][..], |entry| entry.node.items());
    let volumes =
        volumes.iter().filter_map(|item| Some((showable_text(&item.get("target")?.node)?.to_owned(), item.at())));
    let memory = texts(member, "tmpfs").into_iter();
    let memory = memory.map(|(text, at)| (text.split(':').next().unwrap_or_default().to_owned(), at));
    for (target, at) in volumes.chain(memory) {
        let root = !target.is_empty() && target.chars().all(|c| c == '/');
        if root {
            let message =
                format!("`{}` mounts something at `/`: the engine takes the root from the image", member.name);
            found.push(Finding::of("invalid-value", at.place(), message).help("mount it at a folder below `/`"));
        } else if is_relative(&target) {
            let message = format!(
                "the engine mounts nothing at `{}`: the path in the container must begin with `/`",
                target.escape_debug()
            );
            let help = format!("write `/{}`", target.trim_start_matches("./").escape_debug());
            found.push(Finding::of("invalid-value", at.place(), message).help(help));
        }
    }
    for (folder, at) in texts(member, "working_dir").into_iter().filter(|(folder, _)| is_relative(folder)) {
        let message =
            format!("the engine takes no working folder `{}`: the path must begin with `/`", folder.escape_debug());
        found.push(
            Finding::of("invalid-value", at.place(), message)
                .help(format!("write `/{}`", folder.trim_start_matches("./").escape_debug())),
        );
    }
}

/// Whether a path is neither one of Linux that begins at the root nor one of Windows.
fn is_relative(path: &str) -> bool {
    let drive = matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    !path.is_empty() && !path.starts_with('/') && !path.contains('\\') && !drive
}

/// Name servers and addresses of further hosts.
fn addresses(member: &BaseMember, found: &mut Vec<Finding>) {
    // an address of IPv6 may name its interface
    let is_address = |text: &str| ports::is_address(text.split('%').next().unwrap_or_default());
    let servers = texts(member, "dns").into_iter().filter(|(text, _)| !text.is_empty() && !is_address(text));
    for (text, at) in servers {
        let message = format!("the engine takes the address of a name server, not `{}`", text.escape_debug());
        found.push(Finding::of("invalid-value", at.place(), message).help("write its address such as `1.1.1.1`"));
    }
    for (text, at) in texts(member, "extra_hosts") {
        // the items of a list hold a name too
        let is_value = at.key != at.value;
        let address = match text.split_once('=').or(text.split_once(':')) {
            Some((_, address)) if !is_value => address,
            _ => text,
        };
        if address.is_empty() || address == "host-gateway" || is_address(address) {
            continue;
        }
        let message = format!("the engine takes an address for a further host, not `{}`", address.escape_debug());
        found.push(
            Finding::of("invalid-value", at.place(), message)
                .help("write its address, or `host-gateway` for the machine's own"),
        );
    }
}

/// A host name longer than Linux has, or beside the machine's own.
fn host_name(member: &BaseMember, found: &mut Vec<Finding>) {
    for (name, at) in texts(member, "hostname") {
        let length = name.len();
        if length > LONGEST_HOST_NAME {
            let message = format!("a host name of {length} characters: Linux takes {LONGEST_HOST_NAME} at most");
            found.push(Finding::of("invalid-value", at.place(), message).help("write a shorter name"));
        }
        let Some((_, mode)) = texts(member, "uts").into_iter().find(|(mode, _)| *mode == "host") else { continue };
        let message = "the engine gives no host name beside `uts: host`, which takes the machine's";
        found.push(
            Finding::of("invalid-value", at.place(), message)
                .label(mode.place(), "the machine's")
                .help("remove one of the two"),
        );
    }
}

/// A signal that the engine does not know.
fn signal(member: &BaseMember, found: &mut Vec<Finding>) {
    for (text, at) in texts(member, "stop_signal") {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let count = |prefix: &str, most: u8| {
            name.strip_prefix(prefix).and_then(|rest| rest.parse::<u8>().ok()).is_some_and(|n| (1..=most).contains(&n))
        };
        let known = SIGNALS.split_whitespace().any(|known| known == name) || count("RTMIN+", 15) || count("RTMAX-", 14);
        if text.is_empty() || known || text.parse::<i64>().is_ok_and(|number| number != 0) {
            continue;
        }
        let message = format!("the engine knows no signal `{}`", text.escape_debug());
        found.push(
            Finding::of("invalid-value", at.place(), message).help("write a name such as `SIGTERM`, or its number"),
        );
    }
}

/// A capability that Linux does not have.
fn capabilities(member: &BaseMember, found: &mut Vec<Finding>) {
    for (text, at) in ["cap_add", "cap_drop"].into_iter().flat_map(|key| texts(member, key)) {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if name == "ALL" || CAPABILITIES.split_whitespace().any(|known| known == name) {
            continue;
        }
        let near = crate::support::suggest::closest(name, CAPABILITIES.split_whitespace());
        let message = format!("the engine knows no capability `{}`", text.escape_debug());
        let help = near.map_or("write one of those in capabilities(7), such as `NET_ADMIN`".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        found.push(Finding::of("invalid-value", at.place(), message).help(help));
    }
}

/// Kernel parameters that a container does not have for itself.
fn kernel_parameters(member: &BaseMember, found: &mut Vec<Finding>) {
    let Some(entry) = member.project.entry.node.get("sysctls") else { return };
    let shares = |key: &str| texts(member, key).first().is_some_and(|(mode, _)| *mode == "host");
    let (network, processes) = (shares("network_mode"), shares("ipc"));
    let listed =
        entry.node.items().iter().filter_map(|item| Some((showable_text(item)?.split('=').next()?, item.at())));
    let mapped = entry.node.entries().iter().map(|entry| (&*entry.key, entry.at()));
    for (name, at) in listed.chain(mapped).filter(|(name, _)| !name.is_empty() && !name.contains(UNKNOWN)) {
        let dotted = if name.find(['.', '/']).is_some_and(|at| name.get(at..).is_some_and(|rest| rest.starts_with('/')))
        {
            name.replace('/', ".")
        } else {
            name.to_owned()
        };
        let why = if PROCESS_PARAMETERS.contains(&&*dotted) || dotted.starts_with("fs.mqueue.") {
            processes.then_some("not with `ipc: host`")
        } else if dotted.starts_with("net.") {
            network.then_some("not with `network_mode: host`")
        } else if dotted == "kernel.domainname" || dotted.starts_with("user.") {
            None
        } else {
            Some("it is one of the whole machine")
        };
        let Some(why) = why else { continue };
        let message = format!("the engine sets no `{}` for a container: {why}", name.escape_debug());
        let help = "take it out, and set it on the machine with `sysctl -w`";
        found.push(Finding::of("invalid-value", at.key(), message).help(help));
    }
}

/// Ports in a container that are none.
fn inner_ports(member: &BaseMember, found: &mut Vec<Finding>) {
    for (text, at) in texts(member, "expose") {
        let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let lawful = match (first.parse::<u16>(), last.parse::<u16>()) {
            (Ok(first), Ok(last)) => first <= last,
            _ => false,
        };
        if lawful && ["tcp", "udp", "sctp"].contains(&protocol.to_ascii_lowercase().as_str()) {
            continue;
        }
        let message =
            format!("the engine takes a port or a range of ports of the container here, not `{}`", text.escape_debug());
        let finding = Finding::of("invalid-value", at.place(), message);
        found.push(match range.contains(':') {
            true => finding.help("write the last number alone: `expose` publishes nothing, `ports` does"),
            false => finding.help("write it as `8080`, `8080-8090` or `53/udp`"),
        });
    }
}

/// A hardware address that is none: 6, 8 or 20 bytes in hexadecimal digits, parted by `:` or `-`, or by `.` after each two (Go,
/// `net.ParseMAC`).
fn hardware_address(member: &BaseMember, found: &mut Vec<Finding>) {
    for (text, at) in texts(member, "mac_address").into_iter().filter(|(text, _)| !text.is_empty()) {
        let is_address = |sign: char, bytes: usize| {
            let parts: Vec<&str> = text.split(sign).collect();
            let hex = |part: &&str| part.len() == 2 * bytes && part.bytes().all(|byte| byte.is_ascii_hexdigit());
            [6, 8, 20].contains(&(parts.len() * bytes)) && parts.iter().all(hex)
        };
        if is_address(':', 1) || is_address('-', 1) || is_address('.', 2) {
            continue;
        }
        let message = format!("`{}` is not a hardware address", text.escape_debug());
        found.push(
            Finding::of("invalid-value", at.place(), message).help("write six bytes such as `02:42:ac:11:00:02`"),
        );
    }
}

/// A namespace for communication between processes that the engine does not have.
fn process_namespace(member: &BaseMember, found: &mut Vec<Finding>) {
    for (text, at) in texts(member, "ipc") {
        let other = text.split_once(':').is_some_and(|(kind, _)| ["service", "container"].contains(&kind));
        if other || ["", "none", "private", "shareable", "host"].contains(&text) {
            continue;
        }
        let message = format!("the engine knows no `ipc: {}`", text.escape_debug());
        let help = "write `private`, `shareable`, `host`, `none`, or `service:` with a name";
        found.push(Finding::of("invalid-value", at.place(), message).help(help));
    }
}
