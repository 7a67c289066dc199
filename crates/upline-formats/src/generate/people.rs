//! Producers: who they are, under whom they stand, with whom they are contracted.

use super::book::{Book, code};
use super::dice::Dice;
use super::leads::dollars;
use super::market::{AGENCY_LEVEL, Carrier, LEVELS, PLAN};
use std::io::{self, Write};
use std::ops::Range;
use upline_core::chain::AdvanceTerms;
use upline_core::fact::{
    AdjustedAccount, AdjustmentPosted, AgentReleased, Body, ContractChanged, CoverageEnrolled,
    CoverageWithdrawn, DebtTerms, Personal, ProducerAdded, ProducerContracted, ProducerKind,
    RepaymentReceived, Vesting,
};
use upline_core::money::Cents;
use upline_core::names::Code;
use upline_core::time::Day;

/// Names of towns, for carriers and agencies.
pub(crate) const TOWNS: [&str; 12] = [
    "Ashford", "Bexley", "Carlow", "Dunmore", "Easton", "Fairview", "Glenwood", "Harlan", "Irvine", "Juneau",
    "Keswick", "Lowell",
];
const FIRST_NAMES: [&str; 16] = [
    "Ana", "Ben", "Carla", "Dwight", "Elena", "Frank", "Grace", "Hector", "Ivy", "Jonas", "Keisha", "Luis",
    "Mona", "Nate", "Olga", "Pete",
];
const LAST_NAMES: [&str; 16] = [
    "Abbott", "Baker", "Castro", "Dalton", "Ellis", "Flores", "Grant", "Huang", "Ibarra", "Jensen", "Kaplan",
    "Lopez", "Mercer", "Nolan", "Ortiz", "Patel",
];

/// A producer. The first is the IMO, then MGAs, agencies, and agents in the order in which they join.
pub(crate) struct Producer {
    pub code: Code,
    kind: ProducerKind,
    upline: Option<usize>,
    /// The index of its level.
    level: usize,
    /// The indexes of the carriers that it is contracted with.
    pub carriers: Vec<usize>,
    pub joins: Day,
}

impl Producer {
    /// Whether it has a contract: not once it was released from all.
    pub fn is_active(&self) -> bool {
        !self.carriers.is_empty()
    }

    /// One of the carriers that it is contracted with, if any.
    fn some_carrier(&self, dice: &mut Dice, carriers: &[Carrier]) -> Option<Code> {
        let carrier = carriers.get(dice.pick(&self.carriers)).filter(|_| self.is_active());
        carrier.map(|carrier| carrier.code.clone())
    }
}

impl People {
    /// Whether an agent has nobody under it, now or later. The first that writes stays, so that somebody
    /// does.
    pub fn may_be_released(&self, index: usize) -> bool {
        index != self.first_writer && self.producers.iter().all(|one| one.upline != Some(index))
    }
}

/// Everybody, and who of them writes policies.
pub(crate) struct People {
    pub producers: Vec<Producer>,
    agencies: Range<usize>,
    /// The first that writes.
    pub first_writer: usize,
}

/// Draws up the hierarchy: three to five levels of producers, where there are enough of them.
pub(crate) fn hierarchy(
    dice: &mut Dice,
    count: u32,
    carriers: usize,
    founded: Day,
    agents_join: (Day, Day),
) -> io::Result<People> {
    let below = usize::try_from(count.saturating_sub(1)).unwrap_or_default();
    let mgas = if below >= 6 { (below / 60).max(1) } else { 0 };
    let agencies = if below >= 4 { (below / 12).max(1) } else { 0 };
    let agents = below - mgas - agencies;
    let all: Vec<usize> = (0..carriers).collect();
    let mut producers = vec![Producer {
        code: code("IMO")?,
        kind: ProducerKind::Imo,
        upline: None,
        level: LEVELS.len() - 1,
        carriers: all.clone(),
        joins: founded,
    }];
    for number in 0..mgas {
        producers.push(Producer {
            code: code(&format!("M{:03}", number + 1))?,
            kind: ProducerKind::Mga,
            upline: Some(0),
            level: AGENCY_LEVEL + 1,
            carriers: all.clone(),
            joins: founded,
        });
    }
    for number in 0..agencies {
        producers.push(Producer {
            code: code(&format!("G{:04}", number + 1))?,
            kind: ProducerKind::Agency,
            upline: Some(if mgas > 0 { 1 + number % mgas } else { 0 }),
            level: AGENCY_LEVEL,
            carriers: all.clone(),
            joins: founded,
        });
    }
    let first_agent = producers.len();
    for number in 0..agents {
        let agent = agent(dice, &producers, (mgas, agencies), number, agents, agents_join)?;
        producers.push(agent);
    }
    let first_writer = if agents > 0 { first_agent } else { 0 };
    Ok(People { producers, agencies: 1 + mgas..first_agent, first_writer })
}

