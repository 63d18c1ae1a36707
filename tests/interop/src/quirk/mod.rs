//! `nectar-peer quirk`: unusual things that the protocol allows. The other side must take them.

mod hellos;
mod pipe;

use crate::args::Args;
use crate::indirect;
use crate::initiator as initiating;
use crate::keys::Me;
use crate::link::{self, Ws, ATTEMPT};
use crate::registry::{Pki, Registry};
use crate::{report, responder, wire};
use anyhow::{bail, ensure, Context, Result};
use pipe::Pipe;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// What is unusual, and whether the responder can do it too.
const ALL: &[(&str, bool, &str)] = &[
    ("fragmented", true, "every WebSocket message in three frames, a ping between them"),
    ("drip", true, "every frame in TCP writes of one byte"),
    ("byte-chunks", true, "kernel messages in chunks of one byte, but for the first with 4"),
    ("empty-chunks", true, "empty chunks within a kernel message"),
    ("slow-link", false, "a message of 600,000 bytes that takes 7 s"),
    ("bin-signature", true, "the signature of the handshake as bin"),
    ("ping", true, "a ping that must bring a pong"),
    ("browser-headers", false, "an extension and an Origin offered in the upgrade"),
    ("rsvp", false, "a hello whose ack goes to another process"),
    ("net-actions", false, "bodies to net:distro:sys that are NetActions, and almost"),
    ("wide-integers", false, "a hello in a MessagePack wider than need be"),
    ("capabilities", false, "a hello with everything that a request can carry"),
    ("pipelined", false, "500 hellos before the first ack is read"),
    ("proxy-request", false, "a request to be our router: to be closed by a node that routes for nobody"),
];

pub fn list() -> Result<bool> {
    for (name, responder, what) in ALL {
        println!("{name} {} {what}", if *responder { "initiator,responder" } else { "initiator" });
    }
    Ok(true)
}

fn check(kind: &str, for_responder: bool) -> Result<()> {
    let quirk = ALL.iter().find(|quirk| quirk.0 == kind).with_context(|| format!("no such quirk: {kind}"))?;
    ensure!(quirk.1 || !for_responder, "{kind} is not for the responder");
    Ok(())
}

pub async fn initiator(args: &Args, kind: &str) -> Result<bool> {
    check(kind, false)?;
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let registry = Registry::load(args.need("registry")?)?;
    let peer = registry.find(args.need("to")?)?;
    let router = args.get("via").map(|router| registry.find(router)).transpose()?;
    let asking = match router {
        Some(router) => Some(wire::encode(&initiating::request(&me, &router.name, &peer.name))?),
        None => None,
    };
    let (host, port) = router.unwrap_or(peer).address.clone().context("not a direct node")?;
    let tcp = link::dial_tcp(&host, port).await?;
    let mut pipe = timeout(ATTEMPT, Pipe::initiate(kind, tcp, (&host, port), &me, peer, asking)).await??;
    if kind == "proxy-request" {
        return finish(kind, pipe.closed(Duration::from_secs(6)).await?);
    }
    hellos::exchange(&mut pipe, &me.name, &peer.name).await?;
    finish(kind, true)
}

pub async fn responder(args: &Args, kind: &str) -> Result<bool> {
    check(kind, true)?;
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let pki = Pki::open(args.need("registry")?)?;
    let wait = Duration::from_secs(args.number("wait", 30)?);
    if let Some(router) = args.get("via") {
        let (ws, _, _registration) = indirect::await_call(&me, &pki.find(router)?, wait).await?;
        return serve(kind, ws, true, &me, &pki).await;
    }
    let listener = responder::bind(args).await?;
    let (tcp, _) = timeout(wait, listener.accept()).await.context("nobody came")??;
    serve(kind, link::upgrade_in(tcp).await?, false, &me, &pki).await
}

async fn serve(kind: &str, ws: Ws, client: bool, me: &Me, pki: &Pki) -> Result<bool> {
    let mut pipe = timeout(ATTEMPT, Pipe::respond(kind, ws, client, me, pki)).await??;
    hellos::answer(&mut pipe, &me.name).await?;
    if !pipe.closed(Duration::from_secs(10)).await? {
        bail!("not closed after the ack");
    }
    finish(kind, true)
}

fn finish(kind: &str, ok: bool) -> Result<bool> {
    report::line(json!({"type": "quirk", "kind": kind, "ok": ok}));
    Ok(ok)
}
