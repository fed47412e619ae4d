//! The messages of the language server protocol over two streams: a header with a length, then JSON. Knows no method.
//!
//! Input is not trusted: every length is bounded, and memory is allocated for received bytes only, not for
//! announced ones.

use lsp_server::{ErrorCode, Message};
use serde_json::{Value as Json, json};
use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// The most bytes of one message that are taken; a longer one is answered and skipped.
const LARGEST: u64 = 32 << 20;
/// The most bytes of one line of a header.
const LONGEST_LINE: u64 = 8 << 10;
/// How many messages may wait to be handled; then the editor waits.
const WAITING: usize = 256;

/// What came in.
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Something that is not a message. What comes after it can be read.
    Broken(BrokenMessage),
    /// Something after which the next message cannot be found.
    Lost(String),
}

/// Why something is not a message, for the answer.
pub struct BrokenMessage {
    id: Json,
    code: ErrorCode,
    why: String,
}

/// Reads messages until the stream ends.
pub struct MessageReader<R> {
    input: R,
    /// How many bytes of the last message are still to be skipped.
    left: u64,
}

impl<R: BufRead> MessageReader<R> {
    /// Reads from the beginning of a header.
    pub fn new(input: R) -> MessageReader<R> {
        MessageReader { input, left: 0 }
    }

    /// The next message; none at the end of the stream.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Incoming>> {
        let left = std::mem::take(&mut self.left);
        if io::copy(&mut (&mut self.input).take(left), &mut io::sink())? < left {
            return Ok(None);
        }
        let size = match self.header()? {
            HeaderRead::End => return Ok(None),
            HeaderRead::Lost(why) => return Ok(Some(Incoming::Lost(why))),
            HeaderRead::Length(size) => size,
        };
        if size > LARGEST {
            self.left = size;
            let why = format!("a message of {size} bytes, more than {LARGEST}, is not read");
            return Ok(Some(Incoming::Broken(BrokenMessage { id: Json::Null, code: ErrorCode::InvalidRequest, why })));
        }
        let mut body = Vec::new();
        (&mut self.input).take(size).read_to_end(&mut body)?;
        // an editor that went away in the middle of a message
        Ok((body.len() as u64 == size).then(|| match message(&body) {
            Ok(message) => Incoming::Message(message),
            Err(broken) => Incoming::Broken(broken),
        }))
    }

    fn header(&mut self) -> io::Result<HeaderRead> {
        let mut length = None;
        loop {
            let mut line = Vec::new();
            (&mut self.input).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(HeaderRead::End);
            }
            let whole = line.ends_with(b"\n");
            let line = String::from_utf8_lossy(&line);
            let line = line.trim();
            if line.is_empty() {
                let none = || HeaderRead::Lost("a header has no Content-Length".to_owned());
                return Ok(length.map_or_else(none, HeaderRead::Length));
            }
            let lost = || {
                let start: String = line.chars().take(60).collect();
                HeaderRead::Lost(format!("`{}` is not a line of a header", start.escape_debug()))
            };
            let Some((name, value)) = line.split_once(':').filter(|_| whole) else { return Ok(lost()) };
            if name.trim().eq_ignore_ascii_case("Content-Length") {
                match value.trim().parse::<u64>() {
                    Ok(bytes) => length = Some(bytes),
                    Err(_) => return Ok(lost()),
                }
            }
        }
    }
}

enum HeaderRead {
    Length(u64),
    End,
    Lost(String),
}

/// The message that a body holds.
fn message(body: &[u8]) -> Result<Message, BrokenMessage> {
    let json: Json = serde_json::from_slice(body).map_err(|error| {
        let why = format!("the message is not JSON: {error}");
        BrokenMessage { id: Json::Null, code: ErrorCode::ParseError, why }
    })?;
    let id = json.get("id").cloned();
    let broken = |why: &str| {
        let id = id.clone().filter(|id| id.is_string() || id.is_number()).unwrap_or_default();
        BrokenMessage { id, code: ErrorCode::InvalidRequest, why: why.to_owned() }
    };
    match serde_json::from_value(json) {
        // a request whose id cannot be read looks like a notification
        Ok(Message::Notification(_)) if id.is_some() => {
            Err(broken("the id of a request must be a string or a whole number of 32 bits"))
        }
        Ok(message) => Ok(message),
        Err(_) => Err(broken("the message is not a request, response or notification of JSON-RPC")),
    }
}

/// What goes out, framed.
pub struct Outgoing(Sender<Vec<u8>>);

impl Outgoing {
    /// Sends a message; where the editor went away, it is dropped.
    pub fn send(&self, message: Message) {
        let mut framed = Vec::new();
        if message.write(&mut framed).is_ok() {
            let _ = self.0.send(framed);
        }
    }

    /// Answers what was not a message.
    pub fn refuse(&self, broken: &BrokenMessage) {
        let BrokenMessage { id, code, why } = broken;
        let error = json!({ "code": *code as i32, "message": why });
        let body = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
        let _ = self.0.send(format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes());
    }
}

impl From<&str> for BrokenMessage {
    /// The answer if the stream itself is broken.
    fn from(why: &str) -> BrokenMessage {
        BrokenMessage { id: Json::Null, code: ErrorCode::ParseError, why: why.to_owned() }
    }
}

/// Reads standard input in a thread of its own, which ends with the process.
pub fn read() -> Receiver<Incoming> {
    let (sender, incoming) = sync_channel(WAITING);
    std::thread::spawn(move || pass(&mut MessageReader::new(io::stdin().lock()), &sender));
    incoming
}

fn pass(reader: &mut MessageReader<impl BufRead>, sender: &SyncSender<Incoming>) {
    while let Ok(Some(incoming)) = reader.next() {
        if sender.send(incoming).is_err() {
            return;
        }
    }
}

/// Writes to standard output in a thread of its own, until no sender is left.
pub fn write() -> (Outgoing, JoinHandle<io::Result<()>>) {
    let (sender, outgoing) = channel::<Vec<u8>>();
    let writer = std::thread::spawn(move || {
        let mut out = io::stdout().lock();
        for message in outgoing {
            out.write_all(&message)?;
            out.flush()?;
        }
        Ok(())
    });
    (Outgoing(sender), writer)
}
