//! Admission: a fact against the book (facts.md, "Refusals"). Of several codes the first counts: unknown
//! names in the order of the fields, dates against the policy, duplicates, shares, contract, grid, the
//! rest. Form, date range and amounts were checked when the line was read.
//!
//! Names are looked up by [`Names`], whatever the type; what else a type asks for is its rule.

use super::Book;
use super::admit_routes::unknown_payout;
use crate::fact::rename::{Rename, Term};
use crate::fact::types::Submitter;
use crate::fact::{Body, Fact};
use crate::terms::reference_data::Policy;
use crate::vocabulary::names::{
    ByCode, ById, CarrierId, Code, FrozenChain, GridId, PayoutName, PolicyId, PolicyName, ProducerId,
};
use crate::vocabulary::refusal::{Refusal, RefusalCode};
use crate::vocabulary::time::Day;
use uuid::Uuid;

impl Book {
    /// Checks a fact and names it by dense ids. Changes nothing.
    pub fn admit(&self, fact: &Fact) -> Result<Body<ById>, Refusal> {
        if fact.body.fact_type().submitter == Submitter::Ledger {
            let own = fact.body.type_name();
            let message = format!("{own} is recorded by the ledger itself; it cannot be submitted");
            return Err(Refusal::of(RefusalCode::Malformed, "type", message));
        }
        let mut body = fact.body.map(&mut Names(self))?;
        self.judge(fact, &mut body)?;
        Ok(body)
    }

    /// The rule of each type, once its names are known. Issues and restatements freeze their chain.
    fn judge(&self, fact: &Fact, body: &mut Body<ById>) -> Result<(), Refusal> {
        let on = fact.on;
        match body {
            Body::CarrierAdded(added) => {
                let known = self.reference.carriers().find(&added.carrier);
                refuse_if(known.is_some(), || exists("carrier", &added.carrier))
            }
            Body::ProducerAdded(added) => {
                let known = self.reference.producers().find(&added.producer);
                refuse_if(known.is_some(), || exists("producer", &added.producer))
            }
            Body::ProducerContracted(contracted) => self.judge_contracted(on, contracted),
            Body::ContractChanged(changed) => self.judge_changed(on, changed),
            Body::AgentReleased(released) => self.judge_release(on, released),
            Body::PolicyIssued(issued) => self.judge_issue(on, issued),
            Body::PolicyRestated(restated) => self.judge_restatement(on, restated),
            Body::PremiumPaid(paid) => self.judge_premium(on, paid),
            Body::PremiumReversed(reversed) => self.judge_reversal(on, reversed),
            Body::PolicyStopped(stopped) => self.policy_on(stopped.policy, on).map(drop),
            Body::PolicyReinstated(reinstated) => self.policy_on(reinstated.policy, on).map(drop),
            Body::ChargebackRecorded(recorded) => self.policy_on(recorded.policy, on).map(drop),
            Body::LeadCharged(charged) => self.judge_lead(on, charged),
            Body::PayoutMade(payout) => self.judge_payout(on, payout),
            Body::RouteSet(route) => self.judge_route(on, route),
            Body::CommissionAssigned(assigned) => self.judge_assignment(assigned),
            Body::AssignmentEnded(ended) => self.judge_end_of_assignment(on, ended),
            Body::OpeningPosted(opening) => self.judge_opening(on, opening),
            Body::PayoutReturned(returned) => self.judge_return(on, returned),
            Body::StatementReceived(statement) => self.judge_statement(on, statement),
            Body::ExceptionResolved(resolved) => self.judge_resolution(resolved),
            Body::PeriodClosed => self.judge_closing(on),
            Body::PaymentFileWritten(file) => self.judge_payment_file(file),
            Body::BankDetailsSet(set) => self.judge_bank_details(fact, set),
            Body::HoldLifted(lifted) => self.judge_lift(fact, lifted),
            Body::PersonalDataErased(erased) => self.judge_erasure(erased),
            Body::ActionProposed(proposed) => self.judge_proposed(fact, proposed),
            Body::ActionDecided(decided) => self.judge_decided(fact, decided),
            // Their names are all that they ask for.
            Body::GridPublished(_)
            | Body::PersistencyDefined(_)
            | Body::CoveragePlanPublished(_)
            | Body::CoverageEnrolled(_)
            | Body::CoverageWithdrawn(_)
            | Body::DebtRolledUp(_)
            | Body::RepaymentReceived(_)
            | Body::LeadLineSet(_)
            | Body::LeadCredited(_)
            | Body::AdjustmentPosted(_)
            | Body::PayoutTermsSet(_)
            | Body::PayoutHeld(_)
            | Body::CarrierPays(_)
            | Body::CarrierDeposit(_)
            | Body::StatementVoided(_)
            | Body::HouseSet(_) => Ok(()),
            // The ledger's own: refused before.
            Body::ChargebackAssessed(_) | Body::ChargebackCovered(_) | Body::DebtMoved(_) => Ok(()),
        }
    }

