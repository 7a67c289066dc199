//! The evidence of a closed period: files that follow from the log alone.

use crate::close::{CloseError, Without};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::reconcile::{Reconciled, State};
use upline_core::as_of::AsOf;
use upline_core::event::Position;
use upline_core::fact::{Body, PaymentFileWritten};
use upline_core::money::Total;
use upline_core::time::Day;
use upline_formats::checkpoint::SigningKey;
use upline_formats::table::table;
use upline_store::sha256;
use upline_views::balance::By;
use upline_views::closings::Closings;
use upline_views::{Seen, scan};

/// The hashes of all files, signed by the key that signed the checkpoint (c2sp.org/signed-note).
pub const SIGNED_SUMS: &str = "SHA256SUMS.signed";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    /// What it is called.
    pub name: &'static str,
    pub text: String,
}

impl Ledger {
    /// The evidence of the period through a day that was closed at a position: the checkpoint that fixes the log up to
    /// there, trial balance, balances, every line of the reconciliation, the payouts, the statements, what it went
    /// without, and the hashes of all these.
    pub fn evidence(
        &self,
        through: Day,
        position: Position,
        key: &SigningKey,
    ) -> Result<Vec<EvidenceFile>, LedgerError> {
        let at = AsOf { effective: through, known: position };
        let mut all = self.reconciliation(position)?;
        all.retain(|one| one.incoming.from <= through);
        let checkpoint = key.sign(position, &self.root_at(position)?.0).map_err(CloseError::from)?;
        let mut files = vec![
            EvidenceFile { name: "checkpoint.txt", text: checkpoint },
            csv("trial-balance.csv", &ACCOUNTS, self.account_rows(at)?)?,
            csv("balances.csv", &BALANCES, self.balance_rows(at)?)?,
            csv("reconciliation.csv", &LINES, lines(&all))?,
            csv("pay-run.csv", &PAYOUTS, payouts(&self.closings(position)?, through))?,
            csv("statements.csv", &STATEMENTS, statements(&all))?,
            csv("bank-commitments.csv", &COMMITMENTS, self.commitment_rows(position)?)?,
            csv("payment-files.csv", &FILES, files(&self.closings(position)?))?,
            csv("without.csv", &["what", "reason"], self.gone_without(position)?)?,
        ];
        let mut sums = String::new();
        for EvidenceFile { name, text } in &files {
            sums.push_str(&format!("{}  {name}\n", sha256(text.as_bytes())));
        }
        let signed = key.sign_text(&sums).map_err(CloseError::from)?;
        files.push(EvidenceFile { name: "SHA256SUMS", text: sums });
        files.push(EvidenceFile { name: SIGNED_SUMS, text: signed });
        Ok(files)
    }

    /// Every account at a bank that was set, as the log commits to it.
    fn commitment_rows(&self, known: Position) -> Result<Vec<Vec<String>>, LedgerError> {
        let mut rows = Vec::new();
        scan(&*self.log, known, &mut |seen: &Seen<'_>| {
            let Seen { reference, position, event, .. } = *seen;
            let Body::BankDetailsSet(set) = &event.body else { return };
            let actor = event.remarks.as_ref().and_then(|remarks| remarks.actor.clone());
            rows.push(vec![
                position.to_string(),
                event.on.to_string(),
                event.recorded_at.to_string(),
                optional(reference.producers().name(set.producer)),
                set.commitment.to_string(),
                actor.unwrap_or_default(),
                set.approved_by.clone(),
            ]);
        })?;
        Ok(rows)
    }

    /// What the period was closed without, and why.
    fn gone_without(&self, closed: Position) -> Result<Vec<Vec<String>>, LedgerError> {
        let (people, mut rows) = (self.people()?, Vec::new());
        scan(&*self.log, closed, &mut |seen: &Seen<'_>| {
            let note = seen.event.remarks.as_ref().and_then(|remarks| remarks.note.as_deref());
            let note = note.map(|note| people.text(note));
            if let (true, Some(note)) = (seen.position == closed, note) {
                rows = Without::of_note(note)
                    .into_iter()
                    .map(|one| vec![one.what.to_string(), one.reason])
                    .collect();
            }
        })?;
        Ok(rows)
    }

    fn account_rows(&self, at: AsOf) -> Result<Vec<Vec<String>>, LedgerError> {
        let row = |(name, sum): (String, Total)| {
            let (debit, credit) = if sum.0 > 0 { (sum, Total::ZERO) } else { (Total::ZERO, -sum) };
            vec![name, debit.to_string(), credit.to_string()]
        };
        Ok(self.accounts(at)?.into_iter().map(row).collect())
    }

    fn balance_rows(&self, at: AsOf) -> Result<Vec<Vec<String>>, LedgerError> {
        let rows = self.balances(at, By::Producer, None)?;
        let rows = rows.iter().map(|row| {
            let f = &row.figures;
            let money = [f.payable, f.unearned, f.debt, f.leads, f.reserve, f.net()];
            [row.producer.to_string()].into_iter().chain(money.map(|sum| sum.to_string())).collect()
        });
        Ok(rows.collect())
    }
}

