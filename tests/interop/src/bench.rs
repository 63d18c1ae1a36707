//! Goodput, small messages a second, handshakes a second.

use crate::args::Args;
use crate::keys::Me;
use crate::registry::Registry;
use crate::responder::{self, Node};
use crate::{initiator, report, send};
use anyhow::Result;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

/// One run of `send` with nothing printed but its figures.
pub async fn send(args: &Args) -> Result<bool> {
    let (me, peer, mut job) = send::from_args(args)?;
    job.quiet = true;
    let body = match &job.template.message {
        crate::wire::Message::Request(request) => request.body.clone(),
        crate::wire::Message::Response(_) => unreachable!("from_args makes requests"),
    };
    let done = send::execute(&me, &peer, &job).await?;
    let seconds = done.elapsed_ms / 1e3;
    report::line(json!({"type": "bench", "what": "send", "form": body.form.name(), "body": body.data.len(),
                        "window": job.window, "count": job.count, "bad": done.bad, "elapsed_ms": done.elapsed_ms,
                        "mb_per_s": (body.data.len() * job.count) as f64 / 1e6 / seconds,
                        "messages_per_s": job.count as f64 / seconds}));
    Ok(done.bad == 0 && (!job.replies || done.received == job.count))
}

/// A listener that prints no messages, but each second in which some came how many.
pub async fn listen(args: &Args) -> Result<bool> {
    let mut node = Node::from_args(args)?;
    node.quiet = true;
    let listener = responder::bind(args).await?;
    let (seen, mut messages) = unbounded_channel();
    tokio::spawn(responder::serve(listener, Arc::new(node), seen));
    let end = Instant::now() + Duration::from_secs(args.number("seconds", 3600)?);
    let count = args.number("count", usize::MAX)?;
    let (mut total, mut first) = (0, None);
    while total < count {
        let Some(left) = end.checked_duration_since(Instant::now()) else { return Ok(count == usize::MAX) };
        if timeout(left, messages.recv()).await.is_ok() {
            first.get_or_insert_with(Instant::now);
            total += 1;
        }
    }
    let elapsed_ms = first.map_or(0.0, report::ms);
    report::line(json!({"type": "bench", "what": "listen", "count": total, "elapsed_ms": elapsed_ms}));
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(true)
}

/// One after the other: TCP, upgrade, XX, close.
pub async fn handshakes(args: &Args) -> Result<bool> {
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let registry = Registry::load(args.need("registry")?)?;
    let peer = registry.find(args.need("to")?)?;
    let count = args.number("count", 500)?;
    let start = Instant::now();
    for _ in 0..count {
        let (mut sender, mut receiver) = initiator::connect(&me, peer).await?;
        sender.close().await;
        receiver.receive(Duration::from_secs(5)).await?;
    }
    let elapsed_ms = report::ms(start);
    report::line(json!({"type": "bench", "what": "handshakes", "count": count, "elapsed_ms": elapsed_ms,
                        "per_s": count as f64 / elapsed_ms * 1e3}));
    Ok(true)
}
