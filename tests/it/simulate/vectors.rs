//! The HPA engine against recorded runs of the real controller: equal at every tick.

use scalegen::simulate::vectors;
use std::fs;

#[test]
fn every_recorded_run_is_equal_at_every_tick() {
    let (mut runs, mut ticks) = (0, 0);
    for path in crate::tidy::files("fixtures/simulate", "-vectors.json") {
        let replayed = vectors::replay(&fs::read_to_string(&path).unwrap()).unwrap();
        for (at, run) in replayed.iter().enumerate() {
            let first = run.first_difference();
            let shown = first.map(|tick| (run.got.get(tick), run.recorded.get(tick)));
            assert_eq!(first, None, "{} run {at}: got and recorded {shown:?}", path.display());
            ticks += run.got.len();
        }
        runs += replayed.len();
    }
    assert!(runs >= 40 && ticks >= 9600, "{runs} runs with {ticks} ticks were found");
}
