//! Placement on nodes: the same answer as trying everything, a placement that really fits, and few steps.

use proptest::prelude::*;
use scalegen::model::placement::{BUDGET, Load, Nodes, PlacementItem, PlacementOutcome, PlacementVerdict, place};

fn load(cpu: u64, memory: u64, gpu: u64) -> Load {
    Load { cpu, memory, gpu }
}

fn item(cpu: u64, memory: u64, count: u64) -> PlacementItem {
    PlacementItem { each: load(cpu, memory, 0), count }
}

fn nodes(cpu: u64, memory: u64, count: u64) -> Nodes {
    Nodes { free: load(cpu, memory, 0), count }
}

/// Every replica on every node, one after the other.
fn brute(replicas: &[Load], free: &mut [Load]) -> bool {
    let Some((first, rest)) = replicas.split_first() else { return true };
    (0..free.len()).any(|at| {
        let before = free[at];
        if !before.fits(*first) {
            return false;
        }
        free[at] = before.minus(*first, 1);
        let fits = brute(rest, free);
        free[at] = before;
        fits
    })
}

/// What the outcome shows must be true of the items and nodes.
fn verify(items: &[PlacementItem], nodes: &[Nodes], outcome: &PlacementOutcome) {
    let mut placed = vec![0u64; items.len()];
    let mut used = vec![0u64; nodes.len()];
    for bin in &outcome.best.bins {
        used[bin.group] += bin.nodes;
        let mut sum = [0u64; 3];
        for (item, count) in &bin.holds {
            placed[*item] += count * bin.nodes;
            for (sum, part) in sum.iter_mut().zip(items[*item].each.parts()) {
                *sum += part * count;
            }
        }
        assert!(sum.iter().zip(nodes[bin.group].free.parts()).all(|(sum, free)| *sum <= free), "an overfull node");
    }
    for (item, count) in &outcome.best.left {
        placed[*item] += count;
    }
    for (item, placed) in items.iter().zip(placed) {
        let expected = if item.each == Load::default() { 0 } else { item.count };
        assert_eq!(placed, expected, "every replica stands once");
    }
    assert!(used.iter().zip(nodes).all(|(used, group)| *used <= group.count), "more nodes than there are");
    assert_eq!(outcome.verdict == PlacementVerdict::Fits, outcome.best.left.is_empty());
}

fn tiny() -> impl Strategy<Value = (Vec<PlacementItem>, Vec<Nodes>)> {
    let item =
        (0u64..7, 0u64..7, 0u64..2, 0u64..4).prop_map(|(c, m, g, count)| PlacementItem { each: load(c, m, g), count });
    let group = (0u64..9, 0u64..9, 0u64..3, 0u64..3).prop_map(|(c, m, g, count)| Nodes { free: load(c, m, g), count });
    (prop::collection::vec(item, 0..4), prop::collection::vec(group, 0..3))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn the_answer_is_that_of_trying_everything((items, nodes) in tiny()) {
        let replicas: Vec<Load> = items.iter()
            .filter(|item| item.each != Load::default())
            .flat_map(|item| (0..item.count).map(|_| item.each))
            .collect();
        let mut free: Vec<Load> = nodes.iter().flat_map(|group| (0..group.count).map(|_| group.free)).collect();
        let outcome = place(&items, &nodes, BUDGET);
        let expected = if brute(&replicas, &mut free) { PlacementVerdict::Fits } else { PlacementVerdict::Impossible };
        prop_assert_eq!(outcome.verdict, expected);
        verify(&items, &nodes, &outcome);
    }

    /// Items cut out of full nodes always fit; the search must not deny it.
    #[test]
    fn what_was_cut_from_full_nodes_is_never_denied(
        cuts in prop::collection::vec((1u64..60, 1u64..60), 0..18),
        count in 1u64..5,
    ) {
        let mut items = Vec::new();
        let (mut cpu, mut memory) = (100, 100);
        for (c, m) in cuts {
            if c < cpu && m < memory {
                items.push(item(c, m, count));
                (cpu, memory) = (cpu - c, memory - m);
            }
        }
        items.push(item(cpu, memory, count));
        let nodes = [nodes(100, 100, count)];
        let outcome = place(&items, &nodes, 20_000);
        prop_assert_ne!(outcome.verdict, PlacementVerdict::Impossible);
        verify(&items, &nodes, &outcome);
    }

    #[test]
    fn numbers_of_any_size_do_no_harm(
        items in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u32>()), 0..4),
        groups in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u32>()), 0..3),
    ) {
        let items: Vec<PlacementItem> = items.into_iter().map(|(c, m, n)| item(c, m, n.into())).collect();
        let nodes: Vec<Nodes> = groups.into_iter().map(|(c, m, n)| nodes(c, m, n.into())).collect();
        let outcome = place(&items, &nodes, 1000);
        prop_assert_eq!(outcome.verdict == PlacementVerdict::Fits, outcome.best.left.is_empty());
    }
}