    /// The policy, and that the fact is not before its issue.
    pub(super) fn policy_on(&self, id: PolicyId, on: Day) -> Result<&Policy, Refusal> {
        let policy = self.reference.policies().get(id).ok_or_else(never_issued)?;
        let issue = policy.latest().terms.issue;
        refuse_if(on < issue, || {
            let name = self.policy_text(id);
            let message = format!("{on} is before policy {name} was issued, on {issue}");
            Refusal::of(RefusalCode::Dates, "on", message)
        })?;
        Ok(policy)
    }

    /// What a carrier is called; in sentences.
    pub(super) fn carrier_text(&self, id: CarrierId) -> &str {
        self.reference.carriers().name(id).map_or("", Code::as_str)
    }

    /// What a producer is called; in sentences.
    pub(super) fn producer_text(&self, id: ProducerId) -> &str {
        self.reference.producers().name(id).map_or("", Code::as_str)
    }

    /// What a policy is called; in sentences.
    pub(super) fn policy_text(&self, id: PolicyId) -> String {
        self.reference.policy_name(id).map_or_else(String::new, |name| name.to_string())
    }
}

/// Puts ids in the place of codes; what was never added is refused.
struct Names<'b>(&'b Book);

impl Rename<ByCode, ById> for Names<'_> {
    type Error = Refusal;

    fn carrier(&mut self, field: &'static str, code: &Code) -> Result<CarrierId, Refusal> {
        let unknown =
            || Refusal::of(RefusalCode::UnknownCarrier, field, format!("carrier {code} was never added"));
        self.0.reference.carriers().find(code).ok_or_else(unknown)
    }

    fn producer(&mut self, field: &'static str, code: &Code) -> Result<ProducerId, Refusal> {
        let unknown =
            || Refusal::of(RefusalCode::UnknownProducer, field, format!("producer {code} was never added"));
        self.0.reference.producers().find(code).ok_or_else(unknown)
    }

    fn policy(&mut self, name: &PolicyName) -> Result<PolicyId, Refusal> {
        let carrier = self.carrier("carrier", &name.carrier)?;
        self.0.reference.policy_id(carrier, &name.number).ok_or_else(|| {
            Refusal::of(RefusalCode::UnknownPolicy, "policy", format!("policy {name} was never issued"))
        })
    }

    /// A fact freezes nothing; its rule does, when everything else about it holds.
    fn frozen(&mut self, (): &()) -> Result<FrozenChain, Refusal> {
        Ok(FrozenChain { grid: GridId(0), sides: Vec::new() })
    }

    fn payout(&mut self, id: &Uuid) -> Result<PayoutName, Refusal> {
        let (position, made) = self.0.payouts.payout(*id).ok_or_else(|| unknown_payout(id))?;
        Ok(PayoutName { position, id: *id, producer: made.producer })
    }

    fn term(&mut self, term: Term<'_, ById>) -> Result<(), Refusal> {
        let Names(book) = self;
        match term {
            Term::Product(carrier, product) => {
                refuse_if(!book.reference.has_product(*carrier, product), || {
                    let message =
                        format!("carrier {} has no grid for product {product}", book.carrier_text(*carrier));
                    Refusal::of(RefusalCode::UnknownProduct, "product", message)
                })
            }
            Term::Level(carrier, level) => refuse_if(!book.reference.has_level(*carrier, level), || {
                let message =
                    format!("no grid of carrier {} names level {level}", book.carrier_text(*carrier));
                Refusal::of(RefusalCode::UnknownLevel, "level", message)
            }),
            Term::Definition(code) => refuse_if(book.reference.definition(code).is_none(), || {
                let message = format!("persistency definition {code} was never defined");
                Refusal::of(RefusalCode::UnknownDefinition, "definition", message)
            }),
            Term::Plan(plan) => refuse_if(!book.reference.has_plan(plan), || {
                let message = format!("coverage plan {plan} was never published");
                Refusal::of(RefusalCode::UnknownPlan, "plan", message)
            }),
            Term::Statement(file) => refuse_if(!book.statement_stands(file), || {
                let message =
                    format!("the statement {file} was never received, or it was voided or replaced");
                Refusal::of(RefusalCode::UnknownStatement, "statement", message)
            }),
        }
    }
}

pub(super) fn refuse_if(wrong: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if wrong { Err(refusal()) } else { Ok(()) }
}

pub(super) fn never_issued() -> Refusal {
    Refusal::of(RefusalCode::UnknownPolicy, "policy", "the policy was never issued")
}

fn exists(what: &'static str, code: &Code) -> Refusal {
    Refusal::of(RefusalCode::Duplicate, what, format!("{what} {code} was added already"))
}
