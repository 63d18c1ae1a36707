//! An established connection, served to its end.

use crate::indirect;
use crate::registry::Record;
use crate::report;
use crate::responder::{reply, Node};
use crate::session::{Incoming, Receiver, Sender};
use crate::wire::{KernelMessage, Message, Response};
use anyhow::{anyhow, Result};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::{oneshot, Notify};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Running nodes close a connection after 30 minutes.
const IDLE: Duration = Duration::from_secs(1800);

/// What a connection is to us.
pub enum Side {
    /// One like any other, the nth inbound (from 1), or 0.
    Peer { nth: usize },
    /// To a peer that we route for.
    Registered,
    /// To a router of ours; that it answered is told.
    Router { router: Box<Record>, acks: UnboundedSender<()> },
}

/// What is to be written on a connection.
pub type Queue = (UnboundedSender<KernelMessage>, UnboundedReceiver<KernelMessage>);

/// How a connection ends of which the other side has not done so.
enum End {
    /// With a Close frame, once all is written.
    Closed(Result<()>),
    /// As running nodes end it: TCP is dropped at once.
    Dropped(anyhow::Error),
}

struct Conversation<'a> {
    node: &'a Arc<Node>,
    seen: &'a UnboundedSender<()>,
    side: Side,
    queue: UnboundedSender<KernelMessage>,
    /// From then on it is read, and not answered.
    forgotten: Option<Instant>,
}

/// The task that writes, which ends with the one that reads.
struct Writing(JoinHandle<()>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub async fn converse(
    sender: Sender,
    mut receiver: Receiver,
    node: &Arc<Node>,
    seen: &UnboundedSender<()>,
    side: Side,
    (queue, queued): Queue,
) -> Result<()> {
    let (stop, stopped) = oneshot::channel();
    // Replies are written beside the reading: a peer need not read before it has written all.
    let mut writing = Writing(tokio::spawn(write(sender, queued, stopped, node.manner.running)));
    let mut conversation = Conversation { node, seen, side, queue, forgotten: None };
    match conversation.run(&mut receiver).await {
        End::Closed(outcome) => {
            let _ = stop.send(());
            (&mut writing.0).await?;
            outcome
        }
        End::Dropped(why) => {
            writing.0.abort();
            let _ = (&mut writing.0).await; // Then its half of the socket is dropped; the other is with us.
            Err(why)
        }
    }
}

/// Writes what is queued until it is told to stop, and then what is left.
async fn write(
    mut sender: Sender,
    mut queued: UnboundedReceiver<KernelMessage>,
    mut stopped: oneshot::Receiver<()>,
    running: bool,
) {
    loop {
        let message = tokio::select! {
            biased;
            message = queued.recv() => message,
            _ = &mut stopped => None,
        };
        let Some(message) = message else { break };
        if let Err(error) = sender.send(&message).await {
            report::line(json!({"type": "unsent", "reason": format!("{error:#}")}));
        }
    }
    if !running {
        sender.close().await;
    }
}

impl Conversation<'_> {
    async fn run(&mut self, receiver: &mut Receiver) -> End {
        let peer = receiver.peer().to_string();
        let (node, newer) = (self.node.clone(), self.supersede(&peer));
        let Some(router) = node.router.as_ref().filter(|_| matches!(self.side, Side::Registered)) else {
            return self.read(receiver, &newer).await;
        };
        let number = router.register(&peer, self.queue.clone());
        self.forgotten = router.forgets(&peer, number);
        let end = self.read(receiver, &newer).await;
        router.unregister(&peer, number);
        end
    }

    async fn read(&mut self, receiver: &mut Receiver, newer: &Notify) -> End {
        loop {
            let incoming = tokio::select! {
                incoming = receiver.receive(IDLE) => incoming,
                () = newer.notified() => return End::Dropped(anyhow!("a newer connection has come")),
            };
            match incoming {
                Ok(Some(incoming)) => {
                    if let Err(why) = self.take(incoming) {
                        return End::Dropped(why);
                    }
                }
                Ok(None) => return End::Closed(Ok(())),
                Err(error) => return End::Closed(Err(error)),
            }
        }
    }

    /// One message; an error is why the connection is to be dropped.
    fn take(&mut self, incoming: Incoming) -> Result<()> {
        let (node, message) = (self.node, &incoming.message);
        node.manner.decode(message)?;
        match (&self.side, &message.message) {
            (Side::Registered, Message::Response((response, _))) => return self.answered(message, response),
            (Side::Router { acks, .. }, Message::Response(_)) => {
                let _ = acks.send(());
                return Ok(());
            }
            (Side::Router { router, .. }, _) => {
                if let Some(asker) = indirect::announced(message) {
                    return self.announced(Record::clone(router), message, asker);
                }
            }
            _ => {}
        }
        if !node.quiet && node.router.is_none() {
            print_message(&incoming);
        }
        let _ = self.seen.send(());
        self.reply_to(message)
    }

    fn reply_to(&mut self, message: &KernelMessage) -> Result<()> {
        let manner = &self.node.manner;
        let nth = if let Side::Peer { nth } = self.side { nth } else { 0 };
        if manner.drop_nth == Some(nth) {
            return Err(anyhow!("the connection that --drop-nth names"));
        }
        if self.forgotten.is_none_or(|since| since > Instant::now()) {
            if let Some(reply) = reply(self.node, message) {
                let _ = self.queue.send(reply);
            }
        }
        if manner.forget_nth == Some(nth) {
            self.forgotten = Some(Instant::now());
        }
        Ok(())
    }

    fn answered(&self, message: &KernelMessage, response: &Response) -> Result<()> {
        if let Some(router) = &self.node.router {
            router.answered(&message.source.node, &response.body.data);
        }
        Ok(())
    }

    /// A router of ours announces that this node waits for us.
    fn announced(&self, router: Record, request: &KernelMessage, asker: String) -> Result<()> {
        report::line(json!({"type": "announced", "router": router.name, "from": asker}));
        if self.node.calling.reject {
            let _ = self.queue.send(indirect::rejection(self.node, request, &asker)?);
            return Ok(());
        }
        indirect::spawn_call(self.node.clone(), router, asker, self.seen.clone());
        Ok(())
    }

    /// With `--running`, ends the older inbound connection of this peer. What it returns is told of a newer one.
    fn supersede(&self, peer: &str) -> Arc<Notify> {
        let newer = Arc::new(Notify::new());
        if self.node.manner.running && !matches!(self.side, Side::Router { .. }) {
            if let Some(older) = self.node.newest.lock().unwrap().insert(peer.into(), newer.clone()) {
                older.notify_one();
            }
        }
        newer
    }
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
