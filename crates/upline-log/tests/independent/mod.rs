//! A second reader of a ledger, written from docs/log-format.md alone. It shares no code with the log's own,
//! so that where the two agree it is the document that says how, not a habit of one program.
//!
//! What it finds it keeps as text and plain numbers: enough to compare, and no types to hide a mistake.
#![allow(dead_code)] // only what is compared is read

mod shapes;

use sha2::{Digest, Sha256};
use shapes::Shape::{self, *};
use shapes::{BODIES, KINDS, LARGER_KINDS, LATER, REMARK};
use std::fs;
use std::path::Path;

/// Why a number is refused that would have fitted into fewer bytes.
pub const LONGER: &str = "a number of more bytes than it needs";

const BLOCK_MAX: usize = 65_536;
const PAYLOAD_MAX: usize = 1_048_576;
const FILE_HEADER: usize = 16;
const FRAME_HEADER: usize = 24;
const BLOCK_HEADER: usize = 28;

pub type Hash = [u8; 32];

/// All that a ledger's files say.
#[derive(Debug, PartialEq)]
pub struct Ledger {
    pub events: Vec<Event>,
    pub root: Hash,
    pub acknowledged: u64,
    pub names: Vec<Name>,
    /// How many blocks were read of `log` and of `tail`: a test wants to know that both were.
    pub blocks: (usize, usize),
}

#[derive(Debug, PartialEq)]
pub struct Event {
    pub position: u64,
    pub name: &'static str,
    pub recorded_at: i64,
    pub on: i32,
    /// Origin, remarks, identity.
    pub envelope: String,
    pub body: String,
    pub postings: Vec<Posting>,
}

#[derive(Debug, PartialEq)]
pub struct Posting {
    pub kind: &'static str,
    pub party: String,
    pub policy: Option<u32>,
    pub dated: i32,
    pub due: i32,
    pub cents: i64,
}

/// The bytes of a ledger's files.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    pub acknowledged: Vec<u8>,
    pub tail: Vec<u8>,
    pub log: Vec<u8>,
    pub directory: Option<Vec<u8>>,
}

impl Files {
    /// Reads them in the order that makes a writer at work no matter.
    pub fn read(dir: &Path) -> Result<Files, String> {
        let file = |name: &str| fs::read(dir.join(name)).map_err(|error| format!("{name}: {error}"));
        let (acknowledged, tail, log) = (file("acknowledged")?, file("tail")?, file("log")?);
        // The document does not say that it must be there, and a log without names needs none.
        let directory =
            if dir.join("directory.jsonl").exists() { Some(file("directory.jsonl")?) } else { None };
        Ok(Files { acknowledged, tail, log, directory })
    }
}

pub fn read(dir: &Path) -> Result<Ledger, String> {
    decode(&Files::read(dir)?)
}

pub fn decode(files: &Files) -> Result<Ledger, String> {
    let (acknowledged, root_then) = acknowledged(&files.acknowledged)?;
    let log = frames(&files.log, b"UPLINE  LOG  01\n", Some(1)).map_err(|error| format!("log: {error}"))?;
    let tail = frames(&files.tail, b"UPLINE  TAIL 01\n", None).map_err(|error| format!("tail: {error}"))?;
    let end = log.last().map_or(0, |frame| frame.last);
    let behind = tail.iter().filter(|frame| frame.last > end);

    let mut so_far = SoFar { tree: Tree::default(), events: Vec::new(), recorded_at: i64::MIN };
    // What counts: behind the acknowledged position a block does so only up to the last complete one.
    let mut counted = (0, Tree::default(), (0, 0));
    let mut blocks = (0, 0);
    let mut acknowledged_root = (acknowledged == 0).then(|| Tree::default().root());
    for (frame, of_log) in log.iter().map(|frame| (frame, true)).chain(behind.map(|frame| (frame, false))) {
        if frame.first != so_far.tree.leaves + 1 {
            break;
        }
        let in_doubt = frame.first > acknowledged;
        if in_doubt && !frame.is_whole() {
            break;
        }
        let complete = so_far.block(frame, acknowledged, &mut acknowledged_root)?;
        if of_log {
            blocks.0 += 1
        } else {
            blocks.1 += 1
        }
        if complete || !in_doubt {
            counted = (so_far.events.len(), so_far.tree.clone(), blocks);
        }
        if !complete && frame.last == acknowledged {
            return Err(format!("acknowledged {acknowledged}, where a block goes on"));
        }
    }
    let (count, tree, blocks) = counted;
    if tree.leaves < acknowledged {
        return Err(format!("ends at {}, acknowledged was {acknowledged}", tree.leaves));
    }
    if acknowledged_root.is_none_or(|root| hex(&root) != root_then) {
        return Err("another root was acknowledged".to_owned());
    }
    so_far.events.truncate(count);
    let names = files.directory.as_deref().map_or(Ok(Vec::new()), names)?;
    Ok(Ledger { events: so_far.events, root: tree.root(), acknowledged, names, blocks })
}

