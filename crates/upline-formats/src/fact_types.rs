//! The types of facts (facts.md): the fields of each and how its body is read. A type more is a row in
//! [`ROWS`] and a function.

mod paying;
mod statements;

use crate::fields::Value;
use crate::forms::{
    cap, code, day, free_text, json, list, map, part, policy_number, positive, rate, share, whole, word,
};
use crate::limits::{
    ADVANCE_MONTHS_MAX, BANDS_MAX, CHAIN_PLACES_MAX, CHAIN_SIDES_MAX, CHARGEBACK_ROWS_MAX, EXCLUDED_MAX,
    ISSUE_AGE_YEARS_MAX, LEVELS_MAX, PERSISTENCY_MONTHS_MAX, PREMIUM_MONTHS_MAX, TIERS_MAX,
    WRITING_SIDES_MAX,
};
use crate::reading::{At, Reading};
use paying::{
    adjustment_posted, assignment_ended, commission_assigned, hold_lifted, house_set, lead_charged,
    lead_credited, lead_line_set, opening_posted, payout_held, payout_made, payout_returned,
    payout_terms_set, route_set,
};
use statements::{
    action_decided, action_proposed, bank_details_set, carrier_deposit, carrier_pays, exception_resolved,
    payment_file_written, period_closed, personal_data_erased, statement_received, statement_voided,
};
use upline_core::chain::AdvanceTerms;
use upline_core::coverage::Tier;
use upline_core::fact::types::{self, Submitter};
use upline_core::fact::{
    AgentReleased, Body, CarrierAdded, ChainLink, ChargebackRecorded, ContractChanged, CorrectedIssue,
    CoverageEnrolled, CoveragePlan, CoverageWithdrawn, DebtRolledUp, DebtTerms, Mode, PersistencyDefined,
    Personal, PolicyIssued, PolicyReinstated, PolicyRestated, PolicyStopped, PremiumPaid, PremiumReversed,
    ProducerAdded, ProducerContracted, ProducerKind, RepaymentReceived, RestatedChain, ReversalReason,
    Vesting, Writing,
};
use upline_core::grid::{
    Band, ChargebackMonths, ChargebackRow, Grid, LineOfBusiness, Rule, Span, StopReason,
};
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::persistency::{Basis, Definition, Survival};
use upline_core::refusal::{Refusal, RefusalCode};

