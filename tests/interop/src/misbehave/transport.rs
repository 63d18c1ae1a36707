//! One wrong thing on an established connection.

use super::script::{random, Script};
use super::watch::{self, Outcome};
use crate::link::{self, Ws, MAX_FRAME};
use crate::report::ms;
use crate::send::NET;
use crate::session::{self, MAX_CHUNK, MAX_MESSAGE};
use crate::wire::{Address, Bytes, KernelMessage, Message, Request};
use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use snow::StatelessTransportState;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

pub struct Transport<'a> {
    script: &'a Script,
    ws: Ws,
    noise: StatelessTransportState,
    nonce: u64,
}

impl<'a> Transport<'a> {
    pub fn new(script: &'a mut Script, ws: Ws, noise: StatelessTransportState) -> Transport<'a> {
        Transport { script, ws, noise, nonce: 0 }
    }

    pub async fn misbehave(mut self) -> Result<Outcome> {
        match self.script.kind.name {
            "truncated" => return self.truncate().await,
            "slow-message" => return self.slow().await,
            "stalled-message" => self.stall().await?,
            "text-frame" => self.ws.send(Frame::Text("hello".into())).await?,
            "large-chunk" => {
                // No Noise message may be so long: snow would not seal it.
                self.ws.send(Frame::Binary(vec![7; MAX_FRAME + 1].into())).await?
            }
            _ => {
                for frame in self.wrong_frames()? {
                    link::send(&mut self.ws, frame).await?;
                }
            }
        }
        Ok(watch::websocket(&mut self.ws, self.script.bound).await)
    }

    fn wrong_frames(&mut self) -> Result<Vec<Vec<u8>>> {
        if self.script.kind.name == "garbage-transport" {
            return Ok(vec![random(100)?]);
        }
        let plain = self.wrong_plain()?;
        let mut sealed = self.seal(&plain)?;
        match self.script.kind.name {
            "flipped-transport" => sealed[10] ^= 1,
            "replayed-frame" => return Ok(vec![sealed.clone(), sealed]),
            _ => {}
        }
        Ok(vec![sealed])
    }

    /// One chunk's plaintext.
    fn wrong_plain(&self) -> Result<Vec<u8>> {
        let honest = session::frame(&self.hello(b"hello"))?;
        Ok(match self.script.kind.name {
            "short-first-chunk" => vec![0; 3],
            "oversize" => declare(MAX_MESSAGE + 1, &honest[4..]),
            "excess" => declare(honest.len() - 4, &[&honest[4..], &[0; 10]].concat()),
            "undecodable" => declare(100, &[0xc1; 100]),
            "huge-claim" => self.with_body(&[0xdd, 0xff, 0xff, 0xff, 0xff, 7, 7, 7])?,
            "deep-nesting" => self.with_body(&[0x91; 60_000])?,
            "trailing-message" => declare(honest.len() - 3, &[&honest[4..], &[0xc0]].concat()),
            "spoofed-source" | "wrong-target" | "bad-process" => session::frame(&self.wrong_address())?,
            _ => honest,
        })
    }

    /// A message that ends with these bytes where its body belongs.
    fn with_body(&self, body: &[u8]) -> Result<Vec<u8>> {
        let honest = session::frame(&self.hello(b"hello"))?;
        let start = honest.windows(6).position(|w| w == b"\x95hello").context("no body")?;
        let message = [&honest[4..start], body].concat();
        Ok(declare(message.len(), &message))
    }

    fn wrong_address(&self) -> KernelMessage {
        let mut message = self.hello(b"hello");
        match self.script.kind.name {
            "spoofed-source" => message.source.node = "someone-else.nec".into(),
            "wrong-target" => message.target.node = "someone-else.nec".into(),
            _ => message.source.process = "Not_A:process:sys".into(),
        }
        message
    }

    fn hello(&self, body: &[u8]) -> KernelMessage {
        KernelMessage {
            id: 77,
            source: Address::new(&self.script.me.name, "peer:nectar-net:sys"),
            target: Address::new(&self.script.peer, NET),
            rsvp: None,
            message: Message::Request(Request {
                inherit: false,
                expects_response: Some(5),
                body: Bytes::array(body.to_vec()),
                metadata: None,
                capabilities: Vec::new(),
            }),
            lazy_load_blob: None,
        }
    }

    fn seal(&mut self, chunk: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = vec![0; chunk.len() + 16];
        self.noise.write_message(self.nonce, chunk, &mut sealed)?;
        self.nonce += 1;
        Ok(sealed)
    }

    /// Half the chunks of a message, and the socket dropped.
    async fn truncate(mut self) -> Result<Outcome> {
        let plain = session::frame(&self.hello(&[7; 10 * MAX_CHUNK]))?;
        for chunk in plain.chunks(MAX_CHUNK).take(5) {
            let sealed = self.seal(chunk)?;
            link::send(&mut self.ws, sealed).await?;
        }
        Ok(Outcome::LeftOurselves)
    }

    /// A chunk and a half.
    async fn stall(&mut self) -> Result<()> {
        let plain = session::frame(&self.hello(&[7; 3 * MAX_CHUNK]))?;
        let mut chunks = plain.chunks(MAX_CHUNK);
        let (first, second) = (self.seal(chunks.next().unwrap())?, self.seal(chunks.next().unwrap())?);
        link::send(&mut self.ws, first).await?;
        let frame = link::raw_frame(&second, self.script.client);
        Ok(self.ws.get_mut().write_all(&frame[..frame.len() / 2]).await?)
    }

    /// A message whose chunks have one byte each, one a second.
    async fn slow(mut self) -> Result<Outcome> {
        let start = Instant::now();
        let plain = session::frame(&self.hello(&[7; 1000]))?;
        let mut chunks = [&plain[..4]].into_iter().chain(plain[4..].chunks(1));
        let mut messages = 0;
        while start.elapsed() < self.script.bound {
            if let Some(chunk) = chunks.next() {
                let sealed = self.seal(chunk)?;
                let _ = link::send(&mut self.ws, sealed).await; // An error shows in the read.
            }
            let Ok(item) = timeout(Duration::from_secs(1), self.ws.next()).await else { continue };
            if let Some(how) = watch::ended(item, &mut messages) {
                return Ok(Outcome::Closed { how, after_ms: ms(start), messages });
            }
        }
        Ok(Outcome::NotClosed { after_ms: ms(start), messages })
    }
}

fn declare(len: usize, rest: &[u8]) -> Vec<u8> {
    [&(len as u32).to_be_bytes()[..], rest].concat()
}
