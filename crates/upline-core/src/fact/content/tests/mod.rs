//! The canonical text of every fact, which never changes.

use super::*;
use crate::fact::coverage::{CoverageDecision, Reason, Tier};
use crate::fact::grid::{
    Band, ChargebackMonths, ChargebackRow, Grid, LineOfBusiness, Rule, Span, StopReason,
};
use crate::fact::{
    AdjustedAccount, AdjustmentPosted, AgentReleased, CarrierAdded, ChainLink, ChargebackAssessed,
    ChargebackRecorded, ContractChanged, CoveragePlan, CoverageWithdrawn, DebtMoved, DebtRolledUp, DebtTerms,
    LeadCharged, LeadCredited, LeadLineSet, Mode, PersistencyDefined, PolicyIssued, PolicyReinstated,
    PolicyRestated, PolicyStopped, PremiumPaid, PremiumReversed, ProducerAdded, ProducerContracted,
    ProducerKind, RepaymentReceived, RestatedChain, ReversalReason, Vesting, Writing,
};
use crate::policy::persistency::{Basis, Definition, Survival, Tally};
use crate::vocabulary::names::Code;

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

fn policy() -> PolicyName {
    PolicyName::parse("C1/P/7").unwrap()
}

fn text_of(remarks: Option<&Remarks>, body: &Body<ByCode>) -> String {
    let mut out = String::new();
    canonical(Day::parse("2025-01-31").unwrap(), remarks, body, &mut out);
    out
}

/// The golden text of a body without remarks.
fn check(body: Body<ByCode>, expected: &str) {
    assert_eq!(text_of(None, &body), expected);
    let mut fields = String::new();
    write_fields(&body, &mut fields);
    let on_and_type = ["\"on\":\"2025-01-31\"", ",\"type\":\"", body.type_name(), "\""].concat();
    assert!(fields.len() + on_and_type.len() + 2 == expected.len(), "{fields}");
}

fn premium() -> Body<ByCode> {
    Body::PremiumPaid(PremiumPaid { policy: policy(), amount: Cents(10_000), months: None })
}

// These ids are stored in ledgers for ever: a test that fails here is mended in the code, never here.
#[test]
fn derived_ids_never_change() {
    let text = text_of(None, &premium());
    assert_eq!(derived_id(&text, 1).to_string(), "b6957b42-3633-56ed-981b-522700ada575");
    assert_eq!(derived_id(&text, 2).to_string(), "fd80f485-b52d-5139-aace-a951d9279cc1");
    assert_eq!(ContentKey::of(&text).id(&text, 1), derived_id(&text, 1));
    assert_eq!(ContentKey::of(&text).id(&text, 2), derived_id(&text, 2));
    assert_eq!(derived_id(&text, 1).get_version_num(), 5);
}

#[test]
fn canonical_texts_never_change() {
    check(
        premium(),
        r##"{"amount":"100.00","carrier":"C1","on":"2025-01-31","policy":"P/7","type":"premium_paid"}"##,
    );
    check(
        Body::PremiumReversed(PremiumReversed {
            policy: policy(),
            amount: Cents(7),
            months: Some(0),
            reason: Some(ReversalReason::Nsf),
        }),
        r##"{"amount":"0.07","carrier":"C1","months":0,"on":"2025-01-31","policy":"P/7","reason":"nsf","type":"premium_reversed"}"##,
    );
    check(
        Body::CarrierAdded(CarrierAdded { carrier: code("C1") }),
        r##"{"carrier":"C1","on":"2025-01-31","type":"carrier_added"}"##,
    );
    check(
        Body::ProducerAdded(ProducerAdded { producer: code("A"), kind: ProducerKind::Mga }),
        r##"{"kind":"mga","on":"2025-01-31","producer":"A","type":"producer_added"}"##,
    );
    check(
        Body::PolicyStopped(PolicyStopped { policy: policy(), reason: StopReason::Lapse }),
        r##"{"carrier":"C1","on":"2025-01-31","policy":"P/7","type":"policy_lapsed"}"##,
    );
    check(
        Body::PolicyStopped(PolicyStopped { policy: policy(), reason: StopReason::FreeLook }),
        r##"{"carrier":"C1","on":"2025-01-31","policy":"P/7","reason":"free_look","type":"policy_terminated"}"##,
    );
    check(
        Body::PolicyReinstated(PolicyReinstated { policy: policy() }),
        r##"{"carrier":"C1","on":"2025-01-31","policy":"P/7","type":"policy_reinstated"}"##,
    );
    check(
        Body::CoverageWithdrawn(CoverageWithdrawn { producer: code("A"), plan: code("gold") }),
        r##"{"on":"2025-01-31","plan":"gold","producer":"A","type":"coverage_withdrawn"}"##,
    );
}

