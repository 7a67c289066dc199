//! The pages of Upline: a ledger as people look at it, with both clocks on top.
//!
//! # Shape
//! [`PAGES`] is the table of what can be looked at: each page with its path, with what one has to be allowed, and with the
//! function that shows it. A page shows at once what the snapshots answer; what takes a walk over the log is a section:
//! a page of its own below it, which a browser loads into its place, or opens by itself where there is no script. There
//! is no HTTP here: whoever mounts the pages says who looks.
//!
//! # Correctness
//! A page computes nothing: figures come from `upline-answers`, narrowed to what the viewer may see. The address of a page
//! says all that it depends on, so that a link is a citation; its foot names the position and the root that it rests on.
//! Text from the ledger is escaped by the templates, and cleaned as on every other way out.

pub mod chart;
pub mod clocks;
mod frame;
mod memory;
mod pages;
mod table;
mod viewer;

pub use clocks::Clocks;
pub use frame::{log_in, message};
pub use memory::Memory;
pub use viewer::Viewer;

use maud::{Markup, PreEscaped};
use upline_access::Act;
use upline_answers::narrowed::Narrowed;
use upline_answers::scope::NotSeen;
use upline_core::as_of::AsOf;
use upline_core::names::Code;
use upline_ledger::{ErrorClass, Ledger, LedgerError};

/// Something to look at.
pub struct Page {
    /// Its path, with `{names}` of what it is about.
    pub path: &'static str,
    /// What one has to be allowed.
    pub needs: Act,
    show: fn(&Asked<'_>) -> Result<Shown, Unshown>,
}

/// All of them.
pub use pages::PAGES;

/// A page that somebody asks for.
pub struct Asked<'a> {
    pub ledger: &'a Ledger,
    pub memory: &'a Memory,
    /// Its path as it was asked for.
    pub path: &'a str,
    /// The named parts of its path.
    pub named: &'a [String],
    pub query: &'a [(String, String)],
    pub clocks: Clocks,
    pub viewer: &'a Viewer,
}

/// What a page shows.
pub enum Shown {
    /// A title, and what stands below it.
    Page(String, Markup),
    /// Data for the script of the pages.
    Data(serde_json::Value),
}

/// Why a page is not shown.
#[derive(Debug)]
pub enum Unshown {
    /// It is not there, or not for this viewer.
    NotThere,
    /// What was asked for makes no sense; a sentence why.
    Refused(String),
    /// The ledger cannot answer.
    Failed(String),
}

impl From<LedgerError> for Unshown {
    fn from(error: LedgerError) -> Unshown {
        match error.class() {
            ErrorClass::NotFound => Unshown::NotThere,
            ErrorClass::Refused => Unshown::Refused(error.to_string()),
            ErrorClass::Store | ErrorClass::Defect => Unshown::Failed(error.to_string()),
        }
    }
}

impl From<NotSeen> for Unshown {
    fn from(error: NotSeen) -> Unshown {
        match error {
            NotSeen::NotThere => Unshown::NotThere,
            NotSeen::Ledger(error) => error.into(),
        }
    }
}

impl Asked<'_> {
    /// The point that the clocks stand at.
    pub fn at(&self) -> Result<AsOf, Unshown> {
        Ok(self.clocks.point.at(self.ledger)?)
    }

    /// The ledger as the viewer may see it.
    pub fn narrowed(&self) -> Narrowed<'_> {
        Narrowed { ledger: self.ledger, point: self.clocks.point, scope: &self.viewer.scope }
    }

    /// A parameter that is there and not empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty())
    }

    /// A named part of the path, as a code.
    pub fn code(&self, number: usize) -> Result<Code, Unshown> {
        self.named.get(number).and_then(|text| Code::parse(text)).ok_or(Unshown::NotThere)
    }

    /// The producer of the path, if the viewer may see it.
    pub fn producer(&self) -> Result<Code, Unshown> {
        let code = self.code(0)?;
        self.viewer.scope.check(Some(&code))?;
        Ok(code)
    }
}

/// What whoever mounts the pages sends back.
pub struct Answer {
    pub status: u16,
    pub media_type: &'static str,
    pub body: String,
}

impl Answer {
    fn html(status: u16, body: Markup) -> Answer {
        Answer { status, media_type: "text/html; charset=utf-8", body: body.into_string() }
    }
}

/// Shows a page: whole, or where it is a part of another one only what stands in it.
#[allow(clippy::too_many_arguments)] // what a request is
pub fn show(
    page: &Page,
    ledger: &Ledger,
    memory: &Memory,
    path: &str,
    named: &[String],
    query: &[(String, String)],
    viewer: &Viewer,
    fragment: bool,
) -> Answer {
    let clocks = match Clocks::read(query) {
        Ok(clocks) => clocks,
        Err(wrong) => return refused(viewer, fragment, 400, "This cannot be shown", &wrong),
    };
    let asked = Asked { ledger, memory, path, named, query, clocks, viewer };
    let shown = (page.show)(&asked).and_then(|shown| {
        let at = asked.at()?;
        Ok((shown, at, ledger.root_at(at.known)?))
    });
    match shown {
        Ok((Shown::Data(data), _, _)) => {
            Answer { status: 200, media_type: "application/json", body: data.to_string() }
        }
        Ok((Shown::Page(title, body), at, root)) if fragment => {
            Answer::html(200, frame::fragment(&asked, &title, &body, at, &root.to_string()))
        }
        Ok((Shown::Page(title, body), at, root)) => {
            Answer::html(200, frame::whole(&asked, &title, &body, at, &root.to_string()))
        }
        Err(Unshown::NotThere) => {
            refused(viewer, fragment, 404, "Not found", "There is nothing here that you may see.")
        }
        Err(Unshown::Refused(why)) => refused(viewer, fragment, 422, "This cannot be shown", &why),
        Err(Unshown::Failed(why)) => refused(viewer, fragment, 500, "The ledger cannot answer", &why),
    }
}

fn refused(viewer: &Viewer, fragment: bool, status: u16, title: &str, why: &str) -> Answer {
    if fragment {
        return Answer::html(status, frame::wrong(title, why));
    }
    Answer::html(status, message(Some(viewer), title, why))
}

/// A file that the pages need, with its media type.
pub fn asset(name: &str) -> Option<(&'static [u8], &'static str)> {
    match name {
        "style.css" => Some((include_bytes!("../assets/style.css"), "text/css; charset=utf-8")),
        "page.js" => Some((include_bytes!("../assets/page.js"), "text/javascript; charset=utf-8")),
        "icon.svg" => Some((include_bytes!("../assets/icon.svg"), "image/svg+xml")),
        _ => None,
    }
}

/// SVG that this crate made.
fn drawn(svg: String) -> Markup {
    PreEscaped(svg)
}
