//! Each request with its method and the answer: for whoever asks within the process, where no client is generated for.

use prost::Message;

/// A request as bytes, and by which method it is taken.
pub trait Request: Message + Default + 'static {
    /// `/startline.v1.ClaimService/OpenClaim`.
    const PATH: &'static str;
    type Answer: Message + Default + 'static;

    fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// The answer that these bytes are.
    ///
    /// # Errors
    /// A sentence for the log, when they are none.
    fn answer(bytes: &[u8]) -> Result<Self::Answer, String> {
        Self::Answer::decode(bytes).map_err(|fault| format!("{}: {fault}", Self::PATH))
    }
}

/// It is answered once.
pub trait Asked: Request {}

/// It is answered for as long as somebody listens.
pub trait Listened: Request {}

macro_rules! method {
    ($kind:ident $request:ident -> $answer:ident, $path:literal) => {
        impl Request for crate::$request {
            const PATH: &'static str = $path;
            type Answer = crate::$answer;
        }
        impl $kind for crate::$request {}
    };
}

include!(concat!(env!("OUT_DIR"), "/methods.rs"));