pub(crate) struct FactType {
    pub name: &'static str,
    /// Its fields, besides those that every fact has; `?` marks those that may be left out.
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
pub(crate) const ROWS: &[FactType] = &[
    FactType {
        name: "premium_paid",
        fields: &["carrier", "policy", "amount", "months?"],
        read: premium_paid,
    },
    FactType {
        name: "policy_issued",
        fields: &[
            "carrier",
            "policy",
            "product",
            "annual_premium",
            "mode",
            "writing",
            "state?",
            "issue_age?",
        ],
        read: policy_issued,
    },
    FactType { name: "policy_lapsed", fields: &["carrier", "policy"], read: policy_lapsed },
    FactType { name: "policy_terminated", fields: &["carrier", "policy", "reason"], read: policy_terminated },
    FactType { name: "policy_reinstated", fields: &["carrier", "policy"], read: policy_reinstated },
    FactType {
        name: "premium_reversed",
        fields: &["carrier", "policy", "amount", "months?", "reason?"],
        read: premium_reversed,
    },
    FactType { name: "lead_charged", fields: &["producer", "amount"], read: lead_charged },
    FactType { name: "lead_credited", fields: &["producer", "amount"], read: lead_credited },
    FactType {
        name: "repayment_received",
        fields: &["producer", "carrier?", "amount"],
        read: repayment_received,
    },
    FactType {
        name: "chargeback_recorded",
        fields: &["carrier", "policy", "producer", "amount", "reason"],
        read: chargeback_recorded,
    },
    FactType {
        name: "producer_contracted",
        fields: &["producer", "carrier", "level", "upline?", "advance?"],
        read: producer_contracted,
    },
    FactType {
        name: "contract_changed",
        fields: &["producer", "carrier", "level?", "upline?", "advance?"],
        read: contract_changed,
    },
    FactType { name: "carrier_added", fields: &["carrier", "name?"], read: carrier_added },
    FactType { name: "producer_added", fields: &["producer", "kind", "name?", "npn?"], read: producer_added },
    FactType {
        name: "grid_published",
        fields: &["carrier", "product", "line?", "levels", "chargeback?", "chargeback_months?"],
        read: grid_published,
    },
    FactType {
        name: "persistency_defined",
        fields: &["definition", "basis", "from_months", "to_months", "survive", "exclude?"],
        read: persistency_defined,
    },
    FactType {
        name: "coverage_plan_published",
        fields: &["plan", "definition", "payer", "tiers"],
        read: coverage_plan_published,
    },
    FactType { name: "coverage_enrolled", fields: &["producer", "plan"], read: coverage_enrolled },
    FactType { name: "coverage_withdrawn", fields: &["producer", "plan"], read: coverage_withdrawn },
    FactType {
        name: "agent_released",
        fields: &["producer", "carrier", "vesting", "debt", "reason?"],
        read: agent_released,
    },
    FactType { name: "debt_rolled_up", fields: &["producer", "carrier"], read: debt_rolled_up },
    FactType {
        name: "policy_restated",
        fields: &["carrier", "policy", "correction", "chain?", "issue?"],
        read: policy_restated,
    },
    FactType {
        name: "payout_terms_set",
        fields: &["producer", "minimum?", "reserve?", "basis?"],
        read: payout_terms_set,
    },
    FactType { name: "payout_held", fields: &["producer", "reason"], read: payout_held },
    FactType { name: "hold_lifted", fields: &["producer", "reason"], read: hold_lifted },
    FactType {
        name: "payout_made",
        fields: &["producer", "payable", "leads?", "debt?", "reserve?", "parts?", "paid_by?", "returned?"],
        read: payout_made,
    },
    FactType { name: "lead_line_set", fields: &["producer", "limit"], read: lead_line_set },
    FactType {
        name: "adjustment_posted",
        fields: &["producer", "carrier?", "account", "amount", "code", "approved_by"],
        read: adjustment_posted,
    },
    FactType {
        name: "statement_received",
        fields: &["file", "profile", "version", "profile_file", "period", "lines", "total", "replaces?"],
        read: statement_received,
    },
    FactType {
        name: "exception_resolved",
        fields: &[
            "statement",
            "exception",
            "class",
            "difference",
            "reason",
            "resolved_by",
            "carrier?",
            "kind?",
            "producer?",
            "policy?",
            "of?",
        ],
        read: exception_resolved,
    },
    FactType { name: "period_closed", fields: &[], read: period_closed },
    FactType {
        name: "bank_details_set",
        fields: &["producer", "commitment", "approved_by", "hold_days?"],
        read: bank_details_set,
    },
    FactType {
        name: "payment_file_written",
        fields: &["run", "file", "pay_on", "total", "credits", "originator", "accounts"],
        read: payment_file_written,
    },
    FactType { name: "personal_data_erased", fields: &["kind", "code"], read: personal_data_erased },
    FactType {
        name: "action_proposed",
        fields: &["proposal", "action", "commitment"],
        read: action_proposed,
    },
    FactType { name: "action_decided", fields: &["proposal", "decision"], read: action_decided },
    FactType { name: "carrier_pays", fields: &["carrier", "line"], read: carrier_pays },
    FactType {
        name: "carrier_deposit",
        fields: &["carrier", "amount", "reference", "statement?"],
        read: carrier_deposit,
    },
    FactType { name: "statement_voided", fields: &["statement"], read: statement_voided },
    FactType { name: "house_set", fields: &["producer"], read: house_set },
    FactType { name: "route_set", fields: &["producer", "carrier", "paid_by"], read: route_set },
    FactType {
        name: "commission_assigned",
        fields: &["producer", "carrier", "to", "keeps"],
        read: commission_assigned,
    },
    FactType { name: "assignment_ended", fields: &["producer", "carrier"], read: assignment_ended },
    FactType {
        name: "opening_posted",
        fields: &["producer", "carrier?", "policy?", "account", "amount"],
        read: opening_posted,
    },
    FactType { name: "payout_returned", fields: &["payout", "code", "amount?"], read: payout_returned },
];

/// The form of the field `type`.
pub(crate) fn fact_type(at: &mut At<'_>, value: Value<'_>) -> Result<&'static FactType, Refusal> {
    let name = match &value {
        Value::Text(text) => text.as_ref(),
        Value::Cell(text) => text,
        other => return Err(at.wrong(other, "it is the type of a fact, such as \"premium_paid\"")),
    };
    if let Some(found) = ROWS.iter().find(|one| one.name == name) {
        return Ok(found);
    }
    let own = types::FactType::named(name).is_some_and(|known| known.submitter == Submitter::Ledger);
    Err(if own {
        at.wrong(&value, "the ledger records this event itself; it cannot be submitted")
    } else {
        let names: Vec<&str> = ROWS.iter().map(|one| one.name).collect();
        at.wrong(&value, format_args!("the types of facts are {}", names.join(", ")))
    })
}

