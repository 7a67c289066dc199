//! Profiles that cannot be used, each with the key and what is wrong.

use super::text;
use upline_formats::carrier_statement::Profile;

/// A profile of the repository with one text replaced by another; the sentence it is refused with.
#[track_caller]
fn refused(name: &str, from: &str, to: &str, says: &str) {
    let profile = text(&format!("profiles/{name}.toml"));
    assert!(profile.contains(from), "{from}");
    let error = Profile::parse(&profile.replacen(from, to, 1)).unwrap_err().to_string();
    assert!(error.contains(says), "{says:?} is not in: {error}");
}

#[test]
fn a_key_that_is_not_known_or_of_the_wrong_form_is_named() {
    for (from, to, says) in [
        ("version = 1", "version = 1\nspeed = 2", "speed = 2: unknown field `speed`"),
        ("version = 1", "version = \"1\"", "version = \"1\": invalid type: string \"1\", expected u32"),
        ("version = 1", "", "missing field `version`"),
        ("from = 2026-01-01", "from = \"2026-01-01\"", "from = \"2026-01-01\""),
        ("from = 2026-01-01", "from = 2026-01-01T00:00:00Z", "it is a day without quotes"),
        ("from = 2026-01-01", "from = 2026-02-30", "from = 2026-02-30"),
        ("code = \"life-statement\"", "code = \"life statement\"", "a code is 1 to 64"),
        ("tolerance = \"0.01\"", "tolerance = \"-0.01\"", "it is money of 0.00 or more"),
        ("tolerance = \"0.01\"", "tolerance = 0.01", "tolerance = 0.01"),
        ("shows = \"gross\"", "shows = \"all\"", "unknown variant `all`"),
        ("kind = \"csv\"", "kind = \"pdf\"", "unknown variant `pdf`"),
        ("format = \"MM/DD/YYYY\"", "format = \"MMDD\"", "unknown variant `MMDD`"),
        (
            "FYC = { kind = \"earned\" }",
            "FYC = { kind = \"paid\" }",
            "FYC = { kind = \"paid\" }: a kind is advance, offset",
        ),
        ("\"AML/L-123\"", "\"L-123\"", "a policy is carrier/number"),
        ("rates = \"percent\"", "rates = ", "line 10 of the profile"),
    ] {
        refused("life-statement", from, to, says);
    }
}

#[test]
fn keys_that_do_not_fit_together_are_refused() {
    for (from, to, says) in [
        ("from = 2026-01-01", "from = 2026-01-01\nthrough = 2025-12-31", "through: it is before from"),
        ("carrier = \"AML\"", "", "carrier: it is either"),
        ("carrier = \"AML\"", "carrier = \"AML\"\nkind = \"earned\"", "kind: it is either"),
        ("amount = \"Commission\"", "credit = \"Commission\"", "columns: money is either in amount"),
        ("premium = \"Premium\"", "premium = \"Commission\"", "columns: \"Commission\" stands twice"),
        ("other = [\"Insured\"", "other = [\" Insured\"", "columns: \" Insured\" is no title"),
        (
            "label_column = \"Policy Number\"",
            "label_column = \"Total\"",
            "control.label_column: \"Total\" is no title",
        ),
        ("count_column = \"Agent Number\"", "count_column = \"Commission\"", "holds the total itself"),
        ("count_column = \"Agent Number\"", "sign = \"positive\"", "control.sign"),
        ("header_row = 1", "header_row = 0", "file.header_row"),
        ("header_row = 1", "sheet = \"Pay\"", "file.sheet"),
        ("delimiter = \",\"", "delimiter = \"\\\"\"", "file.delimiter"),
        ("thousands = \",\"", "thousands = \".\"", "amounts.thousands"),
        ("decimal = \".\"", "decimal = \";\"", "amounts.decimal"),
        ("currency = \"$\"", "currency = \"\"", "amounts.currency"),
        ("ADV = {", "\" ADV\" = {", "codes, carriers: \" ADV\""),
        ("\"AML/L-123\"", "\"BMA/L-123\"", "aliases.policies.\"0000123\": BMA/L-123 is of no carrier"),
    ] {
        refused("life-statement", from, to, says);
    }
    let both = "from = 2026-01-01\ncarrier = \"NGH\"";
    refused("medicare-aggregator", "from = 2026-01-01", both, "carrier: it is either");
    refused("block-of-business", "kind = \"xlsx\"", "kind = \"xlsx\"\ndelimiter = \",\"", "file.delimiter");
    refused("block-of-business", "kind = \"earned\"", "", "kind: it is either");
}