#[test]
fn the_sum_fits_but_no_placement_does() {
    let items = [item(3, 1, 4)];
    let outcome = place(&items, &[nodes(4, 8, 3)], BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Impossible);
    assert_eq!(outcome.best.left, [(0, 1)]);
    verify(&items, &[nodes(4, 8, 3)], &outcome);
}

#[test]
fn a_placement_that_first_fit_misses_is_found() {
    // 10 = 4+3+3 = 4+3+3 = 6+4; by size: 6+4, 4+4, 3+3+3 and one 3 over
    let items = [item(6, 0, 1), item(4, 0, 3), item(3, 0, 4)];
    let nodes = [nodes(10, 0, 3)];
    let outcome = place(&items, &nodes, BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Fits);
    verify(&items, &nodes, &outcome);
}

#[test]
fn nodes_are_listed_in_the_order_of_their_groups() {
    // the large replica comes first and opens a large node, which the spec lists last
    let items = [item(8, 0, 1), item(4, 0, 1)];
    let outcome = place(&items, &[nodes(4, 8, 2), nodes(8, 8, 2)], BUDGET);
    let listed: Vec<(usize, &[(usize, u64)])> =
        outcome.best.bins.iter().map(|bin| (bin.group, bin.holds.as_slice())).collect();
    assert_eq!(listed, [(0, &[(1, 1)][..]), (1, &[(0, 1)][..])]);
}

#[test]
fn an_exhausted_budget_is_neither_yes_nor_no() {
    // not a unit to spare on any node
    let items = [37, 41, 43, 47, 53, 59, 61, 67].map(|size| item(size, 400 - size, 4));
    let nodes = [nodes(204, 1400, 8)];
    let outcome = place(&items, &nodes, 20);
    assert_eq!(outcome.verdict, PlacementVerdict::Unknown);
    assert!(!outcome.best.left.is_empty());
    verify(&items, &nodes, &outcome);
}

#[test]
fn twenty_services_on_three_groups_of_fifty_are_decided_in_few_steps() {
    // 20 services of usual sizes, 1 to 20 replicas each
    let items: Vec<PlacementItem> = (0..20).map(|n| item(250 * (1 + n % 8), 512 * (1 + (n * 5) % 12), 1 + n)).collect();
    let cpu: u64 = items.iter().map(|item| item.each.cpu * item.count).sum();
    let groups = [nodes(4000, 16_384, 50), nodes(8000, 16_384, 50), nodes(2000, 8192, 50)];
    let outcome = place(&items, &groups, BUDGET);
    assert_eq!((outcome.verdict, cpu), (PlacementVerdict::Fits, 221_500));
    assert!(outcome.steps < 5000, "{} steps", outcome.steps);
    // one replica of 3 cores for each node that could hold one, and one more
    let items = [item(3000, 1024, 101), item(500, 512, 50)];
    let outcome = place(&items, &groups[..2], BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Fits, "an 8-core node holds two");
    let items = [item(3000, 1024, 151), item(500, 512, 50)];
    let outcome = place(&items, &groups, BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Impossible);
    assert!(outcome.steps < 5000, "{} steps", outcome.steps);
}

#[test]
fn ten_thousand_services_stay_near_linear() {
    let steps = |n: u64| {
        let items: Vec<PlacementItem> =
            (0..n).map(|i| item(50 + (i * 37) % 900, 64 + (i * 91) % 1700, 1 + i % 5)).collect();
        let groups = [nodes(16_000, 32_768, n / 8), nodes(8000, 32_768, n / 8)];
        let outcome = place(&items, &groups, BUDGET);
        assert_eq!(outcome.verdict, PlacementVerdict::Fits);
        verify(&items, &groups, &outcome);
        outcome.steps
    };
    let (small, large) = (steps(1000), steps(10_000));
    assert!(small < 1000 * 200, "1,000 services: {small} steps");
    assert!(large < 10_000 * 200, "10,000 services: {large} steps");
}

#[test]
fn ten_thousand_services_that_do_not_fit_end_within_the_budget() {
    let items: Vec<PlacementItem> = (0..10_000).map(|i| item(501 + i % 450, 64 + (i * 91) % 400, 1)).collect();
    let outcome = place(&items, &[nodes(1000, 1000, 9_000)], BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Impossible, "no two fit one node");
    assert!(outcome.steps < 10_000 * 1500, "{} steps", outcome.steps);
}

#[test]
fn millions_of_replicas_cost_what_one_does() {
    let outcome = place(&[item(1, 1, 4_000_000_000)], &[nodes(4, 4, 1_000_000_000)], BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Fits);
    assert!(outcome.steps < 100);
    let outcome = place(&[item(1, 1, 4_000_000_001)], &[nodes(4, 4, 1_000_000_000)], BUDGET);
    assert_eq!(outcome.verdict, PlacementVerdict::Impossible);
}
