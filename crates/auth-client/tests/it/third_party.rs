//! A client of somebody else's plugin: written from its document, compiled, and called.

#[path = "../guest_book/client.rs"]
#[rustfmt::skip]
#[allow(unreachable_pub, dead_code, reason = "a crate of its own would be public")]
mod guest_client;
#[path = "../guest_book/plugin.rs"]
mod plugin;

use auth_codegen::Options;
use auth_testkit::auth_host;
use guest_client::{
    GuestBookLineCode, GuestBookLinesQuery, GuestBookMark, GuestBookMood, GuestBookSign, SignGuestBookCode,
};

use crate::{browser, serve, sign_up};

/// `UPDATE_CLIENTS=1` writes it anew.
#[test]
fn the_client_is_what_the_document_gives() {
    let document = auth_host::document(&plugin::app().plan().ok().unwrap());
    let options = Options { groups: vec!["guest-book".to_owned()], ..Options::default() };
    let text = auth_codegen::rust(&document, &options).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guest_book/client.rs");
    if std::env::var_os("UPDATE_CLIENTS").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), text, "run with UPDATE_CLIENTS=1");
}

#[tokio::test]
async fn it_shares_the_connection_of_ours() {
    let server = serve(plugin::app()).await;
    let ours = browser(&server);
    let guests = guest_client::Client::new(ours.connection().clone());
    let line = GuestBookSign { text: "First".to_owned(), ..GuestBookSign::default() };
    let error = guests.guest_book().sign(&line).await.unwrap_err();
    assert_eq!(error.code(), Some(&SignGuestBookCode::Unauthorized));
    sign_up(&ours, "ada").await;
    let signed = guests.guest_book().sign(&line).await.unwrap();
    assert_eq!((signed.signed_by.as_str(), signed.mood), ("ada", None));
    let empty = GuestBookSign::default();
    let error = guests.guest_book().sign(&empty).await.unwrap_err();
    assert_eq!(error.code(), Some(&SignGuestBookCode::LineIsEmpty));
}

#[tokio::test]
async fn absent_null_and_a_value_are_three_things() {
    let server = serve(plugin::app()).await;
    let ours = browser(&server);
    sign_up(&ours, "ada").await;
    let guests = guest_client::Client::new(ours.connection().clone());
    let sign = async |picture: Option<Option<&str>>| {
        let line = GuestBookSign {
            text: "x".to_owned(),
            picture: picture.map(|picture| picture.map(str::to_owned)),
            ..GuestBookSign::default()
        };
        guests.guest_book().sign(&line).await.unwrap().marks
    };
    let absent = sign(None).await;
    assert!(matches!(absent.as_slice(), [GuestBookMark::Stamp(stamp)] if stamp.color == "red"));
    assert!(sign(Some(None)).await.is_empty());
    let given = sign(Some(Some("p.png"))).await;
    assert!(matches!(given.as_slice(), [GuestBookMark::Picture(p)] if p.address == "p.png"));
}

#[tokio::test]
async fn queries_and_parts_of_paths_arrive() {
    let server = serve(plugin::app()).await;
    let ours = browser(&server);
    sign_up(&ours, "ada").await;
    let guests = guest_client::Client::new(ours.connection().clone());
    for (text, mood) in [("a", GuestBookMood::Glad), ("b", GuestBookMood::SoSo), ("c", GuestBookMood::SoSo)] {
        let line = GuestBookSign { text: text.to_owned(), mood: Some(mood), ..GuestBookSign::default() };
        guests.guest_book().sign(&line).await.unwrap();
    }
    let texts = async |query: GuestBookLinesQuery| {
        let lines = guests.guest_book().lines(&query).await.unwrap().lines;
        lines.into_iter().map(|line| line.text).collect::<String>()
    };
    assert_eq!(texts(GuestBookLinesQuery::default()).await, "abc");
    let so_so = Some(GuestBookMood::SoSo);
    assert_eq!(texts(GuestBookLinesQuery { mood: so_so, ..Default::default() }).await, "bc");
    assert_eq!(texts(GuestBookLinesQuery { newest: true, limit: Some(1), ..Default::default() }).await, "c");
    assert_eq!(guests.guest_book().guest_book_line("2").await.unwrap().text, "b");
    let error = guests.guest_book().guest_book_line("nine/9").await.unwrap_err();
    assert_eq!(error.code(), Some(&GuestBookLineCode::NoSuchLine));
}
