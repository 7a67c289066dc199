//! The types of facts (facts.md): the fields of each and how its body is read. A type more is a row in
//! [`TYPES`] and a function.

use crate::fields::Value;
use crate::forms::{
    cap, code, free_text, json, list, map, part, policy_number, positive, rate, share, whole, word,
};
use crate::limits::{
    ADVANCE_MONTHS_MAX, BANDS_MAX, CHARGEBACK_ROWS_MAX, EXCLUDED_MAX, ISSUE_AGE_YEARS_MAX, LEVELS_MAX,
    PERSISTENCY_MONTHS_MAX, PREMIUM_MONTHS_MAX, TIERS_MAX, WRITING_SIDES_MAX,
};
use crate::reading::{At, Reading};
use upline_core::chain::AdvanceTerms;
use upline_core::coverage::Tier;
use upline_core::fact::{
    Body, CoveragePlan, Mode, Personal, PolicyIssued, ProducerKind, ReversalReason, Writing,
};
use upline_core::grid::{Band, ChargebackRow, Grid, Line, Rule, Span, StopReason};
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::persistency::{Basis, Definition, Survival};
use upline_core::refusal::{self, Refusal};

/// A type of fact.
pub(crate) struct FactType {
    pub name: &'static str,
    /// Its fields, besides those that every fact has.
    pub fields: &'static [&'static str],
    pub read: fn(&mut Reading<'_, '_>) -> Result<Read, Refusal>,
}

/// What the fields of a type say: the body, and for carriers and producers the personal part.
pub(crate) struct Read {
    pub body: Body<ByCode>,
    pub personal: Option<Box<Personal>>,
}

impl From<Body<ByCode>> for Read {
    fn from(body: Body<ByCode>) -> Read {
        Read { body, personal: None }
    }
}

/// All types, the most frequent first.
const TYPES: &[FactType] = &[
    FactType { name: "premium_paid", fields: &["carrier", "policy", "amount", "months"], read: premium_paid },
    FactType {
        name: "policy_issued",
        fields: &["carrier", "policy", "product", "annual_premium", "mode", "writing", "state", "issue_age"],
        read: policy_issued,
    },
    FactType { name: "policy_lapsed", fields: &["carrier", "policy"], read: policy_lapsed },
    FactType { name: "policy_terminated", fields: &["carrier", "policy", "reason"], read: policy_terminated },
    FactType { name: "policy_reinstated", fields: &["carrier", "policy"], read: policy_reinstated },
    FactType {
        name: "premium_reversed",
        fields: &["carrier", "policy", "amount", "months", "reason"],
        read: premium_reversed,
    },
    FactType {
        name: "chargeback_recorded",
        fields: &["carrier", "policy", "producer", "amount", "reason"],
        read: chargeback_recorded,
    },
    FactType {
        name: "producer_contracted",
        fields: &["producer", "carrier", "level", "upline", "advance"],
        read: producer_contracted,
    },
    FactType {
        name: "contract_changed",
        fields: &["producer", "carrier", "level", "upline", "advance"],
        read: contract_changed,
    },
    FactType { name: "carrier_added", fields: &["carrier", "name"], read: carrier_added },
    FactType { name: "producer_added", fields: &["producer", "kind", "name", "npn"], read: producer_added },
    FactType {
        name: "grid_published",
        fields: &["carrier", "product", "line", "levels", "chargeback"],
        read: grid_published,
    },
    FactType {
        name: "persistency_defined",
        fields: &["definition", "basis", "from_months", "to_months", "survive", "exclude"],
        read: persistency_defined,
    },
    FactType {
        name: "coverage_plan_published",
        fields: &["plan", "definition", "payer", "tiers"],
        read: coverage_plan_published,
    },
    FactType { name: "coverage_enrolled", fields: &["producer", "plan"], read: coverage_enrolled },
    FactType { name: "coverage_withdrawn", fields: &["producer", "plan"], read: coverage_withdrawn },
];

/// Types of facts.md that no body stands for yet.
const NOT_YET: &[&str] = &[
    "agent_released",
    "debt_rolled_up",
    "policy_restated",
    "repayment_received",
    "lead_line_set",
    "lead_charged",
    "lead_credited",
    "adjustment_posted",
    "period_closed",
];

/// Events that the ledger records itself.
const OF_THE_LEDGER: &[&str] = &["chargeback_assessed", "chargeback_covered", "payout_made"];

