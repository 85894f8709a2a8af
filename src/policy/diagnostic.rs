//! What is wrong with a policy file, where, and how to mend it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Describes one thing that is wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Path of the file, for people.
    pub path: String,
    /// Bytes of the offending text.
    pub span: Range<usize>,
    /// Stable code of the kind of mistake, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to mend it; empty: the message says it.
    pub help: String,
    /// Other places that take part, with what they are.
    pub related: Vec<(Range<usize>, String)>,
}

impl Diagnostic {
    /// Returns line and column, counted from 1, in characters.
    pub fn place(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count();
        (line, column.saturating_add(1))
    }

    /// Renders the diagnostic with the lines that it is about; `text` is the file.
    pub fn render(&self, text: &str, color: bool) -> String {
        let clip = |span: &Range<usize>| {
            let end = span.end.min(text.len());
            span.start.min(end)..end
        };
        let mut snippet = Snippet::source(text)
            .path(&self.path)
            .annotation(AnnotationKind::Primary.span(clip(&self.span)));
        for (span, label) in &self.related {
            snippet = snippet.annotation(AnnotationKind::Context.span(clip(span)).label(label));
        }
        let mut group = Level::ERROR
            .primary_title(&self.message)
            .id(self.code)
            .element(snippet);
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(&self.help));
        }
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[group])
    }
}
