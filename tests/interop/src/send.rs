//! `nectar-peer send`: requests to one node on one connection, and their replies.

use crate::args::Args;
use crate::initiator::{self, How};
use crate::keys::Me;
use crate::registry::{Pki, Record, Registry};
use crate::session::{Receiver, Sender};
use crate::wire::{Address, Bytes, Form, KernelMessage, LazyLoadBlob, Message, Request, Response};
use crate::{body, report};
use anyhow::{bail, ensure, Context, Result};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub const NET: &str = "net:distro:sys";

/// What is to be sent, and what is to come back.
pub struct Job {
    pub template: KernelMessage,
    pub count: usize,
    pub window: usize,
    pub want: Want,
    /// How long to wait for a reply.
    pub expects: u64,
    /// False: requests that ask for no reply, and none is waited for.
    pub replies: bool,
    /// Print no line for each reply.
    pub quiet: bool,
}

/// The body a reply must have.
pub enum Want {
    Any,
    Exactly(Vec<u8>),
}

#[derive(Clone, Default)]
struct InFlight(Arc<Mutex<HashMap<u64, Instant>>>);

pub async fn run(args: &Args) -> Result<bool> {
    let (me, peer, job) = from_args(args)?;
    let pki = Pki::open(args.need("registry")?)?;
    let how = How {
        via: args.get("via").map(String::from),
        serial: args.has("running"),
        patience: Duration::from_secs(job.expects),
    };
    let (sender, receiver, via) = initiator::reach(&me, &pki, &peer, &how).await?;
    let done = execute_on(sender, receiver, &job).await?;
    report::line(json!({"type": "summary", "sent": job.count, "received": done.received, "bad": done.bad,
                        "via": via, "elapsed_ms": done.elapsed_ms, "serialised": done.serialised}));
    Ok(done.bad == 0 && (!job.replies || done.received == job.count))
}

pub fn from_args(args: &Args) -> Result<(Me, Record, Job)> {
    let me = Me::load(args.need("name")?, args.need("seed")?)?;
    let registry = Registry::load(args.need("registry")?)?;
    let to = args.need("to")?;
    let (node, process) = to.split_once('@').unwrap_or((to, NET));
    let form = Form::parse(args.get("form").unwrap_or("bin"))?;
    let expects = args.number("expects", 10)?;
    let replies = !args.has("no-expects");
    let request = Request {
        inherit: false,
        expects_response: replies.then_some(expects),
        body: Bytes::new(body::from_args(args)?, form),
        metadata: None,
        capabilities: Vec::new(),
    };
    let want = want(args, process, &request.body.data)?;
    let source = args.get("source-process").unwrap_or("peer:nectar-net:sys");
    let template = KernelMessage {
        id: 0,
        source: Address::new(&me.name, source),
        target: Address::new(node, process),
        rsvp: None,
        message: Message::Request(request),
        lazy_load_blob: blob(args, form)?,
    };
    let (count, window) = (args.number("count", 1)?, args.number("window", 1)?);
    let job = Job { template, count, window, want, expects, replies, quiet: args.has("quiet") };
    Ok((me, registry.find(node)?.clone(), job))
}

fn want(args: &Args, process: &str, body: &[u8]) -> Result<Want> {
    let default = if process == NET { "ack" } else { "echo" };
    Ok(match args.get("want").unwrap_or(default) {
        "any" => Want::Any,
        "ack" => Want::Exactly(b"ack".to_vec()),
        "echo" => Want::Exactly(body.to_vec()),
        other => match other.strip_prefix("text:") {
            Some(text) => Want::Exactly(text.as_bytes().to_vec()),
            None => bail!("--want any, ack, echo or text:TEXT"),
        },
    })
}

fn blob(args: &Args, form: Form) -> Result<Option<LazyLoadBlob>> {
    let bytes = match args.get("blob-file") {
        Some(file) => std::fs::read(file).with_context(|| file.to_string())?,
        None if args.has("blob-bytes") => {
            body::make("random", args.number("blob-bytes", 0)?, args.number("body-seed", 1)? + 1)?
        }
        None => return Ok(None),
    };
    Ok(Some(LazyLoadBlob { mime: args.get("mime").map(String::from), bytes: Bytes::new(bytes, form) }))
}

