//! What other plugins and the database's hooks ask of second factors.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, DatabaseHook, Event, Failure, Tx, User, async_trait,
    hook::Change,
    ports::{Message, SecondFactors},
    sea_orm::ConnectionTrait,
    serde_json::json,
    task::Task,
};

use crate::{challenge, devices, factor, schema::Enabled, switch};

/// Removes all that there is of a user's second factors.
pub(crate) async fn forget(core: &Core, conn: &impl ConnectionTrait, user_id: &str) -> Result<bool, Failure> {
    challenge::remove_all(conn, user_id).await?;
    devices::forget_all(core, conn, user_id).await?;
    factor::remove(conn, user_id).await
}

pub(crate) struct Factors;

#[async_trait]
impl SecondFactors for Factors {
    async fn has_any(&self, _: &Arc<Core>, user: &User) -> Result<bool, Failure> {
        Ok(user.ext::<Enabled>().two_factor)
    }

    async fn reset(&self, core: &Arc<Core>, user: &User) -> Result<bool, Failure> {
        let tx = core.begin().await?;
        let had_row = forget(core, &tx, &user.id).await?;
        if !had_row && !user.ext::<Enabled>().two_factor {
            return Ok(false);
        }
        switch::write(core, &tx, user, false).await?;
        let data = json!({ "userId": user.id });
        tx.tell(Event::Plugin { plugin: "two-factor", name: "two_factor.reset", data });
        let news = "Your second factor was taken away by who runs this service: signing in does not ask for it \
                    any more. If you have not asked for this, change your password and tell them.";
        tx.mail(Message::new(switch::MAIL_RESET, user.email.as_str(), user.name.as_str()).with("news", news));
        tx.commit().await?;
        Ok(true)
    }
}

/// Whoever got in with the old password has to prove more after it was changed: no device is trusted any
/// more, and no sign-in with the old one goes on.
pub(crate) struct PasswordChanged;

#[async_trait]
impl DatabaseHook for PasswordChanged {
    async fn before(&self, tx: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        if let Change::SetPassword { user_id } = change {
            challenge::remove_all(tx, user_id).await?;
            devices::forget_all(tx.core(), tx, user_id).await?;
        }
        Ok(())
    }
}

pub(crate) struct Sweep;

#[async_trait]
impl Task for Sweep {
    fn name(&self) -> &'static str {
        "sweep-expired"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        challenge::sweep(core).await?;
        devices::sweep(core).await
    }
}
