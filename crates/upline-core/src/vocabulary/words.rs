//! Words: what facts and answers call the values of an enum.

/// Gives an enum its words, in the order of the specification.
macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// Every value, in the order of the specification.
            pub const ALL: &'static [$type] = &[$(<$type>::$variant),*];

            /// The word that facts and answers use.
            pub fn as_str(self) -> &'static str {
                match self { $(<$type>::$variant => $word),* }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<$type> {
                match word { $($word => Some(<$type>::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;
