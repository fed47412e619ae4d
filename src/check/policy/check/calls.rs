//! Filters, tests and functions: what they take and what they give.

use super::compare::{Sides, constant};
use super::places::range;
use super::{Checker, lookup};
use crate::check::policy::types::Type;
use crate::check::policy::words::{FILTERS, FUNCTIONS, TESTS, quantity};
use crate::support::suggest::closest;
use minijinja::machinery::ast::{Call, CallArg, CallType, CompareOpKind, Expr, Filter, GetItem, Test};
use std::ops::Range;

impl<'t> Checker<'t> {
    pub(super) fn item(&mut self, item: &GetItem<'t>, whole: Range<usize>) -> Type {
        let kind = self.expr(&item.expr);
        let key = self.expr(&item.subscript_expr);
        match (&kind, &key) {
            (Type::List(of), Type::Number | Type::Unknown) => (**of).clone(),
            (Type::Map(of), Type::Text | Type::Unknown) => (**of).clone(),
            (Type::Text, Type::Number) => Type::Text,
            (Type::Unknown, _) => Type::Unknown,
            (Type::Group(_), Type::Text) => match constant(&item.subscript_expr) {
                Some(name) => self.attribute(kind.clone(), &name, range(&item.subscript_expr)),
                None => Type::Unknown,
            },
            _ => self.fault(whole, format!("{} has nothing at {}", kind.words(), key.words()), None),
        }
    }

    /// A path of fields that is in a text.
    fn attribute(&mut self, mut kind: Type, path: &str, at: Range<usize>) -> Type {
        for name in path.split('.') {
            match lookup(&kind, name, "it") {
                Ok(inner) => kind = inner,
                Err((message, help)) => return self.fault(at, message.replace("`it`", "it"), help),
            }
        }
        kind
    }

    pub(super) fn filter(&mut self, filter: &Filter<'t>, whole: Range<usize>) -> Type {
        let Some(inner) = &filter.expr else { return Type::Unknown };
        let kind = self.expr(inner);
        let Some(given) = self.given(&filter.args, &whole) else { return Type::Unknown };
        self.apply((filter.name, whole), kind, inner, &given)
    }

    /// What a filter makes of a value of a kind.
    fn apply(
        &mut self,
        (name, whole): (&str, Range<usize>),
        kind: Type,
        inner: &Expr<'t>,
        given: &CallArguments<'_, 't>,
    ) -> Type {
        let wrong = |checker: &mut Self, wants: &str| {
            let message = format!("`{name}` takes {wants}, and this is {}", kind.words());
            let help = checker.in_unit(&Type::Memory, inner).filter(|_| name == "memory");
            checker.fault(whole.clone(), message, help)
        };
        let item = kind.item();
        match name {
            "cpu" | "memory" | "duration" => {
                let own = |kind: &Type| kind.unit() == Some(name) || matches!(kind, Type::Unknown);
                let fits = own(&kind) || item.as_ref().is_some_and(own);
                if fits { Type::Text } else { wrong(self, "such a quantity, to print it") }
            }
            "image_tag" | "lower" | "upper" | "trim" | "replace" => match kind {
                Type::Text | Type::Unknown => Type::Text,
                _ => wrong(self, "text"),
            },
            "length" | "count" => match kind {
                Type::Text | Type::List(_) | Type::Map(_) | Type::Group(_) | Type::Unknown => Type::Number,
                _ => wrong(self, "a list"),
            },
            "abs" | "round" | "int" => {
                if kind.is_numeric() {
                    kind
                } else {
                    wrong(self, "a number")
                }
            }
            "default" => {
                let other = given.first.map(|first| self.expr(first)).unwrap_or(Type::Unknown);
                self.unite(kind, other, whole)
            }
            _ if !FILTERS.contains(&name) => self.no("filter", name, whole, FILTERS),
            _ => match item {
                Some(item) => self.of_list(name, whole, item, given),
                None => wrong(self, "a list"),
            },
        }
    }

