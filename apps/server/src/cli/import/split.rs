//! Cuts a file of JSON into its records without holding it: one object a line, one list of objects, or
//! one object with lists of them in it. A record that is no JSON costs itself and no other.

use std::io::{self, BufRead};

/// A record in bytes is no longer than this.
pub(super) const MAX_RECORD: usize = 1 << 20;

/// Where records are in an object that holds lists of them.
#[derive(Clone, Copy)]
pub(super) struct Lists {
    /// A list of this name makes an object more than a record.
    pub(super) first: &'static [&'static str],
    /// Lists that have to come after it.
    pub(super) then: &'static [&'static str],
}

/// A record and the line where it begins.
pub(super) type Piece = (u64, Result<Vec<u8>, String>);

pub(super) struct Pieces<R> {
    input: R,
    lists: Lists,
    line: u64,
    /// Nothing of the line was read yet.
    fresh: bool,
    mode: Mode,
}

enum Mode {
    /// Between the objects of the file.
    Top,
    /// In a list; `true`: which is in an object.
    List(bool),
    /// In an object whose lists are the records.
    Holder,
    End,
}

/// What is kept of a record while it is read.
struct Sink {
    bytes: Vec<u8>,
    kept: bool,
}

/// Why a record ended too early.
enum Cut {
    Broken,
    /// Lists of an object in the wrong order.
    Early,
    Ended,
    Io(io::Error),
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Sink {
    fn new(kept: bool) -> Self {
        Self { bytes: Vec::new(), kept }
    }

    fn push(&mut self, byte: u8) {
        // One more than there may be tells that there were more.
        if self.kept && self.bytes.len() <= MAX_RECORD {
            self.bytes.push(byte);
        }
    }

    fn finish(self) -> Result<Vec<u8>, String> {
        if self.bytes.len() > MAX_RECORD {
            return Err(format!("is larger than {MAX_RECORD} bytes"));
        }
        Ok(self.bytes)
    }
}

impl<R: BufRead> Pieces<R> {
    pub(super) fn new(input: R, lists: Lists) -> Self {
        Self { input, lists, line: 1, fresh: true, mode: Mode::Top }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    fn bump(&mut self, byte: u8) {
        self.input.consume(1);
        self.fresh = byte == b'\n';
        self.line += u64::from(self.fresh);
    }

    /// The next byte that `skipped` does not name, which stays where it is.
    fn skip(&mut self, sink: &mut Sink, skipped: &[u8]) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !skipped.contains(&byte) {
                return Ok(Some(byte));
            }
            self.bump(byte);
            sink.push(byte);
        }
        Ok(None)
    }

