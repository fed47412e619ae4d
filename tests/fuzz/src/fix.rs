//! What must hold of every fix.

use crate::properties;
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, CheckResult, Files, fix, lint};

fn errors(checked: &CheckResult) -> usize {
    checked.findings.iter().filter(|one| one.severity == Severity::Error).count()
}

/// Fixes a text: no more errors than there were, and fixing again changes nothing.
pub fn holds(bytes: &[u8], files: &dyn Files, unsafe_too: bool) {
    let wanted = CheckOptions::default();
    let fixed = fix("scalegen.yaml", bytes, files, &wanted, unsafe_too);
    properties::checked(&fixed.checked);
    let Some(text) = fixed.text else {
        assert!(fixed.applied.is_empty(), "fixes without a change: {:?}", fixed.applied);
        return;
    };
    assert!(!fixed.applied.is_empty(), "a change without a fix");
    let before = lint("scalegen.yaml", bytes, files, &wanted);
    let after = lint("scalegen.yaml", text.as_bytes(), files, &wanted);
    let old = String::from_utf8_lossy(bytes);
    assert!(errors(&after) <= errors(&before), "more errors after fixing\n{old}\ninto\n{text}");
    assert_eq!(after.findings.len(), fixed.checked.findings.len(), "the check of a fix is that of its text");
    let again = fix("scalegen.yaml", text.as_bytes(), files, &wanted, unsafe_too);
    assert!(
        again.text.is_none(),
        "fixing again changes\n{text}\ninto\n{}\nby {:?}",
        again.text.unwrap_or_default(),
        again.applied
    );
}
