//! `nectar-peer listen` and `router`. Hellos get `ack`, other requests that expect it get a reply.

use crate::args::Args;
use crate::conversation::{converse, Side};
use crate::keys::Me;
use crate::manner::{Calling, Manner, Routing};
use crate::registry::Pki;
use crate::router::Router;
use crate::send::NET;
use crate::session::{self, Ends};
use crate::wire::{Address, Bytes, Form, KernelMessage, Message, Request, Response};
use crate::{indirect, link, netaction, noise, report};
use anyhow::{ensure, Context, Result};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub struct Node {
    pub me: Me,
    pub pki: Pki,
    pub form: Form,
    pub answer: Answer,
    pub manner: Manner,
    pub calling: Calling,
    /// There when it routes for others.
    pub router: Option<Router>,
    /// Print no line for each message.
    pub quiet: bool,
    /// Of each peer, what its newest inbound connection is told when a newer one comes.
    pub newest: Mutex<HashMap<String, Arc<Notify>>>,
}

/// What other requests than hellos are answered with.
pub enum Answer {
    Echo,
    Digest,
    Text(String),
}

impl Node {
    pub fn from_args(args: &Args) -> Result<Node> {
        let answer = match args.get("reply") {
            Some(text) => Answer::Text(text.into()),
            None if args.has("digest") => Answer::Digest,
            None => Answer::Echo,
        };
        let manner = Manner::from_args(args)?;
        let form = if manner.no_bin { "array" } else { "bin" };
        Ok(Node {
            me: Me::load(args.need("name")?, args.need("seed")?)?,
            pki: Pki::open(args.need("registry")?)?,
            form: Form::parse(args.get("form").unwrap_or(form))?,
            answer,
            manner,
            calling: Calling::from_args(args)?,
            router: None,
            quiet: args.has("quiet"),
            newest: Mutex::default(),
        })
    }
}

pub async fn bind(args: &Args) -> Result<TcpListener> {
    let listener = TcpListener::bind(args.get("bind").unwrap_or("127.0.0.1:0")).await.context("bind")?;
    let addr = listener.local_addr()?.to_string();
    report::line(json!({"type": "ready", "name": args.need("name")?, "addr": addr}));
    Ok(listener)
}

/// Serves until `--count` messages have come, or `--seconds` have passed.
pub async fn run(args: &Args) -> Result<bool> {
    let node = Arc::new(Node::from_args(args)?);
    let (seen, messages) = unbounded_channel();
    let serving = if args.has("indirect") {
        tokio::spawn(async move {
            if let Err(error) = indirect::serve(node, seen).await {
                report::line(json!({"type": "error", "reason": format!("{error:#}")}));
            }
        })
    } else {
        tokio::spawn(serve(bind(args).await?, node, seen))
    };
    wait(args, serving, messages).await
}

/// `nectar-peer router`: the same, routing for whoever asks it to.
pub async fn run_router(args: &Args) -> Result<bool> {
    let mut node = Node::from_args(args)?;
    node.router = Some(Router::new(Routing::from_args(args)?));
    let (seen, messages) = unbounded_channel();
    let serving = tokio::spawn(serve(bind(args).await?, Arc::new(node), seen));
    wait(args, serving, messages).await
}

async fn wait(args: &Args, serving: JoinHandle<()>, mut messages: UnboundedReceiver<()>) -> Result<bool> {
    let count = args.number("count", usize::MAX)?;
    let counting = async {
        for _ in 0..count {
            messages.recv().await;
        }
    };
    let in_time = timeout(Duration::from_secs(args.number("seconds", 3600)?), counting).await.is_ok();
    // The last reply is on its way, and its connection is the peer's to close.
    tokio::time::sleep(Duration::from_millis(200)).await;
    serving.abort();
    Ok(in_time)
}

pub async fn serve(listener: TcpListener, node: Arc<Node>, seen: UnboundedSender<()>) {
    let mut accepted = 0;
    while let Ok((tcp, _)) = listener.accept().await {
        accepted += 1;
        let (node, seen, nth) = (node.clone(), seen.clone(), accepted);
        tokio::spawn(async move {
            if let Err(error) = inbound(tcp, &node, &seen, nth).await {
                report::line(json!({"type": "dropped", "reason": format!("{error:#}")}));
            }
        });
    }
}

async fn inbound(tcp: TcpStream, node: &Arc<Node>, seen: &UnboundedSender<()>, nth: usize) -> Result<()> {
    let mut ws = link::upgrade_in(tcp).await?;
    if node.manner.running {
        ws.get_ref().set_nodelay(false)?;
    }
    let first = noise::next(&mut ws).await.context("noise: message 1")?;
    if let Some(router) = node.router.as_ref().filter(|_| first.len() != noise::FIRST) {
        return router.serve(&node.me, &node.pki, ws, &first).await;
    }
    let handshake = noise::answer(&mut ws, &first, &node.me, &node.pki, None);
    let (state, payload) =
        timeout(link::ATTEMPT, handshake).await.context("noise: timed out")?.context("noise")?;
    ensure!(node.router.is_some() || !payload.proxy_request, "{} asks for a router", payload.name);
    let side = if payload.proxy_request { Side::Registered } else { Side::Peer { nth } };
    let ends = Ends { us: node.me.name.clone(), peer: payload.name };
    let (sender, receiver) = session::open(ws, state, ends);
    converse(sender, receiver, node, seen, side, unbounded_channel()).await
}

/// The response to a message, if it gets one.
pub fn reply(node: &Node, message: &KernelMessage) -> Option<KernelMessage> {
    let Message::Request(request) = &message.message else { return None };
    let to_net = message.target.process == NET;
    let body = match (to_net, request.expects_response) {
        (true, _) => netaction::is_hello(&request.body.data).then(|| b"ack".to_vec())?,
        (false, Some(_)) => answer(&node.answer, request),
        (false, None) => return None,
    };
    let target = message.rsvp.clone().unwrap_or_else(|| message.source.clone());
    if target.node != message.source.node {
        return None; // It would have to go there on another connection.
    }
    let response = Response {
        inherit: false,
        body: Bytes::new(body, node.form),
        metadata: None,
        capabilities: Vec::new(),
    };
    Some(KernelMessage {
        id: message.id,
        source: Address::new(&node.me.name, &message.target.process),
        target,
        rsvp: None,
        message: Message::Response((response, None)),
        lazy_load_blob: None,
    })
}

fn answer(answer: &Answer, request: &Request) -> Vec<u8> {
    match answer {
        Answer::Echo => request.body.data.clone(),
        Answer::Digest => report::sha256(&request.body.data).into_bytes(),
        Answer::Text(text) => text.clone().into_bytes(),
    }
}
