//! What a node does that is a router: it takes requests for a way to a peer, and joins two sockets.

use crate::initiator;
use crate::keys::Me;
use crate::link::{self, Ws, ATTEMPT};
use crate::manner::Routing;
use crate::netaction::{NetAction, NetResponse};
use crate::noise;
use crate::passthrough;
use crate::registry::Pki;
use crate::report;
use crate::send::NET;
use crate::wire::{self, Address, Bytes, KernelMessage, Message, Request, RoutingRequest};
use anyhow::{anyhow, bail, ensure, Context, Result};
use ed25519_dalek::Signature;
use serde_json::json;
use std::collections::{HashMap, HashSet, VecDeque};
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::time::{sleep_until, Instant};

/// How long a request stays open for the target to call.
const PENDING: Duration = Duration::from_secs(5);
/// With `--running`, where requests are forgotten: so that a test ends.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// Who waits to be joined: the one that has asked, and its target.
type Pair = (String, String);

struct Registration {
    number: u64,
    queue: UnboundedSender<KernelMessage>,
    /// Then it is forgotten.
    until: Option<Instant>,
}

struct Waiting {
    number: u64,
    /// Takes the socket of the target.
    called: oneshot::Sender<Ws>,
}

#[derive(Default)]
pub struct Router {
    routing: Routing,
    /// Of each that we route for, the newest registration.
    registered: Mutex<HashMap<String, Registration>>,
    pending: Mutex<HashMap<Pair, VecDeque<Waiting>>>,
    /// Who has asked for whom, in either direction.
    known: Mutex<HashSet<Pair>>,
    numbers: AtomicU64,
}

impl Router {
    pub fn new(routing: Routing) -> Router {
        Router { routing, ..Router::default() }
    }

    /// Takes a peer to route for; the number is to be given back when its connection ends.
    pub fn register(&self, peer: &str, queue: UnboundedSender<KernelMessage>) -> u64 {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let until = self.routing.forget.filter(|_| number == 0).map(|after| Instant::now() + after);
        self.registered.lock().unwrap().insert(peer.into(), Registration { number, queue, until });
        event(json!({"event": "registered", "from": peer}));
        number
    }

    /// A registration has ended; a newer one of the same name stands.
    pub fn unregister(&self, peer: &str, number: u64) {
        let mut registered = self.registered.lock().unwrap();
        if registered.get(peer).is_some_and(|entry| entry.number == number) {
            registered.remove(peer);
        }
    }

    /// When this registration is forgotten, if it is one that we forget.
    pub fn forgets(&self, peer: &str, number: u64) -> Option<Instant> {
        let registered = self.registered.lock().unwrap();
        registered.get(peer).filter(|entry| entry.number == number)?.until
    }

    fn queue_of(&self, peer: &str) -> Option<UnboundedSender<KernelMessage>> {
        let registered = self.registered.lock().unwrap();
        let entry = registered.get(peer)?;
        entry.until.is_none_or(|until| Instant::now() < until).then(|| entry.queue.clone())
    }

    /// A peer that we route for has answered: perhaps it does not want to be called.
    pub fn answered(&self, peer: &str, body: &[u8]) {
        if let Ok(NetResponse::Rejected(asker)) = wire::decode(body) {
            self.pending.lock().unwrap().remove(&(asker, peer.into()));
        }
    }

    /// Serves a socket whose first message is no message 1.
    pub async fn serve(&self, me: &Me, pki: &Pki, ws: Ws, first: &[u8]) -> Result<()> {
        let request: RoutingRequest = wire::decode(first).context("routing request")?;
        let (from, to) = (request.source.clone(), request.target.clone());
        let outcome = self.route(me, pki, ws, request).await;
        if let Err(error) = &outcome {
            event(json!({"event": "refused", "from": from, "to": to, "why": format!("{error:#}")}));
        }
        outcome
    }

