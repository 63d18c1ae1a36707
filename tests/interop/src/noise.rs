//! Noise_XX_25519_ChaChaPoly_BLAKE2s, and the proof of identity that its payloads carry.

use crate::keys::Me;
use crate::link::{self, Ws, ATTEMPT, MAX_FRAME};
use crate::registry::{Pki, Record};
use crate::wire::{self, Bytes, HandshakePayload};
use anyhow::{bail, ensure, Context, Result};
use ed25519_dalek::Signature;
use snow::{HandshakeState, StatelessTransportState};
use tokio::time::timeout;

const PATTERN: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";
pub const VERSION: u8 = 1;
/// The length of message 1, by which a router tells it from a RoutingRequest.
pub const FIRST: usize = 32;

/// One side of a handshake, with the public half of its static key.
pub struct Handshake {
    pub state: HandshakeState,
    pub public: Vec<u8>,
}

impl Handshake {
    /// A fresh static key for this connection.
    pub fn new(initiator: bool) -> Result<Handshake> {
        let keys = snow::Builder::new(PATTERN.parse()?).generate_keypair()?;
        let builder = snow::Builder::new(PATTERN.parse()?).local_private_key(&keys.private);
        let state = if initiator { builder.build_initiator()? } else { builder.build_responder()? };
        Ok(Handshake { state, public: keys.public })
    }

    pub fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>> {
        let mut message = vec![0; MAX_FRAME];
        let len = self.state.write_message(payload, &mut message)?;
        message.truncate(len);
        Ok(message)
    }

    pub fn read(&mut self, message: &[u8]) -> Result<Vec<u8>> {
        let mut payload = vec![0; MAX_FRAME];
        let len = self.state.read_message(message, &mut payload)?;
        payload.truncate(len);
        Ok(payload)
    }

    /// Our payload: the signature binds our name to this connection's static key.
    pub fn identity(&self, me: &Me, proxy_request: bool) -> HandshakePayload {
        HandshakePayload {
            protocol_version: VERSION,
            name: me.name.clone(),
            signature: Bytes::array(me.sign(&self.public)),
            proxy_request,
        }
    }

    /// Checks that the payload proves its sender to be the node of this record.
    pub fn check(&self, payload: &HandshakePayload, record: &Record) -> Result<()> {
        ensure!(payload.protocol_version == VERSION, "protocol version {}", payload.protocol_version);
        ensure!(payload.name == record.name, "{} answered in place of {}", payload.name, record.name);
        let signature = Signature::from_slice(&payload.signature.data).context("signature")?;
        let public = self.state.get_remote_static().context("no static key yet")?;
        record.key.verify_strict(public, &signature).context("signature")
    }

    pub fn finish(self) -> Result<StatelessTransportState> {
        Ok(self.state.into_stateless_transport_mode()?)
    }
}

/// The initiator's side: the peer must prove to be the node of this record.
pub async fn initiate(ws: &mut Ws, me: &Me, peer: &Record, proxy: bool) -> Result<StatelessTransportState> {
    let hs = begin(ws, peer).await?;
    prove(ws, hs, me, proxy).await
}

/// The initiator's side up to message 2: so far the peer knows nothing of us.
pub async fn begin(ws: &mut Ws, peer: &Record) -> Result<Handshake> {
    let mut hs = Handshake::new(true)?;
    link::send(ws, hs.write(&[])?).await?;
    let second = next(ws).await.context("message 2")?;
    if second.len() == FIRST {
        bail!(TwoInitiators);
    }
    let second = hs.read(&second).context("message 2")?;
    hs.check(&wire::decode(&second).context("payload of message 2")?, peer)?;
    Ok(hs)
}

/// Message 3.
pub async fn prove(ws: &mut Ws, mut hs: Handshake, me: &Me, proxy: bool) -> Result<StatelessTransportState> {
    let payload = wire::encode(&hs.identity(me, proxy))?;
    link::send(ws, hs.write(&payload)?).await?;
    hs.finish()
}

/// Both sides dialled through one router at once, and it has joined the two.
#[derive(Debug)]
pub struct TwoInitiators;

impl std::error::Error for TwoInitiators {}

impl std::fmt::Display for TwoInitiators {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the other side of the router is an initiator, too")
    }
}

/// The responder's side: returns what the peer has said of itself, and proven.
pub async fn respond(
    ws: &mut Ws,
    me: &Me,
    pki: &Pki,
    must_be: Option<&str>,
) -> Result<(StatelessTransportState, HandshakePayload)> {
    let first = next(ws).await.context("message 1")?;
    answer(ws, &first, me, pki, must_be).await
}

/// The same from a message 1 that has come.
pub async fn answer(
    ws: &mut Ws,
    first: &[u8],
    me: &Me,
    pki: &Pki,
    must_be: Option<&str>,
) -> Result<(StatelessTransportState, HandshakePayload)> {
    let mut hs = Handshake::new(false)?;
    let first = hs.read(first).context("message 1")?;
    ensure!(first.is_empty(), "message 1 carries a payload");
    let payload = wire::encode(&hs.identity(me, false))?;
    link::send(ws, hs.write(&payload)?).await?;
    let third = hs.read(&next(ws).await.context("message 3")?).context("message 3")?;
    let payload: HandshakePayload = wire::decode(&third).context("payload of message 3")?;
    let name = must_be.unwrap_or(&payload.name);
    hs.check(&payload, &pki.find(name)?)?;
    Ok((hs.finish()?, payload))
}

pub async fn next(ws: &mut Ws) -> Result<Vec<u8>> {
    match timeout(ATTEMPT, link::receive(ws)).await.context("timed out")?? {
        Some(message) => Ok(message),
        None => bail!("closed"),
    }
}
