//! Tests of the pool's behaviour under load.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use super::*;

/// Work that runs until the returned sender is dropped.
pub(super) fn blocker() -> (Work, mpsc::Sender<()>) {
    let (release, wait) = mpsc::channel::<()>();
    let call = move || {
        let _ = wait.recv();
    };
    (Work::Call(Box::new(call)), release)
}

pub(super) async fn until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "never happened");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn no_more_jobs_run_than_there_are_threads() {
    let pool = Arc::new(pool_with(PoolConfig { threads: 3, queue: 100, ..config(Scheme::Argon2id) }));
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (pool, running, most) = (pool.clone(), running.clone(), most.clone());
            tokio::spawn(async move {
                let call = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(2));
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                pool.submit(Work::Call(Box::new(call))).await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(Answer::Matches(true)));
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(pool.stats(), PoolStats::default());
}

#[tokio::test]
async fn a_full_queue_sheds_at_once() {
    let pool = pool_with(PoolConfig { threads: 1, queue: 1, ..config(Scheme::Argon2id) });
    let (first, release) = blocker();
    let (second, release_second) = blocker();
    let mut running = std::pin::pin!(pool.submit(first));
    let mut waiting = std::pin::pin!(pool.submit(second));
    tokio::select! {
        biased;
        _ = &mut running => unreachable!(),
        () = until(|| pool.stats().running == 1) => {}
    }
    tokio::select! {
        biased;
        _ = &mut waiting => unreachable!(),
        () = until(|| pool.stats().queued == 1) => {}
    }
    let refused = pool.hash("p").await.unwrap_err();
    let PasswordError::Overloaded { retry_after } = refused else {
        panic!("{refused:?}");
    };
    assert!((1..=60).contains(&retry_after.as_secs()));
    drop((release, release_second));
    assert_eq!(running.await, Ok(Answer::Matches(true)));
    assert_eq!(waiting.await, Ok(Answer::Matches(true)));
    assert!(pool.hash("p").await.is_ok());
}

#[tokio::test]
async fn waiting_is_bounded_but_started_work_is_awaited() {
    let max_wait = Duration::from_millis(30);
    let pool = pool_with(PoolConfig { threads: 1, max_wait, ..config(Scheme::Argon2id) });
    let (work, release) = blocker();
    let mut running = std::pin::pin!(pool.submit(work));
    tokio::select! {
        biased;
        _ = &mut running => unreachable!(),
        () = until(|| pool.stats().running == 1) => {}
    }
    let started = Instant::now();
    let refused = pool.hash("p").await;
    assert!(matches!(refused, Err(PasswordError::Overloaded { .. })));
    assert!((max_wait..Duration::from_secs(5)).contains(&started.elapsed()));
    assert_eq!(pool.stats(), PoolStats { queued: 0, running: 1 });
    // The running one is far beyond the bound by now, and still answered.
    drop(release);
    assert_eq!(running.await, Ok(Answer::Matches(true)));
}

#[tokio::test]
async fn work_nobody_waits_for_is_skipped() {
    let pool = pool_with(PoolConfig { threads: 1, ..config(Scheme::Argon2id) });
    let (work, release) = blocker();
    let mut running = std::pin::pin!(pool.submit(work));
    tokio::select! {
        biased;
        _ = &mut running => unreachable!(),
        () = until(|| pool.stats().running == 1) => {}
    }
    let ran = Arc::new(AtomicUsize::new(0));
    {
        let ran = ran.clone();
        let call = move || {
            ran.fetch_add(1, Ordering::SeqCst);
        };
        let mut dropped = std::pin::pin!(pool.submit(Work::Call(Box::new(call))));
        tokio::select! {
            biased;
            _ = &mut dropped => unreachable!(),
            () = until(|| pool.stats().queued == 1) => {}
        }
    }
    assert_eq!(pool.stats().queued, 0);
    drop(release);
    running.await.unwrap();
    pool.hash("p").await.unwrap();
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_no_thread() {
    let pool = pool_with(PoolConfig { threads: 1, ..config(Scheme::Argon2id) });
    let stored = pool.hash("p").await.unwrap();
    for _ in 0..3 {
        let broken = pool.submit(Work::Call(Box::new(|| panic!("on purpose")))).await;
        assert_eq!(broken, Err(PasswordError::Failed));
    }
    assert_eq!(pool.verify("p", &stored).await, Ok(verdict(true, false)));
    assert_eq!(pool.stats(), PoolStats::default());
}

#[tokio::test]
async fn threads_end_with_the_pool() {
    let pool = pool(Scheme::Argon2id);
    let queue = Arc::downgrade(&pool.queue);
    pool.hash("p").await.unwrap();
    drop(pool);
    until(|| queue.strong_count() == 0).await;
}
