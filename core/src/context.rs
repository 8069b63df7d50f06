//! What every blocking call is given: the time, how long it may take, whether
//! it has been called off, and the person to ask.

use crate::traits::Ui;
use crate::{Error, ErrorKind, Result, Timestamp};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The circumstances of one operation, handed down from the program.
///
/// The clock is a value, so that every rule about time can be tested without
/// waiting; nothing below the program asks the system for the time.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The time that judgements and new signatures use.
    pub now: Timestamp,
    /// When the whole operation must be over; `None` for no limit.
    pub deadline: Option<Instant>,
    /// Set by the program when the person gives up.
    pub cancelled: &'a AtomicBool,
    /// The person, or whoever answers for them.
    pub ui: &'a dyn Ui,
}

impl Context<'_> {
    /// The time that one blocking step may take: what is left of the whole, and
    /// at most `at_most`.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when nothing is left or the work was cancelled.
    pub fn budget(&self, at_most: Duration) -> Result<Duration> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Timeout, "interrupted"));
        }
        let Some(deadline) = self.deadline else {
            return Ok(at_most);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::new(ErrorKind::Timeout, "the time limit was reached"));
        }
        Ok(left.min(at_most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traits::Nobody;

    #[test]
    fn a_cancelled_operation_has_no_budget() {
        let cancelled = AtomicBool::new(true);
        let cx = Context {
            now: Timestamp(0),
            deadline: None,
            cancelled: &cancelled,
            ui: &Nobody,
        };
        let error = cx.budget(Duration::from_secs(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }

    #[test]
    fn the_budget_ends_with_the_deadline() {
        let cancelled = AtomicBool::new(false);
        let cx = Context {
            now: Timestamp(0),
            deadline: Some(Instant::now() + Duration::from_secs(5)),
            cancelled: &cancelled,
            ui: &Nobody,
        };
        assert!(cx.budget(Duration::from_secs(60)).unwrap() <= Duration::from_secs(5));
        assert_eq!(
            cx.budget(Duration::from_millis(1)).unwrap(),
            Duration::from_millis(1)
        );
    }
}
