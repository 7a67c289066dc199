//! Every route × every role × one's own producer, another's, and one that there is not. The routes come from the router:
//! one that the table below does not know fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod pages;
mod served;

use axum::http::StatusCode;
use served::{OWN, Served};
use upline_access::Role;
use upline_server::columns;
use upline_server::doings::{Brings, DOINGS};
use upline_server::parameters::Kind;
use upline_server::questions::QUESTIONS;
use upline_server::router::{Route, Rule, routes};

/// Who reaches what: written out a second time, apart from the rules of the router.
fn reaches(route: &Route, role: Role) -> bool {
    use Role::{Admin, Agent, Approver, Auditor, Contracting, Finance};
    let who: &[Role] = match (route.method, route.path) {
        ("GET", "/openapi.json") => &Role::ALL,
        ("POST" | "GET" | "DELETE", "/session") => &Role::ALL,
        // A person approves: no token does.
        ("POST", "/proposals/{proposal}/approval" | "/proposals/{proposal}/rejection") => &[],
        ("POST", "/proposals" | "/proposals/{proposal}/withdrawal") => &[Finance, Contracting],
        ("POST", "/carrier-statements" | "/resolutions" | "/pay-runs/{run}/payment-files" | "/closings") => {
            &[Finance]
        }
        (
            "GET" | "POST" | "DELETE",
            "/webhooks" | "/webhooks/{webhook}" | "/webhooks/{webhook}/deliveries",
        ) => &[Finance],
        ("POST", "/facts") => &[Finance, Contracting],
        (
            "GET",
            "/balance"
            | "/persistency"
            | "/overrides"
            | "/coverage"
            | "/policies/{carrier}/{number}/entries"
            | "/producers/{producer}/downline"
            | "/producers/{producer}/statements/{month}"
            | "/status",
        ) => &[Auditor, Finance, Approver, Contracting, Agent],
        (
            "GET",
            "/accounts"
            | "/policies/{carrier}/{number}/chain"
            | "/changes"
            | "/receivables"
            | "/pay-run"
            | "/pay-runs/{run}"
            | "/carrier-statements"
            | "/profiles"
            | "/proposals"
            | "/proposals/{proposal}"
            | "/closings"
            | "/exports/{format}",
        ) => &[Auditor, Finance, Approver, Contracting],
        (
            "GET",
            "/income"
            | "/log"
            | "/verify"
            | "/closings/{through}"
            | "/checkpoint"
            | "/proofs/events/{event}"
            | "/proofs/consistency",
        ) => &[Auditor, Finance, Approver],
        ("GET", "/events") => &[Auditor, Finance, Approver, Contracting, Agent],
        (method, path) => panic!("{method} {path} has no row in this table: say who reaches it"),
    };
    let _ = Admin;
    who.contains(&role)
}

