//! The description of the API, as OpenAPI 3.1, made of the tables that the router is made of.

use crate::columns;
use crate::doings::{Brings, DOINGS, Doing};
use crate::parameters::{Kind, Parameter};
use crate::problem::PROBLEM;
use crate::questions::{QUESTIONS, Question};
use crate::router::{OTHERS, Route};
use crate::sessions;
use crate::webhooks::routes as webhooks;
use serde_json::{Map, Value, json};
use upline_core::fact::types::{Submitter, TYPES};

/// The statuses that a problem can have, besides those of one route.
const PROBLEMS: [(&str, &str); 8] = [
    ("400", "A parameter, or the body, is not what it should be"),
    ("401", "Nobody knows who asks"),
    ("403", "Who asks may not"),
    ("404", "There is nothing here that the asker may see"),
    ("422", "The ledger refuses it, with its stable code"),
    ("429", "Too many tries"),
    ("500", "A defect of the program"),
    ("503", "The ledger cannot be read or written now, or too many ask at once"),
];

/// The whole description.
pub fn description() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut put = |method: &str, path: &str, of: Value| {
        let methods = paths.entry(format!("/v1{path}")).or_insert_with(|| json!({}));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(method.to_lowercase(), of);
        }
    };
    QUESTIONS.iter().for_each(|question| put("get", question.path, of_question(question)));
    DOINGS.iter().for_each(|doing| put("post", doing.path, of_doing(doing)));
    OTHERS.iter().chain(webhooks::ROUTES).for_each(|route| put(route.method, route.path, of_other(route)));
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Upline", "version": env!("CARGO_PKG_VERSION"),
            "description": "A commission ledger: every question as of a day, as known at a time or position. Money, \
                rates and ratios are strings."},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "upline_session"},
            },
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "code": {"type": "string", "description": "Stable"},
                        "detail": {"type": "string"},
                        "field": {"type": "string"},
                        "refusals": {"type": "array", "description": "Of many facts: those that are refused",
                            "items": {"type": "object", "required": ["line", "code", "message"], "properties": {
                                "line": {"type": "integer"}, "field": {"type": ["string", "null"]},
                                "code": {"type": "string"}, "message": {"type": "string"}}}},
                    },
                },
                "Report": {
                    "type": "object",
                    "required": ["rows"],
                    "properties": {
                        "as_of": {"type": "string", "format": "date"},
                        "known_at": {"type": ["string", "null"]},
                        "position": {"type": "integer"},
                        "root": {"type": "string"},
                        "rows": {"type": "array", "items": {"type": "object"}},
                        "next": {"type": "string", "description": "The cursor of the next page, where there is one"},
                    },
                },
                "Recorded": {
                    "type": "object",
                    "required": ["recorded", "already_recorded", "position"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "recorded": {"type": "integer"},
                        "already_recorded": {"type": "integer"},
                        "position": {"type": "integer"},
                        "root": {"type": ["string", "null"]},
                        "events": {"type": "integer"},
                        "would_change": {"type": "array", "description": "Of a dry run: who would gain and lose what",
                            "items": columns::row("/balance")},
                    },
                },
                "Fact": {
                    "type": "object",
                    "required": ["type", "on"],
                    "properties": {"type": {"type": "string", "enum": fact_types()}, "on": Kind::Day.schema()},
                },
            },
        },
    })
}

/// A value of the demo's book.
fn example(name: &str, kind: Kind) -> Option<&'static str> {
    Some(match (name, kind) {
        ("carrier", _) => "C1",
        ("number", _) => "P-101",
        ("producer", _) => "A001",
        ("definition", _) => "p4",
        ("policy", _) => "C1/P-101",
        ("run", _) => "1",
        (_, Kind::Month) => "2025-06",
        (_, Kind::Year) => "2025",
        ("as_of" | "through", _) => "2025-12-31",
        ("from_time", _) => "2025-06-30T23:59:59Z",
        ("to_time", _) => "2025-12-31T00:00:00Z",
        _ => return None,
    })
}

/// The types of facts that somebody records.
fn fact_types() -> Vec<&'static str> {
    let sent = TYPES.iter().filter(|of| of.submitter != Submitter::Ledger);
    sent.flat_map(|of| of.names()).collect()
}

fn of_question(question: &Question) -> Value {
    let mut responses = problems();
    let of_rows = if question.answers.contains(&"text/plain") { report(question.path) } else { rows() };
    let content = content(question.answers, &of_rows);
    responses.insert("200".to_owned(), json!({"description": question.says, "content": content}));
    responses.insert("304".to_owned(), json!({"description": "Nothing changed since"}));
    let parameters = parameters(question.named, question.takes);
    json!({"summary": question.says, "parameters": parameters, "responses": responses})
}

fn of_doing(doing: &Doing) -> Value {
    let mut responses = problems();
    responses.insert(
        "200".to_owned(),
        json!({"description": doing.says, "content": content(doing.answers, &rows())}),
    );
    let parameters = parameters(doing.named, doing.takes);
    let body: Map<String, Value> = match doing.brings {
        Brings::Nothing => {
            return json!({"summary": doing.says, "parameters": parameters, "responses": responses});
        }
        Brings::Json(schema) => {
            Map::from_iter([("application/json".to_owned(), json!({"schema": schema()}))])
        }
        Brings::File { kinds, parts } => {
            let text = |kind: &&str| ((*kind).to_owned(), json!({"schema": {"type": "string"}}));
            let file = |name: &&str| ((*name).to_owned(), json!({"type": "string"}));
            let mut body: Map<String, Value> = kinds.iter().map(text).collect();
            if !parts.is_empty() {
                let properties: Map<String, Value> = parts.iter().map(file).collect();
                let schema =
                    json!({"type": "object", "properties": properties, "additionalProperties": false});
                body.insert("multipart/form-data".to_owned(), json!({"schema": schema}));
            }
            body
        }
    };
    responses.insert("413".to_owned(), problem("The body is too large"));
    responses.insert("415".to_owned(), problem("The body does not come in this form"));
    json!({"summary": doing.says, "parameters": parameters, "responses": responses,
        "requestBody": {"required": true, "content": body}})
}

