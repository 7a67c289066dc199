//! What people call things: codes, and policies by carrier and number.

use compact_str::CompactString;
use std::fmt;

/// A code such as `A001`, `C1`, `FE` or `110`: 1–64 of ASCII letters, digits and `-_.:` (facts.md).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(CompactString);

impl Code {
    /// The longest code, in characters.
    pub const CHARS_MAX: usize = 64;

    /// Reads a code. `None` when the text is none.
    pub fn parse(text: &str) -> Option<Code> {
        Self::of(text, |_| false)
    }

    /// Reads a policy number: a code that may also hold `/`.
    pub fn parse_policy_number(text: &str) -> Option<Code> {
        Self::of(text, |b| b == b'/')
    }

    fn of(text: &str, also: impl Fn(u8) -> bool) -> Option<Code> {
        let fits = (1..=Self::CHARS_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b) || also(b));
        fits.then(|| Code(CompactString::new(text)))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A policy as people name it: the carrier and the carrier's own number. Printed `C1/P-77`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName {
    /// The carrier's code.
    pub carrier: Code,
    /// The carrier's policy number.
    pub number: Code,
}

impl PolicyName {
    /// Reads `C/P`: the first `/` separates.
    pub fn parse(text: &str) -> Option<PolicyName> {
        let (carrier, number) = text.split_once('/')?;
        Some(PolicyName { carrier: Code::parse(carrier)?, number: Code::parse_policy_number(number)? })
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.carrier, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_plain() {
        for good in ["A", "C-1_x.y:z", "102.5", &"x".repeat(64)] {
            assert!(Code::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a b", "ä", "a/b", "a\n", &"x".repeat(65)] {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_first_slash_separates_carrier_and_policy() {
        let name = PolicyName::parse("C1/P/7").unwrap();
        assert_eq!((name.carrier.as_str(), name.number.as_str()), ("C1", "P/7"));
        assert_eq!(name.to_string(), "C1/P/7");
        assert!(PolicyName::parse("C1").is_none());
    }
}