/// The position and the root of the file `acknowledged`.
fn acknowledged(line: &[u8]) -> Result<(u64, &str), String> {
    let text = std::str::from_utf8(line).map_err(|_| "acknowledged: no text")?;
    let parts: Vec<&str> = text.strip_suffix('\n').ok_or("acknowledged: no line")?.split(' ').collect();
    let [position, root, crc] = parts[..] else { return Err("acknowledged: not three parts".to_owned()) };
    let lengths = (position.len(), root.len(), crc.len());
    if lengths != (20, 64, 8) || crc != format!("{:08x}", crc32(&[&line[..85]])) {
        return Err("acknowledged: damaged".to_owned());
    }
    let digits = |text: &str, all: &str| text.chars().all(|c| all.contains(c));
    if !digits(position, "0123456789") || !digits(root, "0123456789abcdef") {
        return Err("acknowledged: other digits".to_owned());
    }
    Ok((position.parse().map_err(|_| "acknowledged: too large")?, root))
}

struct Frame<'a> {
    first: u64,
    last: u64,
    block: &'a [u8],
}

/// The frames of a file, up to where what follows is none.
fn frames<'a>(file: &'a [u8], header: &[u8], first: Option<u64>) -> Result<Vec<Frame<'a>>, String> {
    let mut rest = file.strip_prefix(header).ok_or("another header")?;
    let mut next = first;
    let mut found = Vec::new();
    while rest.len() >= FRAME_HEADER {
        let (first, last) = (u64_at(rest, 0), u64_at(rest, 8));
        let length = u32_at(rest, 16) as usize;
        let sound = u32_at(rest, 20) == crc32(&[&rest[..20]])
            && (1..=BLOCK_MAX).contains(&length)
            && first >= 1
            && first <= last
            && next.is_none_or(|next| next == first);
        if !sound || rest.len() - FRAME_HEADER < length {
            break;
        }
        found.push(Frame { first, last, block: &rest[FRAME_HEADER..FRAME_HEADER + length] });
        rest = &rest[FRAME_HEADER + length..];
        next = last.checked_add(1);
        if next.is_none() {
            break;
        }
    }
    Ok(found)
}

impl Frame<'_> {
    fn is_whole(&self) -> bool {
        self.block.len() >= 8
            && &self.block[..4] == b"UPLB"
            && u32_at(self.block, 4) == crc32(&[&self.first.to_be_bytes(), &self.block[8..]])
    }
}

/// The log up to some block.
struct SoFar {
    tree: Tree,
    events: Vec<Event>,
    recorded_at: i64,
}

