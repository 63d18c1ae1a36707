//! In what a node differs from one of today that serves every connection.

use crate::args::Args;
use crate::wire::KernelMessage;
use anyhow::{ensure, Result};
use std::time::Duration;

#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// A node from before April 2024: its decoder takes byte vectors as arrays only.
    pub no_bin: bool,
    /// The connection (from 1) that is dropped behind its first message, which gets no reply.
    pub drop_nth: Option<usize>,
    /// The connection (from 1) that is forgotten behind its first message: read on, and not answered.
    pub forget_nth: Option<usize>,
    /// As running nodes are: the newest inbound connection ends the older at once, TCP is dropped without a
    /// Close, and TCP_NODELAY never set.
    pub running: bool,
}

impl Manner {
    pub fn from_args(args: &Args) -> Result<Manner> {
        let nth = |option| Ok::<_, anyhow::Error>(Some(args.number(option, 0)?).filter(|n| *n > 0));
        Ok(Manner {
            no_bin: args.has("no-bin"),
            drop_nth: nth("drop-nth")?,
            forget_nth: nth("forget-nth")?,
            running: args.has("running"),
        })
    }

    /// What such a node decodes.
    pub fn decode(&self, message: &KernelMessage) -> Result<()> {
        ensure!(!self.no_bin || !message.has_bin(), "message: bin, where only arrays are known");
        Ok(())
    }
}

/// In what a router differs from one that does its work.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    /// As running nodes are: a request with no partner does not expire; a passthrough ends without a Close.
    pub running: bool,
    /// The first registration is forgotten after this, and its connection read on and not answered.
    pub forget: Option<Duration>,
    /// Who is joined, is so only after this.
    pub pair_late: Duration,
    /// Of each pair, the first target is told to call only after this: if it asks meanwhile, the two are joined.
    pub tell_late: Duration,
    /// This node is told to call in place of the target, and joined.
    pub wrong_peer: Option<String>,
    /// The target is told that this node asks, whoever does.
    pub announce: Option<String>,
}

impl Routing {
    pub fn from_args(args: &Args) -> Result<Routing> {
        let forget: u64 = args.number("forget", 0)?;
        Ok(Routing {
            running: args.has("running"),
            forget: (forget > 0).then(|| Duration::from_millis(forget)),
            pair_late: Duration::from_millis(args.number("pair-late", 0)?),
            tell_late: Duration::from_millis(args.number("tell-late", 0)?),
            wrong_peer: args.get("wrong-peer").map(String::from),
            announce: args.get("announce").map(String::from),
        })
    }
}

/// In what an indirect node differs from one that answers a ConnectionRequest at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calling {
    /// It says that it will not.
    pub reject: bool,
    /// It calls only after this.
    pub late: Duration,
    /// How often each router is asked whether it still knows us.
    pub probe: Duration,
}

impl Calling {
    pub fn from_args(args: &Args) -> Result<Calling> {
        Ok(Calling {
            reject: args.has("reject"),
            late: Duration::from_millis(args.number("late", 0)?),
            probe: Duration::from_millis(args.number("probe", 10_000)?),
        })
    }
}
