//! Bodies that can be made again from a length and a seed.

use crate::args::Args;
use anyhow::{bail, Context, Result};

/// `random`: any byte. `ascii`: every byte under 128, so that it takes one octet in the array form too.
pub fn make(kind: &str, len: usize, seed: u64) -> Result<Vec<u8>> {
    let mask = match kind {
        "random" => 0xff,
        "ascii" => 0x7f,
        _ => bail!("no such kind of body: {kind} (random or ascii)"),
    };
    let mut state = seed;
    let mut body = Vec::with_capacity(len + 8);
    while body.len() < len {
        body.extend(split_mix(&mut state).to_le_bytes().map(|byte| byte & mask));
    }
    body.truncate(len);
    Ok(body)
}

pub fn from_args(args: &Args) -> Result<Vec<u8>> {
    if let Some(text) = args.get("body") {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(file) = args.get("body-file") {
        return std::fs::read(file).with_context(|| file.to_string());
    }
    let kind = args.get("body-kind").unwrap_or("random");
    make(kind, args.number("body-bytes", 0)?, args.number("body-seed", 1)?)
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e3779b97f4a7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
    z ^ (z >> 31)
}
