//! Parts of the page that simulations and sums share.

use super::super::words::clean;
use std::fmt::Write;

/// The most points of a line; with more samples, a band from the least to the most is drawn.
pub(super) const POINTS: usize = 1500;

pub(super) fn html_table(out: &mut String, corner: &str, heads: &[String], rows: impl Iterator<Item = Vec<String>>) {
    let _ = write!(out, "<div class=\"wide\"><table><thead><tr><th>{}</th>", escape(corner));
    for head in heads {
        let _ = write!(out, "<th>{}</th>", escape(head));
    }
    let _ = writeln!(out, "</tr></thead><tbody>");
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(index, cell)| {
                let kind = if index == 0 { "th" } else { "td" };
                format!("<{kind}>{}</{kind}>", escape(cell))
            })
            .collect();
        let _ = writeln!(out, "<tr>{}</tr>", cells.concat());
    }
    let _ = writeln!(out, "</tbody></table></div>");
}

/// Text escaped for HTML.
pub(super) fn escape(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