/// The address of a route that asks about a producer, and one of its policies.
fn address(route: &Route, producer: &str, policy: &str) -> String {
    let (carrier, number) = policy.split_once('/').unwrap();
    let path = route.path.replace("{carrier}", carrier).replace("{number}", number);
    let path = path.replace("{producer}", producer).replace("{month}", "2025-06").replace("{run}", "1");
    let path = path.replace("{proposal}", "pay_run-0").replace("{through}", "2025-12-31");
    let path = path.replace("{event}", "00000000-0000-4000-8000-000000000000").replace("{format}", "csv");
    let mut query = Vec::new();
    for parameter in route.takes {
        let value = match (parameter.name, parameter.kind) {
            ("producer", _) => producer,
            ("carrier", Kind::Code) if parameter.required => "C1",
            ("definition", _) => "p4",
            (_, Kind::Year) => "2025",
            ("from", _) if parameter.required => "1",
            (_, Kind::Day) => "2025-12-31",
            ("from_time", _) => "2025-01-31T00:00:00Z",
            ("to_time", _) => "2025-12-31T00:00:00Z",
            _ => continue,
        };
        query.push(format!("{}={value}", parameter.name));
    }
    format!("/v1{path}?{}", query.join("&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_opens_to_whom_it_should() {
    let served = Served::new();
    for route in routes() {
        let address = address(&route, OWN, "C1/P-101");
        let (status, body) = served.call(route.method, &address, None).await;
        let open = route.rule == Rule::Anybody;
        assert_eq!(
            status == StatusCode::UNAUTHORIZED,
            !open,
            "{} {address} of nobody: {status} {body}",
            route.method
        );
        for role in Role::ALL {
            let (status, body) = served.call(route.method, &address, Some(role)).await;
            let told = format!("{} {address} of {}: {status} {body}", route.method, role.as_str());
            if reaches(&route, role) {
                assert_ne!(status, StatusCode::FORBIDDEN, "{told}");
                assert!(status.as_u16() < 500, "{told}");
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{told}");
                assert!(body.contains("not_allowed"), "{told}");
            }
        }
    }
}

/// What no token reaches, a person reaches who logged in with a second factor; nobody else's role does.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_approves() {
    let served = Served::new();
    let of_persons =
        |route: &Route| matches!(route.rule, Rule::Do(acts) if acts.iter().any(|act| act.needs_a_person()));
    let routes: Vec<Route> = routes().into_iter().filter(of_persons).collect();
    assert_eq!(routes.len(), 2, "{routes:?}");
    for route in routes {
        let address = address(&route, OWN, "C1/P-101");
        for role in Role::ALL {
            let (status, body) = served.call_from_session(route.method, &address, role).await;
            assert_eq!(status != StatusCode::FORBIDDEN, role == Role::Approver, "{address}: {status} {body}");
            assert!(status.as_u16() < 500, "{address}: {status} {body}");
        }
    }
}

/// What is no order is refused with a problem, and nothing is recorded.
#[tokio::test(flavor = "multi_thread")]
async fn rubbish_is_told_so() {
    let served = Served::new();
    let before = served.call("GET", "/v1/status", Some(Role::Finance)).await;
    let rubbish = [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\u{0}",
        r#"{"action":"pay_run"}"#,
        r#"{"action":"steal","through":"2025-12-31"}"#,
        r#"{"action":"pay_run","through":"yesterday"}"#,
        r#"{"action":"pay_run","through":"2025-12-31","more":1}"#,
        r#"{"action":"restatement","facts":[1]}"#,
        r#"{"action":"restatement","facts":[]}"#,
        r#"{"action":"write_off","exceptions":["x"]}"#,
        r#"{"action":"write_off","exceptions":[]}"#,
        r#"{"exceptions":["1/L1"],"reason":"because"}"#,
        r#"{"exceptions":[],"reason":"claimed"}"#,
        r#"{"action":"bank_change","producer":"A001","routing":"1","account":"2","account_kind":"checking"}"#,
    ];
    for doing in DOINGS {
        let route = routes().into_iter().find(|route| route.method == "POST" && route.path == doing.path);
        let address = address(&route.unwrap(), OWN, "C1/P-101");
        let kinds: &[&str] = match doing.brings {
            Brings::Nothing => &[""],
            Brings::Json(_) => &["application/json"],
            Brings::File { kinds, .. } => kinds,
        };
        for kind in kinds {
            for body in rubbish {
                let (status, told) = served.bring("POST", &address, Some(Role::Finance), kind, body).await;
                assert!(status.is_client_error(), "{address} {kind} {body:?}: {status} {told}");
                let told: serde_json::Value = serde_json::from_str(&told).unwrap();
                assert!(told["code"].is_string() && told["status"] == status.as_u16(), "{told}");
            }
        }
    }
    assert_eq!(served.call("GET", "/v1/status", Some(Role::Finance)).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_learns_of_nobody_but_its_downline() {
    let served = Served::new();
    let asks = |route: &Route| !matches!(route.path, "/openapi.json" | "/session");
    for route in routes().into_iter().filter(|route| reaches(route, Role::Agent) && asks(route)) {
        // P-105 is another's; P-999 is nobody's.
        let own = served.call("GET", &address(&route, OWN, "C1/P-101"), Some(Role::Agent)).await;
        assert_eq!(own.0, StatusCode::OK, "{}: {}", route.path, own.1);
        let other = served.call("GET", &address(&route, "A002", "C1/P-105"), Some(Role::Agent)).await;
        let nobody = served.call("GET", &address(&route, "ZZZ", "C1/P-999"), Some(Role::Agent)).await;
        assert_eq!(other, nobody, "{}: another is told as nobody", route.path);
        let all = served.call("GET", &whole(&route), Some(Role::Agent)).await;
        for (_, body) in [&own, &other, &all] {
            for name in ["A002", "A003", "MGA1", "\"IMO\"", "IMO:"] {
                assert!(!body.contains(name), "{} tells of {name}: {body}", route.path);
            }
        }
    }
}

/// The same question without a producer, as whoever is curious would ask.
fn whole(route: &Route) -> String {
    let address = address(route, OWN, "C1/P-101");
    let (path, query) = address.split_once('?').unwrap();
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("producer=")).collect();
    format!("{path}?{}", rest.join("&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_value_of_a_parameter_is_refused_before_anything_is_asked() {
    let served = Served::new();
    for question in QUESTIONS {
        let route =
            routes().into_iter().find(|route| route.path == question.path && route.method == "GET").unwrap();
        for parameter in question.takes {
            let address = address(&route, OWN, "C1/P-101");
            let (path, query) = address.split_once('?').unwrap();
            let rest = query.split('&').filter(|pair| !pair.starts_with(&format!("{}=", parameter.name)));
            let rest: Vec<&str> = rest.filter(|pair| !pair.is_empty()).collect();
            for wrong in ["%00", "%27%3B--", "a%20b", "%F0%9F%92%A9"] {
                let address =
                    format!("{path}?{}&{}={wrong}", rest.join("&"), parameter.name).replace("?&", "?");
                let (status, body) = served.call("GET", &address, Some(Role::Finance)).await;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{address}: {body}");
                assert!(body.contains(&format!("\"field\":\"{}\"", parameter.name)), "{address}: {body}");
            }
        }
        let (status, _) = served
            .call("GET", &format!("{}&surplus=1", address(&route, OWN, "C1/P-101")), Some(Role::Finance))
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{}: a parameter that it does not take", question.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_rows_is_what_the_description_says() {
    let served = Served::new();
    for question in QUESTIONS.iter().filter(|question| question.answers.contains(&"text/csv")) {
        let described = columns::row(question.path);
        let Some(described) = described["properties"].as_object() else { continue };
        let route = routes().into_iter().find(|route| route.path == question.path).unwrap();
        let address = whole(&route).trim_end_matches('?').to_owned();
        let (status, body) = served.call("GET", &address, Some(Role::Finance)).await;
        if status == StatusCode::NOT_FOUND {
            assert_eq!(route.path, "/pay-runs/{run}", "{address}: {body}");
            continue;
        }
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        for row in answer["rows"].as_array().unwrap() {
            for name in row.as_object().unwrap().keys() {
                assert!(described.contains_key(name), "{address} has {name}, which is not described");
            }
        }
    }
}
