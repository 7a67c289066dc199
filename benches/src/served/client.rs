//! Clients over HTTP/1.1, each with a connection of its own that stays open, and the load that many make.

use crate::measure::{Draw, Result, timed};
use crate::served::{READERS, WRITERS};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A server that runs as a process.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts it, and waits until it says where it listens.
    pub fn start(command: &mut Command) -> Result<Server> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let address = line.trim().rsplit("http://").next().ok_or("no address")?.parse()?;
        Ok(Server { child, address })
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already where all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client.
pub struct Client {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Client {
    pub fn connect(address: SocketAddr, token: &str) -> Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Client { stream: BufReader::new(stream), token: token.to_owned() })
    }

    /// The answer, and how long it took.
    pub fn get(&mut self, path: &str) -> Result<(String, f64)> {
        self.send("GET", path, "")
    }

    pub fn post(&mut self, path: &str, body: &str) -> Result<(String, f64)> {
        self.send("POST", path, body)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<(String, f64)> {
        timed(|| {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\ncontent-type: \
                 application/json\r\ncontent-length: {}\r\n\r\n{body}",
                self.token,
                body.len()
            );
            self.stream.get_mut().write_all(request.as_bytes())?;
            let (mut line, mut length, mut status) = (String::new(), 0, String::new());
            loop {
                line.clear();
                self.stream.read_line(&mut line)?;
                let text = line.trim_end();
                if status.is_empty() {
                    text.clone_into(&mut status);
                } else if let Some((name, value)) = text.split_once(": ") {
                    if name.eq_ignore_ascii_case("content-length") {
                        length = value.parse()?;
                    }
                } else {
                    break;
                }
            }
            let mut answer = vec![0; length];
            self.stream.read_exact(&mut answer)?;
            let answer = String::from_utf8(answer)?;
            if status.starts_with("HTTP/1.1 2") {
                Ok(answer)
            } else {
                Err(format!("{status}: {answer}").into())
            }
        })
    }
}

/// Many clients at once.
pub struct Load<'a> {
    pub server: &'a Server,
    pub token: &'a str,
    /// Where writers write to.
    pub write_to: &'a str,
    pub duration: Duration,
}

/// What they saw.
#[derive(Default)]
pub struct Seen {
    pub reads: Vec<f64>,
    pub writes: Vec<f64>,
    /// The numbers of what was acknowledged.
    pub acknowledged: Vec<u64>,
    pub questions: usize,
}

impl Load<'_> {
    /// Writers and readers, each with the next as soon as the one before is answered. An error of one is an error.
    pub fn run(
        &self,
        names: &[String],
        ask: &(dyn Fn(&str) -> String + Sync),
        body: &(dyn Fn(u64) -> String + Sync),
    ) -> Result<Seen> {
        let (next, ends) = (AtomicU64::new(0), Instant::now() + self.duration);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|_| {
                    scope.spawn(|| -> Result<Seen> {
                        let (mut client, mut seen) =
                            (Client::connect(self.server.address, self.token)?, Seen::default());
                        while Instant::now() < ends {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            seen.writes.push(client.post(self.write_to, &body(number))?.1);
                            seen.acknowledged.push(number);
                        }
                        Ok(seen)
                    })
                })
                .collect();
            let readers: Vec<_> = (0..READERS)
                .map(|number| {
                    scope.spawn(move || -> Result<Seen> {
                        let (mut client, mut seen) =
                            (Client::connect(self.server.address, self.token)?, Seen::default());
                        let mut draw = Draw::new(number as u64);
                        while Instant::now() < ends {
                            let name =
                                names.get(draw.below(names.len() as u64) as usize).ok_or("no producer")?;
                            seen.reads.push(client.get(&ask(name))?.1);
                        }
                        Ok(seen)
                    })
                })
                .collect();
            let mut all = Seen::default();
            for client in writers.into_iter().chain(readers) {
                let seen = client.join().map_err(|_| "a client panicked")??;
                all.reads.extend(seen.reads);
                all.writes.extend(seen.writes);
                all.acknowledged.extend(seen.acknowledged);
            }
            all.questions = all.reads.len();
            Ok(all)
        })
    }
}
