//! For people at a terminal: the message, the source with every place underlined, the help. The only file that names
//! miette, which draws the boxes; the lines around them are ours, as miette knows no title, path or profile.

use crate::support::pointer;
use std::{
    fmt,
    io::{self, Write},
};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::{
    Batch, Reported, TextStyle, clean,
    excerpt::{Excerpt, SHOWN_RELATED, excerpts},
    profile_words,
};
use crate::report::words::wrap;
use crate::support::diagnostic::{Finding, Severity};

/// The columns that a box takes: line number, bars and spaces.
const GUTTER: usize = 8;
/// The least width: below it, wrapping and cropping would leave nothing to read.
const NARROWEST: usize = 40;
/// Context lines we tell miette to ask for; only its difference from 0 counts, see `read_span`.
const CONTEXT: usize = 1;

pub(super) fn write(batch: &Batch<'_>, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let pen = FindingsPen::new(style);
    for file in batch.files {
        for (finding, path) in file.findings() {
            writeln!(out, "{}", pen.finding(file, finding, path))?;
        }
    }
    writeln!(out, "{}", batch.summary())
}

/// The look of one run.
struct FindingsPen {
    color: bool,
    width: usize,
    characters: ThemeCharacters,
    styles: ThemeStyles,
}

impl FindingsPen {
    fn new(style: TextStyle) -> FindingsPen {
        let plain = ThemeStyles::none();
        let ansi = ThemeStyles::ansi();
        let colored = ThemeStyles {
            error: ansi.error.bold(),
            warning: ansi.warning.bold(),
            advice: ansi.advice.bold(),
            link: plain.link,
            highlights: vec![plain.link.blue().bold()],
            ..ansi
        };
        FindingsPen {
            color: style.color,
            width: style.width.max(NARROWEST),
            characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if style.color { colored } else { plain },
        }
    }

    /// One finding, with a line end after every line.
    fn finding(&self, file: &Reported<'_>, finding: &Finding, path: &str) -> String {
        let mut shown = self.title(finding);
        shown.push_str(&self.boxes(&excerpts(file, finding, self.width - GUTTER), finding.severity, path));
        if let Some(help) = &finding.help {
            shown.push_str(&self.footnote("help", help));
        }
        let hidden = finding.related.len().saturating_sub(SHOWN_RELATED);
        if hidden > 0 {
            let places = if hidden == 1 { "place" } else { "places" };
            shown.push_str(&self.footnote("note", &format!("{hidden} more {places} took part (all in --format json)")));
        }
        if let Some(profiles) = profile_words(finding) {
            shown.push_str(&self.footnote("note", &profiles));
        }
        shown
    }

    fn title(&self, finding: &Finding) -> String {
        let kind = format!("{}[{}]", finding.severity.word(), finding.rule);
        let message = wrap(&format!(": {}", clean(&finding.message)), self.width, kind.chars().count(), "    ");
        let style = match finding.severity {
            Severity::Error => self.styles.error,
            Severity::Warning => self.styles.warning,
            Severity::Note => self.styles.advice,
        };
        let message = if self.color { ThemeStyles::none().link.bold().style(message).to_string() } else { message };
        format!("{}{message}\n", style.style(kind))
    }

    fn footnote(&self, word: &str, text: &str) -> String {
        let indent = " ".repeat(word.len() + 4);
        let text = wrap(&clean(text), self.width, indent.len(), &indent);
        format!("  {} {text}\n", self.styles.help.style(format!("{word}:")))
    }

