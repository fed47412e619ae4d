//! Reads one value of the tree as one typed value. Knows no field of the spec.

use super::digits::is_digits;
use crate::model::quantity::{BadQuantity, Cpu, Memory, Share, Unit};
use crate::model::time::{Duration, TimeOfDay};
use crate::model::{Amount, EnvValue, Opt, OptVal, Val};
use crate::support::diagnostic::{Finding, HelpText};
use crate::support::source::{FieldSpan, FileSpan};
use crate::support::suggest;
use crate::syntax::{Entry, Node, Style, Value};

/// The most bytes of an amount, duration or time; a longer text is not repeated in a message.
const LONGEST: usize = 100;

/// A bare number of bytes below this is probably a mistake: no process runs in less than a mebibyte.
const LEAST_BYTES: u64 = 1 << 20;
/// A bare number of cores from here on is probably a mistake for one replica.
const MOST_CORES: u64 = 100;

/// Reads values; an unreadable value sets `broken`. Reports only faults that the schema cannot see.
pub(super) struct ValueReader {
    pub(super) findings: Vec<Finding>,
    /// Whether a value could not be read since this was last cleared.
    pub(super) broken: bool,
}

impl ValueReader {
    pub(super) fn report(&mut self, rule: &'static str, at: FileSpan, message: String, help: impl Into<HelpText>) {
        self.broken = true;
        self.findings.push(Finding::of(rule, at, message).help(help));
    }

    /// The schema reports it; only remember that the part is broken.
    pub(super) fn lost<T>(&mut self) -> Option<T> {
        self.broken = true;
        None
    }

    pub(super) fn or_lost<T>(&mut self, value: Option<T>) -> Option<T> {
        self.broken |= value.is_none();
        value
    }

    pub(super) fn text(&mut self, entry: Option<&Entry>) -> Option<Val<String>> {
        let entry = entry?;
        match entry.node.as_str() {
            Some(text) => Some(Val::new(text.to_owned(), entry.at())),
            None => self.no_string(&entry.node, entry.at()),
        }
    }

    /// The schema has reported other types, but not `.inf` and `1e400`: JSON has no such numbers, so it saw a string.
    pub(super) fn no_string<T>(&mut self, node: &Node, at: FieldSpan) -> Option<T> {
        let Node { value: Value::Float(value), text, .. } = node else { return self.lost() };
        if value.is_finite() {
            return self.lost();
        }
        let short: String = text.chars().take(40).collect();
        let dots = if short.len() < text.len() { "…" } else { "" };
        let message = format!("expected a string, found `{short}{dots}`, which is not a finite number");
        self.report("wrong-type", at.place(), message, format!("add quotes: `\"{short}{dots}\"`"));
        None
    }

    pub(super) fn int(&mut self, entry: Option<&Entry>) -> Option<Val<u32>> {
        let entry = entry?;
        let value = entry.node.as_whole().and_then(|value| u32::try_from(value).ok());
        self.or_lost(value).map(|value| Val::new(value, entry.at()))
    }

    pub(super) fn port(&mut self, entry: Option<&Entry>) -> Option<Val<u16>> {
        let value = self.int(entry)?;
        let port = self.or_lost(u16::try_from(value.value).ok().filter(|port| *port > 0))?;
        Some(Val::new(port, value.at))
    }

    pub(super) fn flag(&mut self, entry: Option<&Entry>) -> Option<Val<bool>> {
        let entry = entry?;
        match entry.node.value {
            Value::Bool(flag) => Some(Val::new(flag, entry.at())),
            _ => self.lost(),
        }
    }

    pub(super) fn word<T: Copy>(&mut self, entry: Option<&Entry>, words: &[(&str, T)]) -> Option<Val<T>> {
        let text = self.text(entry)?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        self.or_lost(found).map(|value| Val::new(value, text.at))
    }

