//! No text of a policy makes the checker panic: random bytes, and a shipped policy
//! with bytes changed.

use proptest::prelude::*;
use redress::policy::check::check;
use redress::policy::source::Source;

use crate::properties::shipped_policy;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_policy_text_makes_the_checker_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = check(&Source { path: "acme-shop/always.toml".into(), text });
    }

    #[test]
    fn no_mutation_of_a_policy_makes_the_checker_panic(cut in 0_usize..30_000, length in 0_usize..200, with in ".{0,12}") {
        let mut source = shipped_policy();
        let mut from = cut.min(source.text.len());
        while !source.text.is_char_boundary(from) { from -= 1; }
        let mut to = (from + length).min(source.text.len());
        while !source.text.is_char_boundary(to) { to -= 1; }
        source.text.replace_range(from..to.max(from), &with);
        if let Err(found) = check(&source) {
            // Every mistake can be shown.
            for diagnostic in found {
                prop_assert!(!diagnostic.render(&source.text, false).is_empty());
            }
        }
    }
}
