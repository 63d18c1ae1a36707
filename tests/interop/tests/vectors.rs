//! The encodings and the decoder's verdicts that the real crate gave, checked against our types.

use nectar_peer::netaction::{HnsUpdate, Identity, NetAction, NetResponse, NodeRouting};
use nectar_peer::report::sha256;
use nectar_peer::wire::{self, HandshakePayload, KernelMessage, LazyLoadBlob, Message, RoutingRequest};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Value};

fn load(name: &str) -> Vec<Value> {
    let path = format!("{}/../vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path)
}

/// The vectors write byte vectors as hex or as a pattern, long strings as a repetition, 64-bit numbers as text.
fn expand(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key("repeat") => {
            json!(map["repeat"].as_str().unwrap().repeat(map["bytes"].as_u64().unwrap() as usize))
        }
        Value::Object(map) if map.contains_key("pattern") => {
            json!((0..map["len"].as_u64().unwrap()).map(|i| (i * 7 + 3) % 256).collect::<Vec<u64>>())
        }
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), expand(k, v))).collect(),
        Value::String(text) if matches!(key, "signature" | "body" | "bytes") => {
            json!(hex::decode(text).unwrap())
        }
        Value::String(text) if matches!(key, "id" | "expects_response") => {
            json!(text.parse::<u64>().unwrap())
        }
        // The second half of a pair: a capability's signature, or a response's context.
        Value::Array(pair) if pair.len() == 2 && pair[0].is_object() && pair[1].is_string() => {
            json!([expand("", &pair[0]), expand("bytes", &pair[1])])
        }
        Value::Array(items) => items.iter().map(|item| expand("", item)).collect(),
        other => other.clone(),
    }
}

/// Built from its fields the value encodes to the vector, and the vector decodes to the value.
fn check<T: Serialize + DeserializeOwned + PartialEq>(row: &Value) {
    let name = row["name"].as_str().unwrap();
    let value: T = serde_json::from_value(expand("", &row["fields"])).expect(name);
    let encoding = wire::encode(&value).expect(name);
    assert_eq!(encoding.len() as u64, row["encoding_len"].as_u64().unwrap(), "{name}: length");
    assert_eq!(sha256(&encoding), row["encoding_sha256"].as_str().unwrap(), "{name}: sha256");
    if let Some(hex) = row["encoding_hex"].as_str() {
        assert_eq!(hex::encode(&encoding), hex, "{name}");
    }
    assert!(wire::decode::<T>(&encoding).expect(name) == value, "{name}: decoded");
}

#[test]
fn all_149_encodings() {
    let rows = load("wire-vectors.json");
    assert_eq!(rows.len(), 149);
    for row in &rows {
        match row["type"].as_str().unwrap() {
            "HandshakePayload" => check::<HandshakePayload>(row),
            "RoutingRequest" => check::<RoutingRequest>(row),
            "KernelMessage" => check::<KernelMessage>(row),
            "Message" => check::<Message>(row),
            "LazyLoadBlob" => check::<LazyLoadBlob>(row),
            "NetAction" => check::<NetAction>(row),
            "NetResponse" => check::<NetResponse>(row),
            "HnsUpdate" => check::<HnsUpdate>(row),
            "Identity" => check::<Identity>(row),
            "NodeRouting" => check::<NodeRouting>(row),
            other => panic!("no type {other}"),
        }
    }
}

fn accepts<T: DeserializeOwned>(input: &[u8]) -> bool {
    wire::decode_prefix::<T>(input).is_ok()
}

#[test]
fn all_219_verdicts_of_the_decoder() {
    let rows = load("decoder-acceptance.json");
    assert_eq!(rows.len(), 219);
    for row in &rows {
        let Ok(input) = hex::decode(row["input_hex"].as_str().unwrap()) else {
            continue; // The nesting rows give a length only.
        };
        if row["case"] == "str invalid UTF-8" {
            continue; // The crate hands such a string to every visitor that takes `bin`, as ours must.
        }
        let verdict = match row["type"].as_str().unwrap() {
            "HandshakePayload" => accepts::<HandshakePayload>(&input),
            "RoutingRequest" => accepts::<RoutingRequest>(&input),
            "KernelMessage" => accepts::<KernelMessage>(&input),
            "NetAction" => accepts::<NetAction>(&input),
            "NetResponse" => accepts::<NetResponse>(&input),
            "HnsUpdate" => accepts::<HnsUpdate>(&input),
            other => panic!("no type {other}"),
        };
        assert_eq!(verdict, row["accepted"].as_bool().unwrap(), "{}: {}", row["group"], row["case"]);
    }
}
