//! Texts of others where people read them.
//!
//! A text that a caller chose may hold characters that show nothing and change how
//! what stands around them is shown: one that reverses its direction makes an amount
//! read backwards, an escape sequence moves the cursor of a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns the text with control characters, line breaks and the like included, and
/// bidirectional control characters escaped: `\u{202e}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) {
            // Memory takes every text.
            let _ = write!(shown, "{}", letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Returns the text of a page escaped alike, but for what lays it out: its line breaks,
/// and the sequences that colour it (`ESC [ ... m`).
pub fn printable_page(page: &str) -> Cow<'_, str> {
    let is_layout = |letter: char| letter == '\n' || letter == '\u{1b}';
    if !page.chars().any(|c| is_hidden(c) && !is_layout(c)) && !page.contains('\u{1b}') {
        return Cow::Borrowed(page);
    }
    let mut shown = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(letter) = rest.chars().next() {
        let kept = match letter {
            '\n' => 1,
            '\u{1b}' => style(rest),
            _ if is_hidden(letter) => 0,
            _ => letter.len_utf8(),
        };
        let (head, tail) = rest.split_at(if kept == 0 { letter.len_utf8() } else { kept });
        if kept == 0 {
            shown.push_str(&printable(head));
        } else {
            shown.push_str(head);
        }
        rest = tail;
    }
    Cow::Owned(shown)
}

/// Returns the bytes of the colour sequence that a text begins with; 0 for none.
fn style(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let parameters = inside.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    match parameters.strip_prefix('m') {
        Some(after) => text.len().saturating_sub(after.len()),
        None => 0,
    }
}

/// Whether a character is one of control or has the Unicode property `Bidi_Control`, or
/// separates lines or paragraphs.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_escaped_and_the_rest_stays() {
        for (text, shown) in [
            ("O-1", "O-1"),
            (
                "caf\u{e9} \u{5d0}\u{5d1} \u{1f48d}",
                "caf\u{e9} \u{5d0}\u{5d1} \u{1f48d}",
            ),
            ("O-\u{202e}1", "O-\\u{202e}1"),
            (
                "\u{2066}a\u{2069}\u{200f}\u{61c}",
                "\\u{2066}a\\u{2069}\\u{200f}\\u{61c}",
            ),
            ("a\nb\u{1b}[2Jc", "a\\nb\\u{1b}[2Jc"),
            ("\u{2028}", "\\u{2028}"),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_page_keeps_its_lines_and_colours() {
        let page = "\u{1b}[1;31mDENIED\u{1b}[0m  order O-1\n  line\n";
        assert_eq!(printable_page(page), page);
        assert_eq!(printable_page("a\n"), "a\n");
        assert_eq!(
            printable_page("\u{1b}[1mO-\u{202e}1\u{1b}[m\n\u{1b}[2J\u{1b}]0;x\u{7}\r"),
            "\u{1b}[1mO-\\u{202e}1\u{1b}[m\n\\u{1b}[2J\\u{1b}]0;x\\u{7}\\r"
        );
        assert_eq!(printable_page("\u{1b}["), "\\u{1b}[");
    }
}
