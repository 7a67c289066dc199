//! A statement as a PDF to hand out: letters and lines, in the fonts that every reader has.
//!
//! # Shape
//! Lengths are in thousandths of a point, so that widths are exact in integers; each page is scaled by a thousandth.
//! Pages are filled from the top. A table's headings are repeated on each of its pages; the foot, which says how many
//! pages there are, is set when all are known.

use super::win_ansi::{encoded, lines, width};
use super::{LEGEND, MONEY, decision, equations, money, point, printed, rollforward, title, words};
use crate::producer_statement::ProducerStatement;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::io::{self, Write};
use upline_views::producer_statement::{Amounts, StatementEntry};

/// A point, in the unit of lengths.
const PT: i32 = 1_000;

/// Letter, landscape.
const PAGE: (i32, i32) = (792 * PT, 612 * PT);
const LEFT: i32 = 36 * PT;
const RIGHT: i32 = 756 * PT;
const TOP: i32 = 576 * PT;
/// Where the text of a page ends.
const BOTTOM: i32 = 48 * PT;
/// Where its foot stands.
const FOOT: i32 = 30 * PT;

/// Sizes of letters, in points.
const SIZE: i32 = 8;
const SIZE_TITLE: i32 = 14;
const SIZE_SMALL: i32 = 7;

/// Where the columns of money end, from the first to the last, and how far they lie apart.
const MONEY_FROM: i32 = 380 * PT;
const MONEY_STEP: i32 = 62_500;

/// Where the columns before them begin.
const POLICY_AT: i32 = 88 * PT;
const EVENT_AT: i32 = 190 * PT;
/// Where positions end.
const POSITION_TO: i32 = 318 * PT;
/// Where the sentence below a line begins.
const WHY_AT: i32 = POLICY_AT;
/// What separates columns.
const GAP: i32 = 4 * PT;

const REGULAR: Name = Name(b"F1");
const BOLD: Name = Name(b"F2");

/// What is said where the font lacked a letter.
const CHANGED: &str = "Some letters are not in the font of this document: they are written as the nearest ones, or as ?. The HTML \
     statement has them as they are.";

/// The statement as a PDF document.
pub fn write(statement: &ProducerStatement) -> io::Result<Vec<u8>> {
    let mut pages = Pages::default();
    pages.begin();
    pages.paragraph(&title(statement), BOLD, SIZE_TITLE);
    pages.paragraph(&point(statement), REGULAR, SIZE);
    pages.space(6 * PT);
    for equation in equations(statement) {
        pages.paragraph(&equation, REGULAR, SIZE);
    }
    pages.heading("Roll-forward");
    pages.money_titles();
    for (name, amounts) in rollforward(statement) {
        let font = if matches!(name, "beginning" | "ending") { BOLD } else { REGULAR };
        pages.row(&[(&words(name), LEFT)], &amounts, font);
    }
    let of = &statement.statement;
    pages.heading("Lines");
    if of.lines.is_empty() {
        pages.paragraph("Nothing is dated in this month.", REGULAR, SIZE);
    } else {
        pages.line_titles();
        of.lines.iter().for_each(|line| pages.line(line));
    }
    if !of.decisions.is_empty() {
        pages.heading("What coverage was decided on");
        of.decisions.iter().for_each(|row| pages.paragraph(&decision(row), REGULAR, SIZE));
    }
    pages.space(8 * PT);
    pages.paragraph(LEGEND, REGULAR, SIZE_SMALL);
    if pages.changed {
        pages.paragraph(CHANGED, REGULAR, SIZE_SMALL);
    }
    document(statement, pages)
}

/// Pages as they are filled.
#[derive(Default)]
struct Pages {
    done: Vec<Content>,
    /// The base of the last line on the last page.
    y: i32,
    /// Whether a letter was not in the font.
    changed: bool,
}

impl Pages {
    fn begin(&mut self) {
        let mut page = Content::new();
        page.transform([0.001, 0.0, 0.0, 0.001, 0.0, 0.0]);
        page.set_line_width(length(PT / 2));
        self.done.push(page);
        self.y = TOP;
    }

    /// Whether so much fits below what stands on the page; else begins another.
    fn fits(&mut self, height: i32) -> bool {
        let fits = self.y - height >= BOTTOM;
        if !fits {
            self.begin();
        }
        fits
    }

    fn space(&mut self, height: i32) {
        self.y -= height;
    }

    /// Text in the letters of the font.
    fn letters(&mut self, text: &str) -> Vec<u8> {
        let (bytes, changed) = encoded(text);
        self.changed |= changed;
        bytes
    }

    /// Sets text on the current line.
    fn set(&mut self, bytes: &[u8], x: i32, font: Name, size: i32) {
        let y = self.y;
        if let Some(page) = self.done.last_mut() {
            set(page, bytes, (x, y), font, size);
        }
    }

    /// Sets text that ends here.
    fn set_to(&mut self, bytes: &[u8], x: i32, font: Name) {
        self.set(bytes, x - width(bytes) * SIZE, font, SIZE);
    }

    /// A line across the page, below the current one.
    fn rule(&mut self) {
        let y = length(self.y - 3 * PT);
        if let Some(page) = self.done.last_mut() {
            page.move_to(length(LEFT), y).line_to(length(RIGHT), y).stroke();
        }
    }

