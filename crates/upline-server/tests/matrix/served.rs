//! The demo's book behind the router, with a token for every role.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;
use upline_access::{Access, Role, code_at};
use upline_core::names::Code;
use upline_core::time::Moment;
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
    place: PathBuf,
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
        Served { router: router(Arc::new(app)), tokens, _writer: writer, place, _dir: dir }
    }

    /// What the server answers: without a body, as what it says is the same.
    pub async fn call(&self, method: &str, address: &str, role: Option<Role>) -> (StatusCode, String) {
        self.bring(method, address, role, "", "").await
    }

    /// What it answers to a body of a kind.
    pub async fn bring(
        &self,
        method: &str,
        address: &str,
        role: Option<Role>,
        kind: &str,
        body: &str,
    ) -> (StatusCode, String) {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(role) = role {
            let token = &self.tokens.iter().find(|(of, _)| *of == role).unwrap().1;
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        self.answer(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// What it answers to somebody of a role who logged in, with a second factor.
    pub async fn call_from_session(&self, method: &str, address: &str, role: Role) -> (StatusCode, String) {
        let cookie = self.session(role).await;
        let login = Request::get("/v1/session").header(header::COOKIE, &cookie);
        let (_, body) = self.answer(login.body(Body::empty()).unwrap()).await;
        let who: serde_json::Value = serde_json::from_str(&body).unwrap();
        let request = Request::builder().method(method).uri(address).header(header::COOKIE, cookie);
        let request = request.header("x-csrf-token", who["csrf"].as_str().unwrap());
        self.answer(request.body(Body::empty()).unwrap()).await
    }

    /// Logs somebody of a role in; the cookie of the session.
    async fn session(&self, role: Role) -> String {
        let mut access = Access::open(&self.place).unwrap();
        let secret = access.enrol(role.as_str()).unwrap();
        // A code of a minute ago shows it, so that the one of now can still be used.
        let before = Moment(SystemClock.now().0 - 60_000_000);
        access.confirm(role.as_str(), &code_at(&secret, before).unwrap(), before).unwrap();
        access.set_password(role.as_str(), "correct horse battery").unwrap();
        let code = code_at(&secret, SystemClock.now()).unwrap();
        let login = json!({"name": role.as_str(), "password": "correct horse battery", "code": code});
        let request = Request::post("/v1/session").header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(login.to_string())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}
