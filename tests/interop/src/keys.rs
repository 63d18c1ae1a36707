//! Who we are: a name, and a seed file that holds the 64 hex digits of an Ed25519 seed.

use anyhow::{anyhow, Context, Result};
use ed25519_dalek::{Signer, SigningKey};

#[derive(Clone)]
pub struct Me {
    pub name: String,
    key: SigningKey,
}

impl Me {
    pub fn new(name: &str, seed: [u8; 32]) -> Me {
        Me { name: name.into(), key: SigningKey::from_bytes(&seed) }
    }

    pub fn load(name: &str, seed_file: &str) -> Result<Me> {
        let text = std::fs::read_to_string(seed_file).with_context(|| seed_file.to_string())?;
        let seed = hex::decode(text.trim())?.try_into().map_err(|_| anyhow!("{seed_file}: not 32 bytes"))?;
        Ok(Me::new(name, seed))
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.key.sign(bytes).to_bytes().to_vec()
    }

    pub fn public_hex(&self) -> String {
        hex::encode(self.key.verifying_key().to_bytes())
    }
}

/// Writes a new seed and returns the public key in hex.
pub fn generate(seed_file: &str) -> Result<String> {
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed).map_err(|e| anyhow!("randomness: {e}"))?;
    std::fs::write(seed_file, hex::encode(seed) + "\n").with_context(|| seed_file.to_string())?;
    Ok(Me::new("", seed).public_hex())
}
