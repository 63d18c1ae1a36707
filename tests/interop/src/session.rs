//! Kernel messages over an established connection: split into sealed chunks, joined again, checked.

use crate::link::{self, Ws};
use crate::wire::{self, Address, KernelMessage};
use anyhow::{bail, ensure, Context, Result};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use snow::StatelessTransportState;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{timeout, timeout_at, Instant};
use tokio_tungstenite::tungstenite::Message as Frame;

/// The largest serialised message.
pub const MAX_MESSAGE: usize = 10_485_800;
/// The most plaintext in one chunk.
pub const MAX_CHUNK: usize = 65_519;
const TAG: usize = 16;
/// A message that has begun must be complete after this long; so must a write.
pub const PARTIAL: Duration = Duration::from_secs(30);

/// Who talks to whom on a connection.
#[derive(Clone)]
pub struct Ends {
    pub us: String,
    pub peer: String,
}

pub struct Sender {
    sink: SplitSink<Ws, Frame>,
    noise: Arc<StatelessTransportState>,
    nonce: u64,
}

pub struct Receiver {
    stream: SplitStream<Ws>,
    noise: Arc<StatelessTransportState>,
    nonce: u64,
    ends: Ends,
}

pub struct Incoming {
    pub message: KernelMessage,
    /// The length of the message as serialised.
    pub serialised: usize,
}

pub fn open(ws: Ws, noise: StatelessTransportState, ends: Ends) -> (Sender, Receiver) {
    let noise = Arc::new(noise);
    let (sink, stream) = ws.split();
    (Sender { sink, noise: noise.clone(), nonce: 0 }, Receiver { stream, noise, nonce: 0, ends })
}

/// The length and the serialised message: what is cut into chunks.
pub fn frame(message: &KernelMessage) -> Result<Vec<u8>> {
    let body = wire::encode(message)?;
    ensure!(body.len() <= MAX_MESSAGE, "a message of {} bytes is too large", body.len());
    let mut plain = (body.len() as u32).to_be_bytes().to_vec();
    plain.extend_from_slice(&body);
    Ok(plain)
}

impl Sender {
    pub fn seal(&mut self, chunk: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = vec![0; chunk.len() + TAG];
        self.noise.write_message(self.nonce, chunk, &mut sealed)?;
        self.nonce += 1;
        Ok(sealed)
    }

    /// Sends one message; it is too large, or else wholly written when this returns.
    pub async fn send(&mut self, message: &KernelMessage) -> Result<usize> {
        let plain = frame(message)?;
        timeout(PARTIAL, self.send_plain(&plain)).await.context("write: timed out")??;
        Ok(plain.len() - 4)
    }

    pub async fn send_plain(&mut self, plain: &[u8]) -> Result<()> {
        for chunk in plain.chunks(MAX_CHUNK) {
            let sealed = self.seal(chunk)?;
            self.sink.feed(Frame::Binary(sealed.into())).await?;
        }
        Ok(self.sink.flush().await?)
    }

    pub async fn send_frame(&mut self, frame: Frame) -> Result<()> {
        Ok(timeout(PARTIAL, self.sink.send(frame)).await.context("write: timed out")??)
    }

    pub async fn close(&mut self) {
        let _ = timeout(link::ATTEMPT, self.sink.close()).await;
    }
}

impl Receiver {
    /// Who has proven to be at the other end.
    pub fn peer(&self) -> &str {
        &self.ends.peer
    }

    /// The next message; None when the other side has closed, or nothing began within `idle`.
    pub async fn receive(&mut self, idle: Duration) -> Result<Option<Incoming>> {
        let Ok(first) = timeout(idle, self.chunk()).await else { return Ok(None) };
        let Some(first) = first? else { return Ok(None) };
        ensure!(first.len() >= 4, "a first chunk of {} bytes", first.len());
        let declared = u32::from_be_bytes(first[..4].try_into()?) as usize;
        ensure!(declared <= MAX_MESSAGE, "a declared length of {declared}");
        let serialised = timeout_at(Instant::now() + PARTIAL, self.join(first, declared))
            .await
            .context("a message that does not end")??;
        let message: KernelMessage = wire::decode(&serialised).context("message")?;
        self.check(&message)?;
        Ok(Some(Incoming { message, serialised: declared }))
    }

    async fn join(&mut self, first: Vec<u8>, declared: usize) -> Result<Vec<u8>> {
        let mut whole = first[4..].to_vec();
        while whole.len() < declared {
            match self.chunk().await? {
                Some(chunk) => whole.extend_from_slice(&chunk),
                None => bail!("closed within a message"),
            }
        }
        ensure!(whole.len() == declared, "{} bytes more than declared", whole.len() - declared);
        Ok(whole)
    }

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(sealed) = link::receive(&mut self.stream).await? else { return Ok(None) };
        let mut chunk = vec![0; sealed.len()];
        let len = self.noise.read_message(self.nonce, &sealed, &mut chunk).context("decryption")?;
        self.nonce += 1;
        chunk.truncate(len);
        Ok(Some(chunk))
    }

    fn check(&self, message: &KernelMessage) -> Result<()> {
        ensure!(message.source.node == self.ends.peer, "a message from {}", message.source);
        ensure!(message.target.node == self.ends.us, "a message for {}", message.target);
        ensure!(valid_process(&message.source), "a message from {}", message.source);
        Ok(())
    }
}

/// `[a-z0-9-]+:[a-z0-9-]+:[a-z0-9.-]+`
fn valid_process(address: &Address) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut parts = address.process.split(':');
    let (process, package, publisher) = (parts.next(), parts.next(), parts.next());
    let ok = |part: Option<&str>, dots: bool| {
        part.is_some_and(|p| !p.is_empty() && p.chars().all(|c| plain(c) || (dots && c == '.')))
    };
    ok(process, false) && ok(package, false) && ok(publisher, true) && parts.next().is_none()
}
