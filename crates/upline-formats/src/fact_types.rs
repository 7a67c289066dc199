//! The types of facts (facts.md): the fields of each and how its body is read. A type more is a row in
//! [`ROWS`] and a function.

use crate::fields::Value;
use crate::forms::{
    any_amount, cap, code, day, free_text, json, limit, list, map, month, part, person, policy_number,
    positive, rate, sha256, share, signed, whole, word,
};
use crate::limits::{
    ADVANCE_MONTHS_MAX, BANDS_MAX, CHAIN_PLACES_MAX, CHAIN_SIDES_MAX, CHARGEBACK_ROWS_MAX, EXCLUDED_MAX,
    ISSUE_AGE_YEARS_MAX, LEVELS_MAX, PERSISTENCY_MONTHS_MAX, PREMIUM_MONTHS_MAX, TIERS_MAX,
    WRITING_SIDES_MAX,
};
use crate::reading::{At, Reading};
use upline_core::chain::AdvanceTerms;
use upline_core::coverage::Tier;
use upline_core::fact::types::{self, Submitter};
use upline_core::fact::{
    Action, ActionDecided, ActionProposed, AdjustedAccount, AdjustmentPosted, AgentReleased, BankDetailsSet,
    Body, CarrierAdded, ChainLink, ChargebackRecorded, ContractChanged, CoverageEnrolled, CoveragePlan,
    CoverageWithdrawn, DebtRolledUp, DebtTerms, Decision, DirectoryKind, HoldLifted, HoldReason, LeadCharged,
    LeadCredited, LeadLineSet, Mode, PaymentFileWritten, PayoutHeld, PayoutMade, PayoutTerms, PayoutTermsSet,
    PersistencyDefined, Personal, PersonalDataErased, PolicyIssued, PolicyReinstated, PolicyRestated,
    PolicyStopped, PremiumPaid, PremiumReversed, ProducerAdded, ProducerContracted, ProducerKind,
    RepaymentReceived, ReserveTier, ReversalReason, Vesting, Writing,
};
use upline_core::grid::{Band, ChargebackRow, Grid, LineOfBusiness, Rule, Span, StopReason};
use upline_core::names::{ByCode, Code, PolicyName};
use upline_core::persistency::{Basis, Definition, Survival};
use upline_core::refusal::{Refusal, RefusalCode};
use upline_core::statement::{Class, ExceptionResolved, Resolution, StatementReceived};

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
        fields: &["carrier", "product", "line?", "levels", "chargeback?"],
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
        fields: &["carrier", "policy", "correction", "chain"],
        read: policy_restated,
    },
    FactType {
        name: "payout_terms_set",
        fields: &["producer", "minimum?", "reserve?"],
        read: payout_terms_set,
    },
    FactType { name: "payout_held", fields: &["producer", "reason"], read: payout_held },
    FactType { name: "hold_lifted", fields: &["producer", "reason"], read: hold_lifted },
    FactType {
        name: "payout_made",
        fields: &["producer", "payable", "leads?", "debt?", "reserve?"],
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
        fields: &["file", "profile", "version", "profile_file", "period", "lines", "total"],
        read: statement_received,
    },
    FactType {
        name: "exception_resolved",
        fields: &["statement", "exception", "class", "difference", "reason", "resolved_by"],
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
    Ok(Body::GridPublished(Box::new(Grid {
        carrier: r.must("carrier", code)?,
        product: r.must("product", code)?,
        line: r.may("line", word(LineOfBusiness::ALL, LineOfBusiness::parse, LineOfBusiness::as_str))?,
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
    Ok(Body::PolicyRestated(Box::new(PolicyRestated {
        policy: policy(r)?,
        correction: r.must("correction", code)?,
        chain: r.must("chain", chain)?,
        frozen: (),
    }))
    .into())
}

/// For each writing side its places, or none for the word `contracts`.
fn chain(at: &mut At<'_>, value: Value<'_>) -> Result<Option<Vec<Vec<ChainLink<ByCode>>>>, Refusal> {
    const BUT: &str = "it is \"contracts\", or for each writing side the list of its places: [[…]]";
    if value == Value::Cell("contracts") {
        return Ok(None);
    }
    match json(at, value)? {
        Value::Text(text) if text == "contracts" => Ok(None),
        sides @ Value::List(_) => list(at, sides, (1, CHAIN_SIDES_MAX), chain_side).map(Some),
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

fn payout_terms_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let producer = r.must("producer", code_or_all)?;
    let minimum = r.may("minimum", limit)?.unwrap_or_default();
    let reserve: Vec<ReserveTier> =
        r.may("reserve", |at, value| list(at, value, (0, TIERS_MAX), reserve_tier))?.unwrap_or_default();
    let ascend = reserve.is_sorted_by(|a, b| a.to < b.to);
    if !ascend {
        let message = "the tiers of a reserve ascend: each reaches further than the one before";
        return Err(Refusal::of(RefusalCode::Malformed, "reserve", message.to_owned()));
    }
    Ok(Body::PayoutTermsSet(PayoutTermsSet { producer, terms: PayoutTerms { minimum, reserve } }).into())
}

fn reserve_tier(at: &mut At<'_>, value: Value<'_>) -> Result<ReserveTier, Refusal> {
    at.object(value, &["to", "rate"], |r| {
        Ok(ReserveTier { to: r.must("to", positive)?, rate: r.must("rate", part)? })
    })
}

fn hold_reason(r: &mut Reading<'_, '_>) -> Result<(Code, HoldReason), Refusal> {
    let reason = word(HoldReason::ALL, HoldReason::parse, HoldReason::as_str);
    Ok((r.must("producer", code)?, r.must("reason", reason)?))
}

fn payout_held(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let (producer, reason) = hold_reason(r)?;
    Ok(Body::PayoutHeld(PayoutHeld { producer, reason }).into())
}

fn hold_lifted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let (producer, reason) = hold_reason(r)?;
    Ok(Body::HoldLifted(HoldLifted { producer, reason }).into())
}

fn payout_made(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PayoutMade(Box::new(PayoutMade {
        producer: r.must("producer", code)?,
        payable: r.must("payable", any_amount)?,
        leads: r.may("leads", any_amount)?.unwrap_or_default(),
        debt: r.may("debt", any_amount)?.unwrap_or_default(),
        reserve: r.may("reserve", limit)?.unwrap_or_default(),
    }))
    .into())
}

fn lead_line_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::LeadLineSet(LeadLineSet { producer: r.must("producer", code)?, limit: r.must("limit", limit)? })
        .into())
}

fn lead_charged(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::LeadCharged(LeadCharged {
        producer: r.must("producer", code)?,
        amount: r.must("amount", positive)?,
    })
    .into())
}

