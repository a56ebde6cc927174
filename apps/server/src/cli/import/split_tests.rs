//! Tests of the splitter.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const LISTS: Lists = Lists { first: &["users"], then: &["accounts"] };

/// Records as `line:text`, and what is wrong as `line!`.
fn split(text: &str) -> Vec<String> {
    let pieces = Pieces::new(io::BufReader::with_capacity(3, text.as_bytes()), LISTS);
    let tell = |piece: io::Result<Piece>| match piece.unwrap() {
        (line, Ok(bytes)) => format!("{line}:{}", String::from_utf8_lossy(&bytes)),
        (line, Err(_)) => format!("{line}!"),
    };
    pieces.map(tell).collect()
}

#[test]
fn records_are_found_in_lines_lists_and_lists_of_an_object() {
    assert_eq!(split(""), [""; 0]);
    assert_eq!(
        split("\u{feff}{\"a\":1}\n{\"b\":[{}]}\n\n{\"c\":2}"),
        ["1:{\"a\":1}", "2:{\"b\":[{}]}", "4:{\"c\":2}"]
    );
    assert_eq!(
        split("[{\"a\":\"}]\\\"\"}, 7,\n\"x\",null]"),
        ["1:{\"a\":\"}]\\\"\"}", "1:7", "2:\"x\"", "2:null"]
    );
    assert_eq!(split("[\n  {\n    \"a\": 1\n  },\n  {}\n]\n"), ["2:{\n    \"a\": 1\n  }", "5:{}"]);
    let realm = "{\"realm\":\"r\",\"roles\":{\"users\":[1]},\n\"users\":[{\"a\":1},{\"b\":2}],\"x\":3,\n\"accounts\":[{\"c\":3}]}";
    assert_eq!(split(realm), ["2:{\"a\":1}", "2:{\"b\":2}", "3:{\"c\":3}"]);
    assert_eq!(split("{\"users\":[]}{\"users\":[1]}"), ["1:1"]);
    // Accounts inside of a user are no list of records.
    assert_eq!(split("{\"id\":1, \"accounts\": [{}] }"), ["1:{\"id\":1, \"accounts\": [{}] }"]);
}

#[test]
fn a_broken_record_costs_itself() {
    let good = "{\"a\":1}";
    for bad in
        ["{\"b\":", "{\"b\":\"", "{\"b\":[1", "{\"b\"}", "{b}", "nonsense", "{\"b\":1} x", "{\"b\":{\"c\":1"]
    {
        let told = split(&format!("{good}\n{bad}\n{good}\n"));
        assert_eq!(
            (told.first().unwrap().as_str(), told.last().unwrap().as_str()),
            ("1:{\"a\":1}", "3:{\"a\":1}")
        );
        assert!(told.contains(&"2!".to_owned()), "{bad}: {told:?}");
        let told = split(&format!("[\n{good},\n{bad},\n{good}\n]"));
        assert_eq!(told.first().unwrap(), "2:{\"a\":1}", "{bad}");
        assert_eq!(told.last().unwrap(), "4:{\"a\":1}", "{bad}");
    }
    assert_eq!(split("[}\n]"), ["1!"]);
    assert_eq!(split("[\n}\n{}]"), ["2!", "3:{}"]);
}

#[test]
fn what_ends_too_early_is_told() {
    for text in ["[", "[{}", "{", "{\"users\":[{\"a\":1}", "{\"users\":[{\"a\":1}]", "{\"a\":\"", "{\"a\":{"]
    {
        assert!(split(text).last().unwrap().ends_with('!'), "{text}");
    }
}

#[test]
fn accounts_before_their_users_are_no_silent_loss() {
    assert_eq!(split("{\"accounts\":[{\"a\":1}],\"users\":[{\"b\":1}]}"), ["1!"]);
}

#[test]
fn a_record_that_is_too_large_is_left_out_and_not_held() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(3 * MAX_RECORD));
    assert_eq!(split(&format!("{large}\n{{}}")), ["1!", "2:{}"]);
    assert_eq!(split(&format!("[{large},{{}}]")), ["1!", "1:{}"]);
    // What is beside the records may be as large as it likes.
    assert_eq!(split(&format!("{{\"realm\":{large},\"users\":[{{}}]}}")), ["1:{}"]);
}

proptest! {
    #[test]
    fn every_text_comes_to_an_end(text in "[{}\\[\\]\",:a\\\\\n 1]{0,60}", any in "\\PC{0,60}") {
        let most = text.len() + any.len() + 2;
        prop_assert!(split(&text).len() <= most);
        prop_assert!(split(&any).len() <= most);
    }

    #[test]
    fn records_come_out_as_they_went_in(names in prop::collection::vec("\\PC{0,20}", 1..8)) {
        let records: Vec<_> = names.iter().map(|name| serde_json::json!({ "name": name }).to_string()).collect();
        for file in [records.join("\n"), format!("[{}]", records.join(",")), format!("{{\"users\":[{}]}}", records.join(" , "))] {
            let found: Vec<_> = split(&file).iter().map(|piece| piece.split_once(':').unwrap().1.to_owned()).collect();
            prop_assert_eq!(&found, &records);
        }
    }
}