    async fn route(&self, me: &Me, pki: &Pki, ws: Ws, request: RoutingRequest) -> Result<()> {
        check(me, pki, &request)?;
        let (asker, target) = (request.source, request.target);
        let told = self.routing.wrong_peer.clone().unwrap_or(target.clone());
        let announced = self.routing.announce.clone().unwrap_or(asker.clone());
        if let Some(partner) = self.partner(&(target.clone(), asker.clone())) {
            tokio::time::sleep(self.routing.pair_late).await;
            return partner.send(ws).map_err(|_| anyhow!("the one that waited is gone"));
        }
        if let Some(address) = pki.find(&told)?.address {
            let tcp = link::dial_tcp(&address.0, address.1).await?;
            let other = link::upgrade_out(tcp, &address.0, address.1).await?;
            return self.join(&asker, &target, ws, other, None).await;
        }
        let queue = self.queue_of(&told).with_context(|| format!("{told} is not connected"))?;
        let (number, called) = self.wait_for((announced.clone(), told.clone()));
        event(json!({"event": "pending", "from": asker, "to": target}));
        let request = connection_request(me, &told, &announced)?;
        let tell_after = self.tell_after(&asker, &target);
        let telling = async {
            tokio::time::sleep(tell_after).await;
            let _ = queue.send(request); // If it has just left, it does not call.
            pending().await
        };
        let outcome = tokio::select! {
            outcome = self.wait(ws, called) => outcome,
            never = telling => never,
        };
        self.give_up(&(announced, told), number);
        let (ws, other, held) = outcome?;
        self.join(&asker, &target, ws, other, held).await
    }

    /// Until the target has called. One message of the asker is kept, and no more read.
    async fn wait(&self, mut ws: Ws, mut called: oneshot::Receiver<Ws>) -> Result<(Ws, Ws, Option<Vec<u8>>)> {
        let expiry = Instant::now() + if self.routing.running { FOR_EVER } else { PENDING };
        let mut held = None;
        loop {
            tokio::select! {
                other = &mut called => return Ok((ws, other.context("the target does not want to")?, held)),
                message = link::receive(&mut ws), if held.is_none() => {
                    held = Some(message?.context("the asker has left")?);
                }
                () = sleep_until(expiry) => bail!("the target does not call"),
            }
        }
    }

    async fn join(&self, from: &str, to: &str, ws: Ws, other: Ws, held: Option<Vec<u8>>) -> Result<()> {
        event(json!({"event": "open", "from": from, "to": to}));
        let count = passthrough::run(ws, other, held, self.routing.running).await;
        event(json!({"event": "close", "from": from, "to": to, "bytes_out": count.0, "bytes_in": count.1}));
        Ok(())
    }

    fn tell_after(&self, asker: &str, target: &str) -> Duration {
        let pair = (asker.min(target).into(), asker.max(target).into());
        if self.known.lock().unwrap().insert(pair) {
            self.routing.tell_late
        } else {
            Duration::ZERO
        }
    }

    fn wait_for(&self, pair: Pair) -> (u64, oneshot::Receiver<Ws>) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (called, socket) = oneshot::channel();
        self.pending.lock().unwrap().entry(pair).or_default().push_back(Waiting { number, called });
        (number, socket)
    }

    fn give_up(&self, pair: &Pair, number: u64) {
        let mut pending = self.pending.lock().unwrap();
        if let Some(waiting) = pending.get_mut(pair) {
            waiting.retain(|entry| entry.number != number);
            if waiting.is_empty() {
                pending.remove(pair);
            }
        }
    }

    /// Who waits for that, the oldest first.
    fn partner(&self, pair: &Pair) -> Option<oneshot::Sender<Ws>> {
        let mut pending = self.pending.lock().unwrap();
        let waiting = pending.get_mut(pair)?;
        loop {
            let oldest = waiting.pop_front()?;
            if !oldest.called.is_closed() {
                return Some(oldest.called);
            }
        }
    }
}

fn check(me: &Me, pki: &Pki, request: &RoutingRequest) -> Result<()> {
    ensure!(request.protocol_version == noise::VERSION, "protocol version {}", request.protocol_version);
    ensure!(request.source != request.target, "a way to oneself");
    ensure!(request.target != me.name, "a way to the router");
    let asker = pki.find(&request.source)?;
    let signature = Signature::from_slice(&request.signature.data).context("signature")?;
    let signed = format!("{}{}", request.target, me.name);
    asker.key.verify_strict(signed.as_bytes(), &signature).context("signature")?;
    pki.find(&request.target)?;
    Ok(())
}

fn connection_request(me: &Me, target: &str, asker: &str) -> Result<KernelMessage> {
    let body = wire::encode(&NetAction::ConnectionRequest(asker.into()))?;
    Ok(KernelMessage {
        id: initiator::random(u64::MAX)?,
        source: Address::new(&me.name, NET),
        target: Address::new(target, NET),
        rsvp: None,
        message: Message::Request(Request {
            inherit: false,
            expects_response: Some(ATTEMPT.as_secs()),
            body: Bytes::array(body),
            metadata: None,
            capabilities: Vec::new(),
        }),
        lazy_load_blob: None,
    })
}

fn event(mut fields: serde_json::Value) {
    fields["type"] = "router".into();
    report::line(fields);
}
