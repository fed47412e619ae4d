//! Random numbers with a name, so that a seed means the same run in every release.
//!
//! The generator is xoshiro256++ (Blackman and Vigna, 2019), seeded through SplitMix64: both are published, short and
//! stable, while the crates for random numbers promise no stable streams for their default generators. Each use has
//! a stream of its own ([`Stream`]), so that a policy that starts more replicas does not change which jobs arrive.

use super::Nanos;

/// The generator's name, as results carry it.
pub const GENERATOR: &str = "xoshiro256++";

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// When jobs arrive.
    Arrivals = 1,
    /// How long jobs take, in the order of their arrival.
    Service = 2,
    /// How long replicas take to start, in the order of their making.
    Start = 3,
    /// Which replica a job is pushed to.
    Dispatch = 4,
    /// When within their intervals syncs, polls and scrapes happen.
    Phases = 5,
}

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
    spare: Option<f64>,
}

impl Random {
    /// The stream of a seed for one use.
    #[must_use]
    pub fn new(seed: u64, stream: Stream) -> Self {
        let mut mix = seed ^ (stream as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut next = || {
            mix = mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = mix;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ (word >> 31)
        };
        Random { state: [next(), next(), next(), next()], spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        let (b, a) = (b ^ c, a ^ d);
        self.state = [a, b, c ^ (self.state[1] << 17), d.rotate_left(45)];
        result
    }

    /// A number from 0 up to but not including 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `count`, 0 if that is 0.
    pub fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(count);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// An exponential number with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// A normal number with mean 0 and deviation 1 (polar method).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// An instant within an interval, 0 if that is empty.
    pub fn phase(&mut self, interval: Nanos) -> Nanos {
        let below = self.below(u64::try_from(interval).unwrap_or(0));
        i64::try_from(below).unwrap_or(0)
    }
}

/// A duration from a double of nanoseconds, at least 0.
#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
pub(super) fn nanos(value: f64) -> Nanos {
    // a call of `round` costs more than the rest
    (value + 0.5).max(0.0) as Nanos
}