impl SoFar {
    /// Takes the next block and says whether it is complete.
    fn block(&mut self, frame: &Frame, acknowledged: u64, root: &mut Option<Hash>) -> Result<bool, String> {
        let at = |what: &str| format!("block {}: {what}", frame.first);
        let block = frame.block;
        if !frame.is_whole() {
            return Err(at("checksum"));
        }
        if block.len() < BLOCK_HEADER {
            return Err(at("short"));
        }
        if block[8] != 1 {
            return Err(at("another format: a newer program is needed"));
        }
        if block[10] > 1 || block[11] != 0 {
            return Err(at("flags"));
        }
        if u64::from(u32_at(block, 12)) != frame.last - frame.first + 1 {
            return Err(at("another count than its frame says"));
        }
        let peaks = frame.last.count_ones() as usize * 32;
        let stored = block.get(BLOCK_HEADER + peaks..).ok_or_else(|| at("short"))?;
        let payload = unpack(block[9], stored, u32_at(block, 16) as usize).map_err(|error| at(&error))?;
        let mut rest = &payload[..];
        for position in frame.first..=frame.last {
            let before = rest;
            let event = event(&mut rest, position).map_err(|error| format!("event {position}: {error}"))?;
            if event.recorded_at < self.recorded_at {
                return Err(format!("event {position}: recorded before the event in front"));
            }
            self.recorded_at = event.recorded_at;
            self.tree.push(&before[..before.len() - rest.len()]);
            self.events.push(event);
            if position == acknowledged {
                *root = Some(self.tree.root());
            }
        }
        if !rest.is_empty() {
            return Err(at("more behind the last event"));
        }
        if self.recorded_at != u64_at(block, 20) as i64 {
            return Err(at("the last event was recorded at another time"));
        }
        if block[BLOCK_HEADER..BLOCK_HEADER + peaks] != self.tree.peaks.concat() {
            return Err(at("other peaks"));
        }
        Ok(block[10] == 0)
    }
}

fn unpack(codec: u8, stored: &[u8], length: usize) -> Result<Vec<u8>, String> {
    if length > PAYLOAD_MAX {
        return Err("payload too long".to_owned());
    }
    let payload = match codec {
        0 => stored.to_vec(),
        1 => {
            // The library would also take several frames in a row.
            let one = zstd::zstd_safe::find_frame_compressed_size(stored).map_err(|_| "no zstd frame")?;
            if one != stored.len() {
                return Err("more behind the zstd frame".to_owned());
            }
            zstd::bulk::decompress(stored, length).map_err(|error| format!("zstd: {error}"))?
        }
        _ => return Err("codec".to_owned()),
    };
    if payload.len() == length { Ok(payload) } else { Err("payload of another length".to_owned()) }
}

/// The Merkle tree, by its peaks.
#[derive(Clone, Default)]
struct Tree {
    leaves: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    fn push(&mut self, bytes: &[u8]) {
        let mut hash = sha256(&[&[0], bytes]);
        let mut before = self.leaves;
        while before % 2 == 1 {
            let left = self.peaks.pop().unwrap_or_default();
            hash = node(&left, &hash);
            before /= 2;
        }
        self.peaks.push(hash);
        self.leaves += 1;
    }

