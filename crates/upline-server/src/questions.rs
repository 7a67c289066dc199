//! The questions of the API: one row of a table each, from which follow the routes, who may ask, and the description.

use crate::doings::XLSX;
use crate::parameters::{self as p, Given, Kind, Parameter};
use crate::problem::Problem;
use crate::proved;
use crate::reply::{Form, Reply};
use crate::signing::Signing;
use serde_json::json;
use upline_answers::events::{self, Wanted};
use upline_answers::narrowed::Narrowed;
use upline_answers::report::Report;
use upline_answers::scope::Scope;
use upline_answers::{
    Reader, accounts, chain, changes, closings, income, pay_run, proposals, receivables, statements,
};
use upline_core::names::{Code, PolicyName};
use upline_formats::producer_statement::{csv, html, json as statement_json, pdf};
use upline_ledger::Ledger;
use upline_views::Period;
use upline_views::balance::By;
use upline_views::persistency::Scope as Counting;

/// What one has to be allowed to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// What is one's own; others see everybody.
    Own,
    /// What is everybody's.
    All,
    /// Income of the year.
    Tax,
    /// The log, proofs and checks.
    Audit,
}

/// A question as it came.
pub struct Asked<'a> {
    pub ledger: &'a Ledger,
    /// The parts of the path that are named.
    pub path: &'a [String],
    pub given: &'a Given,
    pub form: Form,
    pub scope: &'a Scope,
    /// What signs, where the server has a key.
    pub signing: Option<&'a Signing>,
}

/// A question of the API.
pub struct Question {
    /// Its path below `/v1`, with `{names}`.
    pub path: &'static str,
    pub needs: Needs,
    /// What it answers, in a sentence.
    pub says: &'static str,
    pub takes: &'static [Parameter],
    /// What the named parts of the path hold.
    pub named: &'static [(&'static str, Kind)],
    /// The media types that it answers with.
    pub answers: &'static [&'static str],
    pub ask: fn(&Asked<'_>) -> Result<Reply, Problem>,
}

/// What reports are answered with.
const REPORT: &[&str] = &["application/json", "text/csv", "text/plain"];

