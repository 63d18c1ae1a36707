//! A connection whose frames, chunks and handshake are unusual.

use crate::keys::Me;
use crate::link::{self, Ws};
use crate::noise::Handshake;
use crate::registry::{Pki, Record};
use crate::wire::{self, Form, HandshakePayload, KernelMessage};
use anyhow::{bail, ensure, Context, Result};
use futures_util::{SinkExt, StreamExt};
use snow::StatelessTransportState;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::Message;

pub struct Pipe {
    pub kind: String,
    ws: Ws,
    noise: Option<StatelessTransportState>,
    sent: u64,
    received: u64,
    client: bool,
}

impl Pipe {
    fn new(kind: &str, ws: Ws, client: bool) -> Pipe {
        Pipe { kind: kind.into(), ws, noise: None, sent: 0, received: 0, client }
    }

    pub async fn initiate(
        kind: &str,
        tcp: TcpStream,
        at: (&str, u16),
        me: &Me,
        peer: &Record,
        asking: Option<Vec<u8>>,
    ) -> Result<Pipe> {
        let mut request = format!("ws://{}:{}/", at.0, at.1).into_client_request()?;
        if kind == "browser-headers" {
            let headers = request.headers_mut();
            headers.insert("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits".parse()?);
            headers.insert("Origin", "https://example.org".parse()?);
        }
        let (ws, response) = tokio_tungstenite::client_async(request, tcp).await?;
        ensure!(!response.headers().contains_key("Sec-WebSocket-Extensions"), "an extension was accepted");
        let mut pipe = Pipe::new(kind, ws, true);
        if let Some(request) = asking {
            pipe.send_noise(&request).await?;
        }
        let mut hs = Handshake::new(true)?;
        pipe.send_noise(&hs.write(&[])?).await?;
        let second = hs.read(&pipe.next().await?)?;
        hs.check(&wire::decode(&second)?, peer)?;
        pipe.prove(&mut hs, me).await?;
        pipe.noise = Some(hs.finish()?);
        Ok(pipe)
    }

    /// `client`: on a socket that we have dialled, at a router.
    pub async fn respond(kind: &str, ws: Ws, client: bool, me: &Me, pki: &Pki) -> Result<Pipe> {
        let mut pipe = Pipe::new(kind, ws, client);
        let mut hs = Handshake::new(false)?;
        hs.read(&pipe.next().await?)?;
        pipe.prove(&mut hs, me).await?;
        let third: HandshakePayload = wire::decode(&hs.read(&pipe.next().await?)?)?;
        hs.check(&third, &pki.find(&third.name)?)?;
        pipe.noise = Some(hs.finish()?);
        Ok(pipe)
    }

    async fn prove(&mut self, hs: &mut Handshake, me: &Me) -> Result<()> {
        let mut payload = hs.identity(me, self.kind == "proxy-request");
        if self.kind == "bin-signature" {
            payload.signature.form = Form::Bin;
        }
        let message = hs.write(&wire::encode(&payload)?)?;
        self.send_noise(&message).await
    }

    /// One Noise message as one WebSocket message, however it is framed.
    async fn send_noise(&mut self, message: &[u8]) -> Result<()> {
        match self.kind.as_str() {
            "fragmented" => self.send_fragments(message).await,
            "drip" => {
                let tcp = self.ws.get_mut();
                for byte in link::raw_frame(message, self.client) {
                    tcp.write_all(&[byte]).await?;
                }
                Ok(())
            }
            _ => link::send(&mut self.ws, message.to_vec()).await,
        }
    }

    async fn send_fragments(&mut self, message: &[u8]) -> Result<()> {
        let (first, rest) = message.split_at(message.len() / 3);
        let (second, third) = rest.split_at(rest.len() / 2);
        let fragment =
            |part: &[u8], kind, last| Message::Frame(Frame::message(part.to_vec(), OpCode::Data(kind), last));
        self.ws.send(fragment(first, Data::Binary, false)).await?;
        self.ws.send(Message::Ping("between".into())).await?;
        self.ws.send(fragment(second, Data::Continue, false)).await?;
        Ok(self.ws.send(fragment(third, Data::Continue, true)).await?)
    }

    /// A length and a serialised message, in chunks.
    pub async fn send_plain(&mut self, plain: &[u8]) -> Result<()> {
        let (first, rest) = plain.split_at(4);
        let chunks: Vec<&[u8]> = match self.kind.as_str() {
            "slow-link" => plain.chunks(60_000).collect(),
            "byte-chunks" => [first].into_iter().chain(rest.chunks(1)).collect(),
            "empty-chunks" => {
                [first, &[]].into_iter().chain(rest.chunks(20).flat_map(|c| [c, &[]])).collect()
            }
            _ => vec![plain],
        };
        // Nothing may follow the last byte of a message but the next message.
        let end = chunks.iter().rposition(|chunk| !chunk.is_empty()).unwrap_or(0);
        for chunk in &chunks[..=end] {
            if self.kind == "slow-link" {
                tokio::time::sleep(Duration::from_millis(700)).await;
            }
            let noise = self.noise.as_ref().context("no handshake yet")?;
            let mut sealed = vec![0; chunk.len() + 16];
            noise.write_message(self.sent, chunk, &mut sealed)?;
            self.sent += 1;
            self.send_noise(&sealed).await?;
        }
        Ok(())
    }

    /// The next message (of one chunk).
    pub async fn receive(&mut self) -> Result<KernelMessage> {
        let sealed = self.next().await?;
        let noise = self.noise.as_ref().context("no handshake yet")?;
        let mut plain = vec![0; sealed.len()];
        let len = noise.read_message(self.received, &sealed, &mut plain)?;
        self.received += 1;
        ensure!(len >= 4 && plain[..4] == ((len - 4) as u32).to_be_bytes(), "not a message of one chunk");
        wire::decode(&plain[4..len])
    }

    /// Sends a ping and reads until its pong. What else comes in between is an error.
    pub async fn ping(&mut self) -> Result<()> {
        self.ws.send(Message::Ping("are you there".into())).await?;
        match timeout(link::ATTEMPT, self.ws.next()).await.context("no pong")? {
            Some(Ok(Message::Pong(data))) if data.as_ref() == b"are you there" => Ok(()),
            other => bail!("{other:?} in place of a pong"),
        }
    }

    /// Does the other side close within this time?
    pub async fn closed(&mut self, bound: Duration) -> Result<bool> {
        let end = async { while let Ok(Some(_)) = link::receive(&mut self.ws).await {} };
        Ok(timeout(bound, end).await.is_ok())
    }

    async fn next(&mut self) -> Result<Vec<u8>> {
        timeout(link::ATTEMPT, link::receive(&mut self.ws)).await.context("timed out")??.context("closed")
    }
}
