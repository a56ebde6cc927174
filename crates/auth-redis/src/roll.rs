//! Who there is, as the database has it: every node has a line there that it renews.
//!
//! Redis alone cannot tell a node that was killed from one that is cut off from Redis and still changes
//! things. The database can: who changes something reaches it.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

use auth_core::{
    Core,
    sea_orm::{
        ConnectionTrait, DbErr,
        sea_query::{Alias, Expr, ExprTrait, OnConflict, Query},
    },
};
use tokio::time::{Instant, sleep};

use crate::bus::Bus;

/// How often a node renews its line and reads the others'.
const EVERY: Duration = Duration::from_secs(5);
/// How long a line counts. The clocks of nodes may differ by half of it.
const LIVES: Duration = Duration::from_secs(60);
/// Lines are in the table of leases.
const TABLE: &str = "tessera_lease";
const NODE: &str = "node/";

/// What the database said at some time.
pub(crate) struct Roll {
    began: Instant,
    live: HashSet<String>,
    /// Those that it had named the time before, too: they had time to be heard.
    settled: HashSet<String>,
}

impl Roll {
    /// Whether a node that was silent at this time has gone.
    pub(crate) fn says_gone(&self, name: &str, silent: Instant) -> bool {
        self.began > silent && !self.live.contains(name)
    }

    /// Who has to be heard.
    pub(crate) fn others(&self, all: bool) -> impl Iterator<Item = &String> {
        if all { &self.live } else { &self.settled }.iter()
    }
}

impl Bus {
    pub(crate) async fn call_the_roll(&self, core: &Core) {
        loop {
            let began = Instant::now();
            match self.read_roll(core).await {
                Ok(live) => {
                    let mut roll = self.roll.lock().unwrap_or_else(PoisonError::into_inner);
                    let last = roll.take();
                    let was_there =
                        |name: &&String| last.as_ref().is_some_and(|last| last.live.contains(*name));
                    let settled = live.iter().filter(was_there).cloned().collect();
                    *roll = Some(Arc::new(Roll { began, live, settled }));
                }
                // Whoever was there counts as there.
                Err(error) => tracing::debug!(%error, "nobody knows who there is"),
            }
            sleep(EVERY).await;
        }
    }

    async fn read_roll(&self, core: &Core) -> Result<HashSet<String>, DbErr> {
        let (db, now) = (core.db(), core.now());
        let [name, holder, until] = ["name", "holder", "until"].map(Alias::new);
        let mut renew = Query::insert();
        renew
            .into_table(Alias::new(TABLE))
            .columns([name.clone(), holder, until.clone()])
            .values([self.line().into(), self.name.as_str().into(), now.plus(LIVES).into()])
            .map_err(|error| DbErr::Custom(error.to_string()))?
            .on_conflict(OnConflict::column(name.clone()).update_column(until.clone()).to_owned());
        db.execute(&renew).await?;
        let mut find = Query::select();
        find.column(name.clone()).from(Alias::new(TABLE));
        find.and_where(Expr::col(name.clone()).like(format!("{NODE}%")));
        find.and_where(Expr::col(until).gt(now));
        let rows = db.query_all(&find).await?;
        let names = rows.iter().map(|row| row.try_get::<String>("", "name"));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        Ok(names.iter().filter_map(|name| name.strip_prefix(NODE)).map(str::to_owned).collect())
    }

    fn line(&self) -> String {
        format!("{NODE}{}", self.name)
    }

    /// Takes this node's line away, and those of nodes that went without doing so.
    pub(crate) async fn strike_off(&self, core: &Core) {
        let column = |name: &'static str| Expr::col(Alias::new(name));
        let over = column("name").like(format!("{NODE}%")).and(column("until").lt(core.now().minus(LIVES)));
        let mut delete = Query::delete();
        delete.from_table(Alias::new(TABLE)).and_where(column("name").eq(self.line()).or(over));
        if let Err(error) = core.db().execute(&delete).await {
            tracing::debug!(%error, "the others wait for this node for a minute");
        }
    }
}
