//! Merges one TOML configuration into another.

use toml::{Table, Value};

/// Tables merge, arrays of tables append, and everything else of `addition` replaces.
pub(crate) fn merge(base: &mut Table, addition: Table) {
    for (key, added) in addition {
        match (base.get_mut(&key), added) {
            (Some(Value::Table(present)), Value::Table(added)) => merge(present, added),
            (Some(Value::Array(present)), Value::Array(added)) if of_tables(present, &added) => {
                present.extend(added);
            }
            (_, added) => {
                base.insert(key, added);
            }
        }
    }
}

fn of_tables(present: &[Value], added: &[Value]) -> bool {
    present.iter().chain(added).all(Value::is_table) && !(present.is_empty() && added.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, addition: &str) -> Table {
        let mut base: Table = toml::from_str(base).unwrap();
        merge(&mut base, toml::from_str(addition).unwrap());
        base
    }

    #[test]
    fn tables_merge_and_arrays_of_tables_append() {
        let both = merged(
            "name = 1\n[t]\na = 1\nb = 1\n[[client]]\nid = 1\n",
            "name = 2\n[t]\nb = 2\nc = 2\n[[client]]\nid = 2\n",
        );
        let expected =
            "name = 2\n[t]\na = 1\nb = 2\nc = 2\n[[client]]\nid = 1\n[[client]]\nid = 2\n";
        assert_eq!(both, toml::from_str(expected).unwrap());
    }

    #[test]
    fn plain_arrays_are_replaced() {
        let both = merged("scopes = [\"a\", \"b\"]", "scopes = [\"c\"]");
        assert_eq!(both, toml::from_str("scopes = [\"c\"]").unwrap());
    }
}