/// The form of the field `type`.
pub(crate) fn fact_type(at: &mut At<'_>, value: Value<'_>) -> Result<&'static FactType, Refusal> {
    let name = match &value {
        Value::Text(text) => text.as_ref(),
        Value::Cell(text) => text,
        other => return Err(at.wrong(other, "it is the type of a fact, such as \"premium_paid\"")),
    };
    if let Some(found) = TYPES.iter().find(|one| one.name == name) {
        return Ok(found);
    }
    Err(if NOT_YET.contains(&name) {
        at.wrong(&value, "this version of Upline does not take that type of fact yet")
    } else if OF_THE_LEDGER.contains(&name) {
        at.wrong(&value, "the ledger records that itself; it is no fact to be submitted")
    } else {
        let names: Vec<&str> = TYPES.iter().map(|one| one.name).collect();
        at.wrong(&value, format_args!("the types of facts are {}", names.join(", ")))
    })
}

fn policy(r: &mut Reading<'_, '_>) -> Result<PolicyName, Refusal> {
    Ok(PolicyName { carrier: r.must("carrier", code)?, number: r.must("policy", policy_number)? })
}

fn premium_paid(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PremiumPaid {
        policy: policy(r)?,
        amount: r.must("amount", positive)?,
        months: r.may("months", whole(PREMIUM_MONTHS_MAX))?,
    }
    .into())
}

fn premium_reversed(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PremiumReversed {
        policy: policy(r)?,
        amount: r.must("amount", positive)?,
        months: r.may("months", whole(PREMIUM_MONTHS_MAX))?,
        reason: r.may("reason", word(ReversalReason::ALL, ReversalReason::parse, ReversalReason::as_str))?,
    }
    .into())
}

fn policy_issued(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PolicyIssued(Box::new(PolicyIssued {
        carrier: r.must("carrier", code)?,
        number: r.must("policy", policy_number)?,
        product: r.must("product", code)?,
        annual_premium: r.must("annual_premium", positive)?,
        mode: r.must("mode", word(Mode::ALL, Mode::parse, Mode::as_str))?,
        writing: r.must("writing", |at, value| list(at, value, (1, WRITING_SIDES_MAX), writing))?,
        state: r.may("state", free_text)?,
        issue_age: r.may("issue_age", whole(ISSUE_AGE_YEARS_MAX))?,
        frozen: (),
    }))
    .into())
}

fn writing(at: &mut At<'_>, value: Value<'_>) -> Result<Writing<ByCode>, Refusal> {
    at.object(value, &["producer", "share"], |r| {
        Ok(Writing { producer: r.must("producer", code)?, share: r.must("share", share)? })
    })
}

fn policy_lapsed(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PolicyStopped { policy: policy(r)?, reason: StopReason::Lapse }.into())
}

fn policy_terminated(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let reason = r.must("reason", |at, value| match stop_reason(at, value)? {
        StopReason::Lapse => Err(at.wrong_text("lapse", "a lapse is a fact of type policy_lapsed")),
        reason => Ok(reason),
    })?;
    Ok(Body::PolicyStopped { policy: policy(r)?, reason }.into())
}

fn stop_reason(at: &mut At<'_>, value: Value<'_>) -> Result<StopReason, Refusal> {
    word(StopReason::ALL, StopReason::parse, StopReason::as_str)(at, value)
}

fn policy_reinstated(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PolicyReinstated { policy: policy(r)? }.into())
}

fn chargeback_recorded(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ChargebackRecorded {
        policy: policy(r)?,
        producer: r.must("producer", code)?,
        amount: r.must("amount", positive)?,
        reason: r.must("reason", free_text)?,
    }
    .into())
}

fn carrier_added(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let body = Body::CarrierAdded { carrier: r.must("carrier", code)? };
    Ok(Read { body, personal: personal(r.may("name", free_text)?, None) })
}

fn producer_added(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let body = Body::ProducerAdded {
        producer: r.must("producer", code)?,
        kind: r.must("kind", word(ProducerKind::ALL, ProducerKind::parse, ProducerKind::as_str))?,
    };
    Ok(Read { body, personal: personal(r.may("name", free_text)?, r.may("npn", free_text)?) })
}

fn personal(name: Option<String>, npn: Option<String>) -> Option<Box<Personal>> {
    (name.is_some() || npn.is_some()).then(|| Box::new(Personal { name, npn }))
}

fn producer_contracted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ProducerContracted {
        producer: r.must("producer", code)?,
        carrier: r.must("carrier", code)?,
        level: r.must("level", code)?,
        upline: r.may_be_none("upline", code)?.flatten(),
        advance: r.may("advance", advance)?.unwrap_or_default(),
    }
    .into())
}

fn contract_changed(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let producer = r.must("producer", code)?;
    let carrier = r.must("carrier", code)?;
    let level = r.may("level", code)?;
    let upline = r.may_be_none("upline", code)?;
    let advance = r.may("advance", advance)?;
    if level.is_none() && upline.is_none() && advance.is_none() {
        let message = "the contract does not change: there is neither level nor upline nor advance";
        return Err(Refusal::whole(refusal::Code::Malformed, message));
    }
    Ok(Body::ContractChanged { producer, carrier, level, upline, advance }.into())
}

