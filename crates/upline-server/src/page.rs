//! The pages, mounted: who looks is known by a session, or by a token as everywhere.

use crate::app::{App, pairs, text};
use crate::problem::Problem;
use crate::who::{Asker, COOKIE};
use axum::Router;
use axum::body::Body;
use axum::extract::{Form, RawPathParams, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;
use upline_page::{Answer, PAGES, Page, Viewer};

/// The routes of the pages, of their files, and of logging in and out.
pub fn routes() -> Router<Arc<App>> {
    let pages =
        PAGES.iter().fold(Router::new(), |router, page| {
            let shown = move |State(app): State<Arc<App>>,
                              path: RawPathParams,
                              uri: Uri,
                              headers: HeaderMap| async move {
                let named = path.iter().map(|(_, value)| value.to_owned()).collect();
                shown(&app, page, named, &uri, &headers).await
            };
            router.route(page.path, get(shown))
        });
    pages
        .route("/assets/{file}", get(asset))
        .route("/log-in", get(log_in_form).post(log_in))
        .route("/log-out", post(log_out))
}

async fn asset(path: RawPathParams) -> Response<Body> {
    let name = path.iter().next().map(|(_, name)| name).unwrap_or_default();
    match upline_page::asset(name) {
        Some((bytes, kind)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
            ];
            (headers, bytes).into_response()
        }
        None => Problem::not_found().into_response(),
    }
}

/// The header by which the script asks for a part of a page.
const PART: HeaderName = HeaderName::from_static("x-part");

async fn shown(
    app: &Arc<App>,
    page: &'static Page,
    named: Vec<String>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Response<Body> {
    let asker = match app.asker(headers).await {
        Ok(asker) => asker,
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            let part = text(headers, PART).is_some() || uri.path().ends_with(".json");
            return if part { problem.into_response() } else { to_log_in(uri) };
        }
        Err(problem) => return said(None, &problem),
    };
    let viewer = viewer(&asker);
    if !asker.may(page.needs) {
        return said(Some(&viewer), &Problem::not_allowed());
    }
    let fragment = text(headers, PART).is_some();
    let (path, query) = (uri.path().to_owned(), pairs(uri.query()));
    let shared = Arc::clone(app);
    let whose = viewer.clone();
    let answer = app.ask(move |ledger| {
        upline_page::show(page, &ledger, &shared.memory, &path, &named, &query, &whose, fragment)
    });
    match answer.await {
        Ok(answer) => sent(answer),
        Err(problem) => said(Some(&viewer), &problem),
    }
}

fn sent(answer: Answer) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static(answer.media_type);
    (status, [(header::CONTENT_TYPE, kind)], answer.body).into_response()
}

/// A problem, as a page.
fn said(viewer: Option<&Viewer>, problem: &Problem) -> Response<Body> {
    let title = problem.status.canonical_reason().unwrap_or("This cannot be shown");
    let page = upline_page::message(viewer, title, &problem.detail).into_string();
    (problem.status, Html(page)).into_response()
}

fn viewer(asker: &Asker) -> Viewer {
    let (name, role) = (asker.name.clone(), asker.role());
    Viewer { name, role, scope: asker.scope.clone(), csrf: asker.csrf.clone() }
}

/// To the page on which one logs in, which leads back.
fn to_log_in(uri: &Uri) -> Response<Body> {
    let wanted = uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    let to = upline_page::clocks::address("/log-in", [("to", wanted.to_owned())]);
    Redirect::to(&to).into_response()
}

/// An address of this server: nobody is led anywhere else.
fn own(to: &str) -> &str {
    if to.starts_with('/') && !to.starts_with("//") && !to.contains('\\') { to } else { "/" }
}

async fn log_in_form(uri: Uri) -> Html<String> {
    let query = pairs(uri.query());
    let to = query.iter().find(|(name, _)| name == "to").map_or("/", |(_, to)| own(to));
    Html(upline_page::log_in(None, to).into_string())
}

#[derive(Deserialize)]
struct LogIn {
    name: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

async fn log_in(State(app): State<Arc<App>>, headers: HeaderMap, Form(form): Form<LogIn>) -> Response<Body> {
    if !app.is_from_here(&headers) {
        return said(None, &Problem::not_allowed());
    }
    let code = Some(form.code.trim()).filter(|code| !code.is_empty());
    match app.log_in(&form.name, &form.password, code).await {
        Ok(session) => {
            let secure = if app.doors.secure { "; Secure" } else { "" };
            let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict{secure}");
            with_cookie(own(&form.to), &cookie)
        }
        Err(problem) => {
            let page = upline_page::log_in(Some(&problem.detail), own(&form.to)).into_string();
            (problem.status, Html(page)).into_response()
        }
    }
}

#[derive(Deserialize)]
struct LogOut {
    csrf: String,
}

async fn log_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(form): Form<LogOut>,
) -> Response<Body> {
    if !app.is_from_here(&headers) || !app.log_out(&headers, &form.csrf) {
        return said(None, &Problem::not_allowed());
    }
    with_cookie("/log-in", &format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"))
}

fn with_cookie(to: &str, cookie: &str) -> Response<Body> {
    let mut response = Redirect::to(to).into_response();
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
