//! Checks an expression before any spec is known: unknown names, kinds that do not fit, and which fields it reads.
//!
//! minijinja orders values of any kinds (text is above every number), so a comparison of two unrelated kinds would
//! hold or fail for no visible reason. Here it is an error, with its place in the text.

mod calls;
mod compare;
mod message;
mod places;

pub(super) use message::message;

use super::types::Type;
use crate::support::suggest::closest;
use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr, UnaryOpKind};
use minijinja::machinery::parse_expr;
use minijinja::value::ValueKind;
use places::{end, range, start};
use std::ops::Range;

/// What is wrong with a text, and at which of its bytes.
#[derive(Debug)]
pub(super) struct ExpressionFault {
    pub range: Range<usize>,
    /// Lowercase, no full stop.
    pub message: String,
    pub help: Option<String>,
}

/// One field that a text names: `service`, `replicas.min`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ReadField {
    pub root: String,
    pub path: String,
}

/// A comparison of numbers that an expression needs to hold: the bytes of its smaller and of its greater side.
pub(super) type NumberComparison = (Range<usize>, Range<usize>);

/// What is known about an expression without evaluating it.
#[derive(Debug, Default)]
pub(super) struct ExpressionFacts {
    pub faults: Vec<ExpressionFault>,
    pub reads: Vec<ReadField>,
    /// Fields that are compared by order, in the order of the text.
    pub ordered: Vec<ReadField>,
    /// Comparisons that must hold for the whole expression to hold.
    pub bounds: Vec<NumberComparison>,
}

/// Checks an expression that must be true or false.
pub(super) fn condition(text: &str, roots: &[(&'static str, Type)]) -> ExpressionFacts {
    let mut checker = Checker::new(text, roots);
    if text.trim_start().starts_with("{{") {
        let help = Some("write only what is between them".to_owned());
        checker.fault(0..text.len(), "an expression has no `{{ }}` around it".to_owned(), help);
        return checker.found;
    }
    match parse_expr(text) {
        Err(error) => checker.found.faults.push(syntax(text, &error)),
        Ok(expr) => {
            let kind = checker.expr(&expr);
            if !kind.is_truth() {
                let message = format!("this gives {}, and a policy needs true or false", kind.words());
                checker.fault(range(&expr), message, Some("compare it: `… >= 2`".to_owned()));
            }
            checker.bounds(&expr);
        }
    }
    checker.found
}

/// A syntax error of minijinja's in our words.
fn syntax(text: &str, error: &minijinja::Error) -> ExpressionFault {
    let range = error.range().filter(|range| text.get(range.clone()).is_some()).unwrap_or(0..text.len());
    let blanks = text.get(range.clone()).map_or(0, |part| part.len() - part.trim_end().len());
    let range = range.start..range.end - blanks;
    let message = error.detail().unwrap_or("this cannot be read").to_owned();
    let rest = text.get(range.start..).unwrap_or_default();
    let before = text.get(..range.start).unwrap_or_default();
    // operators of other languages that people write by habit
    let meant = match rest {
        _ if rest.starts_with("&&") => "and",
        _ if rest.starts_with("||") => "or",
        _ if rest.starts_with("=>") => ">=",
        _ if rest.starts_with("=<") => "<=",
        _ if rest.starts_with('=') && !before.ends_with('=') => "==",
        _ if rest.starts_with('!') => "not",
        _ => return ExpressionFault { range, message, help: None },
    };
    ExpressionFault { range, message, help: Some(format!("did you mean `{meant}`?")) }
}

/// How deep expressions may be nested, so that going through them stays within every stack.
const MAX_DEPTH: usize = 100;

struct Checker<'t> {
    text: &'t str,
    /// The names in scope, the innermost last.
    names: Vec<(&'t str, Type)>,
    found: ExpressionFacts,
    depth: usize,
}

impl<'t> Checker<'t> {
    fn new(text: &'t str, roots: &[(&'static str, Type)]) -> Checker<'t> {
        Checker { text, names: roots.to_vec(), found: ExpressionFacts::default(), depth: 0 }
    }
}

impl<'t> Checker<'t> {
    fn fault(&mut self, range: Range<usize>, message: String, help: Option<String>) -> Type {
        // one fault at one place: what follows from it adds nothing
        if self.found.faults.iter().all(|fault| fault.range != range) {
            self.found.faults.push(ExpressionFault { range, message, help });
        }
        Type::Unknown
    }

    fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default().trim()
    }

    fn expr(&mut self, expr: &Expr<'t>) -> Type {
        if self.depth > MAX_DEPTH {
            return self.fault(0..self.text.len(), format!("this is nested more than {MAX_DEPTH} deep"), None);
        }
        self.depth += 1;
        let kind = self.kind(expr);
        self.depth -= 1;
        kind
    }

    fn kind(&mut self, expr: &Expr<'t>) -> Type {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) => self.chain(expr),
            Expr::Const(constant) => self.constant(constant.value.kind(), expr),
            Expr::UnaryOp(one) => {
                let kind = self.expr(&one.expr);
                match one.op {
                    UnaryOpKind::Not => self.truth(&kind, &one.expr),
                    UnaryOpKind::Neg if kind.is_numeric() => kind,
                    UnaryOpKind::Neg => self.fault(range(expr), format!("{} has no negative", kind.words()), None),
                }
            }
            Expr::BinOp(two) => self.binary(two.op, &two.left, &two.right, range(expr)),
            Expr::Compare(chain) => {
                let (mut left, mut kind) = (&chain.expr, self.expr(&chain.expr));
                for step in &chain.ops {
                    let next = self.expr(&step.expr);
                    self.compare(step.op, (left, &kind), (&step.expr, &next));
                    (left, kind) = (&step.expr, next);
                }
                Type::Flag
            }
            Expr::IfExpr(choice) => {
                let test = self.expr(&choice.test_expr);
                self.truth(&test, &choice.test_expr);
                let one = self.expr(&choice.true_expr);
                let Some(other) = &choice.false_expr else {
                    let help = Some("write what holds otherwise: `… if … else …`".to_owned());
                    return self.fault(range(expr), "`if` without `else` can give nothing".to_owned(), help);
                };
                let two = self.expr(other);
                self.unite(one, two, range(expr))
            }
            Expr::GetItem(item) => self.item(item, range(expr)),
            Expr::Slice(slice) => self.expr(&slice.expr),
            Expr::List(list) => self.list(&list.items),
            Expr::Tuple(tuple) => self.list(&tuple.items),
            Expr::Map(_) => self.fault(range(expr), "a map cannot be written here".to_owned(), None),
            Expr::Filter(filter) => self.filter(filter, range(expr)),
            Expr::Test(test) => self.test(test, places::bytes(expr.span()), range(expr)),
            Expr::Call(call) => self.call(call, range(expr)),
        }
    }

    fn constant(&mut self, kind: ValueKind, expr: &Expr<'t>) -> Type {
        match kind {
            ValueKind::Bool => Type::Flag,
            ValueKind::Number => Type::Number,
            ValueKind::String => Type::Text,
            ValueKind::None => {
                let help = Some("what is not written is undefined: write `… is not defined`".to_owned());
                self.fault(range(expr), "no field is ever `none`".to_owned(), help)
            }
            _ => Type::Unknown,
        }
    }

    /// A name with the fields behind it. A fault is reported once for the whole.
    fn chain(&mut self, expr: &Expr<'t>) -> Type {
        let mut fields = Vec::new();
        let mut inner = expr;
        while let Expr::GetAttr(attr) = inner {
            fields.push((attr.name, end(inner)));
            inner = &attr.expr;
        }
        fields.reverse();
        let Expr::Var(var) = inner else {
            let mut kind = self.expr(inner);
            for (name, end) in fields {
                kind = self.field(&kind, name, end, start(expr));
            }
            return kind;
        };
        let known = self.names.iter().rev().find(|(name, _)| *name == var.id).map(|(_, kind)| kind.clone());
        let Some(mut kind) = known else { return self.unknown(var.id, range(inner)) };
        for (name, end) in &fields {
            kind = self.field(&kind, name, *end, start(expr));
        }
        let path: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        let read = ReadField { root: var.id.to_owned(), path: path.join(".") };
        if !self.found.reads.contains(&read) {
            self.found.reads.push(read);
        }
        kind
    }

    fn unknown(&mut self, name: &str, range: Range<usize>) -> Type {
        let names: Vec<&str> = self.names.iter().map(|(name, _)| *name).collect();
        let field_of = |(root, kind): &(&'t str, Type)| match kind {
            Type::Group(fields) if fields.iter().any(|(field, _)| *field == name) => Some(*root),
            _ => None,
        };
        let help = match (self.names.iter().find_map(field_of), closest(name, names.iter().copied())) {
            (Some(root), _) => format!("write `{root}.{name}`"),
            (None, Some(close)) => format!("did you mean `{close}`?"),
            (None, None) => format!("there are: {}", names.join(", ")),
        };
        self.fault(range, format!("nothing is named `{}`", name.escape_debug()), Some(help))
    }

    /// One field of a kind; `end` is where its name ends, `start` where the whole begins.
    fn field(&mut self, kind: &Type, name: &str, end: usize, start: usize) -> Type {
        let at = end.saturating_sub(name.len())..end;
        let whole = self.slice(start..at.start).trim_end_matches('.');
        match lookup(kind, name, whole) {
            Ok(kind) => kind,
            Err((message, help)) => self.fault(at, message, help),
        }
    }

    fn list(&mut self, items: &[Expr<'t>]) -> Type {
        let mut of = Type::Unknown;
        for item in items {
            let kind = self.expr(item);
            of = self.unite(of, kind, range(item));
        }
        Type::list(of)
    }

    fn unite(&mut self, one: Type, two: Type, range: Range<usize>) -> Type {
        let words = (one.words(), two.words());
        match one.common_type(two) {
            Some(kind) => kind,
            None => self.fault(range, format!("this is {} or {}, and a value has one type", words.0, words.1), None),
        }
    }

    fn truth(&mut self, kind: &Type, expr: &Expr<'t>) -> Type {
        if !kind.is_truth() {
            let text = self.slice(range(expr));
            let help = format!("compare it, or ask `{text} is defined`");
            self.fault(range(expr), format!("{} where true or false is needed", kind.words()), Some(help));
        }
        Type::Flag
    }

    fn binary(&mut self, op: BinOpKind, left: &Expr<'t>, right: &Expr<'t>, range: Range<usize>) -> Type {
        let (one, two) = (self.expr(left), self.expr(right));
        match op {
            BinOpKind::ScAnd | BinOpKind::ScOr => {
                self.truth(&one, left);
                self.truth(&two, right)
            }
            BinOpKind::Eq => self.compare(CompareOpKind::Eq, (left, &one), (right, &two)),
            BinOpKind::Ne => self.compare(CompareOpKind::Ne, (left, &one), (right, &two)),
            BinOpKind::Lt => self.compare(CompareOpKind::Lt, (left, &one), (right, &two)),
            BinOpKind::Lte => self.compare(CompareOpKind::Lte, (left, &one), (right, &two)),
            BinOpKind::Gt => self.compare(CompareOpKind::Gt, (left, &one), (right, &two)),
            BinOpKind::Gte => self.compare(CompareOpKind::Gte, (left, &one), (right, &two)),
            BinOpKind::In => self.compare(CompareOpKind::In, (left, &one), (right, &two)),
            BinOpKind::Concat => Type::Text,
            BinOpKind::Add if matches!((&one, &two), (Type::Text, Type::Text)) => Type::Text,
            _ if !one.is_numeric() || !two.is_numeric() => {
                let (wrong, expr) = if one.is_numeric() { (two, right) } else { (one, left) };
                let at = places::range(expr);
                self.fault(at, format!("arithmetic does not work on {}", wrong.words()), None)
            }
            BinOpKind::Add | BinOpKind::Sub | BinOpKind::Rem => self.same_unit(one, two, range),
            BinOpKind::Mul => match (one.unit(), two.unit()) {
                (Some(_), Some(_)) => {
                    let message = format!("{} times {} has no unit", one.words(), two.words());
                    self.fault(range, message, None)
                }
                (Some(_), None) => one,
                (None, _) => two,
            },
            BinOpKind::Div | BinOpKind::FloorDiv => match (one.unit(), two.unit()) {
                (one, two) if one == two => Type::Number,
                (_, None) => one,
                _ => self.same_unit(one, two, range),
            },
            BinOpKind::Pow => Type::Number,
        }
    }

    /// Two numbers that are added up.
    fn same_unit(&mut self, one: Type, two: Type, range: Range<usize>) -> Type {
        if one.is_comparable_to(&two) {
            return if matches!(one, Type::Unknown) { two } else { one };
        }
        let message = format!("{} and {} cannot be added", one.words(), two.words());
        self.fault(range, message, None)
    }
}

/// The field of a kind with this name, or why there is none; `whole` is the text that has the kind.
fn lookup(kind: &Type, name: &str, whole: &str) -> Result<Type, (String, Option<String>)> {
    let shown = name.escape_debug();
    match kind {
        Type::Group(fields) => match fields.iter().find(|(field, _)| *field == name) {
            Some((_, kind)) => Ok(kind.clone()),
            None => {
                let all = fields.iter().map(|(field, _)| *field);
                let help = match closest(name, all.clone()) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("there are: {}", all.collect::<Vec<_>>().join(", ")),
                };
                Err((format!("`{whole}` has no field `{shown}`"), Some(help)))
            }
        },
        Type::Map(of) => Ok((**of).clone()),
        Type::Unknown => Ok(Type::Unknown),
        Type::List(_) => {
            let help = format!("take one, `{whole}[0]`, or a field of all, `{whole} | map(attribute=\"{shown}\")`");
            Err((format!("`{whole}` is a list, it has no field `{shown}`"), Some(help)))
        }
        other => Err((format!("`{whole}` is {}, it has no field `{shown}`", other.words()), None)),
    }
}
