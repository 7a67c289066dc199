//! Charts as SVG: axes with units, values under the pointer, and a table behind each.
//!
//! **Shape.** A chart is drawn with marker colours, which the style sheet maps to those of the page, light or dark; every
//! value gets a point with its words as a title.

use crate::drawn;
use maud::{Markup, html};
use plotters::prelude::*;
use upline_core::money::Total;
use upline_core::time::{Day, Month};

const WIDTH: u32 = 860;
const HEIGHT: u32 = 280;

/// The colours of the style sheet, by what they are of (`style.css`).
const INK: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);
const SERIES: [RGBColor; 6] = [
    RGBColor(11, 0, 0),
    RGBColor(12, 0, 0),
    RGBColor(13, 0, 0),
    RGBColor(14, 0, 0),
    RGBColor(15, 0, 0),
    RGBColor(16, 0, 0),
];

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Cents.
    Money,
    /// Ten-thousandths, shown as percent.
    Ratio,
    Count,
}

impl Unit {
    fn shown(self, value: i64) -> String {
        match self {
            Unit::Money => Total(value.into()).separated(),
            Unit::Ratio => format!("{}.{:02}%", value / 100, value % 100),
            Unit::Count => value.to_string(),
        }
    }

    /// As it stands at an axis, where round values have nothing behind the point.
    fn at_axis(self, value: i64) -> String {
        let shown = self.shown(value);
        let round = shown.strip_suffix(".00").or_else(|| shown.strip_suffix(".00%"));
        match (round, self) {
            (Some(round), Unit::Ratio) => format!("{round}%"),
            (Some(round), _) => round.to_owned(),
            (None, _) => shown,
        }
    }

    fn named(self) -> &'static str {
        match self {
            Unit::Money => "dollars",
            Unit::Ratio => "percent",
            Unit::Count => "policies",
        }
    }
}

/// Values of a day each, in order.
pub struct Line {
    pub name: String,
    pub points: Vec<(Day, i64)>,
    /// Whether a value stands until the next one.
    pub steps: bool,
}

/// A total as a value of a chart; what is too large for one is as large as it can be.
pub fn cents(total: Total) -> i64 {
    i64::try_from(total.0).unwrap_or(if total < Total::ZERO { i64::MIN / 4 } else { i64::MAX / 4 })
}

/// A chart of lines over days. Nothing where there are no values.
pub fn lines(title: &str, unit: Unit, lines: &[Line]) -> Markup {
    let values = || lines.iter().flat_map(|line| &line.points);
    let (Some(first), Some(last)) =
        (values().map(|(day, _)| day.0).min(), values().map(|(day, _)| day.0).max())
    else {
        return html! { p class="nothing" { "There is nothing to draw at this point." } };
    };
    let range = span(values().map(|(_, value)| *value), unit);
    let days = first..last.max(first + 1);
    figure(
        title,
        unit,
        lines.iter().map(|line| line.name.as_str()),
        draw_lines(lines, unit, days, range),
        || {
            let mut all: Vec<Day> = values().map(|(day, _)| *day).collect();
            all.sort_unstable();
            all.dedup();
            html! {
                thead { tr { th scope="col" { "day" } @for line in lines { th scope="col" class="num" { (line.name) } } } }
                tbody { @for day in &all { tr {
                    th scope="row" { (day) }
                    @for line in lines {
                        td class="num" {
                            @for (_, value) in line.points.iter().filter(|(at, _)| at == day) { (unit.shown(*value)) " " }
                        }
                    }
                } } }
            }
        },
    )
}

fn draw_lines(
    lines: &[Line],
    unit: Unit,
    days: std::ops::Range<i32>,
    values: std::ops::Range<i64>,
) -> Option<String> {
    let (mut svg, mut hover) = (String::new(), Vec::new());
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        let mut builder = ChartBuilder::on(&area);
        builder.margin(10).x_label_area_size(30).y_label_area_size(92);
        let mut chart = builder.build_cartesian_2d(days, values).ok()?;
        chart
            .configure_mesh()
            .axis_style(GRID)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style(("sans-serif", 13, &INK))
            .x_labels(6)
            .y_labels(6)
            .x_label_formatter(&|day| Day(*day).to_string())
            .y_label_formatter(&|value| unit.at_axis(*value))
            .draw()
            .ok()?;
        for (line, colour) in lines.iter().zip(SERIES.iter().cycle()) {
            let mut path = Vec::with_capacity(line.points.len() * 2);
            for (day, value) in &line.points {
                if let Some((_, before)) = path.last().copied().filter(|_| line.steps) {
                    path.push((day.0, before));
                }
                path.push((day.0, *value));
                let words = format!("{}, {day}: {}", line.name, unit.shown(*value));
                hover.push((chart.backend_coord(&(day.0, *value)), words));
            }
            chart.draw_series(LineSeries::new(path, colour.stroke_width(2))).ok()?;
        }
        area.present().ok()?;
    }
    Some(with_points(svg, &hover))
}

