//! A program that webhooks are sent to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver as Queue, Sender, channel};
use std::thread;
use std::time::Duration;

/// What came.
#[derive(Debug)]
pub struct Came {
    headers: BTreeMap<String, String>,
    pub body: String,
}

impl Came {
    pub fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }

    pub fn position(&self) -> u64 {
        self.json()["position"].as_u64().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether it is signed with a secret, as Standard Webhooks has it.
    pub fn is_signed(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut hmac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        let (id, timestamp) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        hmac.update(format!("{id}.{timestamp}.{}", self.body).as_bytes());
        let signature = self.header("webhook-signature").strip_prefix("v1,").unwrap();
        hmac.verify_slice(&STANDARD.decode(signature).unwrap()).is_ok()
    }
}

pub struct Receiver {
    pub url: String,
    came: Queue<Came>,
    /// What is answered next, the last of them from then on.
    answers: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    /// Answers with these statuses, each with its further headers, the last of them from then on.
    pub fn start(answers: &[&str]) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let (sender, came) = channel();
        let receiver = Receiver { url, came, answers: Arc::default() };
        receiver.answer(answers);
        let answers = Arc::clone(&receiver.answers);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, sender) = (Arc::clone(&answers), sender.clone());
                thread::spawn(move || serve(stream.unwrap(), &answers, &sender));
            }
        });
        receiver
    }

    pub fn answer(&self, answers: &[&str]) {
        *self.answers.lock().unwrap() = answers.iter().rev().map(|answer| (*answer).to_owned()).collect();
    }

    /// What comes next.
    #[track_caller]
    pub fn next(&self) -> Came {
        self.came.recv_timeout(Duration::from_secs(60)).expect("something is sent")
    }

    /// Whether nothing came that was not asked for.
    pub fn is_empty(&self) -> bool {
        self.came.try_recv().is_err()
    }
}

fn serve(stream: TcpStream, answers: &Mutex<Vec<String>>, came: &Sender<Came>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut headers) = (String::new(), BTreeMap::new());
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        assert_eq!(line, "POST /in HTTP/1.1\r\n");
        loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let answer = {
            let mut answers = answers.lock().unwrap();
            if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() }
        };
        if came.send(Came { headers, body: String::from_utf8(body).unwrap() }).is_err() {
            return;
        }
        // A sender that is killed meanwhile is not there.
        if write!(reader.get_mut(), "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}