fn agent(
    dice: &mut Dice,
    before: &[Producer],
    (mgas, agencies): (usize, usize),
    number: usize,
    agents: usize,
    (first, last): (Day, Day),
) -> io::Result<Producer> {
    let first_agent = 1 + mgas + agencies;
    let agency = |dice: &mut Dice| 1 + mgas + dice.below(agencies);
    let upline = match dice.below(100) {
        0..18 if number > 0 => first_agent + dice.below(number),
        18..30 if mgas > 0 => 1 + dice.below(mgas),
        _ if agencies > 0 => agency(dice),
        _ => 0,
    };
    // Nobody stands below a producer that stands below an agent: five levels are enough.
    let upline = match before.get(upline).and_then(|agent| agent.upline) {
        Some(second) if upline >= first_agent && second >= first_agent => second,
        _ => upline,
    };
    let under = before.get(upline);
    // Half of the agents are there at the beginning, the others join day by day.
    let founding = agents.div_ceil(2);
    let joins = if number < founding {
        first
    } else {
        let (since, of) = (number - founding, agents - founding);
        let days = i64::from(last.0 - first.0) * since as i64 / of.max(1) as i64;
        Day(first.0 + i32::try_from(days).unwrap_or_default())
    };
    let mut carriers = under.map(|upline| upline.carriers.clone()).unwrap_or_default();
    while carriers.len() > 4 || (carriers.len() > 2 && dice.per_mille(300)) {
        carriers.remove(dice.below(carriers.len()));
    }
    Ok(Producer {
        code: code(&format!("A{:05}", number + 1))?,
        kind: ProducerKind::Agent,
        upline: Some(upline),
        level: dice.below(if upline >= first_agent { 4 } else { AGENCY_LEVEL }),
        carriers,
        joins,
    })
}

/// Adds a producer with its contracts, and enrols some.
pub(crate) fn join<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &People,
    index: usize,
    carriers: &[Carrier],
) -> io::Result<()> {
    let Some(producer) = people.producers.get(index) else { return Ok(()) };
    let on = producer.joins;
    let body = Body::ProducerAdded(ProducerAdded { producer: producer.code.clone(), kind: producer.kind });
    book.write_with_names(on, body, personal(dice, producer.kind))?;
    let upline = producer.upline.and_then(|upline| people.producers.get(upline));
    let advance = advance(dice, producer);
    for carrier in producer.carriers.iter().filter_map(|carrier| carriers.get(*carrier)) {
        let contract = Body::ProducerContracted(ProducerContracted {
            producer: producer.code.clone(),
            carrier: carrier.code.clone(),
            level: level(producer.level)?,
            upline: upline.map(|upline| upline.code.clone()),
            advance,
        });
        book.write(on, contract)?;
    }
    Ok(())
}

/// Whether an agent takes part in the coverage plan: about a third of them.
pub(crate) fn enrol<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    producer: &Producer,
    on: Day,
) -> io::Result<bool> {
    let enrolled = producer.kind == ProducerKind::Agent && dice.per_mille(330);
    if enrolled {
        let body =
            Body::CoverageEnrolled(CoverageEnrolled { producer: producer.code.clone(), plan: code(PLAN)? });
        book.write(on, body)?;
    }
    Ok(enrolled)
}

/// An agent leaves the coverage plan, unless it was released before.
pub(crate) fn withdraw<W: Write>(
    book: &mut Book<'_, W>,
    people: &People,
    index: usize,
    on: Day,
) -> io::Result<()> {
    let Some(producer) = people.producers.get(index).filter(|one| one.is_active()) else { return Ok(()) };
    book.write(
        on,
        Body::CoverageWithdrawn(CoverageWithdrawn { producer: producer.code.clone(), plan: code(PLAN)? }),
    )
}

/// An agent pays back what it owes, to one carrier's chargebacks or to all. Released ones do too.
pub(crate) fn repay<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &People,
    index: usize,
    carriers: &[Carrier],
    on: Day,
) -> io::Result<()> {
    let Some(producer) = people.producers.get(index) else { return Ok(()) };
    let carrier = if dice.per_mille(600) { producer.some_carrier(dice, carriers) } else { None };
    let amount = dollars(dice, 25, 400);
    book.write(
        on,
        Body::RepaymentReceived(RepaymentReceived { producer: producer.code.clone(), carrier, amount }),
    )
}

