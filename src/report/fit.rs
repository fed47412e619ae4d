//! A text made of pieces that must not be longer than so many characters: what counts least goes first, and nothing is cut
//! in its middle. Knows no Markdown.

/// One part of a text.
pub(super) struct Piece {
    /// How early it goes: the highest rank first, the last piece of a rank before the first.
    pub rank: u8,
    /// What is before the rows; without rows, all of it.
    pub head: String,
    /// What may be left out one by one, from the end.
    pub rows: Vec<String>,
    /// What is behind the rows.
    pub tail: String,
    /// What it, or one row of it, is called where it is left out: one and several.
    pub what: (&'static str, &'static str),
}

/// The pieces that fit, in their order, and how many of what are left out.
pub(super) fn fit(pieces: &[Piece], most: usize) -> (String, Vec<(usize, &'static str)>) {
    let length = |text: &str| text.chars().count();
    let mut order: Vec<(usize, &Piece)> = pieces.iter().enumerate().collect();
    order.sort_by_key(|(index, piece)| (piece.rank, *index));
    let mut spare = most;
    let mut kept: Vec<Option<usize>> = pieces.iter().map(|_| None).collect();
    let mut left: Vec<(usize, (&'static str, &'static str))> = Vec::new();
    for (index, piece) in order {
        let frame = length(&piece.head) + length(&piece.tail);
        let mut rest = spare.checked_sub(frame);
        let mut rows = 0;
        for row in &piece.rows {
            match rest.and_then(|rest| rest.checked_sub(length(row))) {
                Some(less) => (rest, rows) = (Some(less), rows + 1),
                None => break,
            }
        }
        let gone = if piece.rows.is_empty() { usize::from(rest.is_none()) } else { piece.rows.len() - rows };
        if let (Some(rest), true) = (rest, rows > 0 || piece.rows.is_empty()) {
            spare = rest;
            if let Some(kept) = kept.get_mut(index) {
                *kept = Some(rows);
            }
        }
        match left.iter_mut().find(|(_, what)| *what == piece.what) {
            Some((count, _)) => *count += gone,
            None => left.push((gone, piece.what)),
        }
    }
    let mut text = String::new();
    for (piece, rows) in pieces.iter().zip(kept) {
        let Some(rows) = rows else { continue };
        text.push_str(&piece.head);
        piece.rows.iter().take(rows).for_each(|row| text.push_str(row));
        text.push_str(&piece.tail);
    }
    let name = |(count, (one, several)): (usize, (&'static str, &'static str))| {
        (count, if count == 1 { one } else { several })
    };
    (text, left.into_iter().filter(|(count, _)| *count > 0).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::{Piece, fit};

    fn piece(rank: u8, head: &str, rows: &[&str], tail: &str, what: (&'static str, &'static str)) -> Piece {
        let rows = rows.iter().map(|row| (*row).to_owned()).collect();
        Piece { rank, head: head.to_owned(), rows, tail: tail.to_owned(), what }
    }

    const ROW: (&str, &str) = ("row", "rows");
    const DIFF: (&str, &str) = ("diff", "diffs");

    #[test]
    fn what_counts_least_goes_first_and_nothing_is_cut() {
        let pieces = [
            piece(0, "<", &[], "", ("title", "titles")),
            piece(4, "1234", &[], "", DIFF),
            piece(2, "[", &["→", "é", "c"], "]", ROW),
            piece(4, "56", &[], "", DIFF),
        ];
        let all = |most| fit(&pieces, most);
        assert_eq!(all(12), ("<1234[→éc]56".to_owned(), vec![]));
        // one diff is too long, the next is not
        assert_eq!(all(9), ("<[→éc]56".to_owned(), vec![(1, "diff")]));
        assert_eq!(all(6), ("<[→éc]".to_owned(), vec![(2, "diffs")]));
        assert_eq!(all(5), ("<[→é]".to_owned(), vec![(1, "row"), (2, "diffs")]));
        // a frame without a row is not worth its place
        assert_eq!(all(3), ("<56".to_owned(), vec![(3, "rows"), (1, "diff")]));
        assert_eq!(all(0), (String::new(), vec![(1, "title"), (3, "rows"), (2, "diffs")]));
    }
}