fn advance(at: &mut At<'_>, value: Value<'_>) -> Result<AdvanceTerms, Refusal> {
    let value = json(at, value)?;
    at.object(value, &["months", "cap"], |r| {
        Ok(AdvanceTerms { months: r.must("months", whole(ADVANCE_MONTHS_MAX))?, cap: r.may("cap", cap)? })
    })
}

fn grid_published(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let rows = |at: &mut At<'_>, value| list(at, value, (0, CHARGEBACK_ROWS_MAX), chargeback_row);
    Ok(Body::GridPublished(Box::new(Grid {
        carrier: r.must("carrier", code)?,
        product: r.must("product", code)?,
        line: r.may("line", word(Line::ALL, Line::parse, Line::as_str))?,
        levels: r.must("levels", levels)?,
        chargeback: r.may("chargeback", rows)?.unwrap_or_default(),
    }))
    .into())
}

/// The bands of each level, sorted by level as the grid wants them.
fn levels(at: &mut At<'_>, value: Value<'_>) -> Result<Vec<(Code, Vec<Band>)>, Refusal> {
    let mut levels = Vec::new();
    for (name, bands) in map(at, value, LEVELS_MAX)?.into_members() {
        let level = code(at, Value::Text(name))?;
        levels.push((level, list(at, bands, (1, BANDS_MAX), band)?));
    }
    levels.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(levels)
}

fn band(at: &mut At<'_>, value: Value<'_>) -> Result<Band, Refusal> {
    at.object(value, &["years", "rate"], |r| {
        let years = r.must("years", |at, value| {
            span(at, value, 1, "policy years are \"1\", \"2-10\" or \"11+\", counted from 1")
        })?;
        Ok(Band { years, rate: r.must("rate", rate)? })
    })
}

fn chargeback_row(at: &mut At<'_>, value: Value<'_>) -> Result<ChargebackRow, Refusal> {
    at.object(value, &["reason", "months", "rule"], |r| {
        let reason = r.must("reason", stop_reason)?;
        let months =
            r.must("months", |at, value| span(at, value, 0, "months are \"6\", \"0-12\" or \"13+\""))?;
        Ok(ChargebackRow { reason, months, rule: r.must("rule", rule)? })
    })
}

fn span(at: &mut At<'_>, value: Value<'_>, least: u16, but: &str) -> Result<Span, Refusal> {
    let span = match &value {
        Value::Text(text) => Span::parse(text).filter(|span| span.first >= least),
        _ => None,
    };
    span.ok_or_else(|| at.wrong(&value, but))
}

fn rule(at: &mut At<'_>, value: Value<'_>) -> Result<Rule, Refusal> {
    let rule = match &value {
        Value::Text(text) => Rule::parse(text),
        _ => None,
    };
    rule.ok_or_else(|| {
        let but = "a rule is \"pro_rata\", \"full\", \"none\" or \"percent:0.70\" with a part from 0 to 1";
        at.wrong(&value, but)
    })
}

fn persistency_defined(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let definition = r.must("definition", code)?;
    let terms = Definition {
        basis: r.must("basis", word(Basis::ALL, Basis::parse, Basis::as_str))?,
        from_months: r.must("from_months", whole(PERSISTENCY_MONTHS_MAX))?,
        to_months: r.must("to_months", whole(PERSISTENCY_MONTHS_MAX))?,
        survive: r.must("survive", word(Survival::ALL, Survival::parse, Survival::as_str))?,
        exclude: r
            .may("exclude", |at, value| list(at, value, (0, EXCLUDED_MAX), stop_reason))?
            .unwrap_or_default(),
    };
    if terms.from_months >= terms.to_months {
        let message = format!(
            "from_months is {}, but it must be below to_months {}",
            terms.from_months, terms.to_months
        );
        return Err(Refusal::of(refusal::Code::Malformed, "from_months", message));
    }
    Ok(Body::PersistencyDefined { definition, terms }.into())
}

fn coverage_plan_published(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CoveragePlanPublished(Box::new(CoveragePlan {
        plan: r.must("plan", code)?,
        definition: r.must("definition", code)?,
        payer: r.must("payer", code)?,
        tiers: r.must("tiers", |at, value| list(at, value, (1, TIERS_MAX), tier))?,
    }))
    .into())
}

fn tier(at: &mut At<'_>, value: Value<'_>) -> Result<Tier, Refusal> {
    at.object(value, &["above", "cover"], |r| {
        Ok(Tier { above: r.must("above", part)?, cover: r.must("cover", part)? })
    })
}

fn coverage_enrolled(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CoverageEnrolled { producer: r.must("producer", code)?, plan: r.must("plan", code)? }.into())
}

fn coverage_withdrawn(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CoverageWithdrawn { producer: r.must("producer", code)?, plan: r.must("plan", code)? }.into())
}
