//! stdout: one JSON object a line, flushed.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Write;

pub fn line(object: Value) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{object}").and_then(|()| out.flush()).is_err() {
        std::process::exit(3);
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub fn ms(since: std::time::Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e3
}
