//! Two of our own peers, talking over loopback.

use ed25519_dalek::SigningKey;
use nectar_peer::initiator::How;
use nectar_peer::keys::Me;
use nectar_peer::manner::{Calling, Manner, Routing};
use nectar_peer::registry::{Pki, Record, Registry};
use nectar_peer::responder::{self, Answer, Node};
use nectar_peer::router::Router;
use nectar_peer::send::{execute, Done, Job, Want, NET};
use nectar_peer::session::{frame, Receiver, Sender, MAX_MESSAGE};
use nectar_peer::wire::{
    Address, Bytes, Capability, Form, KernelMessage, LazyLoadBlob, Message, Request, Response,
};
use nectar_peer::{body, indirect, initiator};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::unbounded_channel;

const ECHO: &str = "echo:nectar-net:sys";
const ALICE: [u8; 32] = [1; 32];
const BOB: [u8; 32] = [2; 32];
const ROUTER: [u8; 32] = [9; 32];

fn record(name: &str, seed: [u8; 32], port: Option<u16>) -> Record {
    let key = SigningKey::from_bytes(&seed).verifying_key();
    Record { name: name.into(), key, address: port.map(|port| ("127.0.0.1".into(), port)), routers: vec![] }
}

async fn bob(form: Form, answer: Answer) -> Record {
    bob_with(form, answer, Manner::default()).await
}

/// A node that answers on a port of its own.
fn node(name: &str, seed: [u8; 32], registry: &Registry) -> Node {
    Node {
        me: Me::new(name, seed),
        pki: Pki::fixed(registry.clone()),
        form: Form::Bin,
        answer: Answer::Echo,
        manner: Manner::default(),
        calling: Calling { probe: Duration::from_secs(10), ..Calling::default() },
        router: None,
        quiet: true,
        newest: Mutex::default(),
    }
}

/// Starts bob.nec, who knows alice.nec, and returns his record.
async fn bob_with(form: Form, answer: Answer, manner: Manner) -> Record {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut registry = Registry::default();
    registry.add(record("alice.nec", ALICE, None));
    let node = Node { form, answer, manner, ..node("bob.nec", BOB, &registry) };
    let (seen, _) = unbounded_channel();
    tokio::spawn(responder::serve(listener, Arc::new(node), seen));
    record("bob.nec", BOB, Some(port))
}

/// alice.nec, bob.nec without an address, and their router, which is like this.
async fn routed(routing: Routing, calling: Calling) -> (Registry, Record) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut registry = Registry::default();
    registry.add(record("alice.nec", ALICE, None));
    registry.add(record("router.nec", ROUTER, Some(port)));
    let bob = Record { routers: vec!["router.nec".into()], ..record("bob.nec", BOB, None) };
    registry.add(bob.clone());
    let router = Node { router: Some(Router::new(routing)), ..node("router.nec", ROUTER, &registry) };
    let (seen, _) = unbounded_channel();
    tokio::spawn(responder::serve(listener, Arc::new(router), seen.clone()));
    let indirect = Arc::new(Node { calling, ..node("bob.nec", BOB, &registry) });
    tokio::spawn(async move { indirect::serve(indirect, seen).await.unwrap() });
    (registry, bob)
}

