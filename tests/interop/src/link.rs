//! A WebSocket of Binary messages over TCP.

use anyhow::{bail, Context, Result};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::WebSocketStream;

pub type Ws = WebSocketStream<TcpStream>;

/// One attempt to connect with its handshake; an HTTP upgrade; a message of the handshake.
pub const ATTEMPT: Duration = Duration::from_secs(5);
/// The largest Noise message, and so the largest Binary message.
pub const MAX_FRAME: usize = 65_535;

pub async fn dial_tcp(host: &str, port: u16) -> Result<TcpStream> {
    let tcp =
        timeout(ATTEMPT, TcpStream::connect((host, port))).await.context("tcp: timed out")?.context("tcp")?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

pub async fn upgrade_out(tcp: TcpStream, host: &str, port: u16) -> Result<Ws> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
    let upgrade = tokio_tungstenite::client_async(format!("ws://{host}:{port}/"), tcp);
    let (ws, _) = timeout(ATTEMPT, upgrade).await.context("upgrade: timed out")?.context("upgrade")?;
    Ok(ws)
}

pub async fn upgrade_in(tcp: TcpStream) -> Result<Ws> {
    tcp.set_nodelay(true)?;
    let upgrade = tokio_tungstenite::accept_hdr_async(tcp, only_root);
    timeout(ATTEMPT, upgrade).await.context("upgrade: timed out")?.context("upgrade")
}

#[allow(clippy::result_large_err)] // The library's own signature.
fn only_root(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() == "/" {
        return Ok(response);
    }
    let mut not_found = ErrorResponse::new(None);
    *not_found.status_mut() = StatusCode::NOT_FOUND;
    Err(not_found)
}

/// The next Binary message; None when the other side has closed. Pings are answered by the library.
pub async fn receive<S>(stream: &mut S) -> Result<Option<Vec<u8>>>
where
    S: Stream<Item = Result<Message, WsError>> + Unpin,
{
    loop {
        match stream.next().await {
            None | Some(Ok(Message::Close(_))) => return Ok(None),
            Some(Ok(Message::Binary(bytes))) if bytes.len() <= MAX_FRAME => return Ok(Some(bytes.into())),
            Some(Ok(Message::Binary(bytes))) => bail!("a Binary message of {} bytes", bytes.len()),
            Some(Ok(Message::Text(_))) => bail!("a Text message"),
            Some(Ok(_)) => continue,
            Some(Err(error)) if is_close(&error) => return Ok(None),
            Some(Err(error)) => return Err(error.into()),
        }
    }
}

pub async fn send<S>(sink: &mut S, bytes: Vec<u8>) -> Result<()>
where
    S: Sink<Message, Error = WsError> + Unpin,
{
    timeout(ATTEMPT, sink.send(Message::Binary(bytes.into())))
        .await
        .context("write: timed out")?
        .context("write")
}

/// Running nodes close by dropping TCP, without a Close frame.
pub fn is_close(error: &WsError) -> bool {
    use tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
    match error {
        WsError::ConnectionClosed
        | WsError::AlreadyClosed
        | WsError::Protocol(ResetWithoutClosingHandshake) => true,
        WsError::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// A Binary frame of up to 65,535 bytes by hand, masked (with zeros) if the client sends it.
pub fn raw_frame(payload: &[u8], masked: bool) -> Vec<u8> {
    let mask_bit = if masked { 0x80 } else { 0 };
    let mut frame = match payload.len() {
        short @ 0..=125 => vec![0x82, mask_bit | short as u8],
        _ => [&[0x82, mask_bit | 126], &(payload.len() as u16).to_be_bytes()[..]].concat(),
    };
    if masked {
        frame.extend([0; 4]);
    }
    frame.extend(payload);
    frame
}
