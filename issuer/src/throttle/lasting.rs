//! What of the counters survives a restart: each under the number of its book and its key.
//!
//! They are written together, by a task, and never before an attempt is answered. What a crash loses
//! is what was counted since the task last ran: [`crate::counting`] says how much that is.

use super::Key;
use crate::store::{CounterName, StoredCounter};

/// A kind of counters. The numbers are on disk: none is ever given to another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Book {
    /// What ends with the process.
    Unwritten = 0,
    /// Wrong passwords for one account from one source.
    LoginPairs = 1,
    /// Wrong passwords from one source.
    LoginSources = 2,
    /// Wrong passwords for one account from everywhere.
    LoginAccounts = 3,
    /// All wrong passwords.
    LoginsOverall = 4,
    /// Wrong credentials of one client from one address.
    ClientPairs = 5,
    /// Wrong credentials from one address.
    ClientSources = 6,
    /// All wrong credentials.
    ClientsOverall = 7,
    /// Wrong user codes of one account.
    UserCodeAccounts = 8,
    /// Wrong user codes from one address.
    UserCodeSources = 9,
    /// All wrong user codes.
    UserCodesOverall = 10,
    /// Registrations from one address, or with one initial access token.
    Registrants = 11,
    /// All registrations that nobody vouched for.
    RegistrationsOverall = 12,
}

const BOOKS: [Book; 12] = [
    Book::LoginPairs,
    Book::LoginSources,
    Book::LoginAccounts,
    Book::LoginsOverall,
    Book::ClientPairs,
    Book::ClientSources,
    Book::ClientsOverall,
    Book::UserCodeAccounts,
    Book::UserCodeSources,
    Book::UserCodesOverall,
    Book::Registrants,
    Book::RegistrationsOverall,
];

/// A counter as it is now; `None` for one that is no longer kept.
pub type Change = (CounterName, Option<StoredCounter>);

/// A counter that can be written down.
pub(super) trait Lasting: Copy {
    fn stored(self) -> StoredCounter;
    fn of(stored: &StoredCounter) -> Self;
}

pub(super) fn name(book: Book, key: &Key) -> CounterName {
    let mut name = [0; 17];
    if let Some((number, rest)) = name.split_first_mut() {
        *number = book as u8;
        rest.copy_from_slice(key);
    }
    name
}

/// The book and the key; `None` for a kind that a later version has.
pub(super) fn parts(name: &CounterName) -> Option<(Book, Key)> {
    let (number, key) = name.split_first()?;
    let book = BOOKS.into_iter().find(|book| *book as u8 == *number)?;
    Some((book, key.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_counter_it_is() {
        for book in BOOKS {
            assert_eq!(parts(&name(book, &[9; 16])), Some((book, [9; 16])));
        }
        assert_eq!(parts(&[0; 17]), None);
        assert_eq!(parts(&[99; 17]), None);
    }
}
