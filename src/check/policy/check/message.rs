//! Checks the template of a message: names and kinds as in a condition, and which quantities need a filter that prints their unit.

use super::places::{bytes, range, whole};
use super::{Checker, ExpressionFault, MAX_DEPTH, Type, syntax};
use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::parse;

/// The result of checking a message.
pub(in crate::check::policy) struct CheckedMessage {
    pub faults: Vec<ExpressionFault>,
    /// Fields it names.
    pub reads: Vec<super::ReadField>,
    /// The text, in which each quantity has the filter that prints its unit.
    pub text: String,
}

/// Checks the template of a message.
pub(in crate::check::policy) fn message(text: &str, roots: &[(&'static str, Type)]) -> CheckedMessage {
    let mut checker = Checker::new(text, roots);
    let mut units = Vec::new();
    match parse(text, "message", crate::support::sandbox::syntax()) {
        Err(error) => checker.found.faults.push(syntax(text, &error)),
        Ok(template) => checker.statement(&template, &mut units),
    }
    let mut printed = text.to_owned();
    units.sort_by_key(|(range, _): &(std::ops::Range<usize>, _)| std::cmp::Reverse(range.start));
    for (range, unit) in units {
        if let Some(old) = text.get(range.clone()) {
            printed.replace_range(range, &format!("({old})|{unit}"));
        }
    }
    CheckedMessage { faults: checker.found.faults, reads: checker.found.reads, text: printed }
}

/// Quantities that are printed, with the filters that print them.
type Units = Vec<(std::ops::Range<usize>, &'static str)>;

impl<'t> Checker<'t> {
    fn statements(&mut self, list: &[Stmt<'t>], units: &mut Units) {
        let names = self.names.len();
        for statement in list {
            self.statement(statement, units);
        }
        self.names.truncate(names);
    }

    fn statement(&mut self, statement: &Stmt<'t>, units: &mut Units) {
        if self.depth > MAX_DEPTH {
            self.fault(0..self.text.len(), format!("this is nested more than {MAX_DEPTH} deep"), None);
            return;
        }
        self.depth += 1;
        self.inner(statement, units);
        self.depth -= 1;
    }

    fn inner(&mut self, statement: &Stmt<'t>, units: &mut Units) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children, units),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(emit) => {
                let kind = self.expr(&emit.expr);
                let unit = kind.unit().or_else(|| kind.item()?.unit());
                units.extend(unit.map(|unit| (whole(&emit.expr, self.text), unit)));
                if matches!(kind, Type::Group(_)) {
                    let message = "a group of fields is printed".to_owned();
                    self.fault(range(&emit.expr), message, Some("print one of its fields".to_owned()));
                }
            }
            Stmt::IfCond(choice) => {
                let kind = self.expr(&choice.expr);
                self.truth(&kind, &choice.expr);
                self.statements(&choice.true_body, units);
                self.statements(&choice.false_body, units);
            }
            Stmt::ForLoop(each) if !each.recursive => {
                let kind = self.expr(&each.iter);
                let item = match kind.item() {
                    Some(item) => item,
                    None => self.fault(range(&each.iter), format!("{} is not a list", kind.words()), None),
                };
                let names = self.names.len();
                match &each.target {
                    Expr::Var(name) => self.names.push((name.id, item)),
                    other => {
                        self.fault(range(other), "one name is needed here".to_owned(), None);
                    }
                }
                self.names.push(("loop", Type::Unknown));
                if let Some(only) = &each.filter_expr {
                    let kind = self.expr(only);
                    self.truth(&kind, only);
                }
                self.statements(&each.body, units);
                self.names.truncate(names);
                self.statements(&each.else_body, units);
            }
            Stmt::Set(set) => {
                let kind = self.expr(&set.expr);
                match &set.target {
                    Expr::Var(name) => self.names.push((name.id, kind)),
                    other => {
                        self.fault(range(other), "one name is needed here".to_owned(), None);
                    }
                }
            }
            other => {
                let message = "a message has only `{{ }}`, `if`, `for` and `set`".to_owned();
                self.fault(place(other), message, None);
            }
        }
    }
}

/// The place of a statement that a message may not have.
fn place(statement: &Stmt<'_>) -> std::ops::Range<usize> {
    let span = match statement {
        Stmt::WithBlock(one) => one.span(),
        Stmt::SetBlock(one) => one.span(),
        Stmt::AutoEscape(one) => one.span(),
        Stmt::FilterBlock(one) => one.span(),
        Stmt::Block(one) => one.span(),
        Stmt::Import(one) => one.span(),
        Stmt::FromImport(one) => one.span(),
        Stmt::Extends(one) => one.span(),
        Stmt::Include(one) => one.span(),
        Stmt::Macro(one) => one.span(),
        Stmt::CallBlock(one) => one.span(),
        Stmt::Do(one) => one.span(),
        Stmt::ForLoop(one) => one.span(),
        _ => return 0..0,
    };
    bytes(span)
}
