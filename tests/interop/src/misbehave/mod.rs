//! `nectar-peer misbehave`: one wrong thing on one connection, and how the other side closes it.

mod kinds;
mod script;
mod transport;
mod watch;

use crate::args::Args;
use crate::indirect;
use crate::initiator as initiating;
use crate::keys::Me;
use crate::link;
use crate::registry::Registry;
use crate::{report, responder};
use anyhow::{Context, Result};
use kinds::{Kind, Role};
use script::Script;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;
use watch::Outcome;

pub fn list() -> Result<bool> {
    for kind in kinds::ALL {
        let roles: Vec<&str> = kind.roles.iter().map(|role| role.name()).collect();
        println!("{} {} {}", kind.name, roles.join(","), kind.what);
    }
    Ok(true)
}

/// Asks a router (--via) for a way to the node and misbehaves.
pub async fn asker(args: &Args, name: &str) -> Result<bool> {
    let kind = kinds::find(name, Role::Asker)?;
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let registry = Registry::load(args.need("registry")?)?;
    let router = registry.find(args.need("via")?)?;
    let ws = initiating::upgraded(router).await?;
    let script = Script::new(args, kind, me, args.need("to")?)?;
    report_outcome(kind, Role::Asker, script.ask(ws, &router.name).await?)
}

/// Dials the node, through a router with --via, and misbehaves.
pub async fn initiator(args: &Args, name: &str) -> Result<bool> {
    let kind = kinds::find(name, Role::Initiator)?;
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let registry = Registry::load(args.need("registry")?)?;
    let peer = registry.find(args.need("to")?)?;
    if let Some(router) = args.get("via") {
        let ws = initiating::ask(&me, registry.find(router)?, &peer.name).await?;
        let script = Script::new(args, kind, me, &peer.name)?;
        return report_outcome(kind, Role::Initiator, script.initiate_on(ws).await?);
    }
    let (host, port) = peer.address.clone().context("not a direct node")?;
    let tcp = link::dial_tcp(&host, port).await?;
    let script = Script::new(args, kind, me, &peer.name)?;
    report_outcome(kind, Role::Initiator, script.initiate(tcp, &host, port).await?)
}

/// Waits for one connection, at a router with --via, and misbehaves.
pub async fn responder(args: &Args, name: &str) -> Result<bool> {
    let kind = kinds::find(name, Role::Responder)?;
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let wait = Duration::from_secs(args.number("wait", 30)?);
    if let Some(router) = args.get("via") {
        let registry = Registry::load(args.need("registry")?)?;
        let (ws, asker, _registration) = indirect::await_call(&me, registry.find(router)?, wait).await?;
        let mut script = Script::new(args, kind, me, &asker)?;
        script.client = true;
        return report_outcome(kind, Role::Responder, script.respond_on(ws).await?);
    }
    let listener = responder::bind(args).await?;
    let (tcp, _) = timeout(wait, listener.accept()).await.context("nobody came")??;
    tcp.set_nodelay(true)?;
    let script = Script::new(args, kind, me, args.get("to").unwrap_or(""))?;
    report_outcome(kind, Role::Responder, script.respond(tcp).await?)
}

fn report_outcome(kind: &Kind, role: Role, outcome: Outcome) -> Result<bool> {
    let (kind, role) = (kind.name, role.name());
    Ok(match outcome {
        Outcome::Closed { how, after_ms, messages } => {
            report::line(
                json!({"type": "closed", "kind": kind, "role": role, "how": how, "after_ms": after_ms,
                                "messages": messages}),
            );
            true
        }
        Outcome::NotClosed { after_ms, messages } => {
            report::line(json!({"type": "not_closed", "kind": kind, "role": role, "after_ms": after_ms,
                                "messages": messages}));
            false
        }
        Outcome::LeftOurselves => {
            report::line(json!({"type": "left", "kind": kind, "role": role}));
            true
        }
    })
}
