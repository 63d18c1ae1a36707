//! An independent peer of the Nectar networking protocol, written from its description alone.

pub mod args;
pub mod bench;
pub mod body;
pub mod conversation;
pub mod digest;
pub mod indirect;
pub mod initiator;
pub mod keys;
pub mod link;
pub mod manner;
pub mod misbehave;
pub mod netaction;
pub mod noise;
pub mod passthrough;
pub mod quirk;
pub mod registry;
pub mod report;
pub mod responder;
pub mod router;
pub mod send;
pub mod session;
pub mod wire;
