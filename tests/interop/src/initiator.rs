//! Reaching a direct node.

use crate::keys::Me;
use crate::link::{self, Ws, ATTEMPT};
use crate::noise;
use crate::registry::Record;
use crate::session::{self, Ends, Receiver, Sender};
use anyhow::{Context, Result};
use tokio::time::timeout;

pub async fn connect(me: &Me, peer: &Record) -> Result<(Sender, Receiver)> {
    timeout(ATTEMPT, attempt(me, peer)).await.context("attempt: timed out")?
}

async fn attempt(me: &Me, peer: &Record) -> Result<(Sender, Receiver)> {
    let mut ws = upgraded(peer).await?;
    let state = noise::initiate(&mut ws, me, peer, false).await.context("noise")?;
    Ok(session::open(ws, state, Ends { us: me.name.clone(), peer: peer.name.clone() }))
}

async fn upgraded(peer: &Record) -> Result<Ws> {
    let (host, port) = peer.address.as_ref().with_context(|| format!("{} is not direct", peer.name))?;
    link::upgrade_out(link::dial_tcp(host, *port).await?, host, *port).await
}