    /// What a filter makes of a list of items of a kind.
    fn of_list(&mut self, name: &str, whole: Range<usize>, item: Type, given: &CallArguments<'_, 't>) -> Type {
        let attribute = given.named("attribute").and_then(|expr| Some((constant(expr)?, range(expr))));
        let picked = attribute.map(|(path, at)| self.attribute(item.clone(), &path, at));
        let by = picked.clone().unwrap_or_else(|| item.clone());
        match name {
            "first" | "last" => item,
            "list" => Type::list(item),
            "sort" | "unique" | "min" | "max" => {
                if !by.is_numeric() && !matches!(by, Type::Text | Type::Flag) {
                    let help = Some("say by which field: `attribute=\"…\"`".to_owned());
                    return self.fault(whole, format!("`{name}` cannot order {}", by.words()), help);
                }
                if matches!(name, "sort" | "unique") { Type::list(item) } else { item }
            }
            "sum" if by.is_numeric() => by,
            "sum" => self.fault(whole, format!("`sum` adds numbers, and these are {}", by.words()), None),
            "join" => match by.unit() {
                Some(unit) => {
                    let help = Some(format!("write `… | map(\"{unit}\") | join(\", \")`"));
                    self.fault(whole, "`join` would print bare numbers".to_owned(), help)
                }
                None => Type::Text,
            },
            "map" => match (picked, given.first) {
                (Some(picked), _) => Type::list(picked),
                (None, Some(first)) => match constant(first) {
                    Some(filter) if FILTERS.contains(&&*filter) => {
                        let none = CallArguments { first: None, rest: Vec::new(), named: Vec::new() };
                        Type::list(self.apply((&filter, whole), item, first, &none))
                    }
                    _ => self.no("filter", &constant(first).unwrap_or_default(), range(first), FILTERS),
                },
                (None, None) => {
                    let help = Some("write `map(attribute=\"name\")`".to_owned());
                    self.fault(whole, "`map` does not say what to take".to_owned(), help)
                }
            },
            "select" | "reject" => {
                if let Some(first) = given.first {
                    self.named_test(first, item.clone(), given.rest.first().copied());
                }
                Type::list(item)
            }
            _ => {
                let path = given.first.and_then(|first| Some((first, constant(first)?)));
                let Some((first, path)) = path else {
                    let help = Some(format!("write `{name}(\"kind\", \"eq\", \"singleton\")`"));
                    return self.fault(whole, format!("`{name}` does not say which field"), help);
                };
                let field = self.attribute(item.clone(), &path, range(first));
                if let Some(test) = given.rest.first() {
                    self.named_test(test, field, given.rest.get(1).copied());
                }
                Type::list(item)
            }
        }
    }

    /// A test that is named in a text, as `selectattr` takes it.
    fn named_test(&mut self, name: &Expr<'t>, kind: Type, arg: Option<&Expr<'t>>) {
        let test = constant(name).unwrap_or_default();
        if TESTS.contains(&&*test) {
            self.tested(&test, range(name), (name, &kind), arg);
        } else {
            self.no("test", &test, range(name), TESTS);
        }
    }

    pub(super) fn test(&mut self, test: &Test<'t>, name: Range<usize>, whole: Range<usize>) -> Type {
        let kind = self.expr(&test.expr);
        let Some(given) = self.given(&test.args, &whole) else { return Type::Flag };
        if TESTS.contains(&test.name) {
            self.tested(test.name, whole, (&test.expr, &kind), given.first)
        } else {
            self.no("test", test.name, name, TESTS)
        }
    }

