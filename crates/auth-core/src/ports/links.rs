//! Links that prove an e-mail address.

use async_trait::async_trait;

use crate::{Failure, User, store::Tx};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose<'l> {
    /// The user's own address.
    Verify,
    /// The present address agrees to a change; the letter goes there.
    ConfirmChange {
        /// What it is to be changed to.
        new_email: &'l str,
    },
    /// The new address takes the present one's place; the letter goes to the new one.
    ChangeTo {
        /// Where the letter goes, and what the link proves.
        new_email: &'l str,
    },
}

/// The service that mails such links. Other plugins start a change of address with it.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Core, Failure, User,
///     ports::{EmailLinks, LinkPurpose},
/// };
///
/// async fn ask_to_verify(core: &Arc<Core>, user: &User) -> Result<(), Failure> {
///     let Some(links) = core.services().get::<dyn EmailLinks>() else { return Ok(()) };
///     let tx = core.begin().await?;
///     links.send(&tx, user, LinkPurpose::Verify, Some("/welcome")).await?;
///     Ok(tx.commit().await?)
/// }
/// ```
#[async_trait]
pub trait EmailLinks: Send + Sync + 'static {
    /// Mails a link after the transaction's commit.
    async fn send(
        &self,
        tx: &Tx,
        user: &User,
        purpose: LinkPurpose<'_>,
        callback_url: Option<&str>,
    ) -> Result<(), Failure>;
}
