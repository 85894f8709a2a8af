//! Values as a case file writes them, for telling what differs.

use std::collections::BTreeSet;

/// Shows a value as a case file writes it.
pub(super) trait Show {
    fn show(&self) -> String;
}

impl Show for str {
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Show for String {
    fn show(&self) -> String {
        self.as_str().show()
    }
}

impl Show for bool {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for i64 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for usize {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl<T: Show + ?Sized> Show for &T {
    fn show(&self) -> String {
        (**self).show()
    }
}

impl<T: Show> Show for [T] {
    fn show(&self) -> String {
        let shown: Vec<String> = self.iter().map(Show::show).collect();
        format!("[{}]", shown.join(", "))
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self) -> String {
        self.as_slice().show()
    }
}

impl<T: Show> Show for BTreeSet<T> {
    fn show(&self) -> String {
        let shown: Vec<&T> = self.iter().collect();
        shown.show()
    }
}
