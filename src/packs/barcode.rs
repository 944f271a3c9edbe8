//! What the DataMatrix on each page says: which page of which pack this is. The inserting machine reads it to see that
//! no sheet is missing or another client's; whoever scans a returned form finds its claim by it.
//!
//! The text is `S1` and 42 letters and figures: the fields in 24 bytes and a checksum of two, five bits a character, in
//! an alphabet without letters that are mistaken for figures. It holds nothing that the client said.

use datamatrix::data::EncodationType;
use datamatrix::{DataMatrixBuilder, SymbolSize};
use startline_foundation::ids::{DefinitionVersion, PackId};
use uuid::Uuid;

/// The first version of this text. Another arrangement of the fields gets another.
const PREFIX: &str = "S1";
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const FIELD_BYTES: usize = 24;
const ALL_BYTES: usize = FIELD_BYTES + 2;
const CHARACTERS: usize = (ALL_BYTES * 8).div_ceil(5);

/// Modules of the symbol's side.
pub const MODULES: usize = 24;

/// One page of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Barcode {
    pub pack: PackId,
    /// Which of the pack's documents, counted from 1.
    pub document: u8,
    /// Which page of the pack, counted from 1, and of how many.
    pub page: u16,
    pub count: u16,
    /// The beginning of the definition's version: the form cannot be read back by another version's questions.
    pub definition: [u8; 3],
}

/// The first three bytes of a definition version's hash. A version that is no hash is hashed anew.
pub fn short_version(version: &DefinitionVersion) -> [u8; 3] {
    use sha2::{Digest, Sha256};
    let text = version.to_string();
    let byte = |at: usize| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    match (byte(0), byte(2), byte(4)) {
        (Some(first), Some(second), Some(third)) => [first, second, third],
        _ => {
            let hash = Sha256::digest(text);
            [hash[0], hash[1], hash[2]]
        }
    }
}

/// The text in the code.
pub fn encode(barcode: &Barcode) -> String {
    let mut bytes = Vec::with_capacity(ALL_BYTES);
    bytes.extend(barcode.pack.0.as_bytes());
    bytes.push(barcode.document);
    bytes.extend(barcode.page.to_be_bytes());
    bytes.extend(barcode.count.to_be_bytes());
    bytes.extend(barcode.definition);
    bytes.extend(checksum(&bytes).to_be_bytes());
    let mut text = String::with_capacity(PREFIX.len() + CHARACTERS);
    text.push_str(PREFIX);
    let bit = |index: usize| bytes.get(index / 8).is_some_and(|byte| byte >> (7 - index % 8) & 1 == 1);
    for character in 0..CHARACTERS {
        let value = (0..5).fold(0_usize, |value, at| value << 1 | usize::from(bit(character * 5 + at)));
        text.push(char::from(ALPHABET[value]));
    }
    text
}

/// Reads the text of a code back. None for anything that [`encode`] does not write: another prefix, a wrong length, small
/// letters, a wrong checksum, a page past the last.
pub fn decode(text: &str) -> Option<Barcode> {
    let digits = text.strip_prefix(PREFIX)?;
    if digits.len() != CHARACTERS {
        return None;
    }
    let mut bytes = [0_u8; ALL_BYTES + 1];
    for (character, digit) in digits.bytes().enumerate() {
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        for at in 0..5 {
            let index = character * 5 + at;
            if value >> (4 - at) & 1 == 1 {
                bytes[index / 8] |= 1 << (7 - index % 8);
            }
        }
    }
    // The last character has two bits to spare.
    let (fields, rest) = bytes.split_at(FIELD_BYTES);
    let [high, low, spare] = rest else { return None };
    if *spare != 0 || u16::from_be_bytes([*high, *low]) != checksum(fields) {
        return None;
    }
    let two = |at: usize| u16::from_be_bytes([fields[at], fields[at + 1]]);
    let barcode = Barcode {
        pack: PackId(Uuid::from_slice(&fields[..16]).ok()?),
        document: fields[16],
        page: two(17),
        count: two(19),
        definition: [fields[21], fields[22], fields[23]],
    };
    (barcode.document > 0 && (1..=barcode.count).contains(&barcode.page)).then_some(barcode)
}

/// The symbol's modules from the top left, row by row, one byte each: 0 black, 255 white, with a white border of one
/// module's width that keeps what stands beside it away.
pub fn pixels(text: &str) -> Option<Vec<u8>> {
    // One way of encoding suits this alphabet; trying all of them takes ten times as long.
    let builder = DataMatrixBuilder::new()
        .with_encodation_types(EncodationType::C40 | EncodationType::Ascii)
        .with_symbol_list(SymbolSize::Square24);
    let symbol = builder.encode(text.as_bytes()).ok()?;
    let bitmap = symbol.bitmap();
    let mut pixels = vec![255; SIDE * SIDE];
    for (x, y) in bitmap.pixels() {
        pixels[(y + 1) * SIDE + x + 1] = 0;
    }
    Some(pixels)
}

/// Pixels of [`pixels`]' side: the modules and the border.
pub const SIDE: usize = MODULES + 2;

/// CRC-16 (CCITT): finds every single error of up to 16 bits in a row, and nearly all others.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| if crc >> 15 == 1 { crc << 1 ^ 0x1021 } else { crc << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_barcode() -> impl Strategy<Value = Barcode> {
        (any::<u128>(), 1..=u8::MAX, 1..=u16::MAX, any::<u16>(), any::<[u8; 3]>()).prop_map(
            |(pack, document, page, more, definition)| Barcode {
                pack: PackId(Uuid::from_u128(pack)),
                document,
                page,
                count: page.saturating_add(more),
                definition,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(barcode in any_barcode()) {
            let text = encode(&barcode);
            prop_assert_eq!(text.len(), 44);
            prop_assert_eq!(decode(&text), Some(barcode));
        }

        #[test]
        fn one_character_read_wrongly_is_noticed(barcode in any_barcode(), at in 0_usize..44, other in 0_usize..32) {
            let mut text = encode(&barcode).into_bytes();
            let before = text[at];
            text[at] = ALPHABET[other];
            prop_assume!(text[at] != before);
            prop_assert_eq!(decode(&String::from_utf8(text).unwrap()), None);
        }

        #[test]
        fn nothing_else_is_taken_for_a_code(text in "\\PC{0,60}") {
            prop_assert_eq!(decode(&text), None);
        }

        #[test]
        fn the_symbol_says_the_text(barcode in any_barcode()) {
            let text = encode(&barcode);
            let pixels = pixels(&text).expect("the text fits the symbol");
            let inner: Vec<bool> = (1..=MODULES)
                .flat_map(|y| (1..=MODULES).map(move |x| (x, y)))
                .map(|(x, y)| pixels[y * SIDE + x] == 0)
                .collect();
            let read = datamatrix::DataMatrix::decode(&inner, MODULES).expect("it is a DataMatrix");
            prop_assert_eq!(read, text.into_bytes());
        }
    }

    #[test]
    fn a_page_past_the_last_and_small_letters_are_refused() {
        let good = Barcode { pack: PackId(Uuid::from_u128(7)), document: 1, page: 3, count: 3, definition: [1, 2, 3] };
        assert!(decode(&encode(&good)).is_some());
        assert_eq!(decode(&encode(&Barcode { page: 4, ..good })), None);
        assert_eq!(decode(&encode(&Barcode { page: 0, ..good })), None);
        assert_eq!(decode(&encode(&good).to_lowercase()), None);
        assert_eq!(decode(&format!("{}0", encode(&good))), None);
    }
}
