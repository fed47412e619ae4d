//! Bytes as YAML of the common form: the short way reads what the parser's events say, or leaves the text to the parser.
#![no_main]

use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{ParseMode, decode, parse_by_events, parse_common};

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = decode(data.to_vec()) else { return };
    let source = Source::new("x.yaml", text.as_str());
    for mode in [ParseMode::Spec, ParseMode::Base] {
        let Some(short) = parse_common(FileId(0), &source, mode) else { continue };
        let long = parse_by_events(FileId(0), &source, mode);
        if format!("{short:?}") != format!("{long:?}") {
            assert_eq!(format!("{short:#?}"), format!("{long:#?}"), "the two read otherwise:\n{text}");
        }
    }
}
