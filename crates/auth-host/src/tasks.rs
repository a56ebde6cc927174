//! Background tasks under a leader lock, and event listeners.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use auth_core::{Core, Failure, Registrar, registrar::Listener, task::Task};
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
        let began = Instant::now();
        let ended = AssertUnwindSafe(self.task.run(core)).catch_unwind().await;
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

/// One node runs a task at a time. The lock outlives a round by half an interval, so a node that
/// dies is followed by another.
async fn again_and_again(named: Arc<Named>, core: Arc<Core>, holder: String) {
    let every = named.task.every().max(Duration::from_secs(1));
    loop {
        tokio::time::sleep(every).await;
        let lease =
            auth_store::lease::acquire(core.db(), &named.name, &holder, core.now(), every + every / 2).await;
        match lease {
            Ok(true) => {
                if let Err(failure) = named.run(&core).await {
                    tracing::error!(task = named.name, ?failure, "a background task failed");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(task = named.name, %error, "no lock for a background task"),
        }
    }
}