/// All of them.
pub const QUESTIONS: &[Question] = &[
    Question {
        path: "/balance",
        needs: Needs::Own,
        says: "What each producer is due and owes",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::PRODUCER, p::BY, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: ask_balance,
    },
    Question {
        path: "/accounts",
        needs: Needs::All,
        says: "The trial balance: every account with its balance",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| asked.report(accounts::accounts(asked.ledger, &asked.given.point()?)?),
    },
    Question {
        path: "/persistency",
        needs: Needs::Own,
        says: "How many of the policies that were written are still being paid for",
        takes: &[
            p::DEFINITION,
            p::AS_OF,
            p::KNOWN_AT,
            p::AT_POSITION,
            p::PRODUCER,
            p::DOWNLINE,
            p::CARRIER,
            p::LIMIT,
            p::CURSOR,
            p::FORMAT,
        ],
        named: &[],
        answers: REPORT,
        ask: ask_persistency,
    },
    Question {
        path: "/overrides",
        needs: Needs::Own,
        says: "What each upline earns over each writing producer",
        takes: &[
            p::AS_OF,
            p::KNOWN_AT,
            p::AT_POSITION,
            p::PRODUCER,
            p::FROM_DAY,
            p::LIMIT,
            p::CURSOR,
            p::FORMAT,
        ],
        named: &[],
        answers: REPORT,
        ask: ask_overrides,
    },
    Question {
        path: "/coverage",
        needs: Needs::Own,
        says: "The decisions about covering chargebacks, with what they were decided on",
        takes: &[
            p::AS_OF,
            p::KNOWN_AT,
            p::AT_POSITION,
            p::PRODUCER,
            p::EXPLAIN,
            p::LIMIT,
            p::CURSOR,
            p::FORMAT,
        ],
        named: &[],
        answers: REPORT,
        ask: ask_coverage,
    },
    Question {
        path: "/policies/{carrier}/{number}/entries",
        needs: Needs::Own,
        says: "Every entry of a policy, with the event that caused it and a sentence why",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::PRODUCER, p::LIMIT, p::CURSOR, p::FORMAT],
        named: POLICY_NAMED,
        answers: REPORT,
        ask: ask_explain,
    },
    Question {
        path: "/policies/{carrier}/{number}/chain",
        needs: Needs::All,
        says: "The chain that a policy froze at issue, with its first-year rates and advances",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::LIMIT, p::CURSOR, p::FORMAT],
        named: POLICY_NAMED,
        answers: REPORT,
        ask: |asked| asked.report(chain::chain(asked.ledger, &asked.given.point()?, &asked.policy()?)?),
    },
    Question {
        path: "/producers/{producer}/downline",
        needs: Needs::Own,
        says: "The hierarchy below a producer with a carrier",
        takes: &[p::CARRIER_REQUIRED, p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::LIMIT, p::CURSOR, p::FORMAT],
        named: PRODUCER_NAMED,
        answers: REPORT,
        ask: ask_downline,
    },
    Question {
        path: "/producers/{producer}/statements/{month}",
        needs: Needs::Own,
        says: "What a producer's accounts were, what moved them in a month and why, and what they are",
        takes: &[p::KNOWN_AT, p::AT_POSITION, p::PAGES],
        named: &[("producer", Kind::Code), ("month", Kind::Month)],
        answers: &["application/json", "text/csv", "text/html", "application/pdf"],
        ask: ask_statement,
    },
    Question {
        path: "/changes",
        needs: Needs::All,
        says: "What was recorded between two times that changed the balances as of a day",
        takes: &[p::AS_OF_REQUIRED, p::FIRST, p::SECOND, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: ask_changes,
    },
    Question {
        path: "/income",
        needs: Needs::Tax,
        says: "What each producer was credited in a calendar year, on the cash and on the loan basis",
        takes: &[p::YEAR, p::KNOWN_AT, p::AT_POSITION, p::PRODUCER, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| {
            let year = asked.given.year("year").ok_or_else(Problem::not_found)?;
            let (point, producer) = (asked.given.point()?, asked.given.code("producer"));
            asked.report(income::income(asked.ledger, &point, &year, producer.as_ref())?)
        },
    },
    Question {
        path: "/receivables",
        needs: Needs::All,
        says: "What carriers owe: computed, on their statements, deposited, open and how old that is",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| asked.report(receivables::receivables(asked.ledger, &asked.given.point()?)?),
    },
    Question {
        path: "/pay-run",
        needs: Needs::All,
        says: "What a pay run through a day would pay now",
        takes: &[p::THROUGH, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| {
            let through = asked.given.day("through").ok_or_else(Problem::not_found)?;
            let title = format!("To be paid out through {through}");
            let rows = asked.ledger.payout(through)?;
            asked.report(pay_run::pay_run(asked.ledger, title, through, &rows, None))
        },
    },
    Question {
        path: "/pay-runs/{run}",
        needs: Needs::All,
        says: "A pay run that was recorded, by its number",
        takes: &[p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[("run", Kind::Number)],
        answers: REPORT,
        ask: |asked| {
            let run = asked.path.first().and_then(|run| run.parse().ok()).ok_or_else(Problem::not_found)?;
            asked.report(pay_run::recorded(&asked.ledger.pay_run(run)?))
        },
    },
    Question {
        path: "/carrier-statements",
        needs: Needs::All,
        says: "The statements that were received, every line matched with what was expected",
        takes: &[p::STATEMENT, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: ask_carrier_statements,
    },
    Question {
        path: "/profiles",
        needs: Needs::All,
        says: "The profiles that statements were read through, the latest version of each",
        takes: &[p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| asked.report(statements::profiles(asked.ledger)?),
    },
    Question {
        path: "/proposals",
        needs: Needs::All,
        says: "What was proposed and waits for somebody else to decide",
        takes: &[p::ALL, p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| asked.report(proposals::proposals(asked.ledger, asked.given.flag(p::ALL.name))?),
    },
    Question {
        path: "/proposals/{proposal}",
        needs: Needs::All,
        says: "What is proposed in one, of an account no more than its end",
        takes: &[],
        named: &[("proposal", Kind::Code)],
        answers: &["application/json"],
        ask: |asked| {
            let id = asked.path.first().and_then(|code| Code::parse(code)).ok_or_else(Problem::not_found)?;
            Ok(Reply::json(&proposals::proposal(&asked.ledger.proposal(&id)?)))
        },
    },
    Question {
        path: "/closings",
        needs: Needs::All,
        says: "The periods that are closed",
        takes: &[p::LIMIT, p::CURSOR, p::FORMAT],
        named: &[],
        answers: REPORT,
        ask: |asked| asked.report(closings::closings(asked.ledger)?),
    },
    Question {
        path: "/closings/{through}",
        needs: Needs::Audit,
        says: "The evidence of the period that was closed through a day",
        takes: &[p::BUNDLE],
        named: &[("through", Kind::Day)],
        answers: &["application/json", "application/x-tar"],
        ask: proved::evidence,
    },
    Question {
        path: "/checkpoint",
        needs: Needs::Audit,
        says: "The length of the log and its root, signed where the server has a key",
        takes: &[p::FORMAT],
        named: &[],
        answers: &["application/json", "text/plain"],
        ask: proved::checkpoint,
    },
    Question {
        path: "/proofs/events/{event}",
        needs: Needs::Audit,
        says: "The proof that an event is in the log, as upline prove --event writes it",
        takes: &[],
        named: &[("event", Kind::Id)],
        answers: &["text/plain"],
        ask: proved::event,
    },
    Question {
        path: "/proofs/consistency",
        needs: Needs::Audit,
        says: "The proof that the log goes on from what it was, as upline prove --since writes it",
        takes: &[p::FROM_SIZE, p::TO_SIZE],
        named: &[],
        answers: &["text/plain"],
        ask: proved::consistency,
    },
    Question {
        path: "/exports/{format}",
        needs: Needs::All,
        says: "Every entry that counts at the point, for hledger, ledger, beancount, spreadsheets and DuckDB",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION],
        named: &[("format", Kind::Word(&["hledger", "ledger", "beancount", "csv", "xlsx", "parquet"]))],
        answers: &["text/plain", "text/csv", XLSX, "application/x-tar"],
        ask: proved::export,
    },
    Question {
        path: "/log",
        needs: Needs::Audit,
        says: "The events, one JSON object a line, each with the entries that it posted",
        takes: &[p::AS_OF, p::KNOWN_AT, p::AT_POSITION, p::POLICY, p::PRODUCER, p::FROM],
        named: &[],
        answers: &["application/jsonl"],
        ask: ask_log,
    },
    Question {
        path: "/verify",
        needs: Needs::Audit,
        says: "Check the whole ledger: hashes, order, double entry, read models against a fresh replay",
        takes: &[],
        named: &[],
        answers: &["application/json"],
        ask: ask_verify,
    },
    Question {
        path: "/status",
        needs: Needs::Own,
        says: "How long the log is, and its root",
        takes: &[],
        named: &[],
        answers: &["application/json"],
        ask: |asked| {
            let (position, root) = (asked.ledger.position(), asked.ledger.root().to_string());
            Ok(Reply::json(&json!({"position": position, "root": root})))
        },
    },
];

const POLICY_NAMED: &[(&str, Kind)] = &[("carrier", Kind::Code), ("number", Kind::Code)];
const PRODUCER_NAMED: &[(&str, Kind)] = &[("producer", Kind::Code)];

impl Asked<'_> {
    /// What the rows of programs, or of people, are made for.
    fn reader(&self) -> Reader {
        if self.form == Form::Table { Reader::People } else { Reader::Programs }
    }

    fn report(&self, report: Report) -> Result<Reply, Problem> {
        Reply::report(report, self.given, self.form)
    }

    /// The ledger as the asker may see it, at the point asked for.
    fn narrowed(&self) -> Result<Narrowed<'_>, Problem> {
        Ok(Narrowed { ledger: self.ledger, point: self.given.point()?, scope: self.scope })
    }

    /// The part of the path that names a producer, if the asker may see it.
    fn named_producer(&self) -> Result<Code, Problem> {
        let producer = self.path.first().and_then(|code| Code::parse(code)).ok_or_else(Problem::not_found)?;
        self.scope.check(Some(&producer))?;
        Ok(producer)
    }

    fn policy(&self) -> Result<PolicyName, Problem> {
        PolicyName::parse(&self.path.join("/")).ok_or_else(Problem::not_found)
    }
}

fn ask_balance(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let by = match asked.given.word("by") {
        Some("carrier") => By::Carrier,
        Some("policy") => By::Policy,
        _ => By::Producer,
    };
    asked.report(asked.narrowed()?.balance(by, asked.given.code("producer").as_ref())?)
}

fn ask_persistency(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (producer, carrier) = (asked.given.code("producer"), asked.given.code("carrier"));
    let definition = asked.given.code("definition").ok_or_else(Problem::not_found)?;
    let counting = if asked.given.flag("downline") { Counting::Downline } else { Counting::Own };
    let narrowed = asked.narrowed()?;
    asked.report(narrowed.persistency(&definition, counting, producer.as_ref(), carrier.as_ref())?)
}

fn ask_overrides(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (producer, from) = (asked.given.code("producer"), asked.given.day("from"));
    asked.report(asked.narrowed()?.overrides(from, producer.as_ref())?)
}

fn ask_coverage(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (producer, explain) = (asked.given.code("producer"), asked.given.flag("explain"));
    asked.report(asked.narrowed()?.coverage(producer.as_ref(), explain)?)
}

fn ask_explain(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (policy, producer) = (asked.policy()?, asked.given.code("producer"));
    asked.report(asked.narrowed()?.entries(&policy, producer.as_ref(), asked.reader())?)
}

fn ask_downline(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (producer, carrier) = (asked.named_producer()?, asked.given.code("carrier"));
    let carrier = carrier.ok_or_else(Problem::not_found)?;
    asked.report(asked.narrowed()?.downline(&producer, &carrier, asked.reader())?)
}

fn ask_statement(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let producer = asked.named_producer()?;
    let month = asked.path.get(1).and_then(|month| upline_core::time::Month::parse(month));
    let month = month.ok_or_else(Problem::not_found)?;
    let known = asked.given.point()?.known_in(asked.ledger)?;
    let statement = asked.ledger.producer_statement(known, &producer, &Period::month(month))?;
    let failed = |error: String| Problem::failed(error);
    let name = |end: &str| Some(format!("{}-{month}.{end}", producer.as_str().replace([':', '.'], "-")));
    let reply = match asked.given.word("format") {
        Some("pdf") => {
            let body = pdf::write(&statement).map_err(|error| failed(error.to_string()))?;
            Reply { file_name: name("pdf"), ..Reply::bytes("application/pdf", body) }
        }
        Some("html") => Reply::bytes("text/html; charset=utf-8", html::write(&statement).into_bytes()),
        Some("csv") => {
            let body = csv::write(&statement).map_err(|error| failed(error.to_string()))?;
            Reply { file_name: name("csv"), ..Reply::bytes("text/csv; charset=utf-8", body) }
        }
        _ => Reply::json(&statement_json::write(&statement)),
    };
    Ok(reply)
}

fn ask_changes(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let given = asked.given;
    let (first, second) = (given.moment("from_time"), given.moment("to_time"));
    let (Some(as_of), Some(first), Some(second)) = (given.day("as_of"), first, second) else {
        return Err(Problem::not_found());
    };
    asked.report(changes::changes(asked.ledger, as_of, (first, second), asked.reader())?)
}

fn ask_carrier_statements(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let all = match asked.given.number("statement") {
        Some(position) => vec![asked.ledger.reconciled_statement(position)?],
        None => asked.ledger.reconciliation(asked.ledger.position())?,
    };
    let all = statements::named(asked.ledger, &all)?;
    asked.report(statements::every_line(asked.ledger, &all))
}

fn ask_log(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let at = asked.given.point()?.at(asked.ledger)?;
    let wanted = Wanted {
        policy: asked.given.policy("policy"),
        producer: asked.given.code("producer"),
        from: asked.given.number("from").unwrap_or(1),
    };
    Ok(Reply::streamed(
        "application/jsonl",
        Box::new(move |ledger, out| events::write(ledger, at, &wanted, out)),
    ))
}

fn ask_verify(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let verification = asked.ledger.verify(&mut |_, _, _| {})?;
    let checks = verification.checks.iter();
    let checks = checks.map(|check| json!({"name": check.name, "ok": check.ok, "detail": check.detail}));
    Ok(Reply::json(&json!({
        "ok": verification.ok(),
        "events": verification.events,
        "position": verification.events,
        "root": verification.root,
        "checks": checks.collect::<Vec<_>>(),
        "notes": verification.notes,
    })))
}