fn csv(name: &'static str, columns: &[&str], rows: Vec<Vec<String>>) -> Result<EvidenceFile, CloseError> {
    Ok(EvidenceFile { name, text: table(columns, rows)? })
}

const ACCOUNTS: [&str; 3] = ["account", "debit", "credit"];

const BALANCES: [&str; 7] = ["producer", "payable", "unearned", "debt", "leads", "reserve", "net"];

const LINES: [&str; 17] = [
    "statement",
    "exception",
    "line",
    "carrier",
    "policy",
    "payee",
    "kind",
    "due",
    "on",
    "expected",
    "received",
    "difference",
    "class",
    "state",
    "reason",
    "resolved_by",
    "why",
];

/// Every line of the statements, with all that is known of it.
fn lines(all: &[Reconciled]) -> Vec<Vec<String>> {
    let rows = all.iter().flat_map(|one| one.rows.iter().map(move |row| (one, row)));
    let cells = rows.map(|(one, row)| {
        let (reason, by) = match &row.state {
            State::Resolved { reason, by } => (reason.as_str().to_owned(), by.clone()),
            State::Fine | State::Open | State::SettledLater => Default::default(),
        };
        vec![
            optional(one.incoming.position),
            row.exception.clone(),
            optional(row.line),
            row.carrier.clone(),
            row.policy.clone(),
            row.payee.clone(),
            row.kind.as_str().to_owned(),
            optional(row.due),
            optional(row.on),
            row.expected.to_string(),
            row.received.to_string(),
            row.difference.to_string(),
            row.class.as_str().to_owned(),
            row.state.as_str().to_owned(),
            reason,
            by,
            row.why.clone(),
        ]
    });
    cells.collect()
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

const PAYOUTS: [&str; 8] =
    ["position", "on", "producer", "settled", "leads_recovered", "debt_recovered", "reserved", "paid"];

/// The payouts since the period before.
fn payouts(closings: &Closings, through: Day) -> Vec<Vec<String>> {
    let after = closings.before(through);
    let of_period = |dated: Day| dated <= through && after.is_none_or(|after| dated > after);
    let rows = closings.paid.iter().filter(|paid| of_period(paid.dated)).map(|paid| {
        let payout = &paid.payout;
        let cash = payout.cash().unwrap_or_default();
        let money = [payout.payable, payout.leads, payout.debt, payout.reserve, cash];
        let keys = [paid.position.to_string(), paid.on.to_string(), paid.producer.to_string()];
        keys.into_iter().chain(money.map(|amount| amount.to_string())).collect()
    });
    rows.collect()
}

const COMMITMENTS: [&str; 7] =
    ["position", "on", "recorded_at", "producer", "commitment", "actor", "approved_by"];

const FILES: [&str; 8] =
    ["position", "run", "sha256", "pay_on", "total", "credits", "originator_sha256", "accounts_sha256"];

/// The files that told a bank to pay.
fn files(closings: &Closings) -> Vec<Vec<String>> {
    let row = |(position, file): &(Position, PaymentFileWritten)| {
        let (run, pay_on, total) = (file.run.to_string(), file.pay_on.to_string(), file.total.to_string());
        let (credits, position) = (file.credits.to_string(), position.to_string());
        let hashes = [&file.originator, &file.accounts].map(ToString::to_string);
        let mut row = vec![position, run, file.file.to_string(), pay_on, total, credits];
        row.extend(hashes);
        row
    };
    closings.files.iter().map(row).collect()
}

const STATEMENTS: [&str; 9] =
    ["position", "profile", "version", "from", "through", "lines", "total", "open", "sha256"];

/// The statements with the hashes of their files.
fn statements(all: &[Reconciled]) -> Vec<Vec<String>> {
    let rows = all.iter().map(|one| {
        let (incoming, profile) = (&one.incoming, &one.incoming.profile);
        vec![
            incoming.position.unwrap_or_default().to_string(),
            profile.code.to_string(),
            profile.version.to_string(),
            incoming.from.to_string(),
            incoming.through.to_string(),
            incoming.statement.lines.len().to_string(),
            incoming.statement.total.to_string(),
            one.open().to_string(),
            incoming.file.to_string(),
        ]
    });
    rows.collect()
}
