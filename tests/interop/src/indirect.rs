//! A node without an address: it keeps a connection to each of its routers, and calls whom they announce.

use crate::conversation::{converse, Side};
use crate::initiator;
use crate::keys::Me;
use crate::link::{self, Ws};
use crate::netaction::{NetAction, NetResponse};
use crate::noise;
use crate::registry::Record;
use crate::report;
use crate::responder::Node;
use crate::send::NET;
use crate::session::{self, Ends};
use crate::wire::{self, Address, Bytes, KernelMessage, Message, Request, Response};
use anyhow::{bail, ensure, Context, Result};
use serde_json::json;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{unbounded_channel, UnboundedSender};
use tokio::time::{timeout, Instant};

/// What comes of a connection to a router: its name, and whether it stands.
type Changes = UnboundedSender<(String, bool)>;

/// Registers with every router of ours, for ever. `ready` is printed with the first.
pub async fn serve(node: Arc<Node>, seen: UnboundedSender<()>) -> Result<()> {
    let routers = node.pki.find(&node.me.name)?.routers;
    ensure!(!routers.is_empty(), "{} has no routers", node.me.name);
    let (changes, mut changed) = unbounded_channel();
    for router in routers {
        tokio::spawn(keep(node.clone(), router, seen.clone(), changes.clone()));
    }
    let mut ready = false;
    while let Some((router, up)) = changed.recv().await {
        if !ready {
            report::line(json!({"type": "ready", "name": node.me.name, "routers": [router.clone()]}));
            ready = true;
        }
        report::line(json!({"type": if up { "router_up" } else { "router_down" }, "router": router}));
    }
    Ok(())
}

async fn keep(node: Arc<Node>, router: String, seen: UnboundedSender<()>, changes: Changes) {
    let mut wait = 100;
    loop {
        let since = Instant::now();
        if let Err(error) = registration(&node, &router, &seen, &changes).await {
            report::line(json!({"type": "router_error", "router": router, "reason": format!("{error:#}")}));
        }
        wait = if since.elapsed() > Duration::from_secs(1) { 100 } else { (wait * 2).min(1000) };
        let jitter = initiator::random(wait).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait / 2 + jitter / 2)).await;
    }
}

/// One connection to a router. It stands when a hello was answered: only then has the router judged us.
async fn registration(
    node: &Arc<Node>,
    router: &str,
    seen: &UnboundedSender<()>,
    changes: &Changes,
) -> Result<()> {
    let record = node.pki.find(router)?;
    let (sender, receiver) = initiator::connect_as(&node.me, &record, true).await?;
    let (acks, mut acked) = unbounded_channel();
    let (probes, queue) = unbounded_channel();
    let side = Side::Router { router: Box::new(record.clone()), acks };
    let link = converse(sender, receiver, node, seen, side, (probes.clone(), queue));
    let mut up = false;
    let probing = async {
        loop {
            probes.send(hello(&node.me, &record)?).context("the connection has ended")?;
            timeout(link::ATTEMPT, acked.recv()).await.context("a hello is not answered")?;
            if !up {
                let _ = changes.send((record.name.clone(), true));
                up = true;
            }
            tokio::time::sleep(node.calling.probe).await;
        }
    };
    let outcome: Result<()> = tokio::select! {
        ended = link => ended,
        failed = probing => failed,
    };
    if up {
        let _ = changes.send((record.name, false));
    }
    outcome
}

fn hello(me: &Me, router: &Record) -> Result<KernelMessage> {
    Ok(KernelMessage {
        id: initiator::random(u64::MAX)?,
        source: Address::new(&me.name, NET),
        target: Address::new(&router.name, NET),
        rsvp: None,
        message: Message::Request(Request {
            inherit: false,
            expects_response: Some(link::ATTEMPT.as_secs()),
            body: Bytes::array(b"still there?".to_vec()),
            metadata: None,
            capabilities: Vec::new(),
        }),
        lazy_load_blob: None,
    })
}

/// Whom a router announces with this message, which has come from it; None when it is something else.
pub fn announced(message: &KernelMessage) -> Option<String> {
    let Message::Request(request) = &message.message else { return None };
    if message.source.process != NET || message.target.process != NET {
        return None;
    }
    match wire::decode(&request.body.data) {
        Ok(NetAction::ConnectionRequest(asker)) => Some(asker),
        _ => None,
    }
}

/// `{"Rejected": asker}`, to the router.
pub fn rejection(node: &Node, request: &KernelMessage, asker: &str) -> Result<KernelMessage> {
    let body = wire::encode(&NetResponse::Rejected(asker.into()))?;
    let response =
        Response { inherit: false, body: Bytes::array(body), metadata: None, capabilities: Vec::new() };
    Ok(KernelMessage {
        id: request.id,
        source: Address::new(&node.me.name, NET),
        target: request.source.clone(),
        rsvp: None,
        message: Message::Response((response, None)),
        lazy_load_blob: None,
    })
}

/// Calls back through the router, and serves whom it announced.
pub fn spawn_call(node: Arc<Node>, router: Record, asker: String, seen: UnboundedSender<()>) {
    // Boxed: a conversation may bring a call, which is one in turn.
    let call: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(call(node, router, asker, seen));
    tokio::spawn(call);
}

async fn call(node: Arc<Node>, router: Record, asker: String, seen: UnboundedSender<()>) {
    tokio::time::sleep(node.calling.late).await;
    if let Err(error) = called(&node, &router, &asker, &seen).await {
        report::line(
            json!({"type": "dropped", "via": router.name, "from": asker, "reason": format!("{error:#}")}),
        );
    }
}

async fn called(node: &Arc<Node>, router: &Record, asker: &str, seen: &UnboundedSender<()>) -> Result<()> {
    let handshake = async {
        let mut ws = initiator::ask(&node.me, router, asker).await?;
        let (state, payload) = noise::respond(&mut ws, &node.me, &node.pki, Some(asker)).await?;
        if payload.proxy_request {
            bail!("{asker} asks for a router");
        }
        Ok((ws, state))
    };
    let (ws, state) = timeout(link::ATTEMPT, handshake).await.context("call: timed out")?.context("call")?;
    let (sender, receiver) = session::open(ws, state, Ends { us: node.me.name.clone(), peer: asker.into() });
    converse(sender, receiver, node, seen, Side::Peer { nth: 0 }, unbounded_channel()).await
}

/// Registers with one router, waits for its ConnectionRequest, and returns a socket to whom it announces.
/// (The registration stands as long as the other half of what is returned.)
pub async fn await_call(me: &Me, router: &Record, wait: Duration) -> Result<(Ws, String, impl Sized)> {
    let (mut sender, mut receiver) = initiator::connect_as(me, router, true).await?;
    sender.send(&hello(me, router)?).await?;
    let mut ready = false;
    let end = Instant::now() + wait;
    loop {
        let left = end.checked_duration_since(Instant::now()).context("nobody came")?;
        let incoming = receiver.receive(left).await?.context("nobody came")?;
        if let Some(asker) = announced(&incoming.message) {
            let ws = initiator::ask(me, router, &asker).await?;
            return Ok((ws, asker, (sender, receiver)));
        }
        if !ready {
            report::line(json!({"type": "ready", "name": me.name, "routers": [router.name]}));
            ready = true;
        }
    }
}
