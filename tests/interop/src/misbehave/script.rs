//! A connection up to its handshake's end, with one thing wrong on the way.

use super::kinds::{Kind, Stage};
use super::transport::Transport;
use super::watch::{self, Outcome};
use crate::args::Args;
use crate::initiator;
use crate::keys::Me;
use crate::link::{self, Ws, ATTEMPT};
use crate::noise::Handshake;
use crate::wire::{self, HandshakePayload};
use anyhow::{Context, Result};
use futures_util::SinkExt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

pub struct Script {
    pub kind: &'static Kind,
    pub me: Me,
    /// The name of the other side; from the handshake for the responder.
    pub peer: String,
    claim: String,
    pub bound: Duration,
    /// Are we the WebSocket's client?
    pub client: bool,
}

const UPGRADE_FIELDS: &str = "Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n";

impl Script {
    pub fn new(args: &Args, kind: &'static Kind, me: Me, peer: &str) -> Result<Script> {
        let bound = Duration::from_secs_f64(args.number("bound", 15.0)?);
        let claim = args.get("claim").unwrap_or("nobody.nec").into();
        Ok(Script { kind, me, peer: peer.into(), claim, bound, client: false })
    }

    pub async fn initiate(self, mut tcp: TcpStream, host: &str, port: u16) -> Result<Outcome> {
        if self.kind.stage == Stage::Tcp {
            return self.on_tcp(&mut tcp, &format!("GET / HTTP/1.1\r\n{UPGRADE_FIELDS}")).await;
        }
        let ws = link::upgrade_out(tcp, host, port).await?;
        self.initiate_on(ws).await
    }

    /// From the point where our first handshake message belongs.
    pub async fn initiate_on(mut self, mut ws: Ws) -> Result<Outcome> {
        self.client = true;
        let mut hs = Handshake::new(true)?;
        let first = hs.write(&[])?;
        if self.kind.stage == Stage::Upgraded {
            return self.on_upgraded(&mut ws, &link::raw_frame(&first, true)).await;
        }
        if self.kind.stage == Stage::First {
            link::send(&mut ws, self.alter(first)?).await?;
            return Ok(watch::websocket(&mut ws, self.bound).await);
        }
        link::send(&mut ws, first).await?;
        hs.read(&receive(&mut ws).await?)?;
        if let Some(outcome) = self.prove(&mut ws, &mut hs).await? {
            return Ok(outcome);
        }
        Transport::new(&mut self, ws, hs.finish()?).misbehave().await
    }

    pub async fn respond(self, mut tcp: TcpStream) -> Result<Outcome> {
        if self.kind.stage == Stage::Tcp {
            read_request(&mut tcp).await?;
            return self.on_tcp(&mut tcp, RESPONSE).await;
        }
        let ws = link::upgrade_in(tcp).await?;
        self.respond_on(ws).await
    }

    /// From the point where the peer's first handshake message belongs.
    pub async fn respond_on(mut self, mut ws: Ws) -> Result<Outcome> {
        let first = receive(&mut ws).await?;
        if self.kind.stage == Stage::Upgraded {
            return self.on_upgraded(&mut ws, &link::raw_frame(&[7; 200], self.client)).await;
        }
        let mut hs = Handshake::new(false)?;
        hs.read(&first)?;
        if let Some(outcome) = self.prove(&mut ws, &mut hs).await? {
            return Ok(outcome);
        }
        let third: HandshakePayload = wire::decode(&hs.read(&receive(&mut ws).await?)?)?;
        self.peer = third.name;
        Transport::new(&mut self, ws, hs.finish()?).misbehave().await
    }

    /// Asks a router for a way to the peer.
    pub async fn ask(self, mut ws: Ws, router: &str) -> Result<Outcome> {
        let request = self.request(router)?;
        link::send(&mut ws, request.clone()).await?;
        if self.kind.name == "request-twice" {
            link::send(&mut ws, request).await?;
        }
        Ok(watch::websocket(&mut ws, self.bound).await)
    }