#[test]
fn canonical_texts_of_contracts_never_change() {
    let advance = AdvanceTerms { months: 9, cap: Some(Cents(150_000)) };
    let contracted = |upline, advance| {
        Body::ProducerContracted(ProducerContracted {
            producer: code("A"),
            carrier: code("C1"),
            level: code("110"),
            upline,
            advance,
        })
    };
    check(
        contracted(Some(code("B")), advance),
        r##"{"advance":{"cap":"1500.00","months":9},"carrier":"C1","level":"110","on":"2025-01-31","producer":"A","type":"producer_contracted","upline":"B"}"##,
    );
    // No advance and an advance of nothing are the same.
    check(
        contracted(None, AdvanceTerms::default()),
        r##"{"carrier":"C1","level":"110","on":"2025-01-31","producer":"A","type":"producer_contracted"}"##,
    );
    check(
        Body::ContractChanged(ContractChanged {
            producer: code("A"),
            carrier: code("C1"),
            level: None,
            upline: Some(None),
            advance: Some(AdvanceTerms::default()),
        }),
        r##"{"advance":{"months":0},"carrier":"C1","on":"2025-01-31","producer":"A","type":"contract_changed","upline":null}"##,
    );
}

#[test]
fn canonical_texts_of_plans_never_change() {
    let terms = Definition {
        basis: Basis::Count,
        from_months: 13,
        to_months: 25,
        survive: Survival::PaidTo,
        exclude: vec![StopReason::FreeLook, StopReason::Death],
    };
    check(
        Body::PersistencyDefined(PersistencyDefined { definition: code("p13"), terms }),
        r##"{"basis":"count","definition":"p13","exclude":["free_look","death"],"from_months":13,"on":"2025-01-31","survive":"paid_to","to_months":25,"type":"persistency_defined"}"##,
    );
    let plan = CoveragePlan {
        plan: code("gold"),
        definition: code("p13"),
        payer: code("IMO"),
        tiers: vec![Tier { above: rate("0.8"), cover: rate("1") }],
    };
    check(
        Body::CoveragePlanPublished(Box::new(plan)),
        r##"{"definition":"p13","on":"2025-01-31","payer":"IMO","plan":"gold","tiers":[{"above":"0.80","cover":"1.00"}],"type":"coverage_plan_published"}"##,
    );
}

#[test]
fn canonical_texts_of_grids_and_policies_never_change() {
    let band = |years: &str, r: &str| Band { years: Span::parse(years).unwrap(), rate: rate(r) };
    let grid = Grid {
        carrier: code("C1"),
        product: code("FE"),
        line: Some(LineOfBusiness::FinalExpense),
        levels: vec![(code("110"), vec![band("1", "1.1"), band("2-10", "0.025"), band("11+", "0")])],
        chargeback: vec![ChargebackRow {
            reason: StopReason::Surrender,
            months: Span::parse("0-6").unwrap(),
            rule: Rule::Percent(rate("0.7")),
        }],
        chargeback_months: ChargebackMonths::Paid,
    };
    check(
        Body::GridPublished(Box::new(grid)),
        r##"{"carrier":"C1","chargeback":[{"months":"0-6","reason":"surrender","rule":"percent:0.70"}],"levels":{"110":[{"rate":"1.10","years":"1"},{"rate":"0.025","years":"2-10"},{"rate":"0.00","years":"11+"}]},"line":"final_expense","on":"2025-01-31","product":"FE","type":"grid_published"}"##,
    );
    let issued = PolicyIssued {
        carrier: code("C1"),
        number: policy().number,
        product: code("FE"),
        annual_premium: Cents(120_000),
        mode: Mode::Monthly,
        writing: vec![Writing { producer: code("A"), share: Rate::ONE }],
        state: Some("TX".into()),
        issue_age: Some(61),
        frozen: (),
    };
    check(
        Body::PolicyIssued(Box::new(issued)),
        r##"{"annual_premium":"1200.00","carrier":"C1","issue_age":61,"mode":"monthly","on":"2025-01-31","policy":"P/7","product":"FE","state":"TX","type":"policy_issued","writing":[{"producer":"A","share":"1.00"}]}"##,
    );
}

