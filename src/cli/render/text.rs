//! Pieces of text: styles, indented lines, tables and words of the contract.

use anstyle::{AnsiColor, Style};
use redress_client::pb;

/// Marks headings.
pub const BOLD: Style = Style::new().bold();
/// Marks what only some readers need.
pub const FAINT: Style = Style::new().dimmed();

const INDENT: usize = 2;

/// Returns the style that an outcome is shown in.
pub fn outcome_style(outcome: pb::Outcome) -> Style {
    let colour = match outcome {
        pb::Outcome::Approved => AnsiColor::Green,
        pb::Outcome::Denied => AnsiColor::Red,
        pb::Outcome::NeedsReview | pb::Outcome::NeedsInformation => AnsiColor::Yellow,
        pb::Outcome::Mixed | pb::Outcome::Unspecified => AnsiColor::Cyan,
    };
    colour.on_default().bold()
}

/// Turns the name of an enum value into words: `OUTCOME_NEEDS_REVIEW` without
/// its prefix is `needs review`.
pub fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_lowercase()
        .replace('_', " ")
}

/// Collects lines of text.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// Adds a line, indented by `depth` steps.
    pub fn line(&mut self, depth: usize, line: &str) {
        self.text
            .push_str(&" ".repeat(depth.saturating_mul(INDENT)));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds lines that are written already.
    pub fn add(&mut self, lines: &str) {
        self.text.push_str(lines);
    }

    /// Adds an empty line between two parts.
    pub fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Adds a table: columns as wide as their longest cell, two spaces apart.
    /// Cells of the columns in `right` stand to the right.
    pub fn table(&mut self, depth: usize, rows: &[Vec<String>], right: &[usize]) {
        let mut widths: Vec<usize> = Vec::new();
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                let width = cell.chars().count();
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| {
                    if right.contains(&column) {
                        format!("{cell:>width$}")
                    } else {
                        format!("{cell:<width$}")
                    }
                })
                .collect();
            self.line(depth, cells.join("  ").trim_end());
        }
    }

    /// Returns the text.
    pub fn into_text(self) -> String {
        self.text
    }
}