    /// Text over the whole width, in as many lines as it takes.
    fn paragraph(&mut self, text: &str, font: Name, size: i32) {
        let letters = self.letters(text);
        for line in lines(&letters, (RIGHT - LEFT) / size) {
            let height = size * PT * 5 / 4;
            self.fits(height);
            self.y -= height;
            self.set(&line, LEFT, font, size);
        }
        self.y -= 2 * PT;
    }

    /// A heading, with room for something below it.
    fn heading(&mut self, text: &str) {
        self.fits(60 * PT);
        self.y -= 10 * PT;
        self.paragraph(text, BOLD, 10);
    }

    fn money_titles(&mut self) {
        self.y -= 10 * PT;
        for (index, name) in (0..).zip(MONEY) {
            self.set_to(name.as_bytes(), MONEY_FROM + index * MONEY_STEP, BOLD);
        }
        self.rule();
        self.y -= 3 * PT;
    }

    fn line_titles(&mut self) {
        self.money_titles();
        self.y += 3 * PT;
        for (name, at) in [("dated", LEFT), ("policy", POLICY_AT), ("event", EVENT_AT)] {
            self.set(name.as_bytes(), at, BOLD, SIZE);
        }
        self.set_to(b"position", POSITION_TO, BOLD);
        self.y -= 3 * PT;
    }

    /// Texts and where they begin, then the amounts.
    fn row(&mut self, texts: &[(&str, i32)], amounts: &Amounts, font: Name) {
        if !self.fits(10 * PT) {
            self.money_titles();
        }
        self.y -= 10 * PT;
        for (text, at) in texts {
            let letters = self.letters(text);
            self.set(&letters, *at, font, SIZE);
        }
        self.amounts(amounts, font);
    }

    fn amounts(&mut self, amounts: &Amounts, font: Name) {
        for (index, amount) in (0..).zip(money(amounts)) {
            let letters = self.letters(&printed(amount));
            self.set_to(&letters, MONEY_FROM + index * MONEY_STEP, font);
        }
    }

    /// A line of the statement, with its sentence below.
    fn line(&mut self, line: &StatementEntry) {
        let policy = line.policy.as_ref().map(ToString::to_string).unwrap_or_default();
        let policy = lines(&self.letters(&policy), (EVENT_AT - POLICY_AT - GAP) / SIZE);
        let why = self.letters(&line.why);
        let why = lines(&why, (RIGHT - WHY_AT) / SIZE_SMALL);
        let (rows, sentences) = (policy.len() as i32, why.len() as i32);
        if !self.fits(rows * 10 * PT + sentences * 9 * PT + 2 * PT) {
            self.line_titles();
        }
        self.y -= 10 * PT;
        self.set(line.dated.to_string().as_bytes(), LEFT, REGULAR, SIZE);
        self.set(words(line.type_name).as_bytes(), EVENT_AT, REGULAR, SIZE);
        self.set_to(line.position.to_string().as_bytes(), POSITION_TO, REGULAR);
        self.amounts(&line.amounts, REGULAR);
        for (index, part) in policy.iter().enumerate() {
            self.y -= if index == 0 { 0 } else { 10 * PT };
            self.set(part, POLICY_AT, REGULAR, SIZE);
        }
        for part in &why {
            self.y -= 9 * PT;
            self.set(part, WHY_AT, REGULAR, SIZE_SMALL);
        }
        self.y -= 2 * PT;
    }
}

fn set(page: &mut Content, bytes: &[u8], (x, y): (i32, i32), font: Name, size: i32) {
    page.begin_text()
        .set_font(font, length(size * PT))
        .next_line(length(x), length(y))
        .show(Str(bytes))
        .end_text();
}

/// A length as PDF has it: a thousandth of a point, which is exact up to 16,777 points.
fn length(thousandths: i32) -> f32 {
    thousandths as f32
}

/// The pages with their feet, put together.
fn document(statement: &ProducerStatement, pages: Pages) -> io::Result<Vec<u8>> {
    let (catalog, tree, regular, bold, info) =
        (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
    let count = pages.done.len();
    // A page, then what stands on it.
    let page_of = |index: usize| Ref::new(6 + 2 * index as i32);
    let content_of = |index: usize| Ref::new(7 + 2 * index as i32);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..count).map(page_of)).count(count as i32);
    for (id, name) in [(regular, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
        pdf.type1_font(id).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    pdf.document_info(info).title(TextStr(&title(statement)));
    for (index, mut content) in pages.done.into_iter().enumerate() {
        foot(&mut content, statement, index + 1, count);
        let (id, stream) = (page_of(index), content_of(index));
        let mut page = pdf.page(id);
        page.media_box(Rect::new(0.0, 0.0, length(PAGE.0 / PT), length(PAGE.1 / PT)));
        page.parent(tree).contents(stream);
        page.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        page.finish();
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&content.finish())?;
        pdf.stream(stream, &packed.finish()?).filter(Filter::FlateDecode);
    }
    Ok(pdf.finish())
}

/// Where the statement comes from, and which page this is.
fn foot(page: &mut Content, statement: &ProducerStatement, number: usize, count: usize) {
    let ProducerStatement { producer, period, position, root, .. } = statement;
    let text = format!("{producer}, {period}. Log position {position}, root {root}");
    set(page, text.as_bytes(), (LEFT, FOOT), REGULAR, SIZE_SMALL);
    let text = format!("page {number} of {count}");
    set(page, text.as_bytes(), (RIGHT - width(text.as_bytes()) * SIZE_SMALL, FOOT), REGULAR, SIZE_SMALL);
}