    pub(super) fn texts(&mut self, entry: Option<&Entry>) -> Option<Val<Vec<String>>> {
        let entry = entry?;
        // a string is a command line of one word list, as compose and shells split it; a list is taken as it is
        if let Some(text) = entry.node.as_str() {
            return Some(Val::new(text.split_whitespace().map(str::to_owned).collect(), entry.at()));
        }
        let Value::Seq(items) = &entry.node.value else { return self.lost() };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => return self.lost(),
            }
        }
        Some(Val::new(texts, entry.at()))
    }

    /// The text of a string or a number as written. A text that is too long for this field is a fault of this rule.
    fn scalar<'n>(&mut self, rule: &'static str, entry: &'n Entry) -> Option<&'n str> {
        match entry.node.value {
            Value::Str | Value::Int(_) | Value::Float(_) if entry.node.text.len() <= LONGEST => Some(&entry.node.text),
            Value::Str | Value::Int(_) | Value::Float(_) => {
                let message = format!("{} characters are too many for an amount", entry.node.text.chars().count());
                self.report(rule, entry.at().place(), message, "write a shorter one");
                None
            }
            _ => self.lost(),
        }
    }

    fn quantity<T>(
        &mut self,
        entry: Option<&Entry>,
        parse: impl Fn(&str) -> Result<T, BadQuantity>,
        example: &str,
    ) -> Option<Val<T>> {
        let entry = entry?;
        let text = self.scalar("invalid-quantity", entry)?;
        match parse(text) {
            Ok(value) => Some(Val::new(value, entry.at())),
            Err(bad) => {
                let help = match &bad.meant {
                    Some(meant) => format!("write `{meant}`"),
                    None => format!("write it like {example}"),
                };
                let plain = matches!(entry.node.style, Style::Plain | Style::Quoted) && entry.via.is_none();
                let mut finding = Finding::of("invalid-quantity", entry.at().place(), bad.why).help(help);
                if let (Some(meant), true) = (bad.meant, plain) {
                    finding = finding.fix(entry.node.span, meant, true);
                }
                self.findings.push(finding);
                self.lost()
            }
        }
    }

    pub(super) fn cpu(&mut self, entry: Option<&Entry>) -> Option<Val<Cpu>> {
        self.quantity(entry, Cpu::parse, "`500m` or `2`")
    }

    /// An amount of bytes; `of` is what it is an amount of, in messages.
    pub(super) fn bytes(&mut self, entry: Option<&Entry>, of: &str) -> Option<Val<Memory>> {
        let memory = self.quantity(entry, Memory::parse, "`512Mi` or `4Gi`")?;
        match (memory.value.unit, entry) {
            (Unit::Fraction, Some(entry)) => self.fraction(entry, of),
            (Unit::None, Some(entry)) if (1..LEAST_BYTES).contains(&memory.value.bytes) && is_digits(entry) => {
                let text = &*entry.node.text;
                let message = format!("`{text}` of {of} is {text} bytes");
                self.ambiguous(entry, message, (&format!("{text}Mi"), "for mebibytes"));
            }
            _ => {}
        }
        Some(memory)
    }

    /// The cores of one replica; a number that only thousandths, or no unit, explain is reported.
    pub(super) fn cores(&mut self, entry: Option<&Entry>) -> Option<Val<Cpu>> {
        let cpu = self.cpu(entry)?;
        if let Some(entry) = entry.filter(|_| cpu.value.0 >= Cpu::CORE * MOST_CORES) {
            let text = &*entry.node.text;
            let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
            let message = format!("`{text}` of cpu is {} cores for one replica", cpu.value.0 / Cpu::CORE);
            match unit {
                "" | "M" | "Mi" => self.ambiguous(entry, message, (&format!("{number}m"), "for thousandths of a core")),
                _ => self.ambiguous(entry, message, (number, "for cores")),
            }
        }
        Some(cpu)
    }

    /// Reports an amount whose unit is probably wrong; offers the intended one.
    fn ambiguous(&mut self, entry: &Entry, message: String, (meant, what): (&str, &str)) {
        let mut finding =
            Finding::of("ambiguous-unit", entry.at().place(), message).help(format!("write `{meant}` {what}"));
        if matches!(entry.node.style, Style::Plain | Style::Quoted) && entry.via.is_none() {
            finding = finding.fix(entry.node.span, meant, false);
        }
        self.findings.push(finding);
    }

    /// `512m` of memory: a valid quantity that hardly anybody means. Only here is its text still known.
    fn fraction(&mut self, entry: &Entry, of: &str) {
        let text = &*entry.node.text;
        let (number, parts) = match text.split_at(text.len().saturating_sub(1)) {
            (number, "n") => (number, "billionths"),
            (number, "u") => (number, "millionths"),
            (number, _) => (number, "thousandths"),
        };
        let message = format!("`{text}` of {of} is {number} {parts} of a byte");
        let what = format!("for mebibytes or `{number}M` for megabytes");
        self.ambiguous(entry, message, (&format!("{number}Mi"), &what));
    }

    pub(super) fn duration(&mut self, entry: Option<&Entry>) -> Option<Val<Duration>> {
        let entry = entry?;
        let text = self.scalar("invalid-quantity", entry)?;
        match Duration::parse(text) {
            Some(value) => Some(Val::new(value, entry.at())),
            None => {
                let message = format!("`{text}` is not a duration");
                let bare = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
                let meant = if bare { Some(format!("{text}s")) } else { Duration::correction(text) };
                let help = match &meant {
                    Some(meant) if bare => format!("write the unit: `{meant}`"),
                    Some(meant) => format!("write `{meant}`"),
                    None => "write it like `90s`, `1m` or `1h30m`".to_owned(),
                };
                self.report("invalid-quantity", entry.at().place(), message, help);
                if let (Some(meant), true) = (meant, entry.node.tag.is_none())
                    && let Some(finding) = self.findings.pop()
                {
                    // seconds are a guess
                    self.findings.push(finding.fix(entry.node.span, meant, false));
                }
                None
            }
        }
    }

    /// A threshold; a value that the schema refused is only marked broken.
    pub(super) fn share(&mut self, entry: Option<&Entry>) -> Option<Val<Share>> {
        let entry = entry?;
        match entry.node.value {
            Value::Int(_) | Value::Float(_) => {
                let share = decimal(&entry.node).filter(|share| share.0 <= Share::ONE * 100);
                self.or_lost(share).map(|share| Val::new(share, entry.at()))
            }
            _ => self.lost(),
        }
    }

    /// A price: any non-negative decimal.
    pub(super) fn price(&mut self, entry: Option<&Entry>) -> Option<Val<Share>> {
        let entry = entry?;
        match entry.node.value {
            Value::Int(_) | Value::Float(_) => {
                self.or_lost(decimal(&entry.node)).map(|share| Val::new(share, entry.at()))
            }
            _ => self.lost(),
        }
    }

    pub(super) fn time(&mut self, entry: Option<&Entry>) -> Option<Val<TimeOfDay>> {
        let entry = entry?;
        let text = self.scalar("invalid-value", entry)?;
        match TimeOfDay::parse(text) {
            Some(value) => Some(Val::new(value, entry.at())),
            None => {
                let message = format!("`{text}` is not a time of day");
                let help = match suggest::time_of_day(text) {
                    Some(time) => format!("write `\"{time}\"`"),
                    None => "write it like `\"08:00\"`; a whole day is `\"00:00\"` to `\"24:00\"`".to_owned(),
                };
                self.report("invalid-value", entry.at().place(), message, help);
                None
            }
        }
    }

    pub(super) fn amount(&mut self, entry: Option<&Entry>) -> Option<Val<Amount>> {
        let entry = entry?;
        self.scalar("invalid-value", entry)?;
        let value = match &entry.node.value {
            Value::Int(_) | Value::Float(_) => {
                entry.node.as_whole().and_then(|n| u32::try_from(n).ok()).map(Amount::Count)
            }
            Value::Str => {
                let percent = entry.node.text.strip_suffix('%').and_then(|number| number.parse::<u32>().ok());
                let percent = percent.filter(|percent| *percent <= 100);
                if percent.is_none() {
                    let message =
                        format!("`{}` is neither a whole number nor a percentage up to 100%", entry.node.text);
                    self.report("invalid-value", entry.at().place(), message, "write it like `1` or `25%`");
                    return None;
                }
                percent.map(Amount::Percent)
            }
            _ => None,
        };
        self.or_lost(value).map(|value| Val::new(value, entry.at()))
    }

    pub(super) fn env_value(&mut self, entry: &Entry) -> Option<Val<EnvValue>> {
        let value = match &entry.node.value {
            Value::Str => EnvValue::Text(entry.node.text.to_string()),
            Value::Int(_) | Value::Float(_) => EnvValue::Number(entry.node.text.to_string()),
            Value::Bool(flag) => EnvValue::Bool(*flag),
            _ => return self.lost(),
        };
        Some(Val::new(value, entry.at()))
    }

    /// A value within an option: a null there removes the value that it is laid over.
    fn option_within(&mut self, node: &Node, at: FieldSpan) -> Option<Val<Opt>> {
        if node.is_null() { Some(Val::new(Opt::Null, at)) } else { self.option(node, at) }
    }

    pub(super) fn option(&mut self, node: &Node, at: FieldSpan) -> Option<Val<Opt>> {
        let value = match &node.value {
            Value::Null => return None,
            Value::Bool(flag) => Opt::Bool(*flag),
            Value::Int(int) => Opt::Int(*int),
            Value::Float(_) | Value::Str => Opt::Text(node.text.to_string()),
            Value::Seq(items) => {
                let item = |reader: &mut Self, item: &Node| reader.option_within(item, item.at()).map(OptVal);
                Opt::List(items.iter().filter_map(|node| item(self, node)).collect())
            }
            Value::Map(entries) => {
                let pairs = entries.iter().filter_map(|entry| {
                    self.option_within(&entry.node, entry.at()).map(|value| (entry.key.to_string(), OptVal(value)))
                });
                Opt::Map(pairs.collect())
            }
            Value::Unknown => return self.lost(),
        };
        Some(Val::new(value, at))
    }

    /// A part that must be a mapping, or with `list` a list. One of another form is broken, an empty value is not.
    pub fn formed<'n>(&mut self, entry: Option<&'n Entry>, list: bool) -> Option<&'n Entry> {
        if let Some(node) = entry.map(|entry| &entry.node).filter(|node| !node.is_null()) {
            let fits = if list { matches!(node.value, Value::Seq(_)) } else { matches!(node.value, Value::Map(_)) };
            self.broken |= !fits;
        }
        entry
    }
}

/// The entry with this key in a map that may be missing.
pub(super) fn get<'n>(map: Option<&'n Entry>, key: &str) -> Option<&'n Entry> {
    map.and_then(|entry| entry.node.get(key))
}

/// A number as written; forms that only YAML has, such as `+0.5` and `0x1`, by their value.
fn decimal(node: &Node) -> Option<Share> {
    let text = node.text.strip_prefix('+').unwrap_or(&node.text);
    Share::parse(text).or_else(|| node.as_whole().and_then(|whole| Share::parse(&whole.to_string())))
}
