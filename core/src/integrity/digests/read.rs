//! Reading the data of an object, piece by piece: in turn with what is done with
//! it, or ahead of it in a second thread.

use crate::sif::{Descriptor, Image};
use crate::{Context, Result};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How much is read at a time: large enough that system calls do not matter, small
/// enough that all buffers together stay in the cache of a server's processor.
pub(super) const BUFFER: usize = 1 << 20;

/// Buffers that travel between a reading and a hashing thread.
pub(super) const BUFFERS_AHEAD: usize = 3;

/// Whether reading waits for what is done with each piece.
pub(super) enum Pace<'a> {
    /// One thread reads and hashes.
    InTurn,
    /// A second thread, of this making, reads ahead; if there is none to be had, the
    /// one that hashes reads too.
    Ahead(&'a (dyn Fn() -> thread::Builder + Sync)),
}

/// Gives all data of an object to `feed`, in order.
///
/// # Errors
/// `Malformed` if the file is cut short under us, `Io`, and `Timeout` if the
/// context says to stop.
pub(super) fn read_data(
    cx: &Context<'_>,
    image: &Image,
    object: &Descriptor,
    pace: &Pace<'_>,
    feed: &mut dyn FnMut(&[u8]),
) -> Result<()> {
    match pace {
        Pace::InTurn => read_in_turn(cx, image, object, feed),
        Pace::Ahead(new_thread) => read_ahead(cx, image, object, new_thread(), feed)
            .unwrap_or_else(|| read_in_turn(cx, image, object, feed)),
    }
}

fn read_in_turn(
    cx: &Context<'_>,
    image: &Image,
    object: &Descriptor,
    feed: &mut dyn FnMut(&[u8]),
) -> Result<()> {
    let mut buffer = vec![0; BUFFER.min(usize::try_from(object.size()).unwrap_or(BUFFER))];
    let mut offset = 0;
    while offset < object.size() {
        cx.budget(Duration::MAX)?;
        let read = image.read_at(object, offset, &mut buffer)?;
        feed(&buffer[..read]);
        offset += read as u64;
    }
    Ok(())
}

/// Reads in a second thread while this one hashes; a few buffers go round. `None`,
/// with nothing read, if there is no second thread to be had.
fn read_ahead(
    cx: &Context<'_>,
    image: &Image,
    object: &Descriptor,
    new_thread: thread::Builder,
    feed: &mut dyn FnMut(&[u8]),
) -> Option<Result<()>> {
    let (full, filled) = mpsc::sync_channel::<(Vec<u8>, usize)>(BUFFERS_AHEAD);
    let (empty, emptied) = mpsc::sync_channel::<Vec<u8>>(BUFFERS_AHEAD);
    for _ in 0..BUFFERS_AHEAD {
        // The channel has room for each of them.
        let _ = empty.send(vec![0; BUFFER]);
    }
    thread::scope(|scope| {
        let reading = move || -> Result<()> {
            let mut offset = 0;
            while offset < object.size() {
                cx.budget(Duration::MAX)?;
                let Ok(mut buffer) = emptied.recv() else {
                    return Ok(());
                };
                let read = image.read_at(object, offset, &mut buffer)?;
                offset += read as u64;
                if full.send((buffer, read)).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        };
        let reader = new_thread.spawn_scoped(scope, reading).ok()?;
        for (buffer, read) in filled {
            feed(&buffer[..read]);
            // The reader may be done and gone; then nobody needs the buffer.
            let _ = empty.send(buffer);
        }
        Some(
            reader
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    })
}

#[cfg(test)]
mod tests;