fn policy(r: &mut Reading<'_, '_>) -> Result<PolicyName, Refusal> {
    Ok(PolicyName { carrier: r.must("carrier", code)?, number: r.must("policy", policy_number)? })
}

fn premium_paid(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PremiumPaid(PremiumPaid {
        policy: policy(r)?,
        amount: r.must("amount", positive)?,
        months: r.may("months", whole(PREMIUM_MONTHS_MAX))?,
    })
    .into())
}

fn premium_reversed(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PremiumReversed(PremiumReversed {
        policy: policy(r)?,
        amount: r.must("amount", positive)?,
        months: r.may("months", whole(PREMIUM_MONTHS_MAX))?,
        reason: r.may("reason", word(ReversalReason::ALL, ReversalReason::parse, ReversalReason::as_str))?,
    })
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
    Ok(Body::PolicyStopped(PolicyStopped { policy: policy(r)?, reason: StopReason::Lapse }).into())
}

fn policy_terminated(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let reason = r.must("reason", |at, value| match stop_reason(at, value)? {
        StopReason::Lapse => Err(at.wrong_text("lapse", "a lapse is a fact of type policy_lapsed")),
        reason => Ok(reason),
    })?;
    Ok(Body::PolicyStopped(PolicyStopped { policy: policy(r)?, reason }).into())
}

fn stop_reason(at: &mut At<'_>, value: Value<'_>) -> Result<StopReason, Refusal> {
    word(StopReason::ALL, StopReason::parse, StopReason::as_str)(at, value)
}

fn policy_reinstated(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PolicyReinstated(PolicyReinstated { policy: policy(r)? }).into())
}

fn chargeback_recorded(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ChargebackRecorded(ChargebackRecorded {
        policy: policy(r)?,
        producer: r.must("producer", code)?,
        amount: r.must("amount", positive)?,
        reason: r.must("reason", free_text)?,
    })
    .into())
}

fn carrier_added(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let body = Body::CarrierAdded(CarrierAdded { carrier: r.must("carrier", code)? });
    Ok(Read { body, personal: personal(r.may("name", free_text)?, None) })
}

fn producer_added(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let body = Body::ProducerAdded(ProducerAdded {
        producer: r.must("producer", code)?,
        kind: r.must("kind", word(ProducerKind::ALL, ProducerKind::parse, ProducerKind::as_str))?,
    });
    Ok(Read { body, personal: personal(r.may("name", free_text)?, r.may("npn", free_text)?) })
}

fn personal(name: Option<String>, npn: Option<String>) -> Option<Box<Personal>> {
    (name.is_some() || npn.is_some()).then(|| Box::new(Personal { name, npn }))
}

fn producer_contracted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ProducerContracted(ProducerContracted {
        producer: r.must("producer", code)?,
        carrier: r.must("carrier", code)?,
        level: r.must("level", code)?,
        upline: r.may_be_none("upline", code)?.flatten(),
        advance: r.may("advance", advance)?.unwrap_or_default(),
    })
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
        return Err(Refusal::whole(RefusalCode::Malformed, message));
    }
    Ok(Body::ContractChanged(ContractChanged { producer, carrier, level, upline, advance }).into())
}

fn advance(at: &mut At<'_>, value: Value<'_>) -> Result<AdvanceTerms, Refusal> {
    let value = json(at, value)?;
    at.object(value, &["months", "cap"], |r| {
        Ok(AdvanceTerms { months: r.must("months", whole(ADVANCE_MONTHS_MAX))?, cap: r.may("cap", cap)? })
    })
}

