//! What other people typed, made fit for a letter.

use minijinja::Value;
use serde_json::Value as Json;

/// Longest name that a letter greets with.
const NAME: usize = 64;

/// One line without control characters and without marks that turn the direction of the text
/// around them. What remains is data; escaping it for HTML is the template's part.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect::<String>()
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A name to greet with; empty when it is made to be clicked on. Anybody may sign up with
/// somebody else's address, and mail programs turn such names into links.
pub(crate) fn name(text: &str) -> String {
    let name = line(text);
    let lower = name.to_lowercase();
    if lower.contains("://") || lower.contains("www.") {
        return String::new();
    }
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default().trim_end()),
        None => name,
    }
}

/// A letter's data for the templates: every text in it is one clean line.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(real)) => Value::from(real),
            (None, None) => Value::from(number.to_string()),
        },
        Json::String(text) => Value::from(line(text)),
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(members) => {
            Value::from_pairs(members.iter().map(|(key, member)| (key.clone(), value(member))))
        }
    }
}

/// Only addresses of web pages become links.
pub(crate) fn url(text: &str) -> Option<String> {
    let text = line(text);
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_without_marks() {
        let cases = [
            ("Ada", "Ada"),
            ("  Ada \t Lovelace ", "Ada Lovelace"),
            ("Ada\r\nBcc: eve@example.com", "Ada Bcc: eve@example.com"),
            ("Ada\u{1b}[31m\u{0}\u{7f}", "Ada[31m"),
            ("\u{202e}adA\u{2066}\u{feff}", "adA"),
            ("שלום \u{200f}عليكم", "שלום \u{200f}عليكم"),
            ("{{7*7}} ${7*7}", "{{7*7}} ${7*7}"),
            ("<b>Ada</b>", "<b>Ada</b>"),
            ("win at https://evil.example", ""),
            ("WWW.evil.example", ""),
            ("\u{202e}\n", ""),
        ];
        for (raw, clean) in cases {
            assert_eq!(name(raw), clean, "{raw:?}");
        }
        assert_eq!(name(&"é".repeat(400)), format!("{}…", "é".repeat(64)));
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(url("HTTPS://a.example/x").as_deref(), Some("HTTPS://a.example/x"));
        for bad in ["javascript:alert(1)//://", "data:text/html,://", "/path", "", " javascript://x"] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }
}
