//! What the `net` processes of two nodes say to each other in bodies. (A hello is a body that is none of the
//! first three actions.)

use crate::wire::{decode, Address, Bytes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NetAction {
    ConnectionRequest(String),
    HnsUpdate(HnsUpdate),
    HnsBatchUpdate(Vec<HnsUpdate>),
    GetPeers,
    GetPeer(String),
    GetDiagnostics,
    Sign,
    Verify { from: Address, signature: Bytes },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NetResponse {
    Accepted(String),
    Rejected(String),
    Peers(Vec<Identity>),
    Peer(Option<Identity>),
    Diagnostics(String),
    Signed,
    Verified(bool),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HnsUpdate {
    pub name: String,
    pub public_key: String,
    pub ips: Vec<String>,
    pub ports: BTreeMap<String, u16>,
    pub routers: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    pub name: String,
    pub networking_key: String,
    pub routing: NodeRouting,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NodeRouting {
    Routers(Vec<String>),
    Direct { ip: String, ports: BTreeMap<String, u16> },
    Both { ip: String, ports: BTreeMap<String, u16>, routers: Vec<String> },
}

/// Is this body, sent to `net:distro:sys`, text for the operator?
pub fn is_hello(body: &[u8]) -> bool {
    !matches!(
        decode::<NetAction>(body),
        Ok(NetAction::ConnectionRequest(_) | NetAction::HnsUpdate(_) | NetAction::HnsBatchUpdate(_))
    )
}
