//! What was recorded, printed as the independent reader prints what it finds.

use crate::samples::hex;
use upline_core::chain::{AdvanceTerms, FrozenChain};
use upline_core::coverage::Tier;
use upline_core::event::{Event, Identity};
use upline_core::fact::{
    AgentReleased, Body, CarrierAdded, ChargebackAssessed, ChargebackRecorded, ContractChanged,
    CoverageEnrolled, CoverageWithdrawn, DebtMoved, DebtRolledUp, HoldLifted, LeadCharged, LeadCredited,
    LeadLineSet, PayoutBasis, PayoutHeld, PayoutTermsSet, PersistencyDefined, PolicyReinstated,
    PolicyStopped, PremiumPaid, PremiumReversed, ProducerAdded, ProducerContracted, RepaymentReceived,
    RestatedChain,
};
use upline_core::grid::{ChargebackMonths, Rule, Span};
use upline_core::names::{ById, Code};
use upline_core::persistency::Weight;
use upline_core::posting::{Party, Posting};
use upline_core::rate::Rate;

// What was recorded, printed as the independent reader prints what it finds.

pub fn maybe<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or("-".to_owned(), show)
}

pub fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
}

pub fn code(code: &Code) -> String {
    format!("{:?}", code.as_str())
}

pub fn text(text: &str) -> String {
    format!("{text:?}")
}

pub fn rate(rate: Rate) -> String {
    let (digits, behind) = rate.parts();
    format!("{digits}/10^{behind}")
}

pub fn tier(tier: Tier) -> String {
    format!("({}, {})", rate(tier.above), rate(tier.cover))
}

pub fn rule(rule: Rule) -> String {
    match rule {
        Rule::Percent(percent) => format!("percent {}", rate(percent)),
        other => other.to_string(),
    }
}

pub fn span(span: Span) -> String {
    format!("({}, {})", span.first, maybe(span.last, |last| last.to_string()))
}

pub fn advance(advance: AdvanceTerms) -> String {
    format!("({}, {})", advance.months, maybe(advance.cap, |cap| cap.0.to_string()))
}

pub fn weight(weight: Weight) -> String {
    let digits = weight.to_bytes();
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    format!("0x{}", hex(&digits[zeros..]))
}

pub fn frozen(frozen: &FrozenChain) -> String {
    let place = |place: &upline_core::chain::FrozenPlace| {
        format!("({}, {}, {})", place.producer.0, code(&place.level), advance(place.advance))
    };
    format!("grid={} sides={}", frozen.grid.0, list(&frozen.sides, |side| list(side, place)))
}

/// What a second version says more.
pub fn more(says: bool, what: impl FnOnce() -> String) -> String {
    if says { format!(" {}", what()) } else { String::new() }
}

pub fn places(chain: &RestatedChain<ById>) -> Option<&Vec<Vec<upline_core::fact::ChainLink<ById>>>> {
    match chain {
        RestatedChain::Places(sides) => Some(sides),
        RestatedChain::Contracts | RestatedChain::Same => None,
    }
}

pub fn assigned(frozen: &FrozenChain) -> String {
    let mut found = Vec::new();
    for (side, places) in frozen.sides.iter().enumerate() {
        for (place, frozen) in places.iter().enumerate() {
            found.extend(frozen.assigned.map(|assigned| (side, place, assigned)));
        }
    }
    list(&found, |(side, place, assigned)| {
        format!("({side}, {place}, {}, {})", assigned.to.0, rate(assigned.keeps))
    })
}

pub fn envelope(event: &Event) -> String {
    let maybe_text = |value: &Option<String>| maybe(value.as_deref(), text);
    let remarks = maybe(event.remarks.as_deref(), |r| {
        format!("({}, {}, {})", maybe_text(&r.source), maybe_text(&r.note), maybe_text(&r.actor))
    });
    let identity = match event.identity {
        Identity::Given(id) => format!("given {}", id.as_simple()),
        Identity::Derived { ordinal } => format!("derived {ordinal}"),
        Identity::Caused { by, ordinal } => format!("caused {by} {ordinal}"),
    };
    format!("{} {remarks} {identity}", maybe(event.origin.as_deref(), text))
}

