//! Whether a winner is on an edge: a neighbour on the grid that fails by far.

use super::{Evaluation, PolicySearch};
use std::collections::BTreeMap;

/// A neighbour that is this far outside a bound, in thousandths of it, makes an edge.
pub const OFF: i128 = -200;
/// How many further candidates are examined for one without an edge.
const OTHERS: usize = 20;

/// The winner's failing neighbour, and an alternative.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The neighbour that fails by most.
    pub neighbor: Evaluation,
    /// The cheapest candidate that holds and whose neighbours all hold, where one was found.
    pub safer: Option<Evaluation>,
}

/// How far outside the worst verdict is, in thousandths of its bound; below 0 outside. A bound of 0 that fails counts as far.
fn margin(evaluation: &Evaluation) -> i128 {
    let verdicts = evaluation.verdicts.iter().chain(&evaluation.stressed);
    let margins = verdicts.map(|verdict| match (&verdict.outcome, verdict.margin) {
        (crate::simulate::assertion::AssertionOutcome::Ok, margin) => margin.unwrap_or(0).max(0),
        (_, Some(margin)) => margin,
        (_, None) => OFF - 1,
    });
    margins.min().unwrap_or(0)
}

impl PolicySearch<'_> {
    /// The edge that the winner is on, if there is one.
    pub(super) fn edge(
        &self,
        winner: &Evaluation,
        candidates: &[usize],
        finalists: &[Evaluation],
        known: &mut BTreeMap<usize, Evaluation>,
    ) -> Option<Edge> {
        let around = self.neighbours(winner.index, candidates, known);
        let neighbor = around.into_iter().min_by_key(margin).filter(|candidate| margin(candidate) < OFF)?;
        let others =
            finalists.iter().filter(|finalist| finalist.holds() && finalist.index != winner.index).take(OTHERS);
        let mut safer = others.cloned().collect::<Vec<_>>();
        // the winner's own neighbours that hold are the next to look at
        let own = self.neighbours(winner.index, candidates, known).into_iter().filter(Evaluation::holds);
        safer.extend(own);
        safer.sort_by(|one, other| self.compare(one, other));
        safer.dedup_by_key(|candidate| candidate.index);
        let safer =
            safer.into_iter().take(OTHERS).find(|candidate| self.neighbors_hold(candidate.index, candidates, known));
        Some(Edge { neighbor, safer })
    }

    /// Whether every neighbour of a candidate holds with all seeds. One that fails is not played to its end.
    fn neighbors_hold(&self, index: usize, candidates: &[usize], known: &mut BTreeMap<usize, Evaluation>) -> bool {
        let near = self.near(index, candidates);
        if near.iter().filter_map(|neighbor| known.get(neighbor)).any(|neighbor| !neighbor.holds()) {
            return false;
        }
        let missing: Vec<usize> = near.into_iter().filter(|neighbor| !known.contains_key(neighbor)).collect();
        let held = self.evaluate_all(&missing, self.runs, false);
        let all = held.len() == missing.len();
        known.extend(held.into_iter().map(|candidate| (candidate.index, candidate)));
        all
    }

    fn near(&self, index: usize, candidates: &[usize]) -> Vec<usize> {
        (self.neighbors)(index).into_iter().filter(|neighbor| candidates.binary_search(neighbor).is_ok()).collect()
    }

    /// The neighbours of a candidate, played with all seeds.
    fn neighbours(
        &self,
        index: usize,
        candidates: &[usize],
        known: &mut BTreeMap<usize, Evaluation>,
    ) -> Vec<Evaluation> {
        let near = self.near(index, candidates);
        let missing: Vec<usize> = near.iter().filter(|neighbor| !known.contains_key(neighbor)).copied().collect();
        for done in self.evaluate_all(&missing, self.runs, true) {
            known.insert(done.index, done);
        }
        near.iter().filter_map(|neighbor| known.get(neighbor)).cloned().collect()
    }
}