/// The desk corrects an agent's account, and somebody above it approves.
pub(crate) fn adjust<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &People,
    index: usize,
    carriers: &[Carrier],
    on: Day,
) -> io::Result<()> {
    let Some(producer) = people.producers.get(index) else { return Ok(()) };
    let carrier = producer.some_carrier(dice, carriers);
    let (account, carrier, amount, reason) = match dice.below(4) {
        0 => (AdjustedAccount::Payable, None, Cents(-dollars(dice, 5, 40).0), "LATE-FEE"),
        1 => (AdjustedAccount::Payable, None, Cents(-dollars(dice, 20, 90).0), "LICENSE-FEE"),
        2 => (AdjustedAccount::Payable, carrier, dollars(dice, 50, 500), "BONUS"),
        _ => (AdjustedAccount::Debt, carrier, dollars(dice, 10, 100), "GOODWILL"),
    };
    let adjustment = AdjustmentPosted {
        producer: producer.code.clone(),
        carrier,
        account,
        amount,
        code: code(reason)?,
        approved_by: "Controller".to_owned(),
    };
    book.write_by(on, Body::AdjustmentPosted(Box::new(adjustment)), "Commissions desk")
}

/// An agent's contracts end: mostly all, now and then that with one carrier.
pub(crate) fn release<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &mut People,
    index: usize,
    carriers: &[Carrier],
    on: Day,
) -> io::Result<()> {
    let Some(producer) = people.producers.get_mut(index) else { return Ok(()) };
    let carrier = if dice.per_mille(250) { producer.some_carrier(dice, carriers) } else { None };
    let (vesting, debt) = match dice.below(10) {
        0..5 => (Vesting::Full, DebtTerms::Stays),
        5..7 => (Vesting::Full, DebtTerms::RollsUp),
        7 => (Vesting::None, DebtTerms::Stays),
        _ => (Vesting::None, DebtTerms::RollsUp),
    };
    let reason = dice.pick(&["", "retired", "left for another agency", "production too low"]);
    producer.carriers.retain(|one| {
        let ends = carriers.get(*one).map(|one| &one.code);
        carrier.is_some() && ends != carrier.as_ref()
    });
    let released = Body::AgentReleased(AgentReleased {
        producer: producer.code.clone(),
        carrier,
        vesting,
        debt,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
    });
    book.write(on, released)
}

/// An agent goes up a level with all its carriers, or moves to another agency; one that was released does
/// not.
pub(crate) fn change<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    people: &mut People,
    index: usize,
    carriers: &[Carrier],
    on: Day,
) -> io::Result<()> {
    let agencies = people.agencies.clone();
    let moves = !agencies.is_empty() && dice.per_mille(150);
    let agency = moves.then(|| agencies.start + dice.below(agencies.len()));
    let to = agency.and_then(|agency| people.producers.get(agency)).map(|agency| agency.code.clone());
    let Some(producer) = people.producers.get_mut(index) else { return Ok(()) };
    if agency.is_some() {
        producer.upline = agency;
    } else if producer.level + 1 < AGENCY_LEVEL {
        producer.level += 1;
    } else {
        return Ok(());
    }
    for carrier in producer.carriers.iter().filter_map(|carrier| carriers.get(*carrier)) {
        let change = Body::ContractChanged(ContractChanged {
            producer: producer.code.clone(),
            carrier: carrier.code.clone(),
            level: if to.is_none() { Some(level(producer.level)?) } else { None },
            upline: to.clone().map(Some),
            advance: None,
        });
        book.write(on, change)?;
    }
    Ok(())
}

fn level(index: usize) -> io::Result<Code> {
    code(&LEVELS.get(index).copied().unwrap_or_default().to_string())
}

/// What is advanced by tier: the higher, the less.
fn advance(dice: &mut Dice, producer: &Producer) -> AdvanceTerms {
    let dollars = |dollars: i64| Some(Cents(dollars * 100));
    match producer.kind {
        ProducerKind::Imo => AdvanceTerms::default(),
        ProducerKind::Mga => AdvanceTerms { months: dice.pick(&[0, 6]), cap: None },
        ProducerKind::Agency => AdvanceTerms { months: dice.pick(&[6, 9]), cap: dollars(1_000) },
        ProducerKind::Agent if producer.level < 2 => AdvanceTerms { months: 6, cap: dollars(1_000) },
        ProducerKind::Agent => {
            AdvanceTerms { months: dice.pick(&[9, 9, 12]), cap: dollars(dice.pick(&[1_500, 2_000, 2_500])) }
        }
    }
}

fn personal(dice: &mut Dice, kind: ProducerKind) -> Personal {
    let name = match kind {
        ProducerKind::Imo => "Upline Marketing".to_owned(),
        ProducerKind::Mga => format!("{} General Agency", dice.pick(&TOWNS)),
        ProducerKind::Agency => format!("{} Insurance Services", dice.pick(&LAST_NAMES)),
        ProducerKind::Agent => format!("{} {}", dice.pick(&FIRST_NAMES), dice.pick(&LAST_NAMES)),
    };
    Personal { name: Some(name), npn: Some(dice.between(1_000_000, 19_999_999).to_string()) }
}
