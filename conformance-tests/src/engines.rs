//! Every OpenPGP engine that there is. What holds for one must hold for all, so
//! tests that need an engine run over this list.

use sifseal_core::traits::Engine;
use sifseal_engine_rpgp::RpgpEngine;
use std::sync::Arc;

/// Every engine.
pub fn engines() -> Vec<Arc<dyn Engine>> {
    vec![Arc::new(RpgpEngine)]
}

/// Every pair of engines, also of one with itself: what one makes, the other reads.
pub fn pairs() -> Vec<(Arc<dyn Engine>, Arc<dyn Engine>)> {
    let all = engines();
    all.iter()
        .flat_map(|one| all.iter().map(|other| (Arc::clone(one), Arc::clone(other))))
        .collect()
}
