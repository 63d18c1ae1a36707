//! Two sockets of a router, joined.

use crate::link::Ws;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

/// How long the second side may take to end once the first has.
const DRAIN: Duration = Duration::from_secs(5);

/// Passes on what comes, pings and pongs too (the library answers pings beside that), until either side ends.
/// `rude` drops both then, as running nodes do; else the end is passed on, and the other's is waited for.
/// Returns the bytes from `a` and from `b`.
pub async fn run(a: Ws, b: Ws, held: Option<Vec<u8>>, rude: bool) -> (usize, usize) {
    let (mut to_a, mut from_a) = a.split();
    let (mut to_b, mut from_b) = b.split();
    let (mut out, mut back) = (held.as_ref().map_or(0, Vec::len), 0);
    if let Some(held) = held {
        let _ = to_b.send(Frame::Binary(held.into())).await; // An error shows in the pump.
    }
    {
        let forth = pump(&mut from_a, &mut to_b, &mut out, rude);
        let back = pump(&mut from_b, &mut to_a, &mut back, rude);
        tokio::pin!(forth, back);
        tokio::select! {
            () = &mut forth => if !rude { let _ = timeout(DRAIN, back).await; },
            () = &mut back => if !rude { let _ = timeout(DRAIN, forth).await; },
        }
    }
    (out, back)
}

async fn pump(from: &mut SplitStream<Ws>, to: &mut SplitSink<Ws, Frame>, count: &mut usize, rude: bool) {
    while let Some(Ok(frame)) = from.next().await {
        if let Frame::Close(_) = frame {
            break;
        }
        if let Frame::Binary(bytes) = &frame {
            *count += bytes.len();
        }
        if to.send(frame).await.is_err() {
            return;
        }
    }
    if !rude {
        let _ = to.close().await;
    }
}
