//! Every limit on what is accepted, with its reason.

/// Characters of an id that a caller chooses.
pub const MAX_ID_CHARS: usize = 128;
/// Characters of a word, such as a category or a tag.
pub const MAX_WORD_CHARS: usize = 128;
/// Lines of an order, and of a request.
pub const MAX_LINES: usize = 200;
/// Parcels of an order.
pub const MAX_SHIPMENTS: usize = 200;
/// Entries of one parcel.
pub const MAX_SHIPMENT_ITEMS: usize = 200;
/// Options of an order.
pub const MAX_OPTIONS: usize = 50;
/// Payments of an order.
pub const MAX_PAYMENTS: usize = 20;
/// Adjustments of an order.
pub const MAX_ADJUSTMENTS: usize = 20;
/// Entries of open requests of an order.
pub const MAX_OPEN_REQUESTS: usize = 200;
/// Greatest number that a declared fact can have where its policy does not limit it.
pub const MAX_NUMBER: i64 = 2_147_483_647;
/// Coded amounts of an earlier remedy.
pub const MAX_TAKEN_AMOUNTS: usize = 50;
/// Earlier remedies of an order.
pub const MAX_EARLIER_REMEDIES: usize = 200;
/// Declared facts and events of one owner.
pub const MAX_FACTS: usize = 100;
/// Tags of an order or a line, or contents of a line.
pub const MAX_WORDS: usize = 50;
/// Statuses, or actions, by which a list of options is filtered.
pub const MAX_CHOICES: usize = 20;
/// Unit groups of one line of a request.
pub const MAX_GROUPS: usize = 50;
/// Parcels in which the goods of a request come back.
pub const MAX_RETURN_PARCELS: usize = 50;
/// Unit groups of a whole request: each is a row, and rows are what a decision costs.
pub const MAX_ROWS: usize = 1000;
/// Units of one line.
pub const MAX_QUANTITY: i32 = 10_000;
/// The largest amount, in major units: with four minor digits, products of two
/// amounts stay inside 128 bits.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;
/// The first year of an instant or a day that a caller states. A clock that was never
/// set lies before it.
pub const FIRST_YEAR: i32 = 1900;
/// The last year of an instant or a day that a caller states: what is counted from it,
/// forwards or back, stays in the years 0001 to 9999 that a reply can tell.
pub const LAST_YEAR: i32 = 2999;
/// Violations of one request that are reported: a few bytes can be wrong in more
/// ways than a reply should hold.
pub const MAX_VIOLATIONS: usize = 200;
/// Bytes of what holds for all lines, parcels or units: it is said of each of them.
pub const MAX_SHARED_BYTES: usize = 8192;
/// Facts of a request that nobody can tell.
pub const MAX_UNAVAILABLE: usize = 1000;
/// Characters of a field path.
pub const MAX_PATH_CHARS: usize = 256;
/// Languages of a request.
pub const MAX_LANGUAGES: usize = 10;
/// Items of a batch.
pub const MAX_BATCH_ITEMS: usize = 200;
/// Steps that a request may take, or an item of a batch: what is unknown is looked at in
/// all its values that matter, and a step takes a microsecond or two. One row of which
/// nothing is known takes at most two thousand, the alternatives to it as many again.
pub const MAX_STEPS: usize = 1_000_000;
/// Unknown events of one row that are looked at together; a row that turns on more takes
/// more steps than there are.
pub const MAX_UNKNOWN_EVENTS: usize = 60;