    /// The excerpts one below the other, joined to one box with the line numbers aligned.
    fn boxes(&self, excerpts: &[Excerpt], severity: Severity, path: &str) -> String {
        let digits = |excerpt: &Excerpt| (excerpt.first_line + excerpt.line_count).to_string().len();
        let widest = excerpts.iter().map(digits).max().unwrap_or_default();
        let mut shown = String::new();
        for (index, excerpt) in excerpts.iter().enumerate() {
            let drawn = self.draw(excerpt, severity, index == 0);
            // The first line would hold miette's message, which is empty: the title is above already.
            let mut lines: Vec<&str> = drawn.lines().skip(1).map(str::trim_end).collect();
            if index + 1 < excerpts.len() {
                // The next excerpt closes the box.
                lines.pop();
            }
            let indent = " ".repeat(widest - digits(excerpt));
            for (number, line) in lines.into_iter().enumerate() {
                shown.push_str(&indent);
                shown.push_str(line);
                if index + number == 0 && !path.is_empty() {
                    shown.push_str(&format!(" {}", self.styles.linum.style(dotted(path))));
                }
                shown.push('\n');
            }
        }
        shown
    }

    /// One excerpt as miette draws it.
    fn draw(&self, excerpt: &Excerpt, severity: Severity, first: bool) -> String {
        let mut theme = GraphicalTheme { characters: self.characters.clone(), styles: self.styles.clone() };
        if !first {
            theme.characters.ltop = theme.characters.lcross;
        }
        let plain = ThemeStyles::none().error;
        // Bold even without colour, to stand out from the rest below.
        let primary = match severity {
            _ if !self.color => plain.bold(),
            Severity::Error => self.styles.error,
            Severity::Warning => self.styles.warning,
            Severity::Note => self.styles.advice,
        };
        // miette deals these out to the marks in their order.
        let second = self.styles.highlights.first().copied().unwrap_or(plain);
        theme.styles.highlights =
            excerpt.marks.iter().map(|mark| if mark.primary { primary } else { second }).collect();
        let handler = GraphicalReportHandler::new_themed(theme).with_context_lines(CONTEXT);
        let mut drawn = String::new();
        if handler.render_report(&mut drawn, &Drawing(excerpt)).is_err() {
            // Not reached with marks inside their text; a report without its picture is better than none.
            return format!("\n   [{}:{}:{}]\n", excerpt.name, excerpt.at.line, excerpt.at.column);
        }
        // The primary mark has no label, yet miette draws its bar past the labels beside it.
        let drawn = drawn.replace(&primary.style(self.characters.vbar).to_string(), " ");
        if self.color {
            return drawn;
        }
        // Cleaned text has no escapes of its own: what is left is our bold.
        let bold = primary.style('x').to_string();
        bold.split('x').fold(drawn, |drawn, escape| drawn.replace(escape, ""))
    }
}

/// An RFC 6901 path as people write it: `services.api.replicas`.
fn dotted(path: &str) -> String {
    pointer::keys(path).map(|key| clean(&key)).collect::<Vec<_>>().join(".")
}

/// An excerpt as miette needs it: a diagnostic with an empty message, and the source it labels.
#[derive(Debug)]
struct Drawing<'a>(&'a Excerpt);

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.0.marks.iter().map(|mark| {
            let label = mark.label.clone().filter(|label| !label.is_empty());
            let span = SourceSpan::from(mark.bytes.clone());
            if mark.primary {
                LabeledSpan::new_primary_with_span(label, span)
            } else {
                LabeledSpan::new_with_span(label, span)
            }
        })))
    }
}

impl SourceCode for Drawing<'_> {
    /// Always the whole excerpt. miette asks without context only for the numbers in the box's title: then `line` and
    /// `column` are those of the place, otherwise those of the first line.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Drawing(excerpt) = self;
        let (line, column) = if lines_before == CONTEXT {
            (excerpt.first_line, 0)
        } else {
            (excerpt.at.line.saturating_sub(1), excerpt.at.column.saturating_sub(1))
        };
        Ok(Box::new(MietteSpanContents::new_named(
            excerpt.name.clone(),
            excerpt.text.as_bytes(),
            SourceSpan::from(0..excerpt.text.len()),
            line,
            column,
            excerpt.line_count,
        )))
    }
}
