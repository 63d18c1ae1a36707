//! The table of misbehaviours.

use anyhow::{bail, Context, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Initiator,
    Responder,
    /// Asks a router for a way.
    Asker,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Initiator => "initiator",
            Role::Responder => "responder",
            Role::Asker => "asker",
        }
    }
}

/// Where in the life of a connection it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On TCP, in place of the HTTP upgrade.
    Tcp,
    /// In the request to a router.
    Request,
    /// Where our first handshake message belongs.
    Upgraded,
    /// In the bytes of handshake message 1 (the initiator's).
    First,
    /// In the bytes of our message with a payload: 2 (the responder's) or 3 (the initiator's).
    Proof,
    /// In the payload of that message.
    Payload,
    /// On the established connection.
    Transport,
}

pub struct Kind {
    pub name: &'static str,
    pub stage: Stage,
    pub roles: &'static [Role],
    pub what: &'static str,
}

const BOTH: &[Role] = &[Role::Initiator, Role::Responder];
const INITIATOR: &[Role] = &[Role::Initiator];
const ASKER: &[Role] = &[Role::Asker];

const fn kind(name: &'static str, stage: Stage, roles: &'static [Role], what: &'static str) -> Kind {
    Kind { name, stage, roles, what }
}

pub const ALL: &[Kind] = &[
    kind("garbage-tcp", Stage::Tcp, BOTH, "bytes that are no HTTP"),
    kind("silent-tcp", Stage::Tcp, BOTH, "no byte after TCP stands"),
    kind("slow-tcp", Stage::Tcp, BOTH, "the upgrade, one byte a second"),
    kind("wrong-path", Stage::Tcp, INITIATOR, "an upgrade of another path than /"),
    kind("request-version-2", Stage::Request, ASKER, "a request of protocol version 2"),
    kind("request-signature", Stage::Request, ASKER, "a request with a flipped bit in its signature"),
    kind("request-replayed", Stage::Request, ASKER, "a request that is signed for another router"),
    kind("request-long", Stage::Request, ASKER, "a request, and a byte"),
    kind("request-short", Stage::Request, ASKER, "a request less its last byte"),
    kind("request-garbage", Stage::Request, ASKER, "100 random bytes for a request"),
    kind("request-empty", Stage::Request, ASKER, "an empty Binary message for a request"),
    kind("request-to-self", Stage::Request, ASKER, "a request for a way to oneself"),
    kind("request-other-name", Stage::Request, ASKER, "a request of another node (--claim), our signature"),
    kind("request-unknown", Stage::Request, ASKER, "a request of a name without a record"),
    kind("request-nowhere", Stage::Request, ASKER, "a request for a way to a name without a record"),
    kind("request-twice", Stage::Request, ASKER, "a request where message 1 belongs"),
    kind("garbage-upgraded", Stage::Upgraded, BOTH, "bytes that are no WebSocket frame"),
    kind("silent-upgraded", Stage::Upgraded, BOTH, "no byte after the upgrade"),
    kind("slow-upgraded", Stage::Upgraded, BOTH, "a frame, one byte a second"),
    kind("text-upgraded", Stage::Upgraded, BOTH, "a Text message for a handshake message"),
    kind("large-frame", Stage::Upgraded, BOTH, "a Binary message of 65,536 bytes"),
    kind("garbage-first", Stage::First, INITIATOR, "50 random bytes for message 1"),
    kind("empty-first", Stage::First, INITIATOR, "an empty Binary message for message 1"),
    kind("flipped-first", Stage::First, INITIATOR, "a flipped bit in e"),
    kind("silent-noise", Stage::Proof, BOTH, "no message 2, or 3"),
    kind("garbage-proof", Stage::Proof, BOTH, "200 random bytes for message 2, or 3"),
    kind("flipped-proof", Stage::Proof, BOTH, "a flipped bit in message 2, or 3"),
    kind("short-proof", Stage::Proof, BOTH, "message 2, or 3, less its last byte"),
    kind("bad-signature", Stage::Payload, BOTH, "a flipped bit in the signature"),
    kind("other-name", Stage::Payload, BOTH, "another node's name (--claim), our signature"),
    kind("unknown-name", Stage::Payload, BOTH, "a name without a record"),
    kind("version-2", Stage::Payload, BOTH, "protocol version 2"),
    kind("trailing-payload", Stage::Payload, BOTH, "a byte after the payload"),
    kind("undecodable-payload", Stage::Payload, BOTH, "a payload that is no MessagePack"),
    kind("garbage-transport", Stage::Transport, BOTH, "100 random bytes for a chunk"),
    kind("flipped-transport", Stage::Transport, BOTH, "a flipped bit in a chunk"),
    kind("replayed-frame", Stage::Transport, BOTH, "the same chunk twice"),
    kind("short-first-chunk", Stage::Transport, BOTH, "a first chunk of 3 bytes"),
    kind("oversize", Stage::Transport, BOTH, "a declared length of 10,485,801"),
    kind("excess", Stage::Transport, BOTH, "10 bytes more than declared"),
    kind("undecodable", Stage::Transport, BOTH, "a message that is no MessagePack"),
    kind("huge-claim", Stage::Transport, BOTH, "a body that claims 2^32-1 elements"),
    kind("deep-nesting", Stage::Transport, BOTH, "a body of 60,000 nested arrays"),
    kind("trailing-message", Stage::Transport, BOTH, "a byte after the message, declared"),
    kind("spoofed-source", Stage::Transport, BOTH, "a source node that is not us"),
    kind("wrong-target", Stage::Transport, BOTH, "a target node that is not the peer"),
    kind("bad-process", Stage::Transport, BOTH, "a source process with capitals and _"),
    kind("text-frame", Stage::Transport, BOTH, "a Text message"),
    kind("large-chunk", Stage::Transport, BOTH, "a chunk whose frame has 65,536 bytes"),
    kind("stalled-message", Stage::Transport, BOTH, "a message's first chunk, half its second, and silence"),
    kind("slow-message", Stage::Transport, BOTH, "a message, a chunk of one byte a second"),
    kind("truncated", Stage::Transport, BOTH, "half a message, and the socket dropped"),
];

pub fn find(name: &str, role: Role) -> Result<&'static Kind> {
    let kind = ALL.iter().find(|kind| kind.name == name).with_context(|| format!("no such kind: {name}"))?;
    if !kind.roles.contains(&role) {
        bail!("{name} is not for the {}", role.name());
    }
    Ok(kind)
}
