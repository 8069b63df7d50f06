//! Doing the same with several things at once, where each waits for a network.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many requests are under way at once: enough that an image with many signers
/// waits for one answer and not for ten, few enough to be a polite guest.
const MOST_AT_ONCE: usize = 8;

/// What `work` makes of each item, in the order of the items.
pub(super) fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            let result = work(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((index, result));
        }
    };
    thread::scope(|scope| {
        // This thread works too, so all is done also where the system refuses to give
        // another one.
        for _ in 1..items.len().min(MOST_AT_ONCE) {
            if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                break;
            }
        }
        worker();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Condvar;
    use std::time::Duration;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(side_by_side(&items, |item| item * 2)[99], 198);
        assert_eq!(side_by_side(&items, |item| *item), items);
        assert!(side_by_side(&[] as &[u8], |item| *item).is_empty());
    }

    #[test]
    fn eight_are_under_way_at_once() {
        // Each waits for all the others: one after another would wait in vain.
        let (missing, complete) = (Mutex::new(8), Condvar::new());
        let met = side_by_side(&[(); 8], |()| {
            let mut missing = missing.lock().unwrap();
            *missing -= 1;
            complete.notify_all();
            let limit = Duration::from_secs(30);
            let wait = complete.wait_timeout_while(missing, limit, |missing| *missing > 0);
            !wait.unwrap().1.timed_out()
        });
        assert_eq!(met, [true; 8]);
    }
}
