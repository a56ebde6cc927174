//! `tessera keys list | rotate | revoke`.

use std::{fmt::Write, sync::Arc};

use auth_core::{
    Core, Failure, Timestamp,
    command::{Action, Arguments, Command},
    ports::TokenSigner,
};

use crate::{
    Jwt,
    keys::TTL,
    ring::{Key, LEAD, Ring},
};

pub(crate) fn keys(plugin: &Arc<Jwt>) -> Command {
    let (for_list, for_rotate, for_revoke) = (plugin.clone(), plugin.clone(), plugin.clone());
    Command::new("keys", "Keys that sign tokens")
        .action(Action::new("list", "Prints the keys, the newest first", move |core, _| {
            list(for_list.clone(), core)
        }))
        .action(
            Action::new(
                "rotate",
                "Makes a new key that takes the place of the others",
                move |core, arguments| rotate(for_rotate.clone(), core, arguments),
            )
            .flag("now", "It signs at once, before caches of other services have heard of it"),
        )
        .action(
            Action::new(
                "revoke",
                "Ends a key: no token that it signed counts any more",
                move |core, arguments| revoke(for_revoke.clone(), core, arguments),
            )
            .argument("KID", "Its id, as `list` prints it"),
        )
}

async fn list(plugin: Arc<Jwt>, core: Arc<Core>) -> Result<String, Failure> {
    let ring = plugin.keys.ring(&core).await?;
    let now = core.now();
    let signing = ring.signing(plugin.config.algorithm, now).map(|key| key.kid.as_str());
    let mut text = String::new();
    for key in ring.keys() {
        let end = key.expires_at.map_or_else(|| "no end".to_owned(), |at| format!("until {at}"));
        // Writing to a string cannot fail. A key's id may come from another program.
        let _ = writeln!(
            text,
            "{}  {:<6}  {:<8}  since {}  {end}",
            key.kid.escape_debug(),
            key.algorithm.map_or("?", |algorithm| algorithm.name()),
            state(key, signing, &ring, now),
            key.created_at,
        );
    }
    if text.is_empty() {
        text.push_str("no keys; the first is made when it is needed\n");
    }
    Ok(text)
}

/// One word for what a key does.
fn state(key: &Key, signing: Option<&str>, ring: &Ring, now: Timestamp) -> &'static str {
    if signing == Some(key.kid.as_str()) {
        "signs"
    } else if !ring.is_listed(key, now) {
        "over"
    } else if !key.is_live(now) {
        "checks"
    } else if key.created_at.plus(LEAD) > now {
        "next"
    } else {
        "waits"
    }
}

async fn rotate(plugin: Arc<Jwt>, core: Arc<Core>, arguments: Arguments) -> Result<String, Failure> {
    if core.services().get::<dyn TokenSigner>().is_some() {
        let what = "keys are kept by a remote signer; rotate them there";
        return Err(Failure::bad_request("REMOTE_SIGNER", what));
    }
    let now = arguments.has("now");
    let ring = plugin.keys.rotate(&core, now).await?;
    let (algorithm, at) = (plugin.config.algorithm, core.now());
    let newest = ring.newest(algorithm, at).ok_or_else(|| Failure::internal("no key was made"))?;
    let signs = ring.signing(algorithm, at).is_some_and(|key| key.kid == newest.kid);
    let minutes = LEAD.as_secs() / 60;
    let when = if signs { "now".to_owned() } else { format!("in {minutes} minutes") };
    let heard = TTL.as_secs();
    Ok(format!(
        "{} is the new key. It signs {when}; running servers hear of it within {heard} seconds.\n\
         Tokens of the older keys count on until they expire; `tessera keys revoke` ends them at once.\n",
        newest.kid,
    ))
}

async fn revoke(plugin: Arc<Jwt>, core: Arc<Core>, arguments: Arguments) -> Result<String, Failure> {
    let kid = arguments.get("KID");
    if !plugin.keys.revoke(&core, kid).await? {
        let what = format!("there is no key {}; `tessera keys list` prints them", kid.escape_debug());
        return Err(Failure::bad_request("NO_SUCH_KEY", what));
    }
    let (heard, cached) = (TTL.as_secs(), plugin.config.jwks_max_age);
    Ok(format!(
        "{kid} is revoked. Running servers refuse its tokens within {heard} seconds; other services when they \
         fetch the key set again (answers may be kept {cached} seconds).\n"
    ))
}
