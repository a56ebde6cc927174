#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::*;
use proptest::prelude::*;

const BASE: &str = "http://127.0.0.1:4000";

fn trusting(patterns: &[&str]) -> TrustedOrigins {
    let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
    TrustedOrigins::new(&Url::parse(&format!("{BASE}/api/auth")).unwrap(), &patterns).unwrap()
}

fn refused(patterns: &[&str]) -> Vec<String> {
    let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
    TrustedOrigins::new(&Url::parse(BASE).unwrap(), &patterns).unwrap_err()
}

#[test]
fn patterns_and_urls() {
    for (url, pattern, expected) in [
        ("https://a.b.example.com", "https://*.example.com", true),
        ("https://example.com", "https://*.example.com", false),
        ("https://a.example.com:3000", "https://*.example.com", false),
        ("https://a.example.com:3000", "*.example.com", false),
        ("https://a.example.com:3000", "*.example.com:*", true),
        ("https://a.example.com:443", "*.example.com", true),
        ("http://a.example.com", "*.example.com", true),
        ("http://192.168.evil.com", "http://192.168.*", false),
        ("http://192.168.1.1", "http://192.168.*", true),
        ("http://192.168.1.1:8080", "192.168.*:*", true),
        ("http://1.2.3.4.nip.io", "1.2.*", false),
        ("myapp://cb/x", "myapp://", true),
        ("myapp:x", "myapp:", true),
        ("myapp://evil", "myapp://cb", false),
        ("myapp://cb", "myapp://cb", true),
        ("myapp://cb/x/y", "myapp://cb/x", true),
        ("myapp://cb/xy", "myapp://cb/x", false),
        ("myapp://cb/x/../y", "myapp://cb/x", false),
        ("myapp://cb/x/%2e%2e/y", "myapp://cb/x", false),
        ("myapp://cb/x/%2e%2e%2fy", "myapp://cb/x", false),
        ("myapp://cb/x/..%5cy", "myapp://cb/x", false),
        ("myapp://u@cb/x", "myapp://cb", false),
        ("myapp://u@cb", "myapp://*", false),
        ("myapp://cb:80", "myapp://cb", false),
        ("myapp://other/cb", "myapp:/cb", false),
        ("myapp:/cb/x", "myapp:/cb", true),
        ("myapp:///cb", "myapp:///cb", true),
        ("myapp:cb", "myapp:/cb", false),
        ("myapp:cb", "myapp://*", false),
        ("myapp2://cb", "myapp://", false),
        ("exp://192.168.1.2:8081/--/x", "exp://*", true),
        ("exp://192.168.1.2:8081/--/x", "exp://192.168.*.*:*/**", true),
        ("exp://192.168.evil.com:8081/--/x", "exp://192.168.*.*:*/**", false),
        ("myapp://a/b/c", "myapp://a/*", false),
        ("myapp://a/b/c", "myapp://a/**/c", true),
        ("https://api-1.example.com", "https://api-?.example.com", true),
        ("https://api-12.example.com", "https://api-?.example.com", false),
        ("http://localhost:3000", "http://localhost:*", true),
        ("http://[::1]:3000", "http://[::1]:*", true),
        ("https://sub.x.org", "*", true),
        ("javascript://a.example.com", "*.example.com", false),
        ("blob:https://a.example.com/x", "https://*.example.com", false),
    ] {
        let found = trusting(&[pattern]).allows_origin(url);
        assert_eq!(found, expected, "{url} against {pattern}");
        assert_eq!(trusting(&[pattern]).allows_target(url), expected, "{url}");
    }
}

#[test]
fn entries_that_cannot_match_are_reported() {
    let bad = [
        "https://example.com/",
        "https://EXAMPLE.com",
        "https://example.com:443",
        "https://u@example.com",
        "https://*.example.com/**",
        "https://*.EXAMPLE.com",
        "https://*@example.com",
        "example.com",
        "localhost:3000",
        "javascript:",
        "data://*",
        "https:",
        "",
        "https://ex ample.com",
        "https://аpp.example.com",
    ];
    assert_eq!(refused(&bad).len(), bad.len());
    let mixed = refused(&["https://fine.example", "example.com"]);
    assert_eq!(mixed.len(), 1);
    assert!(mixed[0].starts_with("`example.com`: "), "{mixed:?}");
}

