//! `--price`: what an hour of a replica costs by what it requests.

use super::Failure;
use scalegen::model::Service;

/// What an hour of a core and of a GiB costs, in any currency.
#[derive(Clone, Copy)]
pub(super) struct Price {
    core: f64,
    gibibyte: f64,
}

impl Price {
    /// Reads `cpu=0.03,memory=0.004`.
    pub(super) fn parse(text: &str) -> Result<Price, Failure> {
        let fault = || Failure(format!("--price {text}: write cpu=0.03,memory=0.004: an hour of a core, and of a GiB"));
        let mut price = Price { core: 0.0, gibibyte: 0.0 };
        for part in text.split(',') {
            let (name, number) = part.split_once('=').ok_or_else(fault)?;
            let number = number.parse::<f64>().ok().filter(|number| (0.0..1e9).contains(number)).ok_or_else(fault)?;
            match name.trim() {
                "cpu" => price.core = number,
                "memory" => price.gibibyte = number,
                _ => return Err(fault()),
            }
        }
        Ok(price)
    }

    /// What an hour of one replica costs by its requests.
    #[expect(clippy::cast_precision_loss, reason = "a machine has far fewer than 2^53 of either")]
    pub(super) fn of(self, service: &Service) -> f64 {
        let cores = service.reserved_cpu().map_or(0.0, |cpu| cpu.value.0 as f64 / 1e9);
        let bytes = service.reserved_memory().map_or(0.0, |memory| memory.value.bytes as f64);
        let (cores, bytes) = (cores + service.beside.cpu as f64 / 1e9, bytes + service.beside.memory as f64);
        cores * self.core + bytes / f64::from(1u32 << 30) * self.gibibyte
    }
}
