//! What a process has used, as Linux tells it in `/proc`.

use crate::failure::{Failure, Outcome};

/// CPU time of a process, all its threads together, in seconds.
pub(super) fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let statistics = read(pid, "stat")?;
    let ticks = ticks(&statistics).ok_or_else(|| unreadable(pid, "stat"))?;
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(ticks as f64 / per_second as f64)
}

/// CPU time that everything on the machine has used, and what a hypervisor took from it, in
/// seconds.
pub(super) fn machine_cpu_seconds() -> Outcome<f64> {
    let statistics = std::fs::read_to_string("/proc/stat")?;
    let ticks = busy_ticks(&statistics).ok_or_else(|| Failure::new("/proc/stat cannot be read"))?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Memory of a process that is in RAM, in MiB.
pub(super) fn resident_mib(pid: u32) -> Outcome<f64> {
    let status = read(pid, "status")?;
    let kib = kib(&status, "VmRSS:").ok_or_else(|| unreadable(pid, "status"))?;
    Ok(kib as f64 / 1024.0)
}

fn read(pid: u32, file: &str) -> Outcome<String> {
    std::fs::read_to_string(format!("/proc/{pid}/{file}")).map_err(|_| unreadable(pid, file))
}

fn unreadable(pid: u32, file: &str) -> Failure {
    Failure::new(format!("/proc/{pid}/{file} cannot be read: has it ended?"))
}

/// `utime` and `stime`, which are the 14th and 15th fields (proc_pid_stat(5)). The second is the
/// program's name in brackets and may hold spaces and brackets.
fn ticks(statistics: &str) -> Option<u64> {
    let (_, after_name) = statistics.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// `user nice system idle iowait irq softirq steal` (proc_stat(5)), without the fourth and fifth.
fn busy_ticks(statistics: &str) -> Option<u64> {
    let line = statistics.lines().next()?.strip_prefix("cpu ")?;
    let fields = line.split_whitespace().take(8).enumerate();
    let busy = fields.filter(|(index, _)| !(3..=4).contains(index));
    busy.map(|(_, ticks)| ticks.parse::<u64>().ok()).sum()
}

fn kib(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added_whatever_the_name() {
        let statistics = "42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 0 0 7 5 0 0 20 0 1 0 100";
        assert_eq!(ticks(statistics), Some(12));
        assert_eq!(ticks("42 (short) S 1"), None);
    }

    #[test]
    fn idle_and_waiting_are_not_busy() {
        let statistics = "cpu  1 2 4 1000 1000 8 16 32 64 128\ncpu0 1 2 4\n";
        assert_eq!(busy_ticks(statistics), Some(63));
        assert_eq!(busy_ticks("intr 1"), None);
    }

    #[test]
    fn memory_is_found_by_its_name() {
        let status = "Name:\tx\nVmHWM:\t  9000 kB\nVmRSS:\t  8192 kB\n";
        assert_eq!(kib(status, "VmRSS:"), Some(8192));
        assert_eq!(kib(status, "VmSwap:"), None);
    }
}