    fn tested(&mut self, name: &str, whole: Range<usize>, of: Sides<'_, 't>, arg: Option<&Expr<'t>>) -> Type {
        let (expr, kind) = of;
        let other = arg.map(|arg| self.expr(arg));
        match (name, arg.zip(other.as_ref())) {
            ("defined" | "undefined", None) => {
                if matches!(kind, Type::Group(_) | Type::Map(_) | Type::List(_)) {
                    let text = self.slice(range(expr));
                    let message = format!("`{text}` is always there, and empty where nothing is set");
                    let not = if name == "defined" { "" } else { "not " };
                    self.fault(whole, message, Some(format!("write `{not}{text}`")));
                }
            }
            ("odd" | "even", None) if matches!(kind, Type::Number | Type::Unknown) => {}
            ("startingwith" | "endingwith", Some((_, Type::Text | Type::Unknown)))
                if matches!(kind, Type::Text | Type::Unknown) => {}
            ("in", Some(other)) => {
                self.compare(CompareOpKind::In, of, other);
            }
            ("eq", Some(other)) => {
                self.compare(CompareOpKind::Eq, of, other);
            }
            ("ne", Some(other)) => {
                self.compare(CompareOpKind::Ne, of, other);
            }
            ("lt" | "le" | "gt" | "ge", Some(other)) => {
                self.compare(CompareOpKind::Lt, of, other);
            }
            (_, None) if !matches!(name, "odd" | "even") => {
                self.fault(whole, format!("`{name}` does not say with what"), None);
            }
            (_, with) => {
                let with = with.map(|(_, kind)| format!(" with {}", kind.words())).unwrap_or_default();
                self.fault(whole, format!("`{name}` cannot test {}{with}", kind.words()), None);
            }
        }
        Type::Flag
    }

    pub(super) fn call(&mut self, call: &Call<'t>, whole: Range<usize>) -> Type {
        let name = match call.identify_call() {
            CallType::Function(name) => name,
            CallType::Method(_, name) => {
                let test = match name {
                    "endswith" => Some("endingwith"),
                    "startswith" => Some("startingwith"),
                    _ => closest(name, TESTS.iter().copied()),
                };
                let help = test.map(|test| format!("write `… is {test}(…)`"));
                return self.fault(whole, format!("values have no methods, such as `{}`", name.escape_debug()), help);
            }
            _ => return self.fault(whole, "this cannot be called".to_owned(), None),
        };
        let Some(kind) = [Type::Cpu, Type::Memory, Type::Duration].into_iter().find(|kind| kind.unit() == Some(name))
        else {
            return self.no("function", name, whole, FUNCTIONS);
        };
        let Some(given) = self.given(&call.args, &whole) else { return kind };
        let Some((text, at)) = given.first.and_then(|first| Some((constant(first)?, range(first)))) else {
            let example = match kind {
                Type::Cpu => "500m",
                Type::Memory => "32Gi",
                _ => "90s",
            };
            let help = Some(format!("write it out: `{name}(\"{example}\")`"));
            self.fault(whole, format!("`{name}` takes one quantity in quotes"), help);
            return kind;
        };
        if let Err((why, meant)) = quantity(&kind, &text) {
            self.fault(at, why, meant.map(|meant| format!("write `{name}(\"{meant}\")`")));
        }
        kind
    }

    /// A word that is not on its list.
    fn no(&mut self, what: &str, name: &str, at: Range<usize>, all: &[&str]) -> Type {
        let help = match closest(name, all.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("there are: {}", all.join(", ")),
        };
        self.fault(at, format!("no {what} is named `{}`", name.escape_debug()), Some(help))
    }

    /// The arguments of a filter, test or function; all are looked through.
    fn given<'e>(&mut self, args: &'e [CallArg<'t>], whole: &Range<usize>) -> Option<CallArguments<'e, 't>> {
        let mut given = CallArguments { first: None, rest: Vec::new(), named: Vec::new() };
        for arg in args {
            match arg {
                CallArg::Pos(expr) => {
                    self.expr(expr);
                    match given.first {
                        None => given.first = Some(expr),
                        Some(_) => given.rest.push(expr),
                    }
                }
                CallArg::Kwarg(name, expr) => {
                    self.expr(expr);
                    given.named.push((name, expr));
                }
                CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {
                    self.fault(whole.clone(), "arguments are written one by one here".to_owned(), None);
                    return None;
                }
            }
        }
        Some(given)
    }
}

/// Arguments by place and by name.
struct CallArguments<'e, 't> {
    first: Option<&'e Expr<'t>>,
    rest: Vec<&'e Expr<'t>>,
    named: Vec<(&'t str, &'e Expr<'t>)>,
}

impl<'e, 't> CallArguments<'e, 't> {
    fn named(&self, name: &str) -> Option<&'e Expr<'t>> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, expr)| *expr)
    }
}
