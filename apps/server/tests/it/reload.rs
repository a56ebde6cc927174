//! Rate rules that change while the server runs.

use std::time::{Duration, Instant};

use crate::support::{Folder, Server};

fn status(server: &Server) -> String {
    server.send("GET /api/auth/made-up", "").split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Waits until requests are answered so.
fn until(server: &Server, wanted: &str) {
    let begun = Instant::now();
    while status(server) != wanted {
        assert!(begun.elapsed() < Duration::from_secs(20), "no {wanted}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn rules_change_on_a_signal_and_with_the_file_and_wrong_ones_do_not() {
    let folder = Folder::new();
    folder.write("tessera.toml", "[rate_limit]\nmax = 2\n");
    let server = folder.serve(&[]);
    assert_eq!([(); 3].map(|()| status(&server)), ["404", "404", "429"]);
    folder.write("tessera.toml", "[rate_limit]\nmax = 100000\n");
    server.signal("HUP");
    until(&server, "404");
    // The whole file has to be right.
    for wrong in
        ["[rate_limit]\nmax = 1\nwindow = 0\n", "[rate_limit]\nmax = 1\n[mail]\ntransprot = 1\n", "[rate_lim"]
    {
        let refused = || server.told().matches("the rate limits stay as they are").count();
        let before = refused();
        folder.write("tessera.toml", wrong);
        server.signal("HUP");
        let begun = Instant::now();
        while refused() == before {
            assert!(begun.elapsed() < Duration::from_secs(20), "nothing is said of {wrong}");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(status(&server), "404");
    }
    // Nobody has to be told that the file has changed.
    folder.write("tessera.toml", "[rate_limit]\nmax = 1\n");
    until(&server, "429");
    server.signal("TERM");
    let (code, _, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(
        log.contains("the rate limits stay as they are, because the configuration has 1 problem"),
        "{log}"
    );
    assert!(log.contains("tessera.toml: mail.transprot"), "{log}");
}
