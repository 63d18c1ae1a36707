//! In what a listening node differs from one of today that serves every connection.

use crate::args::Args;
use crate::wire::KernelMessage;
use anyhow::{ensure, Result};

#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// A node from before April 2024: its decoder takes byte vectors as arrays only.
    pub no_bin: bool,
    /// The connection (from 1) that is dropped behind its first message, which gets no reply.
    pub drop_nth: Option<usize>,
}

impl Manner {
    pub fn from_args(args: &Args) -> Result<Manner> {
        let drop_nth = args.number("drop-nth", 0)?;
        Ok(Manner { no_bin: args.has("no-bin"), drop_nth: (drop_nth > 0).then_some(drop_nth) })
    }

    /// What such a node decodes.
    pub fn decode(&self, message: &KernelMessage) -> Result<()> {
        ensure!(!self.no_bin || !message.has_bin(), "message: bin, where only arrays are known");
        Ok(())
    }
}
