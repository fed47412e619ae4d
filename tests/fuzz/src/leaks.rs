//! Whether a run gives back what it took: an allocator that counts, so that leaks show without a sanitizer.
#![allow(unsafe_code, reason = "an allocator cannot be written without; no part of scalegen")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

/// Bytes taken and not given back by Rust code of this process.
static LIVE: AtomicIsize = AtomicIsize::new(0);
/// So often a run may keep something: what is made at first use only (tables, validators) is not a leak.
const AGAIN: usize = 4;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came; beside it only a number changes
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size as isize - layout.size() as isize, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Runs it, and where bytes stay taken again with the same input: where they grow each time, they leak.
pub fn none(run: impl Fn()) {
    let mut kept = 0;
    for _ in 0..AGAIN {
        let before = LIVE.load(Ordering::Relaxed);
        run();
        kept = LIVE.load(Ordering::Relaxed) - before;
        if kept <= 0 {
            return;
        }
    }
    panic!("every run of this input keeps {kept} bytes");
}

/// Makes a function of bytes the fuzz target of its file.
#[macro_export]
macro_rules! target {
    ($run:ident) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::leaks::none(|| $run(data)));
    };
}
