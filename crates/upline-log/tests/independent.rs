//! The log against a reader that was written from docs/log-format.md alone: what that reader finds in the
//! bytes is what was recorded, down to every field, and where it refuses the log does too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "independent/mod.rs"] // this file has the same name
mod independent;
mod samples;

use independent::{Files, Ledger, decode, hex};
use samples::{Dice, EVENT_TYPES, premium, premiums};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use upline_core::chain::{AdvanceTerms, FrozenChain};
use upline_core::coverage::Tier;
use upline_core::event::{Batch, Event, Identity};
use upline_core::fact::{
    AgentReleased, Body, CarrierAdded, ChargebackAssessed, ChargebackRecorded, ContractChanged,
    CoverageEnrolled, CoverageWithdrawn, DebtMoved, DebtRolledUp, HoldLifted, LeadCharged, LeadCredited,
    LeadLineSet, PayoutHeld, PayoutTermsSet, PersistencyDefined, PolicyReinstated, PolicyStopped,
    PremiumPaid, PremiumReversed, ProducerAdded, ProducerContracted, RepaymentReceived,
};
use upline_core::grid::{Rule, Span};
use upline_core::names::{ById, Code};
use upline_core::persistency::Weight;
use upline_core::posting::{Party, Posting};
use upline_core::rate::Rate;
use upline_core::time::Moment;
use upline_log::{DiskLog, EventLog, event_bytes, event_from_bytes};
use upline_store::{Bank, Directory};

// What was recorded, printed as the independent reader prints what it finds.

fn maybe<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or("-".to_owned(), show)
}

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
}

fn code(code: &Code) -> String {
    format!("{:?}", code.as_str())
}

fn text(text: &str) -> String {
    format!("{text:?}")
}

fn rate(rate: Rate) -> String {
    let (digits, behind) = rate.parts();
    format!("{digits}/10^{behind}")
}

fn tier(tier: Tier) -> String {
    format!("({}, {})", rate(tier.above), rate(tier.cover))
}

fn rule(rule: Rule) -> String {
    match rule {
        Rule::Percent(percent) => format!("percent {}", rate(percent)),
        other => other.to_string(),
    }
}

fn span(span: Span) -> String {
    format!("({}, {})", span.first, maybe(span.last, |last| last.to_string()))
}

fn advance(advance: AdvanceTerms) -> String {
    format!("({}, {})", advance.months, maybe(advance.cap, |cap| cap.0.to_string()))
}

fn weight(weight: Weight) -> String {
    let digits = weight.to_bytes();
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    format!("0x{}", hex(&digits[zeros..]))
}

fn frozen(frozen: &FrozenChain) -> String {
    let place = |place: &upline_core::chain::FrozenPlace| {
        format!("({}, {}, {})", place.producer.0, code(&place.level), advance(place.advance))
    };
    format!("grid={} sides={}", frozen.grid.0, list(&frozen.sides, |side| list(side, place)))
}