/// Reaches bob.nec, once he is registered.
async fn reach(registry: Registry, bob: &Record) -> Result<(Sender, Receiver), String> {
    let (me, pki) = (Me::new("alice.nec", ALICE), Pki::fixed(registry));
    let how = How { patience: Duration::from_secs(5), ..How::default() };
    let mut error = String::new();
    for _ in 0..50 {
        match initiator::reach(&me, &pki, bob, &how).await {
            Ok((sender, receiver, via)) => {
                assert_eq!(via.as_deref(), Some("router.nec"));
                return Ok((sender, receiver));
            }
            Err(why) => error = format!("{why:#}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(error)
}

#[tokio::test]
async fn a_message_through_a_router() {
    for running in [false, true] {
        let routing = Routing { running, ..Routing::default() };
        let calling = Calling { probe: Duration::from_secs(10), ..Calling::default() };
        let (registry, bob) = routed(routing, calling).await;
        let Ok((mut sender, mut receiver)) = reach(registry, &bob).await else { panic!("not reached") };
        let bytes = body::make("random", 1 << 20, 3).unwrap();
        sender.send(&request(ECHO, Bytes::new(bytes.clone(), Form::Bin), Some(5))).await.unwrap();
        let reply = receiver.receive(Duration::from_secs(5)).await.unwrap().unwrap().message;
        let Message::Response((response, _)) = reply.message else { panic!("no response") };
        assert!(response.body.data == bytes);
    }
}

#[tokio::test]
async fn a_node_that_rejects_is_not_reached() {
    let calling = Calling { reject: true, probe: Duration::from_secs(10), ..Calling::default() };
    let (registry, bob) = routed(Routing::default(), calling).await;
    assert!(reach(registry, &bob).await.is_err());
}

#[tokio::test]
async fn joined_to_another_than_was_asked_for() {
    let routing = Routing { wrong_peer: Some("bob.nec".into()), ..Routing::default() };
    let calling = Calling { probe: Duration::from_secs(10), ..Calling::default() };
    let (mut registry, _) = routed(routing, calling).await;
    let carol = Record { routers: vec!["router.nec".into()], ..record("carol.nec", [3; 32], None) };
    registry.add(carol.clone());
    // Whom we expect has another key than who is there.
    let expected = Record { name: "bob.nec".into(), ..carol };
    assert!(reach(registry, &expected).await.is_err_and(|why| why.contains("signature")));
}

fn request(process: &str, body: Bytes, expects: Option<u64>) -> KernelMessage {
    KernelMessage {
        id: 1,
        source: Address::new("alice.nec", "peer:nectar-net:sys"),
        target: Address::new("bob.nec", process),
        rsvp: None,
        message: Message::Request(Request {
            inherit: false,
            expects_response: expects,
            body,
            metadata: None,
            capabilities: Vec::new(),
        }),
        lazy_load_blob: None,
    }
}

async fn send(bob: &Record, template: KernelMessage, want: &[u8], count: usize, replies: bool) -> Done {
    let want = Want::Exactly(want.to_vec());
    let job = Job { template, count, window: 4, want, expects: 20, replies, quiet: true };
    let done = execute(&Me::new("alice.nec", ALICE), bob, &job).await.unwrap();
    assert_eq!(done.bad, 0);
    assert_eq!(done.received, if replies { count } else { 0 });
    done
}

#[tokio::test]
async fn bodies_of_every_size_in_both_forms() {
    for form in [Form::Array, Form::Bin] {
        let bob = bob(form, Answer::Echo).await;
        for len in [0, 1, 15, 16, 255, 256, 65_300, 65_519, 65_520, 65_535, 65_536, 131_038, 5 << 20] {
            let bytes = body::make("random", len, 7).unwrap();
            let message = request(ECHO, Bytes::new(bytes.clone(), form), Some(20));
            send(&bob, message, &bytes, 1, true).await;
        }
    }
}

#[tokio::test]
async fn hellos_get_ack_whether_or_not_they_ask() {
    let bob = bob(Form::Bin, Answer::Echo).await;
    for expects in [Some(20), None] {
        let message = request(NET, Bytes::array(b"hello".to_vec()), expects);
        send(&bob, message, b"ack", 100, true).await;
    }
}

#[tokio::test]
async fn requests_that_ask_for_nothing_get_nothing() {
    let bob = bob(Form::Bin, Answer::Echo).await;
    let mut message = request(ECHO, Bytes::array(b"quiet".to_vec()), None);
    let bytes = Bytes::new(body::make("random", 100_000, 3).unwrap(), Form::Bin);
    message.lazy_load_blob = Some(LazyLoadBlob { mime: Some("image/png".into()), bytes });
    send(&bob, message, b"", 3, false).await;
}

#[tokio::test]
async fn the_largest_message_and_one_byte_more() {
    let bob = bob(Form::Bin, Answer::Digest).await;
    let fixed =
        frame(&request(NET, Bytes::new(vec![0; 100_000], Form::Bin), Some(20))).unwrap().len() - 4 - 100_000;
    // `execute` draws the id, which here takes 8 octets more than in the template.
    let body = body::make("random", MAX_MESSAGE - fixed - 8, 9).unwrap();
    let done = send(&bob, request(NET, Bytes::new(body.clone(), Form::Bin), Some(20)), b"ack", 1, true).await;
    assert_eq!(done.serialised, MAX_MESSAGE);

    let (mut sender, mut receiver) = initiator::connect(&Me::new("alice.nec", ALICE), &bob).await.unwrap();
    let mut large = request(NET, Bytes::new([body, vec![0; 9]].concat(), Form::Bin), Some(20));
    large.id = 2;
    assert!(sender.send(&large).await.unwrap_err().to_string().contains("too large"));
    // A local refusal leaves the connection usable.
    sender.send(&request(NET, Bytes::array(b"hello".to_vec()), Some(20))).await.unwrap();
    let reply = receiver.receive(std::time::Duration::from_secs(5)).await.unwrap().unwrap();
    assert_eq!(reply.message.id, 1);
}

/// Asks once on a connection of its own; None when bob hangs up.
async fn ask(bob: &Record, message: &KernelMessage) -> Option<KernelMessage> {
    let (mut sender, mut receiver) = initiator::connect(&Me::new("alice.nec", ALICE), bob).await.unwrap();
    sender.send(message).await.unwrap();
    let from = std::time::Instant::now();
    let reply = receiver.receive(std::time::Duration::from_secs(5)).await.unwrap();
    assert!(from.elapsed().as_secs() < 4, "neither a reply nor the end");
    reply.map(|incoming| incoming.message)
}

#[tokio::test]
async fn a_node_that_knows_no_bin_hangs_up_on_it_and_only_on_it() {
    let bob = bob_with(Form::Array, Answer::Echo, Manner { no_bin: true, ..Manner::default() }).await;
    for form in [Form::Array, Form::Bin] {
        let bytes = || Bytes::new(b"some".to_vec(), form);
        let in_body = request(ECHO, bytes(), Some(20));
        let plain = request(ECHO, Bytes::array(b"body".to_vec()), Some(20));
        let mut in_blob = plain.clone();
        in_blob.lazy_load_blob = Some(LazyLoadBlob { mime: None, bytes: bytes() });
        let mut in_capability = plain.clone();
        let Message::Request(request) = &mut in_capability.message else { unreachable!() };
        let capability = Capability { issuer: plain.source.clone(), params: String::new() };
        request.capabilities.push((capability, bytes()));
        for message in [&in_body, &in_blob, &in_capability] {
            assert_eq!(ask(&bob, message).await.is_some(), form == Form::Array, "{message:?}");
        }
        let response =
            Response { inherit: false, body: Bytes::array(vec![]), metadata: None, capabilities: vec![] };
        let in_context = Message::Response((response, Some(bytes())));
        assert_eq!(KernelMessage { message: in_context, ..plain }.has_bin(), form == Form::Bin);
    }
}

#[tokio::test]
async fn one_connection_is_dropped_behind_its_request() {
    let bob = bob_with(Form::Bin, Answer::Echo, Manner { drop_nth: Some(2), ..Manner::default() }).await;
    let message = request(ECHO, Bytes::new(b"some".to_vec(), Form::Bin), Some(20));
    for answered in [true, false, true] {
        assert_eq!(ask(&bob, &message).await.is_some(), answered);
    }
}

#[tokio::test]
async fn a_stranger_and_an_impostor_are_refused() {
    let bob = bob(Form::Bin, Answer::Echo).await;
    for (name, seed) in [("carol.nec", [3; 32]), ("alice.nec", [3; 32])] {
        let me = Me::new(name, seed);
        let (_, mut receiver) = initiator::connect(&me, &bob).await.unwrap();
        let closed = receiver.receive(std::time::Duration::from_secs(5)).await;
        assert!(!matches!(closed, Ok(Some(_))), "{name} got a message");
    }
    let false_bob = Record { key: record("", [4; 32], None).key, ..bob };
    assert!(initiator::connect(&Me::new("alice.nec", ALICE), &false_bob).await.is_err());
}
