//! Reaching a node: directly, or through a router.

use crate::keys::Me;
use crate::link::{self, Ws, ATTEMPT};
use crate::noise::{self, Handshake, TwoInitiators};
use crate::registry::{Pki, Record};
use crate::session::{self, Ends, Receiver, Sender};
use crate::wire::{self, Bytes, RoutingRequest};
use anyhow::{anyhow, ensure, Context, Result};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// The next router is tried after this, or once the one before has failed.
const STAGGER: Duration = Duration::from_millis(250);

/// How a node is to be reached.
#[derive(Clone, Default)]
pub struct How {
    /// Through this router, whatever the record says.
    pub via: Option<String>,
    /// As running nodes do: one router after the other, 5 s each, and no second try.
    pub serial: bool,
    /// How long two initiators that have met go on trying.
    pub patience: Duration,
}

/// To a direct node.
pub async fn connect(me: &Me, peer: &Record) -> Result<(Sender, Receiver)> {
    connect_as(me, peer, false).await
}

/// The same; `proxy` asks it to be our router.
pub async fn connect_as(me: &Me, peer: &Record, proxy: bool) -> Result<(Sender, Receiver)> {
    let attempt = async {
        let mut ws = upgraded(peer).await?;
        let state = noise::initiate(&mut ws, me, peer, proxy).await.context("noise")?;
        Ok(session::open(ws, state, ends(me, peer)))
    };
    timeout(ATTEMPT, attempt).await.context("attempt: timed out")?
}

/// To any node. Returns the router between, too.
pub async fn reach(
    me: &Me,
    pki: &Pki,
    peer: &Record,
    how: &How,
) -> Result<(Sender, Receiver, Option<String>)> {
    if peer.address.is_some() && how.via.is_none() {
        let (sender, receiver) = connect(me, peer).await?;
        return Ok((sender, receiver, None));
    }
    let end = Instant::now() + how.patience;
    loop {
        let error = match through_routers(me, pki, peer, how).await {
            Ok((mut ws, hs, router)) => {
                let state = noise::prove(&mut ws, hs, me, false).await?;
                let (sender, receiver) = session::open(ws, state, ends(me, peer));
                return Ok((sender, receiver, Some(router)));
            }
            Err(error) => error,
        };
        if how.serial || !error.is::<TwoInitiators>() || Instant::now() > end {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(20 + random(400)?)).await;
    }
}

type Way = (Ws, Handshake, String);

/// Message 2 from the peer, through the first router that brings it.
async fn through_routers(me: &Me, pki: &Pki, peer: &Record, how: &How) -> Result<Way> {
    let mut routers = match &how.via {
        Some(router) => vec![router.clone()],
        None => shuffled(&peer.routers)?,
    };
    ensure!(!routers.is_empty(), "{} has no route", peer.name);
    let mut attempts = FuturesUnordered::new();
    let mut errors = Vec::new();
    let stagger = if how.serial { ATTEMPT } else { STAGGER };
    while !routers.is_empty() || !attempts.is_empty() {
        if let Some(router) = routers.pop() {
            attempts.push(attempt(me, pki, peer, router));
        }
        let bound = if routers.is_empty() { ATTEMPT + STAGGER } else { stagger };
        match timeout(bound, attempts.next()).await {
            Ok(Some(Ok(way))) => return Ok(way), // The others are dropped, and their message 3 never sent.
            Ok(Some(Err(error))) => errors.push(error),
            Ok(None) | Err(_) => {}
        }
    }
    if let Some(met) = errors.iter().position(|error| error.is::<TwoInitiators>()) {
        return Err(errors.swap_remove(met));
    }
    let reasons: Vec<String> = errors.iter().map(|error| format!("{error:#}")).collect();
    Err(anyhow!("{}", reasons.join("; ")))
}

async fn attempt(me: &Me, pki: &Pki, peer: &Record, router: String) -> Result<Way> {
    let attempt = async {
        let mut ws = ask(me, &pki.find(&router)?, &peer.name).await?;
        let hs = noise::begin(&mut ws, peer).await?;
        Ok::<_, anyhow::Error>((ws, hs))
    };
    match timeout(ATTEMPT, attempt).await {
        Err(_) => Err(anyhow!("{router}: timed out")),
        Ok(Err(error)) => Err(error.context(router)),
        Ok(Ok((ws, hs))) => Ok((ws, hs, router)),
    }
}

/// A socket at a router, with our RoutingRequest sent.
pub async fn ask(me: &Me, router: &Record, target: &str) -> Result<Ws> {
    let mut ws = upgraded(router).await?;
    link::send(&mut ws, wire::encode(&request(me, &router.name, target))?).await?;
    Ok(ws)
}

pub fn request(me: &Me, router: &str, target: &str) -> RoutingRequest {
    RoutingRequest {
        protocol_version: noise::VERSION,
        source: me.name.clone(),
        signature: Bytes::array(me.sign(format!("{target}{router}").as_bytes())),
        target: target.into(),
    }
}

pub async fn upgraded(peer: &Record) -> Result<Ws> {
    let (host, port) = peer.address.as_ref().with_context(|| format!("{} is not direct", peer.name))?;
    link::upgrade_out(link::dial_tcp(host, *port).await?, host, *port).await
}

pub fn ends(me: &Me, peer: &Record) -> Ends {
    Ends { us: me.name.clone(), peer: peer.name.clone() }
}

fn shuffled(routers: &[String]) -> Result<Vec<String>> {
    let mut left = routers.to_vec();
    let mut order = Vec::new();
    while !left.is_empty() {
        order.push(left.swap_remove(random(left.len() as u64)? as usize));
    }
    Ok(order)
}

/// Less than this.
pub fn random(bound: u64) -> Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("randomness: {e}"))?;
    Ok(u64::from_le_bytes(bytes) % bound)
}
