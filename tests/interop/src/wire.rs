//! What goes over the wire: the MessagePack types, and their encoding as `rmp_serde::to_vec` writes it.

use anyhow::{bail, Context, Result};
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// How a byte vector is written: the canonical array of ints, or MessagePack `bin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Array,
    Bin,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::Array => "array",
            Form::Bin => "bin",
        }
    }

    pub fn parse(text: &str) -> Result<Form> {
        match text {
            "array" => Ok(Form::Array),
            "bin" => Ok(Form::Bin),
            _ => bail!("no such form: {text} (array or bin)"),
        }
    }
}

/// A byte vector that decodes from both forms, remembers which one it saw, and encodes in its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes {
    pub data: Vec<u8>,
    pub form: Form,
}

impl Bytes {
    pub fn new(data: Vec<u8>, form: Form) -> Bytes {
        Bytes { data, form }
    }

    pub fn array(data: Vec<u8>) -> Bytes {
        Bytes::new(data, Form::Array)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            Form::Array => serializer.collect_seq(&self.data),
            Form::Bin => serializer.serialize_bytes(&self.data),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        deserializer.deserialize_any(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of bytes, or bin")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bytes, A::Error> {
        // The declared length is only a hint: a peer may claim 2^32 elements.
        let mut data = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1 << 16));
        while let Some(byte) = seq.next_element::<u8>()? {
            data.push(byte);
        }
        Ok(Bytes::array(data))
    }

    fn visit_bytes<E>(self, data: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes::new(data.to_vec(), Form::Bin))
    }

    fn visit_byte_buf<E>(self, data: Vec<u8>) -> Result<Bytes, E> {
        Ok(Bytes::new(data, Form::Bin))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandshakePayload {
    pub protocol_version: u8,
    pub name: String,
    pub signature: Bytes,
    pub proxy_request: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingRequest {
    pub protocol_version: u8,
    pub source: String,
    pub signature: Bytes,
    pub target: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelMessage {
    pub id: u64,
    pub source: Address,
    pub target: Address,
    pub rsvp: Option<Address>,
    pub message: Message,
    pub lazy_load_blob: Option<LazyLoadBlob>,
}

impl KernelMessage {
    /// Is any of its byte vectors a `bin`?
    pub fn has_bin(&self) -> bool {
        let (body, capabilities, context) = match &self.message {
            Message::Request(request) => (&request.body, &request.capabilities, None),
            Message::Response((response, context)) => {
                (&response.body, &response.capabilities, context.as_ref())
            }
        };
        let signatures = capabilities.iter().map(|(_, signature)| signature);
        let blob = self.lazy_load_blob.as_ref().map(|blob| &blob.bytes);
        signatures.chain([body]).chain(context).chain(blob).any(|bytes| bytes.form == Form::Bin)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    Request(Request),
    Response((Response, Option<Bytes>)),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub inherit: bool,
    pub expects_response: Option<u64>,
    pub body: Bytes,
    pub metadata: Option<String>,
    pub capabilities: Vec<(Capability, Bytes)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    pub inherit: bool,
    pub body: Bytes,
    pub metadata: Option<String>,
    pub capabilities: Vec<(Capability, Bytes)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capability {
    pub issuer: Address,
    pub params: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LazyLoadBlob {
    pub mime: Option<String>,
    pub bytes: Bytes,
}

/// `node@process:package:publisher`, one string on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    pub node: String,
    pub process: String,
}

impl Address {
    pub fn new(node: &str, process: &str) -> Address {
        Address { node: node.into(), process: process.into() }
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Address, String> {
        let (node, process) = text.split_once('@').ok_or("address without a node")?;
        if node.is_empty() || process.contains('@') {
            return Err("address without exactly one node".into());
        }
        let parts: Vec<&str> = process.split(':').collect();
        if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
            return Err("address whose process has not three parts".into());
        }
        Ok(Address::new(node, process))
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        format!("{}@{}", address.node, address.process)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}@{}", self.node, self.process)
    }
}

pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    rmp_serde::to_vec(value).context("encoding")
}

/// Decodes one value and returns it with the number of bytes it took.
pub fn decode_prefix<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize)> {
    let mut decoder = rmp_serde::Deserializer::new(std::io::Cursor::new(bytes));
    let value = T::deserialize(&mut decoder)?;
    Ok((value, decoder.position() as usize))
}

/// Decodes one value that must fill all the bytes.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let (value, used) = decode_prefix(bytes)?;
    if used != bytes.len() {
        bail!("{} trailing bytes", bytes.len() - used);
    }
    Ok(value)
}