#[test]
fn canonical_texts_of_chargebacks_never_change() {
    check(
        Body::ChargebackRecorded(ChargebackRecorded {
            policy: policy(),
            producer: code("A"),
            amount: Cents(55_000),
            reason: "said \"so\"".into(),
        }),
        r##"{"amount":"550.00","carrier":"C1","on":"2025-01-31","policy":"P/7","producer":"A","reason":"said \"so\"","type":"chargeback_recorded"}"##,
    );
    check(
        Body::ChargebackAssessed(ChargebackAssessed {
            policy: policy(),
            producer: code("A"),
            payee: 3,
            stop: 12,
            amount: Cents(55_000),
            rule: Rule::ProRata,
            kept: Cents(44_000),
        }),
        r##"{"amount":"550.00","carrier":"C1","kept":"440.00","on":"2025-01-31","policy":"P/7","producer":"A","rule":"pro_rata","stop":12,"type":"chargeback_assessed"}"##,
    );
}

#[test]
fn canonical_texts_of_releases_never_change() {
    let released = |carrier, reason: Option<&str>| {
        Body::AgentReleased(AgentReleased {
            producer: code("A"),
            carrier,
            vesting: Vesting::Full,
            debt: DebtTerms::RollsUp,
            reason: reason.map(str::to_owned),
        })
    };
    check(
        released(None, None),
        r##"{"carrier":"*","debt":"rolls_up","on":"2025-01-31","producer":"A","type":"agent_released","vesting":"full"}"##,
    );
    check(
        released(Some(code("C1")), Some("moved \\ away")),
        r##"{"carrier":"C1","debt":"rolls_up","on":"2025-01-31","producer":"A","reason":"moved \\ away","type":"agent_released","vesting":"full"}"##,
    );
    check(
        Body::DebtRolledUp(DebtRolledUp { producer: code("A"), carrier: code("C1") }),
        r##"{"carrier":"C1","on":"2025-01-31","producer":"A","type":"debt_rolled_up"}"##,
    );
    check(
        Body::DebtMoved(DebtMoved { policy: policy(), from: code("A"), to: code("B"), amount: Cents(5) }),
        r##"{"amount":"0.05","carrier":"C1","on":"2025-01-31","policy":"P/7","producer":"A","to":"B","type":"debt_moved"}"##,
    );
}

#[test]
fn canonical_texts_of_restatements_never_change() {
    let restated = |chain| {
        Body::PolicyRestated(Box::new(PolicyRestated {
            policy: policy(),
            correction: code("K-1"),
            chain,
            issue: None,
            frozen: (),
        }))
    };
    check(
        restated(RestatedChain::Contracts),
        r##"{"carrier":"C1","chain":"contracts","correction":"K-1","on":"2025-01-31","policy":"P/7","type":"policy_restated"}"##,
    );
    let link = |producer: &str, level: &str| ChainLink { producer: code(producer), level: code(level) };
    check(
        restated(RestatedChain::Places(vec![
            vec![link("A", "110"), link("B", "140")],
            vec![link("C", "95")],
        ])),
        r##"{"carrier":"C1","chain":[[{"level":"110","producer":"A"},{"level":"140","producer":"B"}],[{"level":"95","producer":"C"}]],"correction":"K-1","on":"2025-01-31","policy":"P/7","type":"policy_restated"}"##,
    );
}

