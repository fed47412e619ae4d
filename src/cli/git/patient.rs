//! A stream of a process, read without waiting for ever: a repository may hold a pipe where git expects a file.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// So long may git say nothing.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// So many bytes are read at once.
const PIECE: usize = 1 << 16;

/// The bytes of a stream, which a thread reads. Reading fails with `TimedOut` if none come within [`PATIENCE`].
pub struct Patient {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: io::Cursor<Vec<u8>>,
}

impl Patient {
    /// Reads a stream. The thread ends with the stream, or once nobody takes its bytes.
    pub fn new(mut stream: impl Read + Send + 'static) -> Patient {
        let (sender, pieces) = sync_channel(4);
        std::thread::spawn(move || {
            loop {
                let mut piece = vec![0; PIECE];
                let read = stream.read(&mut piece).map(|count| {
                    piece.truncate(count);
                    piece
                });
                let ends = !read.as_ref().is_ok_and(|piece| !piece.is_empty());
                if sender.send(read).is_err() || ends {
                    return;
                }
            }
        });
        Patient { pieces, piece: io::Cursor::default() }
    }
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.piece.position() >= self.piece.get_ref().len() as u64 {
            match self.pieces.recv_timeout(PATIENCE) {
                Ok(piece) => self.piece = io::Cursor::new(piece?),
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        self.piece.read(into)
    }
}
