//! Joins the shards of one simulation, byte for byte as one run prints it.
//!
//! Recordings and trials are copied from the shards' text: no number is parsed and printed again.

use super::super::words::json_text;
use super::together::{Together, TogetherEntry, TogetherParts, entry};
use crate::simulate::assertion::{self, Assertion};
use crate::simulate::together::{Member, Placer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The part of the recordings that a run plays: every `of`-th one, beginning with number `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// From 1 to `of`.
    pub index: usize,
    /// How many shards there are.
    pub of: usize,
}

impl Shard {
    /// Reads `2/8`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Shard> {
        let (index, of) = text.split_once('/')?;
        let (index, of) = (index.trim().parse().ok()?, of.trim().parse().ok()?);
        (1..=of).contains(&index).then_some(Shard { index, of })
    }

    /// Whether the recording of this number, counted from 0, is in it.
    #[must_use]
    pub fn has(self, number: usize) -> bool {
        number % self.of.max(1) + 1 == self.index
    }
}

/// A shard as it was printed.
#[derive(Deserialize)]
struct ShardDocument<'a> {
    version: u32,
    scalegen: String,
    name: String,
    holds: bool,
    #[serde(default)]
    shard: Option<Shard>,
    #[serde(borrow)]
    loads: Vec<&'a RawValue>,
    #[serde(borrow)]
    trials: Vec<&'a RawValue>,
    #[serde(default)]
    parts: Option<(Vec<TogetherParts>, Vec<String>)>,
}

/// The whole, with its fields in the order of a run's.
#[derive(Serialize)]
struct WholeDocument<'a> {
    version: u32,
    scalegen: &'a str,
    name: &'a str,
    holds: bool,
    loads: Vec<&'a RawValue>,
    trials: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    together: Vec<TogetherEntry<'a>>,
}

#[derive(Deserialize)]
struct OfService {
    service: String,
}

/// A whole simulation's JSON, and whether every assertion holds.
#[derive(Debug)]
pub struct MergedShards {
    /// The JSON, without a last newline.
    pub json: String,
    /// Whether everything holds.
    pub holds: bool,
}

/// Joins the shards of one simulation, given as name and text in any order.
///
/// # Errors
/// Why they are not all shards of one simulation: a message, lowercase, no full stop.
pub fn merge(shards: &[(String, String)], place: &Placer<'_>) -> Result<MergedShards, String> {
    let mut read: Vec<(&str, Shard, ShardDocument<'_>)> = Vec::new();
    for (name, text) in shards {
        let document: ShardDocument<'_> = serde_json::from_str(text)
            .map_err(|why| format!("{name} is not JSON of `simulate --shard K/N --format json`: {why}"))?;
        let shard = document.shard.ok_or_else(|| format!("{name} is a whole run, no shard of one"))?;
        read.push((name, shard, document));
    }
    read.sort_by_key(|(_, shard, _)| shard.index);
    let Some((first_name, first_shard, first)) = read.first() else { return Err("no shard is given".to_owned()) };
    for (name, shard, document) in &read {
        let same = (document.version, &document.scalegen, &document.name, shard.of)
            == (first.version, &first.scalegen, &first.name, first_shard.of);
        if !same {
            return Err(format!(
                "{name} and {first_name} are not of one simulation: version, name or number of shards differ"
            ));
        }
    }
    for index in 1..=first_shard.of {
        match read.iter().filter(|(_, shard, _)| shard.index == index).count() {
            1 => {}
            0 => return Err(format!("shard {index} of {} is missing", first_shard.of)),
            count => return Err(format!("shard {index} of {} is given {count} times", first_shard.of)),
        }
    }
    let (loads, trials) = dealt(&read)?;
    let together = summed(&read, place)?;
    let holds = read.iter().all(|(_, _, document)| document.holds) && together.iter().all(Together::holds);
    let (version, scalegen, name) = (first.version, first.scalegen.as_str(), first.name.as_str());
    let together = together.iter().map(entry).collect();
    let whole = WholeDocument { version, scalegen, name, holds, loads, trials, together };
    let json = json_text(&whole).map_err(|why| why.to_string())?;
    Ok(MergedShards { json, holds })
}

/// Shared resources of services in all shards. The members are in the order of the whole run, as they were dealt out.
fn summed(read: &[(&str, Shard, ShardDocument<'_>)], place: &Placer<'_>) -> Result<Vec<Together>, String> {
    let Some((_, _, first)) = read.first() else { return Ok(Vec::new()) };
    let Some((pieces, texts)) = &first.parts else { return Ok(Vec::new()) };
    let asserted: Result<Vec<Assertion>, _> = texts.iter().map(|text| assertion::parse(text)).collect();
    let asserted = asserted.map_err(|fault| fault.message)?;
    let mut all = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let of_shard = |(_, _, document): &(&str, Shard, ShardDocument<'_>)| {
            document.parts.as_ref().and_then(|(pieces, _)| pieces.get(index)).map(|piece| piece.members.clone())
        };
        let dealt: Vec<Vec<Member>> = read.iter().map(|text| of_shard(text).unwrap_or_default()).collect();
        let longest = dealt.iter().map(Vec::len).max().unwrap_or(0);
        let members = (0..longest)
            .flat_map(|round| dealt.iter().filter_map(move |members| members.get(round).cloned()))
            .collect();
        all.push(Together::of(TogetherParts { members, ..piece.clone() }, &asserted, place));
    }
    Ok(all)
}

type Raws<'a> = Vec<&'a RawValue>;

/// The recordings in the order of the whole run, as they were dealt out one by one, and the trials of each.
fn dealt<'a>(read: &[(&str, Shard, ShardDocument<'a>)]) -> Result<(Raws<'a>, Raws<'a>), String> {
    let service_of = |raw: &RawValue, name: &str| {
        let of: Result<OfService, _> = serde_json::from_str(raw.get());
        of.map(|of| of.service).map_err(|why| format!("{name}: an entry without a service: {why}"))
    };
    let (mut loads, mut trials) = (Vec::new(), Vec::new());
    let mut seen: Vec<String> = Vec::new();
    let longest = read.iter().map(|(_, _, document)| document.loads.len()).max().unwrap_or(0);
    for round in 0..longest {
        for (name, _, document) in read {
            let Some(load) = document.loads.get(round) else { continue };
            let service = service_of(load, name)?;
            if seen.contains(&service) {
                return Err(format!("{name}: `{service}` is in another shard too"));
            }
            loads.push(*load);
            for trial in &document.trials {
                if service_of(trial, name)? == service {
                    trials.push(*trial);
                }
            }
            seen.push(service);
        }
    }
    Ok((loads, trials))
}
