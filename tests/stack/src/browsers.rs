//! Where the browsers are, and what drives and examines them. `cargo xtask` finds or fetches them.

use std::path::{Path, PathBuf};

use crate::{MissingArtifact, demo_dir};

/// Two browsers, the programs that drive them (W3C WebDriver), and the script that looks for what
/// keeps people out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserPrograms {
    /// Chromium, or Chrome.
    pub chromium: PathBuf,
    /// ChromeDriver, of the browser's version.
    pub chromedriver: PathBuf,
    /// Firefox.
    pub firefox: PathBuf,
    /// geckodriver.
    pub geckodriver: PathBuf,
    /// `axe.min.js` of axe-core.
    pub axe: PathBuf,
}

impl BrowserPrograms {
    /// Reads what [`Self::record`] wrote.
    ///
    /// # Errors
    /// The first thing that is not there.
    pub fn locate() -> Result<Self, MissingArtifact> {
        let record = record_file();
        let text = std::fs::read_to_string(&record).map_err(|_| MissingArtifact {
            what: "the record of where the browsers are",
            path: record,
        })?;
        Self::read(&text)
    }

    fn read(record: &str) -> Result<Self, MissingArtifact> {
        let mut lines = record.lines();
        let mut next = |what| {
            let path = PathBuf::from(lines.next().unwrap_or_default());
            match path.is_file() {
                true => Ok(path),
                false => Err(MissingArtifact { what, path }),
            }
        };
        Ok(Self {
            chromium: next("Chromium")?,
            chromedriver: next("ChromeDriver")?,
            firefox: next("Firefox")?,
            geckodriver: next("geckodriver")?,
            axe: next("axe-core")?,
        })
    }

    /// Writes down where everything is, a path a line.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn record(&self) -> std::io::Result<()> {
        std::fs::create_dir_all(demo_dir())?;
        std::fs::write(record_file(), self.written())
    }

    fn written(&self) -> String {
        let Self {
            chromium,
            chromedriver,
            firefox,
            geckodriver,
            axe,
        } = self;
        let line = |path: &Path| format!("{}\n", path.display());
        [chromium, chromedriver, firefox, geckodriver, axe]
            .map(|path| line(path))
            .concat()
    }
}

fn record_file() -> PathBuf {
    demo_dir().join("browser-paths")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_down_is_read_and_what_is_gone_is_named() {
        let here = std::env::current_exe().unwrap();
        let programs = BrowserPrograms {
            chromium: here.clone(),
            chromedriver: here.clone(),
            firefox: here.clone(),
            geckodriver: here.clone(),
            axe: here,
        };
        let read = BrowserPrograms::read(&programs.written());
        assert_eq!(read.as_ref(), Ok(&programs));
        let gone = BrowserPrograms {
            geckodriver: "/nonexistent".into(),
            ..programs
        };
        let missing = BrowserPrograms::read(&gone.written()).unwrap_err();
        assert_eq!(missing.what, "geckodriver");
    }
}
