//! A mail server for one test, on loopback.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Accepts,
    /// Takes the connection and says nothing.
    Hangs,
    /// Says nothing once it has the whole letter.
    HangsAtTheEnd,
    /// Refuses every receiver for good, and quotes the letter.
    Rejects,
    /// Refuses so many receivers for now, then accepts.
    Hesitates(usize),
    RefusesPassword,
    /// Closes the connection as it comes.
    Down,
    /// Greets, and closes the channel at the first command.
    Shuts,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    pub(crate) commands: Vec<String>,
    pub(crate) letters: Vec<String>,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    mood: Arc<Mutex<Mood>>,
}

impl Server {
    pub(crate) async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mood = Arc::new(Mutex::new(mood));
        let (log, moods) = (seen.clone(), mood.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                log.lock().unwrap().connections += 1;
                let mood = *moods.lock().unwrap();
                tokio::spawn(serve(stream, mood, log.clone()));
            }
        });
        Self { address, seen, mood }
    }

    /// For connections that come from now on.
    pub(crate) fn feels(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

async fn serve(stream: TcpStream, mood: Mood, seen: Arc<Mutex<Seen>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if matches!(mood, Mood::Down) {
        return Ok(());
    }
    if matches!(mood, Mood::Hangs) {
        std::future::pending::<()>().await;
    }
    stream.write_all(b"220 test\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        let receivers = {
            let mut seen = seen.lock().unwrap();
            seen.commands.push(command.clone());
            seen.commands.iter().filter(|command| command.starts_with("RCPT")).count()
        };
        let verb = command.split(' ').next().unwrap_or_default().to_uppercase();
        let answer = match (verb.as_str(), mood) {
            (_, Mood::Shuts) => "421 4.3.2 going down",
            ("EHLO", _) => "250-test\r\n250 AUTH PLAIN LOGIN",
            ("AUTH", Mood::RefusesPassword) => "535 5.7.8 no",
            ("AUTH", _) => "235 2.7.0 yes",
            ("RCPT", Mood::Rejects) => "550 5.1.1 refused: t0k3n",
            ("RCPT", Mood::Hesitates(times)) if receivers <= times => "451 4.3.0 later",
            ("DATA", _) => {
                stream.write_all(b"354 go\r\n").await?;
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut letter).await?;
                }
                seen.lock().unwrap().letters.push(letter);
                if matches!(mood, Mood::HangsAtTheEnd) {
                    std::future::pending::<()>().await;
                }
                "250 2.0.0 taken"
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}
