//! Every limit on a policy file, with its reason.

/// Bytes of a policy file: more is no text that people keep.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Clauses of a policy.
pub const MAX_CLAUSES: usize = 1000;
/// Tests in one list of a guard.
pub const MAX_TESTS: usize = 32;
/// Lists of tests in one guard.
pub const MAX_TEST_LISTS: usize = 32;
/// Facts that a policy declares of one owner.
pub const MAX_DECLARED_FACTS: usize = 32;
/// Words of a declared fact.
pub const MAX_DECLARED_WORDS: usize = 200;
/// Characters of the name of a declared fact or event.
pub const MAX_NAME_CHARS: usize = 64;
/// Ends inside ends.
pub const MAX_END_DEPTH: usize = 8;
/// Bands of an amount: each excludes those before it.
pub const MAX_BANDS: usize = 16;
/// Amounts inside amounts.
pub const MAX_FORMULA_DEPTH: usize = 8;
/// Characters of a sentence, a source or a title.
pub const MAX_TEXT_CHARS: usize = 1000;
/// Days, business days, hours or months of a period.
pub const MAX_PERIOD: i64 = 20_000;
/// Business days of a period: they are counted one by one.
pub const MAX_BUSINESS_DAYS: i64 = 400;
