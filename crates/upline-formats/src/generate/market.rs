//! Carriers, their products and grids, and the agency's own plans.

use super::book::{Book, code};
use super::dice::Dice;
use std::io::{self, Write};
use upline_core::coverage::Tier;
use upline_core::fact::{Body, CarrierAdded, CoveragePlan, PersistencyDefined, Personal};
use upline_core::grid::{
    Band, ChargebackMonths, ChargebackRow, Grid, LineOfBusiness, Rule, Span, StopReason,
};
use upline_core::names::Code;
use upline_core::persistency::{Basis, Definition, Survival};
use upline_core::rate::Rate;
use upline_core::time::Day;

/// The levels that every grid names, in percent of the base commission.
pub(crate) const LEVELS: [u8; 10] = [80, 85, 90, 95, 100, 105, 110, 120, 130, 140];
/// The level of the first tier of uplines (agencies); MGAs and the IMO follow.
pub(crate) const AGENCY_LEVEL: usize = 7;

/// What a carrier sells.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub code: &'static str,
    line: LineOfBusiness,
    /// The first year's rate at level 100, in percent.
    first_year: u8,
    /// The last policy year of the first rate: above 1 for the level commissions of Medicare lines.
    first_years: u8,
    /// The rates at level 100 of the years to 10 and of those after, in per mille.
    renewal: [u8; 2],
    /// The monthly premium, from and to, in whole dollars.
    pub monthly: (i32, i32),
    /// The age at issue, from and to.
    pub ages: (i32, i32),
    /// Whether it has a cash value, and can be surrendered.
    pub cash_value: bool,
}

const KINDS: [Kind; 6] = [
    Kind {
        code: "FE",
        line: LineOfBusiness::FinalExpense,
        first_year: 100,
        first_years: 1,
        renewal: [50, 20],
        monthly: (25, 140),
        ages: (50, 85),
        cash_value: true,
    },
    Kind {
        code: "TERM",
        line: LineOfBusiness::Term,
        first_year: 90,
        first_years: 1,
        renewal: [30, 0],
        monthly: (18, 160),
        ages: (20, 65),
        cash_value: false,
    },
    Kind {
        code: "WL",
        line: LineOfBusiness::WholeLife,
        first_year: 75,
        first_years: 1,
        renewal: [60, 20],
        monthly: (45, 480),
        ages: (0, 70),
        cash_value: true,
    },
    Kind {
        code: "MEDSUPP",
        line: LineOfBusiness::MedicareSupplement,
        first_year: 20,
        first_years: 6,
        renewal: [25, 25],
        monthly: (95, 260),
        ages: (65, 90),
        cash_value: false,
    },
    Kind {
        code: "IUL",
        line: LineOfBusiness::Iul,
        first_year: 85,
        first_years: 1,
        renewal: [40, 20],
        monthly: (100, 900),
        ages: (25, 60),
        cash_value: true,
    },
    Kind {
        code: "PDP",
        line: LineOfBusiness::Pdp,
        first_year: 15,
        first_years: 10,
        renewal: [150, 100],
        monthly: (12, 75),
        ages: (65, 92),
        cash_value: false,
    },
];

/// A carrier and what it sells.
pub(crate) struct Carrier {
    pub code: Code,
    pub sells: Vec<(Code, Kind)>,
}

/// The plan that agents are enrolled in.
pub(crate) const PLAN: &str = "GUARD";

/// How many carriers a book of so many producers works with: 3–12.
fn carriers_of(producers: u32) -> usize {
    usize::try_from((3 + producers / 40).min(12)).unwrap_or(12)
}

