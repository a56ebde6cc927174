//! Who is connected to this node.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
    },
};

use auth_core::{ports::Concern, socket::Utf8};
use tokio::sync::{Notify, mpsc};

use crate::protocol::End;

/// News for a socket.
#[derive(Clone)]
pub(crate) struct Parcel {
    /// The topic that has to be followed still; `None` for everybody.
    pub(crate) topic: Option<Arc<str>>,
    pub(crate) text: Utf8,
}

/// One socket, as others see it.
pub(crate) struct Seat {
    serial: u64,
    pub(crate) id: Box<str>,
    pub(crate) user_id: Arc<str>,
    letters: mpsc::Sender<Parcel>,
    /// Something changed: before anything else is said, ask whether they may still be here.
    doubted: AtomicBool,
    /// Whether what changes in organizations concerns it.
    organizational: AtomicBool,
    /// What it has to end with.
    ordered: AtomicU16,
    woken: Notify,
}

impl Seat {
    /// Waits until there is a doubt or an order. One that is there already counts.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }

    pub(crate) fn is_doubted(&self) -> bool {
        self.doubted.load(Ordering::Acquire)
    }

    /// Before it is asked again: what changes meanwhile is another doubt.
    pub(crate) fn take_doubt(&self) -> bool {
        self.doubted.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn doubt(&self) {
        self.doubted.store(true, Ordering::Release);
        self.woken.notify_one();
    }

    pub(crate) fn set_organizational(&self, is: bool) {
        self.organizational.store(is, Ordering::Release);
    }

    fn order(&self, end: End) {
        self.ordered.store(end.code, Ordering::Release);
        self.woken.notify_one();
    }

    pub(crate) fn ordered(&self) -> Option<End> {
        let known = [End::TOO_MANY, End::TOO_SLOW];
        let code = self.ordered.load(Ordering::Acquire);
        known.into_iter().find(|end| end.code == code)
    }

    fn send(&self, parcel: Parcel) {
        if matches!(self.letters.try_send(parcel), Err(mpsc::error::TrySendError::Full(_))) {
            self.order(End::TOO_SLOW);
        }
    }
}

#[derive(Default)]
struct Book {
    /// A user's sockets, oldest first.
    users: HashMap<Arc<str>, Vec<Arc<Seat>>>,
    /// Followers of shared topics, `name:id`. What is a user's own is told to all of their sockets.
    topics: HashMap<Arc<str>, HashMap<u64, Arc<Seat>>>,
    seats: u64,
    /// Seats that were ever taken.
    taken: u64,
}

/// All sockets of this node.
#[derive(Default)]
pub(crate) struct Desk {
    book: Mutex<Book>,
    /// Doubts that there ever were.
    doubts: AtomicU64,
}

/// Why there is no seat.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a seat among at most `most`.
    pub(crate) fn enter(
        self: &Arc<Self>,
        id: String,
        user_id: &str,
        queue: usize,
        most: u64,
    ) -> Result<(Place, mpsc::Receiver<Parcel>), Full> {
        let (letters, box_) = mpsc::channel(queue);
        let mut book = self.book();
        if book.seats >= most {
            return Err(Full);
        }
        book.seats += 1;
        book.taken += 1;
        let user_id = book.users.get_key_value(user_id).map_or_else(|| user_id.into(), |(id, _)| id.clone());
        let seat = Arc::new(Seat {
            serial: book.taken,
            id: id.into(),
            user_id: user_id.clone(),
            letters,
            doubted: AtomicBool::new(false),
            organizational: AtomicBool::new(false),
            ordered: AtomicU16::new(0),
            woken: Notify::new(),
        });
        book.users.entry(user_id).or_default().push(seat.clone());
        Ok((Place { desk: self.clone(), seat, topics: HashSet::new() }, box_))
    }

    /// Closes a socket that is one too many, wherever it stands.
    pub(crate) fn put_out(&self, user_id: &str, id: &str) {
        let book = self.book();
        let seats = book.users.get(user_id).into_iter().flatten();
        seats.filter(|seat| &*seat.id == id).for_each(|seat| seat.order(End::TOO_MANY));
    }