#[test]
fn look_alike_origins_are_refused() {
    let exact = trusting(&["https://app.example.com"]);
    let wild = trusting(&["https://*.example.com"]);
    assert!(exact.allows_origin("https://app.example.com"));
    assert!(exact.allows_origin("https://app.example.com/page?x=1"));
    for origin in [
        "https://app.example.com.evil.com",
        "https://app.example.com@evil.com",
        "https://app.example.com:x@evil.com",
        "https://app.example.com:444",
        "http://app.example.com",
        "https://evil.com?.example.com",
        "malicious.com?.example.com",
        "https://evil.com/.example.com",
        "https://evil.com#.example.com",
        "https://evil.com\\.example.com",
        "https://evil.com\u{ff0f}.example.com",
        "https://evil.com%2f.example.com",
        "https://badexample.com",
        "badexample.com",
        "https://app.example.com.",
        "null",
        "",
        "garbage",
        "app.example.com",
        "/",
        "//app.example.com",
        "https://app.example.com\n",
    ] {
        assert!(!exact.allows_origin(origin), "{origin:?}");
        assert!(!wild.allows_origin(origin), "{origin:?}");
    }
    assert!(!trusting(&["*.example.com"]).allows_origin("https://badexample.com"));
}

// Host names are compared after their mapping to ASCII, in both directions.
#[test]
fn unicode_hosts() {
    let exact = trusting(&["https://app.example.com"]);
    assert!(exact.allows_target("https://app\u{3002}example\u{3002}com/x"));
    assert!(!exact.allows_target("https://\u{430}pp.example.com/"));
    assert!(!exact.allows_target("https://xn--pp-6kc.example.com/"));
    assert!(!exact.allows_target("https://app.example.com\u{ff0f}@evil.com"));
}

#[test]
fn relative_targets() {
    let origins = trusting(&[]);
    for target in [
        "/",
        "/ok/then",
        "/a?b=c#d",
        "/a%20b",
        "/a b",
        "/é",
        "/@x",
        "/a:b",
        "/a//b",
        "/a?x=%2f",
        "/a#%2f",
        "/a?//x",
        "/?",
        "/a%00b",
        "/%",
        "/a?b?c#d#e",
        "/a?x=%0d%0a",
        "/a/../b",
    ] {
        assert!(origins.allows_target(target), "{target:?}");
        assert!(!origins.allows_origin(target), "{target:?}");
    }
    for target in [
        "",
        " ",
        "relative",
        "?a=b",
        "#x",
        "//",
        "//evil.com",
        "///evil.com",
        "/\\evil.com",
        "\\\\evil.com",
        "\\/\\/evil",
        "/%2fevil",
        "/%2F%2Fevil",
        "/%5Cevil",
        "/a/%2fb",
        "/\t/evil",
        "/%09/evil.com",
        "/ /evil",
        "/%20/evil",
        "/%0d%0a/evil",
        "/a\n",
        "/a\r\nSet-Cookie: x",
        "/a\u{7f}",
        "/a\u{85}",
        "/a?x=\\",
        "/..//evil.com",
        "/.//evil.com",
        "/%2e%2e//evil.com",
        "/a/..//evil.com",
        "/a/%2e%2e/ /evil",
    ] {
        assert!(!origins.allows_target(target), "{target:?}");
    }
}

