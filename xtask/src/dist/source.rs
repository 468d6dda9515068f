//! Which sources a release is made of.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// The commit, and the time that stands in everything that is made of it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The commit's id, and `, changed` where tracked files are not those of the commit. Others are not of the
    /// release: neither what an earlier one left, such as `dist/`, nor notes of whoever builds it.
    pub(super) commit: String,
    /// Seconds since the Unix epoch: `SOURCE_DATE_EPOCH`, or when the commit was made.
    pub(super) epoch: u64,
}

impl Source {
    pub(super) fn of(repository: &Path) -> Outcome<Self> {
        let git = |arguments: &[&str]| {
            let at = repository.to_string_lossy();
            ask("git", &[&["-C", &at], arguments].concat())
        };
        let given = std::env::var_os("SOURCE_DATE_EPOCH");
        let given = given.map(|epoch| epoch.to_string_lossy().into_owned());
        let epoch = given.or_else(|| git(&["log", "-1", "--format=%ct"]));
        let epoch = epoch.as_deref().map(str::trim).map(str::parse);
        let Some(Ok(epoch)) = epoch else {
            return Err(Failure::new(
                "the time of the release is unknown: build it in a git repository, or set \
                 SOURCE_DATE_EPOCH to seconds since 1970",
            ));
        };
        let commit = git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "no commit".to_owned());
        let status = git(&["status", "--porcelain", "--untracked-files=no"]);
        let changed = status.is_none_or(|list| !list.trim().is_empty());
        let note = if changed { ", changed" } else { "" };
        Ok(Self {
            commit: format!("{}{note}", commit.trim()),
            epoch,
        })
    }

    /// The tracked files below `directory`, by their paths in `repository`, in order.
    pub(super) fn files(repository: &Path, directory: &str) -> Outcome<Vec<String>> {
        let at = repository.to_string_lossy();
        let listed = ask("git", &["-C", &at, "ls-files", "-z", "--", directory]);
        let files = listed.unwrap_or_default();
        let files: Vec<String> = files.split_terminator('\0').map(str::to_owned).collect();
        if files.is_empty() {
            return Err(Failure::new(format!(
                "git lists no files below {directory}: build a release in a git repository, since what \
                 git does not track is not packed"
            )));
        }
        Ok(files)
    }

    /// The time as RFC 3339 writes it.
    pub(super) fn timestamp(&self) -> String {
        let (days, seconds) = (self.epoch / 86_400, self.epoch % 86_400);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The date that is `days` after 1970-01-01. Years begin in March here, so that the leap day is their
/// last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;

    use dockgate_stack::target_dir;

    use super::*;

    /// A git repository with one commit, of `docs/page.md`; removed at the end.
    struct Repository(PathBuf);

    impl Repository {
        fn new(name: &str) -> Self {
            let name = format!("dockgate/tests/source-{name}-{}", std::process::id());
            let repository = Self(target_dir().join(name));
            fs::create_dir_all(repository.0.join("docs")).unwrap();
            repository.write("docs/page.md", "tracked");
            repository.git(&["init", "--quiet"]);
            repository.git(&["add", "docs/page.md"]);
            let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let unsigned = ["-c", "commit.gpgsign=false"];
            let commit = ["commit", "--quiet", "--no-verify", "--message=one"];
            repository.git(&[&who[..], &unsigned, &commit].concat());
            repository
        }

        fn write(&self, path: &str, text: &str) {
            fs::write(self.0.join(path), text).unwrap();
        }

        #[track_caller]
        fn git(&self, arguments: &[&str]) {
            let mut git = Command::new("git");
            git.arg("-C").arg(&self.0).args(arguments);
            assert!(git.status().unwrap().success(), "git {arguments:?}");
        }

        fn commit(&self) -> String {
            Source::of(&self.0).unwrap().commit
        }
    }

    impl Drop for Repository {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_git_does_not_track_is_no_change_and_is_not_packed() {
        let repository = Repository::new("untracked");
        let commit = repository.commit();
        assert_eq!(commit.len(), 40, "{commit}");
        // What a release leaves in the repository, and what somebody forgot there.
        repository.write("SHA256SUMS", "sums");
        repository.write("docs/secret.key", "a secret");
        assert_eq!(repository.commit(), commit);
        let files = Source::files(&repository.0, "docs").unwrap();
        assert_eq!(files, ["docs/page.md"]);

        repository.write("docs/page.md", "changed");
        assert_eq!(repository.commit(), format!("{commit}, changed"));
    }

    #[test]
    fn a_directory_of_which_git_has_nothing_is_a_failure() {
        let repository = Repository::new("nothing");
        assert!(Source::files(&repository.0, "envoy").is_err());
    }

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for (epoch, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_795_541_013, "2026-11-24T17:23:33Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            let commit = String::new();
            assert_eq!(Source { commit, epoch }.timestamp(), expected);
        }
    }
}