    fn request(&self, router: &str) -> Result<Vec<u8>> {
        let to = |target: &str| initiator::request(&self.me, router, target);
        let mut request = to(&self.peer);
        match self.kind.name {
            "request-version-2" => request.protocol_version = 2,
            "request-signature" => request.signature.data[20] ^= 1,
            "request-replayed" => request = initiator::request(&self.me, &self.claim, &self.peer),
            "request-garbage" => return random(100),
            "request-empty" => return Ok(Vec::new()),
            "request-to-self" => request = to(&self.me.name),
            "request-other-name" => request.source = self.claim.clone(),
            "request-unknown" => request.source = "no-such-node.nec".into(),
            "request-nowhere" => request = to("no-such-node.nec"),
            _ => {}
        }
        let mut request = wire::encode(&request)?;
        match self.kind.name {
            "request-long" => request.push(0xc0),
            "request-short" => request.truncate(request.len() - 1),
            _ => {}
        }
        Ok(request)
    }

    /// `honest` is what belongs here.
    async fn on_tcp(&self, tcp: &mut TcpStream, honest: &str) -> Result<Outcome> {
        match self.kind.name {
            "garbage-tcp" => tcp.write_all(&random(300)?).await?,
            "wrong-path" => tcp.write_all(honest.replacen("GET / ", "GET /other ", 1).as_bytes()).await?,
            "slow-tcp" => return Ok(watch::tcp_while_writing(tcp, honest.as_bytes(), self.bound).await),
            _ => {} // silent-tcp
        }
        Ok(watch::tcp(tcp, self.bound).await)
    }

    /// `honest` is the frame that belongs here, header included.
    async fn on_upgraded(&self, ws: &mut Ws, honest: &[u8]) -> Result<Outcome> {
        match self.kind.name {
            // Reserved bits set, a reserved opcode.
            "garbage-upgraded" => ws.get_mut().write_all(&[0xff; 300]).await?,
            "text-upgraded" => ws.send(Frame::Text("hello".into())).await?,
            "large-frame" => ws.send(Frame::Binary(vec![7; link::MAX_FRAME + 1].into())).await?,
            "slow-upgraded" => return Ok(watch::tcp_while_writing(ws.get_mut(), honest, self.bound).await),
            _ => {} // silent-upgraded
        }
        Ok(watch::websocket(ws, self.bound).await)
    }

    /// Our message with the payload; an outcome when that was where we misbehave.
    async fn prove(&self, ws: &mut Ws, hs: &mut Handshake) -> Result<Option<Outcome>> {
        let payload = self.payload(hs.identity(&self.me, false))?;
        let message = hs.write(&payload)?;
        let ours = matches!(self.kind.stage, Stage::Proof | Stage::Payload);
        if self.kind.name != "silent-noise" {
            let message = if self.kind.stage == Stage::Proof { self.alter(message)? } else { message };
            link::send(ws, message).await?;
        }
        Ok(if ours { Some(watch::websocket(ws, self.bound).await) } else { None })
    }

    fn payload(&self, mut honest: HandshakePayload) -> Result<Vec<u8>> {
        match self.kind.name {
            "bad-signature" => honest.signature.data[20] ^= 1,
            "other-name" => honest.name = self.claim.clone(),
            "unknown-name" => honest.name = "no-such-node.nec".into(),
            "version-2" => honest.protocol_version = 2,
            "undecodable-payload" => return Ok(vec![0xc1; 100]),
            _ => {}
        }
        let mut payload = wire::encode(&honest)?;
        if self.kind.name == "trailing-payload" {
            payload.push(0xc0);
        }
        Ok(payload)
    }

    /// A handshake message gone wrong.
    fn alter(&self, mut message: Vec<u8>) -> Result<Vec<u8>> {
        match self.kind.name {
            "garbage-first" => return random(50),
            "empty-first" => message.clear(),
            "flipped-first" => message[20] ^= 1,
            "garbage-proof" => return random(200),
            "flipped-proof" => message[40] ^= 1,
            "short-proof" => message.truncate(message.len() - 1),
            _ => {}
        }
        Ok(message)
    }
}

async fn receive(ws: &mut Ws) -> Result<Vec<u8>> {
    timeout(ATTEMPT, link::receive(ws)).await.context("timed out")??.context("closed")
}

async fn read_request(tcp: &mut TcpStream) -> Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(timeout(ATTEMPT, tcp.read_u8()).await??);
    }
    Ok(())
}

pub fn random(len: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("randomness: {e}"))?;
    Ok(bytes)
}
