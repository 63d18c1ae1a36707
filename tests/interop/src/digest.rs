//! `nectar-peer digest`: the messages and replies in NDJSON, ours or nectar-net's, with digests for bodies.

use crate::report::sha256;
use anyhow::Result;
use data_encoding::BASE64;
use serde_json::Value;
use std::io::BufRead;

/// A line each: from, length, SHA-256, then of the blob: mime, length, SHA-256. What is not there is `-`.
pub fn run() -> Result<bool> {
    for line in std::io::stdin().lock().lines() {
        let object: Value = serde_json::from_str(&line?)?;
        if matches!(object["type"].as_str(), Some("message" | "reply")) {
            let (body, blob) = (part(&object, "body", "len", "sha256")?, blob(&object)?);
            let mime = object["mime"].as_str().unwrap_or("-");
            println!("{} {body} {mime} {blob}", object["from"].as_str().unwrap_or("-"));
        }
    }
    Ok(true)
}

fn blob(object: &Value) -> Result<String> {
    part(object, "blob", "blob_len", "blob_sha256")
}

fn part(object: &Value, name: &str, len: &str, sha: &str) -> Result<String> {
    let bytes = match (object[name].as_str(), object[format!("{name}_b64")].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(text)) => BASE64.decode(text.as_bytes())?,
        (None, None) => {
            return Ok(match (object[len].as_u64(), object[sha].as_str()) {
                (Some(len), Some(sha)) => format!("{len} {sha}"),
                _ => "- -".into(),
            })
        }
    };
    Ok(format!("{} {}", bytes.len(), sha256(&bytes)))
}
