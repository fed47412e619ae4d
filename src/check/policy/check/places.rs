//! Finds the bytes of an expression in its text. minijinja's spans of fields and filters begin only behind their operand.

use super::ReadField;
use minijinja::machinery::Span;
use minijinja::machinery::ast::Expr;
use std::ops::Range;

/// The bytes of a whole expression.
pub(super) fn range(expr: &Expr<'_>) -> Range<usize> {
    let start = start(expr);
    start..end(expr).max(start)
}

/// The first name with fields in an expression.
pub(super) fn first_read(expr: &Expr<'_>) -> Option<ReadField> {
    let inner = match expr {
        Expr::Var(var) => return Some(ReadField { root: var.id.to_owned(), path: String::new() }),
        Expr::GetAttr(attr) => {
            let mut read = first_read(&attr.expr)?;
            let dot = if read.path.is_empty() { "" } else { "." };
            read.path = format!("{}{dot}{}", read.path, attr.name);
            return Some(read);
        }
        Expr::GetItem(item) => &item.expr,
        Expr::Filter(filter) => filter.expr.as_ref()?,
        Expr::UnaryOp(one) => &one.expr,
        Expr::BinOp(two) => return first_read(&two.left).or_else(|| first_read(&two.right)),
        _ => return None,
    };
    first_read(inner)
}

/// The bytes of an expression with the brackets around it: minijinja's spans leave out those of the first and the last part.
pub(super) fn whole(expr: &Expr<'_>, text: &str) -> Range<usize> {
    let Range { mut start, mut end } = range(expr);
    loop {
        let (open, closed) = brackets(text.get(start..end).unwrap_or_default());
        let before = text.get(..start).unwrap_or_default().trim_end();
        let after = text.get(end..).unwrap_or_default();
        if closed > 0 && before.ends_with('(') {
            start = before.len() - 1;
        } else if open > 0 && after.trim_start().starts_with(')') {
            end += after.len() - after.trim_start().len() + 1;
        } else {
            return start..end;
        }
    }
}

/// How many round brackets a text opens and does not close, and closes and did not open; those in quotes are left out.
fn brackets(text: &str) -> (usize, usize) {
    let (mut open, mut closed, mut quote, mut escaped) = (0, 0, None, false);
    for character in text.chars() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(one), other) if one == other => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(') => open += 1,
            (None, ')') if open > 0 => open -= 1,
            (None, ')') => closed += 1,
            _ => {}
        }
    }
    (open, closed)
}

pub(super) fn start(expr: &Expr<'_>) -> usize {
    let first = match expr {
        Expr::GetAttr(attr) => Some(&attr.expr),
        Expr::GetItem(item) => Some(&item.expr),
        Expr::Slice(slice) => Some(&slice.expr),
        Expr::Filter(filter) => filter.expr.as_ref(),
        Expr::Test(test) => Some(&test.expr),
        Expr::Call(call) => Some(&call.expr),
        Expr::BinOp(two) => Some(&two.left),
        Expr::Compare(chain) => Some(&chain.expr),
        Expr::IfExpr(choice) => Some(&choice.true_expr),
        _ => None,
    };
    // the span of a compound expression can begin at the word before it
    first.map_or_else(|| bytes(expr.span()).start, start)
}

pub(super) fn end(expr: &Expr<'_>) -> usize {
    let own = bytes(expr.span()).end;
    let last = match expr {
        Expr::BinOp(two) => Some(&two.right),
        Expr::UnaryOp(one) => Some(&one.expr),
        Expr::Compare(chain) => chain.ops.last().map(|step| &step.expr),
        Expr::IfExpr(choice) => Some(choice.false_expr.as_ref().unwrap_or(&choice.test_expr)),
        _ => None,
    };
    last.map_or(own, |last| end(last).max(own))
}

pub(super) fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}
