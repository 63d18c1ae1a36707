//! nectar-peer: an independent peer, to test against. README.md has its interface.

use anyhow::{bail, Result};
use nectar_peer::args::Args;
use nectar_peer::{bench, body, digest, keys, misbehave, quirk, report, responder, send};
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            report::line(json!({"type": "error", "reason": format!("{error:#}")}));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool> {
    let args = Args::parse(std::env::args().skip(1))?;
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    match words[..] {
        ["keygen", file] => {
            println!("{}", keys::generate(file)?);
            Ok(true)
        }
        ["body"] => {
            std::io::stdout().write_all(&body::from_args(&args)?)?;
            Ok(true)
        }
        ["digest"] => digest::run(),
        ["listen"] => responder::run(&args).await,
        ["router"] => responder::run_router(&args).await,
        ["send"] => send::run(&args).await,
        ["kinds"] => misbehave::list(),
        ["misbehave", "asker", kind] => misbehave::asker(&args, kind).await,
        ["misbehave", "initiator", kind] => misbehave::initiator(&args, kind).await,
        ["misbehave", "responder", kind] => misbehave::responder(&args, kind).await,
        ["quirks"] => quirk::list(),
        ["quirk", "initiator", kind] => quirk::initiator(&args, kind).await,
        ["quirk", "responder", kind] => quirk::responder(&args, kind).await,
        ["bench", "send"] => bench::send(&args).await,
        ["bench", "listen"] => bench::listen(&args).await,
        ["bench", "handshakes"] => bench::handshakes(&args).await,
        _ => bail!("keygen FILE | body | digest | listen | router | send | kinds | misbehave ROLE KIND | quirks | quirk ROLE KIND | bench send|listen|handshakes"),
    }
}
