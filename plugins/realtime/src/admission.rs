//! Letting somebody in: who they are, a seat, and a place among their sockets.

use std::sync::Arc;

use auth_core::{Core, Failure, call::Request, http::header};
use tokio::sync::mpsc;

use crate::{
    Realtime,
    desk::{Parcel, Place},
    entry::{Pages, Visitor},
    figures,
    line::Line,
    presence,
    protocol::End,
    visit::{Partner, Visit},
};

auth_core::errors! {
    pub(crate) enum AdmissionError {
        Foreign => (403, "INVALID_ORIGIN", "Invalid origin"),
        Nobody => (401, "UNAUTHORIZED", "Unauthorized"),
        Full => (503, "TOO_MANY_SOCKETS", "This node has as many sockets as it can have"),
    }
}

/// Somebody who may have a socket, with a seat that is kept for them.
pub(crate) struct Admission {
    core: Arc<Core>,
    plugin: Arc<Realtime>,
    place: Place,
    letters: mpsc::Receiver<Parcel>,
    pub(crate) visitor: Visitor,
}

impl Admission {
    /// `counted`: see [`Visitor::of`].
    pub(crate) async fn of(
        core: &Arc<Core>,
        request: &Request,
        pages: Pages,
        counted: bool,
    ) -> Result<Self, Failure> {
        let admitted = Self::try_of(core, request, pages, counted).await;
        if let Err(failure) = &admitted {
            let status = failure.status();
            core.metrics().counter(&figures::REFUSED, &[status.as_str()]).increment(1);
        }
        admitted
    }

    async fn try_of(
        core: &Arc<Core>,
        request: &Request,
        pages: Pages,
        counted: bool,
    ) -> Result<Self, Failure> {
        let plugin = core
            .plugin::<Realtime>()
            .ok_or_else(|| Failure::internal("the plugin `realtime` is not enabled"))?;
        let doubts = plugin.desk.doubts();
        let visitor = Visitor::of(core, request, pages, counted).await?;
        let (queue, most) = (plugin.config.queue, plugin.config.max_sockets);
        let entered = plugin.desk.enter(core.new_id(), &visitor.identity.user.id, queue, most);
        let (place, letters) = entered.map_err(|_| {
            let full: Failure = AdmissionError::Full.into();
            full.with_header(header::RETRY_AFTER, 5.into())
        })?;
        if plugin.desk.doubts() != doubts {
            // Whom it concerns is not known any more.
            place.seat.doubt();
        }
        Ok(Self { core: core.clone(), plugin, place, letters, visitor })
    }

    /// Serves the socket to its end.
    pub(crate) async fn serve(self, partner: Partner, line: Line) {
        let Self { core, plugin, place, letters, visitor } = self;
        match presence::enter(&core, &plugin, &place.seat).await {
            Ok(()) => {
                Visit { core, plugin, place, letters, visitor, partner }.run(line).await;
            }
            Err(_) => {
                drop((place, partner));
                core.metrics().counter(&figures::REFUSED, &["4429"]).increment(1);
                line.end(End::TOO_MANY).await;
            }
        }
    }
}
