//! The two clocks of a page, as its address has them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use upline_answers::point::Point;
use upline_core::time::{Day, Moment};

/// What stays as it is in a part of an address.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

/// Where the two clocks stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    pub point: Point,
}

impl Clocks {
    /// Reads them from the parameters of an address; a sentence where one makes no sense.
    pub fn read(query: &[(String, String)]) -> Result<Clocks, String> {
        let given = |name: &str| {
            let mut values = query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim());
            values.find(|value| !value.is_empty())
        };
        let as_of = given("as_of").map(|text| {
            Day::parse(text).ok_or_else(|| format!("{text} is no day: a day is written 2026-06-30"))
        });
        let known_at = given("known_at").map(|text| {
            moment(text)
                .ok_or_else(|| format!("{text} is no time: it is written 2026-06-30T23:59:59Z, in UTC"))
        });
        let at_position = given("at_position")
            .map(|text| text.parse().map_err(|_| format!("{text} is no position: it is a number from 0 on")));
        let (as_of, known_at, at_position) =
            (as_of.transpose()?, known_at.transpose()?, at_position.transpose()?);
        if known_at.is_some() && at_position.is_some() {
            return Err(
                "The address says known_at and at_position: one of them says what is known.".to_owned()
            );
        }
        Ok(Clocks { point: Point { as_of, known_at, at_position } })
    }

    /// The parameters that say where they stand.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let Point { as_of, known_at, at_position } = self.point;
        let as_of = as_of.map(|day| ("as_of", day.to_string()));
        let known_at = known_at.map(|moment| ("known_at", moment.to_string()));
        let at_position = at_position.map(|position| ("at_position", position.to_string()));
        [as_of, known_at, at_position].into_iter().flatten().collect()
    }

    /// The address of another page at the same clocks.
    pub fn link(&self, path: &str, further: &[(&str, &str)]) -> String {
        let further = further.iter().map(|(name, value)| (*name, (*value).to_owned()));
        address(path, self.pairs().into_iter().chain(further))
    }

    /// The address of a producer's page.
    pub fn producer(&self, code: &str) -> String {
        self.link(&format!("/producers/{}", part(code)), &[])
    }

    /// The address of a policy's page.
    pub fn policy(&self, carrier: &str, number: &str) -> String {
        self.link(&format!("/policies/{}/{}", part(carrier), part(number)), &[])
    }
}

/// A time, as the ledger writes it or as a browser's field does.
pub fn moment(text: &str) -> Option<Moment> {
    let local = match text.len() {
        16 => format!("{text}:00Z"),
        19 => format!("{text}Z"),
        _ => text.to_owned(),
    };
    Moment::parse(&local)
}

/// A part of a path or of a query, encoded.
pub fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// A path with parameters.
pub fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut text = path.to_owned();
    for (number, (name, value)) in pairs.into_iter().enumerate() {
        text.push(if number == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&part(&value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Clocks, String> {
        let owned: Vec<_> = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Clocks::read(&owned)
    }

    #[test]
    fn an_address_says_where_the_clocks_stand_and_reads_back() {
        let clocks = read(&[("as_of", "2025-06-30"), ("known_at", "2025-06-30T23:59"), ("q", "x")]).unwrap();
        let address = clocks.link("/changes", &[("q", "a & b")]);
        assert_eq!(address, "/changes?as_of=2025-06-30&known_at=2025-06-30T23:59:00Z&q=a%20%26%20b");
        assert_eq!(read(&[("as_of", ""), ("known_at", " ")]).unwrap().pairs(), vec![]);
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        assert!(read(&[("as_of", "2025-02-30")]).unwrap_err().contains("is no day"));
        assert!(read(&[("known_at", "yesterday")]).unwrap_err().contains("is no time"));
        assert!(read(&[("known_at", "2025-06-30T00:00:00Z"), ("at_position", "3")]).is_err());
    }
}
