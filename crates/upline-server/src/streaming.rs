//! Answers that are written while they are sent, as they are too long to be held.
//!
//! **Correctness.** What fails before its first piece is told as a problem. What fails later, and what its reader does not
//! go on reading, breaks the connection off, so that nobody takes a part for the whole.

use crate::problem::Problem;
use crate::reply::Writing;
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use upline_answers::events::NotWritten;
use upline_ledger::Ledger;

/// Bytes that are sent together, and how many such pieces may wait for a slow reader.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES_WAITING_MAX: usize = 8;

/// How long a reader may read nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A piece, or the end of what is whole.
type Piece = Option<Bytes>;

/// A body that is written while it is sent, for as long as it has this turn.
pub async fn streamed(
    turn: OwnedSemaphorePermit,
    ledger: Arc<Ledger>,
    writing: Writing,
) -> Result<Body, Problem> {
    let (pieces, mut sent) = mpsc::channel::<Piece>(PIECES_WAITING_MAX);
    let (failed, why) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut out = Pieces { pieces, piece: Vec::with_capacity(PIECE_BYTES) };
        let written = writing(&ledger, &mut out).and_then(|()| out.end().map_err(NotWritten::Output));
        if let Err(error) = written {
            // Somebody waits for it as long as nothing was sent.
            if let Err(NotWritten::Ledger(error)) = failed.send(error) {
                tracing::warn!(%error, "an answer was broken off");
            }
        }
    });
    let Some(first) = sent.recv().await else {
        return match why.await {
            Ok(NotWritten::Ledger(error)) => Err(error.into()),
            _ => Err(Problem::failed("the answer cannot be written")),
        };
    };
    let Some(first) = first else { return Ok(Body::empty()) };
    let rest = stream::unfold(Some(sent), |sent| async move {
        let mut sent = sent?;
        match sent.recv().await {
            Some(Some(piece)) => Some((Ok(piece), Some(sent))),
            Some(None) => None,
            None => Some((Err(io::Error::other("the answer is not whole")), None)),
        }
    });
    Ok(Body::from_stream(stream::iter([Ok(first)]).chain(rest)))
}

/// Sends what is written on, in pieces.
struct Pieces {
    pieces: mpsc::Sender<Piece>,
    piece: Vec<u8>,
}

impl Pieces {
    fn send(&self, piece: Piece) -> io::Result<()> {
        let sent = async { tokio::time::timeout(PATIENCE, self.pieces.send(piece)).await };
        match Handle::current().block_on(sent) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Says that it is whole.
    fn end(&mut self) -> io::Result<()> {
        self.flush()?;
        self.send(None)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.send(Some(piece))
    }
}