    /// The ids of a user's sockets here, oldest first.
    pub(crate) fn of_user(&self, user_id: &str) -> Vec<String> {
        let book = self.book();
        book.users.get(user_id).into_iter().flatten().map(|seat| seat.id.to_string()).collect()
    }

    /// A number that every doubt moves on: whoever was let in before one and takes the seat after it has to
    /// be asked about again.
    pub(crate) fn doubts(&self) -> u64 {
        self.doubts.load(Ordering::Acquire)
    }

    /// Puts a doubt on all whom a change concerns.
    pub(crate) fn doubt(&self, concern: &Concern) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
        let book = self.book();
        let all = || book.users.values().flatten();
        match concern {
            Concern::Nobody => {}
            Concern::User(id) => book.users.get(id.as_str()).into_iter().flatten().for_each(|s| s.doubt()),
            Concern::Organization(_) => {
                all()
                    .filter(|seat| seat.organizational.load(Ordering::Acquire))
                    .for_each(|seat| seat.doubt());
            }
            Concern::Anybody => all().for_each(|seat| seat.doubt()),
        }
    }

    /// Tells those who follow a shared topic.
    pub(crate) fn tell_followers(&self, topic: &str, text: &Utf8) {
        let book = self.book();
        let Some((topic, seats)) = book.topics.get_key_value(topic) else { return };
        for seat in seats.values() {
            seat.send(Parcel { topic: Some(topic.clone()), text: text.clone() });
        }
    }

    /// Tells a user's sockets; those that do not follow the topic pass over it.
    pub(crate) fn tell_user(&self, user_id: &str, topic: &str, text: &Utf8) {
        let book = self.book();
        let Some(seats) = book.users.get(user_id) else { return };
        let topic: Arc<str> = topic.into();
        for seat in seats {
            seat.send(Parcel { topic: Some(topic.clone()), text: text.clone() });
        }
    }

    /// Tells everybody.
    pub(crate) fn tell_all(&self, text: &Utf8) {
        let book = self.book();
        for seat in book.users.values().flatten() {
            seat.send(Parcel { topic: None, text: text.clone() });
        }
    }
}

/// A seat that is taken, until this is dropped.
pub(crate) struct Place {
    desk: Arc<Desk>,
    pub(crate) seat: Arc<Seat>,
    topics: HashSet<Arc<str>>,
}

impl Place {
    pub(crate) fn topics(&self) -> impl Iterator<Item = &Arc<str>> {
        self.topics.iter()
    }

    pub(crate) fn follows(&self, topic: &str) -> bool {
        self.topics.contains(topic)
    }

    pub(crate) fn follow(&mut self, topic: &str) {
        if self.follows(topic) {
            return;
        }
        if !topic.contains(':') {
            self.topics.insert(topic.into());
            return;
        }
        let mut book = self.desk.book();
        let topic: Arc<str> =
            book.topics.get_key_value(topic).map_or_else(|| topic.into(), |(topic, _)| topic.clone());
        book.topics.entry(topic.clone()).or_default().insert(self.seat.serial, self.seat.clone());
        self.topics.insert(topic);
    }

    pub(crate) fn unfollow(&mut self, topic: &str) -> bool {
        let known = self.topics.remove(topic);
        if known {
            self.desk.book().forget(topic, &self.seat);
        }
        known
    }
}

impl Book {
    fn forget(&mut self, topic: &str, seat: &Arc<Seat>) {
        if let Some(seats) = self.topics.get_mut(topic) {
            seats.remove(&seat.serial);
            if seats.is_empty() {
                self.topics.remove(topic);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.desk.book();
        book.seats = book.seats.saturating_sub(1);
        for topic in &self.topics {
            book.forget(topic, &self.seat);
        }
        if let Some(seats) = book.users.get_mut(&self.seat.user_id) {
            seats.retain(|known| !Arc::ptr_eq(known, &self.seat));
            if seats.is_empty() {
                book.users.remove(&self.seat.user_id);
            }
        }
    }
}
