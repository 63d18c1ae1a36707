//! Watching the other side until it closes.

use crate::link::Ws;
use crate::report::ms;
use anyhow::Result;
use futures_util::StreamExt;
use std::io::{Error, ErrorKind};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{error::ProtocolError, Error as WsError, Message};

pub enum Outcome {
    Closed { how: String, after_ms: f64, messages: usize },
    NotClosed { after_ms: f64, messages: usize },
    LeftOurselves,
}

const SECOND: Duration = Duration::from_secs(1);

/// Reads a WebSocket to its end.
pub async fn websocket(ws: &mut Ws, bound: Duration) -> Outcome {
    let start = Instant::now();
    let mut messages = 0;
    while let Some(left) = bound.checked_sub(start.elapsed()) {
        let Ok(item) = timeout(left, ws.next()).await else { break };
        if let Some(how) = ended(item, &mut messages) {
            return Outcome::Closed { how, after_ms: ms(start), messages };
        }
    }
    Outcome::NotClosed { after_ms: ms(start), messages }
}

/// How the stream ended, if this item says so; else it is counted, unless it is a ping or a pong.
pub fn ended(item: Option<Result<Message, WsError>>, messages: &mut usize) -> Option<String> {
    match item {
        None => Some("eof".into()),
        Some(Ok(Message::Close(frame))) => {
            Some(frame.map_or("close frame".into(), |f| format!("close frame {}", u16::from(f.code))))
        }
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
        Some(Ok(_)) => {
            *messages += 1;
            None
        }
        Some(Err(WsError::Io(error))) => Some(name(&error)),
        Some(Err(WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => Some("eof".into()),
        Some(Err(error)) => Some(format!("{error}")),
    }
}

fn name(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionReset => "reset".into(),
        ErrorKind::UnexpectedEof => "eof".into(),
        _ => error.to_string(),
    }
}

/// Reads TCP to its end; `how` begins with the status where the bytes are an HTTP response.
pub async fn tcp(tcp: &mut TcpStream, bound: Duration) -> Outcome {
    tcp_while_writing(tcp, &[], bound).await
}

/// The same, while these bytes go out, one a second.
pub async fn tcp_while_writing(tcp: &mut TcpStream, bytes: &[u8], bound: Duration) -> Outcome {
    let start = Instant::now();
    let mut seen = Vec::new();
    let mut bytes = bytes.iter();
    let mut chunk = [0; 4096];
    while start.elapsed() < bound {
        if let Some(byte) = bytes.next() {
            let _ = tcp.write_all(&[*byte]).await; // An error shows in the read.
        }
        let end = match timeout(SECOND, tcp.read(&mut chunk)).await {
            Err(_) => continue,
            Ok(Ok(0)) => "eof".to_string(),
            Ok(Ok(len)) => {
                seen.extend_from_slice(&chunk[..len]);
                continue;
            }
            Ok(Err(error)) => name(&error),
        };
        return Outcome::Closed { how: status(&seen) + &end, after_ms: ms(start), messages: 0 };
    }
    Outcome::NotClosed { after_ms: ms(start), messages: 0 }
}

fn status(seen: &[u8]) -> String {
    let text = String::from_utf8_lossy(seen);
    match text.strip_prefix("HTTP/1.1 ") {
        Some(rest) => format!("http {}, ", rest.split_whitespace().next().unwrap_or("")),
        None => String::new(),
    }
}
