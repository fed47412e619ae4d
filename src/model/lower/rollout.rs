//! How a new version of a service replaces the old and what a drain may take, lowered.

use super::read::{ValueReader, get};
use crate::model::{Amount, Disruption, Kind, Strategy, Update, Val};
use crate::support::source::FieldSpan;
use crate::syntax::Entry;

/// What holds for a service that says nothing of how a new version replaces the old.
pub(in crate::model) fn usual_update(at: FieldSpan, kind: Kind) -> Update {
    Update {
        at,
        written: false,
        strategy: Val::default_at(Strategy::Rolling, at),
        surge: Val::default_at(Amount::Count(u32::from(kind != Kind::Singleton)), at),
        unavailable: None,
    }
}

/// Reads `update`.
pub(super) fn update(reader: &mut ValueReader, entry: &Entry, kind: Kind) -> Update {
    let map = Some(entry);
    let usual = usual_update(entry.at(), kind);
    let strategy = reader.word(get(map, "strategy"), &Strategy::WORDS).unwrap_or(usual.strategy);
    let none = Val::default_at(Amount::Count(0), entry.at());
    let usual_surge = if strategy.value == Strategy::Rolling { usual.surge } else { none };
    Update {
        written: true,
        strategy,
        surge: reader.amount(get(map, "surge")).unwrap_or(usual_surge),
        unavailable: reader.amount(get(map, "unavailable")),
        ..usual
    }
}

/// Reads `disruption`.
pub(super) fn disruption(reader: &mut ValueReader, entry: &Entry) -> Option<Val<Disruption>> {
    let map = Some(entry);
    let min = reader.amount(get(map, "minAvailable")).map(|min| Val::new(Disruption::MinAvailable(min.value), min.at));
    let max =
        reader.amount(get(map, "maxUnavailable")).map(|max| Val::new(Disruption::MaxUnavailable(max.value), max.at));
    reader.or_lost(min.or(max))
}
