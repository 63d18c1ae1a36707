use crate::args::Args;
use anyhow::{bail, Result};
pub fn list() -> Result<bool> { bail!("") }
pub async fn initiator(_args: &Args, _kind: &str) -> Result<bool> { bail!("") }
pub async fn responder(_args: &Args, _kind: &str) -> Result<bool> { bail!("") }