#[test]
fn canonical_texts_of_money_besides_policies_never_change() {
    let repaid = |carrier| {
        Body::RepaymentReceived(RepaymentReceived { producer: code("A"), carrier, amount: Cents(12_345) })
    };
    check(
        repaid(None),
        r##"{"amount":"123.45","on":"2025-01-31","producer":"A","type":"repayment_received"}"##,
    );
    check(
        repaid(Some(code("C1"))),
        r##"{"amount":"123.45","carrier":"C1","on":"2025-01-31","producer":"A","type":"repayment_received"}"##,
    );
    check(
        Body::LeadLineSet(LeadLineSet { producer: code("A"), limit: Cents(0) }),
        r##"{"limit":"0.00","on":"2025-01-31","producer":"A","type":"lead_line_set"}"##,
    );
    check(
        Body::LeadCharged(LeadCharged { producer: code("A"), amount: Cents(100) }),
        r##"{"amount":"1.00","on":"2025-01-31","producer":"A","type":"lead_charged"}"##,
    );
    check(
        Body::LeadCredited(LeadCredited { producer: code("A"), amount: Cents(100) }),
        r##"{"amount":"1.00","on":"2025-01-31","producer":"A","type":"lead_credited"}"##,
    );
    let adjustment = |carrier, account, amount| {
        Body::AdjustmentPosted(Box::new(AdjustmentPosted {
            producer: code("A"),
            carrier,
            account,
            amount: Cents(amount),
            code: code("goodwill"),
            approved_by: "Ann \"B\"".into(),
        }))
    };
    check(
        adjustment(None, AdjustedAccount::Leads, -101),
        r##"{"account":"leads","amount":"-1.01","approved_by":"Ann \"B\"","code":"goodwill","on":"2025-01-31","producer":"A","type":"adjustment_posted"}"##,
    );
    check(
        adjustment(Some(code("C1")), AdjustedAccount::Payable, 101),
        r##"{"account":"payable","amount":"1.01","approved_by":"Ann \"B\"","carrier":"C1","code":"goodwill","on":"2025-01-31","producer":"A","type":"adjustment_posted"}"##,
    );
    check(Body::PeriodClosed, r##"{"on":"2025-01-31","type":"period_closed"}"##);
}

fn decision(basis: Basis, persistency: Tally, tier: Option<Tier>, reason: Reason) -> Body<ByCode> {
    Body::ChargebackCovered(Box::new(CoverageDecision {
        policy: policy(),
        producer: code("A"),
        side: Some(1),
        stop: 12,
        chargeback: Cents(55_000),
        covered: Cents(27_500),
        payer: code("IMO"),
        plan: code("gold"),
        plan_version: 9,
        definition: code("p13"),
        definition_version: 8,
        basis,
        persistency,
        tier,
        reason,
    }))
}

#[test]
fn canonical_texts_of_decisions_never_change() {
    let terms = |basis| Definition {
        basis,
        from_months: 13,
        to_months: 25,
        survive: Survival::PaidTo,
        exclude: Vec::new(),
    };
    let tally = |basis, shares: &[(&str, bool)]| {
        let mut tally = Tally::default();
        for (share, survives) in shares {
            tally.count(*survives, terms(basis).weight(Cents(100_001), rate(share)));
        }
        tally
    };
    let tier = Tier { above: rate("0.6"), cover: rate("0.5") };
    check(
        decision(
            Basis::Count,
            tally(Basis::Count, &[("1", true), ("0.5", true), ("1", false)]),
            Some(tier),
            Reason::Tier,
        ),
        r##"{"carrier":"C1","chargeback":"550.00","cohort":3,"cohort_weight":"3","covered":"275.00","definition":"p13","definition_version":8,"on":"2025-01-31","payer":"IMO","plan":"gold","plan_version":9,"policy":"P/7","producer":"A","ratio":"0.6667","reason":"tier","stop":12,"surviving":2,"surviving_weight":"2","tier":{"above":"0.60","cover":"0.50"},"type":"chargeback_covered"}"##,
    );
    check(
        decision(
            Basis::Premium,
            tally(Basis::Premium, &[("0.125", true), ("1", false)]),
            None,
            Reason::BelowTiers,
        ),
        r##"{"carrier":"C1","chargeback":"550.00","cohort":2,"cohort_weight":"1125.01125","covered":"275.00","definition":"p13","definition_version":8,"on":"2025-01-31","payer":"IMO","plan":"gold","plan_version":9,"policy":"P/7","producer":"A","ratio":"0.1111","reason":"below_tiers","stop":12,"surviving":1,"surviving_weight":"125.00125","tier":null,"type":"chargeback_covered"}"##,
    );
    check(
        decision(Basis::Premium, Tally::default(), None, Reason::NoCohort),
        r##"{"carrier":"C1","chargeback":"550.00","cohort":0,"cohort_weight":"0.00","covered":"275.00","definition":"p13","definition_version":8,"on":"2025-01-31","payer":"IMO","plan":"gold","plan_version":9,"policy":"P/7","producer":"A","ratio":null,"reason":"no_cohort","stop":12,"surviving":0,"surviving_weight":"0.00","tier":null,"type":"chargeback_covered"}"##,
    );
}

#[test]
fn days_and_amounts_are_written_as_they_print_themselves() {
    let mut out = String::new();
    for day in (Day::FIRST.0..=Day::LAST.0).step_by(13).chain([i32::MIN, i32::MAX, -719_528, -719_529]) {
        out.clear();
        write_day(Day(day), &mut out);
        assert_eq!(out, Day(day).to_string());
    }
    for cents in [0, 1, -1, 9, 10, 99, 100, -100, 12_345, i64::MAX, i64::MIN, Cents::FACT_MAX.0] {
        out.clear();
        write_money(Cents(cents), &mut out);
        assert_eq!(out, Cents(cents).to_string());
    }
}

#[test]
fn remarks_are_content_and_stand_where_their_names_sort() {
    let remarks = Remarks {
        source: Some("statement 4".into()),
        note: Some("a\\b\n\u{1}é\u{7f}".into()),
        actor: Some("Ann".into()),
    };
    assert_eq!(
        text_of(Some(&remarks), &premium()),
        concat!(
            r#"{"actor":"Ann","amount":"100.00","carrier":"C1","note":"a\\b\n\u0001é"#,
            "\u{7f}",
            r#"","on":"2025-01-31","policy":"P/7","source":"statement 4","type":"premium_paid"}"#
        )
    );
}
