//! Background tasks under a leader lock, and event listeners.

use std::{sync::Arc, time::Duration};

use auth_core::{Core, Failure, Registrar, registrar::Listener, task::Task};
use tokio::task::JoinSet;

struct Named {
    /// `plugin/task`, the name of its lock.
    name: String,
    task: Arc<dyn Task>,
}

pub(crate) struct Background {
    tasks: Vec<Arc<Named>>,
    listeners: Vec<Arc<dyn Listener>>,
}

impl Background {
    pub(crate) fn new(registrar: &Registrar) -> Self {
        let tasks = registrar.tasks.iter().map(|t| {
            Arc::new(Named { name: format!("{}/{}", t.plugin, t.value.name()), task: t.value.clone() })
        });
        Self {
            tasks: tasks.collect(),
            listeners: registrar.listeners.iter().map(|l| l.value.clone()).collect(),
        }
    }

    pub(crate) async fn run_all(&self, core: &Arc<Core>) -> Result<(), Failure> {
        for named in &self.tasks {
            named.task.run(core).await?;
        }
        Ok(())
    }

    pub(crate) fn spawn(&self, core: &Arc<Core>) -> JoinSet<()> {
        let mut running = JoinSet::new();
        let holder = core.new_uuid();
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
                if let Err(failure) = named.task.run(&core).await {
                    tracing::error!(task = named.name, ?failure, "a background task failed");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(task = named.name, %error, "no lock for a background task"),
        }
    }
}