#[test]
fn absolute_targets() {
    let origins = trusting(&[]);
    for target in [
        BASE,
        "http://127.0.0.1:4000/path?x#y",
        "HTTP://127.0.0.1:4000",
        "http://u@127.0.0.1:4000/",
        "http://2130706433:4000/",
    ] {
        assert!(origins.allows_target(target), "{target:?}");
    }
    for target in [
        "http://127.0.0.1:4000.evil.example",
        "http://127.0.0.1:4000@evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1/",
        "https://127.0.0.1",
        "https://127.0.0.1:4000",
        "HTTP://127.0.0.1/",
        "http://localhost:4000/",
        "http://127.0.0.1:4000\n/",
        "ftp://127.0.0.1:4000/",
        "ws://127.0.0.1:4000/",
        "blob:http://127.0.0.1:4000/x",
        "data:text/html,x",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "vbscript:x",
        "myapp://callback",
        "127.0.0.1:4000/x",
        "*",
    ] {
        assert!(!origins.allows_target(target), "{target:?}");
    }
    assert_eq!(origins.base_origin(), BASE);
}

#[test]
fn parameters_are_appended() {
    let error = [("error", "INVALID_TOKEN")];
    for (target, expected) in [
        ("/", "/?error=INVALID_TOKEN"),
        ("/a?", "/a?error=INVALID_TOKEN"),
        ("/a?b=c#d", "/a?b=c&error=INVALID_TOKEN#d"),
        ("/a?x=1&", "/a?x=1&error=INVALID_TOKEN"),
        ("/a#d", "/a?error=INVALID_TOKEN#d"),
        ("/a b?c d#e f", "/a%20b?c%20d&error=INVALID_TOKEN#e%20f"),
        ("/é?é=é", "/%C3%A9?%C3%A9=%C3%A9&error=INVALID_TOKEN"),
        ("/a?x=%20+%zz", "/a?x=%20+%zz&error=INVALID_TOKEN"),
        ("http://h.example", "http://h.example/?error=INVALID_TOKEN"),
        ("http://h.example/p?x=1#f", "http://h.example/p?x=1&error=INVALID_TOKEN#f"),
        ("myapp://cb", "myapp://cb?error=INVALID_TOKEN"),
        ("/..//evil.com", "/evil.com?error=INVALID_TOKEN"),
    ] {
        assert_eq!(append_query(target, &error), expected, "{target}");
    }
    let pairs = [("error", "a&b=c#d"), ("text", "one two\r\né")];
    assert_eq!(append_query("/x", &pairs), "/x?error=a%26b%3Dc%23d&text=one%20two%0D%0A%C3%A9");
    assert_eq!(append_query("/x?y#z", &[]), "/x?y#z");
}

#[test]
fn locations_fit_into_a_header() {
    assert_eq!(location("/a b?x=1#f"), "/a b?x=1#f");
    assert_eq!(location("/é\r\nx"), "/%C3%A9%0D%0Ax");
    let origins = trusting(&[]);
    assert_eq!(origins.resolve("/a?b#c"), "http://127.0.0.1:4000/a?b#c");
    assert_eq!(origins.resolve("myapp://cb"), "myapp://cb");
}

proptest! {
    // Whatever relative target is accepted leads a browser to this origin, parameters included.
    #[test]
    fn accepted_paths_stay_here(target in "/([/\\\\.%@:?# \t\n]|%2e|%2f|evil\\.com|é){0,10}") {
        let origins = trusting(&[]);
        if origins.allows_target(&target) {
            let base = Url::parse(BASE).unwrap();
            let sent = append_query(&target, &[("error", "X\r\n")]);
            for text in [target.as_str(), sent.as_str()] {
                let reached = base.join(text).unwrap();
                prop_assert_eq!(reached.origin(), base.origin());
                prop_assert!(!reached.path().starts_with("//"));
            }
            prop_assert!(sent.bytes().all(|b| b.is_ascii_graphic()));
        }
    }

    #[test]
    fn nothing_panics(pattern in "\\PC{0,20}", url in "\\PC{0,30}") {
        let base = Url::parse(BASE).unwrap();
        if let Ok(origins) = TrustedOrigins::new(&base, &[pattern]) {
            origins.allows_origin(&url);
            origins.allows_target(&url);
        }
        append_query(&url, &[("a", &url)]);
    }
}
