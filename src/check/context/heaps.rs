//! The memory that flags of runtimes allow, beside the limit of their container. Knows no rule.

use super::Context;
use crate::inputs::kubernetes::PodContainer;
use crate::inputs::runtime_flags::{MemoryFlag, WrittenFlag, last_flags};
use crate::model::quantity::Memory;
use crate::model::{EnvValue, Service, ServiceField, Val};

/// What one container lets its runtime take.
#[derive(Clone, Debug)]
pub struct HeapUse {
    /// What runs: a service, a container.
    pub name: String,
    /// The flag that bounds the heap.
    pub flag: Val<WrittenFlag>,
    /// The variable that it stands in; empty for a command.
    pub variable: String,
    /// The heap, in bytes.
    pub heap: u64,
    /// What is allowed beside the heap.
    pub beside: Vec<(Val<WrittenFlag>, u64)>,
    /// The limit of the container.
    pub limit: Val<Memory>,
}

impl HeapUse {
    /// For messages: a variable that the runtime does not read by itself may not reach it.
    #[must_use]
    pub fn reaches(&self) -> String {
        match self.variable.as_str() {
            "" | "JAVA_TOOL_OPTIONS" | "JDK_JAVA_OPTIONS" | "NODE_OPTIONS" | "GOMEMLIMIT" => String::new(),
            name => format!(", if `{name}` reaches the runtime"),
        }
    }

    /// For messages: the flag, and what it comes to where that is no number of bytes.
    #[must_use]
    pub fn words(&self) -> String {
        match self.flag.value.flag {
            MemoryFlag::HeapShare(_) => {
                format!("{} of {} = {}", self.flag.value.text, self.limit.value, Memory::bytes(self.heap))
            }
            _ => self.flag.value.text.clone(),
        }
    }
}

impl Context<'_> {
    /// The heaps of all containers with a limit of memory.
    #[must_use]
    pub fn heaps(&self) -> Vec<HeapUse> {
        let mut all = Vec::new();
        if let Some(set) = self.manifests() {
            for container in set.workloads.iter().flat_map(|workload| &workload.pod.containers) {
                all.extend(of_container(container));
            }
            return all;
        }
        if self.spec.limit_resources.value {
            self.spec.services().for_each(|service| all.extend(of_service(service)));
        }
        all
    }
}

fn of_container(container: &PodContainer) -> Vec<HeapUse> {
    let Some(limit) = container.resources.limits.memory else { return Vec::new() };
    let words = container.words.iter().map(|word| ("", word));
    let variables = container.env.iter().map(|(name, value)| (name.as_str(), value));
    heaps(&container.name, limit, &pairs(&words.chain(variables).collect::<Vec<_>>()))
}

fn of_service(service: &Service) -> Vec<HeapUse> {
    let broken = [ServiceField::Resources, ServiceField::Env].iter().any(|part| service.broken.has(*part));
    let Some(limit) = service.resources.limits.memory.filter(|_| !broken) else { return Vec::new() };
    let lists = [&service.command, &service.args].into_iter().flatten();
    let words: Vec<Val<String>> =
        lists.flat_map(|list| list.value.iter().map(|word| Val::new(word.clone(), list.at))).collect();
    let text = |value: &Val<EnvValue>| Val::new(value.value.text().to_owned(), value.at);
    let variables: Vec<(&str, Val<String>)> =
        service.env.iter().map(|variable| (variable.name.as_str(), text(&variable.value))).collect();
    let words = words.iter().map(|word| ("", word));
    let variables = variables.iter().map(|(name, value)| (*name, value));
    heaps(&service.name, limit, &pairs(&words.chain(variables).collect::<Vec<_>>()))
}

/// Words that belong together: a flag whose value is the next word is read as one text.
fn pairs<'t>(texts: &[(&'t str, &'t Val<String>)]) -> Vec<(&'t str, Val<String>)> {
    let next = texts.iter().skip(1).map(Some).chain([None]);
    let whole = texts.iter().zip(next).map(|((variable, text), next)| {
        let apart = variable.is_empty() && text.value.starts_with("--") && !text.value.contains(['=', ' ']);
        let value = next.filter(|(variable, _)| apart && variable.is_empty()).map(|(_, next)| next.value.as_str());
        let joined = value.map_or_else(|| text.value.clone(), |value| format!("{} {value}", text.value));
        (*variable, Val::new(joined, text.at))
    });
    whole.collect()
}

fn heaps(name: &str, limit: Val<Memory>, texts: &[(&str, Val<String>)]) -> Vec<HeapUse> {
    let flags = last_flags(texts.iter().map(|(variable, text)| (*variable, text)));
    let bytes = |flag: MemoryFlag| match flag {
        MemoryFlag::Heap(bytes) => Some(bytes),
        MemoryFlag::HeapShare(share) => u64::try_from(u128::from(limit.value.bytes) * u128::from(share) / 10_000).ok(),
        MemoryFlag::Beside(_) => None,
    };
    let beside: Vec<(Val<WrittenFlag>, u64)> = flags
        .iter()
        .filter_map(|(_, flag)| match flag.value.flag {
            MemoryFlag::Beside(bytes) => Some((flag.clone(), bytes)),
            _ => None,
        })
        .collect();
    // what a command says holds over a variable
    let commanded = flags.iter().rposition(|(variable, flag)| variable.is_empty() && bytes(flag.value.flag).is_some());
    let own = flags.iter().enumerate().filter(|(index, _)| commanded.is_none_or(|commanded| commanded == *index));
    let all = own.filter_map(|(_, (variable, flag))| {
        let heap = bytes(flag.value.flag)?;
        let (variable, flag, beside) = (variable.clone(), flag.clone(), beside.clone());
        Some(HeapUse { name: name.to_owned(), flag, variable, heap, beside, limit })
    });
    all.collect()
}
