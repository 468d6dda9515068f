//! Every key is in docs/issuer.md.

use super::*;

const DOCS: &str = include_str!("../../../../docs/issuer.md");

/// The keys that a table may have, by what is said of one that it may not have.
fn keys(table: &str) -> Vec<String> {
    let text = format!("{table}\nno_such_key = 1\n");
    let error = parse_text(&text, &[]).unwrap_err().to_string();
    let (_, known) = error.split_once("expected").unwrap();
    let known = known.split('`').skip(1).step_by(2);
    known.map(str::to_owned).collect()
}

#[test]
fn every_key_is_documented_in_the_section_of_its_table() {
    let mut seen = 0;
    for table in keys("") {
        let names = [format!("[{table}]"), format!("[[{table}]]")];
        let section = names.iter().find_map(|name| {
            let (_, section) = DOCS.split_once(&format!("\n### `{name}`\n"))?;
            Some((name, section.split("\n##").next()?))
        });
        let Some((written, section)) = section else {
            assert!(DOCS.contains(&format!("\n`{table}` (required)")), "{table}");
            continue;
        };
        for key in keys(written) {
            assert!(section.contains(&format!("`{key}`")), "{table} {key}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}
