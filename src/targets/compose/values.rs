//! Single values in compose's own words: escaped text, bytes, cores, names. Knows no service.

use super::super::LoweredPlan;

use crate::inputs::compose::{LEAST_MEMORY, is_image_reference, memory_text};
use crate::plan::{Cpu, Memory, TargetOptions, Val};
use crate::support::plural::plural;
use crate::support::source::FieldSpan;
use std::rc::Rc;

/// Variables in the order written.
pub(super) type VariableWords = serde_json::Map<String, serde_json::Value>;

/// The least share of a core that the kernel's scheduler can enforce: 1 ms in 100 ms.
const LEAST_CPU: u64 = Cpu::CORE / 100;

/// Escaped text: compose would read `$` as the start of a variable.
pub(super) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// Like `text`, for each word of a list.
pub(super) fn literals(list: &[String]) -> Vec<String> {
    list.iter().map(|text| literal(text)).collect()
}

/// A reference that stops compose if the variable is unset or empty; `None` if compose cannot name it.
pub(super) fn required(out: &mut LoweredPlan, name: &str, at: FieldSpan, why: &str) -> Option<String> {
    let good = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !good {
        let message = format!("compose cannot refer to a variable named `{name}`");
        out.refused(at, message, "use letters, digits and `_` only");
        return None;
    }
    Some(format!("${{{name}:?{why}}}"))
}

/// A memory limit or reservation; the engine refuses less than 6 MiB.
pub(super) fn memory(out: &mut LoweredPlan, memory: Val<Memory>) -> String {
    if memory.value.bytes < LEAST_MEMORY {
        let message = match memory.value.bytes {
            bytes @ 0..1024 => {
                format!("{} of memory is below 6Mi, the least the Docker engine accepts", plural(bytes, "byte"))
            }
            _ => format!("{} of memory is below 6Mi, the least the Docker engine accepts", memory.value),
        };
        out.refused(memory.at, message, "write at least 6Mi");
    }
    memory_text(memory.value)
}

/// A limit in cores; the engine takes 0 for no limit.
pub(super) fn cpu_limit(out: &mut LoweredPlan, cpu: Val<Cpu>) -> String {
    if cpu.value.0 < LEAST_CPU {
        let message = match cpu.value.0 {
            0 => "a limit of 0 cores is no limit to the Docker engine".to_owned(),
            _ => format!("a limit of {} cores is below 0.01, the least that can be enforced", cpu.value.cores()),
        };
        out.refused(cpu.at, message, "write at least 10m");
    }
    cpu.value.cores()
}

/// An image. A text that is not a reference would be refused only when the file is used.
pub(super) fn image(out: &mut LoweredPlan, image: &Val<Rc<str>>) -> String {
    if !is_image_reference(&image.value) {
        let message = format!("`{}` is not an image reference", image.value.escape_debug());
        out.refused(image.at, message, "write it as registry/name:tag, the name in lower case");
    }
    literal(&image.value)
}

/// The project's name: the option, else the deployment's if the file is whole. An override keeps its base's name.
pub(super) fn project(out: &mut LoweredPlan, options: &TargetOptions, deployment: Option<&str>) -> Option<String> {
    let Some((name, at)) = options.text("project") else { return deployment.map(str::to_owned) };
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !first || !name.bytes().all(inside) {
        let message = format!("`{}` cannot name a compose project", name.escape_debug());
        out.refused(at, message, "use lower-case letters, digits, `-` and `_`, starting with a letter or digit");
    }
    Some(literal(name))
}