/// Adds the carriers and publishes their grids.
pub(crate) fn open<W: Write>(
    book: &mut Book<'_, W>,
    dice: &mut Dice,
    producers: u32,
    on: Day,
) -> io::Result<Vec<Carrier>> {
    const NAMES: [&str; 4] = ["Mutual Life", "Assurance", "Senior Life", "National Life"];
    let mut carriers = Vec::new();
    for number in 0..carriers_of(producers) {
        let carrier = code(&format!("C{:02}", number + 1))?;
        let name = format!("{} {}", dice.pick(&super::people::TOWNS), dice.pick(&NAMES));
        let personal = Personal { name: Some(name), npn: None };
        book.write_with_names(on, Body::CarrierAdded(CarrierAdded { carrier: carrier.clone() }), personal)?;
        // Every line of business is sold by somebody; some carriers sell two.
        let mut kinds = vec![number % KINDS.len()];
        if dice.per_mille(500) {
            kinds.push((number + 1 + dice.below(KINDS.len() - 1)) % KINDS.len());
        }
        let mut sells = Vec::new();
        for kind in kinds.into_iter().filter_map(|kind| KINDS.get(kind).copied()) {
            let product = code(kind.code)?;
            let grid = Grid {
                chargeback_months: ChargebackMonths::Paid,
                carrier: carrier.clone(),
                product: product.clone(),
                line: Some(kind.line),
                levels: levels(&kind)?,
                chargeback: chargeback(dice)?,
            };
            book.write(on, Body::GridPublished(Box::new(grid)))?;
            sells.push((product, kind));
        }
        carriers.push(Carrier { code: carrier, sells });
    }
    Ok(carriers)
}

fn levels(kind: &Kind) -> io::Result<Vec<(Code, Vec<Band>)>> {
    let last = u16::from(kind.first_years);
    let span = |first, last| Span { first, last };
    let mut levels = Vec::new();
    for level in LEVELS {
        let [to_ten, after] = kind.renewal;
        let mut bands =
            vec![Band { years: span(1, Some(last)), rate: rate(level, kind.first_year, 10_000)? }];
        if last < 10 {
            bands.push(Band { years: span(last + 1, Some(10)), rate: rate(level, to_ten, 100_000)? });
        }
        bands.push(Band { years: span(11, None), rate: rate(level, after, 100_000)? });
        levels.push((code(&level.to_string())?, bands));
    }
    levels.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(levels)
}

/// `level · base / of`, where `of` is a power of ten.
fn rate(level: u8, base: u8, of: u32) -> io::Result<Rate> {
    Rate::from_parts(i128::from(level) * i128::from(base), of.ilog10())
        .ok_or_else(|| io::Error::other("a rate beyond 10"))
}

/// Half of the grids have a table of their own.
fn chargeback(dice: &mut Dice) -> io::Result<Vec<ChargebackRow>> {
    let row = |reason, first, last, rule| ChargebackRow { reason, months: Span { first, last }, rule };
    let percent = |mantissa| Rate::from_parts(mantissa, 1).map(Rule::Percent).unwrap_or(Rule::Full);
    Ok(match dice.below(4) {
        0 => vec![row(StopReason::Death, 0, None, Rule::None)],
        1 => vec![
            row(StopReason::Surrender, 0, Some(6), percent(7)),
            row(StopReason::Surrender, 7, Some(12), percent(4)),
            row(StopReason::Death, 7, None, Rule::None),
        ],
        _ => Vec::new(),
    })
}

/// Two persistency definitions and a plan that covers chargebacks by one of them.
pub(crate) fn plan<W: Write>(book: &mut Book<'_, W>, payer: &Code, on: Day) -> io::Result<()> {
    let voided = vec![StopReason::FreeLook, StopReason::NotTaken, StopReason::Rescission];
    let thirteen = Definition {
        basis: Basis::Count,
        from_months: 13,
        to_months: 25,
        survive: Survival::PaidTo,
        exclude: voided,
    };
    let twenty_five = Definition {
        basis: Basis::Premium,
        from_months: 25,
        to_months: 37,
        survive: Survival::InForce,
        exclude: vec![StopReason::Death],
    };
    let tier = |above, cover| {
        let part = |mantissa| Rate::from_parts(mantissa, 2).unwrap_or_default();
        Tier { above: part(above), cover: part(cover) }
    };
    book.write(
        on,
        Body::PersistencyDefined(PersistencyDefined { definition: code("P13")?, terms: thirteen }),
    )?;
    book.write(
        on,
        Body::PersistencyDefined(PersistencyDefined { definition: code("P25")?, terms: twenty_five }),
    )?;
    let plan = CoveragePlan {
        plan: code(PLAN)?,
        definition: code("P13")?,
        payer: payer.clone(),
        tiers: vec![tier(80, 50), tier(90, 75)],
    };
    book.write(on, Body::CoveragePlanPublished(Box::new(plan)))
}