fn grid_published(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let rows = |at: &mut At<'_>, value| list(at, value, (0, CHARGEBACK_ROWS_MAX), chargeback_row);
    let chargeback_months = word(ChargebackMonths::ALL, ChargebackMonths::parse, ChargebackMonths::as_str);
    Ok(Body::GridPublished(Box::new(Grid {
        carrier: r.must("carrier", code)?,
        product: r.must("product", code)?,
        line: r.may("line", word(LineOfBusiness::ALL, LineOfBusiness::parse, LineOfBusiness::as_str))?,
        levels: r.must("levels", levels)?,
        chargeback: r.may("chargeback", rows)?.unwrap_or_default(),
        chargeback_months: r.may("chargeback_months", chargeback_months)?.unwrap_or_default(),
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
        return Err(Refusal::of(RefusalCode::Malformed, "from_months", message));
    }
    Ok(Body::PersistencyDefined(PersistencyDefined { definition, terms }).into())
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
    Ok(Body::CoverageEnrolled(CoverageEnrolled {
        producer: r.must("producer", code)?,
        plan: r.must("plan", code)?,
    })
    .into())
}

fn coverage_withdrawn(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::CoverageWithdrawn(CoverageWithdrawn {
        producer: r.must("producer", code)?,
        plan: r.must("plan", code)?,
    })
    .into())
}

fn agent_released(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::AgentReleased(AgentReleased {
        producer: r.must("producer", code)?,
        carrier: r.must("carrier", code_or_all)?,
        vesting: r.must("vesting", word(Vesting::ALL, Vesting::parse, Vesting::as_str))?,
        debt: r.must("debt", word(DebtTerms::ALL, DebtTerms::parse, DebtTerms::as_str))?,
        reason: r.may("reason", free_text)?,
    })
    .into())
}

/// One carrier or producer, or none for `*`: all.
fn code_or_all(at: &mut At<'_>, value: Value<'_>) -> Result<Option<Code>, Refusal> {
    match &value {
        Value::Text(text) if text == "*" => Ok(None),
        Value::Cell("*") => Ok(None),
        _ => code(at, value).map(Some),
    }
}

fn debt_rolled_up(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::DebtRolledUp(DebtRolledUp {
        producer: r.must("producer", code)?,
        carrier: r.must("carrier", code)?,
    })
    .into())
}

fn policy_restated(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let (policy, correction) = (policy(r)?, r.must("correction", code)?);
    let chain = r.may("chain", chain)?;
    let issue = r.may("issue", corrected_issue)?;
    if chain.is_none() && issue.is_none() {
        let message = "nothing is corrected: there is neither chain nor issue";
        return Err(Refusal::whole(RefusalCode::Malformed, message));
    }
    let (chain, issue) = (chain.unwrap_or(RestatedChain::Same), issue.map(Box::new));
    Ok(Body::PolicyRestated(Box::new(PolicyRestated { policy, correction, chain, issue, frozen: () })).into())
}

/// What of an issue is corrected.
fn corrected_issue(at: &mut At<'_>, value: Value<'_>) -> Result<CorrectedIssue, Refusal> {
    const FIELDS: &[&str] = &["on", "product", "annual_premium", "mode", "state", "issue_age", "policy"];
    let value = json(at, value)?;
    let shown = value.clone();
    let issue = at.object(value, FIELDS, |r| {
        Ok(CorrectedIssue {
            on: r.may("on", day)?,
            product: r.may("product", code)?,
            annual_premium: r.may("annual_premium", positive)?,
            mode: r.may("mode", word(Mode::ALL, Mode::parse, Mode::as_str))?,
            state: r.may("state", free_text)?,
            issue_age: r.may("issue_age", whole(ISSUE_AGE_YEARS_MAX))?,
            number: r.may("policy", policy_number)?,
        })
    })?;
    if issue == CorrectedIssue::default() {
        return Err(at.wrong(&shown, "it says what of the issue is corrected: at least one of its fields"));
    }
    Ok(issue)
}

/// For each writing side its places, or the word `contracts`.
fn chain(at: &mut At<'_>, value: Value<'_>) -> Result<RestatedChain<ByCode>, Refusal> {
    const BUT: &str = "it is \"contracts\", or for each writing side the list of its places: [[…]]";
    if value == Value::Cell("contracts") {
        return Ok(RestatedChain::Contracts);
    }
    match json(at, value)? {
        Value::Text(text) if text == "contracts" => Ok(RestatedChain::Contracts),
        sides @ Value::List(_) => {
            list(at, sides, (1, CHAIN_SIDES_MAX), chain_side).map(RestatedChain::Places)
        }
        other => Err(at.wrong(&other, BUT)),
    }
}

fn chain_side(at: &mut At<'_>, value: Value<'_>) -> Result<Vec<ChainLink<ByCode>>, Refusal> {
    list(at, value, (1, CHAIN_PLACES_MAX), |at, value| {
        at.object(value, &["producer", "level"], |r| {
            Ok(ChainLink { producer: r.must("producer", code)?, level: r.must("level", code)? })
        })
    })
}

fn repayment_received(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::RepaymentReceived(RepaymentReceived {
        producer: r.must("producer", code)?,
        carrier: r.may("carrier", code)?,
        amount: r.must("amount", positive)?,
    })
    .into())
}
