//! Every page × every role × one's own producer, another's, and one that there is not.

use crate::served::{OWN, Served};
use axum::http::StatusCode;
use upline_access::Role;
use upline_page::PAGES;

/// Who sees which page: written out a second time, apart from the table of pages.
fn sees(path: &str, role: Role) -> bool {
    use Role::{Agent, Approver, Auditor, Contracting, Finance};
    let who: &[Role] = match path {
        "/"
        | "/overview/balances"
        | "/overview/covered"
        | "/producers"
        | "/producers/{producer}"
        | "/producers/{producer}/balances"
        | "/producers/{producer}/entries"
        | "/producers/{producer}/policies"
        | "/producers/{producer}/downline"
        | "/producers/{producer}/coverage"
        | "/policies/{carrier}/{number}"
        | "/policies/{carrier}/{number}/life"
        | "/coverage"
        | "/coverage/decided"
        | "/coverage/standing"
        | "/search"
        | "/clocks.json" => &[Auditor, Finance, Approver, Contracting, Agent],
        "/overview/persistency"
        | "/overview/policies"
        | "/overview/late"
        | "/policies/{carrier}/{number}/chain"
        | "/changes"
        | "/changes/rows"
        | "/month"
        | "/month/statements"
        | "/month/pay-run"
        | "/month/proposals"
        | "/month/paid"
        | "/month/close" => &[Auditor, Finance, Approver, Contracting],
        "/audit" | "/audit/verify" | "/audit/log" | "/events/{position}" => &[Auditor, Finance, Approver],
        path => panic!("{path} has no row in this table: say who sees it"),
    };
    who.contains(&role)
}

fn address(path: &str, producer: &str, policy: &str) -> String {
    let (carrier, number) = policy.split_once('/').unwrap();
    let path = path.replace("{carrier}", carrier).replace("{number}", number);
    let path = path.replace("{producer}", producer).replace("{position}", "20");
    format!("{path}?as_of=2025-12-31&q={producer}&month=2025-06")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_opens_to_whom_it_should() {
    let served = Served::new();
    for page in PAGES {
        let address = address(page.path, OWN, "C1/P-101");
        let (status, body) = served.call("GET", &address, None).await;
        let log_in = status == StatusCode::SEE_OTHER || page.path.ends_with(".json");
        assert!(log_in, "{address} of nobody: {status} {body}");
        for role in Role::ALL {
            let (status, body) = served.call("GET", &address, Some(role)).await;
            let expected = if sees(page.path, role) { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(status, expected, "{address} of {}: {body}", role.as_str());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_tells_an_agent_of_nobody_but_its_downline() {
    let served = Served::new();
    for page in PAGES.iter().filter(|page| sees(page.path, Role::Agent)) {
        let ask = async |producer, policy| {
            served.call("GET", &address(page.path, producer, policy), Some(Role::Agent)).await
        };
        let own = ask(OWN, "C1/P-101").await;
        let (other, nobody) = (ask("A002", "C1/P-105").await, ask("ZZZZ", "C1/P-999").await);
        if page.path.contains('{') {
            assert_eq!(other, nobody, "{}: another is told as nobody", page.path);
        }
        for (status, body) in [&own, &other] {
            // What one typed stands in the field where one typed it.
            let body = body.replace("q=A002", "").replace("value=\"A002\"", "").replace("Search: A002", "");
            for name in ["A002", "A003", "MGA1", ">IMO<", "IMO:"] {
                assert!(!body.contains(name), "{} ({status}) tells of {name}: {body}", page.path);
            }
        }
    }
}
