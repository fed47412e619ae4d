//! Checks comparisons: which kinds can be compared, how a constant must be written to be comparable, and which comparisons must hold.

use super::places::{first_read, range, whole};
use super::{Checker, NumberComparison};
use crate::check::policy::types::Type;
use crate::check::policy::words::quantity;
use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr};

/// One side of a comparison, with its kind.
pub(super) type Sides<'e, 't> = (&'e Expr<'t>, &'e Type);

impl<'t> Checker<'t> {
    /// Checks a comparison. Kinds that cannot be compared are a fault.
    pub(super) fn compare(
        &mut self,
        op: CompareOpKind,
        (left, kind): Sides<'_, 't>,
        (right, other): Sides<'_, 't>,
    ) -> Type {
        let whole = range(left).start..range(right).end;
        match op {
            CompareOpKind::In | CompareOpKind::NotIn => {
                let inside = match other {
                    Type::Text => Some(Type::Text),
                    other => other.item(),
                };
                match inside {
                    None => self.fault(whole, format!("nothing is in {}", other.words()), None),
                    Some(item) if kind.is_comparable_to(&item) => Type::Flag,
                    Some(item) => {
                        let message = format!("this holds {}, and never {}", item.words(), kind.words());
                        self.fault(whole, message, None)
                    }
                };
            }
            _ => {
                let ordered = !matches!(op, CompareOpKind::Eq | CompareOpKind::Ne);
                if ordered {
                    self.found.ordered.extend([first_read(left), first_read(right)].into_iter().flatten());
                }
                let order = |kind: &Type| kind.is_numeric() || matches!(kind, Type::Text);
                let zero = |expr: &Expr<'_>| constant(expr).is_some_and(|text| text == "0");
                let unit = (kind.unit().is_some() && zero(right)) || (other.unit().is_some() && zero(left));
                let meet = kind.is_comparable_to(other) && (!ordered || (order(kind) && order(other)));
                if !meet && !unit {
                    let message = match (kind.words(), other.words()) {
                        (left, right) if left == right => format!("{left} has no order, and no equal here"),
                        (left, right) => format!("compares {left} with {right}"),
                    };
                    let help = self.in_unit(kind, right).or_else(|| self.in_unit(other, left));
                    self.fault(whole, message, help);
                }
            }
        }
        Type::Flag
    }

    /// How to write a constant as a quantity of this kind.
    pub(super) fn in_unit(&self, kind: &Type, other: &Expr<'t>) -> Option<String> {
        let text = constant(other)?;
        let Some(unit) = kind.unit() else {
            let number = matches!(kind, Type::Number) && text.parse::<f64>().is_ok();
            return number.then(|| format!("write `{text}` without quotes"));
        };
        let bare = text.parse::<f64>().is_ok();
        let text = match quantity(kind, &text) {
            _ if bare && matches!(kind, Type::Memory) => format!("{text}Gi"),
            _ if bare && matches!(kind, Type::Duration) => format!("{text}s"),
            Ok(_) => text,
            Err((_, Some(meant))) => meant,
            Err((_, None)) => return None,
        };
        Some(format!("write `{unit}(\"{text}\")`"))
    }

    /// Collects the comparisons of numbers that must hold for the whole to hold. How far one
    /// is missed says how bad the finding is.
    pub(super) fn bounds(&mut self, expr: &Expr<'t>) {
        let mut add = |op: CompareOpKind, left: &Expr<'t>, right: &Expr<'t>| {
            if !self.expr(left).is_numeric() || !self.expr(right).is_numeric() {
                return;
            }
            let (left, right): NumberComparison = (whole(left, self.text), whole(right, self.text));
            match op {
                CompareOpKind::Lt | CompareOpKind::Lte => self.found.bounds.push((left, right)),
                CompareOpKind::Gt | CompareOpKind::Gte => self.found.bounds.push((right, left)),
                _ => {}
            }
        };
        match expr {
            Expr::BinOp(operation) => match operation.op {
                BinOpKind::Lt => add(CompareOpKind::Lt, &operation.left, &operation.right),
                BinOpKind::Lte => add(CompareOpKind::Lte, &operation.left, &operation.right),
                BinOpKind::Gt => add(CompareOpKind::Gt, &operation.left, &operation.right),
                BinOpKind::Gte => add(CompareOpKind::Gte, &operation.left, &operation.right),
                BinOpKind::ScAnd => {
                    self.bounds(&operation.left);
                    self.bounds(&operation.right);
                }
                _ => {}
            },
            Expr::Compare(chain) => {
                let mut left = &chain.expr;
                for step in &chain.ops {
                    add(step.op, left, &step.expr);
                    left = &step.expr;
                }
            }
            _ => {}
        }
    }
}

/// The text of a constant, which is a string or a number.
pub(super) fn constant(expr: &Expr<'_>) -> Option<String> {
    match expr {
        Expr::Const(constant) => Some(constant.value.to_string()),
        _ => None,
    }
}
