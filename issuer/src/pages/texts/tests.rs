//! What the compiler cannot see of the translations.

use super::*;

#[test]
fn every_language_has_its_own_texts() {
    let titles: std::collections::BTreeSet<_> = Language::ALL
        .into_iter()
        .map(|language| {
            let texts = texts(language);
            assert_eq!(texts.language, language);
            texts.login.sign_in
        })
        .collect();
    assert_eq!(titles.len(), Language::ALL.len());
}

#[test]
fn numbers_are_in_the_words_of_the_language_and_one_is_not_plural() {
    for language in Language::ALL {
        let account = &texts(language).account;
        for (one, many) in [
            (Ago::Minutes(1), Ago::Minutes(7)),
            (Ago::Hours(1), Ago::Hours(7)),
            (Ago::Days(1), Ago::Days(7)),
        ] {
            assert!(!(account.ago)(one).contains('1'), "{language:?} {one:?}");
            assert!((account.ago)(many).contains('7'), "{language:?} {many:?}");
        }
        for words in [texts(language).login.throttled, account.access_removed] {
            assert!(words(91).contains('2'), "{}", words(91));
            assert!(words(90).contains("90"), "{}", words(90));
            assert!(!words(0).contains('0'), "{}", words(0));
        }
    }
}
