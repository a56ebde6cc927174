//! The console transport: readable letters on standard output, for development.
//!
//! Not through the log: letters carry secrets, and logs are kept and shipped.

use std::io::{self, Write};

use crate::templates::Letter;

pub(crate) fn print(kind: &str, to: &str, letter: &Letter) -> io::Result<()> {
    io::stdout().lock().write_all(block(kind, to, letter).as_bytes())
}

fn block(kind: &str, to: &str, letter: &Letter) -> String {
    let title = format!("---- {kind} ");
    let Letter { subject, text, .. } = letter;
    format!("\n{title:-<78}\nTo:      {to}\nSubject: {subject}\n\n{text}{:-<78}\n\n", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_framed() {
        let letter = Letter { subject: "Hi".into(), text: "Open\nhttps://a.example\n".into(), html: None };
        let expected = "\n---- verify-email ------------------------------------------------------------\n\
            To:      ada@example.com\nSubject: Hi\n\nOpen\nhttps://a.example\n\
            ------------------------------------------------------------------------------\n\n";
        assert_eq!(block("verify-email", "ada@example.com", &letter), expected);
    }
}