fn envelope(event: &Event) -> String {
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

fn body(body: &Body<ById>) -> String {
    let number = |value: u8| value.to_string();
    match body {
        Body::CarrierAdded(CarrierAdded { carrier }) => format!("code={}", code(carrier)),
        Body::ProducerAdded(ProducerAdded { producer, kind }) => {
            format!("code={} kind={}", code(producer), kind.as_str())
        }
        Body::GridPublished(g) => format!(
            "carrier={} product={} line={} levels={} stops={}",
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
            "carrier={} number={} product={} premium={} mode={} writing={} state={} age={} {}",
            p.carrier.0,
            code(&p.number),
            code(&p.product),
            p.annual_premium.0,
            p.mode.as_str(),
            list(&p.writing, |writing| format!("({}, {})", writing.producer.0, rate(writing.share))),
            maybe(p.state.as_deref(), text),
            maybe(p.issue_age, number),
            frozen(&p.frozen)
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
            "policy={} correction={} chain={} {}",
            p.policy.0,
            code(&p.correction),
            maybe(p.chain.as_ref(), |sides| {
                let link = |link: &upline_core::fact::ChainLink<ById>| {
                    format!("({}, {})", link.producer.0, code(&link.level))
                };
                list(sides, |side| list(side, link))
            }),
            frozen(&p.frozen)
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
            "producer={} minimum={} reserve={}",
            maybe(*producer, |producer| producer.0.to_string()),
            terms.minimum.0,
            list(&terms.reserve, |tier| format!("({}, {})", tier.to.0, rate(tier.rate)))
        ),
        Body::PayoutHeld(PayoutHeld { producer, reason })
        | Body::HoldLifted(HoldLifted { producer, reason }) => {
            format!("producer={} reason={}", producer.0, reason.as_str())
        }
        Body::PayoutMade(p) => format!(
            "producer={} payable={} leads={} debt={} reserve={}",
            p.producer.0, p.payable.0, p.leads.0, p.debt.0, p.reserve.0
        ),
        Body::StatementReceived(s) => format!(
            "file={} profile={} version={} profile_file={} period={} lines={} total={}",
            code(&s.file),
            code(&s.profile),
            s.version,
            code(&s.profile_file),
            s.period.0,
            s.lines,
            s.total.0
        ),
        Body::ExceptionResolved(r) => format!(
            "statement={} exception={} class={} difference={} reason={} resolved_by={}",
            code(&r.statement),
            code(&r.exception),
            r.class.as_str(),
            r.difference.0,
            r.reason.as_str(),
            text(&r.resolved_by)
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

fn posting(posting: &Posting) -> String {
    let party = match posting.party {
        Party::Payee(payee) => format!("payee {payee}"),
        Party::Producer(producer) => format!("producer {}", producer.0),
        Party::Pair(first, second) => format!("pair {} {}", first.0, second.0),
        Party::Contract(producer, carrier) => {
            format!("contract {} {}", producer.0, maybe(carrier, |carrier| carrier.0.to_string()))
        }
    };
    let policy = posting.policy.map(|policy| policy.0);
    let days = (posting.dated.0, posting.due.0);
    format!("{:?} of {party} on {policy:?} {days:?}: {}", posting.kind, posting.amount.0)
}

#[track_caller]
fn assert_same(found: &independent::Event, position: u64, event: &Event, postings: &[Posting]) {
    assert_eq!(
        (found.position, found.on, found.recorded_at, found.name),
        (position, event.on.0, event.recorded_at.0, event.body.type_name()),
    );
    assert_eq!((&found.envelope, &found.body), (&envelope(event), &body(&event.body)), "event {position}");
    let show = |p: &independent::Posting| {
        format!("{} of {} on {:?} {:?}: {}", p.kind, p.party, p.policy, (p.dated, p.due), p.cents)
    };
    let found_postings: Vec<String> = found.postings.iter().map(show).collect();
    assert_eq!(found_postings, postings.iter().map(posting).collect::<Vec<_>>(), "event {position}");
}

/// Both readers find the same in a directory; returns what the independent one found.
#[track_caller]
fn check_ledger(dir: &Path) -> Ledger {
    let found = independent::read(dir).unwrap();
    let log = DiskLog::open_to_read(dir).unwrap();
    assert_eq!((found.events.len() as u64, hex(&found.root)), (log.len(), log.root().to_string()));
    let mut events = found.events.iter();
    let mut position = 0;
    for piece in log.read(1).unwrap() {
        for (event, postings) in piece.unwrap().1.iter() {
            position += 1;
            assert_same(events.next().unwrap(), position, event, postings);
        }
    }
    assert_eq!(events.next(), None);
    found
}

fn write(dir: &Path, files: &Files) {
    fs::write(dir.join("acknowledged"), &files.acknowledged).unwrap();
    fs::write(dir.join("tail"), &files.tail).unwrap();
    fs::write(dir.join("log"), &files.log).unwrap();
}

/// A fact and as many events as it caused, so that they take several blocks which belong together.
fn caused(dice: &mut Dice, after: u64, count: u32) -> Batch {
    let mut batch = Batch::default();
    batch.push(premium(7, 100), Vec::new());
    for ordinal in 1..=count {
        let event_type = 1 + dice.below(EVENT_TYPES);
        let mut event = dice.event(event_type, Moment::parse("2026-07-02T03:04:05.678901Z").unwrap());
        event.identity = Identity::Caused { by: after + 1, ordinal };
        let postings = dice.postings(&event);
        batch.push(event, postings);
    }
    batch
}

#[test]
fn an_empty_ledger_is_read() {
    let dir = TempDir::new().unwrap();
    drop(DiskLog::create(dir.path()).unwrap());
    assert_eq!(check_ledger(dir.path()).acknowledged, 0);
}

#[test]
fn what_was_recorded_is_found() {
    for seed in 1..=4 {
        let dir = TempDir::new().unwrap();
        let mut log = DiskLog::create(dir.path()).unwrap();
        let mut dice = Dice::new(seed);
        let mut moment = -5;
        let mut append = |log: &mut DiskLog, count: u64| {
            moment += 3;
            log.append(log.len(), &dice.batch(count, Moment(moment))).unwrap();
        };
        append(&mut log, 3);
        assert_eq!(check_ledger(dir.path()).blocks, (0, 1));
        for count in 1..30 {
            append(&mut log, count % 4 + 1);
        }
        check_ledger(dir.path());
        append(&mut log, 6_000);
        // Enough small ones that those of the tail are made into full blocks more than once.
        for _ in 0..200 {
            append(&mut log, 1 + seed);
        }
        drop(log);
        let found = check_ledger(dir.path());
        assert!(found.blocks.0 > 5 && found.blocks.1 > 0, "{:?}", found.blocks);
        assert_eq!(found.acknowledged, found.events.len() as u64);
    }
}

#[test]
fn the_example_of_the_document_is_read() {
    let example = "0b01 fd6a5e3c1f30ab0c00 01086a756c792e637376 00 0201 fb36a1 fc70110100fb204e00 \
                   02 0200 0301 fbf055 fbe803";
    let digits: String = example.split_whitespace().collect();
    let bytes: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    let mut rest = &bytes[..];
    let event = independent::event(&mut rest, 1).unwrap();
    assert_eq!((rest, event.name), (&[][..], "premium_paid"));
    assert_eq!(event.body, "policy=70000 amount=10000 months=-");
    assert_eq!(event.envelope, "\"july.csv\" - derived 1");
    let (ours, postings) = event_from_bytes(&bytes).unwrap();
    assert_same(&event, 1, &ours, &postings);
    assert_eq!(postings.len(), 2);
}

#[test]
fn both_readers_refuse_the_same_events() {
    let mut dice = Dice::new(11);
    let (mut read, mut refused, mut longer) = (0, 0, 0);
    for n in 0..30_000 {
        let event = dice.event(1 + n % EVENT_TYPES, Moment(7));
        let mut bytes = event_bytes(&event, &dice.postings(&event)).unwrap();
        for _ in 0..dice.below(3) {
            let at = dice.below(bytes.len() as u64) as usize;
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = [0, 1, 2, 3, 4, 250, 251, 252, 253, 254, 255][dice.below(11) as usize],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, dice.next() as u8),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let mut rest = &bytes[..];
        let found = independent::event(&mut rest, 1).and_then(|event| match rest {
            [] => Ok(event),
            _ => Err("more behind it".to_owned()),
        });
        match (found, event_from_bytes(&bytes)) {
            (Ok(found), Ok((event, postings))) => {
                assert_same(&found, 1, &event, &postings);
                read += 1;
            }
            (Err(_), Err(_)) => refused += 1,
            // The document knows no number of more bytes than it needs; ours reads one all the same.
            (Err(error), Ok(_)) if error == independent::LONGER => longer += 1,
            (found, ours) => panic!("{}\n{found:?}\n{ours:?}", hex(&bytes)),
        }
    }
    assert!(read > 8_000 && refused > 8_000 && longer < 100, "{read} {refused} {longer}");
}

/// A ledger with names, and after so many events blocks in the tail.
fn small_ledger(dir: &Path, events: u64) -> Files {
    let mut log = DiskLog::create(dir).unwrap();
    log.append(0, &premiums(1, events)).unwrap();
    for n in 0..3 {
        log.append(log.len(), &premiums(n, 2)).unwrap();
    }
    let mut directory = Directory::create(dir).unwrap();
    directory.add("carrier", "ACME", Some("\"Acme\" \\ Söhne\n🙂\u{1}".to_owned()), None);
    directory.add("producer", "P-1", Some("Ann".to_owned()), Some("123".to_owned()));
    directory.add("producer", "P-2", Some("Zebedee".to_owned()), None);
    let bank = |account: &str| Bank::parse("123456780", account, "savings").unwrap();
    for (producer, account) in [("P-1", "12-34"), ("P-2", "99")] {
        assert!(directory.set_bank(&Code::parse(producer).unwrap(), bank(account)).is_some());
    }
    assert!(directory.erase("producer", "P-2"));
    directory.save().unwrap();
    drop(log);
    Files::read(dir).unwrap()
}

#[test]
fn names_are_read() {
    let dir = TempDir::new().unwrap();
    small_ledger(dir.path(), 20);
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let mut names = check_ledger(dir.path()).names;
    names.iter_mut().for_each(|name| name.sort());
    names.sort();
    assert_eq!(
        names,
        [
            pairs(&[
                ("account", "12-34"),
                ("account_kind", "savings"),
                ("code", "P-1"),
                ("kind", "producer"),
                ("name", "Ann"),
                ("npn", "123"),
                ("routing", "123456780"),
            ]),
            pairs(&[("code", "ACME"), ("kind", "carrier"), ("name", "\"Acme\" \\ Söhne\n🙂\u{1}")]),
            pairs(&[("code", "P-2"), ("erased", "true"), ("kind", "producer")]),
        ]
    );
}

#[test]
fn every_changed_or_missing_byte_is_noticed() {
    type Pick = fn(&mut Files) -> &mut Vec<u8>;
    let files: [(&str, Pick, u64); 4] = [
        ("acknowledged", |files| &mut files.acknowledged, 20),
        ("directory.jsonl", |files| files.directory.as_mut().unwrap(), 20),
        ("tail", |files| &mut files.tail, 20),
        ("log", |files| &mut files.log, 2_500),
    ];
    for (name, file, events) in files {
        let dir = TempDir::new().unwrap();
        let sound = small_ledger(dir.path(), events);
        let ledger = decode(&sound).unwrap();
        assert_eq!((ledger.blocks.0 > 0, ledger.blocks.1 > 0), (name == "log", true));
        let length = file(&mut sound.clone()).len();
        // Every byte where it means something of its own; of the packed ones in the log some.
        for at in (0..length).filter(|at| length < 2_000 || *at < 300 || at % 499 == 0 || at + 9 > length) {
            let mut changed = sound.clone();
            file(&mut changed)[at] ^= 1 << (at % 8);
            assert!(decode(&changed).is_err(), "{name}: byte {at}");
            let mut cut = sound.clone();
            file(&mut cut).truncate(at);
            assert!(decode(&cut).is_err(), "{name}: cut at {at}");
        }
        let mut longer = sound.clone();
        file(&mut longer).extend_from_slice(b"7\n");
        // What a crash left behind the last block is no part of the ledger. Other files are all or nothing.
        let expected = (name == "tail" || name == "log").then_some(&ledger);
        assert_eq!(decode(&longer).ok().as_ref(), expected, "{name}: longer");
    }
}

/// What a write that was not acknowledged left, cut or damaged anywhere: both readers say what counts.
#[test]
fn what_a_crash_leaves_counts_for_both_the_same() {
    let dir = TempDir::new().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    let mut dice = Dice::new(5);
    log.append(0, &dice.batch(700, Moment(1))).unwrap();
    let acknowledged = fs::read(dir.path().join("acknowledged")).unwrap();
    let (before, log_before) = (log.len(), fs::metadata(dir.path().join("log")).unwrap().len() as usize);
    let fact = caused(&mut dice, before, 1_500);
    log.append(before, &fact).unwrap();
    log.append(log.len(), &premiums(3, 2_500)).unwrap();
    log.append(log.len(), &premiums(4, 3)).unwrap();
    let all = log.len();
    drop(log);
    let whole = Files { acknowledged, ..Files::read(dir.path()).unwrap() };
    let mut lengths = std::collections::BTreeSet::new();
    for n in 0..90 {
        let mut files = whole.clone();
        let at = log_before + dice.below((files.log.len() - log_before) as u64) as usize;
        match n % 3 {
            0 => files.log.truncate(at),
            1 => files.log[at] ^= 1 << (n % 8),
            _ => {
                let at = dice.below(files.tail.len() as u64) as usize;
                files.tail.truncate(at.max(16));
            }
        }
        let dir = TempDir::new().unwrap();
        write(dir.path(), &files);
        match decode(&files) {
            Ok(_) => lengths.insert(check_ledger(dir.path()).events.len() as u64),
            Err(error) => {
                let ours = DiskLog::open_to_read(dir.path()).and_then(|log| log.verify(&mut |_| ()));
                assert!(ours.is_err(), "{n}: {error}");
                false
            }
        };
    }
    write(dir.path(), &whole);
    assert_eq!(check_ledger(dir.path()).events.len() as u64, all);
    assert!(lengths.len() > 2 && lengths.iter().all(|length| *length >= before), "{lengths:?}");
    let within = before + 1..before + fact.len() as u64;
    assert!(
        lengths.contains(&before) && !lengths.iter().any(|length| within.contains(length)),
        "{lengths:?}"
    );
}

/// A reader that read `acknowledged` and `tail` before a commit and `log` after it; a crash leaves the same.
#[test]
fn blocks_that_stand_in_both_files_are_read_once() {
    let dir = TempDir::new().unwrap();
    let mut log = DiskLog::create(dir.path()).unwrap();
    for n in 0..10 {
        log.append(log.len(), &premiums(n, 2)).unwrap();
    }
    let before = Files::read(dir.path()).unwrap();
    log.append(log.len(), &premiums(7, 6_000)).unwrap();
    drop(log);
    let after = Files::read(dir.path()).unwrap();
    assert_ne!(before.tail, after.tail);
    write(dir.path(), &Files { log: after.log.clone(), ..before });
    let found = check_ledger(dir.path());
    assert_eq!((found.acknowledged, found.blocks.1), (20, 0));
    assert!(found.events.len() > 1_000 && found.events.len() <= 6_020);
}

/// A ledger that an earlier build wrote is read by both for ever.
#[test]
fn the_kept_ledger_is_read() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden/ledger-1");
    assert_eq!(check_ledger(&kept).events.len(), 71);
}
