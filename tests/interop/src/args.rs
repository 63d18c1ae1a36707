//! A command line: words, and `--option value` or `--flag`.

use anyhow::{anyhow, bail, Context, Result};
use std::collections::HashMap;
use std::str::FromStr;

const FLAGS: &[&str] = &["no-expects", "no-bin", "echo", "digest", "quiet", "indirect", "reject", "running"];
const OPTIONS: &[&str] = &[
    "name",
    "seed",
    "registry",
    "bind",
    "form",
    "count",
    "reply",
    "to",
    "body",
    "body-bytes",
    "body-seed",
    "body-kind",
    "body-file",
    "expects",
    "blob-bytes",
    "blob-file",
    "mime",
    "window",
    "want",
    "source-process",
    "claim",
    "bound",
    "wait",
    "seconds",
    "drop-nth",
    "forget-nth",
    "via",
    "late",
    "probe",
    "forget",
    "pair-late",
    "tell-late",
    "wrong-peer",
    "announce",
];

pub struct Args {
    pub words: Vec<String>,
    options: HashMap<String, String>,
}

impl Args {
    pub fn parse(line: impl Iterator<Item = String>) -> Result<Args> {
        let mut args = Args { words: Vec::new(), options: HashMap::new() };
        let mut line = line;
        while let Some(word) = line.next() {
            let Some(option) = word.strip_prefix("--") else {
                args.words.push(word);
                continue;
            };
            let value = if FLAGS.contains(&option) {
                String::new()
            } else if OPTIONS.contains(&option) {
                line.next().ok_or_else(|| anyhow!("--{option} needs a value"))?
            } else {
                bail!("no such option: --{option}");
            };
            args.options.insert(option.into(), value);
        }
        Ok(args)
    }

    pub fn has(&self, option: &str) -> bool {
        self.options.contains_key(option)
    }

    pub fn get(&self, option: &str) -> Option<&str> {
        self.options.get(option).map(String::as_str)
    }

    pub fn need(&self, option: &str) -> Result<&str> {
        self.get(option).ok_or_else(|| anyhow!("--{option} is needed"))
    }

    pub fn number<T: FromStr>(&self, option: &str, default: T) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        match self.get(option) {
            Some(text) => text.parse().with_context(|| format!("--{option} {text}")),
            None => Ok(default),
        }
    }
}
