//! Both ways of reading, on whole files and on one that shrinks meanwhile.

use super::super::testing::{context, image, impossible_thread};
use super::*;
use crate::ErrorKind;
use std::fs::OpenOptions;
use std::path::Path;

/// More pieces than a reading thread can be ahead.
const PIECES: usize = BUFFERS_AHEAD + 4;

fn data() -> Vec<u8> {
    let pieces = 0..PIECES * BUFFER + 5;
    pieces.map(|at| (at / 1000) as u8).collect()
}

fn every_pace() -> [(&'static str, Pace<'static>); 3] {
    [
        ("in turn", Pace::InTurn),
        ("ahead", Pace::Ahead(&thread::Builder::new)),
        ("ahead without a thread", Pace::Ahead(&impossible_thread)),
    ]
}

fn shorten(path: &Path, by: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - by).unwrap();
}

#[test]
fn every_byte_comes_once_and_in_order() {
    let data = data();
    let (_folder, _, image) = image(&[(1, &data)]);
    let object = image.objects().next().unwrap();
    for (name, pace) in every_pace() {
        let mut read = Vec::new();
        let mut feed = |bytes: &[u8]| read.extend_from_slice(bytes);
        read_data(&context(), &image, object, &pace, &mut feed).unwrap();
        assert!(read == data, "{name}");
    }
}

#[test]
fn a_file_that_is_cut_while_it_is_read_is_an_error_that_says_so() {
    for (name, pace) in every_pace() {
        let (_folder, path, image) = image(&[(1, &data())]);
        let object = image.objects().next().unwrap();
        let mut pieces = 0;
        let mut feed = |_: &[u8]| {
            if pieces == 0 {
                shorten(&path, BUFFER as u64);
            }
            pieces += 1;
        };
        let error = read_data(&context(), &image, object, &pace, &mut feed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{name}");
        assert!(error.to_string().contains("was cut short"), "{name}");
        assert!(pieces > 0 && pieces < PIECES + 1, "{name}: {pieces}");
    }
}

#[test]
fn an_interrupted_reading_stops() {
    let (_folder, _, image) = image(&[(1, &data())]);
    let object = image.objects().next().unwrap();
    let cancelled = std::sync::atomic::AtomicBool::new(false);
    for (name, pace) in every_pace() {
        let cx = Context {
            cancelled: &cancelled,
            ..context()
        };
        cancelled.store(false, std::sync::atomic::Ordering::Relaxed);
        let mut feed = |_: &[u8]| cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
        let error = read_data(&cx, &image, object, &pace, &mut feed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{name}");
    }
}
