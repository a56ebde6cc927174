//! The guest book as it is written: a WebSocket for whoever is signed in, and for as long as they are.

use auth_axum::{AuthenticatedSocket, LiveSocket, auth_core::socket::Message};
use axum::{Router, extract::State, response::Response, routing::get};
use tokio::sync::broadcast;

use crate::book::Book;

/// Entries that somebody who reads slowly may be behind.
const BEHIND: usize = 64;

#[derive(Clone)]
struct Live {
    book: Book,
    news: broadcast::Sender<String>,
}

pub(crate) fn routes(book: Book) -> Router {
    let live = Live { book, news: broadcast::Sender::new(BEHIND) };
    Router::new().route("/live", get(open)).with_state(live)
}

async fn open(State(live): State<Live>, socket: AuthenticatedSocket) -> Response {
    let author = socket.identity().user.name.clone();
    socket.on_upgrade(async move |socket| talk(socket, &author, live).await)
}

async fn talk(mut socket: LiveSocket, author: &str, live: Live) {
    let mut news = live.news.subscribe();
    loop {
        tokio::select! {
            said = socket.recv() => match said {
                Some(Message::Text(text)) => {
                    live.book.add(author, text.as_str().to_owned());
                    // Whoever has said something hears it, too.
                    live.news.send(format!("{author}: {}", text.as_str())).ok();
                }
                Some(_) => {}
                // The client has gone, or was signed out.
                None => return,
            },
            Ok(entry) = news.recv() => {
                if socket.send(entry).await.is_err() {
                    return;
                }
            }
        }
    }
}