    /// Reads a value to its end. What begins a line with a brace begins another record: nobody prints
    /// what is inside of one so.
    fn value(&mut self, sink: &mut Sink) -> Result<(), Cut> {
        let (mut depth, mut text, mut escaped, mut begun) = (0_usize, false, false, false);
        loop {
            let Some(byte) = self.peek()? else {
                return if begun && depth == 0 && !text { Ok(()) } else { Err(Cut::Ended) };
            };
            if begun && self.fresh && byte == b'{' {
                return Err(Cut::Broken);
            }
            if text {
                // A line's end is written as \n in a text.
                if byte == b'\n' {
                    return Err(Cut::Broken);
                }
                text = byte != b'"' || escaped;
                escaped = byte == b'\\' && !escaped;
                self.bump(byte);
                sink.push(byte);
                if !text && depth == 0 {
                    return Ok(());
                }
                continue;
            }
            let closes = matches!(byte, b'}' | b']');
            if begun && depth == 0 && (closes || matches!(byte, b',' | b':') || byte.is_ascii_whitespace()) {
                return Ok(());
            }
            if closes && depth == 0 {
                return Err(Cut::Broken);
            }
            begun = true;
            self.bump(byte);
            sink.push(byte);
            match byte {
                b'"' => text = true,
                b'{' | b'[' => depth += 1,
                _ if closes => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads an object of the file, up to a list of records in it or to its end. `true`: in a list.
    fn object(&mut self, sink: &mut Sink) -> Result<bool, Cut> {
        let mut early = false;
        loop {
            let begin = self.skip(sink, b" \t\r\n,")?.ok_or(Cut::Ended)?;
            if begin == b'}' {
                self.bump(begin);
                sink.push(begin);
                return Ok(false);
            }
            if begin != b'"' {
                return Err(Cut::Broken);
            }
            let mut name = Sink::new(true);
            self.value(&mut name)?;
            name.bytes.iter().for_each(|byte| sink.push(*byte));
            if self.skip(sink, b" \t\r\n")?.ok_or(Cut::Ended)? != b':' {
                return Err(Cut::Broken);
            }
            self.bump(b':');
            sink.push(b':');
            let begin = self.skip(sink, b" \t\r\n")?.ok_or(Cut::Ended)?;
            if self.fresh && begin == b'{' {
                return Err(Cut::Broken);
            }
            let is = |names: &[&str]| names.iter().any(|own| format!("\"{own}\"").as_bytes() == name.bytes);
            if begin == b'[' && (is(self.lists.first) || (!sink.kept && is(self.lists.then))) {
                // Users whose accounts came first would lose them.
                if early {
                    return Err(Cut::Early);
                }
                self.bump(begin);
                return Ok(true);
            }
            early |= begin == b'[' && is(self.lists.then);
            self.value(sink)?;
        }
    }

    /// After a record that broke off: to the next line.
    fn resume(&mut self) -> io::Result<()> {
        while !self.fresh {
            let Some(byte) = self.peek()? else { return Ok(()) };
            self.bump(byte);
        }
        Ok(())
    }

    /// To the next line that begins as a file of records does.
    fn resume_at_record(&mut self) -> io::Result<()> {
        while let Some(byte) = self.peek()? {
            if self.fresh && matches!(byte, b'{' | b'[') {
                break;
            }
            self.bump(byte);
        }
        Ok(())
    }

    /// To the next line of a list that may begin a record.
    fn resume_in_list(&mut self) -> io::Result<()> {
        self.resume()?;
        while let Some(byte) = self.skip(&mut Sink::new(false), b" \t")? {
            if matches!(byte, b'{' | b']') {
                break;
            }
            self.bump(byte);
            self.resume()?;
        }
        Ok(())
    }

    fn cut(&mut self, line: u64, cut: Cut) -> io::Result<Piece> {
        let why = match cut {
            Cut::Io(error) => return Err(error),
            Cut::Broken => {
                if matches!(self.mode, Mode::List(_)) {
                    self.resume_in_list()?;
                } else {
                    self.mode = Mode::Top;
                    self.resume_at_record()?;
                }
                "is no JSON".to_owned()
            }
            Cut::Early => {
                self.mode = Mode::End;
                "the list of accounts has to stand behind the list of users".to_owned()
            }
            Cut::Ended => {
                self.mode = Mode::End;
                format!("the file ends in the middle of it, in line {}", self.line)
            }
        };
        Ok((line, Err(why)))
    }

    fn step(&mut self) -> io::Result<Option<Piece>> {
        let mut nothing = Sink::new(false);
        loop {
            match self.mode {
                Mode::End => return Ok(None),
                Mode::Top => {
                    // A byte order mark, too.
                    let Some(byte) = self.skip(&mut nothing, b" \t\r\n\xef\xbb\xbf")? else {
                        return Ok(None);
                    };
                    let line = self.line;
                    match byte {
                        b'[' => {
                            self.bump(byte);
                            self.mode = Mode::List(false);
                        }
                        b'{' => {
                            let mut sink = Sink::new(true);
                            self.bump(byte);
                            sink.push(byte);
                            match self.object(&mut sink) {
                                Ok(true) => self.mode = Mode::List(true),
                                Ok(false) => return Ok(Some((line, sink.finish()))),
                                Err(cut) => return self.cut(line, cut).map(Some),
                            }
                        }
                        _ => return self.cut(line, Cut::Broken).map(Some),
                    }
                }
                Mode::Holder => {
                    let line = self.line;
                    match self.object(&mut nothing) {
                        Ok(true) => self.mode = Mode::List(true),
                        Ok(false) => self.mode = Mode::Top,
                        Err(cut) => return self.cut(line, cut).map(Some),
                    }
                }
                Mode::List(held) => {
                    let next = self.skip(&mut nothing, b" \t\r\n,")?;
                    let line = self.line;
                    match next {
                        None => return self.cut(line, Cut::Ended).map(Some),
                        Some(b']') => {
                            self.bump(b']');
                            self.mode = if held { Mode::Holder } else { Mode::Top };
                        }
                        Some(b'}') => {
                            self.bump(b'}');
                            return self.cut(line, Cut::Broken).map(Some);
                        }
                        Some(_) => {
                            let mut sink = Sink::new(true);
                            return match self.value(&mut sink) {
                                Ok(()) => Ok(Some((line, sink.finish()))),
                                Err(cut) => self.cut(line, cut).map(Some),
                            };
                        }
                    }
                }
            }
        }
    }
}

impl<R: BufRead> Iterator for Pieces<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.mode = Mode::End;
        }
        step.transpose()
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
