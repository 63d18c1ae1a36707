//! The PKI as a JSON file in the founding document's form: an array of records, a map of them, or one record.

use anyhow::{anyhow, bail, Context, Result};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug)]
pub struct Record {
    pub name: String,
    pub key: VerifyingKey,
    /// Host and port, when the node is direct.
    pub address: Option<(String, u16)>,
    /// By which it is reached, when it is not.
    pub routers: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    name: Option<String>,
    username: Option<String>,
    networking_key: String,
    #[serde(default)]
    ws_routing: Option<(String, u16)>,
    #[serde(default)]
    allowed_routers: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Registry {
    records: HashMap<String, Record>,
}

impl Registry {
    pub fn load(path: &str) -> Result<Registry> {
        let text = std::fs::read_to_string(path).with_context(|| path.to_string())?;
        Registry::parse(&text).with_context(|| path.to_string())
    }

    pub fn parse(text: &str) -> Result<Registry> {
        let rows: Vec<(Option<String>, Value)> = match serde_json::from_str(text)? {
            Value::Array(rows) => rows.into_iter().map(|row| (None, row)).collect(),
            Value::Object(one) if one.contains_key("networking_key") => vec![(None, Value::Object(one))],
            Value::Object(map) => map.into_iter().map(|(name, row)| (Some(name), row)).collect(),
            _ => bail!("neither an array nor a map of records"),
        };
        let mut registry = Registry::default();
        for (name, row) in rows {
            registry.add(record(name, row)?);
        }
        Ok(registry)
    }

    pub fn add(&mut self, record: Record) {
        self.records.insert(record.name.clone(), record);
    }

    pub fn find(&self, name: &str) -> Result<&Record> {
        self.records.get(name).ok_or_else(|| anyhow!("no record of {name}"))
    }
}

/// The same for a program that runs on: a file that has changed is read again.
pub struct Pki {
    path: String,
    known: Mutex<(Stamp, Arc<Registry>)>,
}

/// What tells a file from the one that took its place: inode, length, time of its last change.
type Stamp = (u64, u64, i64, i64);

impl Pki {
    pub fn open(path: &str) -> Result<Pki> {
        let known = Mutex::new((stamp(path)?, Arc::new(Registry::load(path)?)));
        Ok(Pki { path: path.into(), known })
    }

    /// One that has no file.
    pub fn fixed(registry: Registry) -> Pki {
        Pki { path: String::new(), known: Mutex::new(((0, 0, 0, 0), Arc::new(registry))) }
    }

    pub fn find(&self, name: &str) -> Result<Record> {
        self.now()?.find(name).cloned()
    }

    fn now(&self) -> Result<Arc<Registry>> {
        let mut known = self.known.lock().unwrap();
        if !self.path.is_empty() {
            let stamp = stamp(&self.path)?;
            if stamp != known.0 {
                *known = (stamp, Arc::new(Registry::load(&self.path)?));
            }
        }
        Ok(known.1.clone())
    }
}

fn stamp(path: &str) -> Result<Stamp> {
    let file = std::fs::metadata(path).with_context(|| path.to_string())?;
    Ok((file.ino(), file.len(), file.mtime(), file.mtime_nsec()))
}

fn record(key_in_map: Option<String>, row: Value) -> Result<Record> {
    let row: Row = serde_json::from_value(row)?;
    let name = key_in_map.or(row.name).or(row.username).context("a record without a name")?;
    let hex = row.networking_key.trim_start_matches("0x");
    let bytes: [u8; 32] =
        hex::decode(hex)?.try_into().map_err(|_| anyhow!("{name}: networking_key is not 32 bytes"))?;
    let key = VerifyingKey::from_bytes(&bytes).with_context(|| format!("{name}: networking_key"))?;
    let address = row.ws_routing.filter(|(host, port)| !host.is_empty() && *port != 0);
    Ok(Record { name, key, address, routers: row.allowed_routers })
}