fn lead_credited(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::LeadCredited(LeadCredited {
        producer: r.must("producer", code)?,
        amount: r.must("amount", positive)?,
    })
    .into())
}

fn adjustment_posted(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let account = word(AdjustedAccount::ALL, AdjustedAccount::parse, AdjustedAccount::as_str);
    Ok(Body::AdjustmentPosted(Box::new(AdjustmentPosted {
        producer: r.must("producer", code)?,
        carrier: r.may("carrier", code)?,
        account: r.must("account", account)?,
        amount: r.must("amount", signed)?,
        code: r.must("code", code)?,
        approved_by: r.must("approved_by", person)?,
    }))
    .into())
}

fn statement_received(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::StatementReceived(Box::new(StatementReceived {
        file: r.must("file", sha256)?,
        profile: r.must("profile", code)?,
        version: r.must("version", whole(u32::MAX))?,
        profile_file: r.must("profile_file", sha256)?,
        period: r.must("period", month)?,
        lines: r.must("lines", whole(u32::MAX))?,
        total: r.must("total", any_amount)?,
    }))
    .into())
}

fn exception_resolved(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ExceptionResolved(Box::new(ExceptionResolved {
        statement: r.must("statement", sha256)?,
        exception: r.must("exception", code)?,
        class: r.must("class", word(Class::ALL, Class::parse, Class::as_str))?,
        difference: r.must("difference", any_amount)?,
        reason: r.must("reason", word(Resolution::ALL, Resolution::parse, Resolution::as_str))?,
        resolved_by: r.must("resolved_by", person)?,
    }))
    .into())
}

/// At least one day, in which somebody can notice.
fn days_of_hold(at: &mut At<'_>, value: Value<'_>) -> Result<u8, Refusal> {
    let shown = value.clone();
    match whole(u8::MAX)(at, value)? {
        0 => Err(at.wrong(&shown, "an account that changes waits for 1 to 255 days")),
        days => Ok(days),
    }
}

fn bank_details_set(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::BankDetailsSet(Box::new(BankDetailsSet {
        producer: r.must("producer", code)?,
        commitment: r.must("commitment", sha256)?,
        approved_by: r.must("approved_by", person)?,
        hold_days: r.may("hold_days", days_of_hold)?,
    }))
    .into())
}

fn payment_file_written(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PaymentFileWritten(Box::new(PaymentFileWritten {
        run: r.must("run", whole(u64::MAX))?,
        file: r.must("file", sha256)?,
        pay_on: r.must("pay_on", day)?,
        total: r.must("total", positive)?,
        credits: r.must("credits", whole(u32::MAX))?,
        originator: r.must("originator", sha256)?,
        accounts: r.must("accounts", sha256)?,
    }))
    .into())
}

fn personal_data_erased(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    let kind = word(DirectoryKind::ALL, DirectoryKind::parse, DirectoryKind::as_str);
    Ok(Body::PersonalDataErased(PersonalDataErased {
        kind: r.must("kind", kind)?,
        code: r.must("code", code)?,
    })
    .into())
}

fn action_proposed(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ActionProposed(Box::new(ActionProposed {
        proposal: r.must("proposal", code)?,
        action: r.must("action", word(Action::ALL, Action::parse, Action::as_str))?,
        commitment: r.must("commitment", sha256)?,
    }))
    .into())
}

fn action_decided(r: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::ActionDecided(ActionDecided {
        proposal: r.must("proposal", code)?,
        decision: r.must("decision", word(Decision::ALL, Decision::parse, Decision::as_str))?,
    })
    .into())
}

fn period_closed(_: &mut Reading<'_, '_>) -> Result<Read, Refusal> {
    Ok(Body::PeriodClosed.into())
}