/// Values of a month each, side by side.
pub struct Columns {
    pub name: String,
    pub values: Vec<i64>,
}

/// The width of a month, in steps of the axis.
const SLOT: i32 = 12;

/// A chart of columns over months.
pub fn columns(title: &str, unit: Unit, months: &[Month], columns: &[Columns]) -> Markup {
    if months.is_empty() {
        return html! { p class="nothing" { "There is nothing to draw at this point." } };
    }
    let range = span(columns.iter().flat_map(|column| column.values.iter().copied()), unit);
    let names = columns.iter().map(|column| column.name.as_str());
    figure(title, unit, names, draw_columns(months, columns, unit, range), || {
        html! {
            thead { tr { th scope="col" { "month" } @for column in columns { th scope="col" class="num" { (column.name) } } } }
            tbody { @for (index, month) in months.iter().enumerate() { tr {
                th scope="row" { (month) }
                @for column in columns { td class="num" { (column.values.get(index).map(|value| unit.shown(*value)).unwrap_or_default()) } }
            } } }
        }
    })
}

fn draw_columns(
    months: &[Month],
    columns: &[Columns],
    unit: Unit,
    values: std::ops::Range<i64>,
) -> Option<String> {
    let (mut svg, mut hover) = (String::new(), Vec::new());
    {
        let slots = i32::try_from(months.len()).ok()?.checked_mul(SLOT)?;
        let name = |at: i32| {
            let index = usize::try_from(at / SLOT).ok().filter(|_| at % SLOT == 0);
            index.and_then(|index| months.get(index)).map(Month::to_string).unwrap_or_default()
        };
        let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        let mut builder = ChartBuilder::on(&area);
        builder.margin(10).x_label_area_size(30).y_label_area_size(92);
        let mut chart = builder.build_cartesian_2d((0..slots).step(SLOT), values).ok()?;
        chart
            .configure_mesh()
            .axis_style(GRID)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .disable_x_mesh()
            .label_style(("sans-serif", 13, &INK))
            .x_labels(8)
            .y_labels(6)
            .x_label_formatter(&|at| name(*at))
            .y_label_formatter(&|value| unit.at_axis(*value))
            .draw()
            .ok()?;
        let width = (SLOT - 2) / i32::try_from(columns.len().max(1)).ok()?;
        for (number, (column, colour)) in (0..).zip(columns.iter().zip(SERIES.iter().cycle())) {
            for (slot, (month, value)) in (0..).zip(months.iter().zip(&column.values)) {
                let left = slot * SLOT + 1 + number * width;
                let corners = [(left, 0), (left + width, *value)];
                chart.draw_series([Rectangle::new(corners, colour.filled())]).ok()?;
                let words = format!("{}, {month}: {}", column.name, unit.shown(*value));
                hover.push((chart.backend_coord(&(left + width / 2, *value)), words));
            }
        }
        area.present().ok()?;
    }
    Some(with_points(svg, &hover))
}

/// From the least to the most that is drawn, with zero among them and a little room.
fn span(values: impl Iterator<Item = i64> + Clone, unit: Unit) -> std::ops::Range<i64> {
    let low = values.clone().min().unwrap_or_default().min(0);
    let high = values.max().unwrap_or_default().max(0);
    if unit == Unit::Ratio {
        return 0..10_000;
    }
    let room = ((high - low) / 16).max(1);
    (if low < 0 { low - room } else { 0 })..(high + room)
}

/// The chart with a point for each value, which says its words under the pointer.
fn with_points(mut svg: String, hover: &[((i32, i32), String)]) -> String {
    let points = html! {
        g class="points" {
            @for ((x, y), words) in hover { circle cx=(x) cy=(y) r="4" { title { (words) } } }
        }
    };
    match svg.rfind("</svg>") {
        Some(end) => svg.insert_str(end, &points.into_string()),
        None => svg.clear(),
    }
    svg
}

fn figure<'a>(
    title: &str,
    unit: Unit,
    names: impl Iterator<Item = &'a str>,
    svg: Option<String>,
    table: impl Fn() -> Markup,
) -> Markup {
    html! {
        figure class="chart" {
            figcaption {
                strong { (title) } " " span class="unit" { "in " (unit.named()) }
                ul class="legend" { @for (number, name) in (1..).zip(names) {
                    li { span class=(format!("swatch s{number}")) {} (name) }
                } }
            }
            @match svg {
                Some(svg) => {
                    div class="drawing" role="region" tabindex="0" aria-label=(format!("Chart: {title}")) {
                        div role="img" aria-label=(title) { (drawn(svg)) }
                    }
                }
                None => { p class="nothing" { "This cannot be drawn; the figures are in the table." } }
            }
            details { summary { "The figures as a table" } div class="scroll" role="region" tabindex="0" aria-label=(title) { table { (table()) } } }
        }
    }
}