pub struct Done {
    pub received: usize,
    pub bad: usize,
    pub elapsed_ms: f64,
    pub serialised: usize,
}

/// Connects, keeps `window` requests in flight until all are answered, closes.
pub async fn execute(me: &Me, peer: &Record, job: &Job) -> Result<Done> {
    let (sender, receiver) = initiator::connect(me, peer).await?;
    execute_on(sender, receiver, job).await
}

async fn execute_on(mut sender: Sender, mut receiver: Receiver, job: &Job) -> Result<Done> {
    let start = Instant::now();
    let in_flight = InFlight::default();
    let window = Semaphore::new(job.window);
    let write = write_all(&mut sender, job, &in_flight, &window);
    let (serialised, (received, bad)) = if job.replies {
        tokio::try_join!(write, read_all(&mut receiver, job, &in_flight, &window))?
    } else {
        (write.await?, (0, 0))
    };
    let elapsed_ms = report::ms(start);
    sender.close().await;
    await_close(&mut receiver).await;
    Ok(Done { received, bad, elapsed_ms, serialised })
}

async fn write_all(
    sender: &mut Sender,
    job: &Job,
    in_flight: &InFlight,
    window: &Semaphore,
) -> Result<usize> {
    let mut message = job.template.clone();
    let mut serialised = 0;
    for _ in 0..job.count {
        if job.replies {
            let patience = Duration::from_secs(job.expects);
            let permit = timeout(patience, window.acquire()).await;
            permit.context("no reply in time")??.forget();
        }
        let mut id = [0; 8];
        getrandom::fill(&mut id).map_err(|e| anyhow::anyhow!("randomness: {e}"))?;
        message.id = u64::from_le_bytes(id);
        in_flight.0.lock().unwrap().insert(message.id, Instant::now());
        serialised = sender.send(&message).await?;
    }
    Ok(serialised)
}

async fn read_all(
    receiver: &mut Receiver,
    job: &Job,
    in_flight: &InFlight,
    window: &Semaphore,
) -> Result<(usize, usize)> {
    let (mut received, mut bad) = (0, 0);
    while received < job.count {
        let patience = Duration::from_secs(job.expects);
        let incoming = timeout(patience, receiver.receive(patience)).await.context("no reply in time")??;
        let incoming = incoming.context("closed, or no reply in time")?;
        let Message::Response((response, _)) = incoming.message.message else { continue };
        let id = incoming.message.id;
        let sent_at = in_flight.0.lock().unwrap().remove(&id);
        let sent_at =
            sent_at.with_context(|| format!("a reply to {id}, which was not asked or is answered"))?;
        ensure!(incoming.message.target == job.template.source, "a reply to {}", incoming.message.target);
        window.add_permits(1);
        received += 1;
        let right = right(&job.want, &response);
        bad += usize::from(!right);
        if !job.quiet {
            print_reply(id, &response, report::ms(sent_at), right);
        }
    }
    Ok((received, bad))
}

fn right(want: &Want, response: &Response) -> bool {
    match want {
        Want::Any => true,
        Want::Exactly(body) => *body == response.body.data,
    }
}

fn print_reply(id: u64, response: &Response, rtt_ms: f64, right: bool) {
    let body = &response.body;
    report::line(json!({"type": "reply", "id": id.to_string(), "len": body.data.len(),
                        "sha256": report::sha256(&body.data), "form": body.form.name(),
                        "rtt_ms": rtt_ms, "right": right}));
}

/// Once its own Close or end of stream has come, the peer has read all that we sent.
async fn await_close(receiver: &mut Receiver) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while let Some(left) = deadline.checked_duration_since(Instant::now()) {
        match receiver.receive(left).await {
            Ok(Some(_)) => continue,
            _ => return,
        }
    }
}
