//! What a switch sends as a number: no crash, and what is read is a number that reads as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use startline::formats::UkPhone;

fuzz_target!(|text: &str| {
    for phone in [UkPhone::parse(text), UkPhone::from_switch(text)].into_iter().flatten() {
        assert_eq!(UkPhone::parse(phone.e164()).as_ref(), Ok(&phone));
        assert_eq!(UkPhone::parse(&phone.grouped()).as_ref(), Ok(&phone));
    }
});
