//! What is counted of sockets.

use auth_core::metric::Metric;

pub(crate) const OPEN: Metric =
    Metric::gauge("realtime_open_sockets", "Open sockets of this node: websocket, events or app.", &["kind"]);

pub(crate) const OPENED: Metric = Metric::counter(
    "realtime_opened_total",
    "Sockets that were opened, by how their user proved who they are.",
    &["kind", "method"],
);

pub(crate) const REFUSED: Metric = Metric::counter(
    "realtime_refused_total",
    "Sockets that were refused, by the code of the answer.",
    &["code"],
);

pub(crate) const CLOSED: Metric = Metric::counter(
    "realtime_closed_total",
    "Sockets that have ended, by the code that they closed with.",
    &["code"],
);

pub(crate) const MESSAGES: Metric =
    Metric::counter("realtime_messages_total", "Messages: `in` from clients, `out` to them.", &["direction"]);

pub(crate) const ALL: [Metric; 5] = [OPEN, OPENED, REFUSED, CLOSED, MESSAGES];
