//! `nectar-peer listen`: a direct node. Hellos get `ack`, other requests that expect it get a reply.

use crate::args::Args;
use crate::keys::Me;
use crate::manner::Manner;
use crate::registry::Registry;
use crate::send::NET;
use crate::session::{self, Ends, Incoming, Receiver, Sender};
use crate::wire::{Address, Bytes, Form, KernelMessage, Message, Request, Response};
use crate::{link, netaction, noise, report};
use anyhow::{anyhow, Context, Result};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{unbounded_channel, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Running nodes close a connection after 30 minutes.
const IDLE: Duration = Duration::from_secs(1800);

pub struct Node {
    pub me: Me,
    pub registry: Registry,
    pub form: Form,
    pub answer: Answer,
    pub manner: Manner,
    /// Print no line for each message.
    pub quiet: bool,
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
            registry: Registry::load(args.need("registry")?)?,
            form: Form::parse(args.get("form").unwrap_or(form))?,
            answer,
            manner,
            quiet: args.has("quiet"),
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
    let listener = bind(args).await?;
    let (seen, mut messages) = unbounded_channel();
    let serving = tokio::spawn(serve(listener, node, seen));
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
        let doomed = node.manner.drop_nth == Some(accepted);
        let (node, seen) = (node.clone(), seen.clone());
        tokio::spawn(async move {
            if let Err(error) = connection(tcp, &node, &seen, doomed).await {
                report::line(json!({"type": "dropped", "reason": format!("{error:#}")}));
            }
        });
    }
}

/// Brings an inbound connection to stand.
pub async fn accept(tcp: TcpStream, me: &Me, registry: &Registry) -> Result<(Sender, Receiver)> {
    let mut ws = link::upgrade_in(tcp).await?;
    let handshake = noise::respond(&mut ws, me, registry);
    let (state, payload) =
        timeout(link::ATTEMPT, handshake).await.context("noise: timed out")?.context("noise")?;
    anyhow::ensure!(!payload.proxy_request, "{} asks for a router", payload.name);
    Ok(session::open(ws, state, Ends { us: me.name.clone(), peer: payload.name }))
}

async fn connection(tcp: TcpStream, node: &Node, seen: &UnboundedSender<()>, doomed: bool) -> Result<()> {
    let (mut sender, mut receiver) = accept(tcp, &node.me, &node.registry).await?;
    let (replies, mut queue) = unbounded_channel::<KernelMessage>();
    // Replies are written beside the reading: a peer need not read before it has written all.
    let writing = tokio::spawn(async move {
        while let Some(reply) = queue.recv().await {
            if let Err(error) = sender.send(&reply).await {
                report::line(json!({"type": "unsent", "reason": format!("{error:#}")}));
            }
        }
        sender.close().await;
    });
    let outcome = loop {
        match receiver.receive(IDLE).await {
            Ok(Some(incoming)) => {
                if let Err(error) = node.manner.decode(&incoming.message) {
                    return hang_up(writing, error).await;
                }
                if !node.quiet {
                    print_message(&incoming);
                }
                if doomed {
                    let _ = seen.send(());
                    return hang_up(writing, anyhow!("the connection that --drop-nth names")).await;
                }
                if let Some(reply) = reply(node, &incoming.message) {
                    let _ = replies.send(reply);
                }
                let _ = seen.send(());
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drop(replies);
    writing.await?;
    outcome
}

/// Ends a connection as running nodes do: TCP is dropped at once, without a Close frame.
async fn hang_up(writing: JoinHandle<()>, why: anyhow::Error) -> Result<()> {
    writing.abort();
    let _ = writing.await; // Then its half of the socket is dropped; the caller drops the other.
    Err(why)
}

fn print_message(incoming: &Incoming) {
    let message = &incoming.message;
    let (kind, body, expects) = match &message.message {
        Message::Request(request) => ("request", &request.body, request.expects_response),
        Message::Response((response, _)) => ("response", &response.body, None),
    };
    let blob = message.lazy_load_blob.as_ref();
    report::line(json!({
        "type": "message", "kind": kind, "from": message.source.to_string(), "to": message.target.to_string(),
        "id": message.id.to_string(), "len": body.data.len(), "sha256": report::sha256(&body.data),
        "form": body.form.name(), "serialised": incoming.serialised, "expects": expects,
        "mime": blob.and_then(|b| b.mime.clone()), "blob_len": blob.map(|b| b.bytes.data.len()),
        "blob_sha256": blob.map(|b| report::sha256(&b.bytes.data)),
    }));
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
