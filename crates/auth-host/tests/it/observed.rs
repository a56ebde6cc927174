//! What plugins let operators see.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_host::TaskOutcome;
use auth_testkit::{
    TestApp,
    auth_core::{
        Core, Event, Failure, Manifest, async_trait,
        metric::{Kind, Metric},
        task::Task,
    },
    json,
};

use crate::toy;

const GREETED: Metric = Metric::counter("greeted_total", "Greetings.", &["mood"]);

toy!(Counting, Manifest::new("counting", "1.0.0", "Counts"), |host| {
    host.metric(GREETED);
    host.alarm("greeting.forged", 70);
    host.task(Moody::default());
});

toy!(Copycat, Manifest::new("copycat", "1.0.0", "Counts the same").after(&["counting"]), |host| {
    host.metric(Metric::gauge("greeted_total", "Something else.", &[]));
    host.metric(Metric::counter("Bad-Name", "Bad.", &[]));
    host.metric(Metric::counter("task_runs_total", "The host's.", &[]));
});

/// Fails at first, panics then, and works at last.
#[derive(Default)]
struct Moody {
    rounds: AtomicU32,
}

#[async_trait]
impl Task for Moody {
    fn name(&self) -> &'static str {
        "moody"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }

    async fn run(&self, _: &Arc<Core>) -> Result<(), Failure> {
        match self.rounds.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Failure::internal("not in the mood")),
            1 => panic!("in no mood at all"),
            _ => Ok(()),
        }
    }
}

#[test]
fn figures_of_plugins_are_declared_beside_the_hosts() {
    let plan = TestApp::builder().plugin::<Counting>().plan().unwrap();
    let metrics: Vec<_> = plan.metrics().collect();
    assert!(metrics.contains(&("counting", GREETED)));
    assert!(metrics.iter().any(|(owner, metric)| *owner == "host" && metric.kind == Kind::Counter));
}

#[test]
fn a_figure_has_one_owner_and_a_proper_name() {
    let problems = TestApp::builder().plugin::<Counting>().plugin::<Copycat>().plan().err().unwrap();
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for wanted in [
        "the metric `greeted_total` is one of plugin counting already",
        "the metric `Bad-Name`: names and labels are small letters, digits and `_`",
        "the metric `task_runs_total` is one of plugin host already",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(wanted)), "{wanted} in {problems:?}");
    }
}

#[tokio::test]
async fn a_plugin_says_which_of_its_events_are_alarming() {
    let app = TestApp::builder().plugin::<Counting>().start().await;
    let risk = |plugin, name| app.host().risk(&Event::Plugin { plugin, name, data: json!({}) });
    assert_eq!(risk("counting", "greeting.forged"), Some(70));
    assert_eq!(risk("counting", "greeting.made"), None);
    assert_eq!(risk("other", "greeting.forged"), None);
    let limited = Event::RateLimited { path: "/greet".to_owned(), rule: "default".to_owned(), ip: None };
    assert!(app.host().risk(&limited).is_some());
    assert_eq!(app.host().risk(&Event::UserCreated { user_id: "u".to_owned() }), None);
}

#[tokio::test]
async fn a_task_that_panics_has_failed_and_runs_again() {
    let app = TestApp::builder().plugin::<Counting>().start().await;
    assert!(app.host().tasks().is_empty(), "it has not run yet");
    for outcome in [TaskOutcome::Failed, TaskOutcome::Failed, TaskOutcome::Ok] {
        let ran = app.host().run_tasks().await;
        assert_eq!(ran.is_ok(), outcome == TaskOutcome::Ok);
        assert_eq!(app.host().tasks(), [("counting/moody", outcome)]);
    }
}
