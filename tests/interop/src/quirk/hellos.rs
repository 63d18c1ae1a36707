//! What is said over an unusual connection: hellos, and which of them get an `ack`.

use super::pipe::Pipe;
use crate::netaction::{HnsUpdate, NetAction};
use crate::send::NET;
use crate::session;
use crate::wire::{
    self, Address, Bytes, Capability, Form, KernelMessage, LazyLoadBlob, Message, Request, Response,
};
use anyhow::{bail, ensure, Result};
use std::collections::BTreeMap;

const US: &str = "peer:nectar-net:sys";
const RSVP: &str = "other:nectar-net:sys";

/// Sends the hellos of this quirk and reads their acks, each once and to the right address, and no other.
pub async fn exchange(pipe: &mut Pipe, us: &str, peer: &str) -> Result<()> {
    let mut waiting = BTreeMap::new();
    for (number, (body, acked)) in bodies(&pipe.kind)?.into_iter().enumerate() {
        let message = dress(&pipe.kind, hello(number as u64, us, peer, body));
        if acked {
            let to = message.rsvp.clone().unwrap_or_else(|| message.source.clone());
            waiting.insert(message.id, to);
        }
        let plain = if pipe.kind == "wide-integers" { wide(&message)? } else { session::frame(&message)? };
        pipe.send_plain(&plain).await?;
    }
    while !waiting.is_empty() {
        let ack = pipe.receive().await?;
        ensure!(waiting.remove(&ack.id) == Some(ack.target.clone()), "an ack to {} {}", ack.target, ack.id);
        ensure!(ack.source == Address::new(peer, NET), "an ack from {}", ack.source);
        ensure!(body_of(&ack.message) == b"ack", "not an ack");
    }
    if pipe.kind == "ping" {
        pipe.ping().await?;
    }
    Ok(())
}

/// The bodies of a quirk, and whether each gets an ack. The last does: what should get none shows before it.
fn bodies(kind: &str) -> Result<Vec<(Vec<u8>, bool)>> {
    let hello = (b"hello".to_vec(), true);
    Ok(match kind {
        "net-actions" => {
            let update = HnsUpdate {
                name: "it-in.nec".into(),
                public_key: format!("0x{}", "ab".repeat(32)),
                ips: vec!["127.0.0.1".into()],
                ports: BTreeMap::from([("ws".into(), 9)]),
                routers: Vec::new(),
            };
            let call = wire::encode(&NetAction::ConnectionRequest("it-in.nec".into()))?;
            vec![
                (wire::encode(&NetAction::HnsUpdate(update.clone()))?, false),
                (wire::encode(&NetAction::HnsBatchUpdate(vec![update]))?, false),
                (call.clone(), false),
                ([call, vec![0]].concat(), true),
                (wire::encode(&NetAction::GetPeers)?, true),
                (wire::encode(&NetAction::GetDiagnostics)?, true),
                (Vec::new(), true),
                hello,
            ]
        }
        "slow-link" => vec![(vec![7; 600_000], true)],
        "pipelined" => vec![hello; 500],
        _ => vec![hello],
    })
}

fn hello(id: u64, us: &str, peer: &str, body: Vec<u8>) -> KernelMessage {
    KernelMessage {
        id,
        source: Address::new(us, US),
        target: Address::new(peer, NET),
        rsvp: None,
        message: Message::Request(Request {
            inherit: false,
            expects_response: Some(5),
            body: Bytes::array(body),
            metadata: None,
            capabilities: Vec::new(),
        }),
        lazy_load_blob: None,
    }
}

fn dress(kind: &str, mut message: KernelMessage) -> KernelMessage {
    let us = message.source.node.clone();
    match (kind, &mut message.message) {
        ("rsvp", _) => message.rsvp = Some(Address::new(&us, RSVP)),
        ("capabilities", Message::Request(request)) => {
            let capability =
                Capability { issuer: message.source.clone(), params: "{\"a\\u0000\":1}\0".into() };
            request.inherit = true;
            request.metadata = Some("nul \0 and ü".into());
            request.capabilities = vec![(capability, Bytes::new(vec![9; 64], Form::Bin)); 17];
            let bytes = Bytes::new(vec![0xff; 300], Form::Array);
            message.lazy_load_blob = Some(LazyLoadBlob { mime: None, bytes });
            message.id = u64::MAX;
        }
        _ => {}
    }
    message
}

/// The same message with array, string and integer headers wider than need be, and nothing else changed.
fn wide(message: &KernelMessage) -> Result<Vec<u8>> {
    let narrow = wire::encode(message)?;
    let string = |address: &Address| wire::encode(&address.to_string());
    let (source, target) = (string(&message.source)?, string(&message.target)?);
    let rest = &narrow[2 + source.len() + target.len()..];
    let mut body = vec![0xdc, 0, 6, 0xcf];
    body.extend(message.id.to_be_bytes());
    for address in [&message.source, &message.target] {
        let text = address.to_string();
        body.extend([0xda, 0, text.len() as u8]);
        body.extend(text.as_bytes());
    }
    body.extend(rest);
    Ok([&(body.len() as u32).to_be_bytes()[..], &body].concat())
}

fn body_of(message: &Message) -> &[u8] {
    match message {
        Message::Request(request) => &request.body.data,
        Message::Response((response, _)) => &response.body.data,
    }
}

/// The responder's part: one hello in, one unusual ack out.
pub async fn answer(pipe: &mut Pipe, us: &str) -> Result<()> {
    let hello = pipe.receive().await?;
    if !matches!(hello.message, Message::Request(_)) || hello.target != Address::new(us, NET) {
        bail!("not a hello");
    }
    if pipe.kind == "ping" {
        pipe.ping().await?;
    }
    let response = Response {
        inherit: false,
        body: Bytes::array(b"ack".to_vec()),
        metadata: None,
        capabilities: Vec::new(),
    };
    let ack = KernelMessage {
        id: hello.id,
        source: Address::new(us, NET),
        target: hello.source,
        rsvp: None,
        message: Message::Response((response, Some(Bytes::array(Vec::new())))),
        lazy_load_blob: None,
    };
    pipe.send_plain(&session::frame(&ack)?).await
}
