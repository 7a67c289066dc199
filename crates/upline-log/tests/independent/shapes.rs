//! What stands in every event, as the document says it: a line a type.

/// What a value is, so that a body is a line of a table, as in the document.
#[derive(Clone, Copy)]
pub enum Shape {
    Byte,
    U16,
    U32,
    U64,
    Money,
    Rate,
    Code,
    PolicyNumber,
    /// A code of 64 hexadecimal digits.
    Sha256,
    Text,
    /// 16 bytes.
    Id,
    /// A signed number.
    Day,
    Weight,
    Rule,
    /// Of a contract's upline: unchanged, to the top, or under a producer.
    Upline,
    /// One of these words, by its number from 1.
    Word(&'static str),
    Maybe(&'static Shape),
    List(&'static Shape),
    Tuple(&'static [Shape]),
}
use Shape::*;

pub const STOP: Shape =
    Word("lapse surrender death maturity conversion replaced not_taken free_look rescission");
pub const PRODUCER: Shape = Word("imo mga agency agent");
pub const LINE: Shape =
    Word("final_expense term whole_life iul annuity medicare_advantage medicare_supplement pdp health other");
pub const MODE: Shape = Word("monthly quarterly semiannual annual");
pub const REVERSAL: Shape = Word("nsf refund error");
pub const BASIS: Shape = Word("count premium");
pub const SURVIVE: Shape = Word("paid_to in_force");
pub const VESTING: Shape = Word("full none");
pub const DEBT: Shape = Word("stays rolls_up");
pub const ACCOUNT: Shape = Word("payable debt leads reserve");
pub const HOLD: Shape = Word("licence e_and_o dispute bank_changed bank_returned");
pub const ERASED: Shape = Word("carrier producer person note");
pub const ACTION: Shape = Word("pay_run bank_change restatement write_off");
pub const DECIDED: Shape = Word("approved rejected withdrawn");
pub const CLASS: Shape = Word(
    "on_time late short over missing unexpected duplicate unknown_policy unknown_producer wrong_payee wrong_rate \
     chargeback_valid chargeback_disputable timing",
);
pub const SETTLED: Shape = Word("accepted booked claimed written_off");
pub const DECISION: Shape = Word("tier below_tiers no_cohort released");
pub const KINDS: &str = "Advance EarnedAgainst EarnedBeyond Chargeback CarrierChargeback Covered RolledUp \
    Recourse LeadsCharged LeadsCredited Repaid RepaidBeyond AdjustedPayable AdjustedDebt AdjustedLeads \
    AdjustedReserve PaidLeads PaidDebt Withheld PaidOut OpenedPayable OpenedDebt OpenedLeads OpenedReserve \
    CoveredDirectly PartTaken PartTakenByCarrier PaidDebtByCarrier PaidByCarrier Returned";
/// The kinds whose number stands in a byte of its own, from 32 on; the last two are of a carrier.
pub const LARGER_KINDS: &str = "AcceptedPayable AcceptedDebt WrittenOff Deposited";

// Carriers, producers, policies and grids are numbers: u32.
pub const ADVANCE: Shape = Tuple(&[Byte, Maybe(&Money)]);
pub const LEVEL: Shape = Maybe(&Code);
pub const CHANGED: Shape = Maybe(&ADVANCE);
pub const EXCLUDE: Shape = List(&STOP);
pub const SPAN: Shape = Tuple(&[U16, Maybe(&U16)]);
pub const TIER: Shape = Tuple(&[Rate, Rate]);
pub const LEVELS: Shape = List(&Tuple(&[Code, List(&Tuple(&[SPAN, Rate]))]));
pub const STOPS: Shape = List(&Tuple(&[STOP, SPAN, Rule]));
pub const WRITING: Shape = List(&Tuple(&[U32, Rate]));
pub const FROZEN: Shape = List(&List(&Tuple(&[U32, Code, ADVANCE])));
pub const CHAIN: Shape = List(&List(&Tuple(&[U32, Code])));
pub const REMARK: Shape = Maybe(&Text);
pub const SIDE: Shape = Maybe(&U16);
pub const PASSED: Shape = Maybe(&TIER);
pub const VERSION: Shape = Tuple(&[Code, U64]);
pub const PAID_BY: Shape = Word("house carrier");
pub const PAYS: Shape = Word("payee chain");
pub const MONTHS: Shape = Word("paid elapsed");
pub const PAYS_BASIS: Shape = Word("computed received");
pub const LINE_KIND: Shape = Word("advance offset earned chargeback adjustment");
pub const ASSIGNED: Shape = List(&Tuple(&[U16, U16, U32, Rate]));
pub const PARTS: Shape = List(&Tuple(&[Maybe(&U32), Money]));
pub const ISSUE: Shape = Tuple(&[
    Maybe(&Day),
    Maybe(&Code),
    Maybe(&Money),
    Maybe(&MODE),
    Maybe(&Text),
    Maybe(&Byte),
    Maybe(&PolicyNumber),
]);
pub const TALLY: Shape = Tuple(&[U64, U64, Weight, Weight]);

/// A body's name, the names of its fields, and what they are.
pub type Body = (&'static str, &'static str, &'static [Shape]);

/// The bodies of version 1, type 1 first.
pub const BODIES: [Body; 47] = [
    ("carrier_added", "code", &[Code]),
    ("producer_added", "code kind", &[Code, PRODUCER]),
    ("grid_published", "carrier product line levels stops", &[U32, Code, Maybe(&LINE), LEVELS, STOPS]),
    ("producer_contracted", "producer carrier level upline advance", &[U32, U32, Code, Maybe(&U32), ADVANCE]),
    ("contract_changed", "producer carrier level upline advance", &[U32, U32, LEVEL, Upline, CHANGED]),
    ("persistency_defined", "code basis from to survive exclude", &[Code, BASIS, U16, U16, SURVIVE, EXCLUDE]),
    ("coverage_plan_published", "plan definition payer tiers", &[Code, Code, U32, List(&TIER)]),
    ("coverage_enrolled", "producer plan", &[U32, Code]),
    ("coverage_withdrawn", "producer plan", &[U32, Code]),
    (
        "policy_issued",
        "carrier number product premium mode writing state age grid sides",
        &[U32, PolicyNumber, Code, Money, MODE, WRITING, REMARK, Maybe(&Byte), U32, FROZEN],
    ),
    ("premium_paid", "policy amount months", &[U32, Money, Maybe(&Byte)]),
    ("premium_reversed", "policy amount months reason", &[U32, Money, Maybe(&Byte), Maybe(&REVERSAL)]),
    ("policy_terminated", "policy reason", &[U32, STOP]),
    ("policy_reinstated", "policy", &[U32]),
    ("chargeback_recorded", "policy producer amount reason", &[U32, U32, Money, Text]),
    (
        "chargeback_assessed",
        "policy producer payee stop owed rule kept",
        &[U32, U32, U16, U64, Money, Rule, Money],
    ),
    ("agent_released", "producer carrier vesting debt reason", &[U32, Maybe(&U32), VESTING, DEBT, REMARK]),
    ("debt_rolled_up", "producer carrier", &[U32, U32]),
    ("policy_restated", "policy correction chain grid sides", &[U32, Code, Maybe(&CHAIN), U32, FROZEN]),
    ("repayment_received", "producer carrier amount", &[U32, Maybe(&U32), Money]),
    ("lead_line_set", "producer amount", &[U32, Money]),
    ("lead_charged", "producer amount", &[U32, Money]),
    ("lead_credited", "producer amount", &[U32, Money]),
    (
        "adjustment_posted",
        "producer carrier account amount code approved_by",
        &[U32, Maybe(&U32), ACCOUNT, Money, Code, Text],
    ),
    ("period_closed", "", &[]),
    (
        "chargeback_covered",
        "policy producer side stop chargeback covered payer plan definition basis persistency tier reason",
        &[U32, U32, SIDE, U64, Money, Money, U32, VERSION, VERSION, BASIS, TALLY, PASSED, DECISION],
    ),
    ("debt_moved", "policy from to amount", &[U32, U32, U32, Money]),
    ("payout_terms_set", "producer minimum reserve", &[Maybe(&U32), Money, List(&Tuple(&[Money, Rate]))]),
    ("payout_held", "producer reason", &[U32, HOLD]),
    ("hold_lifted", "producer reason", &[U32, HOLD]),
    ("payout_made", "producer payable leads debt reserve", &[U32, Money, Money, Money, Money]),
    (
        "statement_received",
        "file profile version profile_file period lines total",
        &[Sha256, Code, U32, Sha256, U16, U32, Money],
    ),
    (
        "exception_resolved",
        "statement exception class difference reason resolved_by",
        &[Sha256, Code, CLASS, Money, SETTLED, Text],
    ),
    ("bank_details_set", "producer commitment approved_by hold_days", &[U32, Sha256, Text, Maybe(&Byte)]),
    (
        "payment_file_written",
        "run file pay_on total credits originator accounts",
        &[U64, Sha256, U32, Money, U32, Sha256, Sha256],
    ),
    ("personal_data_erased", "kind code", &[ERASED, Code]),
    ("action_proposed", "proposal action commitment", &[Code, ACTION, Sha256]),
    ("action_decided", "proposal decision", &[Code, DECIDED]),
    ("house_set", "producer", &[Maybe(&U32)]),
    ("route_set", "producer carrier paid_by", &[Maybe(&U32), Maybe(&U32), PAID_BY]),
    ("commission_assigned", "producer carrier to keeps", &[U32, U32, U32, Rate]),
    ("assignment_ended", "producer carrier", &[U32, U32]),
    (
        "opening_posted",
        "producer carrier policy account amount",
        &[U32, Maybe(&U32), Maybe(&U32), ACCOUNT, Money],
    ),
    ("payout_returned", "position producer id code amount", &[U64, U32, Id, Code, Maybe(&Money)]),
    ("carrier_pays", "carrier line", &[U32, PAYS]),
    ("carrier_deposit", "carrier amount reference statement", &[U32, Money, Text, Maybe(&Sha256)]),
    ("statement_voided", "statement", &[Sha256]),
];

/// What the second version of a type has behind the fields of the first: its number, the names, what they are, and what
/// they would be if nothing needed to be said.
pub type Later = (u8, &'static str, &'static [Shape], &'static [&'static str]);

pub const LATER: [Later; 7] = [
    (3, "months", &[MONTHS], &["paid"]),
    (10, "assigned", &[ASSIGNED], &["[]"]),
    (19, "same issue assigned", &[Maybe(&Tuple(&[])), Maybe(&ISSUE), ASSIGNED], &["-", "-", "[]"]),
    (28, "basis", &[PAYS_BASIS], &["computed"]),
    (31, "paid_by parts returned", &[Maybe(&U32), Maybe(&PARTS), Money], &["-", "-", "0"]),
    (32, "replaces", &[Sha256], &[]),
    (33, "carrier kind producer policy of", &[U32, LINE_KIND, Maybe(&U32), Maybe(&U32), Maybe(&U32)], &[]),
];
