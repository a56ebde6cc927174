//! Many callers at once.

use std::sync::Arc;

/// Runs the same thing many times at once, from a common start.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use auth_testkit::race;
///
/// static TAKEN: AtomicU32 = AtomicU32::new(0);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let won = race(50, |_| async { TAKEN.fetch_add(1, Ordering::SeqCst) == 0 }).await;
/// assert_eq!(won.iter().filter(|won| **won).count(), 1);
/// # }
/// ```
pub async fn race<T, F>(times: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(tokio::sync::Barrier::new(times));
    let tasks: Vec<_> = (0..times)
        .map(|at| {
            let (barrier, work) = (barrier.clone(), work(at));
            tokio::spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(times);
    for task in tasks {
        results.push(task.await.expect("a racer that does not panic"));
    }
    results
}
