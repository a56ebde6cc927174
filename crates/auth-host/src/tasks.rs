//! Background tasks under a leader lock, and event listeners.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use auth_core::{Core, Failure, Registrar, registrar::Listener, sea_orm::DbErr, task::Task};
use futures_util::FutureExt;
use tokio::task::JoinSet;

use crate::figures;

/// How a round of a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    Ok,
    Failed,
}

impl TaskOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
        }
    }
}

struct Named {
    /// `plugin/task`, the name of its lock.
    name: String,
    task: Arc<dyn Task>,
    last: Mutex<Option<TaskOutcome>>,
}

impl Named {
    fn last(&self) -> Option<TaskOutcome> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One round, and what is to be told of it. A panic ends the round and not the task.
    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        self.observe(core, self.task.run(core)).await
    }

    /// As [`run`](Self::run), for as long as this node has the lock.
    async fn lead(&self, core: &Arc<Core>, lock: &Lock<'_>) -> Result<(), Failure> {
        let round = async {
            tokio::select! {
                ended = self.task.run(core) => ended,
                () = lock.lost() => Err(Failure::internal("the lock was lost in the middle of a round")),
            }
        };
        self.observe(core, round).await
    }

    async fn observe(
        &self,
        core: &Core,
        round: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let ended = AssertUnwindSafe(round).catch_unwind().await;
        let result = ended.unwrap_or_else(|_| Err(Failure::internal("a background task panicked")));
        let outcome = if result.is_ok() { TaskOutcome::Ok } else { TaskOutcome::Failed };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        let metrics = core.metrics();
        metrics.counter(&figures::TASK_RUNS, &[&self.name, outcome.name()]).increment(1);
        metrics.gauge(&figures::TASK_DURATION, &[&self.name]).set(began.elapsed().as_secs_f64());
        if outcome == TaskOutcome::Ok {
            let now = Duration::from_millis(u64::try_from(core.now().unix_millis()).unwrap_or_default());
            metrics.gauge(&figures::TASK_SUCCESS, &[&self.name]).set(now.as_secs_f64());
        }
        result
    }
}

pub(crate) struct Background {
    tasks: Vec<Arc<Named>>,
    listeners: Vec<Arc<dyn Listener>>,
}

impl Background {
    pub(crate) fn new(registrar: &Registrar) -> Self {
        let tasks = registrar.tasks.iter().map(|t| {
            let name = format!("{}/{}", t.plugin, t.value.name());
            Arc::new(Named { name, task: t.value.clone(), last: Mutex::default() })
        });
        Self {
            tasks: tasks.collect(),
            listeners: registrar.listeners.iter().map(|l| l.value.clone()).collect(),
        }
    }

    pub(crate) fn outcomes(&self) -> Vec<(&str, TaskOutcome)> {
        self.tasks.iter().filter_map(|named| Some((named.name.as_str(), named.last()?))).collect()
    }

    pub(crate) async fn run_all(&self, core: &Arc<Core>) -> Result<(), Failure> {
        for named in &self.tasks {
            named.run(core).await?;
        }
        Ok(())
    }

    pub(crate) fn spawn(&self, core: &Arc<Core>) -> JoinSet<()> {
        let mut running = JoinSet::new();
        let holder = core.new_uuid();
        for (named, outcome) in self.tasks.iter().flat_map(|named| [(named, "ok"), (named, "failed")]) {
            // A series that begins with its first failure does not grow, as Prometheus sees it.
            core.metrics().counter(&figures::TASK_RUNS, &[&named.name, outcome]).absolute(0);
        }
        for named in &self.tasks {
            running.spawn(again_and_again(named.clone(), core.clone(), holder.clone()));
        }
        for listener in &self.listeners {
            let (listener, core) = (listener.clone(), core.clone());
            let mut events = core.events().subscribe();
            running.spawn(async move {
                while let Some(event) = events.next().await {
                    listener.on(&core, &event).await;
                }
            });
        }
        running
    }
}

/// How long the lock of a round lasts that is not renewed: another node can go on with the task after it.
const LEASE: Duration = Duration::from_mins(1);

/// The lock of a task, in the database: what a task changes is there, too, so a node that cannot renew the
/// lock cannot go on either.
struct Lock<'l> {
    core: &'l Core,
    name: &'l str,
    holder: &'l str,
    lease: Duration,
}

impl Lock<'_> {
    async fn acquire(&self, lease: Duration) -> Result<bool, DbErr> {
        auth_store::lease::acquire(self.core.db(), self.name, self.holder, self.core.now(), lease).await
    }

    /// Renews it, and ends when somebody else has it, or may have.
    async fn lost(&self) {
        let mut end = tokio::time::Instant::now() + self.lease;
        loop {
            tokio::time::sleep(self.lease / 3).await;
            let asked = tokio::time::Instant::now();
            match tokio::time::timeout_at(end, self.acquire(self.lease)).await {
                Ok(Ok(true)) => end = asked + self.lease,
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => tracing::warn!(task = self.name, %error, "a lock was not renewed"),
            }
        }
    }
}

/// One node runs a task at a time. While it does, it renews its lock; a node that dies in the middle is
/// followed by another after a minute. Afterwards the lock stays for one and a half intervals, so that no
/// other node begins the next round.
async fn again_and_again(named: Arc<Named>, core: Arc<Core>, holder: String) {
    let every = named.task.every().max(Duration::from_secs(1));
    let interval = every + every / 2;
    let lock = Lock { core: &core, name: &named.name, holder: &holder, lease: interval.min(LEASE) };
    loop {
        tokio::time::sleep(every).await;
        match lock.acquire(lock.lease).await {
            Ok(true) => {
                if let Err(failure) = named.lead(&core, &lock).await {
                    tracing::error!(task = named.name, ?failure, "a background task failed");
                }
                if let Err(error) = lock.acquire(interval).await {
                    tracing::warn!(task = named.name, %error, "a lock was not renewed");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(task = named.name, %error, "no lock for a background task"),
        }
    }
}