    fn root(&self) -> Hash {
        let fold = self.peaks.iter().rev().copied().reduce(|right, left| node(&left, &right));
        fold.unwrap_or_else(|| sha256(&[]))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// CRC-32 as in zip, bit by bit: slow, and plainly the definition.
pub fn crc32(parts: &[&[u8]]) -> u32 {
    let mut crc = u32::MAX;
    for byte in parts.iter().copied().flatten() {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(four)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at + 4)) << 32 | u64::from(u32_at(bytes, at))
}

/// Reads one event from the front of the bytes and takes it off them.
pub fn event(bytes: &mut &[u8], position: u64) -> Result<Event, String> {
    let (number, version) = (byte(bytes)?, byte(bytes)?);
    let later = LATER.iter().find(|(of, ..)| *of == number && version == 2);
    let known = (version == 1 || later.is_some()).then(|| BODIES.get(usize::from(number).wrapping_sub(1)));
    let (mut name, fields, shapes) = *known.flatten().ok_or("a newer program is needed")?;
    let recorded_at = i64_of(bytes)?;
    let origin = value(bytes, REMARK)?;
    let remarks = value(bytes, Maybe(&Tuple(&[REMARK; 3])))?;
    let identity = match byte(bytes)? {
        1 => format!("given {}", hex(take(bytes, 16)?)),
        2 => format!("derived {}", value(bytes, U32)?),
        3 => format!("caused {} {}", value(bytes, U64)?, value(bytes, U32)?),
        _ => return Err("identity".to_owned()),
    };
    let on = i32::try_from(i64_of(bytes)?).map_err(|_| "day")?;
    let mut body = Vec::new();
    let mut policy = None;
    for (field, shape) in fields.split(' ').zip(shapes) {
        let text = value(bytes, *shape)?;
        if field == "policy" {
            policy = text.parse().ok();
        }
        if number == 13 && text == "lapse" {
            name = "policy_lapsed";
        }
        body.push(format!("{field}={text}"));
    }
    if let Some((_, fields, shapes, nothing)) = later {
        let mut said = Vec::new();
        for (field, shape) in fields.split(' ').zip(*shapes) {
            let text = value(bytes, *shape)?;
            if field == "policy" {
                policy = text.parse().ok();
            }
            body.push(format!("{field}={text}"));
            said.push(text);
        }
        if said.iter().any(|text| text.starts_with("[(")) && fields.ends_with("assigned") {
            assigned(&body)?;
        }
        if body.iter().any(|field| field == "same=()") && !body.iter().any(|field| field == "chain=-") {
            return Err("a chain that is given and the same".to_owned());
        }
        if said == *nothing {
            return Err("a later version that says nothing more".to_owned());
        }
    }
    let postings = postings(bytes, on, policy)?;
    let envelope = format!("{origin} {remarks} {identity}");
    Ok(Event { position, name, recorded_at, on, envelope, body: body.join(" "), postings })
}

/// The places that assign a part are in order, and stand in the frozen chain.
fn assigned(body: &[String]) -> Result<(), String> {
    let of = |name: &str| body.iter().find_map(|field| field.strip_prefix(name)).unwrap_or_default();
    // How many places each side has: codes hold no brackets.
    let mut sides: Vec<usize> = Vec::new();
    let (mut lists, mut tuples) = (0, 0);
    for c in of("sides=").chars() {
        match c {
            '[' => {
                lists += 1;
                if lists == 2 {
                    sides.push(0);
                }
            }
            ']' => lists -= 1,
            '(' => {
                tuples += 1;
                if tuples == 1 {
                    *sides.last_mut().ok_or("sides")? += 1;
                }
            }
            ')' => tuples -= 1,
            _ => {}
        }
    }
    let mut before = None;
    for one in of("assigned=").trim_matches(['[', ']']).split("), ") {
        let mut numbers = one.trim_matches(['(', ')']).split(", ").map(str::parse::<usize>);
        let mut number = || numbers.next().and_then(Result::ok).ok_or("assigned");
        let here = (number()?, number()?);
        if before >= Some(here) || sides.get(here.0).is_none_or(|places| here.1 >= *places) {
            return Err("assigned".to_owned());
        }
        before = Some(here);
    }
    Ok(())
}

fn postings(bytes: &mut &[u8], on: i32, body_policy: Option<u32>) -> Result<Vec<Posting>, String> {
    let count = count(bytes)?;
    let mut policy = body_policy;
    let mut found = Vec::new();
    for _ in 0..count {
        let what = byte(bytes)?;
        let (kind, of_carrier) = match what & 0x1f {
            0x1f => match byte(bytes)? {
                larger @ 32.. => (word(larger - 31, LARGER_KINDS)?, larger >= 34),
                _ => return Err("kind".to_owned()),
            },
            kind => (word(kind, KINDS)?, false),
        };
        let party = match what & 0x60 {
            0x20 if of_carrier => format!("carrier {}", value(bytes, U32)?),
            0x00 => format!("payee {}", value(bytes, U16)?),
            0x20 => format!("producer {}", value(bytes, U32)?),
            0x40 => format!("pair {} {}", value(bytes, U32)?, value(bytes, U32)?),
            _ => format!("contract {} {}", value(bytes, U32)?, value(bytes, Maybe(&U32))?),
        };
        let unusual = if what & 0x80 == 0 { 0 } else { byte(bytes)? };
        if (what & 0x80 != 0) == (unusual == 0) || unusual > 0x0f || unusual & 3 == 3 {
            return Err("flags of a posting".to_owned());
        }
        let before = policy;
        if unusual & 1 != 0 {
            policy = Some(u32_of(bytes)?);
        } else if unusual & 2 != 0 {
            policy = None;
        }
        if unusual & 3 != 0 && policy == before {
            return Err("the policy of a posting is no other".to_owned());
        }
        let mut day = |bit: u8| match unusual & bit {
            0 => Ok(None),
            _ => day_after(on, i64_of(bytes)?).map(Some),
        };
        let (dated, due) = (day(4)?, day(8)?);
        if dated == Some(on) || due == Some(dated.unwrap_or(on)) {
            return Err("the day of a posting is no other".to_owned());
        }
        let dated = dated.unwrap_or(on);
        found.push(Posting { kind, party, policy, dated, due: due.unwrap_or(dated), cents: 0 });
    }
    for posting in &mut found {
        posting.cents = i64_of(bytes)?;
    }
    Ok(found)
}

fn day_after(on: i32, days: i64) -> Result<i32, String> {
    i64::from(on).checked_add(days).and_then(|day| i32::try_from(day).ok()).ok_or_else(|| "day".to_owned())
}

/// Reads a value and prints it.
fn value(bytes: &mut &[u8], shape: Shape) -> Result<String, String> {
    Ok(match shape {
        Byte => byte(bytes)?.to_string(),
        U16 => u16::try_from(unsigned(bytes)?).map_err(|_| "u16")?.to_string(),
        U32 => u32_of(bytes)?.to_string(),
        U64 => u64_of(bytes)?.to_string(),
        Money => i64_of(bytes)?.to_string(),
        Rate => {
            let (digits, behind) = (signed(bytes)?, u32_of(bytes)?);
            // From 0 to 10, of at most 28 places: the document does not say that; refusals of ours do.
            let fits = behind <= 28 && (0..=10_i128.pow(behind + 1)).contains(&digits);
            if !fits || (behind > 0 && digits % 10 == 0) {
                return Err("rate".to_owned());
            }
            format!("{digits}/10^{behind}")
        }
        Code => code(bytes, "-_.:")?,
        PolicyNumber => code(bytes, "-_.:/")?,
        Sha256 => {
            let hash = code(bytes, "")?;
            let digits = hash.trim_matches('"');
            if digits.len() != 64 || digits.contains(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
                return Err("SHA-256".to_owned());
            }
            hash
        }
        Text => format!("{:?}", text(bytes)?),
        Id => hex(take(bytes, 16)?),
        Day => i32::try_from(i64_of(bytes)?).map_err(|_| "day")?.to_string(),
        Weight => {
            let length = count(bytes)?;
            let digits = take(bytes, length)?;
            if length > 32 || digits.first() == Some(&0) || (length == 32 && digits[0] > 0x7f) {
                return Err("weight".to_owned());
            }
            format!("0x{}", hex(digits))
        }
        Rule => match word(byte(bytes)?, "pro_rata full none percent")? {
            "percent" => format!("percent {}", value(bytes, Rate)?),
            rule => rule.to_owned(),
        },
        Upline => match byte(bytes)? {
            0 => "unchanged".to_owned(),
            1 => "top".to_owned(),
            2 => format!("under {}", u32_of(bytes)?),
            _ => return Err("upline".to_owned()),
        },
        Word(words) => word(byte(bytes)?, words)?.to_owned(),
        Maybe(shape) => match byte(bytes)? {
            0 => "-".to_owned(),
            1 => value(bytes, *shape)?,
            _ => return Err("option".to_owned()),
        },
        List(shape) => {
            let items = (0..count(bytes)?).map(|_| value(bytes, *shape));
            format!("[{}]", items.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        Tuple(shapes) => {
            let items = shapes.iter().map(|shape| value(bytes, *shape));
            format!("({})", items.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
    })
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or("ends too early")?;
    *bytes = rest;
    Ok(taken)
}

fn byte(bytes: &mut &[u8]) -> Result<u8, String> {
    Ok(take(bytes, 1)?[0])
}

/// A number of one byte, or of as many as the first byte says: the fewest that hold it.
fn unsigned(bytes: &mut &[u8]) -> Result<u128, String> {
    let (length, least) = match byte(bytes)? {
        251 => (2, 251),
        252 => (4, 1 << 16),
        253 => (8, 1 << 32),
        254 => (16, 1 << 64),
        255 => return Err("number".to_owned()),
        small => return Ok(u128::from(small)),
    };
    let digits = take(bytes, length)?;
    let number = digits.iter().rev().fold(0, |number, digit| number << 8 | u128::from(*digit));
    if number < least { Err(LONGER.to_owned()) } else { Ok(number) }
}

fn signed(bytes: &mut &[u8]) -> Result<i128, String> {
    let number = unsigned(bytes)?;
    let half = (number >> 1) as i128;
    Ok(if number & 1 == 0 { half } else { -1 - half })
}

fn u32_of(bytes: &mut &[u8]) -> Result<u32, String> {
    u32::try_from(unsigned(bytes)?).map_err(|_| "u32".to_owned())
}

fn u64_of(bytes: &mut &[u8]) -> Result<u64, String> {
    u64::try_from(unsigned(bytes)?).map_err(|_| "u64".to_owned())
}

fn i64_of(bytes: &mut &[u8]) -> Result<i64, String> {
    i64::try_from(signed(bytes)?).map_err(|_| "i64".to_owned())
}

/// How many there are of something that takes a byte at least.
fn count(bytes: &mut &[u8]) -> Result<usize, String> {
    let count = u64_of(bytes)?;
    usize::try_from(count).ok().filter(|count| *count <= bytes.len()).ok_or_else(|| "count".to_owned())
}

fn text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, String> {
    let length = count(bytes)?;
    std::str::from_utf8(take(bytes, length)?).map_err(|_| "no UTF-8".to_owned())
}

fn code(bytes: &mut &[u8], marks: &str) -> Result<String, String> {
    let code = text(bytes)?;
    let allowed = code.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c));
    if allowed && (1..=64).contains(&code.len()) { Ok(format!("{code:?}")) } else { Err("code".to_owned()) }
}

fn word(number: u8, words: &'static str) -> Result<&'static str, String> {
    usize::from(number)
        .checked_sub(1)
        .and_then(|at| words.split(' ').nth(at))
        .ok_or_else(|| "word".to_owned())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A line of the directory: its keys and values, `true` as that word.
pub type Name = Vec<(String, String)>;

/// The directory of names: JSON lines, the last with the checksum of those before.
fn names(file: &[u8]) -> Result<Vec<Name>, String> {
    let text = std::str::from_utf8(file).map_err(|_| "directory: no text")?;
    let lines = text.strip_suffix('\n').ok_or("directory: the last line does not end")?;
    let start = lines.rfind('\n').map_or(0, |at| at + 1);
    if lines[start..] != format!("{{\"crc32\":\"{:08x}\"}}", crc32(&[&file[..start]])) {
        return Err("directory: damaged".to_owned());
    }
    lines[..start].lines().map(name).collect()
}

/// A flat JSON object of strings and `true`: all that these lines are.
fn name(line: &str) -> Result<Name, String> {
    let mut rest = line.strip_prefix('{').ok_or("no object")?;
    let mut found = Vec::new();
    loop {
        let key = string(&mut rest)?;
        rest = rest.strip_prefix(':').ok_or("no colon")?;
        let value = match rest.strip_prefix("true") {
            Some(after) => {
                rest = after;
                "true".to_owned()
            }
            None => string(&mut rest)?,
        };
        found.push((key, value));
        match rest.split_at_checked(1) {
            Some((",", after)) => rest = after,
            Some(("}", "")) => return Ok(found),
            _ => return Err("the object does not end".to_owned()),
        }
    }
}

fn string(rest: &mut &str) -> Result<String, String> {
    let mut chars = rest.strip_prefix('"').ok_or("no string")?.chars();
    // UTF-16, because that is what JSON's escapes are.
    let mut units: Vec<u16> = Vec::new();
    loop {
        let c = chars.next().ok_or("the string does not end")?;
        match c {
            '"' => break,
            '\\' => units.push(escape(&mut chars)?),
            c if c < ' ' => return Err("a control character".to_owned()),
            c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
    *rest = chars.as_str();
    String::from_utf16(&units).map_err(|error| error.to_string())
}

fn escape(chars: &mut std::str::Chars) -> Result<u16, String> {
    Ok(match chars.next().ok_or("the string does not end")? {
        c @ ('"' | '\\' | '/') => c as u16,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'u' => {
            let hex: String = chars.by_ref().take(4).filter(char::is_ascii_hexdigit).collect();
            let four = (hex.len() == 4).then(|| u16::from_str_radix(&hex, 16).ok());
            four.flatten().ok_or("an escape of other than four digits")?
        }
        _ => return Err("an escape that JSON does not have".to_owned()),
    })
}
