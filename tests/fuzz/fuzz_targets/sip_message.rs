//! Bytes of a switch: no crash, and never more than one answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use startline::sip::reading::{answer_to, cut};

fuzz_target!(|bytes: &[u8]| {
    let source = std::net::SocketAddr::from(([192, 0, 2, 7], 5061));
    if let Some(answer) = answer_to(bytes, source) {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        assert_eq!(end, Some(answer.len() - 4), "{}", String::from_utf8_lossy(&answer));
    }
    // A stream gives the same messages in one piece and byte by byte.
    assert_eq!(cut(std::iter::once(bytes)), cut(bytes.chunks(1)));
});
