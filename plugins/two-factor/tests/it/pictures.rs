//! QR codes, read by somebody else's decoder.

use auth_testkit::{Actor, TestApp, json};

use crate::support::{PASSWORD, app, enrolled, set_up, signed_up};

/// Reads a picture whose pixels are light (255) or dark (0).
fn decode(side: usize, pixel: impl Fn(usize, usize) -> u8) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code in the picture");
    grids[0].decode().unwrap().1
}

async fn png(actor: &mut Actor) -> String {
    let answer =
        actor.post("/two-factor/qr", json!({ "password": PASSWORD, "format": "png" })).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut reader = png::Decoder::new(std::io::Cursor::new(answer.bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.bit_depth, info.width), (png::BitDepth::One, info.height));
    let line = info.line_size;
    decode(info.width as usize, |x, y| if pixels[y * line + x / 8] >> (7 - x % 8) & 1 == 1 { 255 } else { 0 })
}

async fn svg(actor: &mut Actor) -> String {
    let answer = actor.post("/two-factor/qr", json!({ "password": PASSWORD })).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // The picture is one path of squares: `M<x> <y>h<width>v<height>…`.
    let text = answer.text;
    let side: usize = text.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    let path = text.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut pixels = vec![255; side * side];
    for part in path.split('M').filter(|part| !part.trim().is_empty()) {
        let numbers: Vec<usize> = part
            .split(|c: char| !c.is_ascii_digit())
            .filter(|number| !number.is_empty())
            .map(|number| number.parse().unwrap())
            .collect();
        let [x, y, width, height] = numbers[..4] else { panic!("{part}") };
        for row in y..y + height {
            pixels[row * side + x..row * side + x + width].fill(0);
        }
    }
    decode(side, |x, y| pixels[y * side + x])
}

async fn uri(actor: &mut Actor) -> String {
    let answer = actor.post("/two-factor/get-totp-uri", json!({ "password": PASSWORD })).await.expect(200);
    answer.body["totpURI"].as_str().unwrap().to_owned()
}

async fn check(app: &TestApp, actor: &mut Actor, expected: &str) {
    assert_eq!(uri(actor).await, expected);
    assert_eq!(png(actor).await, expected);
    assert_eq!(svg(actor).await, expected);
    assert!(expected.contains(&app.core().settings().app_name.replace(' ', "+")));
}

#[tokio::test]
async fn the_picture_is_the_address() {
    let app = app().set("app_name", "Ünï & Co").start().await;
    let mut ada = signed_up(&app, "ada").await;
    ada.post("/two-factor/qr", json!({ "password": PASSWORD })).await.refused(400, "TOTP_NOT_ENABLED");
    let (expected, _) = set_up(&mut ada).await;
    assert_eq!((uri(&mut ada).await, png(&mut ada).await, svg(&mut ada).await), {
        (expected.clone(), expected.clone(), expected.clone())
    });
    assert!(expected.starts_with("otpauth://totp/%C3%9Cn%C3%AF%20%26%20Co:ada%40example.com?secret="));
    assert!(expected.ends_with("&issuer=%C3%9Cn%C3%AF+%26+Co&digits=6&period=30"));
}

#[tokio::test]
async fn a_confirmed_app_can_be_shown_again() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    check(&app, &mut ada.actor, &ada.uri).await;
}

#[tokio::test]
async fn the_issuer_of_the_request_is_in_the_picture() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let body = json!({ "password": PASSWORD, "issuer": "My App" });
    let answer = ada.post("/two-factor/enable", body.clone()).await.expect(200);
    let expected = answer.body["totpURI"].as_str().unwrap();
    assert!(expected.contains("/My%20App:ada") && expected.contains("issuer=My+App"));
    let svg = ada.post("/two-factor/qr", body).await.expect(200).text;
    let plain = ada.post("/two-factor/qr", json!({ "password": PASSWORD })).await.expect(200).text;
    assert_ne!(svg, plain);
    let long = json!({ "password": PASSWORD, "issuer": "x".repeat(201) });
    ada.post("/two-factor/qr", long).await.refused(400, "VALIDATION_ERROR");
    let odd = json!({ "password": PASSWORD, "format": "gif" });
    ada.post("/two-factor/qr", odd).await.refused(400, "VALIDATION_ERROR");
}
