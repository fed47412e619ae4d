//! A wish written into a spec: the result still parses, only what was asked differs, and asking again changes nothing.
#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use scalegen::change::scale::{ScaleRequest, Stopped, scale};
use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{ParseMode, parse};
use scalegen_fuzz::{specs, write};

#[derive(Arbitrary, Debug)]
struct Wish {
    service: u8,
    profile: Option<u8>,
    count: Option<u16>,
    min: Option<u8>,
    max: Option<u8>,
    cpu: Option<u8>,
    memory: Option<u8>,
    concurrency: Option<u8>,
    raw: bool,
}

const CPU: &[&str] = &["1", "500m", "0.25", "2000m", "1e3", "\"", "no"];
const MEMORY: &[&str] = &["512Mi", "4G", "1000000", "1.5Gi", "64M", "a: b", "1e9"];

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(wish) = Wish::arbitrary(&mut u) else { return };
    let text = if wish.raw {
        match std::str::from_utf8(u.take_rest()) {
            Ok(text) => text.to_owned(),
            Err(_) => return,
        }
    } else {
        let Ok(value) = specs::spec(&mut u) else { return };
        write::document(&mut u, &value)
    };
    let all = scalegen::models(text.as_bytes());
    let Some((_, base)) = all.first() else { return };
    let profiles: Vec<&String> = all.iter().filter_map(|(profile, _)| profile.as_ref()).collect();
    let pick = |count: usize, at: u8| usize::from(at) % count.max(1);
    let Some(service) = base.services.get(pick(base.services.len(), wish.service)) else { return };
    let chosen = |list: &[&str], at: Option<u8>| at.map(|at| list[pick(list.len(), at)].to_owned());
    let request = ScaleRequest {
        service: service.name.to_string(),
        profile: wish.profile.and_then(|at| profiles.get(pick(profiles.len(), at)).map(|name| (*name).clone())),
        count: wish.count.map(u32::from),
        min: wish.min.map(u32::from),
        max: wish.max.map(u32::from),
        cpu: chosen(CPU, wish.cpu),
        memory: chosen(MEMORY, wish.memory),
        concurrency: wish.concurrency.map(u32::from),
    };
    match scale(&text, &request) {
        Ok(scaled) => {
            let parsed = parse(FileId(0), &Source::new("", scaled.text.as_str()), ParseMode::Spec);
            assert!(parsed.findings.is_empty(), "{request:?} broke\n{text}\ninto\n{}", scaled.text);
            match scale(&scaled.text, &request) {
                Ok(again) => assert_eq!(again.text, scaled.text, "{request:?} again changes\n{text}"),
                Err(stopped) => panic!("{request:?} again: {stopped:?}\n{}", scaled.text),
            }
        }
        Err(Stopped::Refused(refusal)) => {
            for span in refusal.at.into_iter().chain(refusal.edit_at) {
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{refusal:?}\n{text}");
            }
        }
        Err(_) => {}
    }
}
