//! The demo's book behind the router, with a token for every role.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;
use upline_access::{Access, Role};
use upline_core::names::Code;
use upline_formats::source::Source;
use upline_ledger::import::{ImportLine, ImportMode, ImportOptions};
use upline_ledger::{Clock, Ledger, SystemClock, Writer};
use upline_server::app::App;
use upline_server::router::router;
use upline_server::who::Doors;

/// The producer that the agent is.
pub const OWN: &str = "A001";

pub struct Served {
    router: Router,
    tokens: Vec<(Role, String)>,
    _writer: Writer,
    _dir: TempDir,
}

impl Served {
    pub fn new() -> Served {
        let dir = TempDir::new().unwrap();
        let place = dir.path().join("ledger");
        let mut ledger = Ledger::create(&place, Box::new(SystemClock)).unwrap();
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/commands/demo/book.jsonl");
        let lines = Source::open(&book).unwrap();
        let lines = lines.map(|chunk| Ok(chunk?.into_iter().map(ImportLine::from).collect()));
        let options = ImportOptions {
            mode: ImportMode::AllOrNothing,
            trust_recorded_at: true,
            origin: None,
            commit_every: None,
        };
        let report = ledger.import(&options, lines, &mut |_, _| {}).unwrap();
        assert!(report.refused.is_empty() && report.recorded > 0);
        let mut access = Access::open(&place).unwrap();
        let mut tokens = Vec::new();
        for role in Role::ALL {
            let producer = (role == Role::Agent).then(|| Code::parse(OWN).unwrap());
            access.add_user(role.as_str(), role, producer, SystemClock.now()).unwrap();
            let token = access.new_token(role.as_str(), "test", 1, SystemClock.now()).unwrap();
            tokens.push((role, token.secret));
        }
        let writer = Writer::start(ledger);
        let doors = Doors::open(&place, false).unwrap();
        let app = App::new(writer.reader(), writer.handle(), doors, &place, Arc::new(SystemClock), 1 << 20)
            .unwrap();
        Served { router: router(Arc::new(app)), tokens, _writer: writer, _dir: dir }
    }

    /// What the server answers: without a body, as what it says is the same.
    pub async fn call(&self, method: &str, address: &str, role: Option<Role>) -> (StatusCode, String) {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(role) = role {
            let token = &self.tokens.iter().find(|(of, _)| *of == role).unwrap().1;
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}