pub fn body(body: &Body<ById>) -> String {
    let number = |value: u8| value.to_string();
    match body {
        Body::CarrierAdded(CarrierAdded { carrier }) => format!("code={}", code(carrier)),
        Body::ProducerAdded(ProducerAdded { producer, kind }) => {
            format!("code={} kind={}", code(producer), kind.as_str())
        }
        Body::GridPublished(g) => format!(
            "carrier={} product={} line={} levels={} stops={}{}",
            g.carrier.0,
            code(&g.product),
            maybe(g.line, |line| line.as_str().to_owned()),
            list(&g.levels, |(level, bands)| {
                let band =
                    |band: &upline_core::grid::Band| format!("({}, {})", span(band.years), rate(band.rate));
                format!("({}, {})", code(level), list(bands, band))
            }),
            list(&g.chargeback, |row| {
                format!("({}, {}, {})", row.reason.as_str(), span(row.months), rule(row.rule))
            }),
            more(g.chargeback_months != ChargebackMonths::Paid, || {
                format!("months={}", g.chargeback_months.as_str())
            }),
        ),
        Body::ProducerContracted(ProducerContracted { producer, carrier, level, upline, advance: terms }) => {
            format!(
                "producer={} carrier={} level={} upline={} advance={}",
                producer.0,
                carrier.0,
                code(level),
                maybe(*upline, |upline| upline.0.to_string()),
                advance(*terms)
            )
        }
        Body::ContractChanged(ContractChanged { producer, carrier, level, upline, advance: terms }) => {
            format!(
                "producer={} carrier={} level={} upline={} advance={}",
                producer.0,
                carrier.0,
                maybe(level.as_ref(), code),
                match upline {
                    None => "unchanged".to_owned(),
                    Some(None) => "top".to_owned(),
                    Some(Some(upline)) => format!("under {}", upline.0),
                },
                maybe(*terms, advance)
            )
        }
        Body::PersistencyDefined(PersistencyDefined { definition, terms }) => format!(
            "code={} basis={} from={} to={} survive={} exclude={}",
            code(definition),
            terms.basis.as_str(),
            terms.from_months,
            terms.to_months,
            terms.survive.as_str(),
            list(&terms.exclude, |reason| reason.as_str().to_owned())
        ),
        Body::CoveragePlanPublished(plan) => format!(
            "plan={} definition={} payer={} tiers={}",
            code(&plan.plan),
            code(&plan.definition),
            plan.payer.0,
            list(&plan.tiers, |t| tier(*t))
        ),
        Body::CoverageEnrolled(CoverageEnrolled { producer, plan })
        | Body::CoverageWithdrawn(CoverageWithdrawn { producer, plan }) => {
            format!("producer={} plan={}", producer.0, code(plan))
        }
        Body::PolicyIssued(p) => format!(
            "carrier={} number={} product={} premium={} mode={} writing={} state={} age={} {}{}",
            p.carrier.0,
            code(&p.number),
            code(&p.product),
            p.annual_premium.0,
            p.mode.as_str(),
            list(&p.writing, |writing| format!("({}, {})", writing.producer.0, rate(writing.share))),
            maybe(p.state.as_deref(), text),
            maybe(p.issue_age, number),
            frozen(&p.frozen),
            more(assigned(&p.frozen) != "[]", || format!("assigned={}", assigned(&p.frozen)))
        ),
        Body::PremiumPaid(PremiumPaid { policy, amount, months }) => {
            format!("policy={} amount={} months={}", policy.0, amount.0, maybe(*months, number))
        }
        Body::PremiumReversed(PremiumReversed { policy, amount, months, reason }) => format!(
            "policy={} amount={} months={} reason={}",
            policy.0,
            amount.0,
            maybe(*months, number),
            maybe(*reason, |reason| reason.as_str().to_owned())
        ),
        Body::PolicyStopped(PolicyStopped { policy, reason }) => {
            format!("policy={} reason={}", policy.0, reason.as_str())
        }
        Body::PolicyReinstated(PolicyReinstated { policy }) => format!("policy={}", policy.0),
        Body::ChargebackRecorded(ChargebackRecorded { policy, producer, amount, reason }) => {
            format!("policy={} producer={} amount={} reason={}", policy.0, producer.0, amount.0, text(reason))
        }
        Body::AgentReleased(AgentReleased { producer, carrier, vesting, debt, reason }) => format!(
            "producer={} carrier={} vesting={} debt={} reason={}",
            producer.0,
            maybe(*carrier, |carrier| carrier.0.to_string()),
            vesting.as_str(),
            debt.as_str(),
            maybe(reason.as_deref(), text)
        ),
        Body::DebtRolledUp(DebtRolledUp { producer, carrier }) => {
            format!("producer={} carrier={}", producer.0, carrier.0)
        }
        Body::PolicyRestated(p) => format!(
            "policy={} correction={} chain={} {}{}",
            p.policy.0,
            code(&p.correction),
            maybe(places(&p.chain), |sides| {
                let link = |link: &upline_core::fact::ChainLink<ById>| {
                    format!("({}, {})", link.producer.0, code(&link.level))
                };
                list(sides, |side| list(side, link))
            }),
            frozen(&p.frozen),
            {
                let same = p.chain == RestatedChain::Same;
                more(same || p.issue.is_some() || assigned(&p.frozen) != "[]", || {
                    let issue = maybe(p.issue.as_deref(), |issue| {
                        format!(
                            "({}, {}, {}, {}, {}, {}, {})",
                            maybe(issue.on, |on| on.0.to_string()),
                            maybe(issue.product.as_ref(), code),
                            maybe(issue.annual_premium, |amount| amount.0.to_string()),
                            maybe(issue.mode, |mode| mode.as_str().to_owned()),
                            maybe(issue.state.as_deref(), text),
                            maybe(issue.issue_age, number),
                            maybe(issue.number.as_ref(), code)
                        )
                    });
                    let same = maybe(same.then_some(()), |()| "()".to_owned());
                    format!("same={same} issue={issue} assigned={}", assigned(&p.frozen))
                })
            }
        ),
        Body::RepaymentReceived(RepaymentReceived { producer, carrier, amount }) => format!(
            "producer={} carrier={} amount={}",
            producer.0,
            maybe(*carrier, |carrier| carrier.0.to_string()),
            amount.0
        ),
        Body::LeadLineSet(LeadLineSet { producer, limit: amount })
        | Body::LeadCharged(LeadCharged { producer, amount })
        | Body::LeadCredited(LeadCredited { producer, amount }) => {
            format!("producer={} amount={}", producer.0, amount.0)
        }
        Body::AdjustmentPosted(a) => format!(
            "producer={} carrier={} account={} amount={} code={} approved_by={}",
            a.producer.0,
            maybe(a.carrier, |carrier| carrier.0.to_string()),
            a.account.as_str(),
            a.amount.0,
            code(&a.code),
            text(&a.approved_by)
        ),
        Body::PeriodClosed => String::new(),
        Body::ChargebackCovered(d) => format!(
            "policy={} producer={} side={} stop={} chargeback={} covered={} payer={} plan=({}, {}) \
             definition=({}, {}) basis={} persistency=({}, {}, {}, {}) tier={} reason={}",
            d.policy.0,
            d.producer.0,
            maybe(d.side, |side| side.to_string()),
            d.stop,
            d.chargeback.0,
            d.covered.0,
            d.payer.0,
            code(&d.plan),
            d.plan_version,
            code(&d.definition),
            d.definition_version,
            d.basis.as_str(),
            d.persistency.cohort,
            d.persistency.surviving,
            weight(d.persistency.cohort_weight),
            weight(d.persistency.surviving_weight),
            maybe(d.tier, tier),
            d.reason.as_str()
        ),
        Body::DebtMoved(DebtMoved { policy, from, to, amount }) => {
            format!("policy={} from={} to={} amount={}", policy.0, from.0, to.0, amount.0)
        }
        Body::PayoutTermsSet(PayoutTermsSet { producer, terms }) => format!(
            "producer={} minimum={} reserve={}{}",
            maybe(*producer, |producer| producer.0.to_string()),
            terms.minimum.0,
            list(&terms.reserve, |tier| format!("({}, {})", tier.to.0, rate(tier.rate))),
            more(terms.basis != PayoutBasis::Computed, || format!("basis={}", terms.basis.as_str()))
        ),
        Body::PayoutHeld(PayoutHeld { producer, reason })
        | Body::HoldLifted(HoldLifted { producer, reason }) => {
            format!("producer={} reason={}", producer.0, reason.as_str())
        }
        Body::PayoutMade(p) => format!(
            "producer={} payable={} leads={} debt={} reserve={}{}",
            p.producer.0,
            p.payable.0,
            p.leads.0,
            p.debt.0,
            p.reserve.0,
            more(p.paid_by.is_some() || p.parts.is_some() || p.returned.0 != 0, || {
                let part = |part: &upline_core::fact::PayoutPart<ById>| {
                    format!("({}, {})", maybe(part.carrier, |carrier| carrier.0.to_string()), part.amount.0)
                };
                let paid_by = maybe(p.paid_by, |carrier| carrier.0.to_string());
                let parts = maybe(p.parts.as_ref(), |parts| list(parts, part));
                format!("paid_by={paid_by} parts={parts} returned={}", p.returned.0)
            })
        ),
        Body::StatementReceived(s) => format!(
            "file={} profile={} version={} profile_file={} period={} lines={} total={}{}",
            code(&s.file),
            code(&s.profile),
            s.version,
            code(&s.profile_file),
            s.period.0,
            s.lines,
            s.total.0,
            more(s.replaces.is_some(), || format!("replaces={}", maybe(s.replaces.as_ref(), code)))
        ),
        Body::ExceptionResolved(r) => format!(
            "statement={} exception={} class={} difference={} reason={} resolved_by={}{}",
            code(&r.statement),
            code(&r.exception),
            r.class.as_str(),
            r.difference.0,
            r.reason.as_str(),
            text(&r.resolved_by),
            r.about.as_deref().map_or_else(String::new, |about| {
                format!(
                    " carrier={} kind={} producer={} policy={} of={}",
                    about.carrier.0,
                    about.kind.as_str(),
                    maybe(about.producer, |who| who.0.to_string()),
                    maybe(about.policy, |policy| policy.0.to_string()),
                    maybe(about.of, |who| who.0.to_string())
                )
            })
        ),
        Body::BankDetailsSet(b) => format!(
            "producer={} commitment={} approved_by={} hold_days={}",
            b.producer.0,
            code(&b.commitment),
            text(&b.approved_by),
            maybe(b.hold_days, |days| days.to_string())
        ),
        Body::PaymentFileWritten(w) => format!(
            "run={} file={} pay_on={} total={} credits={} originator={} accounts={}",
            w.run,
            code(&w.file),
            w.pay_on.0 + 25_567,
            w.total.0,
            w.credits,
            code(&w.originator),
            code(&w.accounts)
        ),
        Body::ActionProposed(p) => format!(
            "proposal={} action={} commitment={}",
            code(&p.proposal),
            p.action.as_str(),
            code(&p.commitment)
        ),
        Body::ActionDecided(d) => format!("proposal={} decision={}", code(&d.proposal), d.decision.as_str()),
        Body::HouseSet(house) => format!("producer={}", maybe(house.producer, |who| who.0.to_string())),
        Body::RouteSet(route) => format!(
            "producer={} carrier={} paid_by={}",
            maybe(route.producer, |who| who.0.to_string()),
            maybe(route.carrier, |carrier| carrier.0.to_string()),
            route.paid_by.as_str()
        ),
        Body::CommissionAssigned(a) => {
            format!("producer={} carrier={} to={} keeps={}", a.producer.0, a.carrier.0, a.to.0, rate(a.keeps))
        }
        Body::AssignmentEnded(a) => format!("producer={} carrier={}", a.producer.0, a.carrier.0),
        Body::OpeningPosted(o) => format!(
            "producer={} carrier={} policy={} account={} amount={}",
            o.producer.0,
            maybe(o.carrier, |carrier| carrier.0.to_string()),
            maybe(o.policy, |policy| policy.0.to_string()),
            o.account.as_str(),
            o.amount.0
        ),
        Body::PayoutReturned(r) => format!(
            "position={} producer={} id={} code={} amount={}",
            r.payout.position,
            r.payout.producer.0,
            r.payout.id.as_simple(),
            code(&r.code),
            maybe(r.amount, |amount| amount.0.to_string())
        ),
        Body::CarrierPays(p) => format!("carrier={} line={}", p.carrier.0, p.line.as_str()),
        Body::CarrierDeposit(d) => format!(
            "carrier={} amount={} reference={} statement={}",
            d.carrier.0,
            d.amount.0,
            text(&d.reference),
            maybe(d.statement.as_ref(), code)
        ),
        Body::StatementVoided(v) => format!("statement={}", code(&v.statement)),
        Body::PersonalDataErased(erased) => {
            format!("kind={} code={}", erased.kind.as_str(), code(&erased.code))
        }
        Body::ChargebackAssessed(ChargebackAssessed {
            policy,
            producer,
            payee,
            stop,
            amount,
            rule: set_by,
            kept,
        }) => format!(
            "policy={} producer={} payee={payee} stop={stop} owed={} rule={} kept={}",
            policy.0,
            producer.0,
            amount.0,
            rule(*set_by),
            kept.0
        ),
    }
}

pub fn posting(posting: &Posting) -> String {
    let party = match posting.party {
        Party::Payee(payee) => format!("payee {payee}"),
        Party::Producer(producer) => format!("producer {}", producer.0),
        Party::Pair(first, second) => format!("pair {} {}", first.0, second.0),
        Party::Carrier(carrier) => format!("carrier {}", carrier.0),
        Party::Contract(producer, carrier) => {
            format!("contract {} {}", producer.0, maybe(carrier, |carrier| carrier.0.to_string()))
        }
    };
    let policy = posting.policy.map(|policy| policy.0);
    let days = (posting.dated.0, posting.due.0);
    format!("{:?} of {party} on {policy:?} {days:?}: {}", posting.kind, posting.amount.0)
}