/// The named parts of a path, and the parameters of a query.
fn parameters(named: &[(&str, Kind)], takes: &[Parameter]) -> Vec<Value> {
    let named = named.iter().map(|(name, kind)| {
        let schema = kind.schema();
        let mut of = json!({"name": name, "in": "path", "required": true, "schema": schema});
        if let (Some(members), Some(example)) = (of.as_object_mut(), example(name, *kind)) {
            members.insert("example".to_owned(), json!(example));
        }
        of
    });
    named.chain(takes.iter().map(of_parameter)).collect()
}

/// What comes back, by its media type.
fn content(answers: &[&str], rows: &Value) -> Map<String, Value> {
    let answer = |kind: &&str| {
        let is_report =
            *kind == "application/json" && answers.contains(&"text/csv") && answers.contains(&"text/plain");
        let schema = match *kind {
            _ if is_report => rows.clone(),
            "application/json" => json!({"type": "object"}),
            _ => json!({"type": "string"}),
        };
        ((*kind).to_owned(), json!({"schema": schema}))
    };
    answers.iter().map(answer).collect()
}

/// A report, whatever its rows are.
fn rows() -> Value {
    json!({"$ref": "#/components/schemas/Report"})
}

/// A report, with the columns of its rows.
fn report(path: &str) -> Value {
    json!({"allOf": [
        {"$ref": "#/components/schemas/Report"},
        {"type": "object", "properties": {"rows": {"type": "array", "items": columns::row(path)}}},
    ]})
}

/// One of the events that are sent.
fn event() -> Value {
    json!({"type": "object", "required": ["id", "event", "data"], "properties": {
        "id": {"type": "string", "description": "Where to go on: sent back as Last-Event-ID"},
        "event": {"type": "string", "enum": ["recorded"]},
        "data": {"type": "string", "contentMediaType": "application/json",
            "description": "The event as upline log shows it, as far as the asker may see it"},
    }})
}

fn of_other(route: &Route) -> Value {
    let parameters: Vec<Value> = route.takes.iter().map(of_parameter).collect();
    let mut responses = problems();
    let (kind, schema) = match route.path {
        "/facts" => ("application/json", json!({"$ref": "#/components/schemas/Recorded"})),
        "/events" => ("text/event-stream", event()),
        _ => ("application/json", json!({"type": "object"})),
    };
    let content: Map<String, Value> = [(kind.to_owned(), json!({"schema": schema}))].into_iter().collect();
    responses.insert("200".to_owned(), json!({"description": route.says, "content": content}));
    let mut of = json!({"summary": route.says, "parameters": parameters, "responses": responses});
    if let (Some(members), "/facts") = (of.as_object_mut(), route.path) {
        let fact = json!({"$ref": "#/components/schemas/Fact"});
        let body = json!({"required": true, "content": {
            "application/json": {"schema": {"oneOf": [fact, {"type": "array", "items": fact}]}},
            "application/jsonl": {"schema": {"type": "string"}},
        }});
        members.insert("requestBody".to_owned(), body);
        let responses = members.get_mut("responses").and_then(Value::as_object_mut);
        if let Some(responses) = responses {
            responses.insert("408".to_owned(), problem("The body did not go on"));
            responses.insert("413".to_owned(), problem("The body is too large"));
            responses.insert("415".to_owned(), problem("Facts do not come in this form"));
        }
    }
    if let (Some(members), "POST", "/session") = (of.as_object_mut(), route.method, route.path) {
        let body = json!({"required": true, "content": {"application/json": {"schema": sessions::schema()}}});
        members.insert("requestBody".to_owned(), body);
        members.insert("security".to_owned(), json!([]));
        if let Some(responses) = members.get_mut("responses").and_then(Value::as_object_mut) {
            responses.insert("415".to_owned(), problem("A login does not come in this form"));
        }
    }
    if let (Some(members), true) = (of.as_object_mut(), route.path.starts_with("/webhooks")) {
        webhooks::describe(route, members);
    }
    if let (Some(members), "/openapi.json") = (of.as_object_mut(), route.path) {
        members.insert("security".to_owned(), json!([]));
    }
    of
}

fn of_parameter(parameter: &Parameter) -> Value {
    let mut of = json!({"name": parameter.name, "in": "query", "required": parameter.required,
        "description": parameter.says, "schema": parameter.kind.schema()});
    if let (Some(members), Some(example)) = (of.as_object_mut(), example(parameter.name, parameter.kind)) {
        members.insert("example".to_owned(), json!(example));
    }
    if let (Some(members), Kind::Flag) = (of.as_object_mut(), parameter.kind) {
        members.insert("allowEmptyValue".to_owned(), json!(true));
    }
    of
}

/// A response that is a problem.
pub fn problem(says: &str) -> Value {
    json!({"description": says, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}

fn problems() -> Map<String, Value> {
    PROBLEMS.iter().map(|(status, says)| ((*status).to_owned(), problem(says))).collect()
}
