//! The documented table has every event with its facts, and no other.

use super::AuditEvent;

const DOCS: &str = include_str!("../../../docs/observability.md");

#[test]
fn every_event_is_documented_and_no_other() {
    let (_, table) = DOCS.split_once("| event | facts | when |\n").unwrap();
    let (_, rows) = table.split_once('\n').unwrap();
    let rows = rows.lines().take_while(|line| line.starts_with("| `"));
    let names = rows.map(|row| row.split('`').nth(1).unwrap());
    assert_eq!(names.collect::<Vec<_>>(), AuditEvent::NAMES);
}
