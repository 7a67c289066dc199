//! Bank details in the United States: where a producer wants its money.

use std::fmt;

/// The longest account number, in characters: what an ACH entry has room for.
pub const ACCOUNT_CHARS_MAX: usize = 17;

/// How many digits at the end of a masked account number are shown at most.
const SHOWN_MAX: usize = 4;

/// Why a text is no bank detail, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct NotBank {
    /// `routing`, `account` or `kind`.
    pub field: &'static str,
    /// What it is, and what it should be: `is "12345", but …`
    pub why: String,
}

/// A routing number of the American Bankers Association: nine digits, the last of which checks the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingNumber(String);

impl RoutingNumber {
    /// Reads nine digits whose check digit holds.
    pub fn parse(text: &str) -> Result<RoutingNumber, NotBank> {
        let wrong = |but: String| NotBank { field: "routing", why: format!("is {text:?}, but {but}") };
        if text.len() != 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let dropped = text.len() == 8 && RoutingNumber::parse(&format!("0{text}")).is_ok();
            let hint = if dropped { ": a spreadsheet dropped the 0 before it" } else { "" };
            return Err(wrong(format!("a routing number has nine digits{hint}")));
        }
        if text.bytes().all(|byte| byte == b'0') {
            return Err(wrong("no bank has the number 0".to_owned()));
        }
        let eight = text.bytes().take(8).zip([3, 7, 1].into_iter().cycle());
        let sum: u32 = eight.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        let check = (10 - sum % 10) % 10;
        if !text.ends_with(&check.to_string()) {
            return Err(wrong(format!(
                "its check digit does not hold: after these eight digits the ninth is {check}. A digit is \
                 wrong, or two changed places"
            )));
        }
        Ok(RoutingNumber(text.to_owned()))
    }

    /// All nine digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits, which name the bank, and the check digit.
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_at_checked(8).unwrap_or((&self.0, ""))
    }
}

impl fmt::Display for RoutingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of an account. Printed, in sentences and traces too, only its end is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// Reads 1 to [`ACCOUNT_CHARS_MAX`] letters, digits, `-` and spaces, with a letter or digit at both ends.
    pub fn parse(text: &str) -> Result<AccountNumber, NotBank> {
        let wrong = |why: String| NotBank { field: "account", why };
        let length = text.chars().count();
        if length > ACCOUNT_CHARS_MAX {
            return Err(wrong(format!(
                "has {length} characters, but an account number has at most {ACCOUNT_CHARS_MAX}"
            )));
        }
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"- ".contains(*c)) {
            return Err(wrong(format!("holds {odd:?}, but it is letters, digits, - and spaces")));
        }
        let plain = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        if !plain(text.bytes().next()) || !plain(text.bytes().last()) {
            let but = "an account number begins and ends with a letter or digit";
            return Err(wrong(format!("is {text:?}, but {but}")));
        }
        Ok(AccountNumber(text.to_owned()))
    }

    /// What it is told apart by: two ways to write one account are one.
    pub fn plain(&self) -> String {
        let plain: String = self.0.chars().filter(char::is_ascii_alphanumeric).collect();
        plain.trim_start_matches('0').to_ascii_uppercase()
    }

    /// The whole number, for a payment or for the file that keeps it.
    pub fn in_full(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountNumber {
    /// `…6789`; of a short number no more than half.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.0.len() - SHOWN_MAX.min(self.0.len() / 2);
        write!(f, "…{}", self.0.get(hidden..).unwrap_or_default())
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountNumber({self})")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A checking account.
    Checking,
    /// A savings account.
    Savings,
}

impl AccountKind {
    /// Reads `checking` or `savings`.
    pub fn parse(text: &str) -> Result<AccountKind, NotBank> {
        let known = [AccountKind::Checking, AccountKind::Savings].into_iter().find(|k| k.as_str() == text);
        known.ok_or_else(|| NotBank {
            field: "kind",
            why: format!("is {text:?}, but an account is checking or savings"),
        })
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountKind::Checking => "checking",
            AccountKind::Savings => "savings",
        }
    }
}

/// An account at a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// The bank.
    pub routing: RoutingNumber,
    pub account: AccountNumber,
    /// What kind of account it is.
    pub kind: AccountKind,
}

impl Bank {
    /// Reads its three texts; the first that is wrong is told.
    pub fn parse(routing: &str, account: &str, kind: &str) -> Result<Bank, NotBank> {
        Ok(Bank {
            routing: RoutingNumber::parse(routing)?,
            account: AccountNumber::parse(account)?,
            kind: AccountKind::parse(kind)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(routing: &str, account: &str, kind: &str, field: &str, sentence: &str) {
        let error = Bank::parse(routing, account, kind).unwrap_err();
        assert_eq!((error.field, error.why.contains(sentence)), (field, true), "{error}");
    }

    #[test]
    fn every_change_of_one_digit_breaks_the_check_digit() {
        let sound = "011000015";
        for at in 0..9 {
            for digit in b'0'..=b'9' {
                let mut text = sound.as_bytes().to_vec();
                text[at] = digit;
                let text = String::from_utf8(text).unwrap();
                assert_eq!(RoutingNumber::parse(&text).is_ok(), text == sound, "{text}");
            }
        }
        assert_eq!(RoutingNumber::parse(sound).unwrap().parts(), ("01100001", "5"));
    }

    #[test]
    fn a_wrong_detail_says_which_it_is_and_what_it_should_be() {
        refused(
            "011000016",
            "1",
            "checking",
            "routing",
            "is \"011000016\", but its check digit does not hold",
        );
        refused("011000016", "1", "checking", "routing", "the ninth is 5");
        refused("11000015", "1", "checking", "routing", "a spreadsheet dropped the 0");
        refused("1100001", "1", "checking", "routing", "has nine digits");
        refused("01100001٥", "1", "checking", "routing", "has nine digits");
        refused("", "1", "checking", "routing", "has nine digits");
        refused("000000000", "1", "checking", "routing", "no bank");
        refused("011000015", "", "checking", "account", "begins and ends with a letter or digit");
        refused("011000015", "- 1", "checking", "account", "begins and ends");
        refused("011000015", "1234 ", "checking", "account", "begins and ends");
        refused("011000015", "123456789012345678", "checking", "account", "has 18 characters");
        refused("011000015", "12\n34", "checking", "account", "holds '\\n'");
        refused("011000015", "12é4", "checking", "account", "holds 'é'");
        refused("011000015", "1234", "Checking", "kind", "is checking or savings");
    }

    #[test]
    fn an_account_number_is_shown_by_its_end_alone() {
        let account = |text: &str| AccountNumber::parse(text).unwrap();
        assert_eq!(account("000-123 456789").to_string(), "…6789");
        assert_eq!(account("12345").to_string(), "…45");
        assert_eq!(account("7").to_string(), "…");
        let bank = Bank::parse("011000015", "123456789", "savings").unwrap();
        assert!(!format!("{bank:?}").contains("12345"), "{bank:?}");
        assert_eq!(bank.account.in_full(), "123456789");
    }
}
